import { groupBy } from '../base/group.ts';
import type { ReportedFix } from '../contract/report.ts';
import type { Gain } from '../fix/effects.ts';
import type { Gainers } from '../fix/gainers.ts';
import type { Power } from '../fix/powers.ts';

/*
 * Groups the access that a fix gives. Principals with the same gains are named together, and so are
 * gains on the same resources. So the size does not grow with principals times operations times
 * sources.
 */

/** Gains as products of principals, operations and targets. Each gain is in exactly one product. */
export function gainsTogether(gains: readonly Gain[]): ReportedFix['gains'] {
  const named = gains.map(({ gainers, operation: { command, api }, target, before, after }) => ({
    who: gainers,
    what: JSON.stringify([command, api]),
    on: target,
    change: JSON.stringify([before, after]),
    gain: { operation: command, api, before, after },
  }));
  return products(named).map(({ first, who, what, on }) => ({
    principals: [...who],
    operations: what.map(({ gain: { operation, api } }) => ({ operation, api })),
    targets: [...on],
    before: first.gain.before,
    after: first.gain.after,
  }));
}

/** Powers as products of principals, actions and keys. Each power is in exactly one product. */
export function powersTogether(powers: readonly Power[]): ReportedFix['powers'] {
  const named = powers.map(({ principal, action, key, before, after }) => ({
    who: [{ arn: principal, order: 0 }] as const,
    what: action,
    on: key ?? '',
    change: JSON.stringify([before, after]),
    gain: { action, before, after },
  }));
  return products(named).map(({ first, who, what, on }) => ({
    principals: [...who],
    actions: what.map(({ gain }) => gain.action),
    keys: on.filter((key) => key !== ''),
    before: first.gain.before,
    after: first.gain.after,
  }));
}

/** `what`: a name for `gain` without the change. */
interface Named<Gained> {
  readonly who: Gainers;
  readonly what: string;
  readonly on: string;
  readonly change: string;
  readonly gain: Gained;
}

interface Product<Gained> {
  readonly first: Named<Gained>;
  readonly who: readonly string[];
  readonly what: readonly Named<Gained>[];
  readonly on: readonly string[];
}

function products<Gained>(all: readonly Named<Gained>[]): readonly Product<Gained>[] {
  const alike = groupBy(all, ({ who: [{ arn }], what, change }) => JSON.stringify([arn, what, change]));
  const listed = [...alike.values()].map((same) => ({ first: same[0], on: same.map(({ on }) => on) }));
  const onSame = groupBy(listed, ({ first, on }) => JSON.stringify([first.who[0].arn, first.change, on]));
  const ofOne = [...onSame.values()].map((same) => ({ ...same[0], what: same.map(({ first }) => first) }));
  const together = groupBy(ofOne, ({ first, what, on }) =>
    JSON.stringify([first.change, what.map((one) => one.what), on]),
  );
  return [...together.values()].map((same) => {
    const gainers = same.flatMap(({ first }) => first.who);
    return { ...same[0], who: gainers.toSorted((one, other) => one.order - other.order).map(({ arn }) => arn) };
  });
}
