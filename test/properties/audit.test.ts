import { describe, expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { audit } from '../../src/audit/audit.ts';
import { isServiceLinkedRole } from '../../src/base/principal-arn.ts';
import { boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { auditOfAll } from '../audit-case.ts';
import { estateOf } from './estates.ts';
import { comparisons, countOf, firstSeed, isDeep, seeds } from './seed.ts';

/*
 * An audit counts a principal as able to restore exactly if the check of the same restore succeeds.
 */

const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

/** The comparisons of one estate. */
function* compared(seed: number): Generator {
  const { evidence, principals } = estateOf(seed);
  const directory = directoryOf(evidence);
  const { verdict } = evaluator(directory, settings);
  const { estate } = audit(directory, { ...settings, allowAccounts: [], allowOrgs: [] });
  // Only RDS can assume a service-linked role.
  const asked = principals.filter((arn) => !isServiceLinkedRole(arn)).map((arn) => findPrincipal(directory, arn));
  for (const { targets, groups } of estate.restores()) {
    const able = new Set(groups.flatMap((group) => (group.standing === 'can' ? group.principals : [])));
    for (const { operation, region, parameters, source } of targets)
      for (const principal of asked) {
        // AWS shares no automated snapshot, although the estates list some as shared.
        if (source?.arn.includes(':rds:app-auto') === true && principal.account !== source.account) continue;
        const bound = boundTo(directory, { operation, principal, region, parameters }, source);
        expect(able.has(principal.arn), `SEED=${seed} ${principal.arn} ${operation.command} ${source?.arn}`).toBe(
          verdict(bound) === 'succeeds',
        );
        yield;
      }
  }
}

describe('an audit agrees with the check', () => {
  /** Every estate is good for at least so many comparisons. */
  const fewest = 100;

  const expectAgreement = (from: Iterable<number>, enough: number, least = fewest): void => {
    let count = 0;
    for (const seed of from) {
      for (const _ of compared(seed)) {
        count += 1;
        if (count >= enough) break;
      }
      if (count >= enough) break;
    }
    expect(count).toBeGreaterThanOrEqual(least);
  };

  test('about 300 combinations', () => expectAgreement(seeds(), comparisons, comparisons));

  test.each(Array.from({ length: countOf(60, 5) }, (_, at) => firstSeed + at))(
    'about every combination, SEED=%i',
    { tags: 'slow' },
    (seed) => expectAgreement([seed], Infinity),
  );
});

const estatesAudited = isDeep ? 500 : 3;

test('an audit does not depend on the order of the accounts', () => {
  let count = 0;
  for (const seed of seeds()) {
    const { evidence } = estateOf(seed);
    const accounts = Object.fromEntries(Object.entries(evidence.accounts).toReversed());
    const [one, other] = [evidence, { ...evidence, accounts }].map((held) => auditReport(held, auditOfAll, 'test'));
    expect(other, `SEED=${seed}`).toEqual(one);
    count += 1;
    if (count >= estatesAudited) break;
  }
});
