// tsc writes declarations for every module. This script deletes those that no exported type uses.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const imported = /\b(?:from |import\()['"](\.[^'"]+)['"]/g;

const used = new Set();
const open = [resolve('dist/index.d.ts')];
for (let path = open.pop(); path !== undefined; path = open.pop()) {
  if (used.has(path)) continue;
  used.add(path);
  for (const [, name] of readFileSync(path, 'utf8').matchAll(imported))
    open.push(resolve(dirname(path), name.replace(/\.[jt]s$/, '.d.ts')));
}
for (const name of readdirSync('dist', { recursive: true })) {
  const path = resolve(join('dist', name));
  if (path.endsWith('.d.ts') && !used.has(path)) rmSync(path);
}
