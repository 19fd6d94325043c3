import { readFileSync } from 'node:fs';
import { isJson, type Json } from '../src/base/json.ts';
import { remembered } from '../src/base/remembered.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import { readPlan } from '../src/plan/plan-file.ts';
import { plannedState } from '../src/plan/planned-state.ts';
import { judgeRequests } from '../src/preflight/planned.ts';
import { newReading, type Reading } from '../src/preflight/reading.ts';
import { unlessUnplacedIn } from '../src/preflight/unplaced.ts';
import type { planCases } from './plan-case.ts';
import { exampleEvidence } from './preflight-case.ts';

type Case = (typeof planCases)[number];

/** The text of a plan, by its name in the folder of the cases. */
export const planText = remembered((name: string) =>
  readFileSync(new URL(`cases/plan/plans/${name}.json`, import.meta.url), 'utf8'),
);

/**
 * The outcome of each request of a case, with another plan in place of the plan of the case. Each
 * request has the address of its resource and the API.
 */
export function answersWith(one: Case, plan: unknown): ReadonlyMap<string, string> {
  if (latest?.of !== one) latest = { of: one, evidence: exampleEvidence(one.change ?? {}), reading: newReading() };
  return answersFrom(latest.evidence, one, plan, latest.reading).answers;
}

/** A plan with a difference. `what`: the difference, in words. */
export interface PlanVariant {
  readonly what: string;
  readonly plan: Json;
}

/** The answers to the plans of some cases, and to each variant of these plans. */
export function* answersOfVariants(some: readonly Case[], variantsOf: (plan: Json) => Iterable<PlanVariant>) {
  for (const one of some) {
    const plan: unknown = JSON.parse(planText(one.plan));
    if (!isJson(plan)) continue;
    let known: ReadonlyMap<string, string> | undefined;
    for (const { what, plan: other } of variantsOf(plan)) {
      known ??= answersWith(one, plan);
      yield { of: one.plan, what, known, found: answersWith(one, other) };
    }
  }
}

/** The evidence of the latest case, and the documents that were read. Many plans share both. */
let latest: { readonly of: Case; readonly evidence: Evidence; readonly reading: Reading } | undefined;

/** The same outcomes with other evidence, and this evidence with what the plan says about the time before. */
export function answersFrom(
  evidence: Evidence,
  { principal, strict }: Pick<Case, 'principal' | 'strict'>,
  plan: unknown,
  reading: Reading = newReading(),
): { readonly answers: ReadonlyMap<string, string>; readonly before: Evidence } {
  const plans = [{ from: 'plan.json', plan: readPlan('plan.json', JSON.stringify(plan)) }];
  const planned = plannedState(evidence, plans, { region: undefined, principal, strict });
  const settings = { evaluatedAt: '2026-11-26T12:00:00Z', sessionPolicies: new Map(), strict };
  const answers = new Map(
    judgeRequests(planned.requests, settings, reading)
      .map((one) => unlessUnplacedIn(one, planned))
      .map(({ expectation: { id }, outcome, lacks }) => [id, [outcome, ...lacks.map(({ code }) => code)].join(' ')]),
  );
  return { answers, before: planned.before };
}
