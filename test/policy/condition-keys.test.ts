import { describe, expect, test } from 'vitest';
import { serviceWithPrefix } from '../../src/operations/action-table.ts';
import { conditionKey, conditionKeys } from '../../src/policy/condition-keys.ts';

const types: Readonly<Record<string, string>> = {
  String: 'text',
  Numeric: 'number',
  Bool: 'bool',
  Date: 'date',
  ARN: 'arn',
  IPAddress: 'ip',
};

describe.each(['kms', 'rds'])('the keys of %s', (service) => {
  const known = [...(serviceWithPrefix(service)?.keys ?? [])].filter(([name]) => name.startsWith(`${service}:`));

  test('are those of the Service Authorization Reference, with the same types', () => {
    expect(known.length).toBeGreaterThan(20);
    const ours = known.map(([name]) => {
      const row = conditionKey(name.replace('*', 'x').toLowerCase());
      return [name, row?.type, row?.many === true];
    });
    const theirs = known.map(([name, type]) => [name, types[type.replace('ArrayOf', '')], type.startsWith('ArrayOf')]);
    expect(ours).toEqual(theirs);
  });
});

test('no key is listed twice', () => {
  const names = conditionKeys.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});
