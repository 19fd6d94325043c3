import pLimit, { type LimitFunction } from 'p-limit';
import { Failure } from '../base/failure.ts';
import { servicePrefix } from '../base/service.ts';
import type { Gap } from '../evidence/schema.ts';
import { endsTheRun, gapReason, isLoginRefused, isMissing, isRefused, isStalePage, toFailure } from './faults.ts';
import { nowReading } from './handler.ts';
import type { ReadAction } from './reads.ts';

/** What is read, for gaps and messages. */
export interface Subject {
  readonly what: ReadAction;
  readonly account?: string;
  readonly region?: string;
  readonly resource?: string;
}

/** Makes reads with a limit on concurrent calls, and records what could not be read. */
export interface Reader {
  /**
   * The answer. Undefined: AWS refused the read, which is recorded as a gap.
   * @throws Failure for any other fault
   */
  readonly read: <T>(subject: Subject, call: () => Promise<T>) => Promise<T | undefined>;
  /**
   * Like `read`, for an item that was listed before and may be gone by now. That is a gap as well.
   */
  readonly readIfThere: <T>(subject: Subject, call: () => Promise<T>) => Promise<T | undefined>;
  /** Like `read`, but null if AWS says that there is none. */
  readonly readIfAny: <T>(subject: Subject, call: () => Promise<T>) => Promise<T | null | undefined>;
  /** Like `read`, for data that every verdict needs. @throws Failure */
  readonly need: <T>(subject: Subject, call: () => Promise<T>) => Promise<T>;
  readonly gap: (subject: Subject, reason: string) => void;
  /** Adds the gaps of another reader. */
  readonly adopt: (gaps: readonly Gap[]) => void;
  /** In an order that does not depend on which answer came first. */
  readonly gaps: () => Gap[];
  /**
   * A reader with separate gaps and the same limit, for reads whose relevance is known only later.
   * `tolerant`: see ReaderOptions; by default the same as here.
   */
  readonly apart: (tolerant?: boolean) => Reader;
  /** Makes all calls fail that have not started. */
  readonly stop: () => void;
}

export interface ReaderOptions {
  /** The value of --endpoint-url, for messages. */
  readonly endpoint: string | undefined;
  /**
   * Every failed read is a gap, unless the credentials themselves fail. For evidence that is kept,
   * less is better than nothing.
   */
  readonly tolerant: boolean;
}

/** The most concurrent calls to one service, over all Regions and accounts. */
const atOnce = 8;

export function makeReader(options: ReaderOptions): Reader {
  return readerUnder(new Map(), options);
}

/** `limits`: by service. */
function readerUnder(limits: Map<string, LimitFunction>, { endpoint, tolerant }: ReaderOptions): Reader {
  const gaps: Gap[] = [];
  let isStopped = false;
  const limited = <T>(subject: Subject, call: () => Promise<T>): Promise<T> => {
    const service = servicePrefix(subject.what) ?? '';
    const limit = limits.get(service) ?? pLimit(atOnce);
    limits.set(service, limit);
    return limit(async () => {
      if (isStopped) throw new Failure('aws', `${subject.what}: the read was stopped`);
      return nowReading.run(subject, call);
    });
  };
  const gap = (subject: Subject, reason: string): void => void gaps.push({ ...subject, reason });
  const gapIf =
    (isGap: (error: unknown) => boolean) =>
    async <T>(subject: Subject, call: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await limited(subject, call);
      } catch (error) {
        // sts:AssumeRole is a read of its own only if another account is read.
        const isLogin = subject.what !== 'sts:AssumeRole' && isLoginRefused(error);
        if ((isLogin || !isGap(error)) && (!tolerant || endsTheRun(error)))
          throw toFailure(error, tolerant ? whatAndWhere(subject) : subject.what, endpoint);
        gap(subject, gapReason(error));
        return undefined;
      }
    };
  const need = async <T>(subject: Subject, call: () => Promise<T>): Promise<T> => {
    try {
      return await limited(subject, call);
    } catch (error) {
      throw toFailure(error, subject.what, endpoint);
    }
  };
  // Two reads with one action, such as those of both policies of a key, may be refused with the
  // same text.
  const sorted = (): Gap[] =>
    [...new Map(gaps.map((one) => [JSON.stringify(one), one] as const)).entries()]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([, one]) => one);
  return {
    gap,
    adopt: (more) => void gaps.push(...more),
    gaps: sorted,
    read: gapIf(isRefused),
    readIfThere: gapIf((error) => isRefused(error) || isMissing(error)),
    readIfAny: async (subject, call) => gapIf(isRefused)(subject, async () => orNull(call)),
    need,
    apart: (other = tolerant) => readerUnder(limits, { endpoint, tolerant: other }),
    stop: () => {
      isStopped = true;
    },
  };
}

/** An account may be read in several Regions, of which one may not be enabled. */
function whatAndWhere({ what, region }: Subject): string {
  return region === undefined ? what : `${what} in ${region}`;
}

async function orNull<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** How often a list is restarted because AWS no longer knows the token of its next page. */
const anew = 2;

/**
 * Every item of a paginated answer. `pages` must start at the first page and must not share its
 * input with another call, because the SDK writes the page token into the input.
 */
export async function allPages<Page extends object, Item>(
  pages: () => AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  for (let left = anew; ; left--) {
    let seen = 0;
    const all: Item[] = [];
    const tokens = new Set<string>();
    try {
      for await (const page of pages()) {
        seen++;
        refuseTwice(tokens, page);
        all.push(...(items(page) ?? []));
      }
      return all;
    } catch (error) {
      if (seen === 0 || left === 0 || !isStalePage(error)) throw error;
    }
  }
}

/** Without this, an endpoint that repeats a token would be called forever. */
function refuseTwice(tokens: Set<string>, page: object): void {
  for (const name of ['Marker', 'NextMarker', 'NextToken']) {
    const token: unknown = Reflect.get(page, name);
    if (typeof token !== 'string' || token === '') continue;
    if (tokens.has(token))
      throw Object.assign(new Error('two pages of the list have the same token'), {
        name: 'RepeatedPageToken',
      });
    tokens.add(token);
  }
}
