import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { controlRows } from '../../src/plan/controls.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * If the program cannot apply a change to the evidence, and the change may decide who can do what,
 * then no operation certainly succeeds.
 */

const given: { readonly resource_changes: readonly unknown[] } = JSON.parse(
  readFileSync(new URL('../../docs/examples/access/plan.json', import.meta.url), 'utf8'),
);

interface Change {
  readonly actions: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
  readonly after_unknown?: object;
}

/** The state after the plan, with this change added. */
function stateAfter(type: string, change: Change, provider = 'aws') {
  const added = {
    address: `${type}.x`,
    mode: 'managed',
    type,
    name: 'x',
    provider_name: `registry.terraform.io/hashicorp/${provider}`,
    change: { after_unknown: {}, before_sensitive: {}, after_sensitive: {}, ...change },
  };
  const text = JSON.stringify({ ...given, resource_changes: [...given.resource_changes, added] });
  const plans = [{ from: 'plan.json', plan: readPlan('plan.json', text) }];
  return plannedState(exampleEvidence(), plans, { region: undefined, principal: undefined });
}

/** The addresses whose effect is unknown, with this change added to the plan. */
function openAfter(type: string, change: Change, provider?: string): readonly string[] {
  return stateAfter(type, change, provider).unplaced.map(({ change: { address } }) => address);
}

const made = { actions: ['create'], before: null, after: {} };
const gone = { actions: ['delete'], before: {}, after: null };

describe('a change that is not known', () => {
  test.each([
    'aws_ssoadmin_account_assignment',
    'aws_ssoadmin_customer_managed_policy_attachment',
    'aws_ssoadmin_customer_managed_policy_attachments_exclusive',
    'aws_ssoadmin_managed_policy_attachments_exclusive',
    'aws_ssoadmin_permissions_boundary_attachment',
  ])('of %s keeps every success open', (type) => {
    expect(Object.keys(controlRows)).toContain(type);
    expect(openAfter(type, made)).toEqual([`${type}.x`]);
    expect(openAfter(type, gone)).toEqual([`${type}.x`]);
  });

  test('by an action that this release does not know', () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
    const held = { key_id: key, policy: '{"Version":"2012-10-17","Statement":[]}' };
    const change = { actions: ['rotate'], before: held, after: held };
    expect(openAfter('aws_kms_key_policy', change)).toEqual(['aws_kms_key_policy.x']);
    expect(stateAfter('aws_s3_bucket', change).plans[0]?.notOverlaid.map(({ change: one }) => one.address)).toEqual([
      'aws_s3_bucket.x',
    ]);
  });

  const account = (parent: string): object => ({ name: 'prod', parent_id: parent });
  test.each([
    { name: 'an account that moves', before: account('ou-1'), after: account('ou-2'), opens: true },
    { name: 'an account that stays', before: account('ou-1'), after: account('ou-1'), opens: false },
  ])('$name', ({ before, after, opens }) => {
    const type = 'aws_organizations_account';
    expect(openAfter(type, { actions: ['update'], before, after })).toEqual(opens ? [`${type}.x`] : []);
  });

  const key = 'arn:aws:kms:eu-west-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
  const subnet = 'arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1';
  const update = (before: object, after: object): Change => ({ actions: ['update'], before, after });
  const create = (after: object, unknown: object = {}): Change => ({
    actions: ['create'],
    before: null,
    after,
    after_unknown: unknown,
  });
  const types = ['SERVICE_CONTROL_POLICY'];
  test.each<{ name: string; type: string; change: Change; opens: boolean }>([
    {
      name: 'a DB instance that is stopped',
      type: 'aws_rds_instance_state',
      change: create({ identifier: 'orders', state: 'stopped', region: 'eu-west-1' }),
      opens: false,
    },
    {
      name: 'a DB instance that is stopped or started, of which alone the state is open',
      type: 'aws_rds_instance_state',
      change: create({ identifier: 'orders', region: 'eu-west-1' }, { state: true }),
      opens: false,
    },
    {
      name: 'a DB instance that is known only after the apply',
      type: 'aws_rds_instance_state',
      change: create({ state: 'stopped', region: 'eu-west-1' }, { identifier: true }),
      opens: true,
    },
    {
      name: 'a new VPC endpoint',
      type: 'aws_vpc_endpoint',
      change: create({ service_name: 'com.amazonaws.eu-west-1.kms', region: 'eu-west-1' }, { policy: true }),
      opens: false,
    },
    {
      name: 'a key that is shared',
      type: 'aws_ram_resource_association',
      change: create({ resource_arn: key }),
      opens: true,
    },
    {
      name: 'a subnet that is shared',
      type: 'aws_ram_resource_association',
      change: create({ resource_arn: subnet }),
      opens: false,
    },
    {
      name: 'what is shared is not known',
      type: 'aws_ram_resource_association',
      change: create({}, { resource_arn: true }),
      opens: true,
    },
    {
      name: 'a key that is no longer shared',
      type: 'aws_ram_resource_association',
      change: { actions: ['delete'], before: { resource_arn: key }, after: null },
      opens: true,
    },
    {
      name: 'a subnet in place of a key',
      type: 'aws_ram_resource_association',
      change: { actions: ['delete', 'create'], before: { resource_arn: key }, after: { resource_arn: subnet } },
      opens: true,
    },
    {
      name: 'a share that is there gets a principal',
      type: 'aws_ram_principal_association',
      change: create({ resource_share_arn: 'arn:aws:ram:eu-west-1:111122223333:resource-share/1', principal: '1' }),
      opens: true,
    },
    { name: 'a new share, which has nothing yet', type: 'aws_ram_resource_share', change: create({}), opens: false },
    { name: 'a share with other permissions', type: 'aws_ram_resource_share', change: update({}, {}), opens: true },
    { name: 'a share that goes', type: 'aws_ram_resource_share', change: gone, opens: true },
    {
      name: 'the RDS service-linked role',
      type: 'aws_iam_service_linked_role',
      change: { actions: ['delete'], before: { aws_service_name: 'rds.amazonaws.com' }, after: null },
      opens: true,
    },
    {
      name: 'a service-linked role of RDS that is new',
      type: 'aws_iam_service_linked_role',
      change: create({ aws_service_name: 'rds.amazonaws.com' }),
      opens: false,
    },
    {
      name: 'other tags of the service-linked role of RDS',
      type: 'aws_iam_service_linked_role',
      change: update(
        { aws_service_name: 'rds.amazonaws.com', tags: null },
        { aws_service_name: 'rds.amazonaws.com', tags: { team: 'dba' } },
      ),
      opens: false,
    },
    {
      name: 'the service-linked role of another service',
      type: 'aws_iam_service_linked_role',
      change: create({ aws_service_name: 'ecs.amazonaws.com' }),
      opens: false,
    },
    {
      name: 'SCPs that are switched off',
      type: 'aws_organizations_organization',
      change: update({ enabled_policy_types: types }, { enabled_policy_types: [] }),
      opens: true,
    },
    {
      name: 'an organization that trusts another service',
      type: 'aws_organizations_organization',
      change: update(
        { enabled_policy_types: types },
        { enabled_policy_types: types, aws_service_access_principals: [] },
      ),
      opens: false,
    },
    {
      name: 'a key by the Cloud Control API',
      type: 'aws_cloudcontrolapi_resource',
      change: create({ type_name: 'AWS::KMS::Key' }),
      opens: true,
    },
    {
      name: 'a log group by the Cloud Control API',
      type: 'aws_cloudcontrolapi_resource',
      change: create({ type_name: 'AWS::Logs::LogGroup' }),
      opens: false,
    },
  ])('$name', ({ type, change, opens }) => {
    expect(openAfter(type, change)).toEqual(opens ? [`${type}.x`] : []);
  });

  test.each(['awscc_kms_key', 'awscc_iam_role_policy', 'awscc_rds_db_cluster', 'awscc_ec2_vpc_endpoint'])(
    'of %s of the Cloud Control provider keeps every success open',
    (type) => {
      expect(openAfter(type, made, 'awscc')).toEqual([`${type}.x`]);
      expect(openAfter('awscc_s3_bucket', made, 'awscc')).toEqual([]);
    },
  );

  test('is none where the type decides nothing', () => {
    expect(openAfter('aws_iam_instance_profile', made)).toEqual([]);
    expect(openAfter('aws_s3_bucket', made)).toEqual([]);
  });
});

/*
 * The types of each service that decide who may do what. A type that is missing here leaves every
 * success undetermined, because the overlay does not know its effect.
 */
const typesOf = {
  overlaid: [
    'aws_iam_group',
    'aws_iam_group_membership',
    'aws_iam_group_policies_exclusive',
    'aws_iam_group_policy',
    'aws_iam_group_policy_attachment',
    'aws_iam_group_policy_attachments_exclusive',
    'aws_iam_policy',
    'aws_iam_policy_attachment',
    'aws_iam_role',
    'aws_iam_role_policies_exclusive',
    'aws_iam_role_policy',
    'aws_iam_role_policy_attachment',
    'aws_iam_role_policy_attachments_exclusive',
    'aws_iam_user',
    'aws_iam_user_group_membership',
    'aws_iam_user_policies_exclusive',
    'aws_iam_user_policy',
    'aws_iam_user_policy_attachment',
    'aws_iam_user_policy_attachments_exclusive',
    'aws_kms_alias',
    'aws_kms_external_key',
    'aws_kms_grant',
    'aws_kms_key',
    'aws_kms_key_policy',
    'aws_kms_replica_external_key',
    'aws_kms_replica_key',
    'aws_organizations_policy',
    'aws_organizations_policy_attachment',
    'aws_ssoadmin_managed_policy_attachment',
    'aws_ssoadmin_permission_set_inline_policy',
    'aws_vpc_endpoint_policy',
  ],
  open: [
    'aws_account_region',
    'aws_cloudformation_stack',
    'aws_cloudformation_stack_instances',
    'aws_cloudformation_stack_set',
    'aws_cloudformation_stack_set_instance',
    'aws_controltower_baseline',
    'aws_controltower_control',
    'aws_controltower_landing_zone',
    'aws_kms_custom_key_store',
    'aws_ram_permission',
    'aws_ram_resource_share_accepter',
    'aws_ram_sharing_with_organization',
    'aws_servicecatalog_provisioned_product',
    'aws_ssoadmin_account_assignment',
    'aws_ssoadmin_instance_access_control_attributes',
    'aws_ssoadmin_permissions_boundary_attachment',
    'aws_iam_a_type_of_a_later_release',
  ],
  harmless: [
    'aws_iam_access_key',
    'aws_iam_instance_profile',
    'aws_iam_openid_connect_provider',
    'aws_iam_saml_provider',
    'aws_kms_ciphertext',
    'aws_organizations_delegated_administrator',
    'aws_organizations_organizational_unit',
    'aws_s3_bucket',
    'aws_ssoadmin_application',
    'aws_ssoadmin_permission_set',
  ],
} as const;

describe('a change of every type that decides who may do what', () => {
  // The program does not know what the change is about, so the change may be about anything.
  const nothing: Change = { actions: ['update'], before: {}, after: {} };

  test.each([...typesOf.overlaid, ...typesOf.open])(
    'is laid over the evidence, or keeps successes open: %s',
    (type) => {
      const { unplaced, plans } = stateAfter(type, nothing);
      expect(unplaced.map(({ change: { address } }) => address)).toContain(`${type}.x`);
      expect(plans[0]?.notOverlaid.map(({ change }) => change.address)).toContain(`${type}.x`);
    },
  );

  test.each(typesOf.harmless)('opens nothing if the type decides nothing: %s', (type) => {
    expect(openAfter(type, nothing)).toEqual([]);
  });
});
