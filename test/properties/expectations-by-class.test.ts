import { describe, expect, test } from 'vitest';
import { principalParts, type SignaturePart } from '../../src/bulk/parts.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { PolicyText } from '../../src/evidence/policy-text.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import type { BaselineEntry } from '../../src/preflight/baseline.ts';
import { judging } from '../../src/preflight/judge.ts';
import type { Failing } from '../../src/preflight/outcome.ts';
import { readExpectations } from '../../src/preflight/read.ts';
import { changed } from '../check-case.ts';
import { chanceOf, Dice, type Estate, estateOf } from './estates.ts';
import { comparisons, countOf, firstSeed, isDeep, seeds } from './seed.ts';
import { accountA, accountB } from './vocabulary.ts';

/* An expectation about many principals agrees with the same expectation about each of them alone. */

const region = 'us-east-1';

type Fields = Readonly<Record<string, unknown>>;

const otherKey = { 'kms-key-id': `arn:aws:kms:${region}:${accountB}:key/k1` };

const asked: readonly Fields[] = [
  { asks: 'restore', snapshot: ['app-1', 'red-1'] },
  { asks: 'restore', snapshot: ['app-1', 'app-2'], flags: otherKey },
  { asks: 'share-snapshot', snapshot: ['app-1', 'blue-1'], flags: { with: [accountB] } },
  { asks: 'copy-snapshot', snapshot: ['app-1', 'app-3'], flags: { 'copy-tags': true } },
  { asks: 'create-snapshot', cluster: ['app', 'other'] },
  { asks: 'restore-job', snapshot: ['app-1', 'app-2'] },
  { asks: ['kms:CreateGrant', 'kms:DescribeKey'], key: ['k1', 'k2'] },
];

const stops: readonly Fields[] = [
  {},
  {},
  { because: ['kms:CreateGrant', 'rds:CreateDBClusterSnapshot', 'rds:RestoreDBClusterFromSnapshot'] },
  { because: [{ layer: 'identity' }] },
  { because: [{ layer: 'boundary' }, { layer: 'scp' }] },
  { because: [{ sid: 'S0' }, { sid: 'S1', layer: 'identity' }, { sid: 'K0' }] },
];

const sessions: readonly Fields[] = [{}, {}, { session: { mfa: true, 'source-ip': '203.0.113.7' } }];

const narrow: PolicyText = {
  name: 'narrow.json',
  document: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
      },
    ],
  },
};

/**
 * An expectation about many principals, and the same expectation about one of them, named or not.
 */
interface Expected {
  /** Whether the operation can run as this principal. */
  readonly mayBeAsked: (who: string) => boolean;
  readonly ofAll: Fields;
  readonly ofNamed: (who: string) => Fields;
  readonly ofOther: (who: string) => Fields;
}

function expectationOf({ principals }: Estate, seed: number): Expected {
  const dice = new Dice(chanceOf(seed + 33));
  const { asks, ...what } = dice.one(asked);
  const fields = { ...what, ...dice.one(sessions) };
  const mayBeAsked = (arn: string): boolean => asks !== 'restore-job' || arn.includes(':role/');
  const own = principals.filter(
    (arn) => arn.includes(accountA) && !arn.includes('aws-service-role') && mayBeAsked(arn),
  );
  const isOnly = dice.percent(60);
  if (isOnly) {
    const named = own.filter(() => dice.percent(40));
    const only = named.length === 0 ? own.slice(0, 2) : named;
    return {
      mayBeAsked,
      ofAll: { ...fields, only, can: asks },
      ofNamed: (who) => ({ ...fields, who, can: asks }),
      ofOther: (who) => ({ ...fields, who, cannot: asks }),
    };
  }
  const verb = dice.percent(70) ? 'cannot' : 'can';
  // Only roles have session policies.
  const isNarrowed = dice.percent(30);
  const people = isNarrowed ? own.filter((arn) => arn.includes(':role/')) : own;
  const all = {
    ...fields,
    [verb]: asks,
    ...(verb === 'cannot' ? dice.one(stops) : {}),
    ...(isNarrowed ? { session: { policy: 'narrow.json' } } : {}),
  };
  const ofOne = (who: string): Fields => ({ ...all, who });
  return { mayBeAsked, ofAll: { ...all, who: people }, ofNamed: ofOne, ofOther: ofOne };
}

function onWhat({ source, keys }: Failing['bound']): string {
  return source?.arn ?? keys['named key']?.arn ?? '';
}

/** The calls that decide, each with its statements and with the unknown facts of the decision. */
function reasonsOf(any: Failing['any']): string {
  const calls = any === undefined ? [] : any.isDenied ? any.requests.flatMap(({ denied }) => denied) : any.calls;
  return JSON.stringify(calls.map(({ row, decision }) => [row.kind, row.action, row.on, decision]));
}

/** The combinations that do not hold, each as a text. */
function failingIn(evidence: Evidence, all: readonly Fields[], without: ReadonlySet<SignaturePart>) {
  const entries: BaselineEntry[] = [];
  const text = JSON.stringify({
    version: '1',
    defaults: { account: accountA, region },
    expectations: all.map((one, index) => ({ id: `e${index}`, why: 'a reason', ...one })),
  });
  const judge = judging(
    directoryOf(evidence),
    {
      evaluatedAt: '2026-11-26T12:00:00Z',
      strict: false,
      sessionPolicies: new Map([['narrow.json', { text: narrow, managed: [] }]]),
      record: (entry) => void entries.push(entry),
    },
    without,
  );
  const resolved = readExpectations([{ file: 'expectations.json', text }]).map(
    (one) => [one, judge.resolve(one)] as const,
  );
  const judged = resolved.map(([one, meant]) => judge.judge(one, meant));
  const groups = resolved.flatMap(([, meant]) => meant.groups);
  // A missing resource is reported once, not for each principal.
  const failing = entries.filter(({ who }) => who !== '').map((entry) => JSON.stringify({ ...entry, id: '' }));
  const kept = judged.flatMap((one) =>
    one.alike
      .flatMap((each) => each.failing)
      .map(({ code, outcome, bound, any }) => [
        [code, outcome, bound.operation.api, onWhat(bound), bound.principal.arn].join(' '),
        reasonsOf(any),
      ]),
  );
  return {
    failing: failing.toSorted(),
    kept: new Map(kept.map(([name = '', any]) => [name, any])),
    holding: judged.reduce((sum, { counts }) => sum + counts.holds, 0),
    named: groups.flatMap(({ principals }) => principals.map(({ arn }) => arn)),
    others: groups.flatMap(({ others }) => others.map(({ arn }) => arn)),
  };
}

/**
 * The result of an expectation about many principals, sometimes with parts of signatures left out,
 * and the results of the same expectation about each principal.
 */
function bothWays(seed: number) {
  const estate = estateOf(seed);
  const { ofAll, ofNamed, ofOther, mayBeAsked } = expectationOf(estate, seed);
  const togetherWithout = (without: ReadonlySet<SignaturePart>) => failingIn(estate.evidence, [ofAll], without);
  const together = togetherWithout(new Set());
  const ofEach = [...together.named.map(ofNamed), ...together.others.filter(mayBeAsked).map(ofOther)];
  return { together, togetherWithout, alone: failingIn(estate.evidence, ofEach, new Set()) };
}

describe('an expectation about many', () => {
  const expectAsSingle = (from: Iterable<number>, enough: number): void => {
    let [failing, holding] = [0, 0];
    for (const seed of from) {
      const { together, alone } = bothWays(seed);
      expect(together.failing, `SEED=${seed}`).toEqual(alone.failing);
      for (const [name, any] of together.kept) expect(alone.kept.get(name), `SEED=${seed} ${name}`).toBe(any);
      failing += together.failing.length;
      holding += together.holding;
      if (failing + holding >= enough && failing > 0 && holding > 0) break;
    }
    expect(failing + holding).toBeGreaterThanOrEqual(comparisons);
    expect(failing).toBeGreaterThan(0);
    expect(holding).toBeGreaterThan(0);
  };

  test('fails for the same principals as single expectations, for the same reasons', () =>
    expectAsSingle(seeds(), comparisons));

  test(
    'fails for the same principals as single expectations, for the same reasons, in more estates',
    { tags: 'slow', timeout: isDeep ? 7_200_000 : 120_000 },
    () =>
      expectAsSingle(
        Array.from({ length: countOf(3_000, 40) }, (_, at) => firstSeed + at),
        Infinity,
      ),
  );
});

describe('an expectation that names statements of the principals', () => {
  const roles = ['DenyA', 'DenyB', 'DenyB', 'DenyB', 'DenyB', 'DenyB'].map((sid, number) => ({
    Arn: `arn:aws:iam::${accountA}:role/r${number}`,
    RoleName: `r${number}`,
    RolePolicyList: [
      {
        PolicyName: 'own',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: '*', Resource: '*' },
            { Sid: sid, Effect: 'Deny', Action: 'rds:RestoreDBClusterFromSnapshot', Resource: '*' },
          ],
        },
      },
    ],
  }));
  const text = JSON.stringify(changed(demoEvidence, { [`/accounts/${accountA}/iam/RoleDetailList`]: roles }));
  const evidence = parseEvidence('evidence.json', text);
  const fields = { who: 'role/r*', cannot: 'restore', snapshot: 'orders-before-upgrade' };

  test.each([
    { because: { layer: 'identity' }, holding: 6 },
    { because: { sid: 'DenyA' }, holding: 1 },
    { because: { sid: 'DenyB', layer: 'identity' }, holding: 5 },
  ] as const)('$because holds for $holding of 6', ({ because, holding }) => {
    const { named, ...judged } = failingIn(evidence, [{ ...fields, because: [because] }], new Set());
    expect(named).toHaveLength(6);
    expect(judged.holding).toBe(holding);
  });
});

/**
 * For each part of the signature, the seed of an estate for which the answers are wrong without the
 * part.
 */
const neededAt: Readonly<Partial<Record<SignaturePart, number>>> = {
  'values of variables': 17,
  'identity policies': 20,
  boundary: 24,
  'outcomes of conditions': 28,
  trust: 48,
  'principal elements': 74,
  type: 89,
};

describe('an expectation about many without', { tags: 'slow' }, () => {
  test.each(Object.entries(neededAt))('%s is wrong about a principal', (part, seed) => {
    const { together, togetherWithout, alone } = bothWays(seed);
    expect(together.failing).toEqual(alone.failing);
    const without = new Set(principalParts.filter((one) => one === part));
    expect(togetherWithout(without).failing).not.toEqual(alone.failing);
  });
});
