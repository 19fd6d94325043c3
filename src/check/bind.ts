import {
  aliasOf,
  clustersAt,
  findCluster,
  findKey,
  findSnapshot,
  type Place,
  placeOf,
  regionsOf,
  resolveKey,
  sharedWith,
  snapshotsAt,
} from '../evidence/lookup.ts';
import { findPrincipal, type Principal } from '../evidence/principals.ts';
import type { Cluster, ClusterSnapshot, Evidence, Key } from '../evidence/schema.ts';
import { Failure } from '../failure.ts';
import type { KeyRole, Operation } from '../operations/operation.ts';

/** What is asked: may this principal do this? */
export interface Question {
  readonly operation: Operation;
  readonly principal: string;
  /** Identifier or ARN of what the operation reads. Absent: everything in the Region. */
  readonly target?: string;
  /** Key id, key ARN, alias name or alias ARN of the key for what is made. */
  readonly kmsKeyId?: string;
  readonly region?: string;
  /** Condition keys that the asker knows. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Assumptions make a verdict undetermined. */
  readonly strict: boolean;
  /** ISO time at which the operation is taken to happen. */
  readonly evaluatedAt: string;
  /** Report every statement's part. */
  readonly explain: boolean;
}

/** A KMS key as the operation meets it. */
export interface BoundKey {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  /** Undefined: the evidence does not hold it. */
  readonly key: Key | undefined;
  readonly alias: string | undefined;
  /** The alias by which the request names the key, if it does. */
  readonly requestAlias: string | undefined;
}

/** How the storage of a cluster or snapshot is encrypted. `none or sse-rds`: the evidence does not tell which (rds-kms-operations 10); `unknown`: it tells nothing. */
export type Encryption = 'none' | 'sse-rds' | 'none or sse-rds' | 'sse-kms' | 'unknown';

/** One operation on one target, with everything that its rows may refer to. */
export interface Bound {
  readonly operation: Operation;
  readonly principal: Principal;
  /** Where the operation happens. */
  readonly region: string;
  readonly snapshot: ClusterSnapshot | undefined;
  readonly cluster: Cluster | undefined;
  /** ARN of the snapshot or cluster that is read. */
  readonly sourceArn: string;
  readonly resourceId: string | undefined;
  readonly engine: string | undefined;
  readonly engineVersion: string | undefined;
  readonly encryption: Encryption;
  readonly keys: Readonly<Partial<Record<KeyRole, BoundKey>>>;
  /** Another key than that of the source was asked for. */
  readonly keysDiffer: boolean;
  /** With whom the snapshot is shared; undefined: not known. */
  readonly sharedWith: readonly string[] | undefined;
}

/**
 * The question on each of its targets.
 * @throws Failure if the evidence does not hold what the question names
 */
export function bind(evidence: Evidence, question: Question): readonly Bound[] {
  const principal = findPrincipal(evidence, question.principal);
  const region = regionAsked(evidence, question, principal);
  const place = { account: principal.account, region };
  const { operation, target } = question;
  if (operation.target === 'cluster') {
    const clusters = target === undefined ? clustersAt(evidence, place) : [findCluster(evidence, place, target)];
    return clusters.map((cluster) => boundTo(evidence, question, { principal, region, cluster }));
  }
  const snapshots = target === undefined ? snapshotsAt(evidence, place) : [findSnapshot(evidence, place, target)];
  return snapshots.map((snapshot) => boundTo(evidence, question, { principal, region, snapshot }));
}

function regionAsked(evidence: Evidence, { region, target }: Question, principal: Principal): string {
  const named = target === undefined ? undefined : placeOf(target)?.region;
  if (region !== undefined && named !== undefined && region !== named) {
    throw new Failure(
      'input',
      `\`${target ?? ''}\` lies in ${named}, not in ${region}`,
      'leave out --region, or name something in that Region',
    );
  }
  const asked = region ?? named;
  if (asked !== undefined) return asked;
  const held = regionsOf(evidence, principal.account);
  if (held.length === 1 && held[0] !== undefined) return held[0];
  if (held.length === 0)
    throw new Failure(
      'input',
      `the evidence holds no Region of account ${principal.account}`,
      'add `regions` to that account in the evidence',
    );
  throw new Failure(
    'input',
    `the evidence holds several Regions of account ${principal.account} (${held.join(', ')})`,
    'say which one with --region',
  );
}

interface Target {
  readonly principal: Principal;
  readonly region: string;
  readonly snapshot?: ClusterSnapshot;
  readonly cluster?: Cluster;
}

function boundTo(
  evidence: Evidence,
  { operation, kmsKeyId }: Question,
  { principal, region, snapshot, cluster }: Target,
): Bound {
  const source = snapshot ?? cluster;
  const sourceArn = snapshot?.DBClusterSnapshotArn ?? cluster?.DBClusterArn ?? '';
  const sourcePlace = placeOf(sourceArn) ?? { account: principal.account, region };
  const encryption = encryptionOf(source ?? {});
  const storage =
    encryption === 'sse-kms' && source?.KmsKeyId !== undefined
      ? storageKey(evidence, sourcePlace, source.KmsKeyId)
      : undefined;
  const asked =
    kmsKeyId === undefined ? undefined : resolveKey(evidence, { account: principal.account, region }, kmsKeyId);
  const target = operation.takesKey ? (asked ?? storage) : undefined;
  return {
    operation,
    principal,
    region,
    snapshot,
    cluster,
    sourceArn,
    resourceId: source?.DbClusterResourceId,
    engine: source?.Engine,
    engineVersion: source?.EngineVersion,
    encryption,
    keys: {
      ...(storage === undefined ? {} : { 'storage key': boundKey(evidence, storage, undefined) }),
      ...(target === undefined
        ? {}
        : { 'target key': boundKey(evidence, target, asked === undefined ? undefined : aliasIn(kmsKeyId)) }),
    },
    keysDiffer: storage !== undefined && asked !== undefined && asked !== storage,
    sharedWith: snapshot === undefined ? undefined : sharedWith(evidence, sourceArn),
  };
}

/** RDS shows the key ARN; a key that the evidence does not hold is then still known by its name. */
function storageKey(evidence: Evidence, place: Place, kmsKeyId: string): string {
  return kmsKeyId.includes(':key/') ? kmsKeyId : resolveKey(evidence, place, kmsKeyId);
}

function aliasIn(kmsKeyId: string | undefined): string | undefined {
  return /(?:^|:)(alias\/.+)$/.exec(kmsKeyId ?? '')?.[1];
}

function boundKey(evidence: Evidence, arn: string, requestAlias: string | undefined): BoundKey {
  const key = findKey(evidence, arn);
  const place = placeOf(arn);
  return { arn, account: place?.account ?? '', region: place?.region ?? '', key, alias: aliasOf(key), requestAlias };
}

/** With sse-rds StorageEncrypted is false, so it alone never means unencrypted (rds-kms-operations 10). */
function encryptionOf(source: {
  readonly StorageEncryptionType?: string | undefined;
  readonly StorageEncrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}): Encryption {
  const type = source.StorageEncryptionType?.toLowerCase();
  if (type === 'none' || type === 'sse-rds' || type === 'sse-kms') return type;
  if (source.StorageEncrypted === true || source.KmsKeyId !== undefined) return 'sse-kms';
  return source.StorageEncrypted === undefined ? 'unknown' : 'none or sse-rds';
}
