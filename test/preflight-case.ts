import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type PreflightQuestion, preflight } from '../src/answer/preflight.ts';
import type { PreflightReport } from '../src/contract/preflight-report.ts';
import { directoryOf } from '../src/evidence/directory.ts';
import { parseEvidence } from '../src/evidence/load.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import type { Expectation } from '../src/preflight/expectation.ts';
import { judging } from '../src/preflight/judge.ts';
import type { ExpectationOutcome } from '../src/preflight/outcome.ts';
import { readExpectations } from '../src/preflight/read.ts';
import { type Unplaced, unlessUnplaced } from '../src/preflight/unplaced.ts';
import { changed } from './check-case.ts';

/** An expectation about the example in docs/, and its result. */
export const preflightCases = v.array(
  v.strictObject({
    name: v.string(),
    /** The number of the rule in docs/preflight.md that the case shows. */
    rule: v.number(),
    /** New values in the evidence by JSON pointer. null removes the value. */
    change: v.optional(v.record(v.string(), v.unknown())),
    defaults: v.optional(v.record(v.string(), v.unknown())),
    /** Without `id` and `why`. */
    expect: v.record(v.string(), v.unknown()),
    now: v.optional(v.string(), '2026-11-26T12:00:00Z'),
    outcome: v.picklist(['holds', 'broken', 'unproven']),
    /** Exactly these codes of failures, lacks and notes. */
    codes: v.optional(v.array(v.string()), []),
    questions: v.optional(v.number()),
    says: v.optional(v.array(v.string()), []),
    saysNot: v.optional(v.array(v.string()), []),
  }),
);

export type PreflightCase = v.InferOutput<typeof preflightCases>[number];

const example: unknown = JSON.parse(
  readFileSync(new URL('../docs/examples/preflight/evidence.json', import.meta.url), 'utf8'),
);

export function exampleEvidence(change: Readonly<Record<string, unknown>> = {}): Evidence {
  return parseEvidence('evidence.json', JSON.stringify(changed(example, change)));
}

type Fields = Readonly<Record<string, unknown>>;

interface Asked {
  readonly now: string;
  readonly defaults?: Fields | undefined;
  /** Changes of a plan that could be about anything. */
  readonly unplaced?: Unplaced;
}

/** The question about some expectations, each given as fields. JSON is valid YAML. */
function questionOn(expectations: readonly Fields[], { now, defaults = usual }: Asked): PreflightQuestion {
  const all = expectations.map((one, index) => ({ id: `e${index}`, why: 'a reason', ...one }));
  const text = JSON.stringify({ version: '1', defaults, expectations: all });
  return {
    expectations: readExpectations([{ file: 'expectations.json', text }]),
    files: ['expectations.json'],
    whole: false,
    evaluatedAt: now,
    strict: false,
    sessionPolicies: new Map(),
  };
}

/** The report on some expectations. */
export function reportOn(evidence: Evidence, expectations: readonly Fields[], asked: Asked): PreflightReport {
  return preflight(evidence, questionOn(expectations, asked), 'test');
}

/**
 * The results of some expectations, by ID. A report would also explain them and search for fixes.
 */
export function outcomesOn(
  evidence: Evidence,
  expectations: readonly Fields[],
  asked: Asked,
): ReadonlyMap<string, ExpectationOutcome> {
  const question = questionOn(expectations, asked);
  const judge = judging(directoryOf(evidence), question);
  const outcomeOf = (one: Expectation): ExpectationOutcome =>
    unlessUnplaced(judge.judge(one, judge.resolve(one)), asked.unplaced ?? { unplaced: [], unplacedSources: [] }, judge)
      .outcome;
  return new Map(question.expectations.map((one) => [one.id, outcomeOf(one)] as const));
}

const usual = { account: '111122223333', region: 'eu-west-1' };

/** The codes of everything that a report says about its only expectation, each once. */
export function codesIn({ expectations }: PreflightReport): readonly string[] {
  const codes = expectations.flatMap(({ failing, lacks, notes }) =>
    [...failing, ...lacks, ...notes].map(({ code }) => code),
  );
  return [...new Set(codes)].toSorted();
}
