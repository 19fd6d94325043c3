import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { Ajv, type ValidateFunction } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { inTurn, runHere, tooWide } from '../cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const commands: readonly (readonly string[])[] = [
  ['restore', '--demo'],
  ['restore', '--demo', '--snapshot', 'orders-before-upgrade'],
  ['restore', '--demo', '--snapshot', 'ledger-monthly', '--explain'],
  ['create-snapshot', '--demo'],
  ['diagnose', '--demo'],
];

describe('text', { tags: 'slow' }, () => {
  test.each(commands.map((args) => [args.join(' '), args] as const))(
    '%s: nothing but what cannot be broken is wider than 80 columns, and color adds nothing but color',
    async (_, args) => {
      const plain = (await runHere(args)).stdout;
      expect(tooWide(plain)).toEqual([]);
      expect(plain.split('\n').length).toBeGreaterThan(3);
      const colored = (await runHere([...args, '--color', 'on'])).stdout;
      expect(plain).not.toContain('\u001B[');
      expect(colored).toContain('\u001B[');
      expect(stripVTControlCharacters(colored)).toBe(plain);
    },
  );

  test('NO_COLOR, FORCE_COLOR and --no-color are honored, in this order', async () => {
    const coloured = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> =>
      (await runHere(['restore', '--demo', ...args], { env })).stdout.includes('\u001B[');
    expect(await coloured([], { FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await coloured([], { FORCE_COLOR: '1', NO_COLOR: '' })).toBe(true);
    expect(await coloured([], { FORCE_COLOR: '0' })).toBe(false);
    expect(await coloured(['--no-color'], { FORCE_COLOR: '1' })).toBe(false);
    const path = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
    writeFileSync(path, JSON.stringify(demoEvidence));
    const { code, stdout } = await runHere(['evidence', 'check', path, '--no-color'], { env: { FORCE_COLOR: '1' } });
    expect({ code, colour: stdout.includes('\u001B[') }).toEqual({ code: 0, colour: false });
  });

  test('a reader that closes the pipe is no error', async () => {
    const child = spawn(process.execPath, [
      join(root, 'bin/aurora-kms-check.js'),
      'restore',
      '--demo',
      '--explain',
      '--output',
      'json',
    ]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });
});

describe('json', () => {
  const validBy = (name: string): ValidateFunction => {
    const json: object = JSON.parse(readFileSync(join(root, 'dist/schema', `${name}.json`), 'utf8'));
    return new Ajv({ strict: false }).compile(json);
  };
  const valid = validBy('report');

  test.each(commands.map((args) => [args.join(' '), args] as const))(
    '%s is a report by the schema that ships',
    async (_, args) => {
      const { stdout } = await runHere([...args, '--output', 'json']);
      expect(valid(JSON.parse(stdout)), JSON.stringify(valid.errors)).toBe(true);
      expect(stdout.endsWith('}\n')).toBe(true);
    },
  );

  test('the embedded evidence is evidence by the schema that ships, and a broken one is not', () => {
    const isEvidence = validBy('evidence');
    expect(isEvidence(demoEvidence), JSON.stringify(isEvidence.errors)).toBe(true);
    expect(isEvidence({ ...demoEvidence, evidenceVersion: 2 })).toBe(false);
    expect(isEvidence({ evidenceVersion: 1, accounts: { '12': {} } })).toBe(false);
  });
});

describe('exit codes', () => {
  const cannotTell = [
    'restore',
    '--demo',
    '--principal',
    'arn:aws:iam::111122223333:role/dr-restore',
    '--snapshot',
    'orders-before-upgrade',
    '--kms-key-id',
    'alias/ledger',
  ];

  test('--fail-on lets the weaker verdicts pass', { tags: 'slow' }, async () => {
    const codes = (args: readonly string[]): Promise<readonly (number | null)[]> =>
      inTurn(
        ['undetermined', 'fails', 'never'],
        async (failOn) => (await runHere([...args, '--fail-on', failOn])).code,
      );
    expect(await codes(['restore', '--demo'])).toEqual([1, 1, 0]);
    expect(await codes(cannotTell)).toEqual([2, 0, 0]);
    expect((await runHere(['restore', '--demo'])).code).toBe(1);
    expect((await runHere(cannotTell)).code).toBe(2);
  });

  test.each(['restore', 'who-can', 'audit', 'key-impact', 'preflight', 'diff', 'diagnose', 'evidence check'])(
    'are in the help of %s',
    async (command) => {
      const { stdout } = await runHere([...command.split(' '), '--help']);
      expect(stdout).toMatch(/^Exit codes:$/m);
    },
  );

  test('--help and --version are no errors', async () => {
    expect([
      (await runHere(['--help'])).code,
      (await runHere(['restore', '--help'])).code,
      (await runHere(['--version'])).code,
    ]).toEqual([0, 0, 0]);
  });
});

describe('what is loaded', { tags: 'slow' }, () => {
  let bare = '';
  beforeAll(() => {
    bare = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    for (const name of ['bin', 'dist', 'package.json']) cpSync(join(root, name), join(bare, name), { recursive: true });
    writeFileSync(join(bare, 'evidence.json'), JSON.stringify(demoEvidence));
  });
  afterAll(() => rmSync(bare, { recursive: true }));

  const inBare = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [join(bare, 'bin/aurora-kms-check.js'), ...args, '--fail-on', 'never'], {
      encoding: 'utf8',
      cwd: bare,
      env: { ...process.env, COLUMNS: '80' },
    });

  test('a run on embedded evidence needs no package at all, so it cannot load the AWS SDK', async () => {
    expect(inBare('diagnose', '--demo')).toBe((await runHere(['diagnose', '--demo'])).stdout);
  });

  test('a run on evidence files needs no package either', async () => {
    const principal = 'arn:aws:iam::111122223333:role/operator';
    const asked = ['restore', '--evidence', 'evidence.json', '--principal', principal, '--max-age', '9999d'];
    expect(inBare(...asked)).toBe((await runHere(['restore', '--demo'])).stdout);
  });
});
