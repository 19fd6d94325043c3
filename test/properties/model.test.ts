import { expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { TracedLayer } from '../../src/policy/trace.ts';
import { decide } from './model/authorize.ts';
import { fc, runs, share } from './seed.ts';
import { pivotalSituation, requestOf, situation } from './situations.ts';

test('the engine decides as the model does', () => {
  const counts: Record<string, number> = {};
  fc.assert(
    fc.property(fc.oneof(situation, pivotalSituation), (one) => {
      const decision = authorize(requestOf(one), one.policies);
      // The engine leaves open what depends on an unpublished rule of AWS, or on a value that
      // nobody reads. The model takes one side.
      if (decision.decision === 'depends') {
        expect(decision.dependsOn.every(({ fact }) => fact === 'rule' || fact === 'statement')).toBe(true);
        if (decision.dependsOn.every((fact) => fact.fact === 'rule' && fact.rule === 'iam-evaluation 14.19'))
          expect([decide(one, true), decide(one, false)]).toEqual(['allowed', 'implicit']);
        return;
      }
      const said = decision.decision === 'denied' ? decision.denial : decision.decision;
      counts[said] = (counts[said] ?? 0) + 1;
      const model = decide(one);
      // A matching Deny that depends on such a rule does not make the denial explicit, only
      // implicit.
      if (said === 'implicit' && model === 'explicit') expect(hasOpenDeny(decision.trace())).toBe(true);
      else expect(said).toBe(model);
    }),
    runs(4_000),
  );
  for (const said of ['allowed', 'explicit', 'implicit'])
    expect(counts[said] ?? 0, JSON.stringify(counts)).toBeGreaterThan(share(400, 4_000));
});

function hasOpenDeny(layers: readonly TracedLayer[]): boolean {
  const statements = layers
    .filter(({ applies }) => applies)
    .flatMap(({ policies }) => policies.flatMap((policy) => policy.statements));
  return statements.some(({ statement, matches }) => statement.effect === 'Deny' && typeof matches !== 'boolean');
}
