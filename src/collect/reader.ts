import pLimit, { type LimitFunction } from 'p-limit';
import type { Gap } from '../evidence/schema.ts';
import { isRefused, reasonOf, toFailure } from './faults.ts';

/** What is read, for gaps and messages. */
export interface Subject {
  /** The IAM action, e.g. `kms:GetKeyPolicy`. */
  readonly what: string;
  readonly account?: string;
  readonly region?: string;
  readonly resource?: string;
}

/** Reads with a bound on how much is under way at once, and keeps what was refused. */
export interface Reader {
  /** The answer, or undefined if AWS refused it, which is kept as a gap. @throws Failure for any other fault */
  readonly read: <T>(subject: Subject, call: () => Promise<T>) => Promise<T | undefined>;
  /** Like `read`, for what there is no verdict without. @throws Failure */
  readonly need: <T>(subject: Subject, call: () => Promise<T>) => Promise<T>;
  readonly gap: (subject: Subject, reason: string) => void;
  /** In an order that does not hang on which answer came first. */
  readonly gaps: () => Gap[];
}

/** Calls under way at once to one service. */
const atOnce = 8;

export function makeReader(endpoint: string | undefined, debug: ((line: string) => void) | undefined): Reader {
  const limits = new Map<string, LimitFunction>();
  const gaps: Gap[] = [];
  const timed = async <T>({ what, resource }: Subject, call: () => Promise<T>): Promise<T> => {
    const service = what.slice(0, what.indexOf(':'));
    const limit = limits.get(service) ?? pLimit(atOnce);
    limits.set(service, limit);
    return limit(async () => {
      const start = performance.now();
      try {
        return await call();
      } finally {
        debug?.(`${what}${resource === undefined ? '' : ` ${resource}`}: ${Math.round(performance.now() - start)} ms`);
      }
    });
  };
  const gap = (subject: Subject, reason: string): void => void gaps.push({ ...subject, reason });
  return {
    gap,
    gaps: () => gaps.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    async read(subject, call) {
      try {
        return await timed(subject, call);
      } catch (error) {
        if (!isRefused(error)) throw toFailure(error, subject.what, endpoint);
        gap(subject, reasonOf(error));
        return undefined;
      }
    },
    async need(subject, call) {
      try {
        return await timed(subject, call);
      } catch (error) {
        throw toFailure(error, subject.what, endpoint);
      }
    },
  };
}

/** Every item of a paginated answer. */
export async function allPages<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
}
