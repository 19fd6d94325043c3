import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isList } from '../../src/base/json.ts';
import { changed, isRecord } from '../check-case.ts';
import { answersWith, planText } from '../plan-answers.ts';
import { planCases } from '../plan-case.ts';

/*
 * If the evidence lacks a fact, no request of a plan gets another certain answer than with that
 * fact. Assumptions count as unknown, because they may stand for a fact that was not read.
 */

const example: unknown = JSON.parse(
  readFileSync(new URL('../../docs/examples/preflight/evidence.json', import.meta.url), 'utf8'),
);

/** The evidence then lacks the newer one of two policies or states of a key, and the plan has the older one. */
const haveOlderFact: readonly string[] = [
  'written/app-has-key',
  'written/app-reads-key',
  'written/updates-after-evidence',
];

/**
 * JSON pointers to everything that the evidence may lack. A policy is one fact, and a Region is no fact. A
 * tag without a value has an empty value, which is another fact. IAM leaves out the boundary of a principal
 * that has none.
 */
function* facts(value: unknown, at: string): Generator<string> {
  if (!isRecord(value)) return;
  for (const [name, one] of Object.entries(value)) {
    const pointer = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!isList(value) && !/regions(?:\/[^/]+)?$|\/(?:Tag)?Value$|PermissionsBoundary$/.test(pointer)) yield pointer;
    if (!/(?:Document|Policy|PermissionsBoundary)$/.test(name)) yield* facts(one, pointer);
  }
}

/** The outcome without its reasons. */
const outcomeIn = (answer: string): string => answer.split(' ', 1).join();

/** Compares one in `every` cases without some facts, `most` for each case. Returns how often. */
function compared(every: number, most: number): number {
  const faults: string[] = [];
  let tried = 0;
  for (const [index, one] of planCases.filter(({ first }) => first.length === 0).entries()) {
    if (index % every !== 0) continue;
    const plan: unknown = JSON.parse(planText(one.plan));
    const whole = changed(example, one.change ?? {});
    const all = [...facts(isRecord(whole) ? whole['accounts'] : undefined, '/accounts')];
    const known = answersWith(one, plan);
    for (let at = 0; at < most; at += 1) {
      const fact = all[(index * 7_919 + at * 104_729) % all.length] ?? '';
      const change = { ...one.change, [fact]: null };
      const found = answersIn({ ...one, change, strict: true }, plan);
      if (found === undefined || haveOlderFact.includes(one.plan)) continue;
      tried += 1;
      for (const [id, answer] of found) {
        const before = outcomeIn(known.get(id) ?? answer);
        const now = outcomeIn(answer);
        if (now !== before && now !== 'unproven')
          faults.push(`${one.plan}: ${id} is ${before}, and ${answer} without ${fact}`);
      }
    }
  }
  expect(faults).toEqual([]);
  return tried;
}

/** Undefined: the evidence must have the fact. */
function answersIn(...of: Parameters<typeof answersWith>): ReturnType<typeof answersWith> | undefined {
  try {
    return answersWith(...of);
  } catch {
    return undefined;
  }
}

test('evidence that lacks a fact makes no other answer certain', () => {
  expect(compared(7, 2)).toBeGreaterThan(100);
});

test('evidence that lacks one of many facts makes no other answer certain', { tags: 'slow', timeout: 600_000 }, () => {
  expect(compared(1, 15)).toBeGreaterThan(5_000);
});
