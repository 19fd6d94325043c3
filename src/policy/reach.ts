import { and, or, type Truth } from './truth.ts';

/**
 * How an Allow of a resource policy reaches the caller. This decides which other policies must
 * allow (iam-evaluation 2.3, 5.14). `direct`: the Allow names the user, the session, anyone or the
 * service. `bounded`: the Allow names the role or the federating user, and the permissions boundary
 * and session policy still limit it. `account`: the Allow names the account, and only lets its
 * identity policies count.
 */
export interface Reach {
  readonly direct: Truth;
  readonly bounded: Truth;
  readonly account: Truth;
}

/** The Allow reaches nobody. This is the only object with this value, so `===` finds it. */
export const nobody: Reach = { direct: false, bounded: false, account: false };

export function anyReach(reach: Reach): Truth {
  return or(reach.direct, or(reach.bounded, reach.account));
}

/** The reach of an Allow that also needs a condition to be true. */
export function limitedTo(reach: Reach, truth: Truth): Reach {
  if (truth === true) return reach;
  if (truth === false) return nobody;
  const { direct, bounded, account } = reach;
  return { direct: and(direct, truth), bounded: and(bounded, truth), account: and(account, truth) };
}

/** The reach of two Allows together. */
export function joined(one: Reach, other: Reach): Reach {
  if (one === nobody) return other;
  if (other === nobody) return one;
  return {
    direct: or(one.direct, other.direct),
    bounded: or(one.bounded, other.bounded),
    account: or(one.account, other.account),
  };
}
