import type { CallRow, Operation, PreconditionRow } from './operation.ts';
import {
  askedByOthers,
  encrypts,
  must,
  notMultiAz,
  opens,
  required,
  snapshotNotFound,
  snapshotQuota,
  snapshotState,
  tagging,
  taggingInherited,
  tagKeys,
  takesGrant,
  usableNamedKey,
  usableSourceKey,
  withKmsFault,
} from './rows.ts';

const documented = { basis: 'documented', source: 'rds-kms-operations 4.5' } as const;
const inferred = { basis: 'inferred', source: 'rds-kms-operations 4.5' } as const;

/** `CopyTags`. `rds:TagsFromRequest` is false for tags that are copied. */
const tagsCopied = { basis: 'documented', source: 'rds-kms-operations 1.2', unless: 'no-tags-to-copy' } as const;

/**
 * A copy needs grants on both keys. If the snapshot belongs to another account, the owner must
 * allow kms:CreateGrant (rds-kms-operations 4.5).
 */
const copyUnderKeys: readonly CallRow[] = [
  ...takesGrant('target key', documented),
  ...askedByOthers,
  { kind: 'forwarded', action: 'kms:DescribeKey', on: 'storage key', when: ['keys differ'], ...inferred },
  // A task that was allowed to use only the target key failed. Allowing the source key as well
  // fixed the failure (ministryofjustice/opg-digideps 10d73a8b55).
  {
    kind: 'forwarded',
    action: 'kms:CreateGrant',
    on: 'storage key',
    when: ['keys differ', 'source is in the same account'],
    basis: 'observed',
    source: 'rds-kms-operations 4.5',
  },
  {
    kind: 'forwarded',
    action: 'kms:CreateGrant',
    on: 'storage key',
    when: ['keys differ', 'source is in another account'],
    ...documented,
  },
  ...encrypts('target key'),
  opens('storage key', 'rds-kms-operations 4.5', ['keys differ']),
];

const copyable: readonly PreconditionRow[] = [
  must('snapshot-is-shared-with-the-account', 'rds-kms-operations 4.5', snapshotNotFound),
  must('snapshot-is-available', 'rds-kms-operations 4.5', snapshotState),
  // According to AWS's page on sharing, a user or role must make the copy. The error is not
  // published.
  { ...must('principal-is-a-user-or-role', 'rds-kms-operations 4.6'), when: ['source is in another account'] },
  must('regions-exchange-snapshots', 'rds-kms-operations 4.5'),
  must('key-is-named', 'rds-kms-operations 4.5', 'InvalidParameterValue'),
  must('snapshot-can-be-copied-under-the-key', 'rds-kms-operations 4.5'),
  ...usableNamedKey,
  ...usableSourceKey,
  must('copies-in-progress-are-below-the-quota', 'rds-kms-operations 4.5', 'SnapshotQuotaExceeded'),
  snapshotQuota,
];

export const copyClusterSnapshot: Operation = {
  command: 'copy-snapshot',
  aliases: ['copy-cluster-snapshot'],
  api: 'CopyDBClusterSnapshot',
  does: 'copy a cluster snapshot',
  phrase: 'copy SOURCE',
  reads: { flag: 'snapshot', types: ['cluster-snapshot'] },
  makes: 'cluster-snapshot',
  targetKey: 'named, else source',
  request: { source: ['SourceDBClusterSnapshotIdentifier'], to: 'TargetDBClusterSnapshotIdentifier' },
  parameters: ['kms-key-id', 'source-region', 'to', 'tag', 'copy-tags'],
  calls: [
    ...required('rds:CopyDBClusterSnapshot', ['new cluster-snapshot'], tagKeys),
    // AWS does not say whether the call is authorized on the source as well.
    { kind: 'caller', action: 'rds:CopyDBClusterSnapshot', on: 'cluster-snapshot', keys: tagKeys, ...inferred },
    tagging('new cluster-snapshot'),
    ...taggingInherited('new cluster-snapshot', [], tagsCopied),
    ...copyUnderKeys,
  ],
  preconditions: [
    notMultiAz,
    ...copyable,
    must('name-is-free', 'rds-kms-operations 2.1', 'DBClusterSnapshotAlreadyExistsFault'),
  ],
  faults: withKmsFault,
};

export const copyInstanceSnapshot: Operation = {
  command: 'copy-snapshot',
  aliases: [],
  api: 'CopyDBSnapshot',
  does: 'copy a DB snapshot',
  phrase: 'copy SOURCE',
  reads: { flag: 'instance-snapshot', types: ['snapshot'] },
  makes: 'snapshot',
  targetKey: 'named, else source',
  request: { source: ['SourceDBSnapshotIdentifier'], to: 'TargetDBSnapshotIdentifier' },
  parameters: ['kms-key-id', 'source-region', 'to', 'tag', 'copy-tags', 'copy-option-group', 'option-group-name'],
  calls: [
    ...required('rds:CopyDBSnapshot', ['new snapshot'], [...tagKeys, 'rds:CopyOptionGroup']),
    {
      kind: 'caller',
      action: 'rds:CopyDBSnapshot',
      on: 'snapshot',
      keys: [...tagKeys, 'rds:CopyOptionGroup'],
      ...inferred,
    },
    tagging('new snapshot'),
    ...taggingInherited('new snapshot', [], tagsCopied),
    ...copyUnderKeys,
  ],
  preconditions: [
    ...copyable,
    must('custom-snapshot-can-be-copied', 'rds-kms-operations 4.5'),
    { code: 'target-option-group-is-named', basis: 'observed', source: 'rds-kms-operations-2 13.3' },
    must('name-is-free', 'rds-kms-operations 2.1', 'DBSnapshotAlreadyExists'),
  ],
  faults: withKmsFault,
};

/** In the order in which help shows them. */
export const copies: readonly Operation[] = [copyClusterSnapshot, copyInstanceSnapshot];
