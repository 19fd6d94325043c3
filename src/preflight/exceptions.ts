import { isArn } from '../base/arn.ts';
import type { Directory } from '../evidence/directory.ts';
import { daysLeft } from './exception-notes.ts';
import type { Exception, Expectation } from './expectation.ts';
import type { ExceptionUse } from './outcome.ts';
import { patternOf } from './pattern.ts';
import { isPerson } from './people.ts';
import type { Combination } from './resolve.ts';
import { keyTest } from './targets.ts';

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

/** Whether an exception is about a combination. */
export function covers(
  { who, sources, operations, actions }: Exception,
  one: Combination,
  { evidence, key: keyAt }: Pick<Directory, 'evidence' | 'key'>,
): boolean {
  const { requested, target, place } = one;
  const there = { account: place.account, caller: evidence.caller?.Arn, evidence };
  if (who.length > 0 && !who.some((each) => isPerson(each, requested.principal, there))) return false;
  const { operation, source, key } = target;
  if (
    operations.length + actions.length > 0 &&
    !operations.some((each) => each.api === operation.api && each.command === operation.command) &&
    !actions.includes(operation.command.toLowerCase())
  )
    return false;
  if (sources.length === 0) return true;
  return sources.some(({ text }) => {
    const is = patternOf(text, true);
    if (key !== undefined) return keyTest(text)(keyAt(key) ?? { KeyMetadata: { Arn: key } });
    return source !== undefined && (isArn(text) ? is(source.arn) : is(source.identifier));
  });
}
