import { accountOf, isRootArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { someNames } from '../base/names.ts';
import { capital, list, someOf } from '../base/wording.ts';
import type { EffectKind } from '../preflight/effects.ts';

/** Operations that several principals lose or gain with an apply. */
export interface EffectWords {
  readonly kind: EffectKind;
  /** ARNs. */
  readonly principals: readonly string[];
  /** Commands, and ARNs of their sources. */
  readonly operations: readonly { readonly operation: string; readonly targets: readonly string[] }[];
}

const verbs: Readonly<Record<EffectKind, readonly [one: string, several: string]>> = {
  loses: ['loses', 'lose'],
  'may-lose': ['may lose', 'may lose'],
  gains: ['gains', 'gain'],
  'may-gain': ['may gain', 'may gain'],
};

/** An effect in one sentence without a period. `most`: the most names to show. */
export function effectText({ kind, principals, operations }: EffectWords, most: number): string {
  const [one, several] = verbs[kind];
  const does = [...new Set(operations.map(({ operation }) => operation))];
  const targets = [...new Set(operations.flatMap(({ targets: all }) => all))];
  const who = principalsText(principals, most);
  return `${capital(who)} ${principals.length === 1 ? one : several} ${list(does)} on ${someNames(targets, most)}`;
}

/** Principals by their ARNs. `most`: the most names to show. */
function principalsText(arns: readonly string[], most: number): string {
  return someNames(arns, most, principalName);
}

function principalName(arn: string): string {
  return isRootArn(arn) ? `the root user of account ${accountOf(arn)}` : shortName(arn);
}

const mostAddresses = 5;

/** The changes that cause an effect, by their addresses. */
export function effectCauseText({
  how,
  addresses,
}: {
  readonly how: 'each' | 'together' | 'among';
  readonly addresses: readonly string[];
}): string {
  const all = someOf(addresses, mostAddresses);
  if (addresses.length === 0) return 'The plan as a whole';
  if (addresses.length === 1) return all;
  return how === 'each' ? `${all}, each alone` : how === 'together' ? `${all} together` : `Some of ${all}`;
}

/**
 * The other principals or sources of effects that are alike except for their causes, by their
 * ARNs.
 */
export function alikeText(others: AlikeEffects['others'], most: number): string {
  const names = others.are === 'principals' ? principalsText(others.arns, most) : someNames(others.arns, most);
  return `The same is true of ${names}, through other changes`;
}

/** An effect, and others that differ from it only in their principals or sources, and their causes. */
export interface AlikeEffects<T extends EffectWords = EffectWords> {
  readonly first: T;
  readonly others: { readonly are: 'principals' | 'sources'; readonly arns: readonly string[] };
}

interface CausedEffect extends EffectWords {
  readonly how: 'each' | 'together' | 'among';
  readonly addresses: readonly string[];
}

/**
 * Joins effects that differ only in their causes and either in their principals or in their
 * sources. Plans often create many roles, or change many databases, in the same way.
 */
export function alikeEffects<T extends CausedEffect>(effects: readonly T[]): readonly AlikeEffects<T>[] {
  const causeOf = ({ kind, how, addresses }: T): readonly unknown[] => [kind, how, addresses.length];
  const ofOthers = groupBy(effects, (one) => JSON.stringify([causeOf(one), one.operations]));
  const single = [...ofOthers.values()].flatMap((group) => (group.length === 1 ? group : []));
  const onOthers = groupBy(single, (one) =>
    JSON.stringify([
      causeOf(one),
      one.principals,
      one.operations.map(({ operation, targets }) => [operation, targets.length]),
    ]),
  );
  const sources = new Map([...onOthers.values()].map(([first, ...others]) => [first, others.flatMap(targetsOf)]));
  return [...ofOthers.values()].flatMap(([first, ...others]): readonly AlikeEffects<T>[] => {
    const principals = others.flatMap((one) => one.principals);
    const arns = sources.get(first);
    if (others.length > 0) return [{ first, others: { are: 'principals', arns: principals } }];
    return arns === undefined ? [] : [{ first, others: { are: 'sources', arns } }];
  });
}

function targetsOf({ operations }: EffectWords): readonly string[] {
  return operations.flatMap(({ targets }) => targets);
}
