import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { exampleEvidence } from '../preflight-case.ts';

/* A list or a map with an unknown part must not count as complete. */

const text = readFileSync(new URL('../cases/plan/plans/partly.json', import.meta.url), 'utf8');
const plans = [{ from: 'partly.json', plan: readPlan('partly.json', text) }];
const { evidence } = plannedState(exampleEvidence(), plans, { region: undefined, principal: undefined });

function roleNamed(name: string) {
  const { accounts } = evidence;
  return accounts['111122223333']?.iam?.RoleDetailList?.find(({ RoleName }) => RoleName === name);
}

test('tags of which one is not known are all unknown', () => {
  expect(roleNamed('tags')).toMatchObject({ RolePolicyList: [], AttachedManagedPolicies: [] });
  expect(roleNamed('tags')?.Tags).toBeUndefined();
});

test('an unknown permissions boundary counts as not read', () => {
  const arn = roleNamed('boundary')?.Arn ?? '';
  const { boundary = [] } = findPrincipal(directoryOf(evidence), arn);
  expect(boundary).toHaveLength(1);
  expect(boundary[0]).toHaveProperty('unread');
});

test('attached policies with an unknown one count as a list that was not read', () => {
  expect(roleNamed('some')).not.toHaveProperty('AttachedManagedPolicies');
  // Terraform omits the whole list, and the references do not contain constants, so no item is
  // known.
  expect(roleNamed('all')).not.toHaveProperty('AttachedManagedPolicies');
});

test('a switch that is not known leaves the state of a key and the protection of a database open', () => {
  const region = evidence.accounts['111122223333']?.regions?.['eu-west-1'];
  const named = (name: string) => region?.kms?.keys?.find(({ KeyMetadata: { KeyId } }) => KeyId?.endsWith(name));
  expect(named('aws_kms_key.k')?.KeyMetadata.KeyState).toBe('Enabled');
  expect(named('aws_kms_key.perhaps')?.KeyMetadata.KeyState).toBeUndefined();
  const cluster = region?.rds?.DBClusters?.find(({ DBClusterIdentifier: id }) => id === 'perhaps');
  expect(cluster).toMatchObject({ Status: 'available', Engine: 'aurora-postgresql' });
  expect(cluster?.DeletionProtection).toBeUndefined();
});
