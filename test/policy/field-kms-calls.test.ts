import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { type PolicyCase, policiesOf, requestOf } from '../policy-case.ts';

/** Published results of single KMS calls on AWS. */
const { cases }: { readonly cases: readonly PolicyCase[] } = JSON.parse(
  readFileSync(new URL('../cases/field/kms-calls.json', import.meta.url), 'utf8'),
);

describe('published field cases of single KMS calls', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { request, policies, expect: expected }) => {
    expect(authorize(requestOf(request), policiesOf(policies)).decision).toBe(expected.decision);
  });
});
