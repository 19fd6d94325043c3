import { severities } from '../audit/findings/finding.ts';
import { accountOf, shortName } from '../base/arn.ts';
import { digestOf } from '../base/digest.ts';
import { oneLine } from '../base/escape.ts';
import { groupBy } from '../base/group.ts';
import { namesSeenFrom, someNames } from '../base/names.ts';
import { capital, counted, list, numberText, sentence, withoutStop } from '../base/wording.ts';
import type { AuditFix, AuditReport, ReportedFinding } from '../contract/audit-report.ts';
import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import type { KeyImpactReport, ReportedKeyImpact } from '../contract/key-impact-report.ts';
import type { PreflightReport, ReportedExpectation, ReportedFailing } from '../contract/preflight-report.ts';
import type { ReportedFix, ReportedStatement, Result, Verdict } from '../contract/report.ts';
import { type ReportStream, wholeOf } from '../contract/report-stream.ts';
import type { WhoCanGroup, WhoCanReport, WhoCanTarget } from '../contract/who-can-report.ts';
import { auditFixCommands, auditFixText, decidingTexts, findingGroupText } from '../explain/findings.ts';
import { changeNamer } from './change-names.ts';
import {
  afterFixes,
  type CauseView,
  causeViews,
  combinationsText,
  countedExpectations,
  countLines,
  expectationFixes,
  expectationNotes,
  hiddenIn,
  settledText,
} from './expectation.ts';
import type { Answers, Draws } from './format.ts';
import type { AnsweredKind } from './format-rows.ts';
import { harmless } from './harmless.ts';
import { effectNotes, planNotes } from './plan.ts';
import { keyVerdicts } from './row.ts';
import type { FileLine, Places, ReportStyle } from './style.ts';
import { statementWords } from './words.ts';

/*
 * The answers of every command as cases, which CI systems count. Each format of a CI system writes
 * the cases in its own way.
 */

/**
 * `exception`: an exception that is in force, of an expectation or a finding. `noted`: a finding
 * with a lower severity than those that fail, or a verdict that gets worse but was not certain before.
 */
export type CaseOutcome = 'passes' | 'fails' | 'undetermined' | 'exception' | 'noted';

/** All texts are harmless and on one line each. */
export interface Case {
  /**
   * Who, what and on what, or the ID of an expectation. The name is the same in every run, and
   * unique in a run.
   */
  readonly name: string;
  readonly outcome: CaseOutcome;
  /** A registered code, or the outcome. CI systems group cases by it. */
  readonly code: string;
  /** Audit findings only. */
  readonly severity?: ReportedFinding['severity'];
  /** A title that the case shares with similar cases. Absent: there are none. */
  readonly group?: string;
  /** One sentence without a period. */
  readonly says: string;
  /** Reasons, statements and fixes, in sentences. Empty if nothing is wrong. */
  readonly details: readonly string[];
  /** The line that decides, or that asks. Undefined: in no file. */
  readonly place: FileLine | undefined;
  /** The account of the case. Absent: none, or not known. */
  readonly account?: string | undefined;
}

export interface CaseReport {
  readonly version: string;
  readonly evaluatedAt: string;
  /** The question in a word: `preflight`, `diff` or an operation. */
  readonly suite: string;
  readonly answer: string;
  /** What to do first, in sentences. Absent: the answer does not say. */
  readonly first?: string;
  readonly verdict: Verdict;
  /** Cases with problems come first. */
  readonly cases: readonly Case[];
  /** Notes that apply to every verdict, in sentences. */
  readonly notes: readonly string[];
  /** How long the run took. Undefined: it was not measured. */
  readonly seconds: number | undefined;
}

/** How many cases have each outcome. */
export function outcomesOf(cases: readonly Case[]): Readonly<Record<CaseOutcome, number>> {
  const counts = { fails: 0, undetermined: 0, exception: 0, noted: 0, passes: 0 };
  for (const { outcome } of cases) counts[outcome] += 1;
  return counts;
}

/** An identifier of a case for machines, which is the same in every run. */
export function fingerprintOf({ name }: Case, { suite }: CaseReport): string {
  return digestOf([suite, name]);
}

const order: Readonly<Record<CaseOutcome, number>> = { fails: 0, undetermined: 1, exception: 2, noted: 3, passes: 4 };
const outcomes: Readonly<Record<Verdict, CaseOutcome>> = {
  succeeds: 'passes',
  fails: 'fails',
  undetermined: 'undetermined',
};

/**
 * Sorts the cases and makes their names unique. If no case has the outcome of the verdict, adds
 * one, so that a run that did not succeed never looks green.
 */
function finished(report: CaseReport): CaseReport {
  const { verdict, cases, answer, suite } = report;
  const outcome = outcomes[verdict];
  const own: Case = { name: suite, outcome, code: outcome, says: answer, details: [], place: undefined };
  const isShown = cases.some((one) => one.outcome === outcome);
  const seen = new Map<string, number>();
  const all = (isShown ? cases : [...cases, own])
    .toSorted((one, other) => order[one.outcome] - order[other.outcome])
    .map((one) => {
      const before = seen.get(one.name) ?? 0;
      seen.set(one.name, before + 1);
      const place = one.place === undefined ? undefined : { ...one.place, file: oneLine(one.place.file) };
      return { ...one, place, name: before === 0 ? one.name : `${one.name} (${before + 1})` };
    });
  return { ...report, cases: all };
}

/** An answer as cases. */
export const casesOf: {
  readonly [Kind in AnsweredKind]: (answer: Answers[Kind], places?: Places) => CaseReport;
} = {
  check: checkCases,
  diff: diffCases,
  preflight: preflightCases,
  whoCan: whoCanCases,
  audit: auditCases,
  keyImpact: keyImpactCases,
};

/** How a format that has only cases shows answers. */
export function drawnAsCases(draw: (report: CaseReport, style: ReportStyle) => string): Draws<AnsweredKind> {
  return {
    check: (answer, style) => draw(casesOf.check(answer, style.places), style),
    diff: (answer, style) => draw(casesOf.diff(answer, style.places), style),
    preflight: (answer, style) => draw(casesOf.preflight(answer, style.places), style),
    whoCan: (answer, style) => draw(casesOf.whoCan(answer, style.places), style),
    keyImpact: (answer, style) => draw(casesOf.keyImpact(answer, style.places), style),
    audit: (answer, style) => draw(casesOf.audit(answer, style.places), style),
  };
}

/**
 * A check or a sweep. Follow-up operations of others are not cases, because they do not change the
 * verdict.
 */
function checkCases(stream: ReportStream, places: Places | undefined): CaseReport {
  const { results, fixes, tool, evaluatedAt, answer, verdict, notChecked = [], warnings } = harmless(wholeOf(stream));
  const asked = results.filter(({ followUp }) => followUp !== true);
  const byId = new Map(fixes.map((fix) => [fix.id, fix]));
  const [first] = asked;
  const unread = notChecked.filter(
    ({ code }) => code === 'list-unread' || (code === 'nothing-of-the-kind' && verdict !== 'succeeds'),
  );
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: first?.operation ?? 'check',
    answer,
    verdict,
    cases: [
      ...asked.map((one) => resultCase(one, byId, places)),
      ...unread.map(
        ({ code, text, account, region, types = [] }): Case => ({
          name: [code, ...types, account ?? '', region ?? ''].filter((part) => part !== '').join(' '),
          outcome: 'undetermined',
          code,
          says: withoutStop(text),
          details: [],
          place: places?.of(undefined),
          account,
        }),
      ),
    ],
    notes: [...notChecked, ...warnings].map(({ text }) => sentence(withoutStop(text))),
    seconds: undefined,
  });
}

function resultCase(result: Result, fixes: ReadonlyMap<string, ReportedFix>, places: Places | undefined): Case {
  const { answer, operation, principal, target, verdict, reasons, region, expectedError, calls } = result;
  const outcome = outcomes[verdict];
  const source = target.snapshot ?? target.cluster ?? target.instance ?? target.automatedBackup ?? region;
  const statements = calls.flatMap(({ decision, decidedBy }) =>
    decision === 'allowed' ? [] : decidedBy.flatMap(stated),
  );
  const [fix] = result.fixes.flatMap((id) => fixes.get(id) ?? []);
  const isGood = verdict === 'succeeds';
  return {
    name: `${principal.arn} ${operation} ${source}`,
    outcome,
    code: isGood ? outcome : (reasons[0]?.code ?? outcome),
    says: answer,
    ...(isGood || reasons[0] === undefined ? {} : { group: `For the same reason: ${withoutStop(reasons[0].text)}` }),
    details: isGood
      ? []
      : [
          ...reasons.map(({ text }) => sentence(text)),
          ...(expectedError === null ? [] : [`Expected error: ${expectedError.code}`]),
          ...decidedByLines(statements.map(statementWords)),
          ...(fix?.steps.flatMap(({ does }) => does.map(({ text }) => `Fix: ${text}`)) ?? []),
        ],
    place: places?.of(statements[0]),
    account: accountOf(source) || principal.account,
  };
}

type DecidedBy = Result['calls'][number]['decidedBy'][number];

function stated(by: DecidedBy): readonly ReportedStatement[] {
  return 'grant' in by ? [] : [by];
}

function decidedByLines(statements: readonly string[]): readonly string[] {
  const all = [...new Set(statements)];
  return all.length === 0 ? [] : [`Decided by: ${list(all)}`];
}

/** A comparison: the changes. */
function diffCases(whole: DiffReport, places: Places | undefined): CaseReport {
  const {
    tool,
    evaluatedAt,
    verdict,
    changes,
    asked,
    summary,
    notChecked = [],
    before,
    after,
    doubts = [],
    plans,
  } = harmless(whole);
  const unchanged = asked - summary.worse - summary.better;
  const name = changeNamer(changes);
  const same: Case = {
    name: 'unchanged verdicts',
    outcome: 'passes',
    code: 'passes',
    says: `${numberText(unchanged)} of ${counted(asked, 'verdict')} did not change`,
    details: [],
    place: undefined,
  };
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: 'diff',
    answer: `${counted(summary.worse, 'verdict')} of ${numberText(asked)} became worse between ${before} and ${after}`,
    verdict,
    cases: [
      ...changes.map((one, index) => changeCase(one, { isWorse: index < summary.worse, places, name })),
      ...(asked > 0 ? [same] : []),
    ],
    notes: [...[...doubts, ...notChecked].map(({ text }) => sentence(withoutStop(text))), ...planNotes(plans)],
    seconds: undefined,
  });
}

interface Changing {
  readonly isWorse: boolean;
  readonly places: Places | undefined;
  /** The name of a principal or a target. */
  readonly name: (arn: string) => string;
}

function changeCase(change: VerdictChange, { isWorse, places, name }: Changing): Case {
  const { principal, operation, target, before, after, reasons } = change;
  // Only what succeeded before counts, as for the exit code.
  const outcome = !isWorse ? 'passes' : before === 'succeeds' ? outcomes[after] : 'noted';
  return {
    name: `${principal} ${operation} ${target}`,
    outcome,
    code: isWorse ? (reasons[0]?.code ?? outcome) : outcome,
    says: `${operation} by ${name(principal)} of ${name(target)}: ${before} -> ${after}`,
    ...(isWorse && reasons[0] !== undefined
      ? { group: `Worse for the same reason: ${withoutStop(reasons[0].text)}` }
      : {}),
    details: isWorse ? reasons.map(({ text }) => sentence(text)) : [],
    place: places?.of(undefined),
    account: accountOf(target) || accountOf(principal),
  };
}

/** One case for each expectation, and one for each exception that is in force. */
function preflightCases(
  { report, seconds }: { readonly report: PreflightReport; readonly seconds?: number },
  places: Places | undefined,
): CaseReport {
  const { tool, evaluatedAt, verdict, expectations, summary, warnings, plans } = harmless(report);
  const { holds, broken, unproven } = summary;
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: 'preflight',
    answer: `${countedExpectations(report)}: ${holds} ${holds === 1 ? 'holds' : 'hold'}, ${broken} broken, ${unproven} unproven`,
    verdict,
    cases: expectations.flatMap((one) => {
      const place = places === undefined ? undefined : { file: places.called(one.file), line: one.line };
      return [expectationCase(one, place), ...exceptionCases(one, place)];
    }),
    notes: [
      ...expectationNotes(expectations),
      ...warnings.map(({ text }) => text),
      ...planNotes(plans),
      ...effectNotes(harmless(report)),
    ],
    seconds,
  });
}

const expectationOutcomes = { holds: 'passes', broken: 'fails', unproven: 'undetermined' } as const;

function expectationCase(one: ReportedExpectation, place: FileLine | undefined): Case {
  const { id, says, outcome, failing, lacks, why } = one;
  const decisive = failing.find((each) => each.outcome === outcome);
  const whole = { name: id, outcome: expectationOutcomes[outcome], place, account: decisive?.account };
  if (outcome === 'holds') return { ...whole, code: whole.outcome, says: `${id}: ${says}`, details: [] };
  const views = causeViews(one).slice(0, mostBehind);
  const hidden = hiddenIn(one, views);
  const others = one.broken + one.unproven - 1;
  const besides =
    others === 0 ? '' : `, and ${combinationsText(others, 'more ')} ${others === 1 ? 'does' : 'do'} not hold`;
  return {
    ...whole,
    code: decisive?.code ?? lacks[0]?.code ?? whole.outcome,
    says: `${id}: ${decisive === undefined ? withoutStop(lacks[0]?.text ?? says) : `${decisive.says}${besides}`}`,
    details: [
      `Expected: ${says} (${why}).`,
      ...countLines(one).map((text) => `${text}.`),
      ...views.flatMap((view) => behind(view, decisive)),
      ...(hidden === 0 ? [] : [`And ${combinationsText(hidden, 'more ')}: preflight explain ${id}`]),
      ...lacks.slice(decisive === undefined ? 1 : 0).map(({ text }) => text),
      ...expectationFixes(one).map(({ head, steps }) => `${head}: ${steps.join('; ')}`),
      ...afterFixes(one).map((text) => `${text}.`),
    ],
  };
}

/** The most reasons for a case, and the most combinations with one reason that it names. */
const mostBehind = 5;
const mostAlso = 3;

/** Why combinations do not hold. `decisive`: already shown. */
function behind({ cause, failing }: CauseView, decisive: ReportedFailing | undefined): readonly string[] {
  const { combinations: count = 1, reasons = [], statements = [] } = cause ?? {};
  const names = failing.slice(0, mostAlso).map(({ says }) => says);
  const more = count - names.length;
  const isShown = count === 1 && failing[0] === decisive;
  const all = more === 0 ? names.join('; ') : `${names.join('; ')}; and ${more} more`;
  return [
    ...(isShown ? [] : [count === 1 ? sentence(all) : `${combinationsText(count)} for the same reason: ${all}.`]),
    ...reasons.map((reason) =>
      count === 1 ? sentence(withoutStop(reason)) : `Why (for the first): ${sentence(withoutStop(reason))}`,
    ),
    ...decidedByLines(statements),
    ...settledText(cause ?? {}).map((text) => `To settle: ${text}`),
  ];
}

function exceptionCases({ id, exceptions }: ReportedExpectation, place: FileLine | undefined): readonly Case[] {
  return exceptions
    .filter(({ isLive }) => isLive)
    .map(({ reason, ticket, until, covers, needed }) => ({
      name: `${id}, exception until ${until}`,
      outcome: 'exception',
      code: 'exception',
      says: `${id}: ${reason}${ticket === undefined ? '' : ` (${ticket})`}, until ${until}: ${counted(covers, 'combination')} left out, ${needed} of them would not hold`,
      details: [],
      place,
    }));
}

/** One case for each target, and one for each unexpected principal that can or may. */
function whoCanCases(whole: WhoCanReport, places: Places | undefined): CaseReport {
  const { tool, evaluatedAt, verdict, answer, targets, notRead, notChecked = [], warnings } = harmless(whole);
  const { doubts = [], assumptions, plans } = harmless(whole);
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: 'who-can',
    answer,
    verdict,
    cases: targets.flatMap((target) => {
      const place = places?.of(undefined);
      const cases = unexpectedCases(target, place);
      const answered: Case = {
        name: `who-can ${target.operation} ${targetWords(target)}`,
        outcome: 'passes',
        code: 'passes',
        says: `${target.says}${namesOfAble(target)}`,
        details: [],
        place,
        account: target.account,
      };
      return [...cases, answered];
    }),
    notes: [
      ...[...doubts, ...assumptions, ...notRead, ...notChecked, ...warnings].map(({ text }) =>
        sentence(withoutStop(text)),
      ),
      ...planNotes(plans),
    ],
    seconds: undefined,
  });
}

/** The names of the first principals who can. */
function namesOfAble({ groups, account }: WhoCanTarget): string {
  const able = groups.flatMap(({ standing, principals }) => (standing === 'can' ? principals : []));
  return able.length === 0 ? '' : `. Can: ${someNames(able, mostNames, namesSeenFrom(account))}`;
}

const mostNames = 20;

function targetWords({ sources, region }: WhoCanTarget): string {
  const [first = region, ...others] = sources;
  return others.length === 0 ? first : `${first} and ${numberText(others.length)} more`;
}

function unexpectedCases(target: WhoCanTarget, place: FileLine | undefined): readonly Case[] {
  const { unexpected, operation, groups, sources } = target;
  return (['can', 'may'] as const).flatMap((standing) =>
    (unexpected?.[standing] ?? []).map((principal): Case => {
      const group = groups.find(({ principals }) => principals.includes(principal));
      return {
        name: `${principal} ${operation} ${targetWords(target)}`,
        outcome: standing === 'can' ? 'fails' : 'undetermined',
        code: group?.reasons[0]?.code ?? standing,
        group: standing === 'can' ? 'Can, and are not expected to' : 'May be able to, and are not expected to',
        says: `${principal} ${standing === 'can' ? 'can' : 'may be able to'} run ${operation} ${sources.length === 0 ? 'in' : 'on'} ${targetWords(target)}, but is not expected to`,
        details: [
          ...(group === undefined ? [] : groupTexts(group).map(sentence)),
          ...decidedByLines(group?.decidedBy.find(({ principals }) => principals.includes(principal))?.by ?? []),
        ],
        place,
        account: target.account,
      };
    }),
  );
}

/** The reasons of a group name its first principal. */
function groupTexts({ principals, reasons, says, standing }: WhoCanGroup): readonly string[] {
  if (principals.length === 1) return reasons.map(({ text }) => text);
  return standing === 'can' ? [] : [says];
}

/** One case for each action on each key. An action that KMS always refuses is not a case. */
function keyImpactCases(whole: KeyImpactReport, places: Places | undefined): CaseReport {
  const { tool, evaluatedAt, answer, verdict, keys, notLookedAt, warnings } = harmless(whole);
  const { planned = [], doubts = [], plans } = harmless(whole);
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: 'key-impact',
    answer,
    verdict: keyVerdicts[verdict],
    cases: keys.flatMap((key) => actionCases(key, places?.of(undefined))),
    notes: [
      ...keys.flatMap(({ notes, notRead }) => [...notes, ...notRead].map(({ text }) => sentence(withoutStop(text)))),
      ...[...planned, ...doubts].map(({ text }) => text),
      ...planNotes(plans),
      `Not looked at: ${notLookedAt.join('; ')}.`,
      ...warnings.map(({ text }) => sentence(withoutStop(text))),
    ],
    seconds: undefined,
  });
}

/**
 * One case for each finding. Data that was not read is a case if lists are missing that may hide
 * findings.
 */
function auditCases(whole: AuditReport, places: Places | undefined): CaseReport {
  const { tool, evaluatedAt, verdict, answer, first, findings, fixes, leavesOut, warnings, severity } = harmless(whole);
  const fixOf = new Map(fixes.map((one) => [one.id, one]));
  const place = places?.of(undefined);
  const least = severities.indexOf(severity);
  const groups = groupBy(findings, alikeBy);
  const isCase = ({ code, hides }: ReportedFinding): boolean => code !== 'not-read' || hides === true;
  return finished({
    version: tool.version,
    evaluatedAt,
    suite: 'audit',
    answer,
    ...(first === null ? {} : { first: first.text }),
    verdict,
    cases: findings.filter(isCase).map((one) =>
      findingCase(one, {
        counts: severities.indexOf(one.severity) <= least,
        group: findingGroupText(one.code, soleName(groups.get(alikeBy(one)) ?? [])),
        fixes: one.fixes.flatMap((id) => fixOf.get(id) ?? []),
        place,
      }),
    ),
    notes: [
      ...findings.filter((one) => !isCase(one)).map(unreadNote),
      ...[...leavesOut, ...warnings].map(({ text }) => sentence(withoutStop(text))),
    ],
    seconds: undefined,
  });
}

function actionCases(one: ReportedKeyImpact, place: FileLine | undefined): readonly Case[] {
  const { key, keyAlias, actions, pointers, notRead } = one;
  return actions.flatMap(({ action, verdict, says, effects, change }): readonly Case[] => {
    if (verdict === null) return [];
    const outcome = outcomes[keyVerdicts[verdict]];
    const [first] = effects;
    const open = outcome === 'undetermined' ? [...notRead, ...pointers] : [];
    return [
      {
        name: `key-impact ${action} ${key}`,
        outcome,
        code: outcome === 'passes' ? outcome : (change?.says[0]?.code ?? first?.loss.code ?? open[0]?.code ?? outcome),
        says: `${action} ${keyAlias ?? key}: ${says}`,
        details:
          outcome === 'passes'
            ? []
            : [
                ...(change?.says.map(({ text }) => sentence(withoutStop(text))) ?? []),
                ...effects.map(({ loss, undo }) => `${sentence(withoutStop(loss.text))} ${undo}`),
                ...open.map(({ text }) => sentence(withoutStop(text))),
              ],
        place,
      },
    ];
  });
}

function unreadNote({ says, account, region }: ReportedFinding): string {
  const place = [...(says.includes(account) ? [] : [`account ${account}`]), ...(region === null ? [] : [region])];
  return place.length === 0 ? `${says}.` : `${says} (${place.join(', ')}).`;
}

function alikeBy({ code, severity, state }: ReportedFinding): string {
  return [code, severity, state].join(' ');
}

/** The only principal that several findings are about. Undefined: there are several, or none. */
function soleName(findings: readonly ReportedFinding[]): string | undefined {
  const names = findings.map(({ affected }) =>
    affected.flatMap(({ kind, names: all }) => (kind === 'principals' ? all : [])).join(' '),
  );
  const [first = ''] = names;
  return first !== '' && !first.includes(' ') && names.every((one) => one === first) ? shortName(first) : undefined;
}

interface FindingView {
  /** The title of all similar findings. Undefined: the finding has no group. */
  readonly group: string | undefined;
  /** Whether the finding is severe enough to count. */
  readonly counts: boolean;
  readonly fixes: readonly AuditFix[];
  readonly place: FileLine | undefined;
}

function findingCase(finding: ReportedFinding, { counts, group, fixes, place }: FindingView): Case {
  const { code, subject, account, region, principal, severity, says, details, dependsOn, statements, state } = finding;
  const outcome =
    state === 'accepted' ? 'exception' : counts ? (state === 'holds' ? 'fails' : 'undetermined') : 'noted';
  const things = state === 'undecided' ? finding.maybe : finding.affected;
  return {
    name: [code, subject, account, region ?? '', principal ?? ''].filter((part) => part !== '').join(' '),
    outcome: code === 'not-read' ? 'undetermined' : outcome,
    code,
    severity,
    ...(group === undefined ? {} : { group }),
    account,
    says: code === 'not-read' ? withoutStop(unreadNote(finding)) : says,
    details: [
      ...details,
      ...things.map(
        ({ kind, names }) =>
          `${capital(kind)}: ${someNames(names, mostNames, kind === 'principals' ? namesSeenFrom(account ?? '') : undefined)}.`,
      ),
      ...decidedByLines(statements),
      ...decidingTexts(dependsOn, (facts) => `Depends on: ${list(facts)}.`),
      ...fixes.flatMap((fix) => [auditFixText(fix), auditFixCommands(fix)]),
      ...(finding.accepted === undefined
        ? []
        : [`Accepted until ${finding.accepted.until}: ${finding.accepted.reason}.`]),
    ],
    place,
  };
}
