import type { CallRow, PreconditionRow } from './operation.ts';
import type { Parameter } from './parameters.ts';
import { must, only, takesGrant } from './rows.ts';

/*
 * What a request may attach to a new or existing database: a password in Secrets Manager, a key for
 * Performance Insights, roles that RDS assumes.
 */

const secretGround = { basis: 'documented', source: 'rds-kms-operations 4.8' } as const;
const onSecretKey = {
  kind: 'forwarded',
  on: 'secret key',
  through: ['secretsmanager', 'rds'],
  ...secretGround,
} as const;

/**
 * A password in Secrets Manager always needs kms:DescribeKey. Under a customer managed key, it
 * needs the other calls as well (rds-kms-operations 4.8).
 */
export const managedPassword: readonly CallRow[] = only(
  ['password is managed'],
  [
    {
      kind: 'forwarded',
      action: 'secretsmanager:CreateSecret',
      on: 'secret',
      basis: 'documented',
      source: 'rds-kms-operations 1.2',
      fault: 'AccessDenied',
    },
    {
      kind: 'forwarded',
      action: 'secretsmanager:TagResource',
      on: 'secret',
      basis: 'documented',
      source: 'rds-kms-operations 1.2',
    },
    ...only(
      ['secret key is a customer managed key'],
      (['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:CreateGrant'] as const).map((action) => ({
        ...onSecretKey,
        action,
      })),
    ),
    // RDS describes the default key even if the request names another key. The caller was observed
    // to need this permission (rds-kms-operations-2 13.8), although the key policy would allow it
    // through Secrets Manager.
    {
      kind: 'forwarded',
      action: 'kms:DescribeKey',
      on: 'default secret key',
      basis: 'documented',
      source: 'rds-kms-operations-2 12.8',
    },
  ],
);

/** The parameters of a request that changes the password in Secrets Manager. */
export const passwordParameters = [
  'manage-master-user-password',
  'master-user-secret-kms-key-id',
] as const satisfies readonly Parameter[];

/** Preconditions of a managed password and of the key of its secret. */
export const managedKey: readonly PreconditionRow[] = [
  must('secret-key-comes-with-management', 'rds-kms-operations-2 14.5'),
  must('secret-key-is-enabled', 'rds-kms-operations 5', 'KMSKeyNotAccessibleFault'),
];

/** A restore accepts a managed password only for some engines. */
export const restoredPassword: readonly PreconditionRow[] = [
  { ...must('password-can-be-managed', 'rds-kms-operations-2 14.5'), when: ['password is managed'] },
  ...managedKey,
];

/** A new password at once: RDS makes Secrets Manager rotate the secret (rds-kms-operations-2 2). */
export const rotation: readonly CallRow[] = [
  {
    kind: 'forwarded',
    action: 'secretsmanager:RotateSecret',
    on: 'secret',
    when: ['password is rotated'],
    basis: 'documented',
    source: 'rds-kms-operations-2 2',
  },
];

/** The parameters of a request that turns on Performance Insights or Database Insights. */
export const insightsParameters = [
  'enable-performance-insights',
  'performance-insights-kms-key-id',
  'database-insights-mode',
] as const satisfies readonly Parameter[];

/** The same parameters for a restored cluster. Its request has no mode of Database Insights. */
export const restoredInsightsParameters = [
  'enable-performance-insights',
  'performance-insights-kms-key-id',
] as const satisfies readonly Parameter[];

/**
 * AWS does not publish which calls RDS makes on the Performance Insights key. It is inferred that
 * RDS creates a grant, as on other keys. If a request names no key, callers without KMS permissions
 * were observed to be refused, although the policy of aws/rds lets everybody use the key through
 * RDS. A call that is not made through RDS explains this.
 */
export const insightsKey: readonly CallRow[] = [
  ...takesGrant('insights key', { basis: 'inferred', source: 'rds-kms-operations-2 14.5' }, ['insights are turned on']),
  {
    kind: 'caller',
    action: 'kms:DescribeKey',
    on: 'insights key',
    when: ['insights are turned on', 'insights key is left out'],
    basis: 'inferred',
    source: 'rds-kms-operations-2 2',
  },
];

/** Preconditions of the Performance Insights key. */
export const usableInsightsKey: readonly PreconditionRow[] = [
  must('insights-key-comes-with-insights', 'rds-kms-operations-2 14.5'),
  {
    code: 'insights-key-is-enabled',
    when: ['insights are turned on'],
    basis: 'inferred',
    source: 'rds-kms-operations-2 14.5',
    fault: 'KMSKeyNotAccessibleFault',
  },
];

/** The parameters of a request that names a role for Enhanced Monitoring or for a directory. */
export const roleParameters = ['monitoring-role-arn', 'domain-iam-role-name'] as const satisfies readonly Parameter[];

/** Further roles for a restored or new Aurora cluster, for features such as an import from S3. */
export const associatedParameters = ['associated-roles'] as const satisfies readonly Parameter[];

const monitored = { basis: 'observed', source: 'rds-kms-operations-2 14.5', fault: 'InvalidParameterValue' } as const;
const attached = { basis: 'inferred', source: 'rds-kms-operations-2 14.5' } as const;

/**
 * Preconditions of the roles that a request names. RDS checks that it can assume a monitoring role.
 */
export const usableRoles: readonly PreconditionRow[] = [
  { code: 'attached-roles-are-in-the-callers-account', ...attached },
  { code: 'monitoring-role-exists', when: ['monitoring role is named'], ...monitored },
  { code: 'monitoring-role-trusts-the-service', when: ['monitoring role is named'], ...monitored },
  { code: 'attached-roles-exist', ...attached },
];

/** The same preconditions if the request can name no monitoring role. */
export const usableDomainRole: readonly PreconditionRow[] = usableRoles.filter(({ code }) =>
  code.startsWith('attached'),
);

/**
 * Roles are passed to RDS itself: a policy for monitoring.rds.amazonaws.com was observed to be
 * refused.
 */
export const passedRoles: readonly CallRow[] = (
  [
    ['monitoring role', 'monitoring role is named'],
    ['domain role', 'domain role is named'],
  ] as const
).flatMap(([on, guard]) =>
  only(
    [guard],
    [
      {
        kind: 'caller',
        action: 'iam:PassRole',
        on,
        sends: { 'iam:PassedToService': ['rds.amazonaws.com'] },
        basis: 'documented',
        source: 'rds-kms-operations-2 14.5',
      },
    ],
  ),
);

/**
 * A role for a new cluster is passed to RDS. AWS lists the permission to associate the role, but
 * does not explain it.
 */
export const associatedRoles: readonly CallRow[] = only(
  ['roles are associated'],
  [
    {
      kind: 'caller',
      action: 'iam:PassRole',
      on: 'associated role',
      each: 'associated role',
      sends: { 'iam:PassedToService': ['rds.amazonaws.com'] },
      basis: 'documented',
      source: 'rds-kms-operations-2 14.5',
    },
    {
      kind: 'caller',
      action: 'rds:AddRoleToDBCluster',
      on: 'new cluster',
      basis: 'inferred',
      source: 'rds-kms-operations-2 14.5',
    },
  ],
);
