import { expect, test } from 'vitest';
import { check, demoEvidence, demoPrincipal, type Evidence, render } from '../../src/index.ts';

/* A failing check says whether it looked in vain for a fix, or did not look. */

const account = '111122223333';

/** The demo while RDS still copies its snapshots: no change of a policy helps. */
function copying(): Evidence {
  const owner = demoEvidence.accounts[account];
  const region = owner?.regions?.['us-east-1'];
  const DBClusterSnapshots = (region?.rds?.DBClusterSnapshots ?? []).map((one) => ({ ...one, Status: 'copying' }));
  const rds = { ...region?.rds, DBClusterSnapshots };
  return {
    ...demoEvidence,
    accounts: { ...demoEvidence.accounts, [account]: { ...owner, regions: { 'us-east-1': { ...region, rds } } } },
  };
}

const administrator = `arn:aws:iam::${account}:user/administrator`;

test.each([
  { what: 'found', evidence: demoEvidence, principal: demoPrincipal, fix: true, says: 'Fix (re-checked' },
  { what: 'searched for in vain', evidence: copying(), principal: administrator, fix: true, says: 'No fix was found.' },
  { what: 'not asked for', evidence: copying(), principal: administrator, fix: false, says: undefined },
])('a fix that is $what', ({ evidence, principal, fix, says }) => {
  const target = 'orders-before-upgrade';
  const report = check(evidence, { operation: 'restore', principal, target, fix, evaluatedAt: '2026-11-02T09:00:00Z' });
  expect(report.verdict).toBe('fails');
  expect(report.results[0]?.noFixFound).toBe(says === 'No fix was found.' ? true : undefined);
  const text = render(report);
  if (says === undefined) expect(text).not.toContain('Fix');
  else expect(text).toContain(says);
});
