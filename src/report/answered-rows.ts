import type { Answers } from './format.ts';
import type { AnsweredKind } from './format-rows.ts';
import {
  type AnsweredRow,
  auditOrigin,
  changeRow,
  diffOrigin,
  expectationRows,
  findingRow,
  fixWords,
  keyImpactOrigin,
  keyImpactRows,
  originOf,
  preflightOrigin,
  resultRow,
  whoCanOrigin,
  whoCanRows,
} from './row.ts';

/** Makes the flat rows of an answer one by one, each with its decisive reason. */
export const answeredRows: { readonly [Kind in AnsweredKind]: (answer: Answers[Kind]) => Generator<AnsweredRow> } = {
  *check({ head, results }) {
    const origin = originOf(head);
    const words = new Map<string, string>();
    for (const { result, fixes } of results) {
      for (const fix of fixes) words.set(fix.id, fixWords(fix));
      const fix = words.get(result.fixes[0] ?? '');
      yield { row: resultRow(result, origin), reason: result.reasons[0], ...(fix === undefined ? {} : { fix }) };
    }
  },
  *diff(report) {
    const origin = diffOrigin(report);
    for (const change of report.changes) yield { row: changeRow(change, origin), reason: change.reasons[0] };
  },
  *preflight({ report }) {
    const origin = preflightOrigin(report);
    for (const one of report.expectations) yield* expectationRows(one, origin);
  },
  *whoCan(report) {
    const origin = whoCanOrigin(report);
    for (const target of report.targets) yield* whoCanRows(target, origin);
  },
  *audit(report) {
    const origin = auditOrigin(report);
    const fixes = new Map(report.fixes.map((fix) => [fix.id, fix]));
    for (const finding of report.findings) yield findingRow(finding, origin, fixes.get(finding.fixes[0] ?? ''));
  },
  *keyImpact(report) {
    const origin = keyImpactOrigin(report);
    for (const key of report.keys) yield* keyImpactRows(key, origin);
  },
};
