/* Notes about the exceptions of an expectation or an audit. */

/** Something that is accepted until a date. */
export interface Dated {
  readonly reason: string;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}

/** `days`: until the exception ends. */
export type ExceptionNote<Accepting extends Dated> =
  | { readonly code: 'exception-ended'; readonly exception: Accepting }
  /** `isIdle`: the exception covers nothing at all. */
  | { readonly code: 'exception-unused'; readonly exception: Accepting; readonly isIdle: boolean }
  | { readonly code: 'exception-ends-soon'; readonly exception: Accepting; readonly days: number };

/** An exception, and how often it was used. */
export interface UsedException<Accepting extends Dated> {
  readonly exception: Accepting;
  /** Days until the exception ends. Negative after the end. */
  readonly days: number;
  /**
   * The number of combinations that the exception covers. Absent: only combinations that need it
   * are counted.
   */
  readonly covered?: number;
  /** The number of combinations that would fail without the exception. */
  readonly needed: number;
}

const aDay = 24 * 60 * 60 * 1000;

/** Days from the day of `now`, an ISO time, to the last day; negative after that. */
export function daysLeft({ until }: Dated, now: string): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${now.slice(0, 10)}T00:00:00Z`)) / aDay);
}

/** How many days before the end of an exception the report warns. */
const soon = 14;

/** The notes about an exception: it has ended, it ends soon, or nothing needs it. */
export function exceptionNotes<Accepting extends Dated>({
  exception,
  days,
  covered,
  needed,
}: UsedException<Accepting>): readonly ExceptionNote<Accepting>[] {
  if (days < 0) return [{ code: 'exception-ended', exception }];
  return [
    ...(needed === 0 ? [{ code: 'exception-unused', exception, isIdle: covered === 0 } as const] : []),
    ...(days <= soon ? [{ code: 'exception-ends-soon', exception, days } as const] : []),
  ];
}
