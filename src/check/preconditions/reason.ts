/*
 * Why a precondition is met, not met or unknown, and which assumption replaces an unknown answer. A
 * code belongs to one status. The words are in explain/preconditions.ts, and the meaning of each
 * code is in contract/precondition-codes.ts.
 */

/** The quotas that evidence can show. */
export type Quota = 'copies' | 'manual-snapshots' | 'clusters' | 'instances' | 'exports';

/** A quota, and how much of it is used. */
interface QuotaUse {
  readonly quota: Quota;
  readonly used: number;
  readonly max: number;
}

/** Databases whose password AWS cannot keep in Secrets Manager (rds-kms-operations-2 2). */
export type PasswordRefusal =
  | 'global cluster'
  | 'replica cluster'
  | 'serverless v1'
  | 'source of replicas'
  | 'multi-tenant'
  | 'restored engine';

/** From one Region to another. */
interface Way {
  readonly from: string;
  readonly to: string;
}

/** The AWS account that owns something, and the account that would use it. */
interface OwnerAndUser {
  readonly owner: string;
  readonly user: string;
}

/** Something that belongs to `account`, and the account of the principal. */
interface Owned {
  readonly account: string;
  readonly callerAccount: string;
}

/** Why another key is needed: the source belongs to another account or is in another Region. */
interface ReadElsewhere {
  readonly elsewhere: { readonly in: 'account' | 'Region'; readonly name: string };
}

/** The key that a request must name: where, and which keys the evidence has there. */
interface NeededKey extends ReadElsewhere {
  readonly region: string;
  readonly account: string;
  /** Aliases, or key IDs of keys without an alias. */
  readonly candidates: readonly string[];
}

export type MetReason =
  | { readonly code: 'accounts-are-in-organization'; readonly organization: string }
  | { readonly code: 'status-is-suitable'; readonly status: string }
  | { readonly code: 'cluster-is-multi-az' | 'engine-has-aurora-replicas'; readonly engine: string }
  | ({ readonly code: 'shared-by-owner' } & OwnerAndUser)
  | { readonly code: 'snapshot-type-is-shared'; readonly owner: string; readonly type: 'shared' | 'public' }
  | { readonly code: 'engine-is-exported' | 'engine-is-upgraded'; readonly engine: string }
  | { readonly code: 'keeps-automated-backups'; readonly days: number }
  | { readonly code: 'belongs-to-callers-account'; readonly account: string }
  | ({ readonly code: 'regions-differ' | 'regions-exchange' | 'backups-are-replicated' } & Way)
  /** `key`: as the request names it. */
  | { readonly code: 'request-names-key'; readonly key: string }
  | { readonly code: 'key-is-in-region'; readonly region: string }
  | { readonly code: 'key-state-is-usable'; readonly state: string }
  | { readonly code: 'key-spec-is-symmetric'; readonly spec: string; readonly usage: string | undefined }
  | { readonly code: 'key-is-managed-by-its-account'; readonly account: string }
  | { readonly code: 'snapshot-key-is-managed-by-its-account'; readonly alias: string | undefined }
  | { readonly code: 'grants-are-below-the-limit'; readonly grants: number }
  | { readonly code: 'trust-policy-allows'; readonly service: string }
  | { readonly code: 'bucket-region-is-the-snapshots'; readonly region: string }
  | { readonly code: 'name-is-not-taken'; readonly name: string }
  | { readonly code: 'replica-cluster-keeps-an-instance'; readonly cluster: string }
  | ({ readonly code: 'quota-is-not-used-up' } & QuotaUse)
  | {
      readonly code:
        | 'snapshot-type-is-manual'
        | 'snapshot-is-of-aws-backup'
        | 'vault-has-the-snapshot'
        | 'no-kms-key-encrypts-it'
        | 'not-encrypted'
        | 'has-no-instances'
        | 'has-an-instance'
        | 'instances-are-being-deleted'
        | 'belongs-to-no-cluster'
        | 'belongs-to-no-global-cluster'
        | 'has-no-replicas-and-no-global-cluster'
        | 'has-no-replicas-in-other-regions'
        | 'stands-alone-and-can-be-stopped'
        | 'has-a-standby'
        | 'is-shared-with-nobody'
        | 'has-a-managed-password'
        | 'secret-key-is-the-same'
        | 'insights-key-is-the-same'
        | 'insights-key-is-the-default'
        | 'is-a-replica'
        | 'deletion-protection-is-false'
        | 'unencrypted-snapshot-restores-encrypted'
        | 'snapshot-restores-under-another-key'
        | 'snapshot-copies-under-another-key'
        | 'unencrypted-snapshot-copies-encrypted'
        | 'copy-stays-unencrypted'
        | 'cluster-restores-under-another-key'
        | 'aws-managed-key-is-enabled'
        | 'aws-managed-key-is-symmetric'
        | 'default-key-is-held'
        | 'encryption-comes-with-key'
        | 'role-is-held'
        | 'vault-is-held';
    }
  /** `vaults`: their ARNs. */
  | { readonly code: 'vault-policy-allows-the-copy'; readonly vaults: readonly string[] };

export type UnmetReason =
  | { readonly code: 'accounts-share-no-organization' }
  | { readonly code: 'status-is-unsuitable'; readonly status: string }
  | { readonly code: 'database-lost-its-key'; readonly status: string }
  | ({ readonly code: 'not-shared-by-owner' } & OwnerAndUser)
  | { readonly code: 'snapshot-type-is-not-manual' | 'only-manual-snapshots-are-upgraded'; readonly type: string }
  | { readonly code: 'shared-snapshot-is-not-upgraded'; readonly accounts: readonly string[] }
  | {
      readonly code: 'managed-password-is-not-supported';
      readonly because: PasswordRefusal;
    }
  /** `key`: its alias, or else its ARN. */
  | {
      readonly code: 'secret-key-cannot-be-changed' | 'insights-key-cannot-be-changed' | 'insights-key-is-left-out';
      readonly key: string;
    }
  | {
      readonly code:
        | 'automated-snapshot-is-not-deleted'
        | 'automated-db-snapshot-is-not-deleted'
        | 'recovery-point-is-not-deleted-by-rds'
        | 'has-no-standby'
        | 'has-no-managed-password'
        | 'rotation-has-to-be-immediate'
        | 'secret-key-needs-management'
        | 'key-needs-encryption'
        | 'insights-key-needs-insights'
        | 'clone-needs-an-instance'
        | 'is-no-replica';
    }
  /** `snapshot`: its identifier. */
  | { readonly code: 'snapshot-is-of-rds' | 'no-vault-has-the-snapshot'; readonly snapshot: string }
  | { readonly code: 'snapshot-of-multi-az-cluster'; readonly engine: string }
  | { readonly code: 'engine-is-not-cloned-across-accounts' | 'copy-does-not-encrypt'; readonly engine: string }
  | { readonly code: 'engine-is-not-exported' | 'engine-is-not-upgraded'; readonly engine: string }
  /** `mode`: EngineMode. */
  | { readonly code: 'engine-mode-is-not-supported'; readonly mode: string; readonly for: 'clone' | 'export' }
  /** `instances`: their identifiers, if they are known. */
  | { readonly code: 'has-instances'; readonly instances: readonly (string | undefined)[] }
  | { readonly code: 'belongs-to-cluster' | 'snapshot-is-the-clusters'; readonly cluster: string }
  | { readonly code: 'belongs-to-global-cluster' | 'global-cluster-is-left-instead'; readonly globalCluster: string }
  | { readonly code: 'has-replicas' | 'source-of-replicas-is-not-stopped'; readonly replicas: readonly string[] }
  | { readonly code: 'is-of-multi-az-cluster' | 'password-is-managed'; readonly engine: string }
  | { readonly code: 'sql-server-multi-az-is-not-stopped' | 'is-of-rds-custom'; readonly engine: string }
  | {
      readonly code:
        | 'custom-snapshot-stays-in-its-account'
        | 'custom-snapshot-leaves-its-region'
        | 'no-final-snapshot-of-rds-custom';
      readonly engine: string;
    }
  | { readonly code: 'last-instance-of-replica-cluster'; readonly cluster: string }
  /** `instance`: its identifier. */
  | { readonly code: 'status-allows-no-final-snapshot'; readonly instance: string; readonly status: string }
  | ({ readonly code: 'belongs-to-another-account' } & Owned)
  | { readonly code: 'both-are-in-one-region'; readonly region: string }
  | ({ readonly code: 'partitions-differ' | 'source-lies-in-another-region' } & Way)
  | ({ readonly code: 'replica-needs-key-of-its-own' } & NeededKey)
  | ({ readonly code: 'copy-across-regions-needs-key' | 'replicated-backups-need-key' } & NeededKey)
  | ({ readonly code: 'copy-across-accounts-needs-key' } & NeededKey)
  | { readonly code: 'key-is-in-another-region'; readonly keyRegion: string; readonly region: string }
  | { readonly code: 'key-state-is-not-usable'; readonly state: string }
  | { readonly code: 'key-does-not-exist'; readonly key: string }
  /** `validTo`: ISO text. */
  | { readonly code: 'key-material-has-expired'; readonly validTo: string }
  | {
      readonly code: 'key-spec-is-not-symmetric';
      readonly spec: string | undefined;
      readonly usage: string | undefined;
    }
  | {
      readonly code: 'aws-managed-key-of-another-account';
      readonly alias: string | undefined;
      readonly account: string;
    }
  | { readonly code: 'edition-has-no-replicas' | 'replica-has-no-replicas'; readonly engine: string }
  | { readonly code: 'engine-differs-from-source'; readonly engine: string; readonly of: string }
  | { readonly code: 'grants-are-at-the-limit'; readonly grants: number }
  /** `vaults`: their ARNs. */
  | { readonly code: 'vault-policy-allows-no-copy'; readonly vaults: readonly string[] }
  /** `vault`: its ARN. */
  | { readonly code: 'no-such-vault'; readonly vault: string }
  /** `role`: its ARN. */
  | { readonly code: 'no-such-role'; readonly role: string }
  | { readonly code: 'no-such-monitoring-role'; readonly role: string }
  | { readonly code: 'cluster-is-not-multi-az' | 'engine-has-no-aurora-replica'; readonly engine: string }
  /** `replica`: its ARN. */
  | { readonly code: 'has-replica-elsewhere'; readonly replica: string }
  | { readonly code: 'encryption-is-not-asked-for' | 'encrypted-replica-needs-key' }
  | { readonly code: 'trust-policy-denies'; readonly service: string }
  | { readonly code: 'trust-policy-denies-monitoring'; readonly service: string }
  /** `policies`: names of the RCPs that deny or do not allow. */
  | { readonly code: 'rcp-denies-trust'; readonly service: string; readonly policies: readonly string[] }
  | { readonly code: 'bucket-is-in-another-region'; readonly bucketRegion: string; readonly region: string }
  | { readonly code: 'name-is-taken'; readonly name: string }
  | ({ readonly code: 'quota-is-used-up' } & QuotaUse)
  | { readonly code: 'too-many-accounts'; readonly accounts: number }
  /** `clone`: its ARN. */
  | { readonly code: 'account-has-a-clone'; readonly clone: string }
  | { readonly code: 'too-many-clones'; readonly clones: number }
  | {
      readonly code:
        | 'must-be-copied-first'
        | 'root-cannot-copy'
        | 'encrypted-with-tde'
        | 'encrypted-snapshots-are-never-public'
        | 'under-the-default-key'
        | 'has-replicas-in-other-regions'
        | 'deletion-protection-is-true'
        | 'keeps-no-automated-backups'
        | 'replica-needs-automated-backups'
        | 'replica-cannot-encrypt'
        | 'replica-is-not-stopped'
        | 'cluster-password-is-managed'
        | 'no-final-snapshot-of-a-replica'
        | 'no-final-snapshot-of-a-cluster-instance'
        | 'unencrypted-source-takes-no-key'
        | 'china-exchanges-no-aurora-snapshots';
    };

/** What AWS does not describe for a database or snapshot whose key cannot be used. */
export type AffectedByKey = 'deletion' | 'modification' | 'promotion' | 'reboot' | 'snapshot' | 'upgrade';

/** `key`: its ARN. */
export type KeyStateUnread =
  | { readonly code: 'key-unread'; readonly key: string }
  | { readonly code: 'key-state-unread' }
  | { readonly code: 'source-key-id-unread' };

/**
 * AWS does not say what can be done with storage under the AWS owned key. `isTypeRead`: whether the
 * storage is known to be under this key.
 */
export interface AwsOwnedReason {
  readonly code:
    | 'restore-of-shared-aws-owned-unpublished'
    | 'restore-of-aws-owned-under-a-key-not-established'
    | 'copy-of-shared-aws-owned-unpublished'
    | 'clone-of-shared-aws-owned-unpublished'
    | 'export-of-shared-aws-owned-unpublished'
    | 'copy-of-aws-owned-under-a-key-unpublished'
    | 'replica-of-aws-owned-unpublished'
    | 'sharing-of-aws-owned-unpublished'
    | 'restore-of-aws-owned-source-unpublished';
  readonly isTypeRead: boolean;
}

export type UnknownReason =
  | AwsOwnedReason
  | { readonly code: 'organization-unread'; readonly account: string }
  /** `vaults`: their ARNs. */
  | {
      readonly code: 'vault-policies-leave-it-open' | 'copy-may-go-to-air-gapped-vault';
      readonly vaults: readonly string[];
    }
  | { readonly code: 'vault-policy-unread'; readonly account: string }
  | KeyStateUnread
  | ({ readonly code: 'sharing-unread' } & OwnerAndUser)
  | { readonly code: 'cluster-sharing-unread'; readonly owner: string }
  | { readonly code: 'other-members-of-global-cluster-unread'; readonly globalCluster: string }
  | ({ readonly code: 'copy-may-need-key-of-its-own' } & ReadElsewhere)
  | { readonly code: 'key-is-named-by-its-replica'; readonly replicaRegion: string; readonly region: string }
  | { readonly code: 'key-state-is-not-listed'; readonly state: string }
  /** `validTo`: ISO text. */
  | { readonly code: 'key-material-expires-soon'; readonly validTo: string }
  | {
      readonly code: 'effect-of-key-state-unpublished';
      readonly state: string;
      readonly on: AffectedByKey;
    }
  | { readonly code: 'effect-of-lost-key-unpublished'; readonly on: AffectedByKey }
  | {
      readonly code: 'effect-of-expired-key-material-unpublished';
      readonly validTo: string;
      readonly on: AffectedByKey;
    }
  | { readonly code: 'effect-of-status-unpublished'; readonly status: string }
  | ({ readonly code: 'regions-not-listed-for-backups' } & Way)
  | { readonly code: 'other-instances-are-being-deleted'; readonly cluster: string }
  | { readonly code: 'multi-az-unread' | 'support-of-multi-az-cluster-unpublished'; readonly engine: string }
  /** `kind`: the field that shows the kind of database, and its value. */
  | { readonly code: 'stop-is-not-established'; readonly kind: string }
  | {
      readonly code: 'clone-without-instances-is-not-established';
      readonly because: 'instances going' | 'mode unread' | 'engine unread' | 'other engine';
    }
  | { readonly code: 'cluster-unread'; readonly cluster: string }
  | { readonly code: 'engine-has-no-such-status'; readonly engine: string; readonly status: string }
  | {
      readonly code:
        | 'password-rules-of-engine-not-established'
        | 'cluster-of-engine-not-established'
        | 'replica-clusters-of-engine-not-established'
        | 'replica-of-replica-not-established'
        | 'replicas-of-engine-not-established'
        | 'copy-in-china-unpublished'
        | 'custom-copy-not-established'
        | 'custom-copy-permissions-not-checked'
        | 'custom-start-is-contradicted'
        | 'instance-profile-not-checked';
      readonly engine: string;
    }
  | { readonly code: 'encrypting-copy-is-contradicted'; readonly engine: string | undefined }
  | { readonly code: 'compatibility-of-engine-not-established'; readonly engine: string; readonly of: string }
  | { readonly code: 'manager-of-foreign-key-unread'; readonly account: string }
  | { readonly code: 'bucket-policy-of-another-account-unread'; readonly account: string }
  | { readonly code: 'target-option-group-may-be-needed'; readonly engine: string }
  | { readonly code: 'tde-is-not-read'; readonly engine: string }
  /** `key`: its alias, or else its ARN. */
  | { readonly code: 'manager-of-insights-key-unread'; readonly key: string }
  | { readonly code: 'roles-unread'; readonly account: string }
  /** `of`: the placeholder for the ARN of what a plan creates. */
  | { readonly code: 'name-may-come-with-plan'; readonly of: string }
  | { readonly code: 'bucket-may-be-gone'; readonly bucket: string }
  | {
      readonly code: 'grants-are-above-the-usual-limit' | 'grants-of-source-key-are-at-the-limit';
      readonly grants: number;
    }
  | { readonly code: 'need-to-ask-for-encryption-unpublished' }
  /** `cluster`: its identifier. */
  | { readonly code: 'may-have-an-aurora-replica'; readonly cluster: string }
  | { readonly code: 'trust-depends-on-conditions'; readonly service: string }
  | {
      readonly code:
        | 'status-unread'
        | 'snapshot-type-unread'
        | 'snapshot-is-not-named-by-aws-backup'
        | 'may-have-to-be-copied-first'
        | 'restore-of-shared-neptune-snapshot-is-contradicted'
        | 'root-stands-for-the-account'
        | 'encryption-unread'
        | 'standby-unread'
        | 'sharing-of-own-snapshot-unread'
        | 'password-is-the-clusters'
        | 'joining-a-global-cluster-not-established'
        | 'managed-password-of-replica-unpublished'
        | 'managed-password-beside-replicas-unpublished'
        | 'secret-key-unread'
        | 'use-of-present-secret-key-unpublished'
        | 'key-of-unencrypted-backups-unpublished'
        | 'insights-unread'
        | 'failover-of-cluster-instance-unpublished'
        | 'manager-of-snapshot-key-unread'
        | 'engine-unread'
        | 'members-unread'
        | 'members-may-be-deleted-too'
        | 'instance-replicas-unread'
        | 'source-of-replica-comes-with-plan'
        | 'password-management-comes-with-plan'
        | 'password-is-managed-and-engine-unread'
        | 'multi-tenant-unread'
        | 'replicas-unread'
        | 'deletion-protection-unread'
        | 'backup-retention-unread'
        | 'restore-of-foreign-db-snapshot-unpublished'
        | 'encryption-of-multi-az-cluster-not-established'
        | 'replica-under-another-key-is-contradicted'
        | 'no-key-named-for-the-account'
        | 'key-id-unread'
        | 'change-of-stopped-instance-is-contradicted'
        | 'key-state-is-unavailable'
        | 'key-spec-unread'
        | 'default-key-unread'
        | 'encryption-is-left-out'
        | 'role-path-unknown'
        | 'trust-policy-unread'
        | 'trust-policy-not-understood'
        | 'bucket-region-unread'
        | 'names-unread'
        | 'vault-is-air-gapped'
        | 'vaults-unread';
    };

export type PreconditionReason = MetReason | UnmetReason | UnknownReason;

/** Control policies that are assumed to be silent. */
export interface ControlPoliciesUnread {
  readonly code: 'control-policies-unread';
  readonly kind: 'scp' | 'rcp';
  /** The name of the policy. Empty: all policies. */
  readonly of: string;
  /** Why it could not be read, in words. */
  readonly why: string | undefined;
}

/** The assumption that settles the verdict, because it is normally true. */
export type PreconditionAssumption =
  | { readonly code: 'accounts-share-an-organization'; readonly account: string }
  | { readonly code: 'vault-policy-lets-the-copy-in'; readonly account: string }
  /** `vault`: its ARN. */
  | { readonly code: 'vault-is-there'; readonly vault: string }
  /** `role`: its ARN. */
  | { readonly code: 'role-is-there'; readonly role: string }
  | ControlPoliciesUnread
  /** `snapshot`: its identifier. */
  | { readonly code: 'vault-holds-the-snapshot'; readonly snapshot: string }
  | { readonly code: 'copied-by-a-user-or-role' }
  | { readonly code: 'engine-can-be-exported' }
  | { readonly code: 'engine-is-suitable' }
  | { readonly code: 'cluster-has-no-replicas' }
  | { readonly code: 'cluster-is-not-empty' }
  | { readonly code: 'clone-needs-no-instance' }
  /** `validTo`: ISO text. */
  | { readonly code: 'key-is-used-before-its-material-expires'; readonly validTo: string }
  | { readonly code: 'cluster-has-no-replicas-abroad' }
  | { readonly code: 'instance-has-no-replicas' }
  | { readonly code: 'cluster-is-no-multi-az-cluster' }
  | { readonly code: 'cluster-is-no-replica'; readonly cluster: string }
  | { readonly code: 'default-key-is-there-or-created' }
  | { readonly code: 'key-alone-asks-for-encryption' }
  | { readonly code: 'account-has-key-of-its-own'; readonly account: string }
  /** `because`: why the state of the database's key is not known. */
  | { readonly code: 'unread-key-is-enabled'; readonly because: KeyStateUnread }
  | {
      readonly code: 'available-database-has-its-key';
      readonly database: 'db' | 'cluster';
      readonly because: KeyStateUnread;
    }
  /** `role`: its ARN. */
  | { readonly code: 'role-trusts-the-caller-service'; readonly role: string; readonly service: string }
  | { readonly code: 'bucket-is-in-the-snapshots-region'; readonly bucket: string; readonly region: string }
  | { readonly code: 'new-name-is-free'; readonly name: string };
