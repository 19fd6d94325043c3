import type { Basis, PreconditionName, PreconditionRow } from '../operations/operation.ts';
import type { Bound, BoundKey } from './bind.ts';

export interface DecidedPrecondition {
  readonly row: PreconditionRow;
  readonly status: 'met' | 'unmet' | 'unknown';
  readonly why: string;
  readonly basis: Basis;
  /** What is taken for granted instead of leaving the verdict open, because it is normally so. */
  readonly assumed?: string;
}

interface Answer {
  readonly status: 'met' | 'unmet' | 'unknown';
  readonly why: string;
  readonly assumed?: string;
}

/** Each precondition: a test of the facts. Undefined: the question does not arise. */
const tests: Readonly<Record<PreconditionName, (bound: Bound) => Answer | undefined>> = {
  'snapshot is available': ({ snapshot }) =>
    snapshot === undefined ? undefined : stateIs('Status', snapshot.Status, 'available'),
  'snapshot is shared with the account': shared,
  'cluster is available': ({ cluster }) => (cluster === undefined ? undefined : clusterAvailable(cluster.Status)),
  "cluster is in the caller's account": ({ sourceArn, principal }) => {
    const owner = sourceArn.split(':')[4] ?? '';
    return owner === principal.account
      ? met(`it belongs to ${owner}`)
      : unmet(`it belongs to ${owner}, the principal to ${principal.account}`);
  },
  'key is in the Region': (bound) =>
    withMainKey(bound, (key) =>
      key.region === bound.region
        ? met(key.region)
        : unmet(`the key is in ${key.region}, the operation in ${bound.region}`),
    ),
  'key is enabled': (bound) =>
    withMainKey(bound, (key) =>
      bound.operation.makes === 'cluster-snapshot' ? keyStateAtSnapshot(key, bound) : keyState(key),
    ),
  'key is symmetric': (bound) => withMainKey(bound, symmetric),
  'key can be used by the account': (bound) => withMainKey(bound, (key) => ownManagedKey(key, bound)),
  'snapshot key is enabled': (bound) => {
    const key = bound.keys['storage key'];
    if (key === undefined)
      return mayHaveKey(bound) ? unknown('the evidence names no key of the snapshot (KmsKeyId)') : undefined;
    return bound.keysDiffer ? keyState(key) : undefined;
  },
  'snapshot can be restored under the key': underAnotherKey,
};

const met = (why: string): Answer => ({ status: 'met', why });
const unmet = (why: string): Answer => ({ status: 'unmet', why });
const unknown = (why: string): Answer => ({ status: 'unknown', why });

/** The preconditions of the operation that arise for this target, in the order of the catalogue. */
export function decidePreconditions(bound: Bound): readonly DecidedPrecondition[] {
  return bound.operation.preconditions.flatMap((row) => {
    const answer = tests[row.name](bound);
    return answer === undefined ? [] : [{ row, ...answer, basis: row.basis }];
  });
}

/** The key of what is made, or else of what is read. */
function withMainKey(bound: Bound, test: (key: BoundKey) => Answer | undefined): Answer | undefined {
  const key = bound.keys['target key'] ?? bound.keys['storage key'];
  if (key !== undefined) return test(key);
  return mayHaveKey(bound) ? unknown('the evidence names no key (KmsKeyId)') : undefined;
}

/** Encrypted under a key that the evidence does not name, as far as it tells. */
function mayHaveKey({ encryption, keys }: Bound): boolean {
  return (encryption === 'sse-kms' || encryption === 'unknown') && keys['storage key'] === undefined;
}

function stateIs(name: string, state: string | undefined, wanted: string): Answer {
  if (state === undefined) return unknown(`${name} is not in the evidence`);
  return state.toLowerCase() === wanted ? met(`${name} is ${state}`) : unmet(`${name} is ${state}`);
}

/** rds-kms-operations 4.1, 8.1. Status strings compare without case. */
function clusterAvailable(status: string | undefined): Answer {
  const answer = stateIs('Status', status, 'available');
  if (answer.status === 'unmet' && status?.toLowerCase().startsWith('inaccessible-encryption-credentials')) {
    return unmet(`Status is ${status}: RDS has lost access to the key and stopped the cluster`);
  }
  return answer;
}

/** An owner's own snapshot needs no sharing; a listed foreign one is shared. */
function shared({ snapshot, principal, sharedWith }: Bound): Answer | undefined {
  if (snapshot === undefined) return undefined;
  const owner = snapshot.DBClusterSnapshotArn.split(':')[4] ?? '';
  if (owner === principal.account) return undefined;
  if (sharedWith !== undefined) {
    const listed = sharedWith.includes(principal.account) || sharedWith.includes('all');
    return listed
      ? met(`account ${owner} shares it with ${principal.account}`)
      : unmet(`account ${owner} does not share it with ${principal.account}`);
  }
  const type = snapshot.SnapshotType?.toLowerCase();
  if (type === 'shared' || type === 'public') return met(`account ${owner} shares it (SnapshotType ${type})`);
  return unknown(`whether account ${owner} shares it with ${principal.account} is not in the evidence`);
}

/** rds-kms-operations 5. */
function keyState({ key, arn }: BoundKey): Answer {
  const state = key?.KeyMetadata.KeyState;
  if (key === undefined) return unknown(`the evidence does not hold key ${arn}`);
  if (state === undefined) return unknown('KeyState is not in the evidence');
  if (state === 'Enabled' || state === 'Updating') return met(`KeyState is ${state}`);
  if (state !== 'Unavailable') return unmet(`KeyState is ${state}`);
  return unknown('KeyState is Unavailable: the calls of the caller pass, the use of the key fails later');
}

/**
 * What a snapshot does while the key is lost is not published (rds-kms-operations 4.1). Where the state could not be read, a cluster that is
 * available speaks for the key: RDS stops one whose key it cannot use (8.1).
 */
function keyStateAtSnapshot(key: BoundKey, { cluster }: Bound): Answer {
  const answer = keyState(key);
  if (answer.status === 'unmet') return unknown(`${answer.why}; what a snapshot does then is not published`);
  const readable = key.key?.KeyMetadata.KeyState !== undefined;
  if (answer.status === 'met' || readable || cluster?.Status?.toLowerCase() !== 'available') return answer;
  return { ...answer, assumed: `the key is enabled, for the cluster is available (${answer.why})` };
}

function symmetric({ key }: BoundKey): Answer {
  const { KeySpec: spec, KeyUsage: usage } = key?.KeyMetadata ?? {};
  if (spec === undefined && usage === undefined) return unknown('KeySpec is not in the evidence');
  if (spec === undefined && usage === 'ENCRYPT_DECRYPT') return unknown('KeySpec is not in the evidence');
  const fits = spec === 'SYMMETRIC_DEFAULT' && (usage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT';
  const says = [spec, usage].filter((one) => one !== undefined).join(', ');
  return fits ? met(says) : unmet(`${says}: RDS takes symmetric encryption keys only`);
}

/** An AWS managed key serves its own account only (rds-kms-operations 5). */
function ownManagedKey({ key, account, alias }: BoundKey, { principal }: Bound): Answer | undefined {
  if (account === principal.account) return undefined;
  const manager = key?.KeyMetadata.KeyManager;
  if (manager === undefined) return unknown(`who manages the key of account ${account} is not in the evidence`);
  return manager === 'AWS'
    ? unmet(`${alias ?? 'it'} is an AWS managed key, which only account ${account} can use`)
    : met(`a customer managed key of account ${account}`);
}

/** rds-kms-operations 4.2: unencrypted and KMS-encrypted Aurora snapshots can change key; of the AWS owned key nothing is said. */
function underAnotherKey({ encryption, keys, keysDiffer, sharedWith, snapshot, principal }: Bound): Answer | undefined {
  if (snapshot === undefined) return undefined;
  const foreign = snapshot.DBClusterSnapshotArn.split(':')[4] !== principal.account;
  if (encryption === 'sse-rds' || encryption === 'none or sse-rds') {
    if (foreign && encryption === 'sse-rds')
      return unknown('whether a shared snapshot under the AWS owned key can be restored is not published');
    if (keys['target key'] === undefined) return undefined;
    return unknown('whether a snapshot under the AWS owned key can be restored under another key is not established');
  }
  if (encryption === 'none')
    return keys['target key'] === undefined
      ? undefined
      : met('an unencrypted Aurora snapshot can be restored encrypted');
  return keysDiffer || (foreign && sharedWith !== undefined)
    ? met('an encrypted Aurora snapshot can be restored under another key')
    : undefined;
}
