import { accountOf, isKeyArn, kmsArn, nameOf, type Place, parseArn, placeOf, rootArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { partitionOf } from '../base/partition.ts';
import { beginningOfAlias, replicaAddress } from '../base/planned-name.ts';
import { findKey, keyStateOf } from '../evidence/lookup.ts';
import type { Evidence, Key, KeyGrant, PolicyDocument } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { documentAt } from './documents.ts';
import { keyAt, withKey, withRegion } from './edits.ts';
import {
  factNotKnown,
  isGone,
  isMade,
  laid,
  type OverlayContext,
  type OverlayRow,
  policyText,
  textIn,
  textNow,
  thingNotKnown,
} from './overlay-row.ts';
import { isNameOfKey } from './places.ts';
import type { PlannedChange, PlannedValue } from './planned-change.ts';
import { tagged, tagsAfter } from './tags.ts';

/* KMS resources in a plan: keys, key policies, aliases and grants. */

const noKey = thingNotKnown('the key').why;

/**
 * The default policy that KMS gives a new key, and that returns when a separate policy is deleted.
 */
function defaultKeyPolicy(keyArn: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: rootArn(partitionOf(placeOf(keyArn)?.region ?? ''), accountOf(keyArn)) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };
}

/** `origin`: the Origin that KMS shows for such a key. */
const keyRow =
  (origin: 'AWS_KMS' | 'EXTERNAL'): OverlayRow =>
  (evidence, change, context) => {
    if (isGone(change)) {
      const old = textIn(change.before, 'arn');
      return old === undefined ? thingNotKnown('the ARN of the key') : { evidence: pendingDeletion(evidence, old) };
    }
    const arn = context.places.arnOf(change);
    if (arn === undefined || !isKeyArn(arn))
      return factNotKnown(`the ${context.places.accountOf(change) === undefined ? 'account' : 'Region'} of the key`);
    const refused = isMade(change)
      ? replicaRefused(evidence, arn, context.places.textAt(change, 'primary_key_arn'))
      : undefined;
    if (refused !== undefined) return factNotKnown(refused);
    return laid(
      withKey(evidence, arn, (held) => keyAfter(held, arn, change, { ...context, origin })),
      noKey,
    );
  };

/**
 * What KMS lacks to make a replica key, in words: KMS replicates a multi-Region key, into another
 * Region. Undefined: nothing is known to be missing. `primary`: undefined if the key is no replica.
 */
function replicaRefused(evidence: Evidence, arn: string, primary: string | undefined): string | undefined {
  if (primary === undefined) return undefined;
  if (placeOf(primary)?.region === placeOf(arn)?.region) return 'another Region for the replica key';
  const isSingle = findKey(evidence, primary)?.KeyMetadata.MultiRegion === false;
  return isSingle ? 'a primary key with multi_region = true for the replica key' : undefined;
}

function keyAfter(
  held: Key | undefined,
  arn: string,
  change: PlannedChange,
  context: OverlayContext & { readonly origin: 'AWS_KMS' | 'EXTERNAL' },
): Key {
  const { planned, places, origin } = context;
  const document = documentAt(planned, places, change, 'policy');
  const { Policy: before, ...rest } = isMade(change)
    ? newKey(arn, change, context, origin)
    : (held ?? { KeyMetadata: { Arn: arn } });
  // If an update does not change the policy, a separate resource may set the policy.
  const isKept =
    !isMade(change) && before !== undefined && (document.is === 'not given' || isSameAsBefore(change, 'policy'));
  const policy = isKept
    ? before
    : isMade(change) && document.is === 'not given'
      ? usualPolicy(arn, document.local, context)
      : policyText(document, { kind: 'resource', attribute: 'policy', writtenBy: change }, context);
  const key: Key = {
    ...rest,
    ...(policy === undefined ? {} : { Policy: policy }),
    KeyMetadata: {
      ...rest.KeyMetadata,
      ...(isMade(change) ? {} : factsOf(change, context)),
      ...stateOf(rest, change, context),
      ...(origin === 'EXTERNAL' ? expiryOf(change, context) : {}),
    },
  };
  const own = key.Tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }));
  return tagged(key, tagsAfter(planned, change, own), (one, tags) => {
    const { Tags: _, ...untagged } = one;
    return tags === undefined
      ? untagged
      : { ...untagged, Tags: tags.map(({ Key: name, Value }) => ({ TagKey: name, TagValue: Value })) };
  });
}

/**
 * The policy of a key if the configuration gives none. `local`: the local value that has to be null
 * for that. In a plan, a function such as `timestamp()` would look the same.
 */
function usualPolicy(
  arn: string,
  local: string | undefined,
  { note, isStrict }: OverlayContext,
): PolicyDocument | undefined {
  if (local !== undefined) note({ code: 'policy-usual', from: local });
  return local !== undefined && isStrict ? undefined : defaultKeyPolicy(arn);
}

function isSameAsBefore({ before, after }: PlannedChange, name: string): boolean {
  const [one, other] = [propertyOf(before, name), propertyOf(after, name)];
  return one !== undefined && one === other;
}

function pendingDeletion(evidence: Evidence, arn: string): Evidence {
  const after = withKey(evidence, arn, (key = { KeyMetadata: { Arn: arn } }) => ({
    ...key,
    KeyMetadata: { ...key.KeyMetadata, KeyState: 'PendingDeletion' },
  }));
  return after ?? evidence;
}

function newKey(arn: string, change: PlannedChange, context: OverlayContext, origin: string): Key {
  return {
    KeyMetadata: {
      Arn: arn,
      KeyId: nameOf(arn),
      KeyManager: 'CUSTOMER',
      KeySpec: textOr('SYMMETRIC_DEFAULT', change, 'customer_master_key_spec', context),
      KeyUsage: textOr('ENCRYPT_DECRYPT', change, 'key_usage', context),
      Origin: storeOf(change, context) ?? origin,
      MultiRegion: isReplicaKey(change) ? true : switchOr(false, change, 'multi_region', context),
    },
    RamPolicy: null,
    Grants: [],
    Aliases: [],
    Tags: [],
    ...(isReplicaKey(change) ? { [replicaAddress]: change.address } : {}),
  };
}

/** KMS replicates only multi-Region keys, whose replicas have the same ID. */
function isReplicaKey({ type }: PlannedChange): boolean {
  return type.startsWith('aws_kms_replica_');
}

/** The origin of a key in a custom key store. Undefined: the key is in KMS. */
function storeOf(change: PlannedChange, { planned }: OverlayContext): string | undefined {
  const isGiven = (name: string): boolean => planned.valueAt(change, [name]).is !== 'not given';
  if (!isGiven('custom_key_store_id')) return undefined;
  return isGiven('xks_key_id') ? 'EXTERNAL_KEY_STORE' : 'AWS_CLOUDHSM';
}

/** The attributes of an existing key that the provider has read. */
function factsOf(change: PlannedChange, { places, planned }: OverlayContext) {
  const [spec, usage] = ['customer_master_key_spec', 'key_usage'].map((name) => places.textAt(change, name));
  const multi = planned.valueAt(change, ['multi_region']);
  return {
    ...(spec === undefined ? {} : { KeySpec: spec }),
    ...(usage === undefined ? {} : { KeyUsage: usage }),
    ...(multi.is === 'known' && typeof multi.value === 'boolean' ? { MultiRegion: multi.value } : {}),
  };
}

/** An attribute, or the default if it is not set. Undefined: known only after apply. */
function textOr(usual: string, change: PlannedChange, name: string, { planned, places }: OverlayContext) {
  const value = planned.valueAt(change, [name]);
  return value.is === 'not given' ? usual : places.textOf(value);
}

function switchOr<T>(usual: T, change: PlannedChange, name: string, { planned }: OverlayContext) {
  const value = planned.valueAt(change, [name]);
  if (value.is === 'not given') return usual;
  return value.is === 'known' && typeof value.value === 'boolean' ? value.value : undefined;
}

/**
 * The state of a key. A key has `is_enabled`, a replica has `enabled`. Neither is set: a new key is
 * enabled, and an existing key keeps its state.
 */
function stateOf(held: Key, change: PlannedChange, context: OverlayContext & { readonly origin: string }) {
  const isEnabled = switchOr(switchOr('usual', change, 'enabled', context), change, 'is_enabled', context);
  const isExternal = context.origin === 'EXTERNAL';
  // Without `before`, the change shows what the provider has read.
  const wasEnabled = change.before === undefined ? isEnabled : propertyOf(change.before, 'enabled');
  if (isExternal && !isMade(change) && wasEnabled !== true && isEnabled !== 'usual')
    return stateOfNotEnabled(held, isEnabled);
  if (isEnabled === false) return { KeyState: 'Disabled' };
  if (isEnabled === undefined) return { KeyState: undefined };
  // The provider read the key as enabled, so the key is in no other state.
  if (!isMade(change)) return isEnabled === true ? { KeyState: 'Enabled' } : {};
  const material = isExternal ? materialOf(change, context) : 'given';
  // A key without key material is pending import.
  return { KeyState: material === 'given' ? 'Enabled' : material === 'none' ? 'PendingImport' : undefined };
}

/**
 * The state of an existing key for imported key material that is not known to have been enabled. The
 * provider also reads a key that is pending import as not enabled, and KMS enables only a disabled
 * key. `isEnabled`: what the plan says.
 */
function stateOfNotEnabled(held: Key, isEnabled: boolean | undefined) {
  const state = keyStateOf(held);
  if (isEnabled === true) return { KeyState: state === 'Disabled' || state === 'Enabled' ? 'Enabled' : undefined };
  return { KeyState: isEnabled === undefined || state === 'Enabled' ? undefined : state };
}

/** Whether the plan gives a key its key material. */
function materialOf(change: PlannedChange, { planned }: OverlayContext): 'given' | 'none' | 'unknown' {
  const { is } = planned.valueAt(change, ['key_material_base64']);
  return is === 'undetermined' ? 'unknown' : is === 'not given' ? 'none' : 'given';
}

/**
 * When the imported key material expires. Once it has expired, the key is pending import
 * (rds-kms-operations 5). If the time is not known, the state is not known either.
 */
function expiryOf(change: PlannedChange, context: OverlayContext) {
  const expires = context.planned.valueAt(change, ['valid_to']);
  const material = materialOf(change, context);
  // The key material of such a key is imported by other means.
  if (expires.is === 'not given' && material === 'none') return {};
  if (expires.is === 'not given' && material === 'given')
    return { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ValidTo: undefined };
  const time = context.places.textOf(expires);
  return time === undefined || Number.isNaN(Date.parse(time))
    ? { KeyState: undefined, ExpirationModel: undefined, ValidTo: undefined }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: time };
}

const keyPolicyRow: OverlayRow = (evidence, change, context) => {
  const { planned, places } = context;
  const arn = keyNamedBy(evidence, change, 'key_id', context);
  if (arn === undefined) return keyNotKnown('the key of the policy', change, 'key_id', context);
  if (isGone(change) && propertyOf(change.before, 'bypass_policy_lockout_safety_check') === true) return { evidence };
  const text = isGone(change)
    ? defaultKeyPolicy(arn)
    : policyText(
        documentAt(planned, places, change, 'policy'),
        { kind: 'resource', attribute: 'policy', writtenBy: change },
        context,
      );
  return laid(
    withKey(evidence, arn, (key = { KeyMetadata: { Arn: arn } }) => {
      const { Policy: _, ...rest } = key;
      return text === undefined ? rest : { ...rest, Policy: text };
    }),
    noKey,
  );
};

/**
 * Whether KMS finds a key in the place of a change. If the change does not show its Region, a known
 * ARN says more of it.
 */
function isFound(arn: string, place: Place, named: PlannedValue, change: PlannedChange): boolean {
  const held = placeOf(arn);
  const isInRegion = held?.region === place.region;
  if (named.is !== 'later') return isInRegion || textIn(change.after, 'region') === undefined;
  const mayBeForeign = change.type === 'aws_kms_grant' && !isNameOfKey(named);
  return isInRegion && (mayBeForeign || held.account === place.account);
}

/**
 * The ARN of the key that an attribute names, by ARN, id or alias. KMS finds only keys in the Region
 * of a request, where a multi-Region key has a related key of the same ID. Only a grant can be for a
 * key of another account, which its ARN names. Undefined: not known, or KMS finds no key.
 */
export function keyNamedBy(
  evidence: Evidence,
  change: PlannedChange,
  attribute: string,
  context: Pick<OverlayContext, 'places' | 'planned'>,
): string | undefined {
  const name = textNow(change, attribute, context);
  const place = context.places.placeOf(change);
  if (name === undefined || place === undefined) return name === undefined || isKeyArn(name) ? name : undefined;
  if (isKeyArn(name))
    return isGone(change) || isFound(name, place, context.planned.valueAt(change, [attribute]), change)
      ? name
      : keyAt(evidence, place, kmsArn(place, `key/${nameOf(name)}`))?.KeyMetadata.Arn;
  return (
    keyAt(evidence, place, name)?.KeyMetadata.Arn ?? (/^[\w-]+$/.test(name) ? kmsArn(place, `key/${name}`) : undefined)
  );
}

/** Says that nothing shows the key of a change. If the key is elsewhere, only another provider finds it. */
function keyNotKnown(what: string, change: PlannedChange, attribute: string, context: OverlayContext) {
  const place = context.places.placeOf(change);
  return place === undefined || textNow(change, attribute, context) === undefined
    ? thingNotKnown(what)
    : factNotKnown(`${what} in ${place.region} of account ${place.account}`);
}

const aliasRow: OverlayRow = (evidence, change, context) => {
  const place = context.places.placeOf(change);
  // An expression that contains the name of another resource gives another name.
  const { is } = context.planned.valueAt(change, ['name']);
  const given = isGone(change) || is === 'known' ? textNow(change, 'name', context) : undefined;
  // If the configuration gives no name, the provider chooses the name.
  const made = isGone(change) ? undefined : parseArn(context.places.arnOf(change) ?? '')?.resource;
  const name = given ?? made;
  if (place === undefined || name === undefined) return thingNotKnown('the name of the alias');
  if (isGone(change)) return laid(withoutAliasAt(evidence, place, name), noKey);
  const key = keyNamedBy(evidence, change, 'target_key_id', context);
  if (key === undefined) return keyNotKnown('the key of the alias', change, 'target_key_id', context);
  const isOpen = given === undefined && !isOnlyBegun(evidence, name, key);
  return laid(withAlias(isOpen ? withOpenAliases(evidence, key) : evidence, place, { name, key }), noKey);
};

/** Whether an alias is the only one of its key, and the beginning of its name is known. */
function isOnlyBegun(evidence: Evidence, name: string, arn: string): boolean {
  return beginningOfAlias(name) !== undefined && findKey(evidence, arn)?.Aliases?.length === 0;
}

/** The evidence without the list of the aliases of a key, which gets an alias of an unknown name. */
function withOpenAliases(evidence: Evidence, arn: string): Evidence {
  const open = withKey(evidence, arn, (key = { KeyMetadata: { Arn: arn } }) => {
    const { Aliases: aliases = [], FoundAs: found = [], ...rest } = key;
    return { ...rest, FoundAs: [...found, ...aliases.map(({ AliasName }) => AliasName)] };
  });
  return open ?? evidence;
}

function withoutAliasAt(evidence: Evidence, place: Place, name: string): Evidence | undefined {
  return withRegion(evidence, place, (region) =>
    region.kms?.keys === undefined
      ? region
      : { ...region, kms: { ...region.kms, keys: region.kms.keys.map((key) => withoutAlias(key, name)) } },
  );
}

/** Moves an alias to a key, so that no other key has the alias. `key`: the ARN of the key. */
export function withAlias(
  evidence: Evidence,
  place: Place,
  { name, key: target }: { readonly name: string; readonly key: string },
): Evidence | undefined {
  const without = withoutAliasAt(evidence, place, name) ?? evidence;
  return withKey(without, target, (key = { KeyMetadata: { Arn: target } }) =>
    key.Aliases === undefined
      ? { ...key, FoundAs: [...(key.FoundAs ?? []), name] }
      : { ...key, Aliases: [...key.Aliases, { AliasName: name, TargetKeyId: nameOf(target) }] },
  );
}

function withoutAlias(key: Key, name: string): Key {
  const { Aliases: aliases, FoundAs: found } = key;
  if (aliases?.some(({ AliasName }) => AliasName === name) !== true && found?.includes(name) !== true) return key;
  return {
    ...key,
    ...(aliases === undefined ? {} : { Aliases: aliases.filter(({ AliasName }) => AliasName !== name) }),
    ...(found === undefined ? {} : { FoundAs: found.filter((one) => one !== name) }),
  };
}

const grantRow: OverlayRow = (evidence, change, context) => {
  const arn = keyNamedBy(evidence, change, 'key_id', context);
  if (arn === undefined) return keyNotKnown('the key of the grant', change, 'key_id', context);
  // A grant never changes. A known grant stays as it is, because ListGrants also shows the issuer,
  // which a plan does not.
  const known = textIn(isGone(change) ? change.before : change.after, 'grant_id');
  const made = isGone(change) ? undefined : grantOf(change, context);
  if (!isGone(change) && made === undefined)
    return thingNotKnown('the grantee, operations or constraints of the grant');
  // A grant holds the ID of its grantee (iam-evaluation 13.3).
  if (made?.GranteePrincipal !== undefined && context.remade.mayBeOld(made.GranteePrincipal, change))
    return factNotKnown('whether the grant is for the old or the new role or user');
  return laid(
    withKey(evidence, arn, (key) => {
      if (key?.Grants === undefined) return key;
      const isKnown = ({ GrantId }: KeyGrant): boolean => GrantId !== undefined && GrantId === known;
      if (made !== undefined && key.Grants.some(isKnown)) return key;
      const others = key.Grants.filter((one) => !isKnown(one));
      return { ...key, Grants: made === undefined ? others : [...others, made] };
    }),
    noKey,
  );
};

function grantOf(change: PlannedChange, { planned, places }: OverlayContext): KeyGrant | undefined {
  const grantee = places.textAt(change, 'grantee_principal');
  const operations = planned.valueAt(change, ['operations']);
  const constraints = planned.valueAt(change, ['constraints']);
  if (grantee === undefined || operations.is !== 'known' || !isList(operations.value)) return undefined;
  if (constraints.is === 'undetermined' || constraints.is === 'later') return undefined;
  const blocks = constraints.is === 'known' && isList(constraints.value) ? constraints.value.filter(isJson) : [];
  const within = (name: string) =>
    blocks.map((block) => textsOf(propertyOf(block, name))).find((one) => Object.keys(one).length > 0);
  const [equals, subset] = [within('encryption_context_equals'), within('encryption_context_subset')];
  const id = textIn(change.after, 'grant_id');
  const retiring = places.textAt(change, 'retiring_principal');
  return {
    ...(id === undefined ? {} : { GrantId: id }),
    GranteePrincipal: grantee,
    ...(retiring === undefined ? {} : { RetiringPrincipal: retiring }),
    Operations: operations.value.filter((one) => typeof one === 'string'),
    Constraints: {
      ...(equals === undefined ? {} : { EncryptionContextEquals: equals }),
      ...(subset === undefined ? {} : { EncryptionContextSubset: subset }),
    },
  };
}

function textsOf(json: unknown): Record<string, string> {
  const entries = isJson(json) ? Object.entries(json) : [];
  return Object.fromEntries(entries.flatMap(([name, one]) => (typeof one === 'string' ? [[name, one] as const] : [])));
}

/** Applied in this order: a separate policy overrides the policy of the key. */
export const plannedKeyRows: Readonly<Record<string, OverlayRow>> = {
  aws_kms_key: keyRow('AWS_KMS'),
  aws_kms_external_key: keyRow('EXTERNAL'),
  aws_kms_replica_key: keyRow('AWS_KMS'),
  aws_kms_replica_external_key: keyRow('EXTERNAL'),
  aws_kms_key_policy: keyPolicyRow,
  aws_kms_alias: aliasRow,
};

/** Applied after roles, because grants name roles. */
export const grantRows: Readonly<Record<string, OverlayRow>> = { aws_kms_grant: grantRow };
