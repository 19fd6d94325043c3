import { counted } from '../base/wording.ts';
import type { ReportedPlan } from '../contract/plan-report.ts';
import { section } from './page.ts';
import { type ReportStyle, wrap } from './style.ts';

/** So many changes that are not understood are shown, unless all are wanted. */
const mostShown = 20;

/** What each plan came to: what is taken into account, and what is not. */
export function planSections(plans: readonly ReportedPlan[] | undefined, page: ReportStyle): readonly string[] {
  return (plans ?? []).map((plan) =>
    section(
      `Plan ${plan.file}`,
      planSentences(plan, page.verbose || page.listAll ? Number.POSITIVE_INFINITY : mostShown).map((text) =>
        wrap(text, page.width, '  '),
      ),
      page,
    ),
  );
}

/** The same for formats that have notes: the counts first. */
export function planNotes(plans: readonly ReportedPlan[] | undefined): readonly string[] {
  return (plans ?? []).flatMap((plan) => {
    const [counts = '', ...others] = planSentences(plan, mostShown);
    return [`Plan ${plan.file}: ${counts}`, ...others];
  });
}

function planSentences(
  { changes, overlaid, notUnderstood, others, notChecked, notes }: ReportedPlan,
  most: number,
): readonly string[] {
  const counts = [
    counted(changes, 'change'),
    `${overlaid} taken into account`,
    ...(others === 0 ? [] : [`${others} of other services`]),
    `${notUnderstood.length} not understood`,
  ];
  const shown = notUnderstood.slice(0, most);
  return [
    `${counts.join(', ')}.`,
    ...shown.map(({ address, text }) => `Not understood: ${address}: ${text}`),
    ...(shown.length < notUnderstood.length ? [`and ${notUnderstood.length - shown.length} more (--verbose)`] : []),
    ...notChecked.map(({ address, api }) => `Not checked: ${address}: ${api}`),
    ...notes.map(({ address, text }) => (address === '' ? text : `${address}: ${text}`)),
  ];
}
