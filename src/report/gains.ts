import type { ReportedFix, Verdict } from '../contract/report.ts';

/** A verdict that gets better. */
export interface OneGain {
  readonly operation: string;
  readonly api: string;
  readonly target: string;
  readonly after: Verdict;
}

type Gains = ReportedFix['gains'];

/**
 * Who gains, and which of the gains. A principal may be in several gains, and a gain may list
 * thousands of principals.
 */
export function gainersIn(gains: Gains): ReadonlyMap<string, Gains> {
  const found = new Map<string, Gains>();
  for (const gain of gains)
    for (const principal of gain.principals) {
      const known = found.get(principal);
      if (known === undefined) found.set(principal, [gain]);
      else known.push(gain);
    }
  return found;
}

/** Gains of one principal, one by one. */
export function gainsOf(gains: Gains): readonly OneGain[] {
  return gains.flatMap(({ operations, targets, after }) =>
    operations.flatMap((operation) => targets.map((target) => ({ ...operation, target, after }))),
  );
}

/** An action that somebody gains. `key`: ARN; null: the action is not on a key. */
export interface OnePower {
  readonly principal: string;
  readonly action: string;
  readonly key: string | null;
  readonly before: ReportedFix['powers'][number]['before'];
  readonly after: ReportedFix['powers'][number]['after'];
}

/** The powers of a fix one by one. */
export function powersOf({ powers }: Pick<ReportedFix, 'powers'>): readonly OnePower[] {
  return powers.flatMap(({ principals, actions, keys, before, after }) =>
    principals.flatMap((principal) =>
      actions.flatMap((action) =>
        (keys.length === 0 ? [null] : keys).map((key) => ({ principal, action, key, before, after })),
      ),
    ),
  );
}
