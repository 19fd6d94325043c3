import { operators } from '../../src/policy/operators.ts';
import { absent } from '../../src/policy/possible.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';
import {
  type ConditionDoc,
  type Doc,
  everything,
  type Layered,
  type Named,
  type OneOrMore,
  type PrincipalDoc,
  type StatementDoc,
} from './documents.ts';
import { grantFor } from './grants.ts';
import { fc } from './seed.ts';
import {
  accountA,
  actionPatterns,
  allKeys,
  awsPrincipals,
  type CallerCase,
  callers,
  type Key,
  type KeyType,
  keys,
  kmsKeys,
  policyValues,
  resourcePatterns,
  subjects,
} from './vocabulary.ts';

/*
 * Complete situations: a request about which everything is known, and all policies that take part.
 */

export type Context = Readonly<Record<string, OneOrMore>>;

export interface Situation {
  readonly caller: CallerCase;
  readonly action: string;
  readonly arn: string;
  /** The account of the resource. */
  readonly account: string;
  readonly context: Context;
  readonly flags: Pick<RequestInput, 'managementAccount' | 'resourceInManagementAccount' | 'awsManagedKey'>;
  readonly policies: Layered;
}

/**
 * AWS does not say whether service principals have these keys (iam-evaluation 11.6), but a complete
 * request must have or lack each of them.
 */
const openForServices = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:userid',
  'kms:calleraccount',
]);

/** The request of a situation, with nothing unknown. */
export function requestOf({ caller, action, arn, account, context, flags }: Situation): RequestInput {
  return {
    ...caller.is,
    ...flags,
    action,
    resource: { arn, account },
    context,
    ...(caller.type === 'service'
      ? { possible: (keyId: string) => (openForServices.has(keyId) ? absent : undefined) }
      : {}),
  };
}

const oneOrMore = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | readonly T[]> =>
  fc.oneof({ weight: 3, arbitrary: item }, { weight: 2, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }) });

/** Operators by the type of value that they compare. */
function operatorsFor(type: KeyType): readonly string[] {
  const fit = Object.entries(operators).filter(
    ([, { compares }]) => compares === type || (type === 'arn' && compares === 'text'),
  );
  return fit.map(([name]) => name);
}

interface TestDoc {
  readonly operator: string;
  readonly key: string;
  readonly values: OneOrMore;
}

function valueFor(key: Key, type: KeyType): fc.Arbitrary<string> {
  const usual = [...key.values, ...policyValues[type]];
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom('', 'x', '2026', 'arn:aws:rds', '*') },
  );
}

/** One condition test. Its operator mostly suits the key, but every operator occurs. */
function testOf(key: Key): fc.Arbitrary<TestDoc> {
  const named = (operator: fc.Arbitrary<string>): fc.Arbitrary<TestDoc> =>
    fc
      .tuple(
        operator,
        fc.oneof(
          { weight: key.many === true ? 1 : 12, arbitrary: fc.constant('') },
          { weight: 2, arbitrary: fc.constantFrom('ForAllValues:', 'ForAnyValue:') },
        ),
        fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('IfExists') }),
      )
      .chain(([name, prefix, suffix]) =>
        oneOrMore(valueFor(key, typeOfOperator(name))).map((values) => ({
          operator: `${prefix}${name}${suffix}`,
          key: key.name,
          values,
        })),
      );
  return fc.oneof(
    { weight: 14, arbitrary: named(fc.constantFrom(...operatorsFor(key.type))) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom<OneOrMore>('true', 'false', 'TRUE', ['true', 'false'])
        .map((values) => ({ operator: 'Null', key: key.name, values })),
    },
    {
      weight: 1,
      arbitrary: named(fc.constantFrom(...Object.keys(operators).filter((name) => name !== 'Null'))),
    },
  );
}

function typeOfOperator(name: string): KeyType {
  const found = Object.entries(operators).find(([known]) => known === name)?.[1].compares;
  return found === undefined || found === 'presence' ? 'text' : found;
}

export const conditionTest: fc.Arbitrary<TestDoc> = fc.constantFrom(...allKeys).chain(testOf);

function conditionOf(test: fc.Arbitrary<TestDoc>): fc.Arbitrary<ConditionDoc> {
  return fc.array(test, { minLength: 1, maxLength: 2 }).map((tests) => {
    const built: Record<string, Record<string, OneOrMore>> = {};
    for (const { operator, key, values } of tests) built[operator] = { ...built[operator], [key]: values };
    return built;
  });
}

const condition = conditionOf(conditionTest);
const ownCondition = conditionOf(fc.constantFrom(...keys, ...kmsKeys).chain(testOf));

function principalFor(caller: CallerCase): fc.Arbitrary<PrincipalDoc> {
  const own = fc.constantFrom(...caller.presents);
  const any = fc.constantFrom(...awsPrincipals);
  const named = caller.type === 'service' ? 'Service' : 'AWS';
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<PrincipalDoc>('*') },
    { weight: 2, arbitrary: fc.constant<PrincipalDoc>({ AWS: '*' }) },
    { weight: 8, arbitrary: oneOrMore(own).map((value): PrincipalDoc => ({ [named]: value })) },
    { weight: 3, arbitrary: oneOrMore(any).map((value): PrincipalDoc => ({ AWS: value })) },
    {
      weight: 2,
      arbitrary: fc.tuple(any, fc.constantFrom('Service', 'Federated', 'CanonicalUser')).map(
        ([aws, kind]): PrincipalDoc => ({
          AWS: aws,
          [kind]: kind === 'Service' ? ['backup.amazonaws.com', 'rds.amazonaws.com'] : 'accounts.google.com',
        }),
      ),
    },
  );
}

function notPrincipalFor(caller: CallerCase): fc.Arbitrary<PrincipalDoc> {
  const named = caller.type === 'service' ? 'Service' : 'AWS';
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<PrincipalDoc>({ [named]: caller.presents }) },
    { weight: 1, arbitrary: principalFor(caller) },
  );
}

export interface About {
  readonly caller: CallerCase;
  readonly action: string;
  readonly arn: string;
  /** Statements mostly differ only in conditions, so that forgotten keys matter. */
  readonly pivotal: boolean;
}

const often = <T>(usual: fc.Arbitrary<T>, weight: number, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

/** One statement of this kind of policy. */
export function statementFor(kind: PolicyKind, about: About): fc.Arbitrary<StatementDoc> {
  const effect: fc.Arbitrary<'Allow' | 'Deny'> =
    kind === 'rcp' ? fc.constant('Deny') : often(fc.constant<'Allow' | 'Deny'>('Allow'), 3, fc.constant('Deny'));
  const action = oneOrMore(
    fc.oneof(
      { weight: about.pivotal ? 30 : 3, arbitrary: fc.constantFrom(about.action, '*') },
      { weight: 3, arbitrary: fc.constantFrom(...actionPatterns) },
    ),
  );
  const resource = oneOrMore(
    fc.oneof(
      { weight: about.pivotal ? 40 : 6, arbitrary: fc.constant('*') },
      { weight: 1, arbitrary: fc.constant(about.arn) },
      { weight: 4, arbitrary: fc.constantFrom(...resourcePatterns) },
    ),
  );
  return effect.chain((Effect) => {
    const principal: fc.Arbitrary<Partial<StatementDoc>> =
      kind === 'rcp'
        ? fc.constant({ Principal: '*' })
        : kind === 'endpoint'
          ? often(fc.constant<Partial<StatementDoc>>({ Principal: '*' }), 2, principalPart(about.caller, Effect))
          : kind === 'resource'
            ? often(
                principalPart(about.caller, Effect),
                1,
                about.pivotal ? fc.constant({ Principal: '*' }) : principalPart(about.caller, Effect),
              )
            : fc.constant({});
    return fc
      .tuple(
        principal,
        kind === 'rcp'
          ? action.map((Action): Partial<StatementDoc> => ({ Action }))
          : often<Partial<StatementDoc>>(
              action.map((Action) => ({ Action })),
              about.pivotal ? 30 : 5,
              action.map((NotAction) => ({ NotAction })),
            ),
        fc.oneof(
          { weight: 10, arbitrary: resource.map((Resource): Partial<StatementDoc> => ({ Resource })) },
          {
            weight: about.pivotal ? 0 : 2,
            arbitrary: resource.map((NotResource): Partial<StatementDoc> => ({ NotResource })),
          },
          ...(kind === 'resource'
            ? [
                {
                  weight: about.action === 'sts:AssumeRole' ? 20 : 1,
                  arbitrary: fc.constant<Partial<StatementDoc>>({}),
                },
              ]
            : []),
        ),
        often<Partial<StatementDoc>>(
          (about.pivotal ? ownCondition : condition).map((Condition) => ({ Condition })),
          about.pivotal ? 6 : 1,
          fc.constant({}),
        ),
        often<Partial<StatementDoc>>(fc.constant({}), 2, fc.constantFrom({ Sid: 'One' }, { Sid: 'Two' })),
      )
      .map(([who, what, on, when, sid]) => ({ ...sid, Effect, ...who, ...what, ...on, ...when }));
  });
}

function principalPart(caller: CallerCase, effect: 'Allow' | 'Deny'): fc.Arbitrary<Partial<StatementDoc>> {
  const positive = principalFor(caller).map((Principal): Partial<StatementDoc> => ({ Principal }));
  if (effect === 'Allow') return positive;
  return often<Partial<StatementDoc>>(
    positive,
    2,
    notPrincipalFor(caller).map((NotPrincipal) => ({ NotPrincipal })),
  );
}

/**
 * A policy document. Ceilings mostly start with an Allow of everything. Otherwise little would ever
 * be allowed.
 */
function documentFor(kind: PolicyKind, about: About, ceiling: number): fc.Arbitrary<Doc> {
  const start = fc.oneof(
    { weight: ceiling, arbitrary: fc.constant([everything('Allow', kind)]) },
    { weight: 2, arbitrary: fc.constant([]) },
  );
  return fc
    .tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant<Partial<Doc>>({ Version: '2012-10-17' }) },
        { weight: 1, arbitrary: fc.constantFrom<Partial<Doc>>({}, { Version: '2008-10-17' }) },
      ),
      start,
      fc.array(statementFor(kind, about), { maxLength: 2 }),
    )
    .map(([version, first, more]) => ({ ...version, Statement: [...first, ...more] }));
}

/** Each level of an organization has at least one policy. Other layers may be empty lists. */
const leastPolicies: Partial<Record<PolicyKind, number>> = { scp: 1, rcp: 1 };

function policiesFor(kind: PolicyKind, about: About, most: number): fc.Arbitrary<readonly Named[]> {
  const ceiling = kind === 'identity' ? 1 : kind === 'rcp' ? 4 : 6;
  return fc
    .array(documentFor(kind, about, ceiling), { minLength: leastPolicies[kind] ?? 0, maxLength: most })
    .map((documents) => documents.map((document, index) => ({ name: `${kind}/${index}`, document })));
}

function layersFor(about: About): fc.Arbitrary<Layered> {
  const { caller, action, arn } = about;
  // A policy can be attached at two levels. Otherwise, the names of control policies are unique.
  const levels = (kind: 'scp' | 'rcp') =>
    fc
      .array(policiesFor(kind, about, 2), { minLength: 1, maxLength: 2 })
      .map(([top = [], ...below]) => [
        top,
        ...below.map((policies) =>
          policies.map((one, at) => (at === 1 ? (top[at] ?? one) : { ...one, name: `${one.name} below` })),
        ),
      ]);
  const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    often<T | undefined>(fc.constant(undefined), about.pivotal ? 6 : 1, arbitrary);
  const isKey = arn.includes(':key/');
  const nothing = fc.constant(undefined);
  const resource = fc
    .array(documentFor('resource', about, 1), { minLength: 1, maxLength: isKey ? 2 : 1 })
    .map((documents) => documents.map((document, index): Named => ({ name: `resource ${index}`, document })));
  const bounded = caller.type === 'user' || caller.type === 'role session' || caller.type === 'federated user';
  const inSession = caller.type === 'role session' || caller.type === 'federated user';
  return fc
    .tuple(
      policiesFor('identity', about, 3),
      bounded ? some(policiesFor('boundary', about, 1)) : nothing,
      inSession ? some(policiesFor('session', about, 2)) : nothing,
      some(policiesFor('endpoint', about, 1)),
      isKey || action.startsWith('sts:') ? resource : action.startsWith('secretsmanager:') ? some(resource) : nothing,
      some(levels('scp')),
      some(levels('rcp')),
      isKey ? fc.array(grantFor(about), { maxLength: 2 }) : nothing,
    )
    .map(([identity, boundary, session, endpoint, ofResource, scps, rcps, grants]) => ({
      identity,
      ...(boundary === undefined ? {} : { boundary }),
      ...(session === undefined ? {} : { session }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(ofResource === undefined ? {} : { resource: ofResource }),
      ...(scps === undefined ? {} : { scps }),
      ...(rcps === undefined ? {} : { rcps }),
      ...(grants === undefined ? {} : { grants: grants.map((grant, index) => ({ GrantId: `g${index}`, ...grant })) }),
    }));
}

/** Values for the keys of the request. Each key may be absent. */
function contextFor({ action, arn }: About): fc.Arbitrary<Context> {
  const own = action.startsWith('kms:') ? [...keys, ...kmsKeys] : keys;
  const parts = own.map((key): fc.Arbitrary<Context> => {
    const value: fc.Arbitrary<OneOrMore> =
      key.many === true ? fc.subarray([...key.values], { minLength: 1 }) : fc.constantFrom(...key.values);
    const there = value.map((held) => ({ [key.name]: held }));
    // A grant has operations (iam-evaluation 6.34).
    if (key.name === 'kms:GrantOperations' && action === 'kms:CreateGrant') return there;
    return key.name === 'kms:ViaService'
      ? often<Context>(fc.constant({}), 2, there)
      : often<Context>(there, 1, fc.constant({}));
  });
  return fc.tuple(...parts).map((made) => {
    const context: Context = Object.assign({}, ...made);
    const pairs = context['kms:EncryptionContext:team'] === undefined ? {} : { 'kms:EncryptionContextKeys': ['team'] };
    const region = arn.includes('us-east-1') ? {} : { 'aws:RequestedRegion': 'us-east-1' };
    return { ...context, ...pairs, ...region };
  });
}

const rarely = fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

function situationWhere(pivotal: boolean): fc.Arbitrary<Situation> {
  return fc
    .tuple(
      fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...callers) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(...callers.filter(({ type }) => type === 'user' || type === 'role session')),
        },
      ),
      fc.constantFrom(...subjects),
      rarely,
      rarely,
      rarely,
    )
    .chain(([caller, { action, arn }, managementAccount, resourceInManagementAccount, awsManagedKey]) => {
      const about = { caller, action, arn, pivotal };
      return fc.record({
        caller: fc.constant(caller),
        action: fc.constant(action),
        arn: fc.constant(arn),
        // A call without a resource is about the caller's own account.
        account: fc.constant(arn === '*' && caller.account !== '' ? caller.account : accountA),
        context: contextFor(about),
        flags: fc.constant({ managementAccount, resourceInManagementAccount, awsManagedKey }),
        policies: layersFor(about),
      });
    });
}

export const situation = situationWhere(false);
export const pivotalSituation = situationWhere(true);
