import { arnWith, parseArn } from '../base/arn.ts';
import type { CallRow, NewType, Operation } from '../operations/operation.ts';
import type { PlannedChange } from './planned-change.ts';

/* The reads that the provider makes after it has created or changed a resource. */

/** A read that the apply needs. Only IAM decides these requests: no key takes part. */
export interface ProviderRead {
  readonly action: `rds:${string}`;
  /** A read on any resource, so one answer counts for many resources. */
  readonly ofAny: Operation;
  /** A read of the changed resource. */
  readonly ofOne: Operation;
}

interface ReadRow {
  readonly action: `rds:${string}`;
  readonly on: NewType | 'global-cluster';
  /** Whether a refusal fails the apply for certain. */
  readonly isSure: boolean;
}

const clusterReads: readonly ReadRow[] = [
  { action: 'rds:DescribeDBClusters', on: 'cluster', isSure: true },
  { action: 'rds:DescribeGlobalClusters', on: 'global-cluster', isSure: true },
];
const instanceReads: readonly ReadRow[] = [{ action: 'rds:DescribeDBInstances', on: 'db', isSure: true }];
const clusterSnapshotReads: readonly ReadRow[] = [
  { action: 'rds:DescribeDBClusterSnapshots', on: 'cluster-snapshot', isSure: true },
  { action: 'rds:DescribeDBClusterSnapshotAttributes', on: 'cluster-snapshot', isSure: true },
];
const snapshotReads: readonly ReadRow[] = [
  { action: 'rds:DescribeDBSnapshots', on: 'snapshot', isSure: true },
  { action: 'rds:DescribeDBSnapshotAttributes', on: 'snapshot', isSure: true },
];

/** By the type of the resource. */
const rows: Readonly<Record<string, readonly ReadRow[]>> = {
  aws_rds_cluster: clusterReads,
  aws_rds_cluster_instance: instanceReads,
  aws_db_instance: instanceReads,
  aws_db_cluster_snapshot: clusterSnapshotReads,
  aws_rds_cluster_snapshot_copy: clusterSnapshotReads,
  aws_db_snapshot: snapshotReads,
  aws_db_snapshot_copy: snapshotReads,
};

/** The reads after the requests of a change. `arn`: the ARN of the changed resource. */
export function readsAfter({ type }: PlannedChange, arn: string | undefined): readonly ProviderRead[] {
  const own = Object.hasOwn(rows, type) ? rows[type] : undefined;
  const parsed = arn === undefined ? undefined : parseArn(arn);
  if (own === undefined || arn === undefined || parsed === undefined) return [];
  // The provider does not name the global cluster that it asks for.
  const global = arnWith(parsed, { region: '', resource: 'global-cluster:*' });
  return own.map(({ action, on, isSure }) => {
    const isGlobal = on === 'global-cluster';
    const named = operationOf(action, {
      on: isGlobal ? 'new cluster' : `new ${on}`,
      named: isGlobal ? global : arn,
      isSure,
    });
    return { action, ofOne: named, ofAny: isGlobal ? named : operationOf(action, { on: `new ${on}`, isSure }) };
  });
}

/** The read of a DB instance, as a separate request. `arn`: of the instance. */
export function readOfInstance(arn: string): Operation {
  return operationOf('rds:DescribeDBInstances', { on: 'new db', named: arn, isSure: true });
}

function operationOf(
  action: `rds:${string}`,
  { isSure, ...on }: Pick<CallRow, 'on' | 'named'> & { readonly isSure: boolean },
): Operation {
  return {
    command: action,
    aliases: [],
    api: action.slice('rds:'.length),
    does: `call ${action}`,
    phrase: `call ${action}`,
    request: {},
    parameters: [],
    calls: [
      { kind: 'caller', action, ...on, basis: isSure ? 'documented' : 'inferred', source: 'rds-kms-operations 1.2' },
    ],
    preconditions: [],
    faults: { caller: 'AccessDenied' },
  };
}
