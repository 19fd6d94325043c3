import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { runHere } from '../cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function policy(effect: string, action: string, condition?: unknown): string {
  const statement = { Effect: effect, Action: action, Resource: '*', ...(condition ? { Condition: condition } : {}) };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** The example, in which every right of operator has a condition. */
function evidence(condition: unknown): string {
  const path = join(folder, 'evidence.json');
  const inline = { PolicyName: 'under-condition', PolicyDocument: JSON.parse(policy('Allow', 'rds:*', condition)) };
  const at = '/accounts/111122223333/iam/RoleDetailList/0/RolePolicyList';
  writeFileSync(path, JSON.stringify(changed(demoEvidence, { [at]: [inline] })));
  return path;
}

const asking = ['create-snapshot', '--cluster', 'orders', '--principal', 'role/operator'];

async function verdict(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runHere([...asking, ...args, '--output', 'json']);
  expect(stderr).toBe('');
  return v.parse(reportSchema, JSON.parse(stdout)).verdict;
}

describe('what is known of the session', () => {
  test.each([
    ['--session-tag team=dba', { StringEquals: { 'aws:PrincipalTag/team': 'dba' } }, 'aws:PrincipalTag/team=dba'],
    ['--mfa', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, 'aws:MultiFactorAuthPresent=true'],
    ['--source-ip 203.0.113.7', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, 'aws:SourceIp=203.0.113.7'],
    ['--vpc-endpoint vpce-0a1b', { StringEquals: { 'aws:SourceVpce': 'vpce-0a1b' } }, 'aws:SourceVpce=vpce-0a1b'],
  ])('%s is the same as its --context', { tags: 'slow' }, async (flags, condition, context) => {
    const from = ['--evidence', evidence(condition)];
    expect(await verdict(from)).not.toBe('succeeds');
    expect(await verdict([...from, '--context', context])).toBe('succeeds');
    expect(await verdict([...from, ...flags.split(' ')])).toBe('succeeds');
    expect(await verdict([...from, ...flags.split(' '), '--context', context])).toBe('succeeds');
  });

  test.each([
    ['through a VPC endpoint', 'aws:SourceVpce=vpce-0a1b', { Null: { 'aws:SourceIp': 'true' } }],
    ['through a VPC', 'aws:SourceVpc=vpc-0a1b', { Null: { 'aws:SourceIp': 'true' } }],
    ['from a private address', 'aws:VpcSourceIp=10.0.0.1', { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    ['from a public address', 'aws:SourceIp=203.0.113.7', { Null: { 'aws:SourceVpce': 'true' } }],
    ['from another public address', 'aws:SourceIp=203.0.113.7', { Null: { 'aws:VpcSourceIp': 'true' } }],
  ])('a request %s does not carry the keys of the other way', async (_, context, condition) => {
    const from = ['--evidence', evidence(condition)];
    expect(await verdict(from)).not.toBe('succeeds');
    expect(await verdict([...from, '--context', context])).toBe('succeeds');
  });

  test('a request through a VPC endpoint has no address that an Allow could match', async () => {
    const from = ['--evidence', evidence({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })];
    expect(await verdict([...from, '--vpc-endpoint', 'vpce-0a1b'])).toBe('fails');
  });

  test('a session policy bounds what the role may do', async () => {
    expect(await verdict(['--demo'])).toBe('succeeds');
    expect(await verdict(['--demo', '--session-policy', policy('Allow', 'rds:*')])).toBe('succeeds');
    expect(await verdict(['--demo', '--session-policy', policy('Allow', 's3:*')])).toBe('fails');
    const path = join(folder, 'session-policy.json');
    writeFileSync(path, policy('Deny', 'rds:*'));
    expect(await verdict(['--demo', '--session-policy', path])).toBe('fails');
  });
});

describe('a fault in the facts of the session is reported', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['a contradiction', ['--mfa', '--context', 'aws:multifactorauthpresent=false'], '--mfa sets'],
    ['two ways by which requests come', ['--source-ip', '10.0.0.1', '--vpc-endpoint', 'vpce-1'], 'cannot be used with'],
    ['no address', ['--source-ip', 'home'], 'such as 203.0.113.7'],
    ['an address with a number too large', ['--source-ip', '999.1.1.1'], 'such as 203.0.113.7'],
    ['no endpoint', ['--vpc-endpoint', 'home'], 'such as vpce-'],
    ['no tag', ['--session-tag', 'team'], 'such as team=dba'],
    ['a tag twice', ['--session-tag', 'team=a', '--session-tag', 'team=b'], 'give aws:PrincipalTag/team once'],
    ['no policy file', ['--session-policy', 'nowhere.json'], 'check the path given with --session-policy'],
    ['no policy', ['--session-policy', '{"Statement": 1}'], '--session-policy: '],
    ['a fault in it', ['--session-policy', policy('Permit', 'rds:*')], '--session-policy: `Statement[0]'],
    ['a user', ['--session-tag', 'a=b', '--principal', 'user/administrator'], 'is a user'],
  ];
  test.each(cases)('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await runHere([...asking, '--demo', ...args]);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});
