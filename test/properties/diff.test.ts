import { describe, expect, test } from 'vitest';
import { groupBy } from '../../src/base/group.ts';
import { type ComparedPart, comparedParts, principalParts } from '../../src/bulk/parts.ts';
import { boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgment.ts';
import { runners } from '../../src/check/preconditions/trust.ts';
import { rank } from '../../src/check/verdict.ts';
import { compareStates } from '../../src/diff/diff.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, everyRoot, findPrincipal } from '../../src/evidence/principals.ts';
import type { Account, Evidence } from '../../src/evidence/schema.ts';
import { everySource, type Source } from '../../src/evidence/sources.ts';
import { verdictText } from '../../src/explain/reasons.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { chanceOf, Dice, estateOf } from './estates.ts';
import { comparisons, countOf, firstSeed, isDeep, seeds } from './seed.ts';

/*
 * A comparison checks only the first member of each class, and gives the same answers as a check of
 * every member.
 */

const asking = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

/** Both states: the second has some parts of another estate. */
function statesOf(seed: number): readonly [Evidence, Evidence] {
  const dice = new Dice(chanceOf(seed + 77));
  const [{ evidence: before }, { evidence: other }] = [estateOf(seed), estateOf(seed + 5_000)];
  const accounts = Object.entries(before.accounts).map(([id, account]): [string, Account] => [
    id,
    changedFrom(dice, account, other.accounts[id] ?? account),
  ]);
  return [before, { ...before, accounts: Object.fromEntries(accounts) }];
}

function changedFrom(dice: Dice, account: Account, other: Account): Account {
  const { regions = {}, iam = {}, organization } = account;
  const swap = <T>(own: T, others: T, share: number): T => (dice.percent(share) ? others : own);
  const region = (name: string) => ({
    ...regions[name],
    kms: swap(regions[name]?.kms, other.regions?.[name]?.kms, 60),
    rds: swap(regions[name]?.rds, other.regions?.[name]?.rds, 25),
  });
  const { Policies, GroupDetailList, RoleDetailList, UserDetailList } = other.iam ?? {};
  return {
    ...account,
    ...(organization === undefined ? {} : { organization: swap(organization, other.organization ?? null, 30) }),
    iam: {
      ...iam,
      Policies: swap(iam.Policies, Policies, 30),
      GroupDetailList: swap(iam.GroupDetailList, GroupDetailList, 20),
      RoleDetailList: swap(iam.RoleDetailList, RoleDetailList, 20),
      UserDetailList: swap(iam.UserDetailList, UserDetailList, 20),
    },
    regions: Object.fromEntries(Object.keys(regions).map((name) => [name, region(name)])),
  };
}

/**
 * Both states. As after the apply of a plan, the second state has other tags, and sometimes other
 * policies, states and settings. Most of these differences decide nothing.
 */
function touchedStatesOf(seed: number): readonly [Evidence, Evidence] {
  const dice = new Dice(chanceOf(seed + 177));
  const [{ evidence: before }, { evidence: other }] = [estateOf(seed), estateOf(seed + 5_000)];
  const accounts = Object.entries(before.accounts).map(([id, account]): [string, Account] => [
    id,
    touched(dice, account, other.accounts[id] ?? account),
  ]);
  return [before, { ...before, accounts: Object.fromEntries(accounts) }];
}

function touched(dice: Dice, account: Account, other: Account): Account {
  const { regions = {}, iam = {}, organization } = account;
  const tag = () => ({ Key: dice.one(['env', 'team', 'note']), Value: dice.one(['prod', 'test', 'red', 'blue']) });
  const retagged = <T extends { readonly Tags?: unknown }>(one: T): T =>
    dice.percent(50) ? { ...one, Tags: [tag()] } : one;
  const setAnew = <T extends { readonly TagList?: unknown; readonly Status?: unknown }>(one: T): T => ({
    ...one,
    ...(dice.percent(40) ? { TagList: [tag()] } : {}),
    ...(dice.percent(10) ? { Status: dice.one(['available', 'creating', 'backing-up']) } : {}),
    ...(dice.percent(10) ? { CopyTagsToSnapshot: dice.percent(50) } : {}),
  });
  const region = (name: string) => {
    const { kms, rds } = regions[name] ?? {};
    const others = other.regions?.[name]?.kms?.keys ?? [];
    const keyTag = () => ({ TagKey: 'env', TagValue: dice.one(['prod', 'test']) });
    return {
      ...regions[name],
      kms: {
        ...kms,
        keys: (kms?.keys ?? []).map((key, at) => ({
          ...key,
          ...(dice.percent(40) ? { Tags: [keyTag()] } : {}),
          ...(dice.percent(15) ? { Policy: others[at]?.Policy, Grants: others[at]?.Grants } : {}),
        })),
      },
      rds: {
        ...rds,
        ...(rds?.DBClusters === undefined ? {} : { DBClusters: rds.DBClusters.map(setAnew) }),
        ...(rds?.DBInstances === undefined ? {} : { DBInstances: rds.DBInstances.map(setAnew) }),
        ...(rds?.DBClusterSnapshots === undefined ? {} : { DBClusterSnapshots: rds.DBClusterSnapshots.map(setAnew) }),
        ...(rds?.DBSnapshots === undefined ? {} : { DBSnapshots: rds.DBSnapshots.map(setAnew) }),
      },
    };
  };
  const others = new Map((other.iam?.RoleDetailList ?? []).map((role) => [role.Arn, role]));
  return {
    ...account,
    ...(organization !== undefined && dice.percent(10) ? { organization: other.organization ?? null } : {}),
    iam: {
      ...iam,
      RoleDetailList: iam.RoleDetailList?.map((role) =>
        dice.percent(15) ? (others.get(role.Arn) ?? role) : retagged(role),
      ),
      UserDetailList: iam.UserDetailList?.map(retagged),
      ...(dice.percent(10) ? { Policies: other.iam?.Policies } : {}),
    },
    regions: Object.fromEntries(Object.keys(regions).map((name) => [name, region(name)])),
  };
}

/** Operations without parameters other than a source; a few of them for each seed. */
function operationsOf(seed: number): readonly Operation[] {
  const all = catalogue.filter(({ reads, requires = [] }) => reads !== undefined && requires.length === 0);
  const few = 6;
  return Array.from({ length: few }, (_, at) => all[(seed * few + at) % all.length]).filter((one) => one !== undefined);
}

/** One state, with a function that checks one question at a time. */
function askingOf(evidence: Evidence) {
  const directory = directoryOf(evidence);
  const { evaluate, verdict } = evaluator(directory, asking);
  return {
    evidence,
    sources: new Map(everySource(evidence).map((source) => [source.arn, source])),
    mayRun: (arn: string) => runners(directory)(arn),
    verdict,
    evaluate,
    bound(arn: string, operation: Operation, source: Source) {
      const principal = findPrincipal(directory, arn);
      return boundTo(directory, { operation, principal, region: source.region, parameters: {} }, source);
    },
  };
}

type Asking = ReturnType<typeof askingOf>;

/**
 * For each principal, operation and source the difference with the reasons, from one check at a
 * time. Undefined: both states have the same verdict.
 */
function oneByOne(
  [then, now]: readonly [Asking, Asking],
  operations: readonly Operation[],
): readonly (string | undefined)[] {
  const everybody = ({ evidence }: Asking): readonly string[] => [...everyPrincipal(evidence), ...everyRoot(evidence)];
  const there = new Set(everybody(now));
  return everybody(then)
    .filter((arn) => there.has(arn))
    .flatMap((arn) => {
      const may = [then.mayRun(arn), now.mayRun(arn)];
      return operations.flatMap((operation) =>
        [...then.sources.values()]
          .filter(({ type }) => operation.reads?.types.some((one) => one === type))
          .filter(({ region }) => may.some((runs) => runs(operation, region)))
          .flatMap((source) => {
            const other = now.sources.get(source.arn);
            if (other === undefined) return [];
            const [before, after] = [then.bound(arn, operation, source), now.bound(arn, operation, other)];
            const [was, is] = [then.verdict(before), now.verdict(after)];
            if (was === is) return [undefined];
            const worse = rank[is] < rank[was] ? now.evaluate(after) : then.evaluate(before);
            const reasons = judge(worse).reasons.map(verdictText);
            return [[arn, operation.api, source.arn, was, is, ...reasons].join('\n')];
          }),
      );
    });
}

/** The differences according to the comparison. `without`: parts that the comparison leaves out. */
function compared(
  [before, after]: readonly [Evidence, Evidence],
  operations: readonly Operation[],
  without: ReadonlySet<ComparedPart> = new Set(),
): readonly string[] {
  const states = { before: { evidence: before, name: 'before' }, after: { evidence: after, name: 'after' } };
  return [...compareStates({ ...asking, ...states, operations }, without)].flatMap((one) =>
    'principal' in one
      ? [
          [one.principal, one.operation.api, one.target, one.before, one.after, ...one.reasons().map(verdictText)].join(
            '\n',
          ),
        ]
      : [],
  );
}

function alone([before, after]: readonly [Evidence, Evidence], operations: readonly Operation[]) {
  const asked = oneByOne([askingOf(before), askingOf(after)], operations);
  return { count: asked.length, differences: asked.filter((one) => one !== undefined).toSorted() };
}

describe.each([
  { kind: 'half of which is of another estate', statesFor: statesOf },
  { kind: 'of which tags and some settings differ', statesFor: touchedStatesOf },
])('a comparison of two states $kind', ({ statesFor }) => {
  /** `most`: of how many operations one comparison is. */
  const expectTheSame = (from: Iterable<number>, { most, enough }: { most: number; enough: number }): void => {
    let [asked, differing] = [0, 0];
    for (const seed of from) {
      const states = statesFor(seed);
      const operations = operationsOf(seed).slice(0, most);
      const expected = alone(states, operations);
      expect(compared(states, operations).toSorted(), `SEED=${seed}`).toEqual(expected.differences);
      asked += expected.count;
      differing += expected.differences.length;
      if (asked >= enough && differing > 0) break;
    }
    expect(asked).toBeGreaterThanOrEqual(comparisons);
    expect(differing).toBeGreaterThan(0);
  };

  test('finds the same as single checks', () => expectTheSame(seeds(), { most: 2, enough: comparisons }));

  test('finds the same as single checks, in more states', { tags: 'slow', timeout: isDeep ? 3_600_000 : 60_000 }, () =>
    expectTheSame(
      Array.from({ length: countOf(60, 3) }, (_, at) => firstSeed + at),
      { most: Infinity, enough: Infinity },
    ),
  );
});

/** For each part, the seed of two states for which the comparison is wrong without the part. */
const neededAt: Readonly<Partial<Record<ComparedPart, number>>> = {
  surroundings: 1,
  'values of variables': 11,
  'service-linked role': 7,
  'identity policies': 7,
  'outcomes of conditions': 7,
  'condition keys': 7,
  keys: 13,
  boundary: 27,
};

/**
 * The parts by seed, because checking one question at a time takes longest and is done once for
 * each seed.
 */
const needed = groupBy(Object.entries(neededAt), ([, seed]) => String(seed));

describe('a comparison of two states', { tags: 'slow' }, () => {
  test.each([...needed.values()].map((rows) => ({ seed: rows[0][1], parts: rows.map(([part]) => part) })))(
    'misses a difference without any of $parts',
    ({ seed, parts }) => {
      const states = touchedStatesOf(seed);
      const operations = operationsOf(seed);
      const expected = alone(states, operations).differences;
      expect(compared(states, operations).toSorted()).toEqual(expected);
      for (const part of parts) {
        const without = new Set([...principalParts, ...comparedParts].filter((one) => one === part));
        expect(compared(states, operations, without).toSorted(), part).not.toEqual(expected);
      }
    },
  );
});
