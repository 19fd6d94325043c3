import type { RuleId } from '../base/rules.ts';
import type { GroupType, Parameter } from './parameters.ts';
import type { Reads, SourceType } from './source-flags.ts';

/*
 * The vocabulary of the catalog. An RDS operation consists of several calls with different callers.
 * Each call is a row with its basis and its source, so adding an operation means adding data.
 */

/**
 * How well a fact is established. A denied call that is only `inferred` or `unknown` never makes an
 * operation fail.
 */
export type Basis = 'documented' | 'observed' | 'inferred' | 'unknown';

/**
 * Who makes a call: the principal itself; RDS with the principal's identity (forward access
 * session); RDS as a service principal, with its grant; or a customer role that a service assumes
 * (rds-kms-operations 0.1).
 */
export type CallKind = 'caller' | 'forwarded' | 'service' | 'role';

/** What an operation may create. */
export type NewType = 'cluster' | 'db' | 'cluster-snapshot' | 'snapshot' | 'auto-backup';

/**
 * `storage key`: the key of the source. `target key`: the key of the new resource, which is the
 * source's key unless the request names another; for an export, the export key. `named key`: the
 * key that the record of a denial names. `insights key`: the key of Performance Insights. `secret
 * key`: the key of the master password's secret. `default secret key`: the account's default key
 * for secrets, `aws/secretsmanager`. `vault key`: the account's default key for AWS Backup,
 * `aws/backup`.
 */
export type KeyRole = (typeof keyRoles)[number];

/** In the order in which reports name them. */
export const keyRoles = [
  'storage key',
  'target key',
  'secret key',
  'insights key',
  'default secret key',
  'vault key',
  'named key',
] as const;

/**
 * The resource of a call: the source (a row counts only if the source has that type), the new
 * resource, a group that the request names or leaves to a default, a key, the role and the bucket
 * of an export, the RDS service-linked role, a role that RDS is to assume, the secret of a master
 * password, or an AWS Backup vault.
 */
export type ResourceRole =
  | SourceType
  | `new ${NewType}`
  | GroupType
  | 'role'
  | 'RDS service-linked role'
  | 'monitoring role'
  | 'domain role'
  | 'associated role'
  | 'bucket'
  | 'objects'
  | 'secret'
  | 'vault'
  | KeyRole;

/** The conditions under which a row counts. */
export type Guard =
  | 'keys differ'
  | 'source is in another account'
  | 'source is in the same account'
  | 'copy stays in the account'
  | 'copy goes to another account'
  | 'copy is encrypted'
  | 'copy may be encrypted'
  | 'final snapshot is taken'
  | 'instance is not in a cluster that lost its key'
  | 'source is a Multi-AZ DB cluster'
  | 'cluster is in a global cluster'
  | 'cluster is in no global cluster'
  | 'source is a retained backup'
  | 'engine is docdb or neptune'
  | 'tags are sent'
  | 'tags are inherited'
  | 'tags may be inherited'
  | 'instance is also created'
  | 'group is named'
  | 'group is left out'
  | 'engine has option groups'
  | 'engine may have option groups'
  | 'failover is forced'
  | 'snapshot is taken first'
  | 'accounts are added'
  | 'source is being backed up'
  | 'source is not being backed up'
  | 'password is managed'
  | 'password is rotated'
  | 'insights are turned on'
  | 'insights key is left out'
  | 'monitoring role is named'
  | 'domain role is named'
  | 'roles are associated'
  | 'secret key is a customer managed key'
  | 'snapshot is named by a service'
  | 'snapshot is not named by a service'
  | 'snapshot is kept by AWS Backup'
  | 'snapshot is not kept by AWS Backup'
  | 'RDS service-linked role is missing'
  | 'RDS service-linked role may be missing';

/** The longest name of a new resource, in characters (the API pages of the operations). */
export const longestName: Readonly<Record<NewType, number>> = {
  cluster: 63,
  db: 63,
  'cluster-snapshot': 63,
  snapshot: 255,
  // RDS chooses the name.
  'auto-backup': 255,
};

/** The rule that a row comes from. */
export type Citation = Extract<RuleId, `rds-kms-operations${string}`>;

const keyRoleNames: ReadonlySet<ResourceRole> = new Set(keyRoles);

/** Whether a call is made on a KMS key. */
export function isKeyRole(on: ResourceRole): on is KeyRole {
  return keyRoleNames.has(on);
}

export interface CallRow {
  readonly kind: CallKind;
  readonly action: `${string}:${string}`;
  readonly on: ResourceRole;
  /**
   * The call is made on each instance of the source cluster, or on each role that the request
   * associates.
   */
  readonly each?: 'member' | 'associated role';
  /** For calls on an instance of a cluster: its identifier, from the source. */
  readonly member?: string | undefined;
  /** For calls on an associated role: the role, as the request names it. */
  readonly role?: string;
  /**
   * The ARN of the resource, if the record of a denial shows it. Absent: `on` says which resource
   * it is.
   */
  readonly named?: string;
  /** All of these must hold. */
  readonly when?: readonly Guard[];
  readonly basis: Basis;
  readonly source: Citation;
  /**
   * The service-specific condition keys of the action (rds-kms-operations 1.2). A name that ends in
   * `/` means all keys with this prefix.
   */
  readonly keys?: readonly string[];
  /**
   * Condition keys with their possible values in the call. If there are several, it is not
   * established which one the call carries.
   */
  readonly sends?: Readonly<Record<string, readonly string[]>>;
  /** Absent: the principal, or the role that is passed. */
  readonly actor?: 'backup role of the destination';
  /** The assumption about the key of the source, if the source has one. */
  readonly assumes?: 'start-uses-no-key-permission' | 'reboot-uses-no-key-permission';
  /** If the call is not allowed: the assumption that the call is not made. */
  readonly unless?: 'no-tags-to-inherit' | 'no-tags-to-copy' | 'tags-are-not-copied' | 'rds-role-exists';
  /** The call needs no Allow, and fails only if a policy denies it. Absent: false. */
  readonly onlyDenied?: true;
  /** The principal makes the call without RDS, with parameters of its choice. Absent: false. */
  readonly isFree?: true;
  /** The error code of RDS if the call is denied. Absent: `faults` of the operation has the code. */
  readonly fault?: string;
  /** The service principal of a service's call. */
  readonly as?: string;
  /**
   * The services through which KMS may see a call that is forwarded or made by a role. `none`:
   * directly. Absent: rds.
   */
  readonly through?: readonly ('rds' | 's3' | 'secretsmanager' | 'none')[];
}

/** What must be true for an operation to succeed. The words are in explain/preconditions.ts. */
export type PreconditionCode =
  | 'accounts-are-in-one-organization'
  | 'vault-lets-the-copy-in'
  | 'vault-is-not-air-gapped'
  | 'vault-exists'
  | 'snapshot-is-available'
  | 'snapshot-is-shared-with-the-account'
  | 'snapshot-is-a-recovery-point'
  | 'snapshot-is-manual'
  | 'shared-snapshot-is-copied-first'
  | 'principal-is-a-user-or-role'
  | 'snapshot-can-be-restored-under-the-key'
  | 'snapshot-can-be-copied-under-the-key'
  | 'snapshot-can-be-shared'
  | 'snapshot-can-be-deleted'
  | 'snapshot-is-not-shared'
  | 'snapshot-engine-can-be-upgraded'
  | 'source-can-be-modified'
  | 'password-can-be-managed'
  | 'source-password-is-managed'
  | 'rotation-is-immediate'
  | 'secret-key-comes-with-management'
  | 'secret-key-stays'
  | 'insights-key-comes-with-insights'
  | 'insights-key-is-enabled'
  | 'insights-key-stays'
  | 'cluster-is-available'
  | 'cluster-is-stopped'
  | 'cluster-can-be-stopped'
  | 'cluster-is-shared-with-the-account'
  | 'cluster-holds-no-instances'
  | 'cluster-has-an-instance'
  | 'cluster-is-provisioned'
  | 'cluster-stands-alone'
  | 'cluster-keeps-an-instance'
  | 'source-is-of-no-multi-az-cluster'
  | 'source-is-of-a-multi-az-cluster'
  | 'replica-asks-for-encryption'
  | 'key-comes-with-encryption'
  | 'source-can-have-an-aurora-replica'
  | 'instance-is-available'
  | 'instance-is-stopped'
  | 'instance-is-no-member-of-a-cluster'
  | 'instance-can-be-stopped'
  | 'instance-can-fail-over'
  | 'source-is-a-replica'
  | 'source-is-not-of-rds-custom'
  | 'instance-profile-is-suitable'
  | 'target-option-group-is-named'
  | 'custom-snapshot-can-be-copied'
  | 'global-cluster-takes-the-cluster'
  | 'source-password-is-not-managed'
  | 'source-engine-has-replicas'
  | 'engine-fits-the-source'
  | 'final-snapshot-can-be-named'
  | 'deletion-protection-is-off'
  | 'status-allows-a-deletion'
  | 'source-can-be-restored-to-a-point-in-time'
  | 'instance-has-automated-backups'
  | 'source-can-be-restored-under-the-key'
  | 'source-can-be-replicated-under-the-key'
  | 'source-can-be-exported'
  | 'source-is-in-the-callers-account'
  | 'source-is-in-the-region'
  | 'source-is-in-another-region'
  | 'regions-exchange-snapshots'
  | 'regions-replicate-backups'
  | 'key-is-named'
  | 'key-is-in-the-region'
  | 'key-is-enabled'
  | 'key-is-symmetric'
  | 'key-can-be-used-by-the-account'
  | 'key-takes-another-grant'
  | 'source-key-is-enabled'
  | 'source-key-can-be-used-by-the-account'
  | 'secret-key-is-enabled'
  | 'default-key-exists'
  | 'role-exists'
  | 'role-trusts-the-service'
  | 'role-is-in-the-callers-account'
  | 'monitoring-role-exists'
  | 'monitoring-role-trusts-the-service'
  | 'attached-roles-exist'
  | 'attached-roles-are-in-the-callers-account'
  | 'bucket-is-in-the-region'
  | 'name-is-free'
  | 'copies-in-progress-are-below-the-quota'
  | 'manual-snapshots-are-below-the-quota'
  | 'clusters-are-below-the-quota'
  | 'instances-are-below-the-quota'
  | 'export-tasks-are-below-the-quota'
  | 'accounts-are-below-the-quota'
  | 'clones-are-below-the-quota';

/** An error code; by type of source if it depends on the type. */
export type ErrorCode = string | Readonly<Partial<Record<SourceType, string>>>;

export interface PreconditionRow {
  readonly code: PreconditionCode;
  /** All of these must hold. */
  readonly when?: readonly Guard[];
  readonly basis: Basis;
  readonly source: Citation;
  /** The error code that AWS shows if the precondition is not met. Absent: not published. */
  readonly fault?: ErrorCode;
}

/**
 * The names in the API's request of what our flags name. CloudTrail spells these names in another
 * case.
 */
export interface RequestShape {
  /**
   * How to recognize this operation among others of the same API: a parameter, and a text in its
   * value. Absent: the operation is meant if no other one fits.
   */
  readonly when?: { readonly parameter: string; readonly holds: string };
  /** The parameters that may name the source. */
  readonly source?: readonly string[];
  /** The parameter that names the new resource. */
  readonly to?: string;
}

export interface Operation {
  /** Operations that share a command differ in the flag that names the source. */
  readonly command: string;
  readonly aliases: readonly string[];
  readonly api: string;
  /** Completes "can the principal ...". */
  readonly does: string;
  /** Completes "role/x can ...". SOURCE stands for the name of the source. */
  readonly phrase: string;
  /** The source that the operation reads. Absent: it has no source. */
  readonly reads?: Reads;
  readonly makes?: NewType;
  /** The start of the names that AWS gives to the new resource. */
  readonly names?: string;
  /** The service that assumes the role: the role that is passed, or the principal itself. */
  readonly assumedBy?: string;
  /** The principal is a role that a service assumes. */
  readonly runsAsRole?: true;
  /**
   * If the key of the copy belongs to another account, the service-linked role of AWS Backup in
   * that account makes the copy.
   */
  readonly copiesAcrossAccounts?: true;
  /**
   * Where the key of the new resource comes from. `default` is the account's default key. Absent:
   * nothing new is encrypted.
   */
  readonly targetKey?: 'source' | 'named, else source' | 'named' | 'named, else default';
  readonly request: RequestShape;
  /** Parameters of the request, and parameters that only a flag has. */
  readonly parameters: readonly Parameter[];
  readonly requires?: readonly Parameter[];
  /**
   * Groups of the source that the new resource gets if the request names none. The source is then
   * in the same account and Region.
   */
  readonly inherits?: readonly GroupType[];
  /** The inherited groups of which AWS also says that RDS takes the default one instead. */
  readonly inheritsOrDefault?: readonly GroupType[];
  /** If the request sends no tags, the new resource gets the tags of the snapshot's instance. */
  readonly restoresTags?: true;
  readonly calls: readonly CallRow[];
  readonly preconditions: readonly PreconditionRow[];
  /** The error code that AWS shows if a call of this kind is denied. */
  readonly faults: Readonly<Partial<Record<CallKind, string>>>;
  /** Further flags of the example in help, beyond the required ones. */
  readonly example?: string;
  /** A check of everything in the Region leaves the operation out. Absent: false. */
  readonly isByNameOnly?: true;
  /** Another command that does the same with other kinds of sources. */
  readonly besides?: string;
  /** The APIs that the accounts that something is shared with would call next. */
  readonly followedBy?: readonly string[];
  /** The command of the job that AWS Backup then runs with the passed role, on the same source. */
  readonly runs?: string;
}
