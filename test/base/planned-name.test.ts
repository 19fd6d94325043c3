import { expect, test } from 'vitest';
import { kmsArn, rdsArn, shortName } from '../../src/base/arn.ts';
import {
  addressOfPlannedKey,
  beginningOfPlanned,
  plannedAlias,
  plannedKeyId,
  plannedName,
  withAddress,
} from '../../src/base/planned-name.ts';

const place = { account: '111122223333', region: 'eu-west-1' };

test.each([
  'aws_kms_key.orders',
  'module.a.aws_kms_key.this[0]',
  'module.db["eu/1"].aws_kms_external_key.k["a:b*?${c}"]',
  'aws_kms_key.k["é (1) ~!\'"]',
])('%s is how the key is called, and nothing in its ARN is read in another way', (address) => {
  const id = plannedKeyId(address);
  expect(id).toMatch(/^[\w.%-]+$/);
  expect(shortName(kmsArn(place, `key/${id}`))).toBe(address);
  expect(shortName(kmsArn(place, `key/mrk-${id}`))).toBe(address);
});

test('keys of two addresses have two IDs', () => {
  expect(plannedKeyId('aws_kms_key.k["a b"]')).not.toBe(plannedKeyId('aws_kms_key.k["a-b"]'));
});

test('what is no address stays as it is', () => {
  expect(plannedKeyId('aws_kms_key.k["\ud800"]')).toBe('aws_kms_key.k%5B%22-%22%5D');
  for (const resource of ['key/k1', 'key/mrk-1', 'key/aws_kms_%zz', 'alias/aws_kms_key.k'])
    expect(addressOfPlannedKey(resource)).toBeUndefined();
});

test.each([
  ['cluster', ''],
  ['cluster', 'tf-'],
  ['db', 'orders-'],
  ['cluster-snapshot', ''],
  ['snapshot', 'aws-module-'],
])('of a planned %s with the beginning "%s", the beginning alone is known', (type, beginning) => {
  const arn = rdsArn(place, `${type}:${plannedName('module.a["B"].aws_rds_cluster.c[0]', beginning)}`);
  expect(arn).toBe(arn.toLowerCase());
  expect(beginningOfPlanned(arn)).toBe(rdsArn(place, `${type}:${beginning}`));
});

test('what has a name is known to its end', () => {
  for (const resource of ['cluster:orders', 'db:module-1', 'cluster-snapshot:rds:aws-2026', 'subgrp:aws_rds_cluster.c'])
    expect(beginningOfPlanned(rdsArn(place, resource))).toBeUndefined();
});

test('a placeholder is shown with the address, and any other name as it is', () => {
  const address = 'module.a["b"].aws_rds_cluster.c[0]';
  expect(withAddress(plannedName(address, 'tf-'))).toBe(`tf-${address}`);
  expect(shortName(rdsArn(place, `cluster:${plannedName(address, '')}`))).toBe(`cluster:${address}`);
  expect(withAddress(plannedAlias('aws_kms_alias.a["b"]', 'alias/'))).toBe('alias/aws_kms_alias.a["b"]');
  for (const name of ['orders', 'rds:orders-2026', 'aws_kms_%zz', 'a%5Bb']) expect(withAddress(name)).toBe(name);
});
