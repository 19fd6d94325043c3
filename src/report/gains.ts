import type { ReportedFix, Verdict } from '../contract/report.ts';

/** A verdict that gets better for somebody. */
export interface OneGain {
  readonly principal: string;
  readonly operation: string;
  readonly api: string;
  readonly target: string;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** The gains of a fix one by one. */
export function gainsOf({ gains }: Pick<ReportedFix, 'gains'>): readonly OneGain[] {
  return gains.flatMap(({ principals, operations, targets, before, after }) =>
    principals.flatMap((principal) =>
      operations.flatMap((operation) => targets.map((target) => ({ principal, ...operation, target, before, after }))),
    ),
  );
}

/** An action that somebody comes to have. `key`: ARN; null: the action is not on a key. */
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
