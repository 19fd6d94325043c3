import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { isMultivalued } from '../../src/policy/condition-keys.ts';
import type { NamedPolicy, Policies } from '../../src/policy/policies.ts';
import { certain } from '../../src/policy/possible.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import { type ConditionDoc, type Layered, listOf, mapPolicies, mapStatements, type StatementDoc } from './documents.ts';
import { forgetful, forgotten } from './forgetting.ts';
import { fc, runs } from './seed.ts';
import { pivotalSituation, requestOf, type Situation, situation } from './situations.ts';
import { derivedKeys } from './vocabulary.ts';

/* Differences in spelling and order that must not change a decision. */

const any = fc.oneof(situation, pivotalSituation);

interface Answer {
  readonly decision: string;
  readonly denial: string;
  readonly lacking: readonly string[];
  /** Context keys that the decision depends on. */
  readonly keys: readonly string[];
}

function answer(request: RequestInput, policies: Policies): Answer {
  const decided = authorize(request, policies);
  return {
    decision: decided.decision,
    denial: 'denial' in decided ? decided.denial : '',
    lacking: decided.lacking,
    keys: decided.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key.toLowerCase()] : [])).toSorted(),
  };
}

type Change = (policies: Layered, seed: number) => Policies;

/**
 * Checks that no change has an effect, for complete requests and for requests with unknown facts.
 * The changes share situations, because to make one and to answer it takes as long as a change.
 */
function expectNoChange(changes: Readonly<Record<string, Change>>): void {
  fc.assert(
    fc.property(forgetful(any, 2), fc.boolean(), fc.nat(), ({ situation: one, names }, complete, seed) => {
      const request = complete ? requestOf(one) : forgotten(one, names);
      const before = answer(request, one.policies);
      for (const [name, change] of Object.entries(changes))
        expect(answer(request, change(one.policies, seed)), name).toEqual(before);
    }),
    runs(400),
  );
}

/** The same items in another order, which depends on the seed. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed % 2_147_483_647;
  const weighed = items.map((item) => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return { item, state };
  });
  return weighed.toSorted((one, other) => one.state - other.state).map(({ item }) => item);
}

/** Policies for the engine, with each document in another form. */
function respelt(policies: Layered, spell: (document: unknown) => unknown): Policies {
  const each = ({ name, document }: NamedPolicy): NamedPolicy => ({ name, document: spell(document) });
  const { identity, boundary, session, endpoint, resource, scps, rcps, grants } = policies;
  return {
    identity: identity.map(each),
    ...(boundary === undefined ? {} : { boundary: boundary.map(each) }),
    ...(session === undefined ? {} : { session: session.map(each) }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.map(each) }),
    ...(resource === undefined ? {} : { resource: resource.map(each) }),
    ...(scps === undefined ? {} : { scps: scps.map((level) => level.map(each)) }),
    ...(rcps === undefined ? {} : { rcps: rcps.map((level) => level.map(each)) }),
    ...(grants === undefined ? {} : { grants }),
  };
}

describe('what does not matter', () => {
  test('C5: order, repetition, and how much one statement or policy says', () =>
    expectNoChange({
      'the order of statements': (policies, seed) =>
        mapStatements(policies, (statements) => shuffled(statements, seed)),
      'the order of policies, levels and grants'(policies, seed) {
        const mixed = mapPolicies(policies, (layer) => shuffled(layer, seed));
        return {
          ...mixed,
          ...(mixed.scps === undefined ? {} : { scps: shuffled(mixed.scps, seed) }),
          ...(mixed.rcps === undefined ? {} : { rcps: shuffled(mixed.rcps, seed) }),
          ...(mixed.grants === undefined ? {} : { grants: shuffled(mixed.grants, seed) }),
        };
      },
      'statements, policies and grants that are repeated'(policies) {
        const twice = mapPolicies(
          mapStatements(policies, (statements) => [...statements, ...statements]),
          (layer) => [...layer, ...layer.map(({ name, document }) => ({ name: `${name} again`, document }))],
        );
        return twice.grants === undefined ? twice : { ...twice, grants: [...twice.grants, ...twice.grants] };
      },
      Sids: (policies) =>
        mapStatements(policies, (statements) =>
          statements.map(({ Sid, ...statement }, index) =>
            Sid === undefined ? { Sid: `S${index}`, ...statement } : statement,
          ),
        ),
      'actions, resources and principals in one statement or in several': (policies) =>
        mapStatements(policies, (statements) =>
          statements.flatMap(splitActions).flatMap(splitResources).flatMap(splitPrincipals),
        ),
      'statements in one policy or in several': (policies) =>
        mapPolicies(policies, (layer, kind) =>
          kind === 'resource'
            ? layer
            : layer.flatMap(({ name, document }) => [
                { name, document: { ...document, Statement: document.Statement.slice(0, 1) } },
                { name: `${name} rest`, document: { ...document, Statement: document.Statement.slice(1) } },
              ]),
        ),
      'one value or a list of one': (policies) =>
        mapStatements(policies, (statements) =>
          statements.map((statement) => {
            const { Action, Resource, Condition } = statement;
            return {
              ...statement,
              ...(Action === undefined ? {} : { Action: listOf(Action) }),
              ...(Resource === undefined ? {} : { Resource: listOf(Resource) }),
              ...(Condition === undefined ? {} : { Condition: mapTests(Condition, (values) => listOf(values)) }),
            };
          }),
        ),
    }));

  test('the case of actions, operators and key names, in policies and requests', () => {
    fc.assert(
      fc.property(any, (one) => {
        const shout = (text: string): string => text.toUpperCase();
        const policies = mapStatements(one.policies, (statements) =>
          statements.map((statement) => {
            const { Action, NotAction, Condition } = statement;
            return {
              ...statement,
              ...(Action === undefined ? {} : { Action: listOf(Action).map(shout) }),
              ...(NotAction === undefined ? {} : { NotAction: listOf(NotAction).map(shout) }),
              ...(Condition === undefined ? {} : { Condition: shouted(Condition) }),
            };
          }),
        );
        // In grants, KMS compares the names of the encryption context with regard to case.
        const context = Object.fromEntries(
          Object.entries(one.context).map(([key, value]) => [
            key.includes('EncryptionContext:') ? key : shout(key),
            value,
          ]),
        );
        const after = requestOf({ ...one, action: one.action.toLowerCase(), context });
        expect(answer(after, policies)).toEqual(answer(requestOf(one), one.policies));
      }),
      runs(400),
    );
  });

  test('IfExists on a key that is present', () => {
    fc.assert(
      fc.property(any, (one) => {
        const relaxed = mapStatements(one.policies, (statements) =>
          statements.map(({ Condition, ...statement }) =>
            Condition === undefined
              ? statement
              : { ...statement, Condition: relaxedWhere(Condition, (key) => isHeld(key, one)) },
          ),
        );
        expect(answer(requestOf(one), relaxed)).toEqual(answer(requestOf(one), one.policies));
      }),
      runs(400),
    );
  });

  test('an unknown key that no policy mentions', () => {
    fc.assert(
      fc.property(any, (one) => {
        const request = { ...requestOf(one), unknownKeys: ['aws:SourceVpce', 'AWS:REFERER'] };
        expect(answer(request, one.policies)).toEqual(answer(requestOf(one), one.policies));
      }),
      runs(400),
    );
  });

  test('P1: whether a document is an object, JSON text, indented, with a byte order mark, or URL-encoded', () =>
    expectNoChange({
      'JSON text': (policies) => respelt(policies, (document) => JSON.stringify(document)),
      'indented, with a byte order mark': (policies) =>
        respelt(policies, (document) => `\uFEFF${JSON.stringify(document, undefined, 2)}\n`),
      'URL-encoded': (policies) => respelt(policies, (document) => encodeURIComponent(JSON.stringify(document))),
    }));
});

function mapTests(
  condition: ConditionDoc,
  change: (values: ConditionDoc[string][string]) => ConditionDoc[string][string],
): ConditionDoc {
  return Object.fromEntries(
    Object.entries(condition).map(([operator, tests]) => [
      operator,
      Object.fromEntries(Object.entries(tests).map(([key, values]) => [key, change(values)])),
    ]),
  );
}

function shouted(condition: ConditionDoc): ConditionDoc {
  return Object.fromEntries(
    Object.entries(condition).map(([operator, tests]) => [
      operator.toLowerCase(),
      Object.fromEntries(Object.entries(tests).map(([key, values]) => [key.toUpperCase(), values])),
    ]),
  );
}

function splitActions(statement: StatementDoc): readonly StatementDoc[] {
  const { Action } = statement;
  return Action === undefined ? [statement] : listOf(Action).map((action) => ({ ...statement, Action: action }));
}

function splitResources(statement: StatementDoc): readonly StatementDoc[] {
  const { Resource } = statement;
  return Resource === undefined
    ? [statement]
    : listOf(Resource).map((resource) => ({ ...statement, Resource: resource }));
}

function splitPrincipals(statement: StatementDoc): readonly StatementDoc[] {
  const { Principal } = statement;
  if (Principal === undefined || Principal === '*') return [statement];
  return Object.entries(Principal).flatMap(([kind, listed]) =>
    listOf(listed).map((principal) => ({ ...statement, Principal: { [kind]: principal } })),
  );
}

/** Whether the request holds a key with a value. */
function isHeld(key: string, one: Situation): boolean {
  // For a tag of the key in the key's own policy, AWS documents only the plain operators
  // (iam-evaluation 6.42).
  if (isMultivalued(key.toLowerCase()) || key === 'aws:ResourceTag/env') return false;
  if (derivedKeys.some(({ name }) => name === key)) {
    const always = ['aws:SecureTransport', 'aws:ViaAWSService', 'aws:ResourceAccount', 'aws:PrincipalIsAWSService'];
    return always.includes(key) || (one.caller.type !== 'service' && key === 'aws:PrincipalArn');
  }
  const state = one.context[key];
  return state !== undefined && certain({ absent: false, values: [listOf(state)] }) !== 'absent';
}

/**
 * Adds IfExists to conditions on such keys, unless a condition with IfExists already tests the key.
 */
function relaxedWhere(condition: ConditionDoc, held: (key: string) => boolean): ConditionDoc {
  const out: Record<string, Record<string, ConditionDoc[string][string]>> = {};
  for (const [operator, tests] of Object.entries(condition)) {
    for (const [key, values] of Object.entries(tests)) {
      const relaxable = !operator.includes(':') && operator !== 'Null' && !operator.endsWith('IfExists') && held(key);
      const name = `${operator}IfExists`;
      const target = relaxable && condition[name]?.[key] === undefined ? name : operator;
      out[target] = { ...out[target], [key]: values };
    }
  }
  return out;
}
