import type { Directory } from '../evidence/directory.ts';
import { daysLeft } from './exception-notes.ts';
import type { Exception, Expectation } from './expectation.ts';
import type { ExceptionUse } from './outcome.ts';
import { type Extent, extentOfAny, extentOfEach } from './pattern.ts';
import { personExtent } from './people.ts';
import type { Combination } from './resolve.ts';
import { keyExtent, nameReach } from './targets.ts';

/** An exception while combinations are checked. */
export interface Tally {
  readonly exception: Exception;
  readonly isLive: boolean;
  /** Counts a combination that the exception covers. */
  readonly count: (fails: boolean) => void;
  readonly use: () => ExceptionUse;
}

/** The exceptions of an expectation on the day of `now`, in UTC. */
export function exceptionsOf({ except }: Expectation, now: string): readonly Tally[] {
  return except.map((exception): Tally => {
    const days = daysLeft(exception, now);
    let covered = 0;
    let needed = 0;
    return {
      exception,
      isLive: days >= 0,
      count(fails) {
        covered += 1;
        if (fails) needed += 1;
      },
      use: () => ({ exception, days, covered, needed }),
    };
  });
}

/**
 * Whether an exception is about a combination. `some`: a name is known only after a plan is applied.
 */
export function covers(
  { who, sources, operations, actions }: Exception,
  one: Combination,
  { evidence, key: keyAt }: Pick<Directory, 'evidence' | 'key'>,
): Extent {
  const { requested, target, place } = one;
  const there = { account: place.account, caller: evidence.caller?.Arn, evidence };
  const people = who.map((each) => personExtent(each, requested.principal, there));
  const { operation, source, key } = target;
  if (
    operations.length + actions.length > 0 &&
    !operations.some((each) => each.api === operation.api && each.command === operation.command) &&
    !actions.includes(operation.command.toLowerCase())
  )
    return 'none';
  const things = sources.map(({ text }): Extent => {
    if (key !== undefined) return keyExtent(text, keyAt(key) ?? { KeyMetadata: { Arn: key } });
    return source === undefined ? 'none' : nameReach(text)(source);
  });
  return extentOfEach([
    who.length === 0 ? 'all' : extentOfAny(people),
    sources.length === 0 ? 'all' : extentOfAny(things),
  ]);
}
