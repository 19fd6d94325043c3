import { expect, test } from 'vitest';
import { isJson, isList, type Json } from '../../src/base/json.ts';
import { answersFrom, answersWith, planText } from '../plan-answers.ts';
import { planCases } from '../plan-case.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * An update that changes nothing leaves evidence that is newer than the plan as it is.
 */

/** The plan with other actions for its updates, none of which changes anything. */
function withUpdates(plan: Json, action: 'update' | 'no-op'): Json {
  const { resource_changes: changes } = plan;
  return {
    ...plan,
    resource_changes: (isList(changes) ? changes.filter(isJson) : []).map((one) => {
      const { change } = one;
      const isUpdate = isJson(change) && isList(change['actions']) && change['actions'].includes('update');
      return isUpdate && isJson(change['before'])
        ? { ...one, change: { ...change, actions: [action], after: change['before'], after_unknown: {} } }
        : one;
    }),
  };
}

/** The plans with updates, of one in `every` cases. */
function* plansWithUpdates(
  every: number,
): Generator<{ readonly one: (typeof planCases)[number]; readonly plan: Json }> {
  for (const [index, one] of planCases.filter(({ first }) => first.length === 0).entries()) {
    const text = index % every === 0 ? planText(one.plan) : '';
    const plan: unknown = text.includes('["update"]') ? JSON.parse(text) : undefined;
    if (isJson(plan)) yield { one, plan };
  }
}

/** Compares plans with updates that change nothing. Returns how many. */
function unchanged(every: number): number {
  const faults: string[] = [];
  let tried = 0;
  for (const { one, plan } of plansWithUpdates(every)) {
    tried += 1;
    const newer = { ...one, change: { ...one.change, '/collectedAt': '2027-06-01T00:00:00Z' } };
    const [updated, same] = (['update', 'no-op'] as const).map((action) =>
      answersWith(newer, withUpdates(plan, action)),
    );
    for (const [id, answer] of same ?? [])
      if (updated?.get(id) !== answer) faults.push(`${one.plan} ${id}: ${answer}, ${updated?.get(id)}`);
  }
  expect(faults).toEqual([]);
  return tried;
}

/** Compares answers with older and with newer evidence. Returns how many. */
function agreeing(every: number): number {
  const faults: string[] = [];
  let tried = 0;
  for (const { one, plan } of plansWithUpdates(every)) {
    const older = answersFrom({ ...exampleEvidence(one.change), collectedAt: '2026-03-01T00:00:00Z' }, one, plan);
    const newer = answersFrom({ ...older.before, collectedAt: '2030-01-01T00:00:00Z' }, one, plan);
    for (const [id, answer] of older.answers) {
      tried += 1;
      if (newer.answers.get(id) !== answer) faults.push(`${one.plan} ${id}: ${answer}, ${newer.answers.get(id)}`);
    }
  }
  expect(faults).toEqual([]);
  return tried;
}

test('updates that change nothing change no answer of some plans', () => {
  expect(unchanged(4)).toBeGreaterThan(20);
});

test('updates that change nothing change no answer', { tags: 'slow' }, () => {
  expect(unchanged(1)).toBeGreaterThan(80);
});

test('evidence that is newer than some plans and agrees with them changes no answer', () => {
  expect(agreeing(4)).toBeGreaterThan(20);
});

test('evidence that is newer than the plan and agrees with the plan changes no answer', { tags: 'slow' }, () => {
  expect(agreeing(1)).toBeGreaterThan(120);
});
