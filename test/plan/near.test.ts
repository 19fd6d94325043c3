import { expect, test } from 'vitest';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { exampleEvidence } from '../preflight-case.ts';

/*
 * Some changes of a plan have no order relative to a request. To find those that decide the
 * request, the program applies only the changes that are related to the request.
 */

const arn = (resource: string) => `arn:aws:rds:eu-west-1:111122223333:${resource}`;
const resource = (address: string, after: Readonly<Record<string, unknown>>) => ({
  address,
  type: address.split('.')[0],
  name: address.split('.')[1],
  provider_name: 'registry.terraform.io/hashicorp/aws',
  change: { actions: ['create'], before: null, after, after_unknown: {} },
});
const many = Array.from({ length: 50 }, (_, index) => index);
const changes = [
  ...many.map((index) => resource(`aws_iam_policy.p${index}`, { name: `p${index}`, policy: '{"Statement":[]}' })),
  ...many.map((index) =>
    resource(`aws_rds_cluster.c${index}`, { cluster_identifier: `c${index}`, arn: arn(`cluster:c${index}`) }),
  ),
  resource('aws_kms_key.used', { description: 'x' }),
  resource('aws_kms_alias.used', { name: 'alias/used', target_key_id: '1234abcd-12ab-34cd-56ef-1234567890ab' }),
  resource('aws_kms_alias.other', { name: 'alias/other', target_key_id: '9999abcd-12ab-34cd-56ef-1234567890ab' }),
  resource('aws_rds_cluster.restored', {
    cluster_identifier: 'restored',
    kms_key_id: 'alias/used',
    restore_to_point_in_time: [{ source_cluster_identifier: 'C7' }],
  }),
  resource('aws_db_cluster_snapshot.taken', {
    db_cluster_identifier: 'restored',
    db_cluster_snapshot_identifier: 'taken',
  }),
];
const plan = readPlan(
  'plan.json',
  JSON.stringify({ format_version: '1.2', resource_changes: changes, configuration: {} }),
);
const state = plannedState(exampleEvidence({}), [{ from: 'plan.json', plan }], {
  region: 'eu-west-1',
  principal: 'arn:aws:iam::111122223333:user/administrator',
});

test.each([
  ['aws_db_cluster_snapshot.taken', [], 104, ['aws_rds_cluster.c7', 'aws_kms_alias.used', 'aws_rds_cluster.restored']],
  ['aws_rds_cluster.restored', [], 103, ['aws_rds_cluster.c7', 'aws_kms_alias.used']],
  ['aws_rds_cluster.c3', [], 53, []],
  ['aws_rds_cluster.c3', ['arn:aws:iam::111122223333:policy/p9'], 53, ['aws_iam_policy.p9']],
] as const)(
  'near %s, with %j, are the changes of what it names, and of what those name',
  (address, names, of, near) => {
    const request = state.requests.find(({ change }) => change.address === address);
    const others = request?.others(names);
    expect(others?.near.map((one) => one.address)).toEqual(near);
    // Databases and snapshots that are created in the same step or later are left out.
    expect(others?.all()).toHaveLength(of);
  },
);
