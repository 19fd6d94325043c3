import { streamOf, wholeOf } from '../../contract/report-stream.ts';
import { answeredRows } from '../answered-rows.ts';
import { casesOf } from '../cases.ts';
import type { Answers } from '../format.ts';
import type { AnsweredKind } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import type { Places } from '../style.ts';
import type { PageAnswer } from './page-content.ts';

/** What a page shows of each kind of answer. Texts are harmless. */
export const pageAnswers: {
  readonly [Kind in AnsweredKind]: (answer: Answers[Kind], places: Places | undefined) => PageAnswer;
} = {
  check(stream, places) {
    const whole = harmless(wholeOf(stream));
    return {
      report: casesOf.check(streamOf(whole), places),
      rows: [...answeredRows.check(streamOf(whole))],
      ...readAt(whole.evidenceAt, places),
      isComplete: true,
      aliases: aliasesOf(whole.results.map(({ target }) => target)),
    };
  },
  diff: (answer, places) => ({
    report: casesOf.diff(answer, places),
    rows: [...answeredRows.diff(harmless(answer))],
    ...readAt(null, places),
    isComplete: false,
    aliases: new Map(),
  }),
  preflight: (answer, places) => ({
    report: casesOf.preflight(answer, places),
    rows: [...answeredRows.preflight(harmless(answer))],
    ...readAt(null, places),
    isComplete: false,
    aliases: new Map(),
  }),
  whoCan(answer, places) {
    const inert = harmless(answer);
    return {
      report: casesOf.whoCan(inert, places),
      rows: [...answeredRows.whoCan(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: true,
      aliases: aliasesOf(inert.targets),
    };
  },
  audit(answer, places) {
    const inert = harmless(answer);
    return {
      report: casesOf.audit(inert, places),
      rows: [...answeredRows.audit(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: false,
      aliases: aliasesOf(inert.keys),
    };
  },
  keyImpact(answer, places) {
    const inert = harmless(answer);
    return {
      report: casesOf.keyImpact(inert, places),
      rows: [...answeredRows.keyImpact(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: false,
      aliases: aliasesOf(inert.keys),
    };
  },
};

function readAt(evidenceAt: string | null, places: Places | undefined): Pick<PageAnswer, 'evidenceAt' | 'evidence'> {
  return { evidenceAt: evidenceAt ?? undefined, evidence: places?.evidence?.() ?? [] };
}

/** The aliases of keys, by ARN. */
function aliasesOf(
  named: readonly { readonly key: string | null; readonly keyAlias: string | null }[],
): ReadonlyMap<string, string> {
  return new Map(named.flatMap(({ key, keyAlias }) => (key === null || keyAlias === null ? [] : [[key, keyAlias]])));
}
