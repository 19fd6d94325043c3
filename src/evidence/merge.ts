import * as v from 'valibot';
import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json, sameJson } from '../base/json.ts';
import type { EvidenceFile } from './load.ts';
import { type Evidence, evidenceSchema } from './schema.ts';

/** By which property the items of a list are told apart. */
const identities: Readonly<Record<string, (item: Json) => unknown>> = {
  UserDetailList: (user) => user['Arn'],
  GroupDetailList: (group) => group['Arn'],
  RoleDetailList: (role) => role['Arn'],
  Policies: (policy) => policy['Arn'],
  DBClusters: (cluster) => cluster['DBClusterArn'],
  DBClusterSnapshots: (snapshot) => snapshot['DBClusterSnapshotArn'],
  DBInstances: (instance) => instance['DBInstanceArn'],
  DBSnapshots: (snapshot) => snapshot['DBSnapshotArn'],
  DBClusterAutomatedBackups: (backup) => backup['DBClusterAutomatedBackupsArn'],
  DBInstanceAutomatedBackups: (backup) => backup['DBInstanceAutomatedBackupsArn'],
  DBSnapshotAttributes: (attributes) => attributes['DBSnapshotIdentifier'],
  ExportTasks: (task) => task['ExportTaskIdentifier'],
  AccountQuotas: (quota) => quota['AccountQuotaName'],
  Buckets: (bucket) => bucket['Name'],
  DBClusterSnapshotAttributes: (attributes) => attributes['DBClusterSnapshotIdentifier'],
  keys: (key) => (isJson(key['KeyMetadata']) ? key['KeyMetadata']['Arn'] : undefined),
  vpcEndpointPolicies: (policy) => policy['name'],
};

/** Objects whose properties are joined one by one; anything else must be the same in both files. */
const joined = /^(accounts(\.\d{12}(\.(iam|s3|regions(\.[^.]+(\.(rds|kms))?)?))?)?)?$/;

/**
 * Several evidence files as one. Lists are joined item by item; what only one file holds stands for both.
 * @throws Failure if two files say different things of the same thing
 */
export function merge(files: readonly EvidenceFile[]): Evidence {
  const [first, ...others] = files;
  if (first === undefined) throw new Failure('input', 'there is no evidence file', 'name one with --evidence');
  if (others.length === 0) return first.evidence;
  let from = first.from;
  let merged: unknown = first.evidence;
  for (const file of others) {
    merged = join('', merged, file.evidence, `${from} and ${file.from}`);
    from = `${from}, ${file.from}`;
  }
  return v.parse(evidenceSchema, merged);
}

/** `path`: JSON path of the two values; `files`: where they come from, for the message. */
function join(path: string, one: unknown, other: unknown, files: string): unknown {
  if (one === undefined || other === undefined) return one ?? other;
  if (path === 'collectedAt' && typeof one === 'string' && typeof other === 'string') return one < other ? one : other;
  if (path === 'caller') return one;
  const name = path.slice(path.lastIndexOf('.') + 1);
  const identity = identities[name];
  if (isList(one) && isList(other)) {
    if (path === 'gaps') return [...one, ...other];
    if (identity !== undefined) return joinLists(path, one, other, { identity, files });
  }
  if (isJson(one) && isJson(other) && joined.test(path)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return Object.fromEntries(
      [...names].map((key) => [key, join(path === '' ? key : `${path}.${key}`, one[key], other[key], files)]),
    );
  }
  if (sameJson(one, other)) return one;
  throw contradiction(path, files);
}

interface ListJoin {
  readonly identity: (item: Json) => unknown;
  readonly files: string;
}

function joinLists(
  path: string,
  one: readonly unknown[],
  other: readonly unknown[],
  { identity, files }: ListJoin,
): unknown[] {
  const idOf = (item: unknown): unknown => (isJson(item) ? (identity(item) ?? JSON.stringify(item)) : item);
  const items = new Map(one.map((item) => [idOf(item), item]));
  for (const item of other) {
    const known = items.get(idOf(item));
    if (known !== undefined && !sameJson(known, item)) throw contradiction(`${String(idOf(item))} (${path})`, files);
    items.set(idOf(item), item);
  }
  return [...items.values()];
}

function contradiction(subject: string, files: string): Failure {
  return new Failure('input', `${files} contradict each other on ${subject}`, 'leave out the older one');
}
