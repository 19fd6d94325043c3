import type { AuditReport } from '../../contract/audit-report.ts';
import type { DiffReport } from '../../contract/diff-report.ts';
import type { KeyImpactReport } from '../../contract/key-impact-report.ts';
import { streamOf, wholeOf } from '../../contract/report-stream.ts';
import type { WhoCanReport } from '../../contract/who-can-report.ts';
import { answeredRows } from '../answered-rows.ts';
import { casesOf } from '../cases.ts';
import type { Answers } from '../format.ts';
import type { AnsweredKind } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import type { Places } from '../style.ts';
import type { PageAnswer, PageCallout, PageFigure, PagePart } from './page-content.ts';
import { actionTable, keyTable, targetTable } from './page-tables.ts';

/** What a page shows for each kind of answer. All texts are harmless. */
export const pageAnswers: {
  readonly [Kind in AnsweredKind]: (answer: Answers[Kind], places: Places | undefined) => PageAnswer;
} = {
  check(stream, places) {
    const whole = harmless(wholeOf(stream));
    return {
      kind: 'check',
      report: casesOf.check(streamOf(whole), places),
      rows: [...answeredRows.check(streamOf(whole))],
      ...readAt(whole.evidenceAt, places),
      isComplete: true,
      aliases: aliasesOf(whole.results.map(({ target }) => target)),
    };
  },
  diff: (answer, places) => ({
    kind: 'diff',
    report: casesOf.diff(answer, places),
    rows: [...answeredRows.diff(harmless(answer))],
    ...readAt(null, places),
    isComplete: false,
    aliases: new Map(),
    partOf: (account) => ({ figures: account === undefined ? diffFigures(answer) : [], tables: [] }),
  }),
  preflight: (answer, places) => ({
    kind: 'preflight',
    report: casesOf.preflight(answer, places),
    rows: [...answeredRows.preflight(harmless(answer))],
    ...readAt(null, places),
    isComplete: false,
    aliases: new Map(),
  }),
  whoCan(answer, places) {
    const inert = harmless(answer);
    return {
      kind: 'whoCan',
      report: casesOf.whoCan(inert, places),
      rows: [...answeredRows.whoCan(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: true,
      aliases: aliasesOf(inert.targets),
      partOf: (account) => whoCanPart(inert, account),
    };
  },
  audit(answer, places) {
    const inert = harmless(answer);
    return {
      kind: 'audit',
      report: casesOf.audit(inert, places),
      rows: [...answeredRows.audit(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: false,
      aliases: aliasesOf(inert.keys),
      partOf: (account) => auditPart(inert, account),
    };
  },
  keyImpact(answer, places) {
    const inert = harmless(answer);
    return {
      kind: 'keyImpact',
      report: casesOf.keyImpact(inert, places),
      rows: [...answeredRows.keyImpact(inert)],
      ...readAt(inert.evidenceAt, places),
      isComplete: false,
      aliases: aliasesOf(inert.keys),
      partOf: (account) => keyImpactPart(inert, account),
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

/** Without counts of 0, except for the first figure. */
function figuresOf(all: readonly PageFigure[]): readonly PageFigure[] {
  return all.filter(({ count }, at) => at === 0 || count > 0);
}

function figure(count: number, what: string, color: PageFigure['color']): PageFigure {
  return { count, what, color };
}

function isOf(account: string | undefined): (one: { readonly account: string }) => boolean {
  return (one) => account === undefined || one.account === account;
}

function diffFigures({ asked, summary: { worse, better } }: DiffReport): readonly PageFigure[] {
  return [
    figure(worse, 'became worse', worse === 0 ? 'strong' : 'bad'),
    figure(better, 'became better', 'good'),
    figure(asked - worse - better, 'did not change', 'strong'),
  ];
}

function auditPart({ keys, findings, first }: AuditReport, account: string | undefined): PagePart {
  const own = keys.filter(isOf(account));
  const found = findings.filter((one) => isOf(account)(one) && one.code !== 'not-read' && one.state === 'holds');
  const sum = (of: (key: (typeof own)[number]) => number): number => own.reduce((total, key) => total + of(key), 0);
  const exposed = new Set(
    found.flatMap(({ code, affected }) =>
      code === 'exposed' ? affected.flatMap(({ kind, names }) => (kind === 'backups' ? names : [])) : [],
    ),
  ).size;
  const holding = (severity: string): number => found.filter((one) => one.severity === severity).length;
  const backups = sum((key) => key.backups);
  const isFirstHere = found.some(({ id }) => id === first?.finding) || account === undefined;
  return {
    figures: figuresOf([
      figure(backups, backups === 1 ? 'backup' : 'backups', 'strong'),
      figure(
        sum((key) => key.restorable),
        '✓ somebody can restore',
        'good',
      ),
      figure(
        sum((key) => key.byNobody),
        '✗ nobody can restore',
        'bad',
      ),
      figure(
        sum((key) => key.undecided),
        '? undecided',
        'doubtful',
      ),
      figure(
        sum((key) => key.notAvailable),
        '– not available',
        'faint',
      ),
      figure(exposed, '✗ exposed to another account', 'bad'),
      figure(holding('critical'), holding('critical') === 1 ? '✗ critical finding' : '✗ critical findings', 'bad'),
      figure(holding('high'), holding('high') === 1 ? '✗ high finding' : '✗ high findings', 'bad'),
    ]),
    tables: [keyTable(own)],
    ...(first === null || !isFirstHere ? {} : { callout: { title: 'Do this first', text: first.text } }),
  };
}

/** Each source counts once for each operation, as in the headline. */
function whoCanPart({ targets }: WhoCanReport, account: string | undefined): PagePart {
  const own = targets.filter(isOf(account));
  const count = (is: (summary: (typeof own)[number]['summary']) => boolean): number =>
    own.reduce((sum, { summary, sources }) => sum + (is(summary) ? Math.max(1, sources.length) : 0), 0);
  return {
    figures: figuresOf([
      figure(
        count(() => true),
        'asked about',
        'strong',
      ),
      figure(
        count(({ can }) => can > 0),
        '✓ somebody can',
        'good',
      ),
      figure(
        count(({ can, may }) => can === 0 && may > 0),
        '? perhaps somebody can',
        'doubtful',
      ),
      figure(
        count(({ can, may }) => can + may === 0),
        '✗ nobody can',
        'bad',
      ),
    ]),
    tables: [targetTable(own)],
  };
}

function keyImpactPart({ keys }: KeyImpactReport, account: string | undefined): PagePart {
  const own = keys.filter(isOf(account));
  const actions = own.flatMap((key) => key.actions).filter(({ verdict }) => verdict !== null);
  const final = actions.filter(({ inTheEnd }) => inTheEnd !== null);
  const breaking = actions.filter(({ verdict, inTheEnd }) => verdict === 'breaks' && inTheEnd === null);
  const open = actions.filter(({ verdict }) => verdict === 'cannot tell');
  const things = own.reduce((sum, { dependents }) => sum + dependents, 0);
  const actionsWord = ({ length }: readonly unknown[]): string => (length === 1 ? 'action' : 'actions');
  return {
    figures: figuresOf([
      figure(things, things === 1 ? 'RDS resource depends on the key' : 'RDS resources depend on the key', 'strong'),
      figure(final.length, `✗ ${actionsWord(final)} that nobody can undo in the end`, 'bad'),
      figure(
        breaking.length,
        `✗ other ${breaking.length === 1 ? 'action that breaks' : 'actions that break'} something`,
        'bad',
      ),
      figure(open.length, `? ${actionsWord(open)} with an open answer`, 'doubtful'),
    ]),
    tables: [actionTable(own)],
    ...calloutOf(final),
  };
}

function calloutOf(final: KeyImpactReport['keys'][number]['actions']): { readonly callout?: PageCallout } {
  const [worst] = final;
  if (worst?.inTheEnd === undefined || worst.inTheEnd === null) return {};
  const { title, inTheEnd } = worst;
  return { callout: { title: `Cannot be undone in the end: ${title}`, text: `${inTheEnd.text} ${inTheEnd.undo}` } };
}
