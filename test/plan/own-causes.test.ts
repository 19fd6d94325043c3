import { expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * Plans that change many roles and many unrelated keys. The search for causes has a limited number of
 * checks, so it has to try the changes first that are most likely the cause.
 */

const account = '111122223333';
const many = Array.from({ length: 150 }, (_, at) => at);
const own = { account, region: 'eu-west-1' };

function resource(type: string, name: string, change: object) {
  return {
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { after_unknown: {}, ...change },
  };
}

function created(type: string, name: string, after: object) {
  return resource(type, name, { actions: ['create'], before: null, after });
}

const role = (at: number) => ({
  RoleName: `app-${at}`,
  Arn: `arn:aws:iam::${account}:role/app-${at}`,
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  Tags: [],
});
const keyArn = (at: number): string =>
  `arn:aws:kms:${own.region}:${account}:key/00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const key = (at: number) => ({ KeyMetadata: { Arn: keyArn(at), KeyState: 'Enabled', KeyManager: 'CUSTOMER' } });
const policy = (at: number): string =>
  JSON.stringify({
    Version: '2012-10-17',
    // Each role has a different text, so that no two roles are in one class.
    Statement: [{ Sid: `Of${at}`, Effect: 'Allow', Action: 'rds:DeleteDBClusterSnapshot', Resource: '*' }],
  });

/** What the apply of some changes and of changes of many keys brings about. */
function effectsOf(
  roles: readonly object[],
  changes: readonly object[],
  others: Readonly<Record<string, unknown>> = {},
) {
  const held = Object.fromEntries(
    roles.map((one, at) => [`/accounts/${account}/iam/RoleDetailList/${6 + at}`, one] as const),
  );
  const keys = Object.fromEntries(
    many.map((at) => [`/accounts/${account}/regions/${own.region}/kms/keys/${1 + at}`, key(at)] as const),
  );
  const ofKeys = many.map((at) =>
    resource('aws_kms_key', `k${at}`, {
      actions: ['update'],
      before: { arn: keyArn(at), tags_all: {} },
      after: { arn: keyArn(at), tags_all: { at: String(at) } },
    }),
  );
  const text = JSON.stringify({
    format_version: '1.2',
    configuration: { root_module: {} },
    resource_changes: [...changes, ...ofKeys],
  });
  const { effects = [] } = preflight(
    exampleEvidence({ ...held, ...keys, ...others }),
    {
      expectations: [],
      files: [],
      whole: false,
      evaluatedAt: '2026-11-26T12:00:00Z',
      strict: false,
      sessionPolicies: new Map(),
      plans: [{ from: 'plan.json', plan: readPlan('plan.json', text) }],
    },
    '0.0.0',
  );
  return effects;
}

test('each cause is found among the changes of the thing itself', () => {
  const effects = effectsOf(
    many.map(role),
    many.map((at) => created('aws_iam_role_policy', `p${at}`, { name: 'p', role: `app-${at}`, policy: policy(at) })),
  );
  const found = effects.map(({ how, addresses }) => [how, addresses.length]);
  expect(found).toEqual(many.map(() => ['each', 1]));
});

test('what a new role can do is caused by its own changes', () => {
  const effects = effectsOf(
    [],
    many.flatMap((at) => [
      created('aws_iam_role', `r${at}`, { name: `app-${at}`, arn: role(at).Arn, path: '/', tags_all: {} }),
      created('aws_iam_role_policy', `p${at}`, { name: 'p', role: `app-${at}`, policy: policy(at) }),
    ]),
  );
  const found = effects.map(({ kind, how, addresses }) => `${kind} ${how} ${addresses.toSorted().join()}`);
  expect(found.toSorted()).toEqual(
    many.map((at) => `gains among aws_iam_role.r${at},aws_iam_role_policy.p${at}`).toSorted(),
  );
});

test('the change of one key is the cause for many roles that change, too', () => {
  const arn = `arn:aws:kms:${own.region}:${account}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
  const deny = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' }],
  });
  const able = (at: number) => ({
    PolicyName: 'p',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Sid: `Of${at}`, Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }],
    },
  });
  const effects = effectsOf(
    many.map((at) => ({ ...role(at), RolePolicyList: [able(at)] })),
    [
      resource('aws_kms_key', 'orders', { actions: ['update'], before: { arn }, after: { arn, policy: deny } }),
      ...many.map((at) =>
        resource('aws_iam_role', `r${at}`, {
          actions: ['update'],
          before: { name: `app-${at}`, arn: role(at).Arn, path: '/', tags_all: {} },
          after: { name: `app-${at}`, arn: role(at).Arn, path: '/', tags_all: { at: String(at) } },
        }),
      ),
    ],
  );
  const losing = new Set(effects.flatMap(({ kind, principals }) => (kind === 'loses' ? principals : [])));
  expect(many.filter((at) => !losing.has(role(at).Arn))).toEqual([]);
  const found = new Set(effects.map(({ how, addresses }) => `${how} ${addresses.join()}`));
  expect([...found]).toEqual(['each aws_kms_key.orders']);
});

test('a new snapshot has the key of its database, so both changes are the cause', () => {
  const cluster = { cluster_identifier: 'orders', arn: `arn:aws:rds:${own.region}:${account}:cluster:orders` };
  const snapshot = {
    db_cluster_identifier: 'orders',
    db_cluster_snapshot_identifier: 'orders-2026-11-24',
    db_cluster_snapshot_arn: `arn:aws:rds:${own.region}:${account}:cluster-snapshot:orders-2026-11-24`,
  };
  const replaced = (type: string, before: object, after: object) =>
    resource(type, 'orders', { actions: ['delete', 'create'], before, after });
  const effects = effectsOf(
    [],
    [
      replaced(
        'aws_rds_cluster',
        { ...cluster, skip_final_snapshot: true },
        {
          ...own,
          cluster_identifier: 'orders',
          storage_encrypted: true,
          kms_key_id: keyArn(0),
          skip_final_snapshot: true,
        },
      ),
      replaced('aws_db_cluster_snapshot', snapshot, snapshot),
    ],
  );
  const ofSnapshot = effects.filter(({ operations }) =>
    operations.some(({ targets }) => targets.includes(snapshot.db_cluster_snapshot_arn)),
  );
  const found = new Set(ofSnapshot.map(({ how, addresses }) => `${how} ${addresses.toSorted().join()}`));
  expect([...found]).toEqual(['together aws_db_cluster_snapshot.orders,aws_rds_cluster.orders']);
});

test('what a new role can do only with another change is not caused by its own changes alone', () => {
  const arn = `arn:aws:kms:${own.region}:${account}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
  const to = (name: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:${name}` }, Action: 'kms:*', Resource: '*' },
      ],
    });
  const rights = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }],
  });
  const effects = effectsOf(
    [],
    [
      resource('aws_kms_key', 'orders', { actions: ['update'], before: { arn }, after: { arn, policy: to('root') } }),
      ...many.flatMap((at) => [
        created('aws_iam_role', `r${at}`, { name: `app-${at}`, arn: role(at).Arn, path: '/', tags_all: {} }),
        created('aws_iam_role_policy', `p${at}`, { name: 'p', role: `app-${at}`, policy: rights }),
      ]),
    ],
    { [`/accounts/${account}/regions/${own.region}/kms/keys/0/Policy`]: to('user/administrator') },
  );
  const cloning = effects.filter(({ operations }) => operations.some(({ operation }) => operation === 'clone'));
  expect(cloning.length).toBeGreaterThan(0);
  expect(cloning.filter(({ addresses }) => !addresses.includes('aws_kms_key.orders'))).toEqual([]);
});
