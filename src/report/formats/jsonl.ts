import { denseJson } from '../../base/json.ts';
import type { ReportedExpectation } from '../../contract/preflight-report.ts';
import type { ReportedText } from '../../contract/worded.ts';
import { answeredRows } from '../answered-rows.ts';
import { fixJson } from '../fix-json.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import {
  type AnsweredRow,
  auditOrigin,
  diffOrigin,
  findingRow,
  keyImpactOrigin,
  originOf,
  preflightOrigin,
  reasonIdOf,
  resultRow,
  whoCanOrigin,
} from '../row.ts';

/**
 * The kind of a line. `head` is the first, `summary` the last: output without it is incomplete.
 * `error` is the only line of a run without an answer.
 */
export type RecordKind = 'head' | 'reason' | 'fix' | 'row' | 'finding' | 'gap' | 'summary' | 'error';

export function recordLine(record: RecordKind, fields: object): string {
  return `${denseJson({ record, ...fields })}\n`;
}

/**
 * The record of the decisive reason, unless it was already written. `known`: the IDs of the written
 * reasons.
 */
export function* reasonRecord(reason: ReportedText | undefined, known: Set<string>): Generator<string> {
  if (reason === undefined) return;
  const id = reasonIdOf(reason);
  if (known.has(id)) return;
  known.add(id);
  yield recordLine('reason', { id, ...reason });
}

/** The records of rows. Each new reason comes before its first row. */
function* rowRecords(rows: Iterable<AnsweredRow>): Generator<string> {
  const known = new Set<string>();
  for (const { row, reason } of rows) {
    yield* reasonRecord(reason, known);
    yield recordLine('row', row);
  }
}

/**
 * A fix that consists only of a denial has no documents, so it is shown once, with its expectation.
 */
function* otherFixes(expectations: readonly ReportedExpectation[], known: Set<string>): Generator<string> {
  for (const fix of expectations.flatMap(({ fixes = [] }) => fixes)) {
    if (known.has(fix.id)) continue;
    known.add(fix.id);
    const { id, after, steps } = fix;
    yield recordLine('fix', { id, after, steps });
  }
}

/** JSON Lines: typed records. A reason or a fix comes before the first row that refers to it. */
export const jsonl: Draws<ShownIn<'jsonl'>> = {
  *check({ head, results, rest }) {
    const origin = originOf(head);
    const known = new Set<string>();
    yield recordLine('head', { ...head, ...origin });
    for (const { result, fixes } of results) {
      yield* reasonRecord(result.reasons[0], known);
      for (const fix of fixes) yield recordLine('fix', fixJson(fix));
      yield recordLine('row', resultRow(result, origin));
    }
    const { gaps, ...others } = rest();
    for (const gap of gaps) yield recordLine('gap', gap);
    yield recordLine('summary', others);
  },
  *diff({ changes, onlyBefore, onlyAfter, notChecked, asked, summary, verdict, ...head }) {
    const report = { ...head, changes, onlyBefore, onlyAfter, notChecked, asked, summary, verdict };
    yield recordLine('head', { ...head, ...diffOrigin(report) });
    yield* rowRecords(answeredRows.diff(report));
    yield recordLine('summary', { onlyBefore, onlyAfter, notChecked, asked, summary, verdict });
  },
  *preflight(answer) {
    const { report } = answer;
    const { expectations, fixes, warnings, summary, verdict, ...head } = report;
    yield recordLine('head', { ...head, ...preflightOrigin(report) });
    for (const fix of fixes) yield recordLine('fix', fixJson(fix));
    yield* otherFixes(expectations, new Set(fixes.map(({ id }) => id)));
    yield* rowRecords(answeredRows.preflight(answer));
    yield recordLine('summary', { warnings, summary, verdict });
  },
  *whoCan(report) {
    const { targets, notRead, notChecked, asked, serviceLinked, warnings, answer, verdict, ...head } = report;
    yield recordLine('head', { ...head, ...whoCanOrigin(report) });
    yield* rowRecords(answeredRows.whoCan(report));
    for (const lack of notRead) yield recordLine('gap', lack);
    const rest = { notChecked, asked, serviceLinked, warnings, answer, verdict };
    const summaries = targets.map(({ operation, sources, summary, unexpected }) => ({
      operation,
      sources,
      summary,
      unexpected,
    }));
    yield recordLine('summary', { targets: summaries, ...rest });
  },
  *keyImpact(report) {
    const { keys, notLookedAt, warnings, answer, verdict, ...head } = report;
    yield recordLine('head', { ...head, ...keyImpactOrigin(report) });
    yield* rowRecords(answeredRows.keyImpact(report));
    for (const { key, notRead } of keys) for (const unread of notRead) yield recordLine('gap', { key, ...unread });
    const summaries = keys.map(({ key, dependents, pointers, notes, says, verdict: own }) => ({
      key,
      dependents,
      pointers,
      notes,
      says,
      verdict: own,
    }));
    yield recordLine('summary', { keys: summaries, notLookedAt, warnings, answer, verdict });
  },
  *audit(report) {
    const { findings, fixes, keys, numbers, leavesOut, warnings, answer, verdict, ...head } = report;
    const origin = auditOrigin(report);
    const known = new Set<string>();
    yield recordLine('head', { ...head, ...origin });
    for (const fix of fixes) yield recordLine('fix', fix);
    for (const finding of findings) {
      const { row, reason } = findingRow(finding, origin);
      yield* reasonRecord(reason, known);
      yield recordLine('finding', finding);
      yield recordLine('row', row);
    }
    yield recordLine('summary', { numbers, leavesOut, keys, warnings, answer, verdict });
  },
  noAnswer: ({ exitCode, message, next }) =>
    recordLine('error', { exitCode, message, ...(next === undefined ? {} : { next }) }),
};
