import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { someNames } from '../base/names.ts';
import { capital, counted, numberText, someOf } from '../base/wording.ts';
import type { PreflightReport, ReportedExpectation } from '../contract/preflight-report.ts';
import {
  afterFixes,
  areRequests,
  type CauseView,
  causeViews,
  combinationsText,
  countedExpectations,
  countLines,
  expectationFixes,
  expectationNotes,
  hiddenIn,
  nounOfExpectations,
  settledText,
} from './expectation.ts';
import type { Draw } from './format.ts';
import { section, signed } from './page.ts';
import { effectSections, isLoss, planSections } from './plan.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { bad, doubtful, good, type Sign, verdictSigns } from './words.ts';

type Outcome = ReportedExpectation['outcome'];

interface PreflightPage extends ReportStyle {
  /** Whether there are several plans, so that an address alone names no resource. */
  readonly isOfSeveralPlans: boolean;
}

const signs: Readonly<Record<Outcome, Sign>> = { holds: good, broken: bad, unproven: doubtful };
const titles: Readonly<Record<Outcome, string>> = { broken: 'Broken', unproven: 'Unproven', holds: 'Holds' };

export const drawPreflight: Draw<'preflight'> = safe(({ report, seconds }, style) =>
  preflightText(report, style, seconds),
);

/**
 * One line for each expectation, by outcome, with details for those that do not hold. Totals and
 * time are last.
 */
function preflightText(report: PreflightReport, style: ReportStyle, seconds: number | undefined): string {
  const page = { ...style, isOfSeveralPlans: (report.plans ?? []).length > 1 };
  const { verdict, expectations, warnings } = report;
  const headline = signed(page, verdictSigns[verdict], wrap(headlineOf(report), page.width - 2, '  ').trimStart());
  const groups = (['broken', 'unproven', 'holds'] as const).flatMap((outcome) => {
    const alike = expectations.filter((one) => one.outcome === outcome);
    return alike.length === 0
      ? []
      : [
          section(
            titles[outcome],
            page.verbose || page.listAll
              ? alike.map((one) => expectationLines(one, page))
              : [...groupBy(alike, sameAs).values()].flatMap((of) => groupLines(of, page)),
            page,
          ),
        ];
  });
  const notes = expectationNotes(expectations).map((text) => wrap(text, page.width, '  '));
  const all = [...notes, ...warnings.map(({ text }) => wrap(text, page.width, '  '))];
  return `${[
    page.paint.strong(headline),
    ...groups,
    ...(all.length === 0 ? [] : [section('Notes', all, page)]),
    ...staleSection(report, page),
    ...effectSections(report, page),
    ...planSections(report.plans, page),
    totals(report, page, seconds),
  ].join('\n\n')}\n`;
}

/** Entries of the baseline that can be removed, because their combinations hold now. */
function staleSection({ stale = [] }: PreflightReport, page: ReportStyle): readonly string[] {
  if (stale.length === 0) return [];
  const lines = stale
    .slice(0, mostListed)
    .map(({ id, who, operation, source }) =>
      wrap(
        [id, shortName(who), operation, shortName(source)].filter((part) => part !== '').join(', '),
        page.width,
        '  ',
      ),
    );
  const more = stale.length > mostListed ? [`  and ${numberText(stale.length - mostListed)} more`] : [];
  return [section('No longer needed in the baseline', [...lines, ...more], page)];
}

function headlineOf(report: PreflightReport): string {
  const { summary, expectations, plans, verdict } = report;
  const { broken, unproven } = summary;
  const of = expectations.length;
  if (of === 0 && plans !== undefined) {
    return verdict === 'succeeds'
      ? `${plans.length > 1 ? 'The plans send' : 'The plan sends'} no request to RDS that this program checks${lossesText(report)}`
      : `${plans.length > 1 ? 'The plans do' : 'The plan does'} not show everything that the apply changes`;
  }
  const words = areRequests(report) ? requestWords : expectationWords;
  const one = words === requestWords ? 'The only request' : 'The expectation';
  const several = nounOfExpectations(report);
  const ofPlan = words === requestWords ? ` of the ${(plans ?? []).length > 1 ? 'plans' : 'plan'}` : '';
  const says = (count: number, [singular, plural]: readonly [string, string]): string =>
    count === 1 ? singular : plural;
  if (broken + unproven === 0) {
    const accepted = baselinedIn(expectations);
    const all = of === 1 ? `${one}${ofPlan}` : `All ${numberText(of)} ${several}${ofPlan}`;
    const holds = `${all} ${says(of, words.holds)}`;
    return accepted === 0
      ? `${holds}${certainLossesText(report)}`
      : `${holds}, except ${counted(accepted, 'combination')} that the baseline accepts`;
  }
  const losing = words === requestWords ? expectations.filter(losesSnapshot).length : 0;
  const counts = [
    [broken - losing, words.broken] as const,
    [losing, requestWords.losing] as const,
    [unproven, words.unproven] as const,
  ].filter(([count]) => count > 0);
  return counts
    .map(([count, verb], index) => {
      const first = of === 1 ? `${one}${ofPlan}` : `${numberText(count)} of ${numberText(of)} ${several}${ofPlan}`;
      const joined = index === counts.length - 1 ? `, and ${numberText(count)}` : `, ${numberText(count)}`;
      return `${index === 0 ? first : joined} ${says(count, verb)}`;
    })
    .join('');
}

/** Whether a deletion succeeds, but the key of its final snapshot goes. */
function losesSnapshot({ outcome, broken, lacks }: ReportedExpectation): boolean {
  return outcome === 'broken' && broken === 0 && lacks.some(({ code }) => code === 'key-goes-with-snapshot');
}

/** A reader of the first line alone has to know that somebody certainly loses access. */
function certainLossesText({ effects = [] }: PreflightReport): string {
  return textOfLosses(effects.filter(({ kind }) => kind === 'loses'));
}

function lossesText({ effects = [] }: PreflightReport): string {
  return textOfLosses(effects.filter(isLoss));
}

function textOfLosses(losses: NonNullable<PreflightReport['effects']>): string {
  const certain = losses.filter(({ kind }) => kind === 'loses');
  const losers = new Set((certain.length > 0 ? certain : losses).flatMap(({ principals }) => principals));
  if (losers.size === 0) return '';
  const verb = certain.length === 0 ? 'may lose' : losers.size === 1 ? 'loses' : 'lose';
  return `, but ${counted(losers.size, 'principal')} ${verb} operations`;
}

const expectationWords = {
  holds: ['holds', 'hold'],
  broken: ['is broken', 'are broken'],
  unproven: ['is unproven', 'are unproven'],
} as const;

const requestWords = {
  holds: ['succeeds', 'succeed'],
  broken: ['makes the apply fail', 'make the apply fail'],
  unproven: ['may make the apply fail', 'may make the apply fail'],
  losing: [
    'leaves a final snapshot under a key that the apply deletes',
    'leave final snapshots under keys that the apply deletes',
  ],
} as const;

function totals(report: PreflightReport, page: ReportStyle, seconds: number | undefined): string {
  const { summary, expectations } = report;
  const { holds, broken, unproven, questions } = summary;
  const baselined = baselinedIn(expectations);
  const counts = [
    `${numberText(holds)} ${holds === 1 ? 'holds' : 'hold'}`,
    `${numberText(broken)} broken`,
    `${numberText(unproven)} unproven`,
    ...exceptionCounts(expectations),
    ...(baselined === 0 ? [] : [`${counted(baselined, 'combination')} accepted by the baseline`]),
  ];
  const checked = `${numberText(questions)} ${questions === 1 ? 'combination' : 'combinations'} checked`;
  const time = seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`;
  return wrap(`${countedExpectations(report)}: ${counts.join(', ')}. ${checked}${time}.`, page.width, '');
}

/** An exception that has not ended is in effect, unless everything holds without it. */
function exceptionCounts(expectations: PreflightReport['expectations']): readonly string[] {
  const live = expectations.flatMap(({ exceptions }) => exceptions.filter(({ isLive }) => isLive));
  const unneeded = live.filter(({ needed }) => needed === 0).length;
  const inEffect = live.length - unneeded;
  return [
    ...(inEffect === 0 ? [] : [`${counted(inEffect, 'exception')} in effect`]),
    ...(unneeded === 0 ? [] : [`${counted(unneeded, 'exception')} not needed`]),
  ];
}

function baselinedIn(expectations: PreflightReport['expectations']): number {
  return expectations.reduce((sum, one) => sum + one.baselined, 0);
}

type Alike = readonly [ReportedExpectation, ...ReportedExpectation[]];

/**
 * The same text for the requests of a plan that can be shown as one: they hold, or do not hold for
 * the same reasons and with the same fixes.
 */
function sameAs(one: ReportedExpectation): string {
  const { id, address, outcome, lacks, causes } = one;
  if (address === undefined || (outcome !== 'holds' && lacks.length + causes.length === 0)) return id;
  const reasons = causes.map(({ reasons: why, settledBy }) => [why, settledBy]);
  return JSON.stringify([lacks.map(({ text }) => text), reasons, expectationFixes(one), afterFixes(one)]);
}

/** Expectations with the same outcome. Of requests that hold, the first are named. */
function groupLines([first, ...others]: Alike, page: PreflightPage): readonly string[] {
  const { outcome } = first;
  const shown = outcome === 'holds' ? others.slice(0, mostListed - 1) : [];
  const rest = others.slice(shown.length);
  const ids = someOf(
    rest.map(({ id }) => id),
    mostNamed,
  );
  const verb = rest.length === 1 ? 'is' : 'are';
  const says =
    outcome === 'holds' ? `and ${numberText(rest.length)} more` : `${ids} ${verb} ${outcome} for the same reason`;
  return [
    ...[first, ...shown].map((one) => expectationLines(one, page)),
    ...(rest.length === 0
      ? []
      : [`  ${signed(page, signs[outcome], wrap(`${says} (--list-all)`, page.width, indent).trimStart())}`]),
  ];
}

function expectationLines(one: ReportedExpectation, page: PreflightPage): string {
  const accepted = one.baselined === 0 ? '' : ` (${one.baselined} accepted by the baseline)`;
  const line = `  ${signed(page, signs[one.outcome], wrap(`${one.id}: ${one.says}${accepted}`, page.width, indent).trimStart())}`;
  // The line of a request already names its principal and its source.
  const isShort = one.outcome === 'holds' || one.address !== undefined;
  const resolved = page.verbose || !isShort ? resolvedLines(one, page) : [];
  return [line, ...(one.outcome === 'holds' ? [] : detailLines(one, page)), ...resolved].join('\n');
}

const indent = '    ';

function detailLines(one: ReportedExpectation, page: PreflightPage): readonly string[] {
  const { lacks, why, file, line, id, address } = one;
  const words = (text: string): string => wrap(text, page.width, indent);
  const views = causeViews(one);
  const shown = page.verbose ? views : views.slice(0, views[0]?.cause === undefined ? mostListed : mostCauses);
  const hidden = hiddenIn(one, shown);
  return [
    ...(address === undefined ? [`${file}:${line} (reason: ${why})`] : page.isOfSeveralPlans ? [file] : []).map(
      (text) => page.paint.faint(words(text)),
    ),
    ...lacks.map(({ text }) => words(text)),
    ...countLines(one).map((text) => words(`${text}.`)),
    ...shown.flatMap((view) => causeLines(view, page)),
    ...(hidden === 0 ? [] : [words(`${combinationsText(hidden, 'more ')}: aurora-kms-check preflight explain ${id}`)]),
    ...expectationFixes(one).flatMap(({ head, steps }) =>
      steps.length === 1
        ? [words(`${head}: ${steps.join('')}`)]
        : [words(`${head}:`), ...steps.map((step) => wrap(step, page.width, `${indent}  `))],
    ),
    ...afterFixes(one).map((text) => words(`${text}.`)),
  ];
}

/** The most combinations without reasons to list, and the most reasons. The others are counted. */
const mostListed = 20;
const mostCauses = 5;
/** The most combinations of one reason to name. */
const mostNamed = 3;

function causeLines({ cause, failing }: CauseView, page: ReportStyle): readonly string[] {
  const { combinations: count = 1, reasons = [] } = cause ?? {};
  const isOne = count === 1;
  const shown = page.verbose ? failing : failing.slice(0, mostNamed);
  const more = count - shown.length;
  const inner = isOne ? indent : `${indent}  `;
  const first = isOne ? '' : ' (for the first)';
  const lines = (text: string, at: string): string => wrap(text, page.width, at);
  return [
    ...(isOne ? [] : [lines(`${combinationsText(count)} for the same reason:`, indent)]),
    ...shown.map(({ says }) => lines(`${capital(says)}.`, inner)),
    ...(more === 0 ? [] : [lines(`and ${numberText(more)} more`, inner)]),
    ...reasons.map((reason) => lines(`Why${first}: ${reason}.`, `${indent}  `)),
    ...settledText(cause ?? {}).map((text) => lines(`Depends on: ${text}.`, `${indent}  `)),
  ];
}

function resolvedLines(
  { principals, sources, questions, skipped, notRoles, serviceLinked }: ReportedExpectation,
  page: ReportStyle,
): readonly string[] {
  const parts = [
    combinationsText(questions),
    `${counted(principals.length, 'principal')}${named(principals)}`,
    ...(sources.length === 0 ? [] : [`${counted(sources.length, 'source')}${named(sources)}`]),
    ...(skipped === 0 ? [] : [`${counted(skipped, 'backup')} that the operation does not take`]),
    ...(notRoles === 0 ? [] : [`${counted(notRoles, 'principal')} skipped: the operation runs as a role`]),
    ...(serviceLinked === 0 ? [] : [`${counted(serviceLinked, 'service-linked role')} not checked`]),
  ];
  return [page.paint.faint(wrap(`Checked: ${parts.join('; ')}`, page.width, indent))];
}

function named(arns: readonly string[]): string {
  return arns.length === 0 ? '' : ` (${someNames(arns, 3)})`;
}
