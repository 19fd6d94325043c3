import type { RuleId } from '../base/rules.ts';
import type { Basis } from '../operations/operation.ts';

/*
 * The effect on each kind of dependent, by each way of taking a key out of use. This table alone
 * decides the effect.
 */

/** The ways to take a key out of use, in the order in which the report shows them. */
export const keyActions = ['disable', 'delete', 'delete-material', 'policy'] as const;

export type KeyAction = (typeof keyActions)[number];

/** Kinds of dependents: the loss of the key has the same effect on all of one kind. */
export const dependentKinds = [
  'cluster-that-can-stop',
  'cluster-that-cannot-stop',
  'multi-az-cluster',
  'cluster-of-unknown-kind',
  'docdb-cluster',
  'neptune-cluster',
  'instance-with-backups',
  'instance-without-backups',
  'instance-that-replicates',
  'instance-of-unknown-backups',
  'cluster-member',
  'stopped-database',
  'recoverable-database',
  'inaccessible-database',
  'replica',
  'snapshot',
  'automated-backup',
  'replicated-backup',
  'recovery-point',
  'backup-replication',
  'air-gapped-vault',
  'vault',
  'running-export',
  'finished-export',
  'integration',
  'managed-secret',
  'activity-stream',
  'performance-insights',
] as const;

export type DependentKind = (typeof dependentKinds)[number];

/** The effect of the loss of the key on a dependent. */
export type LossCode =
  | 'stops-recoverably'
  | 'stops-for-good'
  | 'stops-and-recovery-unknown'
  | 'stops-with-its-cluster'
  | 'cannot-be-started'
  /** RDS has already stopped the database because of its key. */
  | 'is-stopped-recoverably'
  | 'is-inaccessible-for-good'
  | 'runs-until-detached'
  | 'loses-its-source'
  | 'cannot-be-restored'
  | 'replication-stops'
  | 'replication-stops-and-cannot-be-restored'
  | 'takes-no-copies'
  | 'export-fails'
  | 'files-unreadable'
  | 'integration-fails'
  | 'secret-unreadable'
  | 'stream-unreadable'
  | 'metrics-unreadable'
  /** Under a new key policy, a running resource keeps its grant. */
  | 'keeps-its-grant'
  | 'needs-the-new-policy';

/** When the loss happens. */
export type LossTime = 'when-noticed' | 'two-hours-after' | 'when-detached' | 'at-once' | 'at-next-use';

/** The work that remains after the key is usable again. */
export type LossRepair =
  | 'nothing'
  | 'start-within-seven-days'
  | 'restore-a-backup'
  | 'with-its-cluster'
  | 'start-again'
  | 'unknown';

/** How the key is made usable again, and until when. */
export type KeyUndo =
  | 'enable-key'
  | 'enable-key-and-connect-store'
  /** Possible until the waiting period ends. Then the data is lost. */
  | 'cancel-deletion'
  | 'cancel-deletion-and-connect-store'
  | 'cancel-deletion-and-import-material'
  /** Only somebody who has a copy of the material can do this. */
  | 'import-same-material'
  | 'put-policy-again';

export interface Impact {
  readonly kind: DependentKind;
  readonly action: KeyAction;
  readonly loss: LossCode;
  readonly when: LossTime;
  readonly repair: LossRepair;
  readonly undo: KeyUndo;
  /** The data can never be read again after the key, or its material, is gone. */
  readonly isLostInTheEnd: boolean;
  readonly basis: Basis;
  readonly source: RuleId;
}

/** The worst first. `database`: the dependent serves clients. */
export const dependentRanks = ['database', 'backup', 'other'] as const;

export type DependentRank = (typeof dependentRanks)[number];

interface KindRow extends Pick<Impact, 'loss' | 'when' | 'repair' | 'basis' | 'source'> {
  readonly rank: DependentRank;
  /** The dependent itself is not encrypted under the key. */
  readonly isElsewhere?: true;
  /** Under a new key policy: RDS has no grant for such a resource, so each use needs the policy. */
  readonly needsPolicy?: true;
}

const aurora = 'rds-kms-operations 8.1';
const others = 'rds-kms-operations-2 1';
const besides = 'rds-kms-operations-2 15.5';

/** What happens when the key cannot be used. */
export const kindRows = {
  'cluster-that-can-stop': {
    rank: 'database',
    loss: 'stops-recoverably',
    when: 'when-noticed',
    repair: 'start-within-seven-days',
    basis: 'documented',
    source: aurora,
  },
  'cluster-that-cannot-stop': {
    rank: 'database',
    loss: 'stops-for-good',
    when: 'when-noticed',
    repair: 'restore-a-backup',
    basis: 'documented',
    source: aurora,
  },
  // Such a cluster cannot be stopped, and only a database that can be stopped is recoverable.
  'multi-az-cluster': {
    rank: 'database',
    loss: 'stops-for-good',
    when: 'when-noticed',
    repair: 'restore-a-backup',
    basis: 'inferred',
    source: 'rds-kms-operations-2 13.5',
  },
  'cluster-of-unknown-kind': {
    rank: 'database',
    loss: 'stops-and-recovery-unknown',
    when: 'when-noticed',
    repair: 'unknown',
    basis: 'inferred',
    source: aurora,
  },
  'docdb-cluster': {
    rank: 'database',
    loss: 'stops-for-good',
    when: 'when-noticed',
    repair: 'restore-a-backup',
    basis: 'documented',
    source: others,
  },
  'neptune-cluster': {
    rank: 'database',
    loss: 'stops-for-good',
    when: 'when-noticed',
    repair: 'restore-a-backup',
    basis: 'documented',
    source: others,
  },
  'instance-with-backups': {
    rank: 'database',
    loss: 'stops-recoverably',
    when: 'two-hours-after',
    repair: 'start-within-seven-days',
    basis: 'documented',
    source: aurora,
  },
  'instance-without-backups': {
    rank: 'database',
    loss: 'runs-until-detached',
    when: 'when-detached',
    repair: 'unknown',
    basis: 'documented',
    source: aurora,
  },
  'instance-that-replicates': {
    rank: 'database',
    loss: 'stops-for-good',
    when: 'when-noticed',
    repair: 'restore-a-backup',
    basis: 'documented',
    source: aurora,
  },
  'instance-of-unknown-backups': {
    rank: 'database',
    loss: 'stops-and-recovery-unknown',
    when: 'when-noticed',
    repair: 'unknown',
    basis: 'inferred',
    source: aurora,
  },
  'cluster-member': {
    rank: 'database',
    loss: 'stops-with-its-cluster',
    when: 'when-noticed',
    repair: 'with-its-cluster',
    basis: 'documented',
    source: aurora,
  },
  // What RDS does about the key of a stopped database is not published.
  'stopped-database': {
    rank: 'database',
    loss: 'cannot-be-started',
    when: 'at-next-use',
    repair: 'unknown',
    basis: 'inferred',
    source: 'rds-kms-operations 4.11',
  },
  'recoverable-database': {
    rank: 'database',
    loss: 'is-stopped-recoverably',
    when: 'at-once',
    repair: 'start-within-seven-days',
    basis: 'documented',
    source: aurora,
  },
  'inaccessible-database': {
    rank: 'database',
    loss: 'is-inaccessible-for-good',
    when: 'at-once',
    repair: 'restore-a-backup',
    basis: 'documented',
    source: aurora,
  },
  replica: {
    rank: 'database',
    loss: 'loses-its-source',
    when: 'when-noticed',
    repair: 'unknown',
    basis: 'inferred',
    source: others,
    isElsewhere: true,
  },
  snapshot: {
    rank: 'backup',
    loss: 'cannot-be-restored',
    when: 'at-once',
    repair: 'nothing',
    basis: 'documented',
    source: 'rds-kms-operations 5',
    needsPolicy: true,
  },
  'automated-backup': {
    rank: 'backup',
    loss: 'cannot-be-restored',
    when: 'at-once',
    repair: 'nothing',
    basis: 'documented',
    source: 'rds-kms-operations 5',
    needsPolicy: true,
  },
  // The replication stops if the key of either Region cannot be used.
  'replicated-backup': {
    rank: 'backup',
    loss: 'replication-stops-and-cannot-be-restored',
    when: 'at-once',
    repair: 'unknown',
    basis: 'documented',
    source: 'rds-kms-operations-2 6',
    needsPolicy: true,
  },
  'recovery-point': {
    rank: 'backup',
    loss: 'cannot-be-restored',
    when: 'at-once',
    repair: 'nothing',
    basis: 'inferred',
    source: 'rds-kms-operations-2 7',
    needsPolicy: true,
  },
  'backup-replication': {
    rank: 'backup',
    loss: 'replication-stops',
    when: 'when-noticed',
    repair: 'unknown',
    basis: 'documented',
    source: 'rds-kms-operations-2 6',
    isElsewhere: true,
  },
  'air-gapped-vault': {
    rank: 'backup',
    loss: 'takes-no-copies',
    when: 'at-next-use',
    repair: 'nothing',
    basis: 'inferred',
    source: 'rds-kms-operations-2 7',
    needsPolicy: true,
  },
  vault: {
    rank: 'backup',
    loss: 'takes-no-copies',
    when: 'at-next-use',
    repair: 'nothing',
    basis: 'inferred',
    source: 'rds-kms-operations 4.12',
    needsPolicy: true,
  },
  'running-export': {
    rank: 'other',
    loss: 'export-fails',
    when: 'at-next-use',
    repair: 'start-again',
    basis: 'documented',
    source: 'rds-kms-operations 4.7',
  },
  'finished-export': {
    rank: 'other',
    loss: 'files-unreadable',
    when: 'at-once',
    repair: 'nothing',
    basis: 'inferred',
    source: besides,
    needsPolicy: true,
  },
  integration: {
    rank: 'other',
    loss: 'integration-fails',
    when: 'at-next-use',
    repair: 'unknown',
    basis: 'inferred',
    source: 'rds-kms-operations-2 9',
  },
  'managed-secret': {
    rank: 'other',
    loss: 'secret-unreadable',
    when: 'at-once',
    repair: 'nothing',
    basis: 'inferred',
    source: besides,
    needsPolicy: true,
  },
  'activity-stream': {
    rank: 'other',
    loss: 'stream-unreadable',
    when: 'at-next-use',
    repair: 'unknown',
    basis: 'inferred',
    source: 'rds-kms-operations-2 8',
  },
  'performance-insights': {
    rank: 'other',
    loss: 'metrics-unreadable',
    when: 'at-next-use',
    repair: 'nothing',
    basis: 'inferred',
    source: besides,
  },
} as const satisfies Readonly<Record<DependentKind, KindRow>>;

const undos: Readonly<Record<KeyAction, KeyUndo>> = {
  disable: 'enable-key',
  delete: 'cancel-deletion',
  'delete-material': 'import-same-material',
  policy: 'put-policy-again',
};

/** Every kind by every action. */
export const impactTable: readonly Impact[] = dependentKinds.flatMap((kind) =>
  keyActions.map((action) => impactOf(kind, action)),
);

/** The row of the table for a kind and an action. */
export function impactOf(kind: DependentKind, action: KeyAction): Impact {
  const row: KindRow = kindRows[kind];
  const common = { kind, action, undo: undos[action] };
  // RDS does not evaluate the policy again for running databases and their replicas
  // (rds-kms-operations-2 15.4).
  if (action === 'policy')
    return {
      ...common,
      loss: row.needsPolicy === true ? 'needs-the-new-policy' : 'keeps-its-grant',
      when: 'at-next-use',
      repair: 'nothing',
      isLostInTheEnd: false,
      basis: row.needsPolicy === true ? 'documented' : 'inferred',
      source: 'rds-kms-operations-2 15.4',
    };
  const { loss, when, repair, basis, source } = row;
  const isLostInTheEnd = action !== 'disable' && row.isElsewhere !== true;
  return { ...common, loss, when, repair, isLostInTheEnd, basis, source };
}

/** The rank of a kind of dependents, which decides the order in a report. */
export function rankOf(kind: DependentKind): DependentRank {
  return kindRows[kind].rank;
}
