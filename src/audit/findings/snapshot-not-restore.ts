import { isRootArn } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { parsePrincipalArn } from '../../base/principal-arn.ts';
import type { EstateAnswer } from '../asking.ts';
import { copiesAmong } from '../copies.ts';
import { asBackup, type Estate } from '../estate.ts';
import { isOpenStanding, openFactsOf, restoresBySource } from '../restorable.ts';
import type { StandingGroup } from '../standings.ts';
import { type FindingRow, nothing, wellArchitected } from './finding.ts';

/**
 * Principals that can take snapshots of databases but cannot restore any backup of them. For backup
 * roles, this is intended.
 */
export interface SnapshotNotRestore {
  readonly code: 'snapshot-not-restore';
}

export const snapshotNotRestore: FindingRow<SnapshotNotRestore> = {
  code: 'snapshot-not-restore',
  frameworks: [wellArchitected('REL09-BP02')],
  find(estate) {
    const restores = restoresOfDatabases(estate);
    const best = bestStandings();
    const found = takersIn(estate).flatMap(({ principals, databases, open }) => {
      const answers = [...new Set(databases.flatMap((arn) => restores.get(arn) ?? []))];
      if (answers.length === 0) return [];
      return principals.flatMap((principal) => {
        const standing = best(answers, principal);
        if (standing === 'can' || isRootArn(principal)) return [];
        return [{ principal, isOpen: standing === 'open' || open.length > 0, answers, taking: open }];
      });
    });
    return [...groupBy(found, ({ principal }) => parsePrincipalArn(principal)?.account ?? '')].map(([account, all]) => {
      const certain = all.filter(({ isOpen }) => !isOpen);
      const open = all.filter(({ isOpen }) => isOpen);
      return {
        code: 'snapshot-not-restore',
        account,
        region: undefined,
        subject: account,
        severity: 'note',
        affected: certain.length === 0 ? nothing : { principals: certain.map(({ principal }) => principal) },
        maybe: open.length === 0 ? nothing : { principals: open.map(({ principal }) => principal) },
        dependsOn: [
          ...[...new Set(open.flatMap(({ answers }) => answers))].flatMap(({ groups }) =>
            openFactsOf({ open: groups.filter(isOpenStanding), lacks: [] }),
          ),
          ...openFactsOf({ open: [...new Set(open.flatMap(({ taking }) => taking))], lacks: [] }),
        ],
        statements: [],
      };
    });
  },
};

interface Takers {
  readonly principals: readonly string[];
  readonly databases: readonly string[];
  /** The groups for which it is undecided whether they can take a snapshot. Empty: they can. */
  readonly open: readonly StandingGroup[];
}

/**
 * Who can take a snapshot of which databases, or may because a policy that could allow it was not
 * read. Principals with the same databases share a group.
 */
function takersIn(estate: Estate): readonly Takers[] {
  const answers = estate.rightsTo('create-snapshot', estate.databases);
  const takersWith = (isTaken: (group: StandingGroup) => boolean): ReadonlyMap<string, number[]> => {
    const takers = new Map<string, number[]>();
    for (const [number, { groups }] of answers.entries())
      for (const arn of groups.flatMap((group) => (isTaken(group) ? group.principals : []))) {
        const known = takers.get(arn);
        if (known === undefined) takers.set(arn, [number]);
        else known.push(number);
      }
    return takers;
  };
  const certain = takersWith(({ standing }) => standing === 'can');
  const perhaps = [...takersWith(dependsOnPolicy)].filter(([arn]) => !certain.has(arn));
  const groupsOf = (takers: Iterable<readonly [string, number[]]>, isOpen: boolean): readonly Takers[] =>
    [...groupBy([...takers], ([, numbers]) => numbers.join()).values()].map((all) => {
      const taken = all[0][1].flatMap((number) => answers[number] ?? []);
      return {
        principals: all.map(([arn]) => arn),
        databases: taken.flatMap(({ targets }) => targets).flatMap(({ source }) => source?.arn ?? []),
        open: isOpen ? taken.flatMap(({ groups }) => groups.filter(dependsOnPolicy)) : [],
      };
    });
  return [...groupsOf(certain, false), ...groupsOf(perhaps, true)];
}

/**
 * Whether a group depends on a policy that was not read. Other open facts do not count: a restore
 * mostly depends on the same fact, such as MFA.
 */
function dependsOnPolicy(group: StandingGroup): boolean {
  return isOpenStanding(group) && group.dependsOn.some(({ items }) => items.some(({ fact }) => fact === 'policy'));
}

/** The answers about restores of the backups of each database, by the ARN of the database. */
function restoresOfDatabases(estate: Estate): ReadonlyMap<string, readonly EstateAnswer[]> {
  const answers = restoresBySource(estate);
  const backupsOf = copiesAmong(estate, ({ isAvailable }) => isAvailable);
  return new Map(
    estate.databases.map((source) => {
      const own = backupsOf(asBackup(source)).filter((one) => one.source.account === source.account);
      return [source.arn, [...new Set(own.flatMap((one) => answers.get(one.source.arn) ?? []))]];
    }),
  );
}

/**
 * Finds the best standing of a principal in some answers. The standings of each answer are
 * collected once.
 */
function bestStandings(): (answers: readonly EstateAnswer[], principal: string) => 'can' | 'open' | 'cannot' {
  const known = new Map<EstateAnswer, ReadonlyMap<string, 'can' | 'open'>>();
  const standingsIn = (answer: EstateAnswer): ReadonlyMap<string, 'can' | 'open'> => {
    const before = known.get(answer);
    if (before !== undefined) return before;
    const made = new Map<string, 'can' | 'open'>();
    for (const group of answer.groups) {
      const standing = group.standing === 'can' ? 'can' : isOpenStanding(group) ? 'open' : undefined;
      if (standing !== undefined) for (const arn of group.principals) made.set(arn, standing);
    }
    known.set(answer, made);
    return made;
  };
  return (answers, principal) => {
    const standings = answers.map((answer) => standingsIn(answer).get(principal));
    return standings.includes('can') ? 'can' : standings.includes('open') ? 'open' : 'cannot';
  };
}
