// @module-tag slow
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { isServiceLinkedRole } from '../../src/base/principal-arn.ts';
import { boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { estateOf } from './estates.ts';
import { countOf, firstSeed } from './seed.ts';

/*
 * An audit counts a principal as able to restore exactly if the check of the same restore succeeds.
 */

const estates = countOf(60, 5);
const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

describe('an audit', () => {
  test.each(Array.from({ length: estates }, (_, at) => firstSeed + at))('agrees with the check, SEED=%i', (seed) => {
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
          expect(able.has(principal.arn), `${principal.arn} ${operation.command} ${source?.arn}`).toBe(
            verdict(bound) === 'succeeds',
          );
        }
    }
  });
});
