import { describe, expect, test } from 'vitest';
import { boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgement.ts';
import { mayRun } from '../../src/check/preconditions/trust.ts';
import { rank } from '../../src/check/verdict.ts';
import { compareStates } from '../../src/diff/diff.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, findPrincipal } from '../../src/evidence/principals.ts';
import type { Account, Evidence } from '../../src/evidence/schema.ts';
import { everySource, type Source } from '../../src/evidence/sources.ts';
import { verdictText } from '../../src/explain/reasons.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { chanceOf, Dice, estateOf } from './estates.ts';
import { countOf, firstSeed, isDeep } from './seed.ts';

/* A comparison asks only the first of each class, and gives the same answers as asking all. */

const estates = countOf(60, 3);
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

/** Operations that take nothing but a source; a few of them for each seed. */
function operationsOf(seed: number): readonly Operation[] {
  const all = catalogue.filter(({ reads, requires = [] }) => reads !== undefined && requires.length === 0);
  const few = 6;
  return Array.from({ length: few }, (_, at) => all[(seed * few + at) % all.length]).filter((one) => one !== undefined);
}

/** One state, as it is asked about one by one. */
function askingOf(evidence: Evidence) {
  const directory = directoryOf(evidence);
  const { evaluate } = evaluator(directory, asking);
  return {
    evidence,
    sources: new Map(everySource(evidence).map((source) => [source.arn, source])),
    mayRun: (arn: string) => mayRun(directory, arn),
    evaluated(arn: string, operation: Operation, source: Source) {
      const principal = findPrincipal(directory, arn);
      return evaluate(boundTo(directory, { operation, principal, region: source.region, parameters: {} }, source));
    },
  };
}

type Asking = ReturnType<typeof askingOf>;

/** What differs, by principal, operation and source, with its reasons. */
function oneByOne([then, now]: readonly [Asking, Asking], operations: readonly Operation[]): readonly string[] {
  const there = new Set(everyPrincipal(now.evidence));
  return everyPrincipal(then.evidence)
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
            const [was, is] = [then.evaluated(arn, operation, source), now.evaluated(arn, operation, other)];
            if (was.verdict === is.verdict) return [];
            const worse = rank[is.verdict] < rank[was.verdict] ? is : was;
            const reasons = judge(worse).reasons.map(verdictText);
            return [[arn, operation.api, source.arn, was.verdict, is.verdict, ...reasons].join('\n')];
          }),
      );
    });
}

describe('a comparison of two states', () => {
  test(
    'finds what asking one by one finds',
    () => {
      let differences = 0;
      for (let seed = firstSeed; seed < firstSeed + estates; seed++) {
        const [before, after] = statesOf(seed);
        const operations = operationsOf(seed);
        const found: string[] = [];
        const comparing = compareStates({
          ...asking,
          before: { evidence: before, name: 'before' },
          after: { evidence: after, name: 'after' },
          operations,
        });
        for (const one of comparing)
          if ('principal' in one)
            found.push(
              [
                one.principal,
                one.operation.api,
                one.target,
                one.before,
                one.after,
                ...one.reasons().map(verdictText),
              ].join('\n'),
            );
        expect(found.toSorted(), `SEED=${seed}`).toEqual(
          oneByOne([askingOf(before), askingOf(after)], operations).toSorted(),
        );
        differences += found.length;
      }
      expect(differences).toBeGreaterThan(estates * 20);
    },
    isDeep ? 3_600_000 : 60_000,
  );
});
