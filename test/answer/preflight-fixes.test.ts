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
