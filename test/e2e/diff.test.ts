import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Ajv } from 'ajv';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DiffReport, diffReportSchema } from '../../src/contract/diff-report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { inTurn, runHere } from '../cli.ts';
import { textsOf } from '../texts.ts';

const state = '/accounts/111122223333/regions/us-east-1/kms/keys/1/KeyMetadata/KeyState';
const operatorPolicies = '/accounts/111122223333/iam/RoleDetailList/0/RolePolicyList';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  evidence('before.json');
  evidence('disabled.json', { [state]: 'Disabled' });
  evidence('unknown.json', { [state]: null });
  evidence('role-closed.json', { [operatorPolicies]: [] });
  const role = '/accounts/111122223333/iam/RoleDetailList/1';
  evidence('renamed.json', {
    [`${role}/RoleName`]: 'dr',
    [`${role}/Arn`]: 'arn:aws:iam::111122223333:role/dr',
    '/accounts/111122223333/regions/us-east-1/rds/DBClusterSnapshots/2': null,
  });
  evidence('with-mfa.json', {
    [`${role}/RolePolicyList/0/PolicyDocument/Statement/0/Condition`]: {
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    },
  });
  evidence('elsewhere.json', { '/accounts': {} });
  mkdirSync(join(folder, 'after'));
  evidence('after/account.json', { [state]: 'Disabled' });
});
afterAll(() => rmSync(folder, { recursive: true }));

function evidence(name: string, changes: Readonly<Record<string, unknown>> = {}): void {
  writeFileSync(join(folder, name), JSON.stringify(changed(demoEvidence, changes)));
}

async function diff(...args: readonly string[]) {
  return await runHere(['diff', ...args], { cwd: folder });
}

async function report(...args: readonly string[]): Promise<DiffReport> {
  const { stdout, stderr } = await diff(...args, '--output', 'json');
  expect(stderr).toBe('');
  return v.parse(diffReportSchema, JSON.parse(stdout));
}

const disabling = ['--demo', '--assume-key-state', 'alias/ledger=Disabled'];

describe('diff', () => {
  test('of two files, a file and a folder, and of evidence with an assumption finds the same', {
    tags: 'slow',
  }, async () => {
    const { changes, summary } = await report('before.json', 'disabled.json');
    expect(summary).toMatchObject({ worse: 33, fails: 16, undetermined: 17, better: 0 });
    expect((await report('before.json', 'after')).changes).toEqual(changes);
    expect((await report(...disabling)).changes).toEqual(changes);
    expect((await report('before.json', ...disabling.slice(1))).changes).toEqual(changes);
  });

  const codes: readonly (readonly [string, readonly string[], readonly [number, number, number]])[] = [
    ['nothing changes', ['before.json', 'before.json'], [0, 0, 0]],
    ['something that succeeded fails', ['before.json', 'disabled.json'], [1, 1, 0]],
    ['something that succeeded is undetermined', ['before.json', 'unknown.json'], [2, 0, 0]],
    ['everything gets better', ['disabled.json', 'before.json'], [0, 0, 0]],
    ['what was undetermined fails', ['unknown.json', 'disabled.json', '--operation', 'restore'], [0, 0, 0]],
  ];
  test.each(codes)('exits as --fail-on says when %s', { tags: 'slow' }, async (_, args, expected) => {
    const ran = await inTurn(
      ['undetermined', 'fails', 'never'],
      async (failOn) => (await diff(...args, '--fail-on', failOn)).code,
    );
    expect(ran).toEqual(expected);
    expect((await diff(...args)).code).toBe(expected[0]);
  });

  test('checks the named principals and targets', async () => {
    const narrow = await report(...disabling, '--principal', 'role/dr-restore', '--operation', 'restore');
    expect(narrow.asked).toBe(3);
    expect(narrow.changes.map(({ principal, operation }) => [principal, operation])).toEqual([
      ['arn:aws:iam::111122223333:role/dr-restore', 'restore'],
    ]);
    const two = ['--principal', 'role/operator', '--principal', 'arn:aws:sts::111122223333:assumed-role/dr-restore/a'];
    expect(new Set((await report(...disabling, ...two)).changes.map(({ principal }) => principal))).toEqual(
      new Set(['arn:aws:iam::111122223333:role/operator', 'arn:aws:sts::111122223333:assumed-role/dr-restore/a']),
    );
    const apis = await report(...disabling, '--operation', 'StopDBCluster', '--operation', 'stop-instance');
    expect(apis).toMatchObject({ asked: 12, changes: [] });
  });

  test('gives the reason of the worse of the two verdicts', async () => {
    const [worse] = (await report('before.json', 'role-closed.json')).changes;
    const [better] = (await report('role-closed.json', 'before.json')).changes;
    expect(worse).toMatchObject({ before: 'succeeds', after: 'fails' });
    expect(better).toEqual({ ...worse, before: 'fails', after: 'succeeds' });
    expect(textsOf(worse?.reasons)).toContain('o identity policy of role/operator allows rds:CreateDBClusterSnapshot');
  });

  test('counts separately what only one state has', async () => {
    expect(await report('before.json', 'renamed.json')).toMatchObject({
      changes: [],
      onlyBefore: {
        principals: ['arn:aws:iam::111122223333:role/dr-restore'],
        targets: ['arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly'],
      },
      onlyAfter: { principals: ['arn:aws:iam::111122223333:role/dr'], targets: [] },
    });
    const text = await diff('before.json', 'renamed.json');
    expect(text.code).toBe(0);
    expect(text.stdout.split('\n').slice(3)).toEqual([
      'Not compared (only in one state)',
      '  only before: 1 principal (role/dr-restore)',
      '  only before: 1 target (cluster-snapshot:ledger-monthly)',
      '  only after: 1 principal (role/dr)',
      '',
    ]);
  });

  test('checks under the given conditions', async () => {
    const args = ['before.json', 'with-mfa.json', '--principal', 'role/dr-restore', '--operation', 'restore'];
    expect((await diff(...args)).code).toBe(2);
    expect((await diff(...args, '--context', 'aws:MultiFactorAuthPresent=true')).code).toBe(0);
    expect((await diff(...args, '--context', 'aws:MultiFactorAuthPresent=false')).code).toBe(1);
  });

  test('is a report by the schema that ships', async () => {
    const schema: object = JSON.parse(readFileSync(new URL('../../dist/schema/diff.json', import.meta.url), 'utf8'));
    const valid = new Ajv({ strict: false }).compile(schema);
    expect(valid(await report(...disabling)), JSON.stringify(valid.errors)).toBe(true);
    expect(valid({ ...(await report(...disabling)), verdict: 'better' })).toBe(false);
  });

  test('as text is complete without color, and no wider than 80 columns', async () => {
    const plain = (await diff(...disabling)).stdout;
    const coloured = (await diff(...disabling, '--color', 'on')).stdout;
    expect(coloured).toContain('\u001B[');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    expect(plain.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

const wrongs: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['no evidence', [], ['no evidence file given', 'or use --demo']],
  ['nothing to compare with', ['before.json'], ['the second state is missing', '--assume-policy']],
  [
    'too much to compare with',
    ['before.json', 'disabled.json', ...disabling.slice(1)],
    ['both a second file and --assume-'],
  ],
  ['the example and a file', [...disabling, 'before.json'], ['--demo is already the first state']],
  ['no such file', ['before.json', 'nowhere.json'], ['nowhere.json: no such file or folder']],
  ['standard input twice', ['-', '-'], ['given twice']],
  ['nothing in common', ['before.json', 'elsewhere.json'], ['have no user or role in common', 'same account']],
  [
    'a principal that only one of them holds',
    ['before.json', 'renamed.json', '--principal', 'role/dr-restore'],
    ['have no user or role in common'],
  ],
  ['a principal that is not there', [...disabling, '--principal', 'role/oprator'], ['there are', 'role/operator']],
  ['no principal', [...disabling, '--principal', 'role/'], ['is not the ARN of a user']],
  ['an unknown operation', [...disabling, '--operation', 'restor'], ['unknown operation `restor`', 'restore']],
  ['an operation that needs more', [...disabling, '--operation', 'export-snapshot'], ['export-snapshot cannot be']],
  [
    'an assumption about nothing',
    ['--demo', '--assume-key-state', 'alias/x=Disabled'],
    ['no KMS key `alias/x` was read'],
  ],
];

describe('what cannot be compared is refused', () => {
  test.each(wrongs)('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await diff(...args);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});
