import type {
  Basis,
  CallRow,
  Citation,
  ErrorCode,
  Guard,
  KeyRole,
  PreconditionCode,
  PreconditionRow,
  ResourceRole,
} from './operation.ts';
import type { GroupType, Parameter } from './parameters.ts';

/* Rows that many operations share. */

type Action = CallRow['action'];

/** The groups that a request for a new cluster may name. */
export const clusterGroups = [
  'db-subnet-group-name',
  'db-cluster-parameter-group-name',
  'option-group-name',
] as const satisfies readonly Parameter[];

/** The groups that a request for a new DB instance may name. */
export const instanceGroups = [
  'db-subnet-group-name',
  'db-parameter-group-name',
  'option-group-name',
] as const satisfies readonly Parameter[];

/** The condition keys of every action that creates a resource (rds-kms-operations 1.2, `T`). */
export const tagKeys = ['aws:RequestTag/', 'aws:TagKeys', 'rds:req-tag/'] as const;

interface Ground {
  readonly basis: Basis;
  readonly source: Citation;
}

/**
 * One row of the principal's own call for each resource type that the Service Authorization
 * Reference requires.
 */
export function required(
  action: Action,
  on: readonly ResourceRole[],
  keys: readonly string[] = [],
): readonly CallRow[] {
  return on.map((each) => ({
    kind: 'caller',
    action,
    on: each,
    basis: 'documented',
    source: 'rds-kms-operations 1.2',
    ...(keys.length === 0 ? {} : { keys }),
  }));
}

/**
 * Resources beyond those that the reference requires. Unless `ground` says better, it is inferred
 * that the call is also authorized on what the request names.
 */
export function named(
  action: Action,
  on: readonly ResourceRole[],
  keys: readonly string[] = [],
  ground: Ground = { basis: 'inferred', source: 'rds-kms-operations 11' },
): readonly CallRow[] {
  return required(action, on, keys).map((row) => ({ ...row, ...ground }));
}

/** The same rows under further conditions. */
export function only(when: readonly Guard[], rows: readonly CallRow[]): readonly CallRow[] {
  return rows.map((row) => ({ ...row, when: [...(row.when ?? []), ...when] }));
}

/**
 * Groups that a new DB instance may belong to. AWS was observed to check those that the request
 * names (cloud-gov/terraform-provision 2350). AWS does not say whether it checks the default
 * groups.
 */
export function optionalGroups(action: Action, on: readonly GroupType[], keys: readonly string[]): readonly CallRow[] {
  const seen: Ground = { basis: 'observed', source: 'rds-kms-operations 11' };
  const guessed: Ground = { basis: 'inferred', source: 'rds-kms-operations 1.1' };
  return [
    ...only(['group is named'], named(action, on, keys, seen)),
    ...only(['group is left out'], named(action, on, keys, guessed)),
  ];
}

/**
 * The option group of a cluster. Multi-AZ DB clusters have none. It is not known whether AWS checks
 * those of DocumentDB and Neptune.
 */
export function optionGroupOfCluster(action: Action, keys: readonly string[]): readonly CallRow[] {
  const open: Ground = { basis: 'unknown', source: 'rds-kms-operations-2 13.2' };
  return [
    ...only(['engine has option groups'], required(action, ['og'], keys)),
    ...only(['engine may have option groups'], named(action, ['og'], keys, open)),
  ];
}

/**
 * With the first database of an account, RDS creates its service-linked role with the principal's
 * identity. If it is not known whether the role exists, RDS most likely has it already.
 */
export const makesRole: readonly CallRow[] = [
  {
    kind: 'forwarded',
    action: 'iam:CreateServiceLinkedRole',
    on: 'RDS service-linked role',
    when: ['RDS service-linked role is missing'],
    basis: 'documented',
    source: 'rds-kms-operations 1.2',
    sends: { 'iam:AWSServiceName': ['rds.amazonaws.com'] },
  },
  {
    kind: 'forwarded',
    action: 'iam:CreateServiceLinkedRole',
    on: 'RDS service-linked role',
    when: ['RDS service-linked role may be missing'],
    basis: 'inferred',
    source: 'rds-kms-operations 1.2',
    sends: { 'iam:AWSServiceName': ['rds.amazonaws.com'] },
    unless: 'rds-role-exists',
  },
];

/** Tags in a request need a permission of their own. */
export function tagging(on: ResourceRole): CallRow {
  return {
    kind: 'caller',
    action: 'rds:AddTagsToResource',
    on,
    when: ['tags are sent'],
    basis: 'documented',
    source: 'rds-kms-operations 1.2',
    keys: tagKeys,
    sends: { 'rds:TagsFromRequest': ['true'] },
  };
}

/**
 * The calls on a key that RDS makes with the principal's identity to create a resource under the
 * key. There are only these two (rds-kms-operations 0.2).
 */
export function takesGrant(on: KeyRole, ground: Ground, when: readonly Guard[] = []): readonly CallRow[] {
  const row = { kind: 'forwarded', on, ...(when.length === 0 ? {} : { when }), ...ground } as const;
  return [
    { ...row, action: 'kms:DescribeKey' },
    { ...row, action: 'kms:CreateGrant' },
  ];
}

/**
 * The permission for tags that the new resource inherits. RDS has a condition key that
 * distinguishes inherited tags from those of the request. So, unless `ground` says better, it is
 * inferred that inherited tags of a snapshot need the permission, too. If there may be no tags, the
 * permission may not be needed.
 */
export function taggingInherited(
  on: ResourceRole,
  when: readonly Guard[] = [],
  ground: Ground & Pick<CallRow, 'unless'> = {
    basis: 'inferred',
    source: 'rds-kms-operations 1.2',
    unless: 'tags-are-not-copied',
  },
): readonly CallRow[] {
  const { unless, ...known } = ground;
  const inherited = {
    kind: 'caller',
    action: 'rds:AddTagsToResource',
    on,
    keys: tagKeys,
    sends: { 'rds:TagsFromRequest': ['false'] },
  } as const;
  return only(when, [
    { ...inherited, when: ['tags are inherited'], ...known },
    {
      ...inherited,
      when: ['tags may be inherited'],
      basis: 'inferred',
      source: known.source,
      ...(unless === undefined ? {} : { unless }),
    },
  ]);
}

/**
 * According to Neptune's guide, users of an encrypted database need these permissions. For
 * DocumentDB, this is not established (rds-kms-operations-2 11).
 */
export const askedByOthers: readonly CallRow[] = (
  [
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ] as const
).map((action) => ({
  kind: 'forwarded',
  action,
  on: 'target key',
  when: ['engine is docdb or neptune'],
  basis: 'unknown',
  source: 'rds-kms-operations-2 11',
}));

/**
 * RDS decrypts what it reads and encrypts what is new with its own grant on the key
 * (rds-kms-operations 3.2).
 */
export function opens(on: KeyRole, source: Citation, when: readonly Guard[] = []): CallRow {
  const guarded = when.length === 0 ? {} : { when };
  return { kind: 'service', action: 'kms:Decrypt', on, ...guarded, basis: 'inferred', source };
}

export function encrypts(on: KeyRole): readonly CallRow[] {
  return [
    { kind: 'service', action: 'kms:GenerateDataKey', on, basis: 'inferred', source: 'rds-kms-operations 3.2' },
    opens(on, 'rds-kms-operations 3.2'),
  ];
}

/**
 * The calls on both keys if the new resource is under the target key and its source under the
 * storage key.
 */
export function underKeys(source: Citation, storage: Ground): readonly CallRow[] {
  return [
    ...takesGrant('target key', { basis: 'documented', source }),
    ...askedByOthers,
    ...takesGrant('storage key', storage, ['keys differ']),
    ...encrypts('target key'),
    opens('storage key', 'rds-kms-operations 3.2', ['keys differ']),
  ];
}

const kmsFault = 'KMSKeyNotAccessibleFault';

/** A precondition that AWS documents. */
export function must(code: PreconditionCode, source: Citation, fault?: ErrorCode): PreconditionRow {
  return { code, basis: 'documented', source, ...(fault === undefined ? {} : { fault }) };
}

/**
 * For operations that Multi-AZ DB clusters do not support. AWS lists these operations and publishes
 * no error code.
 */
export const notMultiAz = must('source-is-of-no-multi-az-cluster', 'rds-kms-operations-2 13.5');

/** AWS does not publish whether the operation works on Multi-AZ DB clusters. */
export const perhapsNotMultiAz: PreconditionRow = {
  code: 'source-is-of-no-multi-az-cluster',
  basis: 'unknown',
  source: 'rds-kms-operations-2 13.5',
};

/** Preconditions of the key of a new resource. */
export const usableKey: readonly PreconditionRow[] = [
  must('key-is-in-the-region', 'rds-kms-operations 5', kmsFault),
  must('key-is-enabled', 'rds-kms-operations 5', kmsFault),
  must('key-is-symmetric', 'rds-kms-operations 5', kmsFault),
  must('key-can-be-used-by-the-account', 'rds-kms-operations 5', kmsFault),
  must('key-takes-another-grant', 'rds-kms-operations 5', kmsFault),
];

/** Preconditions of the key of a new resource, if the request may name the key. */
export const usableNamedKey: readonly PreconditionRow[] = [
  { code: 'default-key-exists', basis: 'observed', source: 'rds-kms-operations 4.8', fault: kmsFault },
  ...usableKey,
];

/** Preconditions of the key of a source, if the new resource has another key. */
export const usableSourceKey: readonly PreconditionRow[] = [
  must('source-key-is-enabled', 'rds-kms-operations 8.1', kmsFault),
  must('source-key-can-be-used-by-the-account', 'rds-kms-operations 5', kmsFault),
];

export const snapshotState: ErrorCode = {
  'cluster-snapshot': 'InvalidDBClusterSnapshotStateFault',
  snapshot: 'InvalidDBSnapshotState',
};

export const snapshotNotFound: ErrorCode = {
  'cluster-snapshot': 'DBClusterSnapshotNotFoundFault',
  snapshot: 'DBSnapshotNotFound',
};

/** The account's quota for manual snapshots. */
export const snapshotQuota = must(
  'manual-snapshots-are-below-the-quota',
  'rds-kms-operations 4.1',
  'SnapshotQuotaExceeded',
);

/** The account's quota for clusters, both Aurora and Multi-AZ DB clusters. */
export const clusterQuota = must(
  'clusters-are-below-the-quota',
  'rds-kms-operations 2.1',
  'DBClusterQuotaExceededFault',
);

/** The account's quota for DB instances, which includes members of clusters. */
export const instanceQuota = must('instances-are-below-the-quota', 'rds-kms-operations 2.1', 'InstanceQuotaExceeded');

/** Counts if a cluster is created with its first instance. */
export const firstInstanceQuota: PreconditionRow = { ...instanceQuota, when: ['instance is also created'] };

/** The errors that AWS shows if a call is denied. */
export const withKmsFault = { caller: 'AccessDenied', forwarded: kmsFault } as const;
export const withoutKmsFault = { caller: 'AccessDenied' } as const;
