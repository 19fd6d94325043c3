import { describe, expect, test } from 'vitest';
import { authorize, compile } from '../../src/policy/authorize.ts';
import type { Possible } from '../../src/policy/possible.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import { completionsOf, forgetful, forgotten, isContext, keyNamed, replayed, valuesOf, without } from './forgetting.ts';
import { fc, runs, share } from './seed.ts';
import { pivotalSituation, requestOf, type Situation, situation } from './situations.ts';

const mixed = fc.oneof(situation, pivotalSituation, pivotalSituation);

describe('what is not known', () => {
  test('U1: a complete request depends on nothing but rules that AWS does not publish, and values that nobody reads', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { decision, dependsOn } = authorize(requestOf(one), one.policies);
        if (decision === 'depends')
          expect(dependsOn.filter(({ fact }) => fact !== 'rule' && fact !== 'statement')).toEqual([]);
        else expect(dependsOn).toEqual([]);
      }),
      runs(1_500),
    );
  });

  test('U1: a tag in two spellings is open exactly where its two values are answered differently', () => {
    const key = 'aws:PrincipalTag/team';
    const values = fc.constantFrom('red', 'blue', 'Red', '');
    const operator = fc
      .tuple(
        fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
        fc.constantFrom('StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringLike', 'NumericNotEquals'),
        fc.constantFrom('', 'IfExists'),
      )
      .map((parts) => parts.join(''));
    const wanted = fc.array(fc.constantFrom('red', 'blue', 'r*', '5', ''), { minLength: 1, maxLength: 2 });
    const counts: Record<string, number> = {};
    fc.assert(
      fc.property(situation, fc.tuple(values, values), operator, wanted, (one, [first, second], name, texts) => {
        const Statement = [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: '*', Resource: '*', Condition: { [name]: { [key]: texts } } },
        ];
        const document = { Version: '2012-10-17', Statement };
        const engine = compile({ ...one.policies, identity: [{ name: 'identity', document }] });
        const decide = (context: Situation['context']): string =>
          engine.authorize({ ...requestOf(one), context }).decision;
        const { [key]: _, ...context } = one.context;
        const each = [decide({ ...context, [key]: first }), decide({ ...context, [key]: second })];
        fc.pre(!each.includes('depends'));
        const both = decide({ ...context, [key]: first, [key.toUpperCase()]: second });
        expect(both).toBe(each[0] === each[1] ? each[0] : 'depends');
        counts[both] = (counts[both] ?? 0) + 1;
      }),
      runs(1_500),
    );
    for (const said of ['allowed', 'denied', 'depends'])
      expect(counts[said] ?? 0, said).toBeGreaterThan(share(20, 1_500));
  });

  test('U2: what is settled holds in every completion', () => {
    fc.assert(
      fc.property(forgetful(mixed), ({ situation: one, names }) => {
        const engine = compile(one.policies);
        const { decision } = engine.authorize(forgotten(one, names));
        if (decision === 'depends') return;
        for (const complete of completionsOf(one, names)) {
          const said = engine.authorize(requestOf(complete));
          expect({ context: complete.context, said: said.decision }).toEqual({
            context: complete.context,
            said: decision,
          });
        }
      }),
      runs(1_500),
    );
  });

  test('U3: both witnesses have the answer that they stand for', () => {
    let seen = 0;
    fc.assert(
      fc.property(forgetful(mixed), ({ situation: one, names }) => {
        const engine = compile(one.policies);
        const request = forgotten(one, names);
        const decision = engine.authorize(request);
        if (decision.decision !== 'depends' || decision.witness === 'not enumerated') return;
        const allows = replayed(request, decision.witness.allows);
        const denies = replayed(request, decision.witness.denies);
        if (allows === undefined || denies === undefined) return;
        seen++;
        expect([engine.authorize(allows).decision, engine.authorize(denies).decision]).toEqual(['allowed', 'denied']);
      }),
      runs(1_500),
    );
    expect(seen).toBeGreaterThan(share(20, 1_500));
  });

  test('U4: learning a fact changes nothing that is settled', () => {
    fc.assert(
      fc.property(forgetful(mixed, 4), fc.nat(3), ({ situation: one, names }, index) => {
        const engine = compile(one.policies);
        const before = engine.authorize(forgotten(one, names)).decision;
        const learnt = names.filter((_, at) => at !== index % names.length);
        const after = engine.authorize(forgotten(one, learnt)).decision;
        if (before !== 'depends') expect(after).toBe(before);
      }),
      runs(1_000),
    );
  });
});

/** Every state of a key that has no other values than these. */
function finite(name: string): Possible {
  const values = valuesOf(keyNamed(name)).map((value) => (typeof value === 'string' ? [value] : value));
  return { absent: true, values };
}

const pair = 'kms:encryptioncontext:team';
const pairNames = 'kms:encryptioncontextkeys';

function finitely(one: Situation, names: readonly string[]): RequestInput {
  const states = new Map(names.map((name): [string, Possible] => [name.toLowerCase(), finite(name)]));
  const ofPair = states.get(pair);
  if (ofPair !== undefined) {
    states.set(pair, { ...ofPair, together: [pairNames] });
    states.set(pairNames, { absent: true, values: [['team']], together: [pair] });
  }
  const request = requestOf({ ...one, context: without(one.context, names) });
  return { ...request, possible: (keyId) => states.get(keyId) ?? request.possible?.(keyId) };
}

describe('of keys with few values', () => {
  test('U3, U5: the answer and what it depends on are those of the table of all completions', () => {
    const counts: Record<string, number> = {};
    fc.assert(
      fc.property(forgetful(mixed), ({ situation: one, names }) => {
        const engine = compile(one.policies);
        const decision = engine.authorize(finitely(one, names));
        const table = completionsOf(one, names).map((complete) => ({
          context: complete.context,
          said: engine.authorize(requestOf(complete)).decision,
        }));
        fc.pre(table.every(({ said }) => said !== 'depends') && decision.dependsOn.every(isContext));
        counts[decision.decision] = (counts[decision.decision] ?? 0) + 1;
        const answers = [...new Set(table.map(({ said }) => said))];
        expect(decision.decision).toBe(answers.length > 1 ? 'depends' : answers[0]);
        const telling = names.filter((name) => {
          const groups = new Map<string, Set<string>>();
          for (const { context, said } of table) {
            const rest = JSON.stringify(
              Object.entries(without(context, [name]))
                .map((entry) => JSON.stringify(entry))
                .toSorted(),
            );
            groups.set(rest, (groups.get(rest) ?? new Set()).add(said));
          }
          return [...groups.values()].some((group) => group.size > 1);
        });
        const named = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key.toLowerCase()] : []));
        const distinct = [...new Set(named.map((name) => (name === pairNames ? pair : name)))];
        expect(distinct.toSorted()).toEqual(telling.map((name) => name.toLowerCase()).toSorted());
      }),
      runs(1_500),
    );
    for (const said of ['allowed', 'denied', 'depends'])
      expect(counts[said] ?? 0, JSON.stringify(counts)).toBeGreaterThan(share(50, 1_500));
  });
});
