import type { Operation } from './operation.ts';

const action = 'rds:CreateDBClusterSnapshot';

export const createSnapshot = {
  command: 'create-snapshot',
  aliases: ['create-cluster-snapshot', 'create-db-cluster-snapshot'],
  api: 'CreateDBClusterSnapshot',
  does: 'take a snapshot of a cluster',
  target: 'cluster',
  makes: 'cluster-snapshot',
  takesKey: false,
  calls: [
    { kind: 'caller', action, on: 'cluster', basis: 'documented', source: 'rds-kms-operations 1.2' },
    { kind: 'caller', action, on: 'cluster-snapshot', basis: 'documented', source: 'rds-kms-operations 1.2' },
    // No forwarded call: none is documented, no KMS fault is declared, and callers without any KMS right were seen to succeed.
    { kind: 'service', action: 'kms:Decrypt', on: 'storage key', basis: 'inferred', source: 'rds-kms-operations 4.1' },
  ],
  preconditions: [
    {
      name: "cluster is in the caller's account",
      basis: 'documented',
      source: 'rds-kms-operations 1.1',
      fault: 'DBClusterNotFoundFault',
    },
    {
      name: 'cluster is available',
      basis: 'documented',
      source: 'rds-kms-operations 4.1',
      fault: 'InvalidDBClusterStateFault',
    },
    // What happens when the key is lost while the cluster still runs is not published.
    { name: 'key is enabled', basis: 'unknown', source: 'rds-kms-operations 4.1', fault: 'InvalidDBClusterStateFault' },
  ],
  faults: { caller: 'AccessDenied' },
} as const satisfies Operation;
