import { groupBy } from '../base/group.ts';
import { counted, list, numberText, someOf } from '../base/wording.ts';
import type { ReportedPlan } from '../contract/plan-report.ts';
import type { PreflightReport, ReportedPlanEffect } from '../contract/preflight-report.ts';
import { type AlikeEffects, alikeEffects, alikeText, effectCauseText, effectText } from '../explain/effects.ts';
import { section } from './page.ts';
import { type ReportStyle, wrap } from './style.ts';

/** The most changes to show that were not understood, unless the user asks for all. */
const mostShown = 20;

/** Each plan, with the changes that the answers take into account and the others. */
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

/** The plans for formats with notes: the counts first. */
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
    `${numberText(overlaid)} taken into account`,
    ...(others === 0 ? [] : [`${numberText(others)} of other services`]),
    `${numberText(notUnderstood.length)} not understood`,
  ];
  const isWhole = most === Number.POSITIVE_INFINITY;
  const named = <T extends { readonly address: string }>(
    all: readonly T[],
    textOf: (one: T) => string,
  ): readonly string[] =>
    [...groupBy(all, textOf)].map(([text, alike]) => {
      const addresses = alike.map(({ address }) => address);
      const who = isWhole ? list(addresses) : someOf(addresses, mostNames);
      return who === '' ? text : `${who}: ${text}`;
    });
  const unknown = named(notUnderstood, ({ text }) => text);
  return [
    `${counts.join(', ')}.`,
    ...unknown.slice(0, most).map((text) => `Not understood: ${text}`),
    ...(unknown.length > most ? [`and ${numberText(unknown.length - most)} more (--verbose)`] : []),
    ...named(notChecked, ({ api }) => api).map((text) => `Not checked: ${text}`),
    ...named(notes, ({ text }) => text),
  ];
}

/** The most names of an effect to show, unless the user asks for all. */
const mostNames = 3;

/** Who loses and who gains an operation by the apply, with the changes that cause it. */
export function effectSections({ effects = [], effectsCut }: PreflightReport, page: ReportStyle): readonly string[] {
  if (effects.length === 0) return [];
  const all = page.listAll ? effects.map(alone) : alikeEffects(effects);
  const shown = page.listAll ? all : all.slice(0, mostShown);
  const names = page.listAll ? Number.POSITIVE_INFINITY : mostNames;
  const lines = [...groupBy(shown, ({ first }) => effectCauseText(first))].flatMap(([cause, group]) => [
    wrap(cause, page.width, '  '),
    ...group
      .flatMap(({ first, others }) => [effectText(first, names), ...alikeTexts(others)])
      .map((text) => wrap(`${text}.`, page.width, '    ')),
  ]);
  const more = all.length - shown.length;
  return [
    section(
      'Effects of the apply',
      [
        ...lines,
        ...(more > 0 ? [`  and ${counted(more, 'more effect')} (--list-all)`] : []),
        ...(effectsCut === true ? [wrap(cutText, page.width, '  ')] : []),
        ...(effects.some(isLoss) ? [wrap(gateText, page.width, '  ')] : []),
      ],
      page,
    ),
  ];
}

function alone(effect: ReportedPlanEffect): AlikeEffects<ReportedPlanEffect> {
  return { first: effect, others: { are: 'principals', arns: [] } };
}

function alikeTexts(others: AlikeEffects['others']): readonly string[] {
  return others.arns.length === 0 ? [] : [alikeText(others, mostNames)];
}

/** Whether a principal loses, or may lose, an operation. */
export function isLoss({ kind }: ReportedPlanEffect): boolean {
  return kind === 'loses' || kind === 'may-lose';
}

const gateText =
  'Losses do not change the exit code. To stop an apply that takes access away, run `aurora-kms-check diff EVIDENCE --plan PLAN`.';

const cutText =
  'This list is incomplete. `aurora-kms-check diff EVIDENCE --plan PLAN` compares all principals that exist before and after the apply; `aurora-kms-check who-can OPERATION --plan PLAN` lists new principals as well.';

/** The effects for formats with notes. */
export function effectNotes({ effects = [], effectsCut }: PreflightReport): readonly string[] {
  const all = alikeEffects(effects);
  const more = all.length - mostShown;
  return [
    ...all
      .slice(0, mostShown)
      .map(({ first, others }) =>
        [`${effectCauseText(first)}: ${first.says}`, ...alikeTexts(others)].map((text) => `${text}.`).join(' '),
      ),
    ...(more > 0 ? [`and ${counted(more, 'more effect')} of the apply`] : []),
    ...(effectsCut === true ? [cutText] : []),
  ];
}
