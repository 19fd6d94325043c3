import { expect, test } from 'vitest';
import type { ReportedPlanEffect } from '../../src/contract/preflight-report.ts';
import { alikeEffects, alikeText, effectCauseText } from '../../src/explain/effects.ts';

const account = '111122223333';
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const cluster = (name: string): string => `arn:aws:rds:eu-west-1:${account}:cluster:${name}`;

function effect(fields: Partial<ReportedPlanEffect>): ReportedPlanEffect {
  return {
    kind: 'may-lose',
    how: 'each',
    addresses: ['aws_rds_cluster.a'],
    principals: [role('backup')],
    operations: [{ operation: 'clone', api: 'RestoreDBClusterToPointInTime', targets: [cluster('a')] }],
    says: '',
    ...fields,
  };
}

const cloneOf = (name: string): ReportedPlanEffect['operations'] => [
  { operation: 'clone', api: 'RestoreDBClusterToPointInTime', targets: [cluster(name)] },
];

/** The effects, and the text for each list of joined effects: the cause and what else is alike. */
const rows: readonly (readonly [what: string, effects: readonly ReportedPlanEffect[], texts: readonly string[]])[] = [
  [
    'several roles gain the same, each through other changes',
    ['a', 'b', 'c', 'd', 'e'].map((name) =>
      effect({
        kind: 'may-gain',
        how: 'among',
        addresses: [`aws_iam_role.${name}`, `aws_iam_role_policy.${name}`],
        principals: [role(name)],
      }),
    ),
    [
      'Some of aws_iam_role.a and aws_iam_role_policy.a',
      'The same is true of role/b, role/c, role/d and 1 more, through other changes',
    ],
  ],
  [
    'the same principal loses the same on several clusters, each through another change',
    ['a', 'b'].map((name) => effect({ addresses: [`aws_rds_cluster.${name}`], operations: cloneOf(name) })),
    ['aws_rds_cluster.a', 'The same is true of cluster:b, through other changes'],
  ],
  [
    'one loses certainly, the other perhaps',
    [effect({ kind: 'loses' }), effect({ addresses: ['aws_rds_cluster.b'], operations: cloneOf('b') })],
    ['aws_rds_cluster.a', 'aws_rds_cluster.b'],
  ],
  [
    'two changes are needed for the one, one change for the other',
    [
      effect({ how: 'together', addresses: ['aws_rds_cluster.a', 'aws_kms_key.a'] }),
      effect({ addresses: ['aws_rds_cluster.b'], operations: cloneOf('b') }),
    ],
    ['aws_rds_cluster.a and aws_kms_key.a together', 'aws_rds_cluster.b'],
  ],
  [
    'other principals on other clusters',
    [effect({}), effect({ addresses: ['aws_rds_cluster.b'], principals: [role('other')], operations: cloneOf('b') })],
    ['aws_rds_cluster.a', 'aws_rds_cluster.b'],
  ],
  [
    'other operations',
    [
      effect({}),
      effect({
        addresses: ['aws_rds_cluster.b'],
        operations: [{ operation: 'delete-cluster', api: 'DeleteDBCluster', targets: [cluster('b')] }],
      }),
    ],
    ['aws_rds_cluster.a', 'aws_rds_cluster.b'],
  ],
];

test.each(rows)('%s', (_, effects, texts) => {
  const joined = alikeEffects(effects);
  expect(
    joined.flatMap(({ first, others }) => [
      effectCauseText(first),
      ...(others.arns.length === 0 ? [] : [alikeText(others, 3)]),
    ]),
  ).toEqual(texts);
});
