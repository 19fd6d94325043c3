import type { Source } from '../evidence/sources.ts';
import { type CallRow, type Guard, isKeyRole, type ResourceRole } from '../operations/operation.ts';
import { parameterNaming, valueOf } from '../operations/request-parameters.ts';
import { type SourceType, sourceFlags } from '../operations/source-flags.ts';
import {
  asksForInsights,
  type Bound,
  type BoundKey,
  hasInsights,
  isMember,
  isMultiAzCluster,
  isOfBackup,
  isOtherService,
  isReplica,
  secretOf,
} from './bind.ts';
import { optionGroupsOf } from './groups.ts';

/** When each guard of the catalog holds. */
const guards: Readonly<Record<Guard, (bound: Bound, on?: ResourceRole) => boolean>> = {
  'keys differ': ({ keysDiffer }) => keysDiffer,
  'source is in another account': ({ source, principal }) => source?.account !== principal.account,
  'source is in the same account': ({ source, principal }) => source?.account === principal.account,
  'copy stays in the account': ({ destination }) => destination === undefined,
  'copy goes to another account': ({ destination }) => destination !== undefined,
  'copy is encrypted': ({ source, encryption }) => source?.type !== 'cluster-snapshot' || encryption === 'sse-kms',
  'copy may be encrypted': ({ source, encryption }) =>
    source?.type === 'cluster-snapshot' && encryption !== 'sse-kms' && encryption !== 'none',
  'final snapshot is taken': ({ parameters, source }) =>
    parameters.skipFinalSnapshot !== true && endsInSnapshot(source),
  'instance is not in a cluster that lost its key': ({ source }) => source === undefined || !waitsForKey(source),
  'source is a Multi-AZ DB cluster': ({ source }) => source !== undefined && isMultiAzCluster(source),
  'cluster is in a global cluster': ({ source }) => isGlobalMember(source),
  'cluster is in no global cluster': ({ source }) => !isGlobalMember(source),
  'engine is docdb or neptune': ({ source, parameters }) =>
    isOtherService(source ?? { engine: parameters.engine?.toLowerCase() }),
  'source is a retained backup': ({ source }) => source?.type === 'cluster-auto-backup',
  'tags are sent': tagsAreSent,
  // Tags of the request replace those that would be inherited.
  'tags are inherited': (bound) => !tagsAreSent(bound) && Object.keys(bound.inheritedTags ?? {}).length > 0,
  'tags may be inherited': (bound) => !tagsAreSent(bound) && bound.inheritedTags === undefined,
  'instance is also created': ({ parameters }) => parameters.withInstance === true,
  'snapshot is taken first': ({ parameters }) => parameters.to !== undefined,
  'accounts are added': ({ parameters }) =>
    parameters.valuesToRemove === undefined || (parameters.with ?? []).length > 0,
  'failover is forced': ({ parameters }) => parameters.forceFailover === true,
  'source is being backed up': ({ source }) => isBackingUp(source),
  'source is not being backed up': ({ source }) => !isBackingUp(source),
  // A database that already has a managed password keeps its secret.
  'password is managed': ({ parameters, operation, source }) =>
    parameters.manageMasterUserPassword === true && (operation.makes !== undefined || secretOf(source) === undefined),
  'password is rotated': ({ parameters }) => parameters.rotateMasterUserPassword === true,
  'insights are turned on': ({ parameters, operation, source }) =>
    asksForInsights(parameters) && (operation.makes !== undefined || !hasInsights(source)),
  'insights key is left out': ({ parameters }) => parameters.performanceInsightsKmsKeyId === undefined,
  'monitoring role is named': ({ parameters }) => parameters.monitoringRoleArn !== undefined,
  'domain role is named': ({ parameters }) => parameters.domainIamRoleName !== undefined,
  'roles are associated': ({ parameters }) => (parameters.associatedRoles ?? []).length > 0,
  'group is named': isNamed,
  'group is left out': (bound, on) => !isNamed(bound, on),
  'engine has option groups': (bound) => optionGroupsOf(bound) === 'some',
  'engine may have option groups': (bound) => optionGroupsOf(bound) === 'unknown',
  'snapshot is named by a service': ({ source }) => isNamedByService(source),
  'snapshot is not named by a service': ({ source }) => !isNamedByService(source),
  'snapshot is kept by AWS Backup': ({ source }) => source !== undefined && isOfBackup(source),
  'snapshot is not kept by AWS Backup': ({ source }) => source === undefined || !isOfBackup(source),
  'RDS service-linked role is missing': ({ roleOfRds }) => roleOfRds === 'missing',
  'RDS service-linked role may be missing': ({ roleOfRds }) => roleOfRds === 'not known',
  'secret key is a customer managed key': ({ keys }) => !isDefaultSecretKey(keys['secret key']),
};

/**
 * Whether the secret is under the default key of Secrets Manager. Secrets Manager cannot use another
 * AWS managed key. If the request names one, the calls on it are checked as for a customer managed key.
 */
function isDefaultSecretKey(key: BoundKey | undefined): boolean {
  return key?.manager === 'AWS' && (key.alias === undefined || key.alias === 'alias/aws/secretsmanager');
}

/**
 * Whether the cluster has lost its key. RDS waits some days for the key (rds-kms-operations 8.1).
 */
function waitsForKey(source: Source): boolean {
  const states = [source.status, source.clusterStatus].map((state) => state?.toLowerCase());
  return isMember(source) && states.includes('inaccessible-encryption-credentials-recoverable');
}

function isBackingUp(source: Source | undefined): boolean {
  return source?.status?.toLowerCase() === 'backing-up';
}

/** Whether a service gave the name: `rds:...` and `awsbackup:...` (rds-kms-operations 1.1). */
function isNamedByService(source: Source | undefined): boolean {
  return source?.identifier.includes(':') === true;
}

function isGlobalMember(source: Source | undefined): boolean {
  return source?.type === 'cluster' && (source.entry.GlobalClusterIdentifier ?? '') !== '';
}

function tagsAreSent({ parameters }: Bound): boolean {
  return Object.keys(parameters.tags ?? {}).length > 0;
}

/**
 * Whether a deletion takes a final snapshot. RDS takes none of a replica or of an instance of a
 * cluster.
 */
function endsInSnapshot(source: Source | undefined): boolean {
  if (source?.type !== 'db') return true;
  return !isMember(source) && !isReplica(source);
}

/**
 * Whether a call or precondition of the catalog counts for this operation on this target. `on`: the
 * resource of the call.
 */
export function guardsHold(when: readonly Guard[] | undefined, bound: Bound, on?: ResourceRole): boolean {
  return when === undefined || when.every((guard) => guards[guard](bound, on));
}

/** Whether the request names the resource of a call. */
function isNamed({ parameters }: Bound, on: ResourceRole | undefined): boolean {
  const flag = on === undefined ? undefined : parameterNaming(on);
  return flag !== undefined && valueOf(parameters, flag) !== undefined;
}

const sourceTypes = new Set<ResourceRole>(Object.values(sourceFlags).flatMap(({ types }) => types));

/** Whether a row is about the source. Such a row counts only if the source has that type. */
export function isSourceType(on: ResourceRole): on is SourceType {
  return sourceTypes.has(on);
}

/**
 * The calls that the operation makes on this target. A row on a key counts only if there is a
 * customer managed key, and a row on a source only if the source has that type.
 */
export function rowsOf(bound: Bound): readonly CallRow[] {
  // This runs for every question. A loop takes half as long as `flatMap`.
  const rows: CallRow[] = [];
  for (const row of bound.operation.calls) {
    if (row.named === undefined && !(isThere(row, bound) && guardsHold(row.when, bound, row.on))) continue;
    if (row.each === 'member') rows.push(...onMembers(row, bound));
    else if (row.each === 'associated role') rows.push(...onRoles(row, bound));
    else rows.push(row);
  }
  return rows;
}

/** Whether the call has a resource, and a role that makes it if it needs one. */
function isThere({ on, kind, each }: CallRow, { keys, role, source }: Bound): boolean {
  if (each !== undefined) return true;
  if (isSourceType(on)) return source?.type === on;
  return (!isKeyRole(on) || keys[on] !== undefined) && (kind !== 'role' || role !== undefined);
}

function onRoles(row: CallRow, { parameters: { associatedRoles = [] } }: Bound): readonly CallRow[] {
  return associatedRoles.map((role) => ({ ...row, role }));
}

/**
 * One row for each instance of the cluster. If the instances are not known: one row without a name.
 */
function onMembers(row: CallRow, { source }: Bound): readonly CallRow[] {
  const members = source?.type === 'cluster' ? source.entry.DBClusterMembers : [];
  return (members ?? [{}]).map(({ DBInstanceIdentifier: member }) => ({ ...row, member }));
}
