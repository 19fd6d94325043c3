import { describe, expect, test } from 'vitest';
import { authorize, compile, type Decision } from '../../src/policy/authorize.ts';
import type { Policies } from '../../src/policy/policies.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import type { World } from '../../src/policy/worlds.ts';
import { completionsOf, forgetting, keyNames, policies, request } from './exactness.ts';
import { fc, runs, share } from './seed.ts';

function answer(asked: RequestInput, given: Policies): string {
  const decision = authorize(asked, given);
  return 'denial' in decision ? `denied ${decision.denial}` : decision.decision;
}

/** The request as a witness completes it. */
function replayed(asked: RequestInput, world: World): RequestInput {
  const context: Record<string, string | readonly string[]> = { ...asked.context };
  const settled = new Set<string>();
  for (const { fact, values } of world) {
    if (fact.fact !== 'context') continue;
    settled.add(fact.key);
    if (values !== 'absent') context[fact.key] = values;
  }
  return { ...asked, context, unknownKeys: (asked.unknownKeys ?? []).filter((key) => !settled.has(key)) };
}

const forgotten = fc.subarray([...keyNames], { minLength: 1, maxLength: 2 });

describe('unknown facts', () => {
  test('the answer is that of all completions, or names one of each side', () => {
    const counts: Record<string, number> = {};
    fc.assert(
      fc.property(request, policies, forgotten, (complete, given, keys) => {
        const asked = forgetting(complete, keys);
        const engine = compile(given);
        const decision: Decision = engine.authorize(asked);
        const completed = completionsOf(complete, keys).map((one) => engine.authorize(one));
        const answers = new Set(completed.map((one) => one.decision));
        fc.pre(!answers.has('depends'));
        // It is denied explicitly if a Deny matches whatever the unknown facts are.
        if (decision.decision === 'denied')
          expect(decision.denial === 'explicit').toBe(
            completed.every((one) => 'denial' in one && one.denial === 'explicit'),
          );
        counts[decision.decision] = (counts[decision.decision] ?? 0) + 1;
        const [only] = answers;
        expect(decision.decision).toBe(answers.size === 1 ? only : 'depends');
        if (decision.decision !== 'depends') return;
        expect(decision.witness).not.toBe('not enumerated');
        if (decision.witness === 'not enumerated') return;
        expect(engine.authorize(replayed(asked, decision.witness.allows)).decision).toBe('allowed');
        expect(engine.authorize(replayed(asked, decision.witness.denies)).decision).toBe('denied');
      }),
      runs(2_000),
    );
    for (const answerSeen of ['allowed', 'denied', 'depends'])
      expect(counts[answerSeen] ?? 0, JSON.stringify(counts)).toBeGreaterThan(share(10, 2_000));
  });

  test('dependsOn names forgotten keys, each of which can change the answer', () => {
    fc.assert(
      fc.property(request, policies, forgotten, (complete, given, keys) => {
        // If a policy variable compares two unknown keys, the answer names both keys, although one
        // would be enough.
        if (JSON.stringify(given).includes('${')) return;
        const asked = forgetting(complete, keys);
        const engine = compile(given);
        const decision = engine.authorize(asked);
        fc.pre(decision.decision === 'depends' && decision.dependsOn.every((fact) => fact.fact === 'context'));
        const named = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key] : []));
        for (const name of named) {
          expect(keys).toContain(name);
          const others = completionsOf(
            complete,
            keys.filter((one) => one !== name),
          );
          const changes = others.some(
            (one) => new Set(completionsOf(one, [name]).map((each) => engine.authorize(each).decision)).size > 1,
          );
          expect(changes).toBe(true);
        }
      }),
      runs(1_000),
    );
  });

  test('an unread SCP or key policy never reads as a yes', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        fc.pre(!asked.principal.includes('aws-service-role') && asked.principal !== 'rds.amazonaws.com');
        expect(authorize(asked, { ...given, scps: { unread: 'refused' } }).decision).not.toBe('allowed');
      }),
      runs(1_000),
    );
  });
});

describe('combination alone', () => {
  const says = ['allows', 'denies', 'silent'] as const;
  type Says = (typeof says)[number];
  const doc = (what: Says, principal?: unknown): unknown => ({
    Version: '2012-10-17',
    Statement:
      what === 'silent'
        ? []
        : [
            {
              Effect: what === 'allows' ? 'Allow' : 'Deny',
              ...(principal === undefined ? {} : { Principal: principal }),
              Action: '*',
              Resource: '*',
            },
          ],
  });
  const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/K';

  test.each([
    ['a role of the key owner, named by the account', 'arn:aws:iam::111122223333:role/App', { AWS: '111122223333' }],
    [
      'a role of the key owner, named itself',
      'arn:aws:iam::111122223333:role/App',
      { AWS: 'arn:aws:iam::111122223333:role/App' },
    ],
    [
      'a user of the key owner, named itself',
      'arn:aws:iam::111122223333:user/Eve',
      { AWS: 'arn:aws:iam::111122223333:user/Eve' },
    ],
    ['a role of another account', 'arn:aws:iam::444455556666:role/Guest', { AWS: '444455556666' }],
  ])('%s: every combination of layers follows the written formula', (_, principal, named) => {
    let count = 0;
    for (const [identity, boundary, session, scp, rcp, resource] of combinations()) {
      const layers = [identity, boundary, session, scp, rcp, resource];
      const given: Policies = {
        identity: [{ name: 'i', document: doc(identity) }],
        boundary: [{ name: 'b', document: doc(boundary) }],
        session: [{ name: 's', document: doc(session) }],
        scps: [[{ name: 'p', document: doc(scp) }]],
        rcps: [[{ name: 'r', document: rcp === 'denies' ? doc('denies', '*') : doc('silent') }]],
        resource: { name: 'k', document: doc(resource, resource === 'denies' ? '*' : named) },
        grants: [],
      };
      const own = identity === 'allows' && boundary === 'allows' && session === 'allows';
      const ceiling = boundary === 'allows' && session === 'allows';
      const foreign = principal.includes('444455556666');
      // iam-evaluation 5.7 and 5.10, with the ways in which the key policy may name the caller
      // (5.14).
      const path =
        foreign || !('AWS' in named) || named.AWS === '111122223333'
          ? own
          : named.AWS.includes(':role/')
            ? ceiling
            : true;
      const allowed = !layers.includes('denies') && scp === 'allows' && resource === 'allows' && path;
      const expected = layers.includes('denies') ? 'denied explicit' : allowed ? 'allowed' : 'denied implicit';
      const asked = { principal, action: 'kms:Decrypt', resource: { arn: keyArn, account: '111122223333' } };
      expect(`${layers.join()} ${answer(asked, given)}`).toBe(`${layers.join()} ${expected}`);
      count++;
    }
    expect(count).toBe(729);
  });

  function combinations(): readonly (readonly [Says, Says, Says, Says, Says, Says])[] {
    return says.flatMap((a) =>
      says.flatMap((b) =>
        says.flatMap((c) => says.flatMap((d) => says.flatMap((e) => says.map((f) => [a, b, c, d, e, f] as const)))),
      ),
    );
  }
});
