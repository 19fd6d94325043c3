import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { diff } from '../../src/answer/diff.ts';
import { applied } from '../../src/answer/plan.ts';
import type { DiffReport } from '../../src/contract/diff-report.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import type { Evidence, Key, Role } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { fc, isDeep, runs } from './seed.ts';

/*
 * For a plan without unknown values, `diff --plan` gives the same result as `diff` of evidence with
 * the same changes made by hand.
 */

const text = readFileSync(new URL('../../docs/examples/preflight/evidence.json', import.meta.url), 'utf8');
const account = '111122223333';
const evidence = parseEvidence('evidence.json', text);
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const orders = `arn:aws:kms:eu-west-1:${account}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
const copies = `arn:aws:kms:eu-central-1:${account}:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d`;

interface Edit {
  readonly type: string;
  readonly actions: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
  /** Makes the same change by hand. */
  readonly byHand: (evidence: Evidence) => void;
}

function roleIn({ accounts }: Evidence, name: string): Role {
  const found = accounts[account]?.iam?.RoleDetailList?.find(({ RoleName }) => RoleName === name);
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
}

function keyIn({ accounts }: Evidence, arn: string): Key {
  const region = arn.split(':')[3] ?? '';
  const found = accounts[account]?.regions?.[region]?.kms?.keys?.find((one) => one.KeyMetadata.Arn === arn);
  if (found === undefined) throw new Error(`no key ${arn}`);
  return found;
}

const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Action: fc.constantFrom('*', 'rds:*', 'kms:*', 'rds:Restore*', 'kms:CreateGrant', 'rds:CopyDBClusterSnapshot'),
  Resource: fc.constantFrom('*', orders, `arn:aws:rds:*:${account}:cluster-snapshot:orders*`),
  Condition: fc.constantFrom({}, {}, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
});
const identityPolicy = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }));
const keyPolicy = fc
  .array(
    fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Principal: fc.constantFrom(
        { AWS: `arn:aws:iam::${account}:root` },
        { AWS: `arn:aws:iam::${account}:role/dr-restore` },
        { AWS: '*' },
      ),
      Action: fc.constantFrom('kms:*', 'kms:CreateGrant', ['kms:DescribeKey', 'kms:CreateGrant']),
      Resource: fc.constant('*'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((Statement) => ({ Version: '2012-10-17', Statement }));

const keyEdit = (arn: string) =>
  fc.oneof(
    keyPolicy.map(
      (document): Edit => ({
        type: 'aws_kms_key_policy',
        actions: ['create'],
        before: null,
        after: { key_id: arn, policy: JSON.stringify(document) },
        byHand: (held) => void (keyIn(held, arn).Policy = document),
      }),
    ),
    fc.constantFrom<Edit>(
      {
        type: 'aws_kms_key',
        actions: ['update'],
        before: { arn, is_enabled: true },
        after: { arn, is_enabled: false },
        byHand: (held) => void (keyIn(held, arn).KeyMetadata.KeyState = 'Disabled'),
      },
      {
        type: 'aws_kms_key',
        actions: ['delete'],
        before: { arn },
        after: null,
        byHand: (held) => void (keyIn(held, arn).KeyMetadata.KeyState = 'PendingDeletion'),
      },
    ),
  );

const roleEdit = (name: string) => {
  const { Arn: arn, RolePolicyList: inline = [] } = roleIn(evidence, name);
  const before = { name: 'inline', role: name, policy: JSON.stringify(inline[0]?.PolicyDocument) };
  return fc.oneof(
    identityPolicy.map(
      (document): Edit => ({
        type: 'aws_iam_role_policy',
        actions: ['create'],
        before: null,
        after: { name: 'new', role: name, policy: JSON.stringify(document) },
        byHand: (held) => void roleIn(held, name).RolePolicyList?.push({ PolicyName: 'new', PolicyDocument: document }),
      }),
    ),
    identityPolicy.map(
      (document): Edit => ({
        type: 'aws_iam_role_policy',
        actions: ['update'],
        before,
        after: { ...before, policy: JSON.stringify(document) },
        byHand: (held) =>
          void (roleIn(held, name).RolePolicyList = [{ PolicyName: 'inline', PolicyDocument: document }]),
      }),
    ),
    fc.constantFrom<Edit>(
      {
        type: 'aws_iam_role_policy',
        actions: ['delete'],
        before,
        after: null,
        byHand: (held) => void (roleIn(held, name).RolePolicyList = []),
      },
      {
        type: 'aws_iam_role_policy_attachment',
        actions: ['create'],
        before: null,
        after: { role: name, policy_arn: administrator },
        byHand: (held) => void roleIn(held, name).AttachedManagedPolicies?.push({ PolicyArn: administrator }),
      },
      {
        type: 'aws_iam_role',
        actions: ['delete'],
        before: { arn, name },
        after: null,
        byHand(held) {
          const iam = held.accounts[account]?.iam;
          if (iam?.RoleDetailList !== undefined)
            iam.RoleDetailList = iam.RoleDetailList.filter(({ RoleName }) => RoleName !== name);
        },
      },
    ),
  );
};

const edits = fc
  .shuffledSubarray(
    [...[orders, copies].map(keyEdit), ...['nightly-backup', 'app-migrator', 'dr-restore'].map(roleEdit)],
    // A comparison takes longer if more differs.
    isDeep ? {} : { maxLength: 2 },
  )
  .chain((some) => fc.tuple(...some));

function planOf(all: readonly Edit[]) {
  const changes = all.map(({ type, actions, before, after }, index) => ({
    address: `${type}.r${index}`,
    type,
    name: `r${index}`,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { actions, before, after, after_unknown: {} },
  }));
  const json = { format_version: '1.2', configuration: {}, resource_changes: changes };
  return { from: 'plan.json', plan: readPlan('plan.json', JSON.stringify(json)) };
}

/** In one run, a comparison is about one of these operations. */
const commands = fc.constantFrom('restore', 'copy-snapshot', 'create-snapshot', 'share-snapshot');

function compared(command: string, before: Evidence, after: Evidence): Omit<DiffReport, 'before' | 'after'> {
  const question = {
    before: { evidence: before, name: 'before' },
    after: { evidence: after, name: 'after' },
    operations: operationsNamed(command),
    context: {},
    evaluatedAt: '2026-11-26T12:00:00Z',
    strict: false,
  };
  const comparing = diff(question, '0.0.0');
  for (let step = comparing.next(); ; step = comparing.next()) if (step.done === true) return step.value;
}

test('diff --plan agrees with diff of evidence that was edited by hand', () => {
  let changed = 0;
  fc.assert(
    fc.property(edits, commands, (all, command) => {
      const planned = applied(evidence, [planOf(all)], {});
      const [plan] = planned.plans;
      expect([plan?.overlaid, plan?.notUnderstood, planned.doubts]).toEqual([all.length, [], undefined]);
      const byHand = structuredClone(evidence);
      for (const edit of all) edit.byHand(byHand);
      const report = compared(command, planned.before, planned.after);
      if (report.changes.length > 0) changed += 1;
      expect(report).toEqual(compared(command, evidence, byHand));
    }),
    runs(300),
  );
  expect(changed).toBeGreaterThan(50);
});
