import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { anonymize } from '../../src/anonymize/anonymize.ts';
import { takeInventory } from '../../src/answer/inventory.ts';
import { isJson, isList } from '../../src/base/json.ts';
import { readingPolicy } from '../../src/collect/permissions.ts';
import { recipe } from '../../src/collect/recipe.ts';
import {
  backupReads,
  backupRows,
  evidenceFields,
  type Fields,
  fieldsWithin,
  iamRead,
  iamRows,
  identityOf,
  isForNoCheck,
  keyIdsIn,
  keyRows,
  type List,
  listWithin,
  rdsRows,
} from '../../src/evidence/lists.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { merge } from '../../src/evidence/merge.ts';
import { policyFaults } from '../../src/evidence/policy-faults.ts';
import { evidenceText } from '../../src/evidence/save.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { inventoryText } from '../../src/report/inventory.ts';
import { plain } from '../../src/report/style.ts';
import { isDocument, sampleOf, spotsOf } from './schema-walk.ts';

/** A list with a row in the table, and the path of the list. */
interface Placed {
  readonly path: string;
  readonly list: List;
}

/** Every list with a row in the table. */
function listsIn(fields: Fields, path: string): readonly Placed[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const within = Object.entries(fields.lists ?? {}).flatMap(([name, list]) => [
    { path: at(name), list },
    ...listsIn(list, `${at(name)}[]`),
  ]);
  const objects = Object.entries(fields.objects ?? {}).flatMap(([name, inner]) => listsIn(inner, at(name)));
  return [...within, ...objects, ...(fields.each === undefined ? [] : listsIn(fields.each, at('*')))];
}

/** The fields of every object that the table describes. */
function allFields(fields: Fields): readonly Fields[] {
  const within = [...Object.values(fields.lists ?? {}), ...Object.values(fields.objects ?? {})];
  return [fields, ...[...within, ...(fields.each === undefined ? [] : [fields.each])].flatMap(allFields)];
}

const spots = spotsOf(evidenceSchema);
const placed = listsIn(evidenceFields, '');
/** Fields that are not names for the anonymizer. */
const plainFields = new Set(
  allFields(evidenceFields).flatMap(({ words = [], answers = [] }) => [...words, ...answers]),
);

/** The fields in the table for an object of the schema, by the object's path. */
function fieldsAt(path: string): Fields {
  let fields = evidenceFields;
  for (const part of path.split('.').filter((name) => name !== '')) {
    const name = part.replace('[]', '');
    fields = (part.endsWith('[]') ? listWithin(fields, name) : fieldsWithin(fields, name)) ?? fields;
  }
  return fields;
}

describe('the table of lists', () => {
  test('has exactly one row for each list of the schema', () => {
    const lists = spots.filter(({ schema }) => schema['type'] === 'array').map(({ path }) => path);
    expect(lists.length).toBeGreaterThan(30);
    expect(placed.map(({ path }) => path).toSorted()).toEqual(lists.toSorted());
  });

  test.each(placed)('distinguishes the items of $path by a field of the schema', ({ path, list }) => {
    const item = spots.find((spot) => spot.path === `${path}[]`);
    const known = spots.filter((spot) => spot.path.startsWith(`${path}[].`)).map((spot) => spot.path);
    if (list.identity === undefined) expect(list.ordered === true || item?.schema['type'] === 'string').toBe(true);
    else expect(known).toContain(`${path}[].${list.identity}`);
  });

  test('speaks of no field that the schema does not have', () => {
    const names = new Set(spots.map(({ path }) => path.slice(path.lastIndexOf('.') + 1).replace('[]', '')));
    const named = allFields(evidenceFields).flatMap(({ words = [], policies = [], answers = [], objects = {} }) => [
      ...words,
      ...policies,
      ...answers,
      ...Object.keys(objects),
    ]);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  const documents = spots.filter(({ schema }) => isDocument(schema)).map(({ path }) => path);

  // What a trust policy with a fault says is unknown.
  test.each(documents.filter((path) => !path.endsWith('.AssumeRolePolicyDocument')))(
    'finds a fault of the policy %s',
    (path) => {
      expect(policyFaults(one)).toEqual([]);
      expect(policyFaults(changed(one, path, () => 'no policy'))).toMatchObject([
        { says: expect.stringContaining('is not JSON') },
      ]);
    },
  );

  test('names every field that holds a policy', () => {
    expect(documents.length).toBeGreaterThan(5);
    const unnamed = documents.filter((path) => {
      const dot = path.lastIndexOf('.');
      return fieldsAt(path.slice(0, dot)).policies?.includes(path.slice(dot + 1)) !== true;
    });
    expect(unnamed).toEqual([]);
  });
});

/**
 * Names that may contain any character, and texts that are never printed as a part of a command.
 */
const free = [
  ...['DBName', 'TdeCredentialArn', 'SourceArn', 'ExportTaskIdentifier'],
  ...['GranteePrincipal', 'RetiringPrincipal', 'IssuingAccount', 'AttributeValues[]'],
  ...['Resources[]', 'NotResources[]', 'ConditionKey', 'ConditionValue'],
  ...['Key', 'Value', 'TagKey', 'TagValue', 'scps[].name', 'rcps[].name', 'EncryptionContextEquals.*'],
  ...['EncryptionContextSubset.*', 'gaps[].account', 'gaps[].resource'],
];

test('every other name of the schema is checked for the characters that AWS allows', () => {
  const unchecked = spots.filter(({ path, schema }) => {
    const field = path.slice(path.lastIndexOf('.') + 1);
    if (schema['type'] !== 'string' || 'pipe' in schema || plainFields.has(field.replace('[]', ''))) return false;
    return !free.some((one) => path === one || path.endsWith(`.${one}`));
  });
  expect(unchecked.map(({ path }) => path)).toEqual([]);
});

/**
 * Evidence with every field of the schema, one item in each list, and texts that contain `name`.
 */
function sample(name: string): Evidence {
  return v.parse(evidenceSchema, sampleOf(evidenceSchema, name));
}

/** All values at a path of the table. */
function valuesAt(value: unknown, path: string): readonly unknown[] {
  const [part = '', ...rest] = path.split('.');
  const more = rest.join('.');
  const name = part.replace('[]', '');
  const found = !isJson(value) ? [] : name === '*' ? Object.values(value) : [value[name]];
  const items = part.endsWith('[]') ? found.flatMap((list) => (isList(list) ? list : [])) : found;
  return more === '' ? items : items.flatMap((item) => valuesAt(item, more));
}

/** The value with a change to every value at a path of the table. */
function withAt(value: unknown, path: string, change: (value: unknown) => unknown): unknown {
  const [part = '', ...rest] = path.split('.');
  const more = rest.join('.');
  const name = part.replace('[]', '');
  const next = (inner: unknown): unknown => (more === '' ? change(inner) : withAt(inner, more, change));
  const inner = (one: unknown): unknown => (part.endsWith('[]') && isList(one) ? one.map(next) : next(one));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, one]) => [field, name === '*' || name === field ? inner(one) : one]),
  );
}

function changed(evidence: Evidence, path: string, change: (value: unknown) => unknown): Evidence {
  return v.parse(evidenceSchema, withAt(evidence, path, change));
}

function onlyList(evidence: Evidence, path: string): readonly unknown[] {
  const [list, ...others] = valuesAt(evidence, path);
  if (!isList(list) || others.length > 0) throw new Error(`there is not one list at ${path}`);
  return list;
}

const one = sample('zebra');
const other = sample('quagga');
const [account = ''] = Object.keys(one.accounts);
const [region = ''] = Object.keys(one.accounts[account]?.regions ?? {});

/** Top-level lists of the evidence. A list inside an item is saved as a part of the item. */
const outer = placed.filter(({ path }) => !path.includes('[]') && !path.includes('.organization.'));

describe('merging', () => {
  test.each(outer)('joins $path of two files', ({ path }) => {
    const list = [...onlyList(one, path), ...onlyList(other, path)];
    const second = changed(one, path, () => onlyList(other, path));
    expect(onlyList(merge([file('a', one), file('b', second)]), path)).toEqual(list);
  });

  test.each(outer.filter(({ list }) => list.identity !== undefined))('refuses two items of $path', ({ path }) => {
    const saying = (Extra: string): Evidence =>
      changed(one, `${path}[]`, (item) => ({ ...(isJson(item) ? item : {}), Extra }));
    expect(() => merge([file('a', saying('one thing')), file('b', saying('another'))])).toThrow(
      'a and b contradict each other',
    );
    expect(onlyList(merge([file('a', one), file('b', one)]), path)).toHaveLength(1);
  });

  function file(from: string, evidence: Evidence) {
    return { from, evidence };
  }
});

describe('reading', () => {
  const identified = placed.filter(({ list }) => list.identity !== undefined);

  test.each(identified)('refuses two items of $path in one file', ({ path }) => {
    const [item] = onlyList(one, path);
    const twice = changed(one, path, () => [item, { ...(isJson(item) ? item : {}), Extra: 'something' }]);
    const where = path.replaceAll('[]', '[0]').replace('*', account).replace('*', region);
    expect(() => parseEvidence('a.json', JSON.stringify(twice))).toThrow(`a.json: \`${where}[0]\` and \`${where}[1]\``);
  });

  test('accepts evidence that has everything once', () => {
    expect(parseEvidence('a.json', JSON.stringify(one))).toEqual(one);
  });
});

describe('saving', () => {
  test.each(placed)('orders $path unless the order means something', ({ path, list }) => {
    const items = [...onlyList(one, path), ...onlyList(other, path)];
    const [forth, back] = [items, items.toReversed()].map((some) => evidenceText(changed(one, path, () => some)));
    expect(forth === back).toBe(list.ordered !== true);
  });
});

describe('anonymizing', () => {
  const anonymous = anonymize([one])[0] ?? one;

  test.each(placed)('replaces the names in $path, and leaves the words', ({ path, list }) => {
    for (const field of list.words ?? [])
      expect(valuesAt(anonymous, `${path}[].${field}`)).toEqual(valuesAt(one, `${path}[].${field}`));
    expect(onlyList(anonymous, path)).toHaveLength(1);
    if (plainFields.has(path.slice(path.lastIndexOf('.') + 1))) return;
    const names = (item: unknown) =>
      JSON.stringify(item, (name, value: unknown) => (plainFields.has(name) ? 0 : value));
    expect(names(onlyList(anonymous, path))).not.toContain('zebra');
  });

  test('leaves the code of what AWS answered', () => {
    const failed = changed(one, 'gaps[].reason', () => 'AccessDenied: User zebra is not authorized');
    expect(valuesAt(anonymize([failed])[0], 'gaps[].reason')).toEqual(['AccessDenied']);
  });
});

describe('reading AWS', () => {
  const script = recipe();

  test.each([...rdsRows, ...keyRows, ['iam', iamRead] as const])(
    '%s is part of the recipe',
    (name, { command, action }) => {
      expect(script).toContain(command);
      expect(script).toContain(` ${action} `);
      expect(script).toContain(name);
    },
  );

  test.each(backupReads)('$action is part of the recipe', ({ action, command }) => {
    expect(script).toContain(` ${action} `);
    expect(script).toContain(command);
  });

  const ofBackup = backupReads.map((read) => [read.action, read] as const);
  test.each([...rdsRows, ...keyRows, ['iam', iamRead] as const, ...ofBackup])(
    'the policy that reading %s needs allows it',
    (_, { action, modes }) => {
      const allowing = (['check', 'collect'] as const).filter((mode) =>
        readingPolicy(mode, []).Statement.some((statement) => statement.Action.includes(action)),
      );
      expect(allowing).toEqual(modes);
    },
  );

  test.each(iamRows)('the command for IAM prints %s', (name, { query }) => {
    expect(iamRead.command).toContain(`${name}: ${query}`);
  });
});

describe('taking stock', () => {
  const now = '2026-11-02T09:00:00Z';

  const forNoCheck = rdsRows.filter(([, { use }]) => isForNoCheck(use));

  test.each(rdsRows)('says that %s is missing, which operations want it and how it is read', (name, row) => {
    const { command, more = command } = row;
    const less = changed(one, `accounts.*.regions.*.rds.${name}`, () => undefined);
    const missing = takeInventory(less, [], now).missing.filter(({ what }) => what.includes(name));
    expect(missing).toMatchObject([{ account, region, command: expect.stringContaining(command) }]);
    // All commands together print the complete list.
    expect(missing[0]?.command).toContain(more);
    expect(missing[0]?.operations.length).toBeGreaterThan(0);
  });

  test.each(forNoCheck)('says that only key-impact lacks %s, which no check reads', (name, { modes }) => {
    const less = changed(one, `accounts.*.regions.*.rds.${name}`, () => undefined);
    const missing = takeInventory(less, [], now).missing.filter(({ what }) => what.includes(name));
    expect(missing).toMatchObject([{ operations: ['key-impact'], effect: 'undetermined' }]);
    expect(modes).toEqual(['collect']);
  });

  test.each(backupRows)('says that audit or key-impact lacks %s', (name, { command, use }) => {
    const less = changed(one, `accounts.*.regions.*.backup.${name}`, () => undefined);
    const missing = takeInventory(less, [], now).missing.filter(({ what }) => what === `list ${name}`);
    expect(missing).toMatchObject([{ operations: use.commands, command: expect.stringContaining(command) }]);
  });

  test.each(keyRows)('says that %s of a key is missing', (name, { command }) => {
    const less = changed(one, `accounts.*.regions.*.kms.keys[].${name}`, () => undefined);
    const missing = takeInventory(less, [], now).missing.filter(({ what }) => what.startsWith(`${name} of `));
    expect(missing).toMatchObject([{ account, region, command: expect.stringContaining(command) }]);
  });

  test.each(rdsRows.filter(([, { use }]) => 'type' in use))('says that the key of an item of %s is missing', (name) => {
    const key = `arn:aws:kms:${region}:${account}:key/of-${name}`;
    const item = (value: unknown) => ({ ...(isJson(value) ? value : {}), KmsKeyId: key });
    const { missing } = takeInventory(changed(one, `accounts.*.regions.*.rds.${name}[]`, item), [], now);
    expect(missing.filter(({ what }) => what === `key of-${name}`)).toMatchObject([
      { account, region, command: `aws kms describe-key --query KeyMetadata --region ${region} --key-id ${key}` },
    ]);
  });

  test.each([...iamRows, ...rdsRows, ...backupRows].filter(([, { noun }]) => noun !== undefined))(
    'counts %s',
    (name, { noun = '' }) => {
      const text = inventoryText(
        takeInventory(one, [{ from: 'a.json' }], now),
        { paint: plain, width: 500, verbose: true },
        24,
      );
      const together = [...iamRows, ...rdsRows, ...backupRows].filter(([, row]) => row.noun === noun).length;
      expect(text).toMatch(new RegExp(`\\b${together} ${noun}`));
      expect(name).not.toBe('');
    },
  );
});

describe('keys other than the key of the storage', () => {
  test.each(rdsRows.filter(([, { otherKeys }]) => otherKeys !== undefined))(
    '%s names them',
    (name, { otherKeys = [] }) => {
      const list = onlyList(one, `accounts.*.regions.*.rds.${name}`);
      expect(keyIdsIn(list, otherKeys)).toHaveLength(otherKeys.length);
    },
  );

  test('every field of RDS that names a key is read', () => {
    const named = spots.flatMap(
      ({ path }) => /^accounts\.\*\.regions\.\*\.rds\.(\w+)\[\]\.(.*kmskeyid)$/i.exec(path) ?? [],
    );
    const all = named.filter((_, index) => index % 3 !== 0);
    const fields = all.flatMap((list, index) => (index % 2 === 0 ? [`${list} ${all[index + 1] ?? ''}`] : []));
    const held = rdsRows.flatMap(([name, { use, otherKeys = [] }]) => [
      ...('type' in use ? [`${name} KmsKeyId`] : []),
      ...otherKeys.map((path) => `${name} ${path}`),
    ]);
    expect(fields.toSorted()).toEqual(held.toSorted());
  });
});

test('an identity is looked up along its path', () => {
  const list = { identity: 'KeyMetadata.Arn' };
  expect(identityOf(list, { KeyMetadata: { Arn: 'x' } })).toBe('x');
  expect(identityOf(list, { KeyMetadata: null })).toBe('{"KeyMetadata":null}');
  expect(identityOf({}, 'text')).toBe('"text"');
});
