import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { remembered } from '../../src/base/remembered.ts';
import { keyNamed } from '../../src/evidence/named.ts';
import { findSource } from '../../src/evidence/sources.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { exampleEvidence, reportOn } from '../preflight-case.ts';

/* Resources that a plan creates go by their addresses, as the configuration writes them. */

const after = remembered((name: string) => {
  const text = readFileSync(new URL(`../cases/plan/plans/written/${name}.json`, import.meta.url), 'utf8');
  const plans = [{ from: 'plan.json', plan: readPlan('plan.json', text) }];
  return plannedState(exampleEvidence(), plans, { region: undefined, principal: undefined }).evidence;
});

const who = { who: 'user/administrator', can: 'kms:PutKeyPolicy' };

test.each([
  ['a key', 'for-each-keys', { ...who, key: 'aws_kms_key.k["x"]' }],
  ['keys that a pattern matches', 'for-each-keys', { ...who, key: 'aws_kms_key.k*' }],
  [
    'a cluster',
    'other-instance-source',
    { who: 'user/administrator', can: 'create-snapshot', cluster: 'aws_rds_cluster.c[1]' },
  ],
])('an expectation names %s by the address', (_, plan, fields) => {
  const [found] = reportOn(after(plan), [fields], { now: '2026-11-26T12:00:00Z' }).expectations;
  expect(found?.outcome).not.toBe('broken');
  expect(found?.says).not.toContain('%');
});

test.each([
  ['a key', 'for-each-keys', { ...who, key: 'aws_kms_key.k["z"]' }, 'aws_kms_key.k["x"]'],
  [
    'a cluster',
    'other-instance-source',
    { who: 'user/administrator', can: 'create-snapshot', cluster: 'aws_rds_cluster.d[1]' },
    'aws_rds_cluster.c[1]',
  ],
])('the suggestion for %s is an address', (_, plan, fields, address) => {
  const [found] = reportOn(after(plan), [fields], { now: '2026-11-26T12:00:00Z' }).expectations;
  expect(found?.lacks[0]?.text).toContain(`did you mean ${address}`);
  expect(found?.lacks[0]?.text).not.toContain('%');
});

const place = { account: '111122223333', region: 'eu-west-1' };

test('a flag takes the address of a key or a cluster, and its error suggests addresses', () => {
  const keys = after('for-each-keys');
  const [one, other] = ['x', 'y'].map((name) => keyNamed(keys, `aws_kms_key.k["${name}"]`, '--key').KeyMetadata.Arn);
  expect(one).not.toBe(other);
  expect(() => keyNamed(keys, 'aws_kms_key.k["z"]', '--key')).toThrow('`aws_kms_key.k["x"]`');
  const wanted = { types: ['cluster'], flag: '--cluster' } as const;
  const clusters = after('other-instance-source');
  expect(findSource(clusters, place, { ...wanted, name: 'aws_rds_cluster.c[1]' }).arn).toContain('c%5b1%5d');
  expect(() => findSource(clusters, place, { ...wanted, name: 'aws_rds_cluster.d' })).toThrow('`aws_rds_cluster.c[1]`');
});
