/* Notes about exceptions: of an expectation, or of an audit. */

/** Something that is accepted until a date. */
export interface Dated {
  readonly reason: string;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}

/** `days`: until the exception ends. */
export type ExceptionNote<Accepting extends Dated> =
  | { readonly code: 'exception-ended'; readonly exception: Accepting }
  /** `isIdle`: it covers nothing at all. */
  | { readonly code: 'exception-unused'; readonly exception: Accepting; readonly isIdle: boolean }
  | { readonly code: 'exception-ends-soon'; readonly exception: Accepting; readonly days: number };

/** An exception that was asked about. */
export interface UsedException<Accepting extends Dated> {
  readonly exception: Accepting;
  /** Until it ends; negative after the end. */
  readonly days: number;
  /** The number of combinations that it covers. Absent: only those that need it are counted. */
  readonly covered?: number;
  /** How many of them would fail without it. */
  readonly needed: number;
}

const aDay = 24 * 60 * 60 * 1000;

/** Days from the day of `now`, an ISO time, to the last day; negative after that. */
export function daysLeft({ until }: Dated, now: string): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${now.slice(0, 10)}T00:00:00Z`)) / aDay);
}

/** How many days before its end the report warns of an exception. */
const soon = 14;

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
