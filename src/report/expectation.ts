import { groupBy } from '../base/group.ts';
import { counted, list, numberText, someOf } from '../base/wording.ts';
import type {
  ExpectationFix,
  PreflightReport,
  ReportedCause,
  ReportedExpectation,
  ReportedFailing,
} from '../contract/preflight-report.ts';

/* Sentences about what does not hold of an expectation. All formats share them. */

/** A number of combinations, in words. */
export function combinationsText(count: number, more = ''): string {
  return `${numberText(count)} ${more}combination${count === 1 ? '' : 's'}`;
}

/** How many combinations do not hold, and for how many reasons. Empty if there is only one. */
export function countLines({ questions, broken, unproven, causes }: ReportedExpectation): readonly string[] {
  const all = broken + unproven;
  if (questions < 2 || all === 0) return [];
  const split =
    broken === 0 || unproven === 0 ? '' : ` (${numberText(broken)} broken, ${numberText(unproven)} unproven)`;
  const explained = causes.reduce((sum, { combinations }) => sum + combinations, 0);
  const reasons = all === 1 || explained < all ? '' : `, for ${counted(causes.length, 'reason')}`;
  const of = `${numberText(all)} of ${numberText(questions)} combinations`;
  return [`${of} ${all === 1 ? 'does' : 'do'} not hold${split}${reasons}`];
}

/** Whether all expectations are requests of plans. A plan may have no request. */
export function areRequests({ expectations, plans }: PreflightReport): boolean {
  return (plans !== undefined || expectations.length > 0) && expectations.every(({ address }) => address !== undefined);
}

/** The noun for several of what a report judges. */
export function nounOfExpectations(report: PreflightReport): 'requests' | 'expectations' | 'expectations and requests' {
  if (areRequests(report)) return 'requests';
  return report.expectations.some(({ address }) => address !== undefined)
    ? 'expectations and requests'
    : 'expectations';
}

/** The number of what a report judges, with its noun. */
export function countedExpectations(report: PreflightReport): string {
  const { length } = report.expectations;
  const noun = nounOfExpectations(report);
  return `${numberText(length)} ${length === 1 ? noun.replace(/s$/, '') : noun}`;
}

/** The notes about expectations. A note that several expectations have is one sentence. */
export function expectationNotes(expectations: readonly ReportedExpectation[]): readonly string[] {
  const all = expectations.flatMap(({ id, notes }) => notes.map(({ text }) => ({ id, text })));
  return [...groupBy(all, ({ text }) => text)].map(([text, alike]) => {
    const ids = alike.map(({ id }) => id);
    return `${someOf(ids, mostIds)}: ${text}`;
  });
}

const mostIds = 3;

/** Combinations that fail for the same reasons, and those of them that are shown by name. */
export interface CauseView {
  /** Undefined: the reasons were not determined. */
  readonly cause: ReportedCause | undefined;
  readonly failing: readonly ReportedFailing[];
}

export function causeViews({ causes, failing }: ReportedExpectation): readonly CauseView[] {
  const others = failing.filter(({ cause }) => cause === undefined);
  return [
    ...causes.map((cause, index) => ({ cause, failing: failing.filter((one) => one.cause === index) })),
    ...others.map((one) => ({ cause: undefined, failing: [one] })),
  ];
}

/** How many combinations none of the views shows. */
export function hiddenIn({ broken, unproven }: ReportedExpectation, views: readonly CauseView[]): number {
  return broken + unproven - views.reduce((sum, { cause }) => sum + (cause?.combinations ?? 1), 0);
}

/** One fix: what it achieves, and its steps. */
export interface ExpectationFixView {
  readonly head: string;
  readonly steps: readonly string[];
}

export function expectationFixes(one: ReportedExpectation): readonly ExpectationFixView[] {
  return (one.fixes ?? []).map((fix) => ({ head: `Fix${worthOf(fix, one)}`, steps: fix.steps }));
}

const becomes = {
  succeeds: 'the operation then succeeds',
  undetermined: 'the operation is then undetermined',
  denied: 'the operation is then denied',
} as const;

function worthOf(
  fix: ExpectationFix,
  { broken, unproven, fixes = [], withFixes, address }: ReportedExpectation,
): string {
  const { after, repairs, isFor, isForAll = 1, changesExpectation } = fix;
  const all = broken + unproven;
  const such = isForAll === 1 ? 'one combination' : `${numberText(isForAll)} combinations`;
  const example = isForAll === 1 ? '' : 'such as: ';
  const of = isFor === undefined || all === 1 ? '' : ` for ${such} (${example}${isFor})`;
  if (changesExpectation === true)
    return `${of}, with a change of the ${address === undefined ? 'expectation' : 'configuration'}`;
  if (repairs === undefined) return of === '' ? ' (not re-checked)' : of;
  if (fixes.length === 1 && withFixes?.outcome === 'holds') return ' (re-checked: the expectation then holds)';
  const among = all === 1 ? '' : ` for ${numberText(repairs)} of ${numberText(all)} combinations`;
  return `${among} (re-checked: ${becomes[after]})`;
}

/** What is left after all fixes. */
export function afterFixes(one: ReportedExpectation): readonly string[] {
  const { fixes, withFixes, fixNotSought, causes, id } = one;
  if (fixes === undefined || fixes.length === 0) {
    if (fixNotSought === true) return [`For the fix: aurora-kms-check preflight explain ${id}`];
    const isSought = fixes !== undefined && causes.some(({ code }) => code === 'cannot-do' || code === 'can-do');
    return isSought ? ['No fix was found'] : [];
  }
  return [
    ...(withFixes === undefined ? [] : leftText(fixes, withFixes)),
    ...(fixNotSought === true ? ['For more fixes, make these changes and run preflight again'] : []),
  ];
}

type WithFixes = NonNullable<ReportedExpectation['withFixes']>;

function leftText(fixes: readonly ExpectationFix[], { outcome, broken, unproven }: WithFixes): readonly string[] {
  const left = broken + unproven;
  if (outcome === 'holds') return fixes.length === 1 ? [] : ['With these fixes the expectation holds (re-checked)'];
  if (left === 0) return ['Every combination then holds, but something is still missing: see above'];
  const these = fixes.some(({ repairs }) => repairs === undefined) ? 'the re-checked fixes' : 'these fixes';
  const which = fixes.length === 1 ? 'this fix' : these;
  return [`With ${which} ${combinationsText(left)} still ${left === 1 ? 'does' : 'do'} not hold`];
}

/** What would settle the combinations. */
export function settledText({ settledBy = [] }: Pick<ReportedCause, 'settledBy'>): readonly string[] {
  return settledBy.length === 0 ? [] : [list(settledBy)];
}
