import { accountOf, isArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { regionNames } from '../base/partition.ts';
import { saveFaults } from '../policy/save-faults.ts';
import { propertyOf } from './configuration.ts';
import type { PlannedChange, PlannedChanges, PlannedValue } from './planned-change.ts';

/*
 * Finds what the configuration of a plan says about AWS providers: the Region, the account, and the
 * sender of the requests.
 */

type Config = PlannedChanges['plan']['configuration']['provider_config'][string];

/** The facts of the plan about the provider of a change. */
export interface ProviderOf {
  /** The last role that the provider assumes. Undefined: none, or not known. */
  readonly role: string | undefined;
  /** The session that the provider starts. Undefined: only its role is known. */
  readonly session: ProviderSession | undefined;
  /** The principal of the provider's credentials when the plan was made. */
  readonly planner: string | undefined;
  /** Undefined: the account is not known. */
  readonly account: string | undefined;
  /** Whether the provider assumes a role of which the plan does not show the ARN. */
  readonly isOfHiddenRole: boolean;
  /** Whether the provider has the credentials of the usual provider, and so the same account. */
  readonly isUsual: boolean;
  /**
   * Whether the plan does not show which of several accounts the provider belongs to. Each instance
   * of a provider (`for_each` in OpenTofu) may have its own account, and a deleted resource may have
   * had any provider.
   */
  readonly isOfSeveral: boolean;
}

/** The settings of a provider's session. */
export interface ProviderSession {
  readonly policies: ProviderPolicies;
  /** Session tags replace the tags of the role with the same keys (iam-evaluation 7B). */
  readonly tags: ProviderTags;
  /** Undefined: the source identity is not known, or there is none. */
  readonly sourceIdentity: string | undefined;
}

/**
 * Policies that narrow a session: a text, and managed policies by their ARNs. `hidden`: the plan
 * does not show all of them.
 */
export type ProviderPolicies =
  | { readonly is: 'none' }
  | { readonly is: 'shown'; readonly text: string | undefined; readonly managed: readonly string[] }
  | { readonly is: 'hidden' };

/** `hidden`: the plan does not show all of the tags. */
export type ProviderTags =
  | { readonly is: 'shown'; readonly tags: Readonly<Record<string, string>> }
  | { readonly is: 'hidden' };

/** Finds the provider of a change. Each provider is looked up once. */
export function providers(planned: PlannedChanges): (change: PlannedChange) => ProviderOf {
  const configs = planned.plan.configuration.provider_config;
  const callers = callersOf(planned);
  const usual = usualCredentials(configs);
  const known = new Map<string, ProviderOf>();
  const find = (key: string): ProviderOf => {
    const config = Object.hasOwn(configs, key) ? configs[key] : undefined;
    // A deleted resource may have no configuration any more.
    if (config === undefined) {
      const { isSingle, account } = singleAccount(configs, find);
      const planner = isSingle ? usualPlanner(planned) : undefined;
      return {
        role: undefined,
        session: undefined,
        planner,
        account,
        isOfHiddenRole: Object.values(configs).some((one) => isOfAws(one) && hidesRole(one)),
        isUsual: isSingle,
        isOfSeveral: !isSingle,
      };
    }
    const role = roleOf(config);
    if (isOfEach(credentialsOf(config)))
      return {
        role,
        session: sessionOf(config, planned),
        planner: undefined,
        account: accountIn(role) ?? onlyAllowed(config),
        isOfHiddenRole: hidesRole(config),
        isUsual: false,
        isOfSeveral: true,
      };
    const same = (provider: string | undefined): boolean => {
      const other = Object.hasOwn(configs, provider ?? '') ? configs[provider ?? ''] : undefined;
      return other !== undefined && credentialsOf(other) === credentialsOf(config);
    };
    const isUsual = credentialsOf(config) === usual;
    const unknown = isUsual && !takesRole(config) ? callers.find(({ provider }) => provider === undefined) : undefined;
    const caller = callers.find(({ provider }) => same(provider)) ?? unknown;
    return {
      role,
      session: sessionOf(config, planned),
      planner: caller?.arn,
      account: accountIn(role) ?? onlyAllowed(config) ?? accountIn(caller?.arn) ?? onlyAccount(planned, same),
      isOfHiddenRole: hidesRole(config),
      isUsual,
      isOfSeveral: false,
    };
  };
  return ({ provider = '' }) => {
    const found = known.get(provider) ?? find(provider);
    known.set(provider, found);
    return found;
  };
}

/**
 * Whether an expression differs between the instances of a provider. OpenTofu prints one
 * configuration for all instances, and does not print their keys.
 */
function isOfEach(expression: string): boolean {
  return /"each\.(?:key|value)\b/.test(expression);
}

/** Whether all AWS providers belong to one account, and the account if the plan shows it. */
function singleAccount(
  configs: Readonly<Record<string, Config>>,
  find: (key: string) => ProviderOf,
): { readonly isSingle: boolean; readonly account: string | undefined } {
  const all = Object.entries(configs).filter(([, config]) => isOfAws(config));
  const [credentials, ...different] = new Set(all.map(([, config]) => credentialsOf(config)));
  const [account, ...others] = new Set(all.map(([key]) => find(key).account));
  const isSame = different.length === 0 && !isOfEach(credentials ?? '');
  return {
    isSingle: isSame || (account !== undefined && others.length === 0),
    account: others.length === 0 ? account : undefined,
  };
}

/**
 * The principal that made the plan, according to the usual provider. Undefined: the plan does not
 * show it.
 */
export function usualPlanner(planned: PlannedChanges): string | undefined {
  const configs = planned.plan.configuration.provider_config;
  const usual = usualCredentials(configs);
  const isUsual = (provider: string | undefined): boolean => {
    const config = Object.hasOwn(configs, provider ?? '') ? configs[provider ?? ''] : undefined;
    return config === undefined || (credentialsOf(config) === usual && !isOfEach(credentialsOf(config)));
  };
  return callersOf(planned).find(({ provider }) => isUsual(provider))?.arn;
}

function hidesRole(config: Config): boolean {
  return takesRole(config) && roleOf(config) === undefined;
}

/** Whether the provider assumes a role. */
function takesRole(config: Config): boolean {
  return sessionsOf(config).length > 0;
}

/**
 * The sessions of a provider, in order. A web identity comes first, and each role is assumed by the
 * role before.
 */
function sessionsOf({ expressions }: Config): readonly Json[] {
  return ['assume_role_with_web_identity', 'assume_role'].flatMap((name) => blocksOf(expressions[name]));
}

function rolesOf(config: Config): readonly unknown[] {
  return sessionsOf(config).map((block) => propertyOf(block, 'role_arn'));
}

function roleOf(config: Config): string | undefined {
  const role = rolesOf(config).at(-1);
  const constant = isJson(role) ? propertyOf(role, 'constant_value') : undefined;
  return typeof constant === 'string' ? constant : undefined;
}

/**
 * The session of the last role, which sends the requests. The policies of earlier sessions end with
 * those sessions, but source identities do not.
 */
function sessionOf(config: Config, planned: PlannedChanges): ProviderSession | undefined {
  const sessions = sessionsOf(config);
  const block = sessions.at(-1);
  if (block === undefined) return undefined;
  const policies = policiesOf((name) => planned.valueIn(config.module_address ?? '', propertyOf(block, name)));
  // The token of a web identity may have tags, and pass them on to the next session.
  const isOfToken = blocksOf(config.expressions['assume_role_with_web_identity']).length > 0;
  const tags = isOfToken ? ({ is: 'hidden' } as const) : tagsOfSessions(sessions);
  const sourceIdentity = sessions
    .map((one) => constantIn(one, 'source_identity'))
    .find((one) => typeof one === 'string' && one !== '');
  const isPlain =
    policies.is === 'none' &&
    tags.is === 'shown' &&
    Object.keys(tags.tags).length === 0 &&
    sourceIdentity === undefined;
  return isPlain
    ? undefined
    : { policies, tags, sourceIdentity: typeof sourceIdentity === 'string' ? sourceIdentity : undefined };
}

function policiesOf(valueOf: (name: string) => PlannedValue): ProviderPolicies {
  const [text, managed] = [sessionText(valueOf('policy')), sessionArns(valueOf('policy_arns'))];
  if (text === undefined || managed === undefined) return { is: 'hidden' };
  return text === '' && managed.length === 0
    ? { is: 'none' }
    : { is: 'shown', text: text === '' ? undefined : text, managed };
}

/**
 * The tags of the last session: its own tags, and those of earlier sessions that are passed on.
 * Only a constant is known, because `merge(var.tags, { a = "b" })` is printed as `var.tags`.
 */
function tagsOfSessions(sessions: readonly Json[]): ProviderTags {
  let passed: Readonly<Record<string, string>> = {};
  for (const [index, block] of sessions.entries()) {
    const [own, keys] = [constantIn(block, 'tags'), constantIn(block, 'transitive_tag_keys')];
    const isLast = index === sessions.length - 1;
    if (own === hiddenValue || (keys === hiddenValue && !isLast)) return { is: 'hidden' };
    const transitive = isList(keys) ? keys : [];
    const all = { ...textsIn(own), ...passed };
    passed = isLast
      ? all
      : Object.fromEntries(
          Object.entries(all).filter(([key]) => Object.hasOwn(passed, key) || transitive.includes(key)),
        );
  }
  return { is: 'shown', tags: passed };
}

const hiddenValue = Symbol('hidden');

/** A constant of a block. Undefined: not given. */
function constantIn(block: Json, name: string): unknown {
  const expression = propertyOf(block, name);
  if (!isJson(expression)) return undefined;
  return Object.hasOwn(expression, 'constant_value') ? (expression['constant_value'] ?? undefined) : hiddenValue;
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const entries = isJson(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : [])));
}

/**
 * The text of a session policy. Empty: there is none. Undefined: the text is not known. A text that
 * is built from a variable is printed as the variable, which is not a policy.
 */
function sessionText(value: PlannedValue): string | undefined {
  if (value.is === 'not given') return '';
  if (value.is !== 'known' || typeof value.value !== 'string') return undefined;
  return value.value === '' || saveFaults('session', 'policy', value.value).length === 0 ? value.value : undefined;
}

function sessionArns(value: PlannedValue): readonly string[] | undefined {
  if (value.is === 'not given') return [];
  if (value.is !== 'known' || !isList(value.value)) return undefined;
  const arns = value.value.filter((one) => typeof one === 'string').filter(isArn);
  return arns.length === value.value.length ? arns : undefined;
}

function blocksOf(value: unknown) {
  return (isList(value) ? value : []).filter(isJson);
}

/** The source of credentials. Two providers with the same source belong to one account. */
function credentialsOf(config: Config): string {
  const names = ['profile', 'access_key', 'token', 'shared_credentials_files', 'shared_config_files'];
  return JSON.stringify([rolesOf(config), ...names.map((name) => config.expressions[name] ?? null)]);
}

/**
 * The credentials of the provider without an alias, or else of all providers. Undefined: they
 * differ.
 */
function usualCredentials(configs: Readonly<Record<string, Config>>): string | undefined {
  const all = Object.values(configs).filter(isOfAws);
  const main = Object.hasOwn(configs, 'aws') ? configs['aws'] : undefined;
  const [first, ...others] = new Set((main === undefined ? all : [main]).map(credentialsOf));
  return others.length === 0 ? first : undefined;
}

/** The local name of the AWS provider is usually `aws`. Its full name is printed since Terraform 1.1. */
function isOfAws({ name, full_name: full = '' }: Config): boolean {
  return name === 'aws' || full.endsWith('/aws');
}

function onlyAllowed({ expressions }: Config): string | undefined {
  const allowed = expressions['allowed_account_ids'];
  const value = isJson(allowed) ? propertyOf(allowed, 'constant_value') : undefined;
  const [only, ...others] = isList(value) ? value : [];
  return typeof only === 'string' && others.length === 0 ? only : undefined;
}

/** The only account of the resources that providers have created. Undefined: none, or several. */
function onlyAccount({ changes }: PlannedChanges, isOf: (provider: string | undefined) => boolean): string | undefined {
  const accounts = new Set(
    changes.flatMap(({ before, provider, isData }) => {
      const arn = before === undefined ? undefined : propertyOf(before, 'arn');
      const account = !isData && typeof arn === 'string' && isOf(provider) ? accountIn(arn) : undefined;
      return account ?? [];
    }),
  );
  const [only, ...others] = accounts;
  return others.length === 0 ? only : undefined;
}

/** The account in an ARN. Undefined: the ARN has none, such as the ARN of a bucket. */
function accountIn(arn: string | undefined): string | undefined {
  const account = arn === undefined || !isArn(arn) ? '' : accountOf(arn);
  return account === '' ? undefined : account;
}

/**
 * The principals that called AWS, according to `aws_caller_identity`, and their providers. Those of
 * the root module come first.
 */
function callersOf({
  changes,
}: PlannedChanges): readonly { readonly arn: string; readonly provider: string | undefined }[] {
  const all = changes.filter(({ type, isData }) => type === 'aws_caller_identity' && isData);
  return all
    .toSorted((one, other) => Number(one.address.startsWith('module.')) - Number(other.address.startsWith('module.')))
    .flatMap(({ after, provider }) => {
      const arn = propertyOf(after, 'arn');
      return typeof arn === 'string' && arn !== '' ? [{ arn, provider }] : [];
    });
}

/**
 * Whether the instances of a provider (`for_each` in OpenTofu) may be in several Regions. See
 * isOfEach.
 */
export function isInRegionOfEach({ plan }: PlannedChanges, { provider = '' }: PlannedChange): boolean {
  const configs = plan.configuration.provider_config;
  const config = Object.hasOwn(configs, provider) ? configs[provider] : undefined;
  return config !== undefined && isOfEach(JSON.stringify(config.expressions['region'] ?? null));
}

/**
 * The Region in the configuration of the provider, which is a constant or comes from a variable. A
 * deleted resource has no configuration any more, and plans before Terraform 1.2 use their own keys
 * for the providers of modules. In these cases, the Region is the only one that the providers name.
 */
export function regionOfProvider(
  { plan, valueIn }: PlannedChanges,
  { provider, isAws }: PlannedChange,
): ProviderRegion {
  const configs = Object.entries(plan.configuration.provider_config);
  const isConfigured = provider !== undefined && Object.hasOwn(plan.configuration.provider_config, provider);
  const own = configs.filter(([key, config]) => (isConfigured ? key === provider : isAws && isOfAws(config)));
  const regions = own.map(([, { expressions, module_address: module = '' }]) => {
    const region = valueIn(module, expressions['region']);
    // A text such as `"${var.geo}-west-1"` is printed as its variable, which is not a Region.
    const isRegion = region.is === 'known' && typeof region.value === 'string' && regionNames.test(region.value);
    return isRegion ? region.value : undefined;
  });
  const [only, ...others] = new Set(regions);
  const [from] = own.flatMap(([, { expressions }]) => referenceIn(expressions['region']) ?? []);
  if (only !== undefined && others.length === 0) return { is: 'shown', region: only, from };
  const isGiven = own.some(([, { expressions }]) => expressions['region'] !== undefined);
  return { is: isGiven ? 'hidden' : 'not given' };
}

/** The first reference of an expression. Undefined: it is a constant, or not given. */
function referenceIn(expression: unknown): string | undefined {
  const references = isJson(expression) ? propertyOf(expression, 'references') : undefined;
  const [first] = isList(references) ? references : [];
  return typeof first === 'string' ? first : undefined;
}

/**
 * `from`: the reference whose value the Region is. A plan does not show functions around it.
 * Undefined: the Region is a constant. `hidden`: the configuration has a Region, or several, and the plan does not show which one
 * applies. `not given`: the configuration has none.
 */
export type ProviderRegion =
  | { readonly is: 'shown'; readonly region: string; readonly from: string | undefined }
  | { readonly is: 'hidden' | 'not given' };
