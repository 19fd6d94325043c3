/** The global condition keys and those of KMS (iam-evaluation 6.30, 7B), as AWS spells them. A name that ends in `/` or `:` goes on. */
export const knownKeys: readonly string[] = [
  ...['aws:CurrentTime', 'aws:EpochTime', 'aws:RequestedRegion', 'aws:SecureTransport', 'aws:UserAgent', 'aws:referer'],
  ...['aws:ViaAWSService', 'aws:CalledVia', 'aws:CalledViaFirst', 'aws:CalledViaLast', 'aws:PrincipalIsAWSService'],
  ...['aws:PrincipalServiceName', 'aws:PrincipalServiceNamesList', 'aws:PrincipalArn', 'aws:PrincipalAccount'],
  ...['aws:PrincipalType', 'aws:userid', 'aws:username', 'aws:PrincipalOrgID', 'aws:PrincipalOrgPaths'],
  ...['aws:PrincipalTag/', 'aws:AssumedRoot', 'aws:FederatedProvider', 'aws:SourceIdentity', 'aws:TokenIssueTime'],
  ...['aws:MultiFactorAuthPresent', 'aws:MultiFactorAuthAge', 'aws:Ec2InstanceSourceVpc'],
  ...['aws:Ec2InstanceSourcePrivateIPv4', 'aws:SignInSessionArn', 'aws:SourceIp', 'aws:VpcSourceIp', 'aws:SourceVpc'],
  ...['aws:SourceVpce', 'aws:SourceVpcArn', 'aws:VpceAccount', 'aws:VpceOrgID', 'aws:VpceOrgPaths', 'aws:SourceArn'],
  ...['aws:SourceAccount', 'aws:SourceOrgID', 'aws:SourceOrgPaths', 'aws:ResourceAccount', 'aws:ResourceOrgID'],
  ...['aws:ResourceOrgPaths', 'aws:ResourceTag/', 'aws:RequestTag/', 'aws:TagKeys', 'aws:ViaAWSMCPService'],
  ...['aws:CalledViaAWSMCP', 'aws:IsMcpServiceAction', 'aws:ChatbotSourceArn', 'aws:ViaCustomerDomain'],
  ...['kms:CallerAccount', 'kms:ViaService', 'kms:EncryptionContext:', 'kms:EncryptionContextKeys'],
  ...['kms:EncryptionAlgorithm', 'kms:RequestAlias', 'kms:ResourceAliases', 'kms:GrantIsForAWSResource'],
  ...['kms:GrantOperations', 'kms:GranteePrincipal', 'kms:GranteeServicePrincipal', 'kms:RetiringPrincipal'],
  ...['kms:RetiringServicePrincipal', 'kms:GrantConstraintType', 'kms:GrantConstraintSourceArn'],
  ...['kms:ReEncryptOnSameKey', 'kms:RecipientAttestation:', 'kms:KeyOrigin', 'kms:KeySpec', 'kms:KeyUsage'],
  ...['kms:MultiRegion', 'kms:MultiRegionKeyType', 'kms:BypassPolicyLockoutSafetyCheck', 'kms:ExpirationModel'],
  ...['kms:ScheduleKeyDeletionPendingWindowInDays', 'kms:TrailingDaysWithoutKeyUsage', 'kms:RotationPeriodInDays'],
  ...['kms:ReplicaRegion', 'kms:MacAlgorithm', 'kms:MessageType', 'kms:SigningAlgorithm', 'kms:ValidTo'],
  ...['kms:WrappingAlgorithm', 'kms:WrappingKeySpec', 'kms:DataKeyPairSpec', 'kms:KeyAgreementAlgorithm'],
];

/** Whether a name is that of a key of `knownKeys`; of other services everything passes. */
export function isKnownKey(name: string): boolean {
  const id = name.toLowerCase();
  if (!id.startsWith('aws:') && !id.startsWith('kms:')) return true;
  return knownKeys.some((known) =>
    /[/:]$/.test(known) ? id.startsWith(known.toLowerCase()) : id === known.toLowerCase(),
  );
}

/*
 * Whether a key is multivalued is a property of the key, not of the request (iam-evaluation 3.12).
 */

/** iam-evaluation 3.12, lower case. */
const multivalued = new Set([
  'kms:encryptioncontextkeys',
  'kms:grantoperations',
  'kms:resourcealiases',
  'aws:tagkeys',
  'aws:calledvia',
  'aws:principalservicenameslist',
  'aws:principalorgpaths',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:vpceorgpaths',
]);

/** `keyId`: lower-case name of the key. */
export function isMultivalued(keyId: string): boolean {
  return multivalued.has(keyId);
}

/** Keys that only IAM policies can test; in a key policy they are not supported (iam-evaluation 6.41, 6.42). */
export function isForIamPoliciesOnly(keyId: string): boolean {
  return keyId.startsWith('aws:resourcetag/') || keyId === 'kms:resourcealiases';
}

/** What a key's values are, where they are no text. */
export type ValueType = 'number' | 'date' | 'bool' | 'ip';

/** iam-evaluation 6.30, 6.33, 6.43, 7B, lower case. */
const valueTypes: Readonly<Record<ValueType, ReadonlySet<string>>> = {
  number: new Set([
    'aws:multifactorauthage',
    'kms:schedulekeydeletionpendingwindowindays',
    'kms:trailingdayswithoutkeyusage',
    'kms:rotationperiodindays',
    'ec2:roledelivery',
  ]),
  date: new Set(['aws:currenttime', 'aws:epochtime', 'aws:tokenissuetime', 'kms:validto']),
  bool: new Set([
    'aws:securetransport',
    'aws:viaawsservice',
    'aws:principalisawsservice',
    'aws:multifactorauthpresent',
    'aws:assumedroot',
    'aws:viaawsmcpservice',
    'aws:ismcpserviceaction',
    'kms:grantisforawsresource',
    'kms:multiregion',
    'kms:reencryptonsamekey',
    'kms:bypasspolicylockoutsafetycheck',
  ]),
  ip: new Set(['aws:sourceip', 'aws:vpcsourceip', 'aws:ec2instancesourceprivateipv4']),
};

/** `keyId`: lower-case name of the key. Undefined: text, or not known. */
export function valueType(keyId: string): ValueType | undefined {
  if (valueTypes.bool.has(keyId)) return 'bool';
  if (valueTypes.number.has(keyId)) return 'number';
  if (valueTypes.date.has(keyId)) return 'date';
  return valueTypes.ip.has(keyId) ? 'ip' : undefined;
}

/** Tags and the encryption context hold whatever users write, also nothing (iam-evaluation 1.7). `keyId`: lower-case name of the key. */
export function isUserText(keyId: string): boolean {
  return keyId.includes('tag/') || keyId.startsWith('kms:encryptioncontext:');
}
