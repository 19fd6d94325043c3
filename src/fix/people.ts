import { accountOf } from '../base/arn.ts';
import { remembered } from '../base/remembered.ts';
import type { Evaluator } from '../check/evaluate.ts';
import { mayAllow } from '../check/ruled-out.ts';
import { findOtherPrincipal, type Principal } from '../evidence/principals.ts';

/** Principals in one state of the evidence, by ARN. Each is looked up once. */
export interface People {
  readonly find: (arn: string) => Principal;
  /** See mayAllow. */
  readonly mayAllow: (arn: string) => (action: string) => boolean;
}

export function peopleIn({ directory, read }: Evaluator): People {
  const find = remembered((arn) => findOtherPrincipal(directory, arn));
  return {
    find,
    mayAllow: remembered((arn) => {
      const may = mayAllow(find(arn), read);
      const known = new Map<string, boolean>();
      return (action) => {
        const answer = known.get(action) ?? may(action);
        known.set(action, answer);
        return answer;
      };
    }),
  };
}

/**
 * The same principals after a change, for accounts whose users, roles and policies are still the
 * same objects.
 */
export function peopleAfter(before: People, was: Evaluator, after: Evaluator): People {
  const changed = peopleIn(after);
  const isSame = remembered((account) => {
    const [then, now] = [was.evidence.accounts[account], after.evidence.accounts[account]];
    return (then === undefined) === (now === undefined) && then?.iam === now?.iam;
  });
  const of = (arn: string): People => (isSame(accountOf(arn)) ? before : changed);
  return { find: (arn) => of(arn).find(arn), mayAllow: (arn) => of(arn).mayAllow(arn) };
}
