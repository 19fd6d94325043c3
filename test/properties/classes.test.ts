import { describe, expect, test } from 'vitest';
import { decideInBulk, principalsNamed } from '../../src/bulk/bulk.ts';
import { principalParts, type SignaturePart, targetParts } from '../../src/bulk/parts.ts';
import { callsOf } from '../../src/bulk/target-class.ts';
import { requestsOf } from '../../src/check/any-request.ts';
import { boundTo } from '../../src/check/bind.ts';
import { type Evaluated, evaluator } from '../../src/check/evaluate.ts';
import { decidePreconditions } from '../../src/check/preconditions/preconditions.ts';
import { rowsOf } from '../../src/check/rows.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal, type Principal } from '../../src/evidence/principals.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { everySource } from '../../src/evidence/sources.ts';
import { catalogue, findOperation } from '../../src/operations/catalogue.ts';
import { conditionKeys } from '../../src/policy/condition-keys.ts';
import { operators } from '../../src/policy/operators.ts';
import { differenceIn, outlineOf, type Tally, targetsIn } from './classes.ts';
import { document, type EstateLayer, estateOf, keyArnOf } from './estates.ts';
import { comparisons, firstSeed, isDeep, seeds } from './seed.ts';
import { accountA } from './vocabulary.ts';

/*
 * A class answers for each of its members. `npm test` compares 300 of them, `npm run test:slow`
 * 1,200, and `npm run test:deep` 300,000.
 */

const seed = firstSeed;
const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

function tally(): Tally {
  return { pairs: 0, cells: 0, members: 0, verdicts: {} };
}

describe('classes', () => {
  /** Compares at least this many members with single checks. `often`: the least part of a verdict. */
  const expectForMembers = (atLeast: number, often: number): void => {
    const counts = tally();
    for (let at = 0; counts.pairs < atLeast; at++) {
      const found = differenceIn(estateOf(seed + at), seed + at, counts);
      expect(found, `SEED=${seed + at}`).toBeUndefined();
    }
    // Otherwise the test would compare nothing: classes must have several members, and each
    // verdict must occur often.
    expect(counts.pairs).toBeGreaterThanOrEqual(comparisons);
    expect(counts.cells).toBeLessThan(counts.pairs * 0.95);
    for (const verdict of ['succeeds', 'undetermined', 'fails'])
      expect((counts.verdicts[verdict] ?? 0) / counts.pairs, verdict).toBeGreaterThanOrEqual(often);
  };

  test('have the answer of a single check for each of their members', () => expectForMembers(comparisons, 0));

  test(
    'have the answer of a single check for each of their members, in more estates',
    { tags: 'slow', timeout: isDeep ? 7_200_000 : 60_000 },
    () => expectForMembers(isDeep ? 300_000 : 1_200, 0.15),
  );

  test('come from estates in which no layer is rare', { tags: 'slow' }, () => {
    const counts = new Map<EstateLayer, number>();
    const estates = 100;
    for (let at = 0; at < estates; at++)
      for (const layer of estateOf(seed + at).layers) counts.set(layer, (counts.get(layer) ?? 0) + 1);
    const layers = ['scps', 'rcps', 'boundaries', 'groups', 'grants', 'tags', 'key policies', 'unknowns'] as const;
    for (const layer of layers) expect((counts.get(layer) ?? 0) / estates, layer).toBeGreaterThan(0.3);
  });
});

describe('a cell', () => {
  // In the last estate, one key has its alias in some requests and its ARN in others.
  const many = [...Array.from({ length: isDeep ? 500 : 6 }, (_, at) => seed + at), 1_306_809_258];

  const expectAsFirst = (estates: Iterable<number>, enough: number): void => {
    let compared = 0;
    for (const at of estates) {
      const estate = estateOf(at);
      const question = { principals: principalsNamed(estate.principals), targets: targetsIn(estate, at) };
      for (const cell of decideInBulk(directoryOf(estate.evidence), settings, question)) {
        compared += 1;
        const [known, alone] = [cell.evaluated(), cell.of(cell.principals.representative, cell.targets.representative)];
        const namesIn = ({ bound, calls }: Evaluated): unknown => [
          [bound.principal.arn, bound.role?.arn, bound.destination?.arn, bound.source?.arn],
          calls.map(({ row, actor, resource, region }) => [row.action, actor.arn, resource, region]),
        ];
        expect(namesIn(known), `SEED=${at}`).toEqual(namesIn(alone));
        expect(outlineOf(known, undefined), `SEED=${at}`).toEqual(outlineOf(alone, undefined));
      }
      if (compared >= enough) break;
    }
    expect(compared).toBeGreaterThanOrEqual(comparisons);
  };

  test('says what a check of its first members says, with their names', () => expectAsFirst(seeds(), comparisons));

  test(
    'says what a check of its first members says, with their names, in more estates',
    { tags: 'slow', timeout: isDeep ? 7_200_000 : 60_000 },
    () => expectAsFirst(many, Infinity),
  );

  const expectAsAlone = (estates: Iterable<number>, enough: number): void => {
    let calls = 0;
    for (const at of estates) {
      const estate = estateOf(at);
      const directory = directoryOf(estate.evidence);
      const question = { principals: principalsNamed(estate.principals), targets: targetsIn(estate, at) };
      const { decide } = evaluator(directory, { ...settings, strict: true });
      for (const cell of decideInBulk(directory, { ...settings, anyRequest: true }, question)) {
        const any = cell.anyRequest();
        const requests = any.isDenied ? any.requests : [{ bound: any.bound, denied: [...any.calls, ...any.inferred] }];
        for (const { bound, denied } of requests)
          for (const call of denied) {
            calls += 1;
            const alone = decide(call.row, bound);
            const comparable = ({ decision, assumptions, actor, resource }: typeof call): unknown => [
              [decision.decision, decision.decidedBy, decision.dependsOn, decision.lacking],
              [assumptions, actor.arn, resource],
            ];
            expect(comparable(call), `SEED=${at} ${call.row.action}`).toEqual(comparable(alone));
          }
        if (calls >= enough) break;
      }
      if (calls >= enough) break;
    }
    expect(calls).toBeGreaterThanOrEqual(comparisons);
  };

  test('decides every call of every request as if it were the only one', () => expectAsAlone(seeds(), comparisons));

  test(
    'decides every call of every request as if it were the only one, in more estates',
    { tags: 'slow', timeout: isDeep ? 7_200_000 : 60_000 },
    () => expectAsAlone(many, Infinity),
  );
});

/**
 * For each part of a signature, the seed of an estate that needs the part. `npm run test:deep`
 * searches the first 2,000 seeds, so that this table can be updated when estates change.
 */
const neededAt: Readonly<Record<SignaturePart, number>> = {
  type: 5,
  'service-linked role': 16,
  'identity policies': 1,
  boundary: 24,
  'unread policies': 18,
  'repeated names': 41,
  'outcomes of conditions': 6,
  'values of variables': 19,
  'principal elements': 6,
  namesakes: 38,
  trust: 12,
  rows: 40,
  preconditions: 5,
  resources: 5,
  'condition keys': 10,
};

describe('a signature without', () => {
  test.each([...principalParts, ...targetParts])(
    '%s groups what differs',
    { tags: 'slow', timeout: isDeep ? 3_600_000 : 30_000 },
    (part) => {
      const without = new Set([part]);
      const differs = (at: number): boolean => differenceIn(estateOf(at), at, tally(), without) !== undefined;
      if (!isDeep) expect(differs(neededAt[part])).toBe(true);
      else expect(Array.from({ length: 2_000 }, (_, at) => at).find(differs)).toBeDefined();
    },
  );
});

const region = 'us-east-1';

/**
 * Two roles, two users, and two snapshots under two keys. In each pair, the two differ in
 * everything that a condition key can read.
 */
function pairsWith(condition: object): Evidence {
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  const policy = document([allow, { Effect: 'Deny', Action: '*', Resource: '*', Condition: condition }]);
  const list = [{ PolicyName: 'p', PolicyDocument: policy }];
  const tags = (value: string) => [{ Key: 'team', Value: value }];
  const iam = `arn:aws:iam::${accountA}`;
  const keyPolicy = document([{ ...allow, Principal: { AWS: `${iam}:root` } }]);
  const keys = [
    { name: 'k1', alias: 'alias/red', value: 'red', origin: 'AWS_KMS', multi: false },
    { name: 'k2', alias: 'alias/blue', value: 'blue', origin: 'EXTERNAL', multi: true },
  ];
  return {
    evidenceVersion: 1,
    accounts: {
      [accountA]: {
        iam: {
          RoleDetailList: ['red', 'blue'].map((name) => ({
            Arn: `${iam}:role/${name}`,
            RoleName: name,
            RoleId: `AROA${name}`,
            RolePolicyList: list,
            AttachedManagedPolicies: [],
            Tags: tags(name),
          })),
          UserDetailList: ['red', 'blue'].map((name) => ({
            Arn: `${iam}:user/${name}`,
            UserName: name,
            UserId: `AIDA${name}`,
            UserPolicyList: list,
            GroupList: [],
            AttachedManagedPolicies: [],
            Tags: tags(name),
          })),
          GroupDetailList: [],
          Policies: [],
        },
        organization: { id: 'o-example01', path: [{ id: 'r-root' }] },
        regions: {
          [region]: {
            kms: {
              keys: keys.map(({ name, alias, value, origin, multi }) => ({
                KeyMetadata: {
                  Arn: keyArnOf(accountA, name),
                  KeyManager: 'CUSTOMER',
                  KeyState: 'Enabled',
                  KeySpec: 'SYMMETRIC_DEFAULT',
                  KeyUsage: 'ENCRYPT_DECRYPT',
                  Origin: origin,
                  MultiRegion: multi,
                  ...(multi ? { MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY' } } : {}),
                },
                Policy: keyPolicy,
                RamPolicy: null,
                Grants: [],
                Aliases: [{ AliasName: alias }],
                Tags: [{ TagKey: 'team', TagValue: value }],
              })),
            },
            rds: {
              DBClusterSnapshots: keys.map(({ name, value }) => ({
                DBClusterSnapshotIdentifier: value,
                DBClusterSnapshotArn: `arn:aws:rds:${region}:${accountA}:cluster-snapshot:${value}`,
                DbClusterResourceId: `cluster-${value}`,
                SnapshotType: 'manual',
                Status: 'available',
                Engine: 'aurora-mysql',
                StorageEncrypted: true,
                KmsKeyId: keyArnOf(accountA, name),
                TagList: tags(value),
              })),
              DBClusters: [],
            },
          },
        },
      },
    },
  };
}

/** A value that the first of each pair has, or a value that some operator can read. */
function valueFor(key: string, type: string): string {
  if (key.startsWith('aws:PrincipalArn')) return `arn:aws:iam::${accountA}:role/red`;
  if (key === 'aws:userid') return 'AROAred:*';
  if (key === 'kms:ResourceAliases') return 'alias/red';
  if (key === 'kms:KeyOrigin') return 'AWS_KMS';
  if (key.startsWith('kms:EncryptionContext:')) return 'cluster-red';
  const values: Readonly<Record<string, string>> = {
    bool: 'true',
    date: '2026-01-01T00:00:00Z',
    number: '5',
    ip: '10.0.0.0/8',
    arn: `arn:aws:iam::${accountA}:role/red`,
  };
  return values[type] ?? 'red';
}

const restore = findOperation('restore');

/** The members of classes whose verdict differs from the verdict of their class. */
function wrongIn(evidence: Evidence): readonly string[] {
  if (restore === undefined) throw new Error('no restore');
  const directory = directoryOf(evidence);
  const principals = ['role/red', 'role/blue', 'user/red', 'user/blue'].map((who) => `arn:aws:iam::${accountA}:${who}`);
  const targets = everySource(evidence).map((source) => ({ operation: restore, source, region, parameters: {} }));
  const wrong: string[] = [];
  for (const cell of decideInBulk(directory, settings, { principals: principalsNamed(principals), targets }))
    for (const principal of cell.principals.members)
      for (const target of cell.targets.members) {
        if (principal === cell.principals.representative && target === cell.targets.representative) continue;
        if (cell.of(principal, target).verdict !== cell.evaluated().verdict) wrong.push(principal);
      }
  return wrong;
}

describe('two members that differ only in a condition key', { tags: 'slow' }, () => {
  const names = Object.keys(operators);

  test.each(conditionKeys.map((row, index) => ({ ...row, index })))(
    '$name fall apart if an operator distinguishes them',
    ({ name, type, index }) => {
      const key = /[/:]$/.test(name) ? `${name}${name.startsWith('kms:Enc') ? 'aws:rds:dbc-id' : 'team'}` : name;
      // Only the deep test has time for all operators with all keys.
      const some = isDeep ? names : [names[(index * 7) % names.length] ?? ''];
      for (const operator of some)
        for (const set of isDeep ? ['', 'ForAllValues:', 'ForAnyValue:'] : [''])
          expect(wrongIn(pairsWith({ [`${set}${operator}`]: { [key]: valueFor(key, type) } })), operator).toEqual([]);
    },
    isDeep ? 600_000 : 30_000,
  );
});

describe('users, roles and root users', { tags: 'slow' }, () => {
  const { evidence } = estateOf(7);
  const directory = directoryOf(evidence);
  const { request } = evaluator(directory, settings);
  const iam = `arn:aws:iam::${accountA}`;
  const askers = (['role', 'user', 'root'] as const).map(
    (type): Principal => ({
      arn: `${iam}:${type === 'root' ? type : `${type}/a`}`,
      type,
      account: accountA,
      roleArn: type === 'role' ? `${iam}:role/a` : undefined,
      uniqueId: undefined,
      tags: {},
      identity: [],
      boundary: undefined,
    }),
  );
  /** For each text, the index of the first text that equals it. */
  const firstAlike = (texts: readonly string[]): readonly number[] => texts.map((text) => texts.indexOf(text));

  // Targets are grouped by the requests of one principal, so the requests of other principals must
  // not differ.
  test.each(
    catalogue
      .filter(({ runsAsRole }) => runsAsRole !== true)
      .map((operation) => ({ name: `${operation.command} ${operation.api}`, operation })),
  )('send the same requests of $name, as far as sources distinguish them', ({ operation }) => {
    const sources = everySource(evidence).filter(({ type }) => operation.reads?.types.some((one) => one === type));
    const [roles, ...others] = askers.map((principal) => {
      const bounds = sources.map((source) => {
        const asking = { operation, principal, region, parameters: {} };
        return [boundTo(directory, asking, source), ...requestsOf(directory, { ...asking, anyRequest: true }, source)];
      });
      const requests = bounds.map((all) =>
        all.map((bound) =>
          callsOf(bound).map((row) => {
            const { resource, possible } = request(row, bound);
            return { resource, possible };
          }),
        ),
      );
      const texts = (read: (one: (typeof requests)[number][number][number]) => unknown) =>
        firstAlike(requests.map((all) => JSON.stringify(all.map((of) => of.map(read)))));
      return {
        rows: bounds.map((all) => all.map((bound) => callsOf(bound))),
        resources: texts(({ resource }) => resource),
        alike: conditionKeys.map(({ name }) => {
          const key = name.toLowerCase();
          return texts(({ possible }) => possible?.(key));
        }),
      };
    });
    for (const other of others) expect(other).toEqual(roles);
  });
});

describe('guards and preconditions', { tags: 'slow' }, () => {
  /**
   * What guards and preconditions read of a principal. Each of these is part of the principal's
   * signature.
   */
  const signed = new Set(['account', 'type']);
  /**
   * A job runs as a role, and its guards read the trust policy of the role. The outcome is part of
   * the signature.
   */
  const ofJobs = new Set([...signed, 'arn', 'roleArn']);

  test.each(catalogue.map((operation) => ({ name: `${operation.command} ${operation.api}`, operation })))(
    'of $name read nothing of a principal that is in no signature',
    ({ operation }) => {
      const { evidence } = estateOf(7);
      const directory = directoryOf(evidence);
      const read = new Set<string>();
      const found = findPrincipal(directory, `arn:aws:iam::${accountA}:role/app-1`);
      const principal: Principal = new Proxy(found, {
        get(target, name, receiver) {
          read.add(String(name));
          const value: unknown = Reflect.get(target, name, receiver);
          return value;
        },
      });
      const sources = everySource(evidence).filter(({ type }) => operation.reads?.types.some((one) => one === type));
      for (const source of operation.reads === undefined ? [undefined] : sources) {
        const bound = boundTo(directory, { operation, principal, region, parameters: {} }, source);
        read.clear();
        rowsOf(bound);
        decidePreconditions(directory, bound, settings.evaluatedAt);
        const allowed = operation.runsAsRole === true ? ofJobs : signed;
        expect([...read].filter((name) => !allowed.has(name))).toEqual([]);
      }
    },
  );
});
