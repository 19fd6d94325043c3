// @module-tag slow
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const asked = ['restore', '--demo', '--snapshot', 'ledger-monthly', '--principal', 'role/dr-restore'];

interface Run {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: string;
}

/** Runs the program with its caches below `home`. Variables in `env` take precedence. */
function ran(home: string, { args = asked, env = {}, script = at('bin/aurora-kms-check.js') }: Run = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
  });
  return { code: status, stdout, stderr };
}

const newHome = (): string => mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
const folderOf = (home: string): string => join(home, '.cache/aurora-kms-check');
const cachesIn = (home: string): readonly string[] => readdirSync(folderOf(home));

describe('the cache of compiled code of the program', () => {
  const plain = ran(newHome(), { env: { NODE_DISABLE_COMPILE_CACHE: '1' } });

  /** A home folder after a first run. */
  const first = newHome();
  const firstRan = ran(first);

  /** Gives a home folder the cache that a first run writes. */
  function cached(home: string): string {
    const [name = '', ...others] = cachesIn(first);
    expect(others).toEqual([]);
    mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
    copyFileSync(join(folderOf(first), name), join(folderOf(home), name));
    return join(folderOf(home), name);
  }

  test('lies where only the user can write, and changes no answer', () => {
    const paths = cachesIn(first).map((name) => join(folderOf(first), name));
    expect([folderOf(first), ...paths].map((path) => lstatSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    const before = paths.map((path) => readFileSync(path));
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect([firstRan, ran(first)]).toEqual([plain, plain]);
    const now = cachesIn(first).map((name) => readFileSync(join(folderOf(first), name)));
    expect(now.map((bytes, index) => bytes.equals(before[index] ?? Buffer.alloc(0)))).toEqual(before.map(() => true));
  });

  test('grows with a run of another kind', () => {
    const home = newHome();
    const path = cached(home);
    const sizeAfter = (...options: readonly string[]): number => {
      expect(ran(home, { args: ['restore', '--demo', ...options] }).code).toBe(1);
      return readFileSync(path).length;
    };
    const swept = sizeAfter();
    // Both commands fail, but a sweep does not search for fixes, so it uses less code.
    expect(sizeAfter('--snapshot', 'orders-before-upgrade')).toBeGreaterThan(swept * 1.05);
    expect(cachesIn(home).length).toBe(1);
  });

  test('keeps the AWS SDK separately after a run that reads from AWS', () => {
    const home = newHome();
    cached(home);
    expect(ran(home, { args: ['restore', '--snapshot', 'x'] }).code).toBe(253);
    expect(cachesIn(home).map((name) => name.replace(/-.*/, ''))).toEqual(['main.cjs', 'sdk.cjs']);
  });

  test('is replaced if it holds other code', () => {
    const home = newHome();
    const path = cached(home);
    writeFileSync(path, Buffer.from(`[0]\n${'x'.repeat(100_000)}`));
    expect(ran(home)).toEqual(plain);
    expect(readFileSync(path, 'latin1')).not.toContain('xxx');
    expect(readFileSync(path).length).toBeGreaterThan(100_000);
  });
});

/*
 * What the cache keeps of a bundle, and where the cache is. A bundle of a few lines replaces the
 * program, because the program takes ten times as long to start. This bundle exits with the code in
 * CODE.
 */
describe('the cache of compiled code', () => {
  const folder = newHome();
  const script = join(folder, 'start.cjs');
  writeFileSync(script, `require(${JSON.stringify(at('dist/cli/start.cjs'))}).start(require.resolve('./main.cjs'));\n`);
  writeFileSync(
    join(folder, 'main.cjs'),
    "exports.main = async () => { process.stdout.write('answer'); return Number(process.env.CODE ?? 0); };\n",
  );
  const started = (home: string, args = ['restore'], env: Run['env'] = {}) => ran(home, { args, env, script });
  const answer = { code: 0, stdout: 'answer', stderr: '' };
  const first = newHome();
  started(first);
  const [cache = ''] = cachesIn(first);
  const whole = readFileSync(join(folderOf(first), cache));

  /** The cache file in a new home folder, with this content. */
  function cached(content = whole): { readonly home: string; readonly path: string } {
    const home = newHome();
    mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
    const path = join(folderOf(home), cache);
    writeFileSync(path, content);
    return { home, path };
  }

  test('learns from each kind of run once', () => {
    const { home, path } = cached();
    const runs: [args: string[], known: string[]][] = [
      [[], ['0']],
      [
        ['--demo', '--snapshot', 'x'],
        ['0', '0 --demo --snapshot'],
      ],
      [
        ['--snapshot=y', '--demo', '--demo'],
        ['0', '0 --demo --snapshot'],
      ],
      [
        ['--demo', '-o', 'json'],
        ['0', '0 --demo --snapshot', '0 --demo -o'],
      ],
    ];
    for (const [options, known] of runs) {
      expect(started(home, ['restore', ...options])).toEqual(answer);
      const [line = ''] = readFileSync(path, 'latin1').split('\n');
      expect(JSON.parse(line)).toEqual(known);
    }
    expect(started(home, ['restore'], { CODE: '1' }).code).toBe(1);
    expect(readFileSync(path, 'latin1')).toMatch(/^\["0","0 --demo --snapshot","0 --demo -o","1"\]\n/);
    expect(cachesIn(home)).toEqual([cache]);
  });

  test('is one for each command, and none for a mistake', () => {
    const { home } = cached();
    const codes = [[], ['--version'], ['../x']].map((args) => started(home, args).code);
    const mistakes = ['restroe', '../y', '--verson'].map((name) => started(home, [name], { CODE: '252' }).code);
    expect([codes, mistakes]).toEqual([
      [0, 0, 0],
      [252, 252, 252],
    ]);
    expect(cachesIn(home).map((name) => name.replace(/^.*-x?[a-z]*\d+-/, ''))).toEqual([
      '--version.bin',
      '.bin',
      'other.bin',
      'restore.bin',
    ]);
  });

  test('is not written where NODE_DISABLE_COMPILE_CACHE is 1, and no home is made for it', () => {
    const home = newHome();
    expect(started(home, ['restore'], { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(answer);
    expect(readdirSync(home)).toEqual([]);
    expect(started(join(home, 'none'))).toEqual(answer);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each([0o777, 0o770, 0o702])('is not used in a folder with mode %o', (mode) => {
    const home = newHome();
    mkdirSync(folderOf(home), { recursive: true });
    chmodSync(folderOf(home), mode);
    expect(started(home)).toEqual(answer);
    expect(cachesIn(home)).toEqual([]);
  });

  test('is not followed through a link to a folder', () => {
    const home = newHome();
    const elsewhere = newHome();
    mkdirSync(join(home, '.cache'));
    symlinkSync(elsewhere, folderOf(home));
    expect(started(home)).toEqual(answer);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no code', Buffer.from('[0]\n')],
    ['other code', Buffer.from(`["0"]\n${'x'.repeat(100_000)}`)],
    ['another list of runs', Buffer.from('{"__proto__":[]}\n')],
  ])('is replaced if it holds %s', (_, content) => {
    const { home, path } = cached(content);
    expect(started(home)).toEqual(answer);
    const now = readFileSync(path, 'latin1');
    expect(now).toMatch(/^\["0"\]\n(?!x)/);
    expect(Math.abs(now.length - whole.length)).toBeLessThan(100);
  });

  test('is not read through a link to a file', () => {
    const { home, path } = cached();
    const elsewhere = join(newHome(), 'code.bin');
    renameSync(path, elsewhere);
    symlinkSync(elsewhere, path);
    expect(started(home)).toEqual(answer);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(elsewhere).equals(whole)).toBe(true);
  });
});
