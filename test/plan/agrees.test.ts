// @module-tag slow
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { preflightReportSchema } from '../../src/contract/preflight-report.ts';
import { changed } from '../check-case.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * `preflight --plan` must give the same results as preflight of evidence with the plan's changes
 * made by hand.
 */

const example = 'docs/examples/preflight';
const evidence: unknown = JSON.parse(readFileSync(`${example}/evidence.json`, 'utf8'));
const key = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
const keys = '/accounts/111122223333/regions/eu-west-1/kms/keys/0';
const roles = '/accounts/111122223333/iam/RoleDetailList';
const adminOnly = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:user/administrator' },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
};
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';

interface Edit {
  readonly name: string;
  readonly type: string;
  readonly actions: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
  readonly byHand: Readonly<Record<string, unknown>>;
}

const edits: readonly Edit[] = [
  {
    name: 'another key policy',
    type: 'aws_kms_key_policy',
    actions: ['create'],
    before: null,
    after: { key_id: key, policy: JSON.stringify(adminOnly) },
    byHand: { [`${keys}/Policy`]: adminOnly },
  },
  {
    name: 'a key that is deleted',
    type: 'aws_kms_key',
    actions: ['delete'],
    before: { arn: key, id: key.slice(-36) },
    after: null,
    byHand: { [`${keys}/KeyMetadata/KeyState`]: 'PendingDeletion' },
  },
  {
    name: 'a role without its policy',
    type: 'aws_iam_role_policy',
    actions: ['delete'],
    before: { role: 'nightly-backup', name: 'inline', policy: '{"Version":"2012-10-17","Statement":[]}' },
    after: null,
    byHand: { [`${roles}/0/RolePolicyList`]: [] },
  },
  {
    name: 'a role that gets everything',
    type: 'aws_iam_role_policy_attachment',
    actions: ['create'],
    before: null,
    after: { role: 'app-orders', policy_arn: admin },
    byHand: { [`${roles}/1/AttachedManagedPolicies`]: [{ PolicyArn: admin }] },
  },
  {
    name: 'a role within a boundary',
    type: 'aws_iam_role',
    actions: ['update'],
    before: { arn: 'arn:aws:iam::111122223333:role/dr-restore', name: 'dr-restore' },
    after: {
      arn: 'arn:aws:iam::111122223333:role/dr-restore',
      name: 'dr-restore',
      permissions_boundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    },
    byHand: {
      [`${roles}/3/PermissionsBoundary`]: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    },
  },
];

function saved(json: unknown): string {
  const file = `${mkdtempSync(`${tmpdir()}/aurora-kms-check-`)}/file.json`;
  writeFileSync(file, JSON.stringify(json));
  return file;
}

async function outcomes(...args: readonly string[]) {
  const { stdout } = await runInProcess(['preflight', `${example}/aurora-kms-check.yaml`, ...args, '--output', 'json']);
  const { expectations } = v.parse(preflightReportSchema, JSON.parse(stdout));
  return Object.fromEntries(
    expectations.filter(({ address }) => address === undefined).map(({ id, outcome, holds }) => [id, [outcome, holds]]),
  );
}

function planOf({ type, actions, before, after }: Edit, unknown: object): unknown {
  return {
    format_version: '1.2',
    configuration: {
      root_module: {
        resources: [{ address: `${type}.x`, type, name: 'x', expressions: expressionsOf({ ...after, ...unknown }) }],
      },
    },
    resource_changes: [
      // The values that the local may be computed from.
      {
        address: 'terraform_data.source',
        type: 'terraform_data',
        name: 'source',
        change: { actions: ['create'], before: null, after: {}, after_unknown: { id: true } },
      },
      {
        address: `${type}.x`,
        type,
        name: 'x',
        provider_name: 'registry.terraform.io/hashicorp/aws',
        change: { actions, before, after, after_unknown: unknown },
      },
    ],
  };
}

/** Takes each attribute from a local, so that an unknown attribute may have any value. */
function expressionsOf(after: object): object {
  return Object.fromEntries(Object.keys(after).map((name) => [name, { references: ['local.x'] }]));
}

describe('preflight --plan', () => {
  test.each(edits)('agrees with evidence that was edited by hand: $name', async (edit) => {
    const planned = await outcomes('--evidence', `${example}/evidence.json`, '--plan', saved(planOf(edit, {})));
    const byHand = await outcomes('--evidence', saved(changed(evidence, edit.byHand)));
    expect(planned).toEqual(byHand);
  });

  test.each(edits.filter(({ after }) => after !== null))(
    'holds no more where a value is unknown: $name',
    async (edit) => {
      const all = Object.keys(edit.after ?? {});
      const known = await outcomes('--evidence', `${example}/evidence.json`, '--plan', saved(planOf(edit, {})));
      const better: string[] = [];
      for (const name of all) {
        const rest = Object.fromEntries(Object.entries(edit.after ?? {}).filter(([one]) => one !== name));
        const masked = saved(planOf({ ...edit, after: rest }, { [name]: true }));
        const found = await outcomes('--evidence', `${example}/evidence.json`, '--plan', masked);
        for (const [id, [outcome]] of Object.entries(found))
          if (outcome === 'holds' && known[id]?.[0] !== 'holds') better.push(`${name}: ${id}`);
      }
      expect(better).toEqual([]);
    },
  );
});
