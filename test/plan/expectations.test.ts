import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import cases from '../cases/plan/expectations.json' with { type: 'json' };
import { exampleEvidence, outcomesOn } from '../preflight-case.ts';

/* Expectations about plans that Terraform printed, checked as of after the apply. */

const expected = v.array(
  v.strictObject({
    name: v.string(),
    plan: v.string(),
    /** New values in the example's evidence by JSON pointer. */
    change: v.optional(v.record(v.string(), v.unknown())),
    /** An expectation without `id` and `why`. */
    expect: v.record(v.string(), v.unknown()),
    outcome: v.picklist(['holds', 'broken', 'unproven']),
  }),
);

test.each(v.parse(expected, cases))('$plan: $name', ({ plan, change, expect: fields, outcome }) => {
  const text = readFileSync(new URL(`../cases/plan/plans/${plan}.json`, import.meta.url), 'utf8');
  const plans = [{ from: 'plan.json', plan: readPlan('plan.json', text) }];
  const settings = { region: undefined, principal: undefined };
  const planned = plannedState(exampleEvidence(change), plans, settings);
  const found = outcomesOn(planned.evidence, [fields], { now: '2026-11-26T12:00:00Z', unplaced: planned });
  expect([...found.values()]).toEqual([outcome]);
});
