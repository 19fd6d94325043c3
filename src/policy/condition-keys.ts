/*
 * The global condition keys and those of KMS and RDS (iam-evaluation 6.30-6.43, 7B). A new key
 * needs a row here, and code that sets the key for the calls that carry it.
 */

/** The type of a key's values. */
export type ValueType = 'text' | 'arn' | NoText;
export type NoText = 'number' | 'date' | 'bool' | 'ip';

/**
 * What the value of a key belongs to. Calls that share this side have the same value of the key.
 */
export type KeySide = 'principal' | 'source' | 'key' | 'request' | 'global';

/** Who sets a key in a request. */
export type FilledBy =
  /** AWS, from the caller and the resource. The engine derives the key itself. */
  | 'caller and resource'
  /** The identity: its tags and its organization. */
  | 'identity'
  /** How the session was made. Only the principal that assumed the role knows this. */
  | 'session'
  /** The network that the call comes from. */
  | 'network'
  /** A service that makes a call with the caller's identity. */
  | 'forwarding service'
  /** A service that calls with its own identity. */
  | 'service principal'
  /** The parameters of the request. */
  | 'request'
  /** The resource of the call. */
  | 'resource'
  /** AWS, for every request: the time and the connection. */
  | 'every request'
  /** A channel into AWS that no RDS call uses. */
  | 'other channel';

export interface ConditionKey {
  /** As AWS spells it. A name that ends in `/` or `:` is a prefix. */
  readonly name: string;
  readonly type: ValueType;
  readonly side: KeySide;
  readonly filledBy: FilledBy;
  /**
   * The key has several values. This is a property of the key, not of the request (iam-evaluation
   * 3.12).
   */
  readonly many?: true;
  /** Only IAM policies can test it; a key policy cannot (iam-evaluation 6.41, 6.42). */
  readonly iamOnly?: true;
  /**
   * Users write the value, which may be empty: tags and the encryption context (iam-evaluation
   * 1.7).
   */
  readonly userText?: true;
  /** The values are AWS's own words, which identify nobody. */
  readonly words?: true;
  /** The principal and the operation determine the value, so users cannot set it with a flag. */
  readonly follows?: true;
}

// biome-ignore format: a table, one key a line
/** By service, each in the order of AWS's reference. */
export const conditionKeys: readonly ConditionKey[] = [
  { name: 'aws:CurrentTime', type: 'date', side: 'global', filledBy: 'every request' },
  { name: 'aws:EpochTime', type: 'date', side: 'global', filledBy: 'every request' },
  { name: 'aws:RequestedRegion', type: 'text', side: 'global', filledBy: 'caller and resource', words: true, follows: true },
  { name: 'aws:SecureTransport', type: 'bool', side: 'request', filledBy: 'every request' },
  { name: 'aws:UserAgent', type: 'text', side: 'request', filledBy: 'every request' },
  { name: 'aws:referer', type: 'text', side: 'request', filledBy: 'every request' },
  { name: 'aws:ViaAWSService', type: 'bool', side: 'global', filledBy: 'caller and resource', follows: true },
  { name: 'aws:CalledVia', type: 'text', side: 'global', filledBy: 'forwarding service', many: true, words: true },
  { name: 'aws:CalledViaFirst', type: 'text', side: 'global', filledBy: 'forwarding service', words: true },
  { name: 'aws:CalledViaLast', type: 'text', side: 'global', filledBy: 'forwarding service', words: true },
  { name: 'aws:PrincipalIsAWSService', type: 'bool', side: 'principal', filledBy: 'caller and resource', follows: true },
  { name: 'aws:PrincipalServiceName', type: 'text', side: 'principal', filledBy: 'caller and resource', words: true },
  { name: 'aws:PrincipalServiceNamesList', type: 'text', side: 'principal', filledBy: 'caller and resource', many: true, words: true },
  { name: 'aws:PrincipalArn', type: 'arn', side: 'principal', filledBy: 'caller and resource', follows: true },
  { name: 'aws:PrincipalAccount', type: 'text', side: 'principal', filledBy: 'caller and resource', follows: true },
  { name: 'aws:PrincipalType', type: 'text', side: 'principal', filledBy: 'caller and resource', words: true, follows: true },
  { name: 'aws:userid', type: 'text', side: 'principal', filledBy: 'caller and resource' },
  { name: 'aws:username', type: 'text', side: 'principal', filledBy: 'caller and resource', follows: true },
  { name: 'aws:PrincipalOrgID', type: 'text', side: 'principal', filledBy: 'identity' },
  { name: 'aws:PrincipalOrgPaths', type: 'text', side: 'principal', filledBy: 'identity', many: true },
  { name: 'aws:PrincipalTag/', type: 'text', side: 'principal', filledBy: 'identity', userText: true },
  { name: 'aws:AssumedRoot', type: 'bool', side: 'principal', filledBy: 'session' },
  { name: 'aws:FederatedProvider', type: 'text', side: 'principal', filledBy: 'session' },
  { name: 'aws:SourceIdentity', type: 'text', side: 'principal', filledBy: 'session' },
  { name: 'aws:TokenIssueTime', type: 'date', side: 'principal', filledBy: 'identity' },
  { name: 'aws:MultiFactorAuthPresent', type: 'bool', side: 'principal', filledBy: 'identity' },
  { name: 'aws:MultiFactorAuthAge', type: 'number', side: 'principal', filledBy: 'identity' },
  { name: 'aws:Ec2InstanceSourceVpc', type: 'text', side: 'principal', filledBy: 'session' },
  { name: 'aws:Ec2InstanceSourcePrivateIPv4', type: 'ip', side: 'principal', filledBy: 'session' },
  { name: 'aws:SignInSessionArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'aws:SourceIp', type: 'ip', side: 'request', filledBy: 'network' },
  { name: 'aws:VpcSourceIp', type: 'ip', side: 'request', filledBy: 'network' },
  { name: 'aws:SourceVpc', type: 'text', side: 'request', filledBy: 'network' },
  { name: 'aws:SourceVpce', type: 'text', side: 'request', filledBy: 'network' },
  { name: 'aws:SourceVpcArn', type: 'arn', side: 'request', filledBy: 'network' },
  { name: 'aws:VpceAccount', type: 'text', side: 'request', filledBy: 'network' },
  { name: 'aws:VpceOrgID', type: 'text', side: 'request', filledBy: 'network' },
  { name: 'aws:VpceOrgPaths', type: 'text', side: 'request', filledBy: 'network', many: true },
  { name: 'aws:SourceArn', type: 'arn', side: 'request', filledBy: 'service principal' },
  { name: 'aws:SourceAccount', type: 'text', side: 'request', filledBy: 'service principal' },
  { name: 'aws:SourceOrgID', type: 'text', side: 'request', filledBy: 'service principal' },
  { name: 'aws:SourceOrgPaths', type: 'text', side: 'request', filledBy: 'service principal', many: true },
  { name: 'aws:ResourceAccount', type: 'text', side: 'source', filledBy: 'caller and resource', follows: true },
  { name: 'aws:ResourceOrgID', type: 'text', side: 'source', filledBy: 'resource' },
  { name: 'aws:ResourceOrgPaths', type: 'text', side: 'source', filledBy: 'resource', many: true },
  { name: 'aws:ResourceTag/', type: 'text', side: 'source', filledBy: 'resource', iamOnly: true, userText: true },
  { name: 'aws:RequestTag/', type: 'text', side: 'request', filledBy: 'request', userText: true },
  { name: 'aws:TagKeys', type: 'text', side: 'request', filledBy: 'request', many: true },
  { name: 'aws:ViaAWSMCPService', type: 'bool', side: 'request', filledBy: 'other channel' },
  { name: 'aws:CalledViaAWSMCP', type: 'text', side: 'request', filledBy: 'other channel' },
  { name: 'aws:IsMcpServiceAction', type: 'bool', side: 'request', filledBy: 'other channel' },
  { name: 'aws:ChatbotSourceArn', type: 'arn', side: 'request', filledBy: 'other channel' },
  { name: 'aws:ViaCustomerDomain', type: 'text', side: 'request', filledBy: 'other channel' },

  { name: 'kms:CallerAccount', type: 'text', side: 'principal', filledBy: 'caller and resource', follows: true },
  { name: 'kms:ViaService', type: 'text', side: 'global', filledBy: 'forwarding service', words: true, follows: true },
  { name: 'kms:EncryptionContext:', type: 'text', side: 'request', filledBy: 'request', userText: true },
  { name: 'kms:EncryptionContextKeys', type: 'text', side: 'request', filledBy: 'request', many: true },
  { name: 'kms:EncryptionAlgorithm', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:RequestAlias', type: 'text', side: 'request', filledBy: 'request' },
  { name: 'kms:ResourceAliases', type: 'text', side: 'key', filledBy: 'resource', many: true, iamOnly: true },
  { name: 'kms:GrantIsForAWSResource', type: 'bool', side: 'global', filledBy: 'forwarding service', follows: true },
  { name: 'kms:GrantOperations', type: 'text', side: 'request', filledBy: 'request', many: true, words: true },
  { name: 'kms:GranteePrincipal', type: 'text', side: 'request', filledBy: 'request' },
  { name: 'kms:GranteeServicePrincipal', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:RetiringPrincipal', type: 'text', side: 'request', filledBy: 'request' },
  { name: 'kms:RetiringServicePrincipal', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:GrantConstraintType', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:GrantConstraintSourceArn', type: 'arn', side: 'request', filledBy: 'request' },
  { name: 'kms:ReEncryptOnSameKey', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'kms:RecipientAttestation:', type: 'text', side: 'request', filledBy: 'request' },
  { name: 'kms:KeyOrigin', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:KeySpec', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:KeyUsage', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:CustomerMasterKeySpec', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:CustomerMasterKeyUsage', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:MultiRegion', type: 'bool', side: 'key', filledBy: 'resource' },
  { name: 'kms:MultiRegionKeyType', type: 'text', side: 'key', filledBy: 'resource', words: true },
  { name: 'kms:BypassPolicyLockoutSafetyCheck', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'kms:ExpirationModel', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:ScheduleKeyDeletionPendingWindowInDays', type: 'number', side: 'request', filledBy: 'request' },
  { name: 'kms:TrailingDaysWithoutKeyUsage', type: 'number', side: 'key', filledBy: 'resource' },
  { name: 'kms:RotationPeriodInDays', type: 'number', side: 'request', filledBy: 'request' },
  { name: 'kms:PrimaryRegion', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:ReplicaRegion', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:PolicyName', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:MacAlgorithm', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:MessageType', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:SigningAlgorithm', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:ValidTo', type: 'date', side: 'request', filledBy: 'request' },
  { name: 'kms:WrappingAlgorithm', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:WrappingKeySpec', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:DataKeyPairSpec', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'kms:KeyAgreementAlgorithm', type: 'text', side: 'request', filledBy: 'request', words: true },

  { name: 'rds:BackupTarget', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'rds:CopyOptionGroup', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'rds:DatabaseClass', type: 'text', side: 'source', filledBy: 'resource', words: true },
  { name: 'rds:DatabaseEngine', type: 'text', side: 'source', filledBy: 'resource', words: true },
  { name: 'rds:DatabaseName', type: 'text', side: 'source', filledBy: 'resource' },
  { name: 'rds:EndpointType', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'rds:ManageMasterUserPassword', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'rds:MultiAz', type: 'bool', side: 'source', filledBy: 'resource' },
  { name: 'rds:Piops', type: 'number', side: 'source', filledBy: 'resource' },
  { name: 'rds:PubliclyAccessible', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'rds:StorageEncrypted', type: 'bool', side: 'source', filledBy: 'resource' },
  { name: 'rds:StorageSize', type: 'number', side: 'source', filledBy: 'resource' },
  { name: 'rds:TagsFromRequest', type: 'bool', side: 'request', filledBy: 'request' },
  { name: 'rds:TenantDatabaseName', type: 'text', side: 'request', filledBy: 'request' },
  { name: 'rds:Vpc', type: 'bool', side: 'source', filledBy: 'resource' },
  { name: 'rds:cluster-auto-backup-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:cluster-pg-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:cluster-snapshot-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:cluster-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:db-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:es-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:og-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:pg-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:req-tag/', type: 'text', side: 'request', filledBy: 'request', userText: true },
  { name: 'rds:ri-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:secgrp-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:snapshot-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },
  { name: 'rds:subgrp-tag/', type: 'text', side: 'source', filledBy: 'resource', userText: true },

  { name: 'ec2:SourceInstanceArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'ec2:RoleDelivery', type: 'number', side: 'principal', filledBy: 'session' },
  { name: 'identitystore:UserId', type: 'text', side: 'principal', filledBy: 'session' },
  { name: 'lambda:SourceFunctionArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'ssm:SourceInstanceArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'codebuild:BuildArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'codebuild:ProjectArn', type: 'arn', side: 'principal', filledBy: 'session' },
  { name: 'glue:CredentialIssuingService', type: 'text', side: 'principal', filledBy: 'session', words: true },
  { name: 'glue:RoleAssumedBy', type: 'text', side: 'principal', filledBy: 'session', words: true },
  { name: 'iam:AWSServiceName', type: 'text', side: 'request', filledBy: 'request', words: true },
  { name: 'iam:PassedToService', type: 'text', side: 'request', filledBy: 'request', words: true },
];

const byId: ReadonlyMap<string, ConditionKey> = new Map(conditionKeys.map((key) => [key.name.toLowerCase(), key]));

/**
 * The row of a key. Undefined: the table does not have the key. `keyId`: lower-case name of the
 * key.
 */
export function conditionKey(keyId: string): ConditionKey | undefined {
  // A prefix is listed under the name up to its first slash or its second colon.
  return (
    byId.get(keyId) ??
    byId.get(keyId.slice(0, keyId.indexOf('/') + 1)) ??
    byId.get(keyId.slice(0, keyId.indexOf(':', keyId.indexOf(':') + 1) + 1))
  );
}

/**
 * Whether an identity provider or a service may set the key in a session: SAML keys, and web
 * identity keys, which begin with the provider's host name (iam-evaluation 7B). `keyId`: lower-case
 * name of the key.
 */
export function isOfSession(keyId: string): boolean {
  return conditionKey(keyId)?.filledBy === 'session' || /^(?:saml:|[^:/]+\.[^:]+:)/.test(keyId);
}

/**
 * Whether the table has the key, or the key is of a service that the table does not cover. `name`
 * in any case.
 */
export function isKnownKey(name: string): boolean {
  const keyId = name.toLowerCase();
  if (!/^(?:aws|kms|rds):/.test(keyId)) return true;
  return conditionKey(keyId) !== undefined;
}

/** `keyId`: lower-case name of the key. */
export function isMultivalued(keyId: string): boolean {
  return conditionKey(keyId)?.many === true;
}

/**
 * The type of the values if they are not text. Undefined: text, or the table does not have the key.
 * `keyId`: lower-case name of the key.
 */
export function valueType(keyId: string): NoText | undefined {
  const type = conditionKey(keyId)?.type;
  return type === 'text' || type === 'arn' ? undefined : type;
}

/**
 * Whether the values reveal nothing about an account: AWS's own words, numbers, times, addresses.
 * `keyId`: lower-case name of the key.
 */
export function hasPlainValues(keyId: string): boolean {
  return conditionKey(keyId)?.words === true || valueType(keyId) !== undefined;
}

/**
 * Whether users write the values of a key, so that they can be any text. `keyId`: lower-case name
 * of the key.
 */
export function isUserText(keyId: string): boolean {
  return keyId.includes('tag/') || conditionKey(keyId)?.userText === true;
}
