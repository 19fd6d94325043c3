import { isRootArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import type { ReasonedCall } from '../check/call-reason.ts';
import { likeness } from '../check/judgment.ts';
import { isUnmet } from '../check/verdict.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { EstateAnswer } from './asking.ts';
import { type Backup, bySource, type Estate } from './estate.ts';
import type { OpenFact } from './findings/finding.ts';
import { byRanks, changesNeeded, type StandingGroup } from './standings.ts';

/* Who can restore a backup, and whether nobody can. */

/** Backups that one key encrypts in one account and Region. */
export interface KeyedBackups {
  readonly account: string;
  readonly region: string;
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
  readonly backups: readonly [Backup, ...Backup[]];
}

/** Groups backups by account, Region and key. */
export function backupsByKey({ backups }: Pick<Estate, 'backups'>): readonly KeyedBackups[] {
  const groups = groupBy(backups, ({ key, source }) => `${source.account} ${source.region} ${key ?? ''}`);
  return [...groups.values()].map((all): KeyedBackups => {
    const [{ key, source }] = all;
    return { account: source.account, region: source.region, key, backups: all };
  });
}

/** The answers about restores, by the ARN of the source. */
export function restoresBySource({ restores }: Pick<Estate, 'restores'>): ReadonlyMap<string, EstateAnswer> {
  return bySource(restores());
}

/** The principals that can do something, and those that may be able to. */
export interface Holders {
  /** ARNs of users, roles and federated users. */
  readonly people: readonly string[];
  /** ARNs of root users. */
  readonly roots: readonly string[];
  /** Groups for which it is not known. */
  readonly open: readonly StandingGroup[];
  /** Principals that were not read. */
  readonly lacks: EstateAnswer['lacks'];
}

/**
 * The holders among groups with a standing. If the state of the key stops everybody, principals
 * that were not read do not matter.
 */
export function holdersOf({ groups, lacks }: Pick<EstateAnswer, 'groups' | 'lacks'>): Holders {
  const able = groups.flatMap(({ standing, principals }) => (standing === 'can' ? principals : []));
  return {
    people: able.filter((arn) => !isRootArn(arn)),
    roots: able.filter(isRootArn),
    open: groups.filter(isOpenStanding),
    lacks: lacks.length > 0 && isStoppedByKey(groups) ? [] : lacks,
  };
}

/**
 * Possible sets of holders, if nobody can certainly restore: for each of a few sets of open facts,
 * the principals that could restore if these facts were decided in their favor. If somebody
 * certainly can, the holders as they are.
 */
export function supposedHolders(holders: Holders): readonly Holders[] {
  if (holders.people.length + holders.roots.length > 0) return [holders];
  const standing = holders.open.flatMap((group) =>
    group.classes.flatMap(({ members }) => members.map((arn) => ({ arn, facts: factNames(group, arn) }))),
  );
  // The order of the evidence does not matter, so that findings keep their IDs.
  const ordered = standing.toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
  const all = [...groupBy(ordered, ({ facts }) => [...facts].toSorted().join('\n')).values()];
  const fewest = all.toSorted(([one], [other]) => one.facts.size - other.facts.size).slice(0, mostSuppositions);
  return fewest.map(([{ facts }]) => {
    const able = all.filter(([one]) => [...one.facts].every((fact) => facts.has(fact))).flat();
    const arns = able.map(({ arn }) => arn);
    return { ...holders, people: arns.filter((arn) => !isRootArn(arn)), roots: arns.filter(isRootArn) };
  });
}

const mostSuppositions = 10;

/**
 * The facts that decide for a member of an open group, under names that equal facts share. A rule
 * that AWS does not publish is the same for everybody.
 */
function factNames({ dependsOn, judgment }: StandingGroup, arn: string): ReadonlySet<string> {
  const own = dependsOn.flatMap(({ members, items }) => (members.includes(arn) ? items : []));
  const others = judgment().reasons.filter((reason) => !('group' in reason) || !reason.group.calls.some(isOpenCall));
  return new Set([
    ...own.map((fact) => (fact.fact === 'rule' ? fact.rule : JSON.stringify(fact))),
    ...others.map((reason) =>
      JSON.stringify(likeness({ ...judgment(), reasons: [reason], expectedError: undefined, assumptions: [] })),
    ),
  ]);
}

/** Whether a call depends on facts. The facts of the group already represent such a call. */
function isOpenCall({ call }: ReasonedCall): boolean {
  return call.decision.decision === 'depends';
}

/** Preconditions that stop everybody, including principals that were not read. */
const keyStates: ReadonlySet<PreconditionCode> = new Set(['key-is-enabled', 'key-is-symmetric']);

function isStoppedByKey([first]: readonly StandingGroup[]): boolean {
  return first?.evaluated().preconditions.some((one) => isUnmet(one) && keyStates.has(one.row.code)) === true;
}

/**
 * Whether it is undecided if a group can restore. Another request can name another key. If policies
 * deny the calls on the backup's key that such a request is only inferred to make, the request
 * counts as a failure.
 */
export function isOpenStanding({ standing, byAnotherRequest, inferred }: StandingGroup): boolean {
  return standing === 'may' && !(byAnotherRequest && inferred.length > 0);
}

/** The facts that decide whether somebody else is able to. */
export function openFactsOf({ open, lacks }: Pick<Holders, 'open' | 'lacks'>): readonly OpenFact[] {
  return [
    ...open.flatMap((group): readonly OpenFact[] => {
      const { byAnotherRequest, dependsOn, judgment } = group;
      const facts = dependsOn.flatMap(({ items }) => items);
      return byAnotherRequest || facts.length > 0
        ? facts.map((fact) => ({ is: 'fact', fact }) as const)
        : judgment().reasons.map((reason) => ({ is: 'reason', reason }) as const);
    }),
    ...lacks.map((lack) => ({ is: 'lack', lack }) as const),
  ];
}

/**
 * Among groups that all fail, the group that needs the fewest and cheapest changes to restore. Root
 * users come last, because nobody should have to use one.
 */
export function nearestOf(groups: readonly StandingGroup[]): StandingGroup | undefined {
  const ranked = groups
    .filter(({ evaluated }) => evaluated().verdict === 'fails')
    .map((group) => ({
      group,
      ranks: [
        isRootArn(group.principals[0]) ? 1 : 0,
        group.standing === 'cannot' ? 1 : 0,
        ...changesNeeded(group.missing),
        -group.principals.length,
      ],
    }));
  return ranked.toSorted((one, other) => byRanks(one.ranks, other.ranks))[0]?.group;
}
