import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { remembered } from '../../src/base/remembered.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { keyPolicyCases } from '../plan-case.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * KMS refuses a key policy under which its sender could not change the policy again (iam-evaluation
 * 6.10). A policy that the table leaves out is not refused, as far as key policies decide.
 */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const planNamed = remembered((name: string) => readPlan(`${name}.json`, textAt(`../cases/plan/plans/${name}.json`)));
const evidence = exampleEvidence();
const usual = { evaluatedAt: '2026-11-26T12:00:00Z', sessionPolicies: new Map(), expectations: [], files: [] } as const;

describe('the key policies that an apply sends', () => {
  test.each(keyPolicyCases)('$plan: $name', ({ plan, principal, strict, answers, some, lacks, says }) => {
    const question = { ...usual, strict, whole: false, plans: [{ from: 'plan.json', plan: planNamed(plan) }] };
    const report = preflight(
      evidence,
      principal === undefined ? question : { ...question, applier: principal },
      '0.0.0',
    );
    const found = Object.fromEntries(
      report.expectations.map(({ id, outcome, lacks: [lack] }) => [id, [outcome, lack?.code ?? '']]),
    );
    if (some) expect(found).toMatchObject(answers);
    else expect(found).toEqual(answers);
    expect(Object.keys(found).filter((id) => lacks.includes(id))).toEqual([]);
    const texts = report.expectations.map(({ id, lacks: [lack] }) => [id, lack?.text ?? '']);
    expect(Object.fromEntries(texts)).toMatchObject(says);
    const outcomes = new Set(report.expectations.map(({ outcome }) => outcome));
    const unlessBroken = outcomes.size === 0 ? 'succeeds' : 'undetermined';
    expect(report.verdict).toBe(outcomes.has('broken') ? 'fails' : unlessBroken);
  });
});
