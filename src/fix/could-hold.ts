import { accountOf, arnWith, iamArn, parseArn, resourceTypeOf } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { findKey } from '../evidence/lookup.ts';
import { type Principal, principalsIn } from '../evidence/principals.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import type { CalledOn, DirectCalls } from './direct-calls.ts';
import { documentObject, statementsOf } from './documents.ts';

/*
 * Finds principals that could get a permission if their account granted it. An account can change
 * its identity policies, boundaries and tags, and can create roles. If only these are missing,
 * access is not lost.
 */

/** A principal that lacks only permissions that its account can grant. */
export type CouldHold =
  /**
   * `actions`: the actions that grant the permission to an existing user or role. `givers`: the
   * principals that may call them.
   */
  | {
      readonly way: 'give permission';
      readonly principal: string;
      readonly actions: readonly CallRow['action'][];
      readonly givers: readonly string[];
    }
  /**
   * A principal that the policies would allow, but that does not exist. `principal`: its ARN or a
   * pattern. `creators`: the principals that may create it.
   */
  | {
      readonly way: 'create principal';
      readonly principal: string;
      readonly action: CallRow['action'];
      readonly creators: readonly string[];
    };

/** A permission to call all of some actions. */
export interface WantedRight {
  readonly actions: readonly CallRow['action'][];
  readonly on: CalledOn;
  readonly account: string;
}

interface Around {
  /** The ARNs of the principals in the account that may grant the permission. */
  readonly asking: readonly string[];
  readonly calls: DirectCalls;
  readonly evidence: Evidence;
  /** Policies that may name principals of the account. */
  readonly documents: readonly (PolicyDocument | undefined)[];
}

/** The most users and roles to try. With every permission, few of them differ. */
const mostTried = 1000;

/**
 * The first principal that could get a permission, best first. Undefined: none could. `isSure`:
 * only principals for which no missing fact matters.
 */
export function couldHold(wanted: WantedRight, around: Around, isSure = false): CouldHold | undefined {
  const held = principalsIn(around.evidence, wanted.account).filter((arn) => !isServiceLinkedRole(arn));
  const tried = held.slice(0, mostTried);
  const names = distinguishedNames(wanted.account, around).filter((name) => !held.includes(name));
  return (
    first(tried, (arn) => given(arn, wanted, around, 'allowed')) ??
    first(names, (name) => made(name, wanted, around)) ??
    (isSure
      ? undefined
      : (first(tried, (arn) => given(arn, wanted, around, 'perhaps')) ??
        first(tried, (arn) => given(arn, wanted, around, 'by tags'))))
  );
}

function first<T>(all: readonly string[], find: (one: string) => T | undefined): T | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const giving = {
  user: { policy: 'iam:PutUserPolicy', tags: 'iam:TagUser', create: 'iam:CreateUser' },
  role: { policy: 'iam:PutRolePolicy', tags: 'iam:TagRole', create: 'iam:CreateRole' },
} as const;

type Giving = (typeof giving)[keyof typeof giving];

function givingTo(arn: string): Giving | undefined {
  const type = resourceTypeOf(arn);
  return type === 'user' || type === 'role' ? giving[type] : undefined;
}

/**
 * `how`: with more identity policies, the principal has the permission always, only in some
 * requests, such as from a network, or only with some tags.
 */
function given(
  arn: string,
  wanted: WantedRight,
  around: Around,
  how: 'allowed' | 'perhaps' | 'by tags',
): CouldHold | undefined {
  const { calls } = around;
  const names = givingTo(arn);
  if (names === undefined) return undefined;
  const able = withAllRights(calls.find(arn));
  const asked = how === 'by tags' ? { ...able, tags: undefined } : able;
  const decisions = wanted.actions.map((action) => calls.decide(asked, action, wanted.on));
  if (!decisions.every((one) => one === 'allowed' || (how !== 'allowed' && one === 'depends'))) return undefined;
  const actions = how === 'by tags' ? [names.policy, names.tags] : [names.policy];
  const givers = whoMay(actions, arn, around);

  return givers.length === 0 ? undefined : { way: 'give permission', principal: arn, actions, givers };
}

/** `name`: the ARN of a principal that does not exist, or a pattern. */
function made(name: string, { actions, on, account }: WantedRight, around: Around): CouldHold | undefined {
  const arn = exampleOf(name);
  const how = givingTo(arn);
  if (how === undefined || accountOf(arn) !== account) return undefined;
  const type = how === giving.user ? 'user' : 'role';
  const able = withAllRights({
    arn,
    type,
    account,
    roleArn: type === 'role' ? arn : undefined,
    uniqueId: undefined,
    tags: {},
    identity: [],
    boundary: undefined,
  });
  if (!actions.every((action) => around.calls.decide(able, action, on) === 'allowed')) return undefined;
  const creators = whoMay([how.create], arn, around);
  return creators.length === 0 ? undefined : { way: 'create principal', principal: name, action: how.create, creators };
}

/** The same principal, as if its identity policies allowed everything. */
export function withAllRights({ arn, type, account, roleArn, uniqueId, tags }: Principal): Principal {
  const known = { arn, type, account, roleArn, uniqueId, tags };
  return { ...known, identity: [everything], boundary: undefined, isSupposed: true };
}

const everything = {
  name: 'all',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};

function whoMay(
  actions: readonly CallRow['action'][],
  arn: string,
  { asking, calls }: Pick<Around, 'asking' | 'calls'>,
): readonly string[] {
  return asking.filter((one) =>
    actions.every((action) => calls.decide(calls.find(one), action, { arn }) === 'allowed'),
  );
}

/** The policies that say which principals of an account may use a key. */
export function documentsOn(
  key: string | undefined,
  account: string,
  evidence: Evidence,
): readonly (PolicyDocument | undefined)[] {
  const levels = evidence.accounts[account]?.organization?.path ?? [];
  return [
    ...(key === undefined ? [] : [findKey(evidence, key)?.Policy]),
    ...levels.flatMap(({ scps = [], rcps = [] }) => [...scps, ...rcps].map(({ document }) => document)),
  ];
}

/**
 * ARNs and patterns of ARNs with which policies distinguish principals of an account. Exact ARNs
 * come first.
 */
function distinguishedNames(account: string, { asking, documents }: Around): readonly string[] {
  const { partition = '' } = parseArn(asking[0] ?? '') ?? {};
  const texts = documents
    .flatMap((document) => statementsOf(documentObject(document) ?? {}))
    .filter(isJson)
    .flatMap(namesIn);
  const names = [...new Set(texts.flatMap((text) => nameIn(text, partition, account) ?? []))];
  return [...names.filter((name) => !isPattern(name)), ...names.filter(isPattern)];
}

function namesIn({ Condition: condition, NotPrincipal: notPrincipal }: Json): readonly string[] {
  const tests = Object.values(isJson(condition) ? condition : {}).filter(isJson);
  const values = tests.flatMap((one) =>
    Object.entries(one).flatMap(([key, texts]) => (key.toLowerCase() === 'aws:principalarn' ? textsIn(texts) : [])),
  );
  return [...values, ...(isJson(notPrincipal) ? textsIn(notPrincipal['AWS']) : [])];
}

function textsIn(values: unknown): readonly string[] {
  return (isList(values) ? values : [values]).filter((value) => typeof value === 'string');
}

/**
 * A text of a policy as the ARN of a user or role in an account, or as a pattern of such ARNs.
 * Undefined: the text means no principal of the account, or has variables.
 */
function nameIn(text: string, partition: string, account: string): string | undefined {
  if (text.includes('$')) return undefined;
  const arn = parseArn(text);
  const name = arn?.resource ?? (text.startsWith('*') ? text : '');
  // A text that fits both types, or any path, is tried as a role.
  const named = /^(?:role|user)\//.test(name) ? name : name.startsWith('*') ? `role/${name}` : undefined;
  const isElsewhere = arn !== undefined && !isPattern(arn.account) && arn.account !== account;
  return named === undefined || isElsewhere ? undefined : iamArn(partition, account, named);
}

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** An ARN that a pattern matches. */
function exampleOf(name: string): string {
  const arn = parseArn(name);
  return arn === undefined ? name : arnWith(arn, { resource: arn.resource.replaceAll(/[*?]/g, 'a') });
}
