import type { Source } from '../evidence/sources.ts';
import type { CallRow } from '../operations/operation.ts';
import { absent, type Possible, present, unknown } from '../policy/possible.ts';
import type { Bound } from './bind.ts';

/*
 * The condition keys that RDS itself defines: what a request says, and what is known of DB
 * instances (rds-kms-operations 1.2).
 */

type Lookup = (keyId: string) => Possible | undefined;

/**
 * Keys of the action: tags and parameters of the request. What the action does not carry is absent;
 * what the question does not tell is unknown.
 */
export function requestKeys(row: CallRow, { parameters, operation }: Bound): Lookup {
  const tags = Object.entries(parameters.tags ?? {});
  const ofTag = (name: string): Possible => {
    const found = tags.find(([tag]) => tag.toLowerCase() === name);
    return found === undefined ? absent : present(found[1]);
  };
  const notAsked: Possible = { absent: true, values: [['false']] };
  // What a request that names a key and leaves StorageEncrypted out carries is not said.
  const encrypted = parameters.kmsKeyId === undefined ? notAsked : unknown;
  const asksForEncryption = operation.parameters.includes('storage-encrypted');
  const known: Readonly<Record<string, Possible>> = {
    'aws:tagkeys': tags.length === 0 ? absent : present(...tags.map(([tag]) => tag)),
    ...(asksForEncryption
      ? { 'rds:storageencrypted': parameters.storageEncrypted === true ? present('true') : encrypted }
      : {}),
    'rds:managemasteruserpassword': parameters.manageMasterUserPassword === true ? present('true') : notAsked,
  };
  const carried = (row.keys ?? []).map((key) => key.toLowerCase());
  const sends = new Map(Object.entries(row.sends ?? {}).map(([key, values]) => [key.toLowerCase(), values]));
  return (keyId) => {
    const sent = sends.get(keyId);
    if (sent !== undefined) return { absent: false, values: sent.map((value) => [value]) };
    const key = carried.find((one) => one === keyId || (one.endsWith('/') && keyId.startsWith(one)));
    if (key === undefined) return undefined;
    return key.endsWith('/') ? ofTag(keyId.slice(key.length)) : (known[keyId] ?? unknown);
  };
}

/**
 * Keys of DB instances. Of one that is made they are said to be wrong at times, so that they are
 * not known (rds-kms-operations 1.2).
 */
export function resourceKeys(row: CallRow, { source }: Bound): Lookup {
  if (row.on !== 'db' && row.on !== 'new db') return () => undefined;
  const known = row.on === 'db' && source?.type === 'db' ? ofInstance(source.entry) : undefined;
  return (keyId) => (instanceKeys.includes(keyId) ? (known?.[keyId] ?? unknown) : undefined);
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
