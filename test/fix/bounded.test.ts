// @module-tag slow
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgment.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { mostOfReport } from '../../src/fix/budget.ts';
import { fixesUnder } from '../../src/fix/fixes.ts';
import type { Effort } from '../../src/policy/request.ts';
import { type CheckQuestion, questionOf } from '../check-case.ts';

function evidenceAt(name: string): Evidence {
  const evidence: Evidence = JSON.parse(
    readFileSync(new URL(`../cases/findings/${name}.json`, import.meta.url), 'utf8'),
  );
  return evidence;
}

/** How many fixes the search finds for each result, and the effort of the search. */
function searched(evidence: Evidence, asked: CheckQuestion): { readonly found: number; readonly spent: number } {
  const question = questionOf({ region: 'us-east-1', ...asked });
  const directory = directoryOf(evidence);
  const { evaluate } = evaluator(directory, question);
  let shared: Effort = { spent: 0 };
  const fixes = fixesUnder(evidence, (other, effort) => {
    shared = effort;
    return evaluator(directoryOf(other), question, undefined, effort);
  });
  const found = bind(directory, question).map((bound) => {
    const evaluated = evaluate(bound);
    return fixes.of(evaluated, judge(evaluated))?.length ?? 0;
  });
  return { found: Math.max(...found), spent: shared.spent };
}

/** The search may ask one more question when its budget ends, so it may exceed the budget. */
const most = mostOfReport * 2;

describe('the search for fixes is bounded', () => {
  test.each(['', 's'])('in a rich account, for snapshot `%s`', (snapshot) => {
    const principal = 'arn:aws:iam::111122223333:user/u';
    const parameters = { s3Bucket: 'b', iamRole: 'arn:aws:iam::111122223333:role/x' };
    const asked = { operation: 'export-snapshot', principal, snapshot, kmsKeyId: 'alias/k1', parameters };
    const { found, spent } = searched(evidenceAt('rich20'), asked);
    expect(found).toBeGreaterThan(0);
    expect(spent).toBeLessThan(most);
  });

  test('where policies ask for twenty tags by twenty patterns each', () => {
    const widen = structuredClone(evidenceAt('widen'));
    const account = widen.accounts['111122223333'];
    for (const role of account?.iam?.RoleDetailList ?? []) delete role.Tags;
    const tags = Array.from({ length: 20 }, (_, tag) => [
      `aws:PrincipalTag/k${tag}`,
      Array.from({ length: 20 }, (__, pattern) => `v${tag}-${pattern}-*x${pattern}?`),
    ]);
    for (const key of account?.regions?.['us-east-1']?.kms?.keys ?? [])
      if (typeof key.Policy === 'object')
        key.Policy = {
          ...key.Policy,
          Statement: [
            ...[key.Policy['Statement']].flat(),
            ...tags.map(([name, patterns]) => ({
              Effect: 'Deny',
              Principal: '*',
              Action: 'kms:*',
              Resource: '*',
              Condition: { StringLike: Object.fromEntries([[name, patterns]]) },
            })),
          ],
        };
    const principal = 'arn:aws:iam::111122223333:role/r';
    const { found, spent } = searched(widen, { operation: 'restore', principal, snapshot: 's' });
    expect(found).toBeGreaterThan(0);
    expect(spent).toBeLessThan(most);
  }, 60_000);
});
