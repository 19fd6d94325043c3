import { describe, expect, test } from 'vitest';
import { isRootArn } from '../../src/base/arn.ts';
import { principalParts, type SignaturePart } from '../../src/bulk/parts.ts';
import { type Bound, boundTo } from '../../src/check/bind.ts';
import { type Evaluator, evaluator } from '../../src/check/evaluate.ts';
import { rank } from '../../src/check/verdict.ts';
import type { Verdict } from '../../src/contract/report.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, findPrincipal } from '../../src/evidence/principals.ts';
import type { Evidence, Key, ManagedPolicy, Role } from '../../src/evidence/schema.ts';
import { everySource, type Source } from '../../src/evidence/sources.ts';
import { beforeFixes } from '../../src/fix/before.ts';
import type { Budget } from '../../src/fix/budget.ts';
import { type Effects, effectsOf } from '../../src/fix/effects.ts';
import { type Plan, plans } from '../../src/fix/plan.ts';
import { identityArn } from '../../src/fix/step.ts';
import { catalogue, findOperation } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { ReadDocuments } from '../../src/policy/policies.ts';
import { chanceOf, Dice, document, estateOf, keyArnOf } from './estates.ts';
import { comparisons, countOf, firstSeed, isDeep, seeds } from './seed.ts';
import { accountA } from './vocabulary.ts';

/* The reported gains of other principals agree with single checks of both states. */

const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

/** The questions about one estate, under each of its states. */
function underStates() {
  const read = new ReadDocuments();
  const effort = { spent: 0 };
  const made = new WeakMap<Evidence, Evaluator>();
  const under = (evidence: Evidence): Evaluator => {
    const evaluating = made.get(evidence) ?? evaluator(directoryOf(evidence), settings, read, effort);
    made.set(evidence, evaluating);
    return evaluating;
  };
  const budget: Budget = { effort, most: Infinity };
  return { under, budget };
}

interface Found {
  readonly asked: Bound;
  readonly before: Evaluator;
  readonly after: Evaluator;
  /** `without`: parts of signatures to leave out. */
  readonly effects: (without?: ReadonlySet<SignaturePart>) => Effects;
}

/** Some failing operations of some principals, with the gains from their fixes. */
function* fixesIn(seed: number): Generator<Found> {
  const dice = new Dice(chanceOf(seed + 55));
  const { evidence } = estateOf(seed);
  const { under, budget } = underStates();
  const before = under(evidence);
  const operation = findOperation(dice.one(['RestoreDBClusterFromSnapshot', 'CopyDBClusterSnapshot']));
  if (operation === undefined) throw new Error('the catalogue has both');
  const sources = everySource(evidence).filter(({ type }) => operation.reads?.types.some((one) => one === type));
  for (let at = 0; at < 3; at += 1) {
    const source = dice.one(sources);
    const arn = dice.one(everyPrincipal(evidence).filter((one) => one.includes(source.account)));
    const principal = findPrincipal(before.directory, arn);
    const asked = boundTo(before.directory, { operation, principal, region: source.region, parameters: {} }, source);
    const evaluated = before.evaluate(asked);
    if (evaluated.verdict === 'succeeds') continue;
    const [plan] = plans(evaluated, before, ({ evidence: other }) => under(other), { effort: { spent: 0 }, most: 400 });
    if (plan === undefined || plan.steps.some(({ step }) => step === 'copy')) continue;
    yield foundBy(plan, asked, { before, after: under(plan.after.evidence), budget });
  }
}

function foundBy(
  { steps }: Plan,
  asked: Bound,
  { before, after, budget }: Pick<Found, 'before' | 'after'> & { readonly budget: Budget },
): Found {
  const sides = { before: beforeFixes(before, asked, budget.effort), after };
  return {
    asked,
    before,
    after,
    effects: (without = new Set()) => effectsOf(steps, asked, { ...sides, without }, budget),
  };
}

function verdictIn({ directory, verdict }: Evaluator, arn: string, operation: Operation, source: Source): Verdict {
  const principal = findPrincipal(directory, arn);
  return verdict(boundTo(directory, { operation, principal, region: source.region, parameters: {} }, source));
}

/** Reported gains that single checks do not confirm. `note`: is called for each comparison. */
function wrongIn({ before, after }: Found, effects: Effects, note: () => void = () => undefined): readonly string[] {
  const sources = new Map(everySource(after.evidence).map((source) => [source.arn, source]));
  return effects.gains.flatMap(({ gainers, operation, target, before: was, after: now }) => {
    const source = sources.get(target);
    if (source === undefined) return [];
    return gainers.flatMap(({ arn }) => {
      note();
      const alone = [verdictIn(before, arn, operation, source), verdictIn(after, arn, operation, source)];
      return alone[0] === was && alone[1] === now ? [] : [`${arn} ${operation.api} ${target}: ${alone.join()}`];
    });
  });
}

/** Gains in a sample of single checks that are not reported. */
function missedIn(
  { asked, before, after }: Found,
  effects: Effects,
  { seed, note }: { readonly seed: number; readonly note: () => void },
): readonly string[] {
  if (effects.notAsked > 0) return [];
  const dice = new Dice(chanceOf(seed + 99));
  const reported = new Set(
    effects.gains.flatMap(({ gainers, operation, target }) =>
      gainers.map(({ arn }) => `${arn} ${operation.api} ${target}`),
    ),
  );
  const isAsked = (arn: string, operation: Operation, source: Source): boolean =>
    arn === identityArn(asked.principal) && operation.api === asked.operation.api && source.arn === asked.source?.arn;
  const operations = catalogue.filter(
    ({ reads, requires = [], runsAsRole }) => reads !== undefined && requires.length === 0 && runsAsRole !== true,
  );
  const people = everyPrincipal(after.evidence);
  const sources = everySource(after.evidence);
  return Array.from({ length: 40 }, () => [dice.one(people), dice.one(operations), dice.one(sources)] as const).flatMap(
    ([arn, operation, source]) => {
      if (operation.reads?.types.some((one) => one === source.type) !== true) return [];
      const name = `${arn} ${operation.api} ${source.arn}`;
      if (reported.has(name) || isAsked(arn, operation, source)) return [];
      note();
      const [was, now] = [verdictIn(before, arn, operation, source), verdictIn(after, arn, operation, source)];
      return rank[now] > rank[was] ? [name] : [];
    },
  );
}

describe('what a fix gives to others', () => {
  const expectSingleChecks = (from: Iterable<number>, enough: number): void => {
    let [compared, fixes, gains, together] = [0, 0, 0, 0];
    const note = (): void => {
      compared += 1;
    };
    for (const seed of from) {
      for (const found of fixesIn(seed)) {
        const effects = found.effects();
        expect(wrongIn(found, effects, note), `SEED=${seed}`).toEqual([]);
        expect(missedIn(found, effects, { seed, note }), `SEED=${seed}`).toEqual([]);
        fixes += 1;
        gains += effects.gains.length;
        together += effects.gains.filter(({ gainers }) => gainers.length > 1).length;
        if (compared >= enough) break;
      }
      if (compared >= enough) break;
    }
    expect(compared).toBeGreaterThanOrEqual(comparisons);
    expect(gains).toBeGreaterThan(fixes / 2);
    // Few fixes may by chance reach nobody together.
    if (enough > comparisons) expect(together).toBeGreaterThan(fixes / 16);
  };

  test('is what single checks of both states find', () => expectSingleChecks(seeds(), comparisons));

  test(
    'is what single checks of both states find, in more estates',
    { tags: 'slow', timeout: isDeep ? 3_600_000 : 180_000 },
    () =>
      expectSingleChecks(
        Array.from({ length: countOf(3_000, 30) }, (_, at) => firstSeed + at),
        Infinity,
      ),
  );
});

const region = 'us-east-1';
const iam = `arn:aws:iam::${accountA}`;
const keyArn = keyArnOf(accountA, 'k1');
const allow = (Action: unknown, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...(Condition === undefined ? {} : { Condition }),
});

/** The policies of the roles, and the difference of the last role. */
interface OneUnlike {
  readonly condition?: object;
  readonly keyStatements?: readonly Readonly<Record<string, unknown>>[];
  readonly last?: Partial<Role>;
  readonly policies?: readonly ManagedPolicy[];
}

/** Eight roles that can restore as soon as the key is enabled. The last role may differ. */
function disabledKey({ condition, keyStatements = [], last = {}, policies = [] }: OneUnlike): Evidence {
  const statements = [allow('rds:*'), allow(['kms:DescribeKey', 'kms:CreateGrant'], condition)];
  const roles = Array.from({ length: 8 }, (_, index): Role => {
    const role: Role = {
      Arn: `${iam}:role/r${index}`,
      RoleName: `r${index}`,
      RoleId: `AROAR${index}`,
      RolePolicyList: [{ PolicyName: 'own', PolicyDocument: document(statements) }],
      AttachedManagedPolicies: [],
      Tags: [{ Key: 'team', Value: 'red' }],
    };
    return index === 7 ? { ...role, ...last } : role;
  });
  const delegates = { Effect: 'Allow', Principal: { AWS: `${iam}:root` }, Action: 'kms:*', Resource: '*' };
  const key: Key = {
    KeyMetadata: {
      Arn: keyArn,
      KeyManager: 'CUSTOMER',
      KeyState: 'Disabled',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
    },
    Policy: document([delegates, ...keyStatements]),
    RamPolicy: null,
    Grants: [],
    Aliases: [],
    Tags: [{ TagKey: 'team', TagValue: 'red' }],
  };
  const snapshot = {
    DBClusterSnapshotIdentifier: 's',
    DBClusterSnapshotArn: `arn:aws:rds:${region}:${accountA}:cluster-snapshot:s`,
    SnapshotType: 'manual',
    Status: 'available',
    Engine: 'aurora-mysql',
    StorageEncrypted: true,
    KmsKeyId: keyArn,
    TagList: [],
  };
  return {
    evidenceVersion: 1,
    accounts: {
      [accountA]: {
        organization: null,
        iam: { UserDetailList: [], GroupDetailList: [], RoleDetailList: roles, Policies: [...policies] },
        regions: { [region]: { rds: { DBClusterSnapshots: [snapshot] }, kms: { keys: [key] } } },
      },
    },
  };
}

const boundaryArn = `${iam}:policy/narrow`;
const blue = [{ Key: 'team', Value: 'blue' }];

/** Eight roles. The last role differs from the others only in this part of the signature. */
const unlike: Readonly<Partial<Record<SignaturePart, OneUnlike>>> = {
  'identity policies': {
    last: { RolePolicyList: [{ PolicyName: 'own', PolicyDocument: document([allow('rds:*'), allow('s3:*')]) }] },
  },
  boundary: {
    last: { PermissionsBoundary: { PermissionsBoundaryArn: boundaryArn } },
    policies: [
      {
        Arn: boundaryArn,
        PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document([allow('rds:*')]) }],
      },
    ],
  },
  'outcomes of conditions': {
    condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
    last: { Tags: blue },
  },
  'values of variables': {
    condition: { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
    last: { Tags: blue },
  },
  'principal elements': {
    keyStatements: [{ Effect: 'Deny', Principal: { AWS: `${iam}:role/r7` }, Action: 'kms:*', Resource: '*' }],
  },
};

/** The gains of the other roles from the fix for the first role. */
function enabling(evidence: Evidence): Found {
  const { under, budget } = underStates();
  const before = under(evidence);
  const [source] = everySource(evidence);
  const operation = findOperation('RestoreDBClusterFromSnapshot');
  if (operation === undefined) throw new Error('the catalogue has it');
  const principal = findPrincipal(before.directory, `${iam}:role/r0`);
  const asked = boundTo(before.directory, { operation, principal, region, parameters: {} }, source);
  const [plan] = plans(before.evaluate(asked), before, ({ evidence: other }) => under(other), budget);
  if (plan === undefined) throw new Error('to enable the key is a fix');
  return foundBy(plan, asked, { before, after: under(plan.after.evidence), budget });
}

describe('what a fix gives to others', () => {
  test('is checked once for each class', () => {
    const { effects } = enabling(disabledKey({}));
    const found = effects().gains.filter(({ gainers: [{ arn }] }) => arn !== `${iam}:role/r0` && !isRootArn(arn));
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ gainers }) => gainers.length))).toEqual(new Set([7]));
  });

  test.each(Object.entries(unlike))('is wrong about a principal without %s', (part, different) => {
    const found = enabling(disabledKey(different));
    expect(wrongIn(found, found.effects())).toEqual([]);
    const without = new Set(principalParts.filter((one) => one === part));
    expect(wrongIn(found, found.effects(without))).not.toEqual([]);
  });
});
