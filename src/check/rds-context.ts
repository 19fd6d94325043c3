import { areLaterTags } from '../base/planned-name.ts';
import type { Source } from '../evidence/sources.ts';
import type { CallRow } from '../operations/operation.ts';
import { absent, byNames, maybe, type Possible, present, unknown } from '../policy/possible.ts';
import { type Bound, isOpenTo } from './bind.ts';

/*
 * The condition keys that RDS itself defines: from the request, and from what is known about DB
 * instances (iam-evaluation 7.9, rds-kms-operations 1.2).
 */

type Lookup = (keyId: string) => Possible | undefined;

/**
 * The keys of the action: tags and parameters of the request. A key that the action does not carry
 * is absent. What the question does not say is unknown.
 */
export function requestKeys(row: CallRow, bound: Bound): Lookup {
  if (row.keys === undefined && row.sends === undefined) return () => undefined;
  const { parameters } = bound;
  const { tags: sentTags = {} } = parameters;
  const tags = Object.entries(sentTags);
  // AWS does not say whether tags that RDS copies by itself appear as tags of a request.
  const copied = row.action === 'rds:AddTagsToResource' && tags.length === 0;
  const unknownTags = copied || areLaterTags(sentTags) || isOpenTo('tag', bound);
  // AWS does not publish which tags AWS Backup sends by itself.
  const furtherTags = bound.operation.runsAsRole === true;
  const ofTag = (name: string): Possible => {
    if (unknownTags) return unknown;
    const sent = tags.flatMap(([tag, value]) => (tag.toLowerCase() === name ? [[value]] : []));
    return sent.length === 0 && furtherTags ? unknown : byNames(sent);
  };
  const ofTagKeys = (): Possible =>
    unknownTags || furtherTags ? unknown : tags.length === 0 ? absent : present(...tags.map(([tag]) => tag));
  const carried = (row.keys ?? []).map((key) => key.toLowerCase());
  const sends = new Map(Object.entries(row.sends ?? {}).map(([key, values]) => [key.toLowerCase(), values]));
  return (keyId) => {
    const sent = sends.get(keyId);
    if (sent !== undefined) return { absent: false, values: sent.map((value) => [value]) };
    const key = carried.find((one) => one === keyId || (one.endsWith('/') && keyId.startsWith(one)));
    if (key === undefined) return undefined;
    if (key.endsWith('/')) return ofTag(keyId.slice(key.length));
    return (key === 'aws:tagkeys' ? ofTagKeys() : parameterKey(key, row, bound)) ?? unknown;
  };
}

/**
 * A condition key that follows from a parameter. Undefined: the key follows from no parameter that
 * is given.
 */
function parameterKey(keyId: string, row: CallRow, bound: Bound): Possible | undefined {
  switch (keyId) {
    case 'rds:storageencrypted':
      return bound.operation.parameters.includes('storage-encrypted') ? asksToEncrypt(bound) : undefined;
    case 'rds:managemasteruserpassword':
      return managesPassword(row, bound);
    case 'rds:publiclyaccessible':
      // If the parameter is left out, the value follows from the subnets. AWS does not say what the
      // request then carries.
      return asGiven(bound.parameters.publiclyAccessible);
    case 'rds:copyoptiongroup':
      return asGiven(bound.parameters.copyOptionGroup) ?? (isOpenTo('copy-option-group', bound) ? unknown : notAsked);
    default:
      return engineNamed(bound)[keyId];
  }
}

function asGiven(given: boolean | undefined): Possible | undefined {
  return given === undefined ? undefined : present(String(given));
}

const notAsked: Possible = { absent: true, values: [['false']] };

function asksToEncrypt(bound: Bound): Possible {
  const { storageEncrypted, kmsKeyId } = bound.parameters;
  if (storageEncrypted === true) return present('true');
  // AWS does not say what a request carries that names a key and leaves StorageEncrypted out.
  return isOpenTo('storage-encrypted', bound) || kmsKeyId !== undefined ? unknown : notAsked;
}

/**
 * Keys of DB instances. AWS says that they are sometimes wrong for a new instance, so most of them
 * are unknown there (rds-kms-operations 1.2).
 */
export function resourceKeys(row: CallRow, bound: Bound): Lookup {
  const { source } = bound;
  if (row.on !== 'db' && row.on !== 'new db') return () => undefined;
  const known = row.on === 'db' ? (source?.type === 'db' ? ofInstance(source.entry) : undefined) : ofNew(row, bound);
  return (keyId) => (instanceKeys.includes(keyId) ? (known?.[keyId] ?? unknown) : undefined);
}

/**
 * If the parameter is left out, the key is false. Otherwise AWS's own example of a policy would
 * have no effect (rds-kms-operations-2 12.9). An instance of a cluster has the password of the
 * cluster, and AWS does not say what its request carries.
 */
function managesPassword(row: CallRow, bound: Bound): Possible {
  if (bound.parameters.manageMasterUserPassword === true) return present('true');
  if (isOpenTo('manage-master-user-password', bound)) return unknown;
  if (bound.parameters.manageMasterUserPassword === false) return present('false');
  // AWS does not say what a change carries that does not concern the password.
  return bound.operation.makes === undefined || makesMember(row, bound) ? maybe('false') : present('false');
}

const instanceKeys = [
  'rds:databaseclass',
  'rds:databaseengine',
  'rds:databasename',
  'rds:multiaz',
  'rds:piops',
  'rds:storageencrypted',
  'rds:storagesize',
  'rds:vpc',
];

/**
 * A new instance has the engine that the request names. An instance of a cluster has the engine of
 * the cluster, which also decides about encryption. The usual policy on rds:StorageEncrypted was
 * observed to refuse instances of encrypted Aurora clusters if the request does not ask for
 * encryption (rds-kms-operations-2 12.10).
 */
function ofNew(row: CallRow, bound: Bound): Readonly<Record<string, Possible>> | undefined {
  const { parameters, source } = bound;
  if (row.action !== 'rds:CreateDBInstance') return undefined;
  if (!makesMember(row, bound) || source?.engine === undefined) return engineNamed(bound);
  const engine = present(source.engine);
  return source.engine.startsWith('aurora')
    ? {
        'rds:databaseengine': engine,
        ...(isOpenTo('storage-encrypted', bound)
          ? {}
          : { 'rds:storageencrypted': present(String(parameters.storageEncrypted === true)) }),
      }
    : { 'rds:databaseengine': engine };
}

/**
 * A new database has the engine that its request names. For a copy or a restore, the key is not
 * known.
 */
function engineNamed({ operation: { reads }, parameters: { engine } }: Bound): Readonly<Record<string, Possible>> {
  return engine === undefined || reads !== undefined ? {} : { 'rds:databaseengine': present(engine.toLowerCase()) };
}

/** Whether the call creates an instance of a cluster. */
function makesMember({ action }: CallRow, { operation: { makes, reads } }: Bound): boolean {
  return action === 'rds:CreateDBInstance' && (makes === 'cluster' || reads?.flag === 'in-cluster');
}

type Instance = Extract<Source, { readonly type: 'db' }>['entry'];

function ofInstance(instance: Instance): Readonly<Record<string, Possible>> {
  const values: Readonly<Record<string, string | number | boolean | undefined>> = {
    'rds:databaseclass': instance.DBInstanceClass,
    'rds:databaseengine': instance.Engine,
    'rds:databasename': instance.DBName,
    'rds:multiaz': instance.MultiAZ,
    'rds:piops': instance.Iops,
    'rds:storageencrypted': instance.StorageEncrypted,
    'rds:storagesize': instance.AllocatedStorage,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, present(String(value))]])),
  );
}
