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

const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));
const asked = ['restore', '--demo', '--snapshot', 'ledger-monthly', '--principal', 'role/dr-restore'];

/** Runs the program with caches below `home`; what is set in `env` comes on top. */
function ran(home: string, env: Readonly<Record<string, string>> = {}): { code: number | null; stdout: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...asked], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
  });
  expect(stderr).toBe('');
  return { code: status, stdout };
}

const newHome = (): string => mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
const folderOf = (home: string): string => join(home, '.cache/aurora-kms-check');
const cachesIn = (home: string): readonly string[] => readdirSync(folderOf(home));

const plain = ran(newHome(), { NODE_DISABLE_COMPILE_CACHE: '1' });

/** A home after a first run, which most tests begin with. */
const first = newHome();
const firstRan = ran(first);

/** Gives a home the cache that a first run writes. */
function cached(home: string): string {
  const [name = '', ...others] = cachesIn(first);
  expect(others).toEqual([]);
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  copyFileSync(join(folderOf(first), name), join(folderOf(home), name));
  return join(folderOf(home), name);
}

describe('the cache of compiled code', () => {
  test('lies where only the user can write, and changes no answer', () => {
    const paths = cachesIn(first).map((name) => join(folderOf(first), name));
    expect([folderOf(first), ...paths].map((path) => lstatSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    const before = paths.map((path) => readFileSync(path));
    expect([firstRan, ran(first)]).toEqual([plain, plain]);
    expect(cachesIn(first).map((name) => readFileSync(join(folderOf(first), name)))).toEqual(before);
  });

  test('learns from each kind of run once', () => {
    const home = newHome();
    const path = cached(home);
    const sizeAfter = (...options: readonly string[]): number => {
      const { status } = spawnSync(process.execPath, [bin, 'restore', '--demo', ...options], {
        env: { PATH: process.env['PATH'] ?? '', HOME: home },
      });
      expect(status).toBe(1);
      return readFileSync(path).length;
    };
    const swept = sizeAfter();
    const searched = sizeAfter('--snapshot', 'orders-before-upgrade');
    // Both fail, but a sweep searches no fixes.
    expect(searched).toBeGreaterThan(swept * 1.05);
    expect(sizeAfter()).toBe(searched);
    expect(sizeAfter('--snapshot=rds:orders-2026-11-01-03-10')).toBe(searched);
    expect(cachesIn(home).length).toBe(1);
  });

  test('holds the AWS SDK apart, once AWS was to be read', () => {
    const home = newHome();
    cached(home);
    const { status } = spawnSync(process.execPath, [bin, 'restore', '--snapshot', 'x'], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
    });
    expect(status).toBe(253);
    expect(cachesIn(home).map((name) => name.replace(/-.*/, ''))).toEqual(['main.cjs', 'sdk.cjs']);
  });

  test('is one for each command, and none for a mistake', () => {
    const home = newHome();
    cached(home);
    const exitCodes = [
      ['--version'],
      ['restroe'],
      ['operations', 'restroe'],
      ['../x'],
      ['restore', '--demo', '--x'],
    ].map(
      (argv) =>
        spawnSync(process.execPath, [bin, ...argv], { env: { PATH: process.env['PATH'] ?? '', HOME: home } }).status,
    );
    expect(exitCodes).toEqual([0, 252, 252, 252, 252]);
    expect(cachesIn(home).map((name) => name.replace(/^.*-x?[a-z]*\d+-/, ''))).toEqual([
      '--version.bin',
      'restore.bin',
    ]);
  });

  test('is not written where NODE_DISABLE_COMPILE_CACHE is 1, and no home is made for it', () => {
    const home = newHome();
    expect(ran(home, { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(plain);
    expect(readdirSync(home)).toEqual([]);
    expect(ran(join(home, 'none'))).toEqual(plain);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each([0o777, 0o770, 0o702])('is not used in a folder with mode %o', (mode) => {
    const home = newHome();
    mkdirSync(folderOf(home), { recursive: true });
    chmodSync(folderOf(home), mode);
    expect(ran(home)).toEqual(plain);
    expect(cachesIn(home)).toEqual([]);
  });

  test('is not followed through a link to a folder', () => {
    const home = newHome();
    const elsewhere = newHome();
    mkdirSync(join(home, '.cache'));
    symlinkSync(elsewhere, folderOf(home));
    expect(ran(home)).toEqual(plain);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no code', Buffer.from('[0]\n')],
    ['other code', Buffer.from(`[0]\n${'x'.repeat(100_000)}`)],
    ['another list of runs', Buffer.from('{"__proto__":[]}\n')],
  ])('is replaced if it holds %s', (_, content) => {
    const home = newHome();
    const path = cached(home);
    writeFileSync(path, content);
    expect(ran(home)).toEqual(plain);
    expect(readFileSync(path).length).toBeGreaterThan(100_000);
  });

  test('is not read through a link to a file', () => {
    const home = newHome();
    const path = cached(home);
    const elsewhere = join(newHome(), 'code.bin');
    renameSync(path, elsewhere);
    const before = readFileSync(elsewhere);
    symlinkSync(elsewhere, path);
    expect(ran(home)).toEqual(plain);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(elsewhere)).toEqual(before);
  });
});
