import { accountOf, isRootArn, shortName } from '../base/arn.ts';
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
  const who = someNames(principals, most, principalName);
  return `${capital(who)} ${principals.length === 1 ? one : several} ${list(does)} on ${someNames(targets, most)}`;
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
