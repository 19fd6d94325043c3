import { shortName } from '../../base/arn.ts';
import { list } from '../../base/wording.ts';
import type { AuditReport } from '../../contract/audit-report.ts';
import { streamOf, wholeOf } from '../../contract/report-stream.ts';
import { answeredRows } from '../answered-rows.ts';
import { casesOf } from '../cases.ts';
import type { Answers } from '../format.ts';
import type { AnsweredKind } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import type { Places } from '../style.ts';
import type { PageAnswer, PageFigure, PageTable } from './page-content.ts';

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
      figures: auditFigures(inert),
      tables: [keyTable(inert)],
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

function auditFigures({ numbers, findings }: AuditReport): readonly PageFigure[] {
  const { backups, restorable, byNobody, undecided, exposed } = numbers;
  const holding = (severity: string): number =>
    findings.filter((one) => one.state === 'holds' && one.severity === severity && one.code !== 'not-read').length;
  const all: readonly PageFigure[] = [
    { count: backups, what: backups === 1 ? 'backup' : 'backups', color: 'strong' },
    { count: restorable, what: 'somebody can restore', color: 'good' },
    { count: byNobody, what: 'nobody can restore', color: 'bad' },
    { count: undecided, what: 'undecided', color: 'doubtful' },
    { count: exposed, what: 'exposed to another account', color: 'bad' },
    { count: holding('critical'), what: 'critical findings', color: 'bad' },
    { count: holding('high'), what: 'high findings', color: 'bad' },
  ];
  return all.filter(({ count, color }) => count > 0 || color === 'strong');
}

/** The keys of a page, those first under which nobody can restore something. */
const mostKeys = 200;
const mostHolders = 5;

function keyTable({ keys }: AuditReport): PageTable {
  const worst = keys.toSorted((one, other) => other.byNobody - one.byNobody || other.undecided - one.undecided);
  return {
    id: 'keys',
    title: 'Backups by key',
    columns: ['Key', 'Account', 'Region', 'Backups', 'Restorable', 'By nobody', 'Undecided', 'Who can restore'],
    rows: worst
      .slice(0, mostKeys)
      .map(({ key, keyAlias, account, region, backups, restorable, byNobody, undecided, holders }) => [
        keyAlias ?? (key === null ? 'no key' : shortName(key)),
        account,
        region,
        ...[backups, restorable, byNobody, undecided].map(String),
        holdersText(holders),
      ]),
    rowsLeftOut: Math.max(0, worst.length - mostKeys),
  };
}

function holdersText(holders: readonly string[]): string {
  if (holders.length === 0) return 'nobody';
  const shown = holders.slice(0, mostHolders).map(shortName);
  const more = holders.length - shown.length;
  return more === 0 ? list(shown) : `${shown.join(', ')} and ${more} more`;
}
