import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The files that make up the program. */
const bundles = ['cli/start.cjs', 'cli/main.cjs', 'collect/sdk.cjs'];

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

/** The folders of all packages that the package in `folder` needs. */
function neededBy(folder: string, known = new Set<string>()): ReadonlySet<string> {
  const { dependencies, optionalDependencies } = manifestOf(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = join(root, 'node_modules', name);
    if (!known.has(found)) neededBy(found, known.add(found));
  }
  return known;
}

/** The space that a file or folder takes on a disk with blocks of 4 kB. */
function bytesOnDisk(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  const below = found.isDirectory() ? readdirSync(path) : [];
  return below.reduce((sum, name) => sum + bytesOnDisk(join(path, name)), Math.ceil(found.size / 4_096) * 4_096);
}

describe('the package', () => {
  // npm warns about a package with an install script.
  test('runs no script where it is installed', () => {
    const whenInstalled = [
      'preinstall',
      'install',
      'postinstall',
      'prepublish',
      'preprepare',
      'prepare',
      'postprepare',
    ];
    expect(Object.keys(manifestOf(root).scripts).filter((name) => whenInstalled.includes(name))).toEqual([]);
  });

  // start.ts reads the bundles as Latin-1. Any other character would change in a regular expression.
  test.each(bundles)('%s is ASCII', (name) => {
    const code = readFileSync(join(root, 'dist', name), 'utf8');
    expect(code.match(/.{0,40}\P{ASCII}.{0,40}/gu) ?? []).toEqual([]);
  });

  // Only the library needs packages. The bundles of the program contain everything that the program
  // uses.
  test.each(bundles)('%s needs nothing but Node', (name) => {
    const code = readFileSync(join(root, 'dist', name), 'utf8');
    const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((found) => found[1] ?? '');
    expect(required.length).toBeGreaterThan(3);
    // The program is one file in parts, and the parts require each other.
    const parts = [...code.matchAll(/^(?:const parts=\{)?"(\.\/[\w-]+\.cjs)"\(/gm)].map((found) => found[1] ?? '');
    // The SDK uses @aws-sdk/signature-v4-crt if a user has installed it.
    const known = [...parts, '../collect/sdk.cjs', '@aws-sdk/signature-v4-crt'];
    expect(required.filter((one) => !isBuiltin(one) && !known.includes(one))).toEqual([]);
  });

  test('takes less than 10 MB with all that it depends on', () => {
    const { files } = manifestOf(root);
    const own = files.filter((name) => !name.startsWith('!')).map((name) => join(root, name));
    const leftOut = files.filter((name) => name.startsWith('!')).map((name) => join(root, name.slice(1)));
    const sizeOf = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + bytesOnDisk(path), 0);
    const megabytes = (sizeOf([...own, ...neededBy(root)]) - sizeOf(leftOut)) / 2 ** 20;
    expect(megabytes).toBeGreaterThan(1);
    expect(megabytes).toBeLessThan(10);
  });
});
