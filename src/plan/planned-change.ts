import { isAliasArn, isArn, isKeyArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { rememberedAt } from '../base/remembered.ts';
import { list } from '../base/wording.ts';
import {
  dynamicBlock,
  fittingOutputs,
  isChosen,
  isNeverMade,
  isPolicyOfKey,
  mayName,
  withoutNull,
} from './attribute-values.ts';
import {
  type ConfiguredPlan,
  configuredIn,
  configuredPlan,
  expressionAt,
  holdsTrue,
  isSwitch,
  longest,
  type ModuleScope,
  noResource,
  type Origin,
  pathOf,
  propertyOf,
  scopeAt,
  valueOrigin,
  withFewerKeys,
} from './configuration.ts';
import { dependencies, withoutKeys } from './dependencies.ts';
import { withInheritedProviders } from './inherited-providers.ts';
import { madeBy } from './made.ts';
import type { ConfiguredResource, ResourceChange, StateModule, TerraformPlan } from './plan-file.ts';
import { asRead, unreadIn } from './unread.ts';

/**
 * What a plan does to a resource. `replace`: deletes and creates it again, in either order.
 * `forget`: the tool no longer manages the resource, which stays in AWS.
 */
export type ChangeKind = 'none' | 'create' | 'update' | 'delete' | 'replace' | 'forget' | 'read';

/** One change of a plan, whichever tool made the plan. */
export interface PlannedChange {
  /** Unique in a plan. */
  readonly identity: string;
  /** As the tool shows it. */
  readonly address: string;
  readonly type: string;
  readonly kind: ChangeKind;
  /** Whether the program knows what the change does. If not, its kind is an update. */
  readonly isUnderstood: boolean;
  /** Whether a replacement creates the new resource before the old one is deleted. */
  readonly makesFirst: boolean;
  /** Whether the provider is the AWS provider. */
  readonly isAws: boolean;
  readonly isData: boolean;
  /** Undefined: does not exist. */
  readonly before: Json | undefined;
  /** Without the values that are not known. Undefined: does not exist. */
  readonly after: Json | undefined;
  /** The parts of `after` that are known only after apply: the same shape, with `true` for each. */
  readonly unknown: unknown;
  /** Identities of the changes that are provably applied before this one. */
  readonly dependsOn: readonly string[];
  /** The provider's part of the configuration. Undefined: not known. */
  readonly provider: string | undefined;
}

/** A value of a change. `later`: an attribute of a resource that the plan creates. */
export type PlannedValue =
  | { readonly is: 'known'; readonly value: unknown }
  /** `local`: see Origin. */
  | { readonly is: 'not given'; readonly local?: string }
  | { readonly is: 'later'; readonly of: PlannedChange; readonly name: string }
  | { readonly is: 'undetermined'; readonly name: string };

/** The changes of a plan, with the known values. */
export interface PlannedChanges {
  readonly plan: TerraformPlan;
  readonly configured: ConfiguredPlan;
  readonly changes: readonly PlannedChange[];
  /** The identities of the changes whose values the plan has from an earlier run (see unreadIn). */
  readonly unread: ReadonlySet<string>;
  /** Resources of the state that the tool no longer found in AWS, as deletions. */
  readonly gone: readonly PlannedChange[];
  readonly find: (address: string) => PlannedChange | undefined;
  /** The value of `after` at a path, or its source. */
  readonly valueAt: (change: PlannedChange, path: readonly (string | number)[]) => PlannedValue;
  /**
   * The possible values at a path that names a key, a role or a group of RDS, if an expression has
   * several. Empty: not known. One: the value.
   */
  readonly choicesAt: (change: PlannedChange, path: readonly (string | number)[]) => readonly PlannedValue[];
  /**
   * The values of other instances that the value at a path may have. A plan does not show what is
   * computed from `count.index` or `each.key`, so the value is assumed to be of the instance with
   * the same key. Empty: nothing is assumed.
   */
  readonly insteadAt: (change: PlannedChange, path: readonly (string | number)[]) => readonly PlannedValue[];
  /** The sources of everything that an unknown value is built from, each as often as the expression names it. */
  readonly valuesAt: (change: PlannedChange, path: readonly (string | number)[]) => readonly PlannedValue[];
  /** The expression of the configuration at a path. Undefined: not configured. */
  readonly expressionAt: (change: PlannedChange, path: readonly (string | number)[]) => unknown;
  /**
   * The attribute whose text a text at a path holds, if the apply changes the attribute although the
   * plan shows it as it is. A data source that is read during the apply then gets the new text.
   */
  readonly outdatedIn: (
    change: PlannedChange,
    path: readonly (string | number)[],
    text: string,
  ) => PlannedValue | undefined;
  /** The value of an expression of a module that belongs to no resource, such as a provider's. */
  readonly valueIn: (module: string, expression: unknown) => PlannedValue;
  /** The values that the plan read: of data sources and resources, by address. */
  readonly readAt: (address: string) => Json | undefined;
}

/** A change of the plan and its configuration. */
interface ConfiguredChange {
  readonly change: ResourceChange;
  readonly scope: ModuleScope;
  readonly configured: ConfiguredResource;
}

/** The changes of a plan, with the values that are known before the apply. */
export function plannedChanges(given: TerraformPlan): PlannedChanges {
  const plan = withInheritedProviders(withUntouched(withForgotten(asRead(withoutEphemeral(given)))));
  const configuredChanges = new Map<string, ConfiguredChange>();
  const dependsOn = dependencies(plan);
  const configured = configuredPlan(plan);
  const changes = plan.resource_changes.map((change) => {
    const scope = scopeAt(plan, change.module_address ?? '');
    const resource = scope === undefined ? undefined : configuredIn(configured, scope, change);
    const made = changeOf(change, dependsOn(change), resource?.provider_config_key);
    if (scope !== undefined && resource !== undefined)
      configuredChanges.set(made.identity, { change, scope, configured: resource });
    return made;
  });
  const first = changes.filter(({ identity, address }) => identity === address);
  const byAddress = new Map(first.map((one) => [one.address, one]));
  const read = stateOf(plan);
  const instancesOf = instances(first);
  const { valuesAt, wholeAt, partsIn, expressionFor, outdatedIn } = valuesOf({
    configured,
    configuredChanges,
    byAddress,
    instancesOf,
    read,
  });
  return {
    plan,
    configured,
    changes,
    unread: unreadIn(given, changes),
    gone: goneFrom(plan).map((change) => {
      const scope = scopeAt(plan, change.module_address ?? '');
      const resource = scope === undefined ? undefined : configuredIn(configured, scope, change);
      return changeOf(change, [], resource?.provider_config_key);
    }),
    find: (address) => byAddress.get(address),
    valuesAt,
    valueAt: (change, path) => onlyValue(wholeAt(change, path)),
    valueIn: (module, expression) => onlyValue(partsIn(module, expression)),
    choicesAt(change, path) {
      const { values, isPerhaps, isOneOf, texts } = wholeAt(change, path);
      // Several names may be parts of one name.
      if (isGroupName(path) && values.length + texts.length > 1) return [];
      const others = texts.filter(path.at(-1) === 'monitoring_role_arn' ? isArn : mayBeKey);
      const named = others.map((value) => ({ is: 'known', value }) as const);
      if (values.some(({ is }) => is === 'undetermined') || values.length + named.length > mostChoices) return [];
      return (values.length > 1 && !isOneOf) || isPerhaps ? [...values, { is: 'not given' }, ...named] : values;
    },
    insteadAt: (change, path) => wholeAt(change, path).instead().filter(isLeft),
    expressionAt: expressionFor,
    outdatedIn,
    readAt: (address) => read.get(address),
  };
}

/** The maximum number of possible values. Each of them is checked. */
const mostChoices = 20;

/** Whether an attribute has the name of a subnet group, parameter group or option group. */
function isGroupName(path: Path): boolean {
  return path.at(-1)?.toString().endsWith('_group_name') === true;
}

/** Whether a text may be the ARN, the ID or an alias of a key. */
function mayBeKey(text: string): boolean {
  return isKeyArn(text) || isAliasArn(text) || /^alias\/|^(?:mrk-)?[\da-f-]{32,36}$/.test(text);
}

/**
 * Resources that were deleted outside of the tool, as deletions. The provider takes the policy of a
 * deleted key for deleted, too, so such policies are left out. Nothing shows what happened to the
 * backups of a deleted database, so they stay.
 */
function goneFrom({ resource_drift: drift }: TerraformPlan): readonly ResourceChange[] {
  return drift
    .filter(({ mode, type, change }) => mode === 'managed' && type !== 'aws_kms_key_policy' && isDeletion(change))
    .map((one) => {
      const before = isJson(one.change.before)
        ? { ...one.change.before, skip_final_snapshot: true, delete_automated_backups: false }
        : undefined;
      return { ...one, deposed: 'gone', change: { ...one.change, before, after: undefined } };
    });
}

function isDeletion({ actions }: ResourceChange['change']): boolean {
  return kindOf(actions) === 'delete';
}

/** The value of an expression with several possible values. */
function onlyValue({ values, isPerhaps }: Parts): PlannedValue {
  const [only = { is: 'not given' } as const, ...others] = values;
  return others.length === 0 && !isPerhaps
    ? only
    : { is: 'undetermined', name: list([...new Set(values.map(nameOfAny))]) };
}

/** Whether the resource of a value still exists after the apply. */
function isLeft(value: PlannedValue): boolean {
  return value.is !== 'later' || (value.of.kind !== 'delete' && value.of.kind !== 'forget');
}

/** The name of a value, where several instances of a resource have one name. */
export function nameOfAny(value: PlannedValue): string {
  return value.is === 'later' && value.name === '' ? withoutKeys(value.of.address) : nameOfValue(value);
}

/** OpenTofu lists resources that exist only while it runs; nothing of them stays. */
function withoutEphemeral(plan: TerraformPlan): TerraformPlan {
  return { ...plan, resource_changes: plan.resource_changes.filter(({ mode }) => mode !== 'ephemeral') };
}

/**
 * The plan with two changes in place of a change that creates a new resource and forgets the old
 * one, which stays in AWS.
 */
function withForgotten(plan: TerraformPlan): TerraformPlan {
  const changes = plan.resource_changes.flatMap((one): readonly ResourceChange[] => {
    const { change } = one;
    // Some versions of OpenTofu print their own name for the two actions.
    const isBoth =
      change.actions.includes('ForgetThenCreate') ||
      (change.actions.includes('create') && change.actions.includes('forget'));
    if (!isBoth) return [one];
    const forgotten = { ...change, actions: ['forget'], after: null, after_unknown: {} };
    return [
      { ...one, deposed: 'forgotten', change: forgotten },
      { ...one, change: { ...change, actions: ['create'], before: null } },
    ];
  });
  return { ...plan, resource_changes: changes };
}

/**
 * The plan with the resources that are in its state but not in its changes: data sources that were
 * read, and resources outside the targets of the plan. Nothing happens to them.
 */
function withUntouched(plan: TerraformPlan): TerraformPlan {
  const { resource_changes: changes, prior_state: state } = plan;
  const listed = new Set(changes.flatMap(({ address, previous_address: from }) => [address, from]));
  const found: ResourceChange[] = [];
  const visit = ({ address: module, resources, child_modules: modules }: StateModule): void => {
    for (const { address, mode, type, name, index, provider_name, deposed_key: deposed, values } of resources) {
      if (name === undefined || deposed !== undefined || listed.has(address) || !isJson(values)) continue;
      const change = { actions: ['no-op'], before: values, after: values, after_unknown: {} };
      found.push({ address, module_address: module, mode, type, name, index, provider_name, change });
    }
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return found.length === 0 ? plan : { ...plan, resource_changes: [...changes, ...found] };
}

/** Whether an update gives a DB instance another name. All other names never change. */
export function isRenamed({ kind, type, before, after }: PlannedChange): boolean {
  const [old, now] = [before, after].map((one) => propertyOf(one, 'identifier'));
  return (
    kind === 'update' &&
    type === 'aws_db_instance' &&
    typeof old === 'string' &&
    typeof now === 'string' &&
    old.toLowerCase() !== now.toLowerCase()
  );
}

/** The policy of a key that is null if no function such as `timestamp()` makes its text. */
const nullPolicy = { is: 'not given', local: 'the value of policy' } as const;

const ofFunction: PlannedValue = { is: 'undetermined', name: 'a function' };

/** The name that the configuration gives a value; values of the plan are not shown. */
export function nameOfValue(value: PlannedValue): string {
  switch (value.is) {
    case 'later':
      return `${value.of.address}${value.name === '' ? '' : `.${value.name}`}`;
    case 'undetermined':
      return value.name;
    default:
      return 'an expression';
  }
}

function changeOf(
  { address, deposed, type, mode, provider_name: provider, change }: ResourceChange,
  dependsOn: readonly string[],
  configured: string | undefined,
): PlannedChange {
  return {
    identity: deposed === undefined ? address : `${address} (deposed ${deposed})`,
    address,
    type,
    kind: kindOf(change.actions),
    isUnderstood: isUnderstood(change.actions),
    makesFirst: change.actions[0] === 'create',
    isAws: isAwsProvider(provider),
    isData: mode === 'data',
    before: jsonOrNone(change.before),
    after: jsonOrNone(change.after),
    unknown: isUnderstood(change.actions) ? (change.after_unknown ?? {}) : true,
    dependsOn,
    provider: configured,
  };
}

interface Reading {
  readonly configured: ConfiguredPlan;
  readonly configuredChanges: ReadonlyMap<string, ConfiguredChange>;
  readonly byAddress: ReadonlyMap<string, PlannedChange>;
  readonly instancesOf: ReturnType<typeof instances>;
  readonly read: ReadonlyMap<string, Json>;
}

type Path = readonly (string | number)[];

/** The sources of values according to the configuration. Each is searched once. */
function originsOf(plan: ConfiguredPlan, configuredChanges: ReadonlyMap<string, ConfiguredChange>) {
  const known = new Map<string, Origin>();
  const originFor = (identity: string, path: Path): Origin => {
    const at = configuredChanges.get(identity);
    if (at === undefined) return { is: 'hidden', name: 'the configuration' };
    const { change, scope, configured } = at;
    const block = dynamicBlock(configured, path);
    if (block !== undefined) return { is: 'hidden', name: block };
    const asker = {
      resource: `${change.mode}.${change.type}.${change.name}`,
      key: change.index === undefined || change.index === null ? undefined : String(change.index),
      forEach: configured.for_each_expression,
    };
    const expression = expressionAt(configured.expressions, path);
    const origin = valueOrigin(plan, scope, expression, asker);
    // If an attribute is set to an empty text, the provider leaves the choice to AWS.
    const isEmpty = origin.is === 'known' && origin.value === '';
    if (isEmpty && (isNeverMade(path) || isConstant(expression))) return { is: 'not given' };
    if (origin.is === 'hidden' && origin.isKnownOrNull === true) {
      if (isNeverMade(path)) return { is: 'not given' };
      if (isPolicyOfKey(change.type, path) && origin.hasText !== true) return nullPolicy;
    }
    if (isEmptyList(origin, expression)) return { is: 'not given' };
    if (origin.is !== 'attributes') return origin;
    const other = origin.of.find((one) => one.output === undefined && !mayName(path, one));
    if (other !== undefined) return { is: 'hidden', name: other.resource };
    // Any other attribute would be known to be null.
    const isNull = origin.mayBeNull === true && isChosen(change.type, path);
    const fitted = withoutNull(
      change.type,
      path,
      fittingOutputs(path, isNull ? { ...origin, isPerhaps: true, isElseNull: true } : origin),
    );
    return origin.instead === undefined || fitted.is !== 'attributes'
      ? fitted
      : {
          ...fitted,
          instead: origin.instead.map((one) => (one.is === 'attributes' ? fittingOutputs(path, one) : one)),
        };
  };
  return ({ identity }: PlannedChange, path: Path): Origin => {
    const name = JSON.stringify([identity, ...path]);
    const origin = known.get(name) ?? originFor(identity, path);
    known.set(name, origin);
    return origin;
  };
}

/**
 * Whether an attribute is one empty list. The provider takes an empty list for none and lets AWS
 * choose, so the value is unknown although nothing decides it.
 */
function isEmptyList(origin: Origin, expression: unknown): boolean {
  return (
    origin.is === 'known' &&
    isList(origin.value) &&
    origin.value.length === 0 &&
    isJson(expression) &&
    (isConstant(expression) || longest(expression['references']).length === 1)
  );
}

/**
 * Follows an origin to values. `passed`: the identities of the changes that were already visited,
 * so that the search ends.
 */
type Followed = (origin: Origin, passed: readonly string[]) => readonly PlannedValue[];

/** Follows a value to its sources, through the attributes of other resources. */
function following(
  { byAddress, instancesOf, read }: Reading,
  originAt: ReturnType<typeof originsOf>,
  expressionFor: PlannedChanges['expressionAt'],
): Followed {
  const followed: Followed = (origin, passed) => {
    switch (origin.is) {
      case 'known':
        return [origin.value === undefined ? { is: 'undetermined', name: 'an expression' } : origin];
      case 'not given':
        return [origin];
      case 'hidden':
        return [{ is: 'undetermined', name: origin.name }];
      case 'attributes':
        return origin.of.flatMap(({ resource, name }) => {
          const all = name === '' && !byAddress.has(resource) ? instancesOf(resource) : [];
          return all.length > 1
            ? all.map((of) => ({ is: 'later', of, name }) as const)
            : attributeOf(resource, name, passed);
        });
    }
  };
  const attributeOf = (resource: string, name: string, passed: readonly string[]): PlannedValue => {
    const [only, ...rest] = instancesOf(resource);
    const of = byAddress.get(resource) ?? (rest.length === 0 ? only : undefined);
    // The plan does not show the attribute.
    if (name === '') return of === undefined ? { is: 'undetermined', name: resource } : { is: 'later', of, name };
    // What is stored in terraform_data comes out as it is.
    const path = pathOf(of?.type === 'terraform_data' ? name.replace(/^output\b/, 'input') : name);
    const held = path.reduce(stepInto, read.get(resource));
    if (of === undefined)
      return held === undefined ? { is: 'undetermined', name: `${resource}.${name}` } : { is: 'known', value: held };
    const at = walk(of.after, of.unknown, path);
    if (at.is === 'known' && at.value !== undefined)
      return isGiven(at.value) ? { is: 'known', value: at.value } : { is: 'not given' };
    if (passed.includes(of.identity)) return { is: 'later', of, name };
    const origin = originAt(of, path);
    // The configuration leaves the attribute out, so AWS or the provider computes the attribute.
    if (origin.is === 'not given') return { is: 'later', of, name };
    const [source, ...others] = followed(origin, [...passed, of.identity]);
    const isOpen = others.length > 0 || (origin.is === 'attributes' && origin.isPerhaps);
    const isOther = source?.is === 'undetermined' || (source?.is === 'known' && !isConstant(expressionFor(of, path)));
    // A name may contain the source, such as a random suffix, and still names this resource.
    if (source?.is === 'later' && isOwnName(of, name)) return { is: 'later', of, name };
    return source === undefined || isOpen || isOther ? { is: 'later', of, name } : source;
  };
  return followed;
}

/**
 * The instances that one unknown value may come from: `aws_kms_key.k[var.current].arn` is printed as
 * `aws_kms_key.k`, and the plan has all values of an instance that does not change.
 */
function unknownOnes(values: readonly PlannedValue[], path: Path): readonly PlannedValue[] {
  if (values.length < 2 || !isOneName(path)) return values;
  const unknown = values.filter((one) => one.is !== 'later' || one.name !== '' || holdsTrue(one.of.unknown));
  return unknown.length === 0 ? values : unknown;
}

/** Whether an attribute names one thing, not a list. */
function isOneName(path: Path): boolean {
  return /(?:^|_)(?:arn|group|id|identifier|name|principal|role|user)$/.test(String(path.at(-1)));
}

/** Whether an attribute has the name by which references identify a resource. */
function isOwnName({ type, isData }: PlannedChange, attribute: string): boolean {
  return !isData && madeBy(type)?.identifier === attribute;
}

/** Values of changes, from the configuration if the plan does not have them. */
function valuesOf(reading: Reading) {
  const { configured: plan, configuredChanges } = reading;
  const expressionFor = ({ identity }: PlannedChange, path: Path): unknown =>
    expressionAt(configuredChanges.get(identity)?.configured.expressions, path);
  const originAt = originsOf(plan, configuredChanges);
  const followed = following(reading, originAt, expressionFor);
  const outdated = outdatedTexts([...reading.byAddress.values()]);
  const outdatedIn: PlannedChanges['outdatedIn'] = (change, path, text) =>
    outdated.length === 0 || isConstant(expressionFor(change, path))
      ? undefined
      : outdated.find(
          (old) =>
            change.dependsOn.includes(old.value.of.identity) &&
            (old.text === text || (isArn(old.text) && text.includes(old.text))),
        )?.value;
  const partsAt = rememberedAt((change: PlannedChange, path: Path): Parts => {
    const at = walk(change.after, change.unknown, path);
    const old = at.is === 'known' && typeof at.value === 'string' ? outdatedIn(change, path, at.value) : undefined;
    if (old !== undefined) return sure([undetermined(nameOfValue(old))]);
    if (at.is === 'known') return sure([isGiven(at.value) ? { is: 'known', value: at.value } : { is: 'not given' }]);
    // A part of a list or a map never counts as the whole.
    if (at.is === 'partly') return sure([{ is: 'undetermined', name: path.join('.') }]);
    return partsOf(originAt(change, path), [change.identity]);
  });
  const partsOf = (origin: Origin, passed: readonly string[]): Parts => ({
    values: followed(origin, passed),
    texts: origin.is === 'attributes' ? (origin.texts ?? []) : [],
    instead: () => (origin.is === 'attributes' ? (origin.instead ?? []) : []).flatMap((one) => followed(one, passed)),
    again: () =>
      origin.is === 'attributes' && (origin.again ?? []).length > 0
        ? followed({ ...origin, of: origin.again ?? [] }, passed)
        : [],
    isPerhaps: origin.is === 'attributes' && origin.isPerhaps,
    isOneOf: origin.is === 'attributes' && (origin.of.length === 1 || origin.of.every(({ output }) => output)),
  });
  const partsIn = (module: string, expression: unknown): Parts => {
    const scope = scopeAt(plan.plan, module);
    return scope === undefined
      ? sure([{ is: 'undetermined', name: 'the configuration' }])
      : partsOf(valueOrigin(plan, scope, expression, noResource), []);
  };
  const valuesAt = (change: PlannedChange, path: Path): readonly PlannedValue[] => {
    const { values, again } = partsAt(change, path);
    return [...values, ...again()];
  };
  const wholeAt = rememberedAt((change: PlannedChange, path): Parts => {
    const all = partsAt(change, path);
    const isUnknown = walk(change.after, change.unknown, path).is === 'unknown';
    const parts = isUnknown ? { ...all, values: unknownOnes(all.values, path) } : all;
    const isSettled = parts.values.every(({ is }) => is === 'known') && !isConstant(expressionFor(change, path));
    if (!isUnknown || !isSettled) return parts;
    const isNull =
      isPolicyOfKey(change.type, path) &&
      parts.values.every((one) => one.is === 'known' && (isSwitch(one.value) || one.value === ''));
    return sure([isNull ? nullPolicy : ofFunction]);
  });
  return { valuesAt, wholeAt, partsIn, expressionFor, outdatedIn };
}

/**
 * Texts that the apply changes although the plan shows them as they are: the provider reads them
 * again after an update. Terraform stops the apply when a resource then gets another value.
 */
function outdatedTexts(changes: readonly PlannedChange[]) {
  return changes.flatMap((of) =>
    outdatedNames(of).flatMap((name) => {
      const text = propertyOf(of.after, name);
      return typeof text === 'string' ? [{ text, value: { is: 'later', of, name } as const }] : [];
    }),
  );
}

/** The attributes that an update changes although the plan shows them as they are. */
function outdatedNames(change: PlannedChange): readonly string[] {
  const { kind, type, before, after, isAws } = change;
  if (!isAws || kind !== 'update') return [];
  const isChanged = (...names: readonly string[]): boolean =>
    names.some((name) => propertyOf(before, name) !== propertyOf(after, name));
  switch (type) {
    case 'aws_kms_alias':
      return isChanged('target_key_id') ? ['target_key_arn'] : [];
    case 'aws_db_instance':
      return isRenamed(change) ? ['arn'] : [];
    case 'aws_iam_user':
    case 'aws_iam_group':
      // The name is the ID, too.
      return isChanged('name') ? ['arn', 'id'] : isChanged('path') ? ['arn'] : [];
    default:
      return [];
  }
}

function undetermined(name: string): PlannedValue {
  return { is: 'undetermined', name };
}

/**
 * Whether an expression is a constant. Any other expression with known references would be known,
 * too, unless it has a function such as `uuid()`.
 */
function isConstant(expression: unknown): boolean {
  return isJson(expression) && Object.hasOwn(expression, 'constant_value');
}

/**
 * The values that an expression may have. `isPerhaps`: the expression may also have another value.
 * `isOneOf`: the value is one of them, and is not built from several.
 */
interface Parts {
  readonly values: readonly PlannedValue[];
  readonly isPerhaps: boolean;
  readonly isOneOf: boolean;
  /** Known texts that the expression may have instead. */
  readonly texts: readonly string[];
  /** The values of other instances: see `insteadAt`. */
  readonly instead: () => readonly PlannedValue[];
  /** The values that the expression names more than once, for each further time. */
  readonly again: () => readonly PlannedValue[];
}

function sure(values: readonly PlannedValue[]): Parts {
  return { values, isPerhaps: false, isOneOf: true, texts: [], instead: () => [], again: () => [] };
}

const knownActions: ReadonlySet<string> = new Set(['no-op', 'create', 'read', 'update', 'delete', 'forget']);

/** An unknown action counts as an update with unknown values. */
function kindOf(actions: readonly string[]): ChangeKind {
  const has = (action: string): boolean => actions.includes(action);
  if (has('delete') && has('create')) return 'replace';
  if (has('create')) return 'create';
  if (has('forget')) return 'forget';
  if (has('delete')) return 'delete';
  if (has('read')) return 'read';
  return has('update') || !isUnderstood(actions) ? 'update' : 'none';
}

function isUnderstood(actions: readonly string[]): boolean {
  return actions.every((action) => knownActions.has(action));
}

/**
 * Whether a provider is the AWS provider: `aws` before Terraform 0.13, and later an address on any
 * host. OpenTofu publishes the provider as `opentofu/aws`, too, and a mirror may have its own
 * namespace.
 */
function isAwsProvider(name: string): boolean {
  return name === 'aws' || name === 'provider.aws' || name.endsWith('/aws');
}

function jsonOrNone(value: unknown): Json | undefined {
  return isJson(value) ? value : undefined;
}

/** Whether a value counts as set. SDKv2 resources mostly treat the others as not set. */
function isGiven(value: unknown): boolean {
  return !(value === undefined || value === null || value === '' || (isList(value) && value.length === 0));
}

/**
 * The known part of a value. `partly`: a list or a map, some of which is known only after apply.
 */
type Walked = { readonly is: 'known'; readonly value: unknown } | { readonly is: 'partly' | 'unknown' };

/** Follows a path in `after` and in its unknown parts at the same time. */
function walk(after: unknown, unknown: unknown, path: Path): Walked {
  let value: unknown = after;
  let mark = unknown;
  for (const step of path) {
    if (mark === true) return { is: 'unknown' };
    value = stepInto(value, step);
    mark = stepInto(mark, step);
  }
  if (mark === true) return { is: 'unknown' };
  return holdsTrue(mark) ? { is: 'partly' } : { is: 'known', value };
}

function stepInto(value: unknown, step: string | number): unknown {
  if (isList(value)) return typeof step === 'number' ? value[step] : undefined;
  return isJson(value) && typeof step === 'string' ? propertyOf(value, step) : undefined;
}

/**
 * Finds the instances that a reference may mean if it leaves out keys. By the address without these
 * keys. Instances that the plan deletes are left out.
 */
function instances(changes: readonly PlannedChange[]): (address: string) => readonly PlannedChange[] {
  const found = new Map<string, PlannedChange[]>();
  for (const change of changes.filter(({ kind }) => kind !== 'delete' && kind !== 'forget'))
    for (const name of withFewerKeys(change.address)) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [change]);
      else known.push(change);
    }
  return (address) => found.get(address) ?? [];
}

function stateOf({ prior_state: state }: TerraformPlan): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { address, values } of resources) if (isJson(values)) found.set(address, values);
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return found;
}
