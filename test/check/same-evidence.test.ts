import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { isJson, isList, type Json } from '../../src/base/json.ts';
import { merge } from '../../src/evidence/merge.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { ask, type CheckQuestion, evidenceOf, readCases } from '../check-case.ts';
import { exampleEvidence, outcomesOn, preflightCases } from '../preflight-case.ts';

/*
 * Evidence that says the same gets the same answers: with policies as IAM returns them, with lists in
 * another order, and in several files.
 */

const isPolicy = (name: string, value: unknown): boolean =>
  /^(?:document|Document|Policy|PolicyDocument|AssumeRolePolicyDocument)$/.test(name) && isJson(value);

/** The same value with policies as URL-encoded text. */
function encoded(value: unknown): unknown {
  if (isList(value)) return value.map(encoded);
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isPolicy(name, one) ? encodeURIComponent(JSON.stringify(one)) : encoded(one),
    ]),
  );
}

/** The same value with lists in reverse order, apart from those whose order matters. */
function reversed(value: unknown, name = ''): unknown {
  if (isList(value)) {
    const items = value.map((one) => reversed(one));
    return name === 'path' || name === 'PolicyVersionList' ? items : items.toReversed();
  }
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, one]) => [field, isPolicy(field, one) ? one : reversed(one, field)]),
  );
}

/** One object for each fact: each list and each other value, within its account and Region. */
function facts(value: Json, depth: number): readonly Json[] {
  const all = Object.entries(value);
  if (all.length === 0) return [value];
  return all.flatMap(([name, one]): readonly Json[] =>
    depth === 0 || !isJson(one) || name === 'organization' || name === 's3'
      ? [{ [name]: one }]
      : facts(one, depth - 1).map((part) => ({ [name]: part })),
  );
}

function inFiles({ accounts, ...whole }: Json): unknown {
  const parts = facts({ accounts }, 5);
  const files = parts.map((part, index) => ({
    from: `file ${index}`,
    evidence: v.parse(evidenceSchema, { ...whole, ...part }),
  }));
  return merge(files);
}

const changes: readonly (readonly [what: string, change: (evidence: Json) => unknown])[] = [
  ['policies as IAM returns them', encoded],
  ['lists in another order', reversed],
  ['several files', inFiles],
];

const folders = ['../cases/check/', '../cases/field/'].map((folder) => new URL(folder, import.meta.url));

interface Row {
  readonly name: string;
  /** Made on demand: most rows are skipped. */
  readonly evidence: () => Evidence;
  readonly question: CheckQuestion;
}

function* rows(): Generator<Row> {
  for (const folder of folders)
    for (const name of readdirSync(folder).filter((one) => one !== 'kms-calls.json')) {
      const file = readCases(new URL(name, folder));
      for (const given of file.cases)
        yield { name: `${name}: ${given.name}`, evidence: () => evidenceOf(file, given), question: given.question };
    }
}

/** What a report says, in any order. Undefined: it is refused. */
function answerTo(evidence: Evidence, question: CheckQuestion): unknown {
  try {
    const { verdict, results } = ask(evidence, question);
    const lines = results.flatMap((result) => [
      `${result.verdict} ${result.expectedError?.code}`,
      ...result.calls.map((call) => `${call.kind} ${call.action} ${call.resource} ${call.decision} ${call.denial}`),
      ...result.preconditions.map(({ code, status }) => `${code} ${status}`),
      ...result.assumptions.map(({ code }) => code),
    ]);
    return [verdict, ...lines.toSorted()];
  } catch {
    return undefined;
  }
}

/** Compares one in `every` cases. Returns how many. */
function compared(every: number, change: (evidence: Json) => unknown): number {
  const faults: unknown[] = [];
  let [tried, at] = [0, 0];
  for (const { name, evidence: make, question } of rows()) {
    at += 1;
    if (at % every !== 0) continue;
    tried += 1;
    const evidence = make();
    const json: unknown = JSON.parse(JSON.stringify(evidence));
    const other = v.parse(evidenceSchema, isJson(json) ? change(json) : json);
    const [answer, same] = [answerTo(evidence, question), answerTo(other, question)];
    if (!isDeepStrictEqual(answer, same)) faults.push({ name, answer, same });
  }
  expect(faults).toEqual([]);
  return tried;
}

test.each(changes)('%s: some cases have the same answer', (_, change) => {
  expect(compared(15, change)).toBeGreaterThan(50);
});

test.each(changes)('%s: all cases have the same answer', { tags: 'slow' }, (_, change) => {
  expect(compared(1, change)).toBeGreaterThan(800);
});

test('expectations have the same outcome if the evidence has policies as IAM returns them', () => {
  const file = new URL('../cases/preflight/rules.json', import.meta.url);
  const all = v.parse(preflightCases, JSON.parse(readFileSync(file, 'utf8')));
  const faults: unknown[] = [];
  for (const { name, change, expect: expected, now, defaults, outcome } of all) {
    const json: unknown = JSON.parse(JSON.stringify(exampleEvidence(change)));
    const other = v.parse(evidenceSchema, encoded(json));
    const found = [...outcomesOn(other, [expected], { now, defaults }).values()];
    if (!isDeepStrictEqual(found, [outcome])) faults.push({ name, outcome, found });
  }
  expect(all.length).toBeGreaterThan(150);
  expect(faults).toEqual([]);
});
