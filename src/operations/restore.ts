import type { CallRow, Operation } from './operation.ts';

const action = 'rds:RestoreDBClusterFromSnapshot';
/** rds-kms-operations 1.2: keys of the action whose parameters an Aurora restore does not need. */
const keys = ['rds:DatabaseClass', 'rds:Piops', 'rds:StorageSize'] as const;
const required = {
  kind: 'caller',
  action,
  basis: 'documented',
  source: 'rds-kms-operations 1.2',
  keys,
} as const satisfies Partial<CallRow>;

export const restore = {
  command: 'restore',
  aliases: ['restore-cluster', 'restore-db-cluster-from-snapshot'],
  api: 'RestoreDBClusterFromSnapshot',
  does: 'restore a cluster from a cluster snapshot',
  target: 'cluster-snapshot',
  makes: 'cluster',
  takesKey: true,
  calls: [
    { ...required, on: 'cluster' },
    // Optional in the Service Authorization Reference, but a snapshot is always named.
    { ...required, on: 'cluster-snapshot', basis: 'observed', source: 'rds-kms-operations 11' },
    { ...required, on: 'subgrp' },
    { ...required, on: 'cluster-pg' },
    { ...required, on: 'og' },
    {
      kind: 'forwarded',
      action: 'kms:DescribeKey',
      on: 'target key',
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
    },
    {
      kind: 'forwarded',
      action: 'kms:CreateGrant',
      on: 'target key',
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
    },
    {
      kind: 'forwarded',
      action: 'kms:DescribeKey',
      on: 'storage key',
      when: 'keys differ',
      basis: 'inferred',
      source: 'rds-kms-operations 4.2',
    },
    {
      kind: 'forwarded',
      action: 'kms:CreateGrant',
      on: 'storage key',
      when: 'keys differ',
      basis: 'inferred',
      source: 'rds-kms-operations 4.2',
    },
    {
      kind: 'service',
      action: 'kms:GenerateDataKey',
      on: 'target key',
      basis: 'inferred',
      source: 'rds-kms-operations 3.2',
    },
    { kind: 'service', action: 'kms:Decrypt', on: 'target key', basis: 'inferred', source: 'rds-kms-operations 3.2' },
    {
      kind: 'service',
      action: 'kms:Decrypt',
      on: 'storage key',
      when: 'keys differ',
      basis: 'inferred',
      source: 'rds-kms-operations 3.2',
    },
  ],
  preconditions: [
    {
      name: 'snapshot is shared with the account',
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
      fault: 'DBClusterSnapshotNotFoundFault',
    },
    {
      name: 'snapshot is available',
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
      fault: 'InvalidDBClusterSnapshotStateFault',
    },
    {
      name: 'snapshot can be restored under the key',
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
      fault: 'InvalidRestoreFault',
    },
    {
      name: 'key is in the Region',
      basis: 'documented',
      source: 'rds-kms-operations 5',
      fault: 'KMSKeyNotAccessibleFault',
    },
    { name: 'key is enabled', basis: 'documented', source: 'rds-kms-operations 5', fault: 'KMSKeyNotAccessibleFault' },
    {
      name: 'key is symmetric',
      basis: 'documented',
      source: 'rds-kms-operations 5',
      fault: 'KMSKeyNotAccessibleFault',
    },
    {
      name: 'key can be used by the account',
      basis: 'documented',
      source: 'rds-kms-operations 5',
      fault: 'KMSKeyNotAccessibleFault',
    },
    {
      name: 'snapshot key is enabled',
      basis: 'documented',
      source: 'rds-kms-operations 8.1',
      fault: 'KMSKeyNotAccessibleFault',
    },
  ],
  faults: { caller: 'AccessDenied', forwarded: 'KMSKeyNotAccessibleFault' },
} as const satisfies Operation;
