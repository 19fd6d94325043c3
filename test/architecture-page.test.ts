import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

test('docs/architecture.md describes every layer', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const described = [...page.matchAll(/^\| `(src\/[a-z]+)` \|/gm)].map(([, folder = '']) => folder);
  expect(described.toSorted()).toEqual(folders.map(({ name }) => `src/${name}`).toSorted());
});

test('docs/architecture.md names many files; test/pages.test.ts checks that they are there', () => {
  expect(page.match(/`(?:src|test|docs|bin)[a-z/.-]*`/g)?.length).toBeGreaterThan(30);
});
