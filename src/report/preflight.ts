import { shortName } from '../base/arn.ts';
import { capital, counted, list } from '../base/wording.ts';
import type { PreflightReport, ReportedExpectation, ReportedFailing } from '../contract/preflight-report.ts';
import type { Draw } from './format.ts';
import { section, signed } from './page.ts';
import { effectSections, planSections } from './plan.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { bad, doubtful, good, type Sign, verdictSigns } from './words.ts';

type Outcome = ReportedExpectation['outcome'];

const signs: Readonly<Record<Outcome, Sign>> = { holds: good, broken: bad, unproven: doubtful };
const titles: Readonly<Record<Outcome, string>> = { broken: 'Broken', unproven: 'Unproven', holds: 'Holds' };

export const drawPreflight: Draw<'preflight'> = safe(({ report, seconds }, style) =>
  preflightText(report, style, seconds),
);

/**
 * One line for each expectation, by outcome, with the details of those that do not hold. Totals and
 * time are last.
 */
function preflightText(report: PreflightReport, page: ReportStyle, seconds: number | undefined): string {
  const { verdict, expectations, warnings } = report;
  const headline = signed(page, verdictSigns[verdict], wrap(headlineOf(report), page.width - 2, '  ').trimStart());
  const groups = (['broken', 'unproven', 'holds'] as const).flatMap((outcome) => {
    const alike = expectations.filter((one) => one.outcome === outcome);
    return alike.length === 0
      ? []
      : [
          section(
            titles[outcome],
            alike.map((one) => expectationLines(one, page)),
            page,
          ),
        ];
  });
  const notes = expectations.flatMap(({ id, notes: all }) =>
    all.map(({ text }) => wrap(`${id}: ${text}`, page.width, '  ')),
  );
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

/** Entries of the baseline that can be removed: their combinations hold now. */
function staleSection({ stale = [] }: PreflightReport, page: ReportStyle): readonly string[] {
  if (stale.length === 0) return [];
  const lines = stale
    .slice(0, mostShown)
    .map(({ id, who, operation, source }) =>
      wrap(
        [id, shortName(who), operation, shortName(source)].filter((part) => part !== '').join(', '),
        page.width,
        '  ',
      ),
    );
  const more = stale.length > mostShown ? [`  and ${stale.length - mostShown} more`] : [];
  return [section('No longer needed in the baseline', [...lines, ...more], page)];
}

function headlineOf({ summary, expectations, plans, verdict }: PreflightReport): string {
  const { broken, unproven } = summary;
  const of = expectations.length;
  if (of === 0 && plans !== undefined) {
    return verdict === 'succeeds'
      ? 'The plan sends no request to RDS that this program checks'
      : 'The plan does not say everything that it changes';
  }
  if (broken + unproven === 0) {
    const accepted = baselinedIn(expectations);
    const all = of === 1 ? 'The expectation holds' : `All ${of} expectations hold`;
    return accepted === 0 ? all : `${all}, except ${counted(accepted, 'combination')} that the baseline accepts`;
  }
  const is = (count: number, outcome: string): string => `${count === 1 ? 'is' : 'are'} ${outcome}`;
  const total = of === 1 ? 'The expectation' : `${broken > 0 ? broken : unproven} of ${of} expectations`;
  if (broken === 0) return `${total} ${is(unproven, 'unproven')}`;
  return `${total} ${is(broken, 'broken')}${unproven === 0 ? '' : `, and ${unproven} ${is(unproven, 'unproven')}`}`;
}

function totals({ summary, expectations }: PreflightReport, page: ReportStyle, seconds: number | undefined): string {
  const { holds, broken, unproven, questions, exceptions } = summary;
  const baselined = baselinedIn(expectations);
  const counts = [
    `${holds} ${holds === 1 ? 'holds' : 'hold'}`,
    `${broken} broken`,
    `${unproven} unproven`,
    ...(exceptions === 0 ? [] : [`${counted(exceptions, 'exception')} in effect`]),
    ...(baselined === 0 ? [] : [`${counted(baselined, 'combination')} accepted by the baseline`]),
  ];
  const checked = `${questions.toLocaleString('en')} ${questions === 1 ? 'combination' : 'combinations'} checked`;
  const time = seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`;
  return wrap(
    `${counted(expectations.length, 'expectation')}: ${counts.join(', ')}. ${checked}${time}.`,
    page.width,
    '',
  );
}

function baselinedIn(expectations: PreflightReport['expectations']): number {
  return expectations.reduce((sum, one) => sum + one.baselined, 0);
}

function expectationLines(one: ReportedExpectation, page: ReportStyle): string {
  const accepted = one.baselined === 0 ? '' : ` (${one.baselined} accepted by the baseline)`;
  const line = `  ${signed(page, signs[one.outcome], wrap(`${one.id}: ${one.says}${accepted}`, page.width, indent).trimStart())}`;
  const resolved = page.verbose || one.outcome !== 'holds' ? resolvedLines(one, page) : [];
  return [line, ...(one.outcome === 'holds' ? [] : detailLines(one, page)), ...resolved].join('\n');
}

const indent = '    ';

function detailLines(one: ReportedExpectation, page: ReportStyle): readonly string[] {
  const { failing, lacks, fix, broken, unproven, why, file, line } = one;
  const words = (text: string): string => wrap(text, page.width, indent);
  const more = broken + unproven - failing.length;
  const shown = page.verbose ? failing : failing.slice(0, mostShown);
  const hidden = failing.length - shown.length + more;
  return [
    page.paint.faint(words(`${file}:${line} (reason: ${why})`)),
    ...lacks.map(({ text }) => words(text)),
    ...shown.flatMap((each) => failingLines(each, page)),
    ...(hidden === 0
      ? []
      : [words(`${counted(hidden, 'more combination')}: aurora-kms-check preflight explain ${one.id}`)]),
    ...(fix === undefined ? [] : fix.steps.map((step) => words(`Fix: ${step}`))),
    ...(one.fixNotSought === true ? [words(`For the fix: aurora-kms-check preflight explain ${one.id}`)] : []),
  ];
}

/** Combinations of an expectation that are named; the others are counted. */
const mostShown = 20;

function failingLines({ says, reasons = [], settledBy = [] }: ReportedFailing, page: ReportStyle): readonly string[] {
  return [
    wrap(`${capital(says)}.`, page.width, indent),
    ...reasons.map((reason) => wrap(`Why: ${reason}.`, page.width, `${indent}  `)),
    ...(settledBy.length === 0 ? [] : [wrap(`Depends on: ${list(settledBy)}.`, page.width, `${indent}  `)]),
  ];
}

function resolvedLines(
  { principals, sources, questions, skipped, notRoles, serviceLinked }: ReportedExpectation,
  page: ReportStyle,
): readonly string[] {
  const parts = [
    counted(questions, 'combination'),
    `${counted(principals.length, 'principal')}${named(principals)}`,
    ...(sources.length === 0 ? [] : [`${counted(sources.length, 'source')}${named(sources)}`]),
    ...(skipped === 0 ? [] : [`${counted(skipped, 'backup')} that the operation does not take`]),
    ...(notRoles === 0 ? [] : [`${counted(notRoles, 'principal')} skipped: the operation runs as a role`]),
    ...(serviceLinked === 0 ? [] : [`${counted(serviceLinked, 'service-linked role')} not checked`]),
  ];
  return [page.paint.faint(wrap(`Checked: ${parts.join('; ')}`, page.width, indent))];
}

function named(arns: readonly string[]): string {
  const names = arns.slice(0, 3).map(shortName);
  const more = arns.length > names.length ? ` and ${arns.length - names.length} more` : '';
  return names.length === 0 ? '' : ` (${names.join(', ')}${more})`;
}
