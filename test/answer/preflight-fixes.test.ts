import { expect, test } from 'vitest';
import { exampleEvidence, reportOn } from '../preflight-case.ts';

test('a fix is looked for in the first 20 broken expectations, and the others say that none was', () => {
  const broken = { who: 'role/app-orders', can: 'create-snapshot', cluster: 'orders' };
  const { expectations } = reportOn(
    exampleEvidence(),
    Array.from({ length: 23 }, () => broken),
    { now: '2026-11-26T12:00:00Z' },
  );
  expect(expectations.map(({ outcome }) => outcome)).toEqual(expectations.map(() => 'broken'));
  expect(expectations.map(({ fix }) => fix !== undefined)).toEqual(expectations.map((_, index) => index < 20));
  expect(expectations.filter(({ fixNotSought }) => fixNotSought === true)).toHaveLength(3);
});

test.each([
  { count: 3, told: 3, others: false },
  { count: 12, told: 10, others: true },
])('a fix denies the operation to each of $count roles that can', ({ count, told, others }) => {
  const evidence = exampleEvidence();
  const names = Array.from({ length: count }, (_, index) => `extra-${String(index).padStart(2, '0')}`);
  const Statement = [{ Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }];
  const roles = names.map((RoleName) => ({
    RoleName,
    Path: '/',
    Arn: `arn:aws:iam::111122223333:role/${RoleName}`,
    RolePolicyList: [{ PolicyName: `of-${RoleName}`, PolicyDocument: { Version: '2012-10-17', Statement } }],
    AttachedManagedPolicies: [],
  }));
  evidence.accounts['111122223333']?.iam?.RoleDetailList?.push(...roles);
  const { expectations } = reportOn(
    evidence,
    [{ who: 'role/extra-*', cannot: 'restore', snapshot: 'orders-2026-11-24' }],
    {
      now: '2026-11-26T12:00:00Z',
    },
  );
  const steps = expectations[0]?.fix?.steps ?? [];
  expect(steps.filter((step) => /^deny .* from statement 0 of identity policy of-extra-/.test(step))).toHaveLength(
    told,
  );
  expect(steps.map((step) => /to role\/(extra-\d\d),/.exec(step)?.[1] ?? 'others')).toEqual([
    ...names.slice(0, told),
    ...(others ? ['others'] : []),
  ]);
});
