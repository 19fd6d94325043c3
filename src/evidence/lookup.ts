import {
  arnWith,
  isAccountId,
  isArn,
  isKeyArn,
  kmsArn,
  nameOf,
  type Place,
  parseArn,
  placeOf,
  resourceIn,
} from '../base/arn.ts';
import { whatIsThere } from '../base/nearest.ts';
import { partitionOf } from '../base/partition.ts';
import { addressOfPlannedKey, isAddress, knownAfterApply, replicaAddress } from '../base/planned-name.ts';
import { granteeOf } from '../policy/grants.ts';
import { NotHeld } from './not-held.ts';
import { type PolicyText, refused } from './policy-text.ts';
import type { Account, Evidence, Gap, Key, Region } from './schema.ts';

/** The Regions of an account with data in the evidence. */
export function regionsOf(evidence: Evidence, account: string): readonly string[] {
  return Object.keys(evidence.accounts[account]?.regions ?? {}).toSorted();
}

/** Undefined: the evidence has nothing about this account and Region. */
export function regionAt(evidence: Evidence, place: Place): Region | undefined {
  return evidence.accounts[place.account]?.regions?.[place.region];
}

/**
 * The policy of a VPC endpoint for RDS, in any account. Undefined: the evidence does not have it.
 */
export function endpointPolicyOf({ accounts }: Evidence, endpointId: string): PolicyText | undefined {
  const regions = Object.values(accounts).flatMap((account) => Object.values(account.regions ?? {}));
  return regions.flatMap((region) => region.vpcEndpointPolicies ?? []).find(({ name }) => name === endpointId);
}

/**
 * Whether the evidence has every key of a Region. `collect` lists all keys only with --all-keys.
 */
export function holdsAllKeys(evidence: Evidence, place: Place): boolean {
  const { keys, onlyUsedKeys } = regionAt(evidence, place)?.kms ?? {};
  const isRefused = evidence.gaps?.some(
    ({ what, account, region }) => what === 'kms:ListKeys' && account === place.account && region === place.region,
  );
  return keys !== undefined && onlyUsedKeys !== true && isRefused !== true;
}

/** A key by its ARN. Undefined: the evidence does not have the key. */
export function findKey(evidence: Evidence, arn: string): Key | undefined {
  const place = placeOf(arn);
  return place === undefined
    ? undefined
    : regionAt(evidence, place)?.kms?.keys?.find((key) => key.KeyMetadata.Arn === arn);
}

/**
 * Whether a gap is not a refused read, but the answer that KMS has no such key, such as a deleted
 * key. For a key that the caller may not describe, KMS answers with another error.
 */
export function isAboutGoneKey({ what, resource, reason }: Gap): boolean {
  return (
    what === 'kms:DescribeKey' && resource !== undefined && isKeyArn(resource) && /^NotFoundException\b/.test(reason)
  );
}

/** The ARNs of keys that KMS does not have. */
export function goneKeys({ gaps = [] }: Evidence): ReadonlySet<string> {
  return new Set(gaps.filter(isAboutGoneKey).flatMap(({ resource }) => resource ?? []));
}

/**
 * The text of a key's policy, or why it could not be read. `key`: undefined if the evidence does
 * not have the key.
 */
export function keyPolicyOf(evidence: Evidence, arn: string, key: Key | undefined): PolicyText {
  const policy = key?.Policy;
  if (policy !== undefined) return { name: arn, document: policy };
  if (addressOfPlannedKey(resourceIn(arn)) !== undefined) return { name: arn, unread: knownAfterApply };
  return { name: arn, ...refused(evidence, placeOf(arn)?.account ?? '', 'kms:GetKeyPolicy') };
}

/**
 * The name of a key's second policy. The name of the first policy is the ARN of the key
 * (iam-evaluation 14.22).
 */
export function ramPolicyName(arn: string): string {
  return `${arn} AWS_RAM`;
}

/** KeyState of kms:DescribeKey (rds-kms-operations 5). */
export const keyStates: readonly string[] = [
  'Creating',
  'Disabled',
  'Enabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
];

/** The KeyState as KMS spells it, regardless of case in the evidence. Undefined: not known. */
export function keyStateOf(key: Key | undefined): string | undefined {
  const state = key?.KeyMetadata.KeyState;
  return keyStates.find((one) => one.toLowerCase() === state?.toLowerCase()) ?? state;
}

/**
 * Whether all grants of a key were read. kms:ListGrants shows the grantee and the operations of
 * every grant.
 */
export function areGrantsRead(key: Key | undefined): boolean {
  return key?.Grants?.every((grant) => granteeOf(grant) !== undefined && grant.Operations !== undefined) === true;
}

/** The manager of a key. The aliases of AWS managed keys also show it. Undefined: not known. */
export function managerOf(key: Key | undefined, name: string | undefined): string | undefined {
  return key?.KeyMetadata.KeyManager?.toUpperCase() ?? (name?.startsWith('alias/aws/') === true ? 'AWS' : undefined);
}

/** The ID of a key, or the address of a key that a plan creates. */
export function keyIdOf({ KeyMetadata: { Arn: arn } }: Key): string {
  return addressOfPlannedKey(resourceIn(arn)) ?? nameOf(arn);
}

/** The first alias of a key, such as `alias/orders`, or the address of a planned replica. */
export function aliasOf(key: Key | undefined): string | undefined {
  return key?.Aliases?.[0]?.AliasName ?? key?.FoundAs?.[0] ?? replicaAddressOf(key);
}

/** The address of a replica key that a plan creates together with its primary key. */
function replicaAddressOf(key: Key | undefined): string | undefined {
  const address = key?.[replicaAddress];
  const isPlanned = addressOfPlannedKey(resourceIn(key?.KeyMetadata.Arn ?? '')) !== undefined;
  return isPlanned && typeof address === 'string' ? address : undefined;
}

/**
 * The ARN behind a key ID, key ARN, alias name or alias ARN, as KMS resolves them: bare IDs and
 * names in the caller's account and Region. For a multi-Region key, the ARN of its replica there.
 * For an AWS managed key that the evidence does not have, the ARN of its alias.
 * @throws Failure if the evidence shows that there is no such key, or does not show which key an
 * alias names
 */
export function resolveKey(evidence: Evidence, place: Place, wanted: string): string {
  const given = isArn(wanted);
  const at = given ? placeOf(wanted) : place;
  const { service = 'kms', partition = '' } = parseArn(wanted) ?? {};
  const named = { is: 'key', name: wanted, isCertain: true } as const;
  if (at === undefined || service !== 'kms')
    throw new NotHeld(
      named,
      `\`${wanted}\` is not the ARN of a KMS key or alias`,
      'give a key ID, key ARN, alias name or alias ARN',
    );
  if (given && partition !== partitionOf(at.region))
    throw new NotHeld(
      named,
      `\`${wanted}\` is in partition ${partition}, but Region ${at.region} is in partition ${partitionOf(at.region)}`,
      'correct the ARN',
    );
  const replica = replicaIn(wanted, place.region);
  if (replica !== wanted) {
    const isMissing = findKey(evidence, replica) === undefined;
    // Without a replica here, the ARN names a key of another Region, like any other ARN.
    return isMissing && holdsAllKeys(evidence, { ...at, region: place.region })
      ? wanted
      : resolveKey(evidence, place, replica);
  }
  const name = resourceIn(wanted);
  const keys = regionAt(evidence, at)?.kms?.keys;
  const keyId = name.replace(/^key\//, '');
  const arn = kmsArn(at, `key/${keyId}`);
  const isPlanned = isAddress(name)
    ? (key: Key) => addressOfPlannedKey(resourceIn(key.KeyMetadata.Arn)) === name || replicaAddressOf(key) === name
    : () => false;
  const found =
    keys?.find((key) => key.KeyMetadata.Arn === arn) ??
    keys?.find(
      (key) =>
        isPlanned(key) ||
        key.FoundAs?.includes(name) === true ||
        key.Aliases?.some((alias) => alias.AliasName === name) === true,
    );
  if (found !== undefined) return found.KeyMetadata.Arn;
  if (name.startsWith('alias/aws/')) return kmsArn(at, name);
  const isOther = at.account !== place.account || at.region !== place.region;
  if (!name.startsWith('alias/') && (keys === undefined || isOther)) return given ? wanted : arn;
  const names = (keys ?? []).flatMap((key) => [aliasOf(key) ?? keyIdOf(key)]);
  const there = keys === undefined ? 'no keys of this Region were read' : whatIsThere(wanted, names);
  throw new NotHeld(
    {
      is: 'key',
      name: wanted,
      isCertain:
        holdsAllKeys(evidence, at) &&
        (!name.startsWith('alias/') || (keys ?? []).every(({ Aliases: aliases }) => aliases !== undefined)),
    },
    `no KMS key \`${wanted}\` in ${at.region} of account ${at.account}; ${there}`,
    `check --kms-key-id and --region${whereKeyIs(evidence, at, wanted) ?? '; `collect` reads unused keys only with --all-keys'}`,
  );
}

/**
 * For the end of an advice about a key that a Region does not have: the alias or the Region that was
 * probably meant.
 */
export function whereKeyIs(evidence: Evidence, place: Place, name: string): string | undefined {
  const has = (region: string, wanted: string): boolean =>
    (regionAt(evidence, { ...place, region })?.kms?.keys ?? []).some(
      (key) => keyIdOf(key) === wanted || key.Aliases?.some(({ AliasName: alias }) => alias === wanted) === true,
    );
  const alias = `alias/${name}`;
  if (has(place.region, alias)) return `. For the alias, write \`${alias}\``;
  const region = regionsOf(evidence, place.account).find((one) => one !== place.region && has(one, name));
  return region === undefined ? undefined : `: \`${name}\` is in ${region}`;
}

/**
 * The ARN of the same multi-Region key in another Region: its account and ID are the same
 * everywhere. Other names of keys stay unchanged.
 */
export function replicaIn(wanted: string, region: string): string {
  const key = isArn(wanted) && resourceIn(wanted).startsWith('key/mrk-') ? parseArn(wanted) : undefined;
  return key === undefined || key.region === region ? wanted : arnWith(key, { region });
}

type Bucket = NonNullable<NonNullable<Account['s3']>['Buckets']>[number];

/** A bucket and its account, by its name, which is unique in its partition. */
export function findBucket(
  { accounts }: Evidence,
  name: string,
): { readonly account: string; readonly bucket: Bucket } | undefined {
  for (const [account, { s3 }] of Object.entries(accounts)) {
    const bucket = s3?.Buckets?.find((one) => one.Name === name);
    if (bucket !== undefined) return { account, bucket };
  }
  return undefined;
}

function isManager(manager: string | undefined, account: string): boolean | undefined {
  return manager === undefined ? undefined : manager === account;
}

/** What is known about an account's organization. */
export interface OrganizationPath {
  /** Undefined: not known. null: the account is in no organization. */
  readonly id: string | null | undefined;
  /** `o-.../r-.../ou-.../`: the value of aws:PrincipalOrgPaths. */
  readonly path: string | undefined;
  /** Undefined: not known. SCPs and RCPs do not apply to the management account. */
  readonly isManagementAccount: boolean | undefined;
  /** Undefined: none apply. */
  readonly scps: readonly (readonly PolicyText[])[] | { readonly unread: string } | undefined;
  readonly rcps: readonly (readonly PolicyText[])[] | { readonly unread: string } | undefined;
}

const policyLists = { scps: 'SCPs', rcps: 'RCPs' } as const;

export function organizationOf(evidence: Evidence, account: string): OrganizationPath {
  const organization = evidence.accounts[account]?.organization;
  if (organization === null)
    return { id: null, path: undefined, isManagementAccount: false, scps: undefined, rcps: undefined };
  // The root and the account itself are levels of every path.
  if (organization?.path === undefined || organization.path.length === 0) {
    const { unread, gap } = refused(
      evidence,
      account,
      'organizations:ListPoliciesForTarget',
      'organizations:ListPolicies',
      'organizations:ListParents',
    );
    const why = gap === undefined ? '' : `: ${unread}`;
    return {
      id: organization?.id,
      path: undefined,
      isManagementAccount: isManager(organization?.managementAccountId, account),
      scps: { unread: `SCPs of account ${account}${why}` },
      rcps: { unread: `RCPs of account ${account}${why}` },
    };
  }
  const { path } = organization;
  const levels = (kind: 'scps' | 'rcps'): OrganizationPath['scps'] => {
    // If a type of policy is enabled, each level has at least one policy (iam-evaluation 5.26,
    // 5.32). So if no level has any, the type is not enabled.
    if (path.every((level) => level[kind]?.length === 0)) return undefined;
    // If no level that was read has a policy, the type is most likely not enabled.
    if (path.every((level) => level[kind] === undefined || level[kind].length === 0)) {
      const unread = path.filter((level) => level[kind] === undefined).map(({ id }) => id);
      return { unread: `${policyLists[kind]} of ${unread.join(', ')}: the list was not read` };
    }
    return path.map(
      (level) => level[kind] ?? [{ name: `${policyLists[kind]} of ${level.id}`, unread: 'the list was not read' }],
    );
  };
  return {
    id: organization.id,
    path: `${[organization.id, ...organization.path.filter((level) => level.type !== 'ACCOUNT' && !isAccountId(level.id)).map((level) => level.id)].join('/')}/`,
    isManagementAccount: isManager(organization.managementAccountId, account),
    scps: levels('scps'),
    rcps: levels('rcps'),
  };
}
