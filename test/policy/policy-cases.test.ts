import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { conditionCase, factName, flipOf, namesOf, policiesOf, readPolicyCases, requestOf } from '../policy-case.ts';

const folder = new URL('../cases/policy/', import.meta.url);

for (const file of readdirSync(folder)) {
  const { about, cases, tests } = readPolicyCases(new URL(file, folder));
  describe(`${file}: ${about}`, () => {
    for (const given of [...cases, ...tests.map(conditionCase)].flatMap((one) => [one, flipOf(one) ?? []].flat())) {
      test(given.name, () => {
        const decision = authorize(requestOf(given.request), policiesOf(given.policies));
        expect({ decision: decision.decision, ...('denial' in decision ? { denial: decision.denial } : {}) }).toEqual({
          decision: given.expect.decision,
          ...(given.expect.denial === undefined
            ? 'denial' in decision
              ? { denial: decision.denial }
              : {}
            : { denial: given.expect.denial }),
        });
        for (const layer of given.expect.lacking ?? []) expect(decision.lacking).toContain(layer);
        for (const name of given.expect.decidedBy ?? []) expect(namesOf(decision)).toContain(name);
        const facts = decision.dependsOn.map(factName);
        for (const fact of given.expect.dependsOn ?? []) expect(facts).toContain(fact);
      });
    }
  });
}
