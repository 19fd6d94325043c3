import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Failure } from '../base/failure.ts';
import { isJson } from '../base/json.ts';
import type { Evidence } from './schema.ts';

/** Lists whose order means nothing and that AWS gives in any order: the field that tells their items apart; undefined: the item itself. */
const unordered: Readonly<Record<string, string | undefined>> = {
  UserDetailList: 'Arn',
  GroupDetailList: 'Arn',
  RoleDetailList: 'Arn',
  Policies: 'Arn',
  UserPolicyList: 'PolicyName',
  GroupPolicyList: 'PolicyName',
  RolePolicyList: 'PolicyName',
  AttachedManagedPolicies: 'PolicyArn',
  GroupList: undefined,
  Tags: undefined,
  TagList: 'Key',
  DBClusters: 'DBClusterArn',
  DBClusterMembers: 'DBInstanceIdentifier',
  ReadReplicaIdentifiers: undefined,
  ReadReplicaDBInstanceIdentifiers: undefined,
  DBClusterSnapshots: 'DBClusterSnapshotArn',
  DBClusterSnapshotAttributes: undefined,
  DBClusterAutomatedBackups: 'DBClusterAutomatedBackupsArn',
  DBInstances: 'DBInstanceArn',
  DBSnapshots: 'DBSnapshotArn',
  DBSnapshotAttributes: undefined,
  DBInstanceAutomatedBackups: 'DBInstanceAutomatedBackupsArn',
  AttributeValues: undefined,
  ExportTasks: 'ExportTaskIdentifier',
  AccountQuotas: 'AccountQuotaName',
  keys: undefined,
  Grants: 'GrantId',
  Operations: undefined,
  Aliases: 'AliasName',
  scps: 'name',
  rcps: 'name',
  vpcEndpointPolicies: 'name',
};

/** What is written as it is: their order counts, or is not ours to change. */
const untouched = new Set(['document', 'Document', 'Policy', 'PolicyDocument', 'AssumeRolePolicyDocument']);

/** In an order that does not hang on the order of AWS's answers, so that two files can be compared line by line. `name`: of the field. */
function inOrder(name: string, value: unknown): unknown {
  if (untouched.has(name)) return value;
  if (Array.isArray(value)) return orderedList(name, value);
  if (!isJson(value)) return value;
  const entries = Object.entries(value).map(([field, item]) => [field, inOrder(field, item)] as const);
  const byName = name === 'accounts' || name === 'regions';
  return Object.fromEntries(byName ? entries.toSorted(([one], [other]) => (one < other ? -1 : 1)) : entries);
}

function orderedList(name: string, list: readonly unknown[]): readonly unknown[] {
  const items = list.map((item) => inOrder('', item));
  if (!Object.hasOwn(unordered, name)) return items;
  const field = unordered[name];
  const keyOf = (item: unknown): string =>
    String(field !== undefined && isJson(item) ? item[field] : JSON.stringify(item));
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ item }) => item);
}

/** Evidence as the text of a file. */
export function evidenceText(evidence: Evidence): string {
  return `${JSON.stringify(inOrder('', evidence), undefined, 1)}\n`;
}

/**
 * Writes evidence to a file, compressed if the name ends in `.gz`. Whoever reads the name meanwhile finds what was there before or all of
 * what is new, never a part: it is written beside and then renamed. Nobody but the owner may read a new file.
 * @throws Failure if the folder cannot be written to
 */
export function saveEvidence(path: string, evidence: Evidence): void {
  const text = evidenceText(evidence);
  const target = whereItLeads(path);
  const beside = `${target}.${process.pid}.part`;
  try {
    const file = openSync(beside, 'wx', modeOf(target));
    try {
      const bytes = path.endsWith('.gz') ? gzipSync(text) : Buffer.from(text);
      for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    const why = error instanceof Error ? error.message : 'unknown error';
    throw new Failure('input', `${path}: cannot be written: ${why}`, 'check the path given with --output', error);
  }
}

/** Makes the folder if the path is that of one. @throws Failure if evidence cannot be written there */
export function prepare(path: string): void {
  if (path === '-') return;
  const folder = isFolder(path) ? path : dirname(path);
  try {
    if (folder === path) mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'there is no such folder' : 'permission is denied';
    throw new Failure('input', `${folder}: cannot be written to: ${why}`, 'check the path given with --output', error);
  }
}

/** A link stays a link. */
function whereItLeads(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0o600;
  }
}

/** Whether evidence is to be written into a folder, a file for each account. */
export function isFolder(path: string): boolean {
  if (path.endsWith('/')) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The file of an account in a folder. */
export function fileOf(folder: string, account: string): string {
  return join(folder, `${account}.json`);
}
