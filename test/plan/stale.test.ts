import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { applied } from '../../src/answer/plan.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { readPlan } from '../../src/plan/plan-file.ts';

/*
 * Terraform refuses a plan if another plan of the same stack was applied after the plan was made.
 */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const evidence = parseEvidence('evidence.json', textAt('../../docs/examples/preflight/evidence.json'));
const planText = (name: string): string => textAt(`../cases/plan/plans/written/${name}.json`);
const changing = v.looseObject({
  resource_changes: v.array(v.looseObject({ change: v.record(v.string(), v.unknown()) })),
});

/** The plan with an import for each resource that it changes. */
function importing(text: string): string {
  const plan = v.parse(changing, JSON.parse(text));
  const changes = plan.resource_changes.map((one) => ({ ...one, change: { ...one.change, importing: { id: 'x' } } }));
  return JSON.stringify({ ...plan, resource_changes: changes });
}

test.each([
  ['of the same stack', planText('stack-second'), ['plan-stale']],
  ['of another stack, which imports the resources', importing(planText('stack-second')), []],
])('a second plan %s', (_, second, doubts) => {
  const plans = [planText('stack-first'), second].map((text, index) => {
    const from = `${index}.json`;
    return { from, plan: readPlan(from, text) };
  });
  expect((applied(evidence, plans, {}).doubts ?? []).map(({ code }) => code)).toEqual(doubts);
});
