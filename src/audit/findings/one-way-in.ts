import { groupBy } from '../../base/group.ts';
import type { Backup, Estate } from '../estate.ts';
import {
  backupsByKey,
  type Holders,
  holdersOf,
  openFactsOf,
  restoresBySource,
  supposedHolders,
} from '../restorable.ts';
import { originsOf, type WaysInto } from '../ways-in.ts';
import { type FindingRow, nothing, wellArchitected } from './finding.ts';

/** Backups under one key that can be restored in one way only. */
export interface OneWayIn {
  readonly code: 'one-way-in';
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
  /**
   * The only principal that can restore, or the principal through which all that can are reached.
   */
  readonly principal: string;
  /**
   * `only`: nobody else can, whatever a root user can. `root`: only a root user can. `through`:
   * all who can are roles that nobody else can assume.
   */
  readonly way: 'only' | 'root' | 'through';
  /** Whether a root user can as well. */
  readonly besidesRoot: boolean;
  /** In how many ways the role can be assumed. Undefined: not known, or it is not a role. */
  readonly ways: number | undefined;
  /** ARNs of all who can. */
  readonly holders: readonly string[];
}

export const oneWayIn: FindingRow<OneWayIn> = {
  code: 'one-way-in',
  frameworks: [wellArchitected('SEC03-BP03')],
  find(estate) {
    const answers = restoresBySource(estate);
    const known = new Map<unknown, Way | undefined>();
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      const found = backups.flatMap((backup) => {
        const answer = answers.get(backup.source.arn);
        if (answer === undefined) return [];
        if (!known.has(answer)) known.set(answer, wayOf(estate, holdersOf(answer)));
        const way = known.get(answer);
        return way === undefined ? [] : [{ backup, way }];
      });
      return [...groupBy(found, ({ way }) => way.principal).values()].map((all) => {
        const [{ way }] = all;
        const certain = all.filter((one) => !one.way.isOpen);
        const open = all.filter((one) => one.way.isOpen);
        const named = (some: readonly { readonly backup: Backup }[]): readonly string[] =>
          some.map(({ backup }) => backup.source.arn);
        return {
          code: 'one-way-in',
          account,
          region,
          subject: key ?? `unencrypted ${region}`,
          severity: 'high',
          affected: certain.length === 0 ? nothing : { backups: named(certain), principals: [way.principal] },
          maybe: open.length === 0 ? nothing : { backups: named(open), principals: [way.principal] },
          dependsOn: open.flatMap((one) => [
            ...openFactsOf(one.way.holders),
            ...one.way.unread.map((of) => ({ is: 'unread', unread: { code: 'ways-in-unread', of } }) as const),
          ]),
          statements: [],
          key,
          principal: way.principal,
          way: way.way,
          besidesRoot: way.way !== 'root' && way.holders.roots.length > 0,
          ways: estate.waysInto(way.principal)?.length,
          holders: way.holders.people,
        } as const;
      });
    });
  },
};

interface Way extends Pick<OneWayIn, 'principal' | 'way'> {
  readonly isOpen: boolean;
  readonly holders: Holders;
  /** Roles for which it is not known who assumes them, which decides the finding. */
  readonly unread: readonly string[];
}

/** The only way to restore. If it is undecided who can restore, one of the possible ways. */
function wayOf(estate: Pick<Estate, 'waysInto'>, holders: Holders): Way | undefined {
  for (const supposed of supposedHolders(holders)) {
    const way = wayOfAll(estate, supposed);
    if (way !== undefined) return way;
  }
  return undefined;
}

/**
 * The only way if these are the holders. A root user is for emergencies, and does not count as a
 * second way.
 */
function wayOfAll({ waysInto }: Pick<Estate, 'waysInto'>, holders: Holders): Way | undefined {
  const { people, roots, open, lacks } = holders;
  const isOpen = open.length + lacks.length > 0;
  const common = { isOpen, holders, unread: [] };
  const [first] = people;
  const [root] = roots;
  if (first === undefined) return root === undefined ? undefined : { principal: root, way: 'root', ...common };
  if (people.length === 1) return { principal: first, way: 'only', ...common };
  const only = throughOne(waysInto, people);
  if (only !== undefined) return { principal: only, way: 'through', ...common };
  const perhaps = perhapsThroughOne(waysInto, people);
  return perhaps === undefined ? undefined : { ...perhaps, way: 'through', isOpen: true, holders };
}

/** The user or role that is on every way to everybody. If there are several, the nearest. */
function throughOne(waysInto: WaysInto, people: readonly string[]): string | undefined {
  const [first] = people;
  if (first === undefined) return undefined;
  return originsOf(waysInto, first).through.find((only) =>
    people.every((arn) => isReached(waysInto, arn) && (arn === only || !isReached(waysInto, arn, only))),
  );
}

/**
 * The user or role that may be on every way, because the trust policies of some roles were not
 * read.
 */
function perhapsThroughOne(
  waysInto: WaysInto,
  people: readonly string[],
): Pick<Way, 'principal' | 'unread'> | undefined {
  const unread = new Set(people.flatMap((arn) => originsOf(waysInto, arn).unread));
  if (unread.size === 0) return undefined;
  const isReachedBesides = (arn: string, only: string): boolean => {
    const { providers, isOther } = originsOf(waysInto, arn, only);
    return isOther || providers.length > 0;
  };
  const nearest = [...new Set(people.flatMap((arn) => originsOf(waysInto, arn).through))];
  const principal = nearest.find((only) =>
    people.every((arn) => isReached(waysInto, arn) && (arn === only || !isReachedBesides(arn, only))),
  );
  return principal === undefined ? undefined : { principal, unread: [...unread].filter((arn) => arn !== principal) };
}

/**
 * Whether somebody can act as a principal. Data that was not read may contain a way in, so such
 * data counts as a way.
 */
function isReached(waysInto: WaysInto, arn: string, without?: string): boolean {
  const { providers, unread, isOther } = originsOf(waysInto, arn, without);
  return isOther || providers.length + unread.length > 0;
}
