import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** For each layer: the layers, leaves and packages that it may import. `type` means types only. */
const allowed: Readonly<Record<string, { readonly imports: readonly string[]; readonly types?: readonly string[] }>> = {
  policy: { imports: ['policy', 'ipaddr.js'] },
  operations: { imports: ['operations'] },
  evidence: { imports: ['evidence', 'failure.ts', 'valibot', 'fastest-levenshtein'] },
  check: { imports: ['check', 'policy', 'operations', 'evidence', 'failure.ts', 'wording.ts'] },
  collect: { imports: ['collect', 'evidence', 'failure.ts', '@aws-sdk/', '@smithy/', 'p-limit', 'node:'] },
  report: { imports: ['report', 'wording.ts', 'chalk', 'diff'], types: ['check', 'operations'] },
  cli: {
    imports: ['cli', 'check', 'policy', 'operations', 'evidence', 'report', 'failure.ts', 'wording.ts', 'commander'],
  },
  'index.ts': { imports: ['check', 'policy', 'operations', 'evidence', 'report', 'failure.ts'] },
  'failure.ts': { imports: [] },
  'wording.ts': { imports: [] },
};

/** What single files may import beyond their layer. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'evidence/load.ts': ['node:fs', 'node:path', 'node:zlib'],
  'evidence/save.ts': ['node:fs', 'node:path', 'node:zlib'],
  'check/report.ts': ['valibot'],
  'check/diff-report.ts': ['valibot'],
  'cli/version.ts': ['../package.json'],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly types: boolean;
  readonly lazy: boolean;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(path: string): readonly Import[] {
  const file = relative(src, path);
  const text = readFileSync(path, 'utf8');
  const statics = [...text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gms)].map((found) => ({
    specifier: found[2] ?? '',
    types: found[1] !== undefined,
    lazy: false,
  }));
  const lazies = [...text.matchAll(/import\('([^']+)'\)/g)].map((found) => ({
    specifier: found[1] ?? '',
    types: false,
    lazy: true,
  }));
  return [...statics, ...lazies].map(({ specifier, types, lazy }) => ({
    file,
    target: specifier.startsWith('.') ? relative(src, join(path, '..', specifier)) : specifier,
    types,
    lazy,
  }));
}

function layerOf(file: string): string {
  return file.split('/')[0] ?? file;
}

const all = filesIn(src).flatMap(importsOf);

describe('imports', () => {
  test('there are some, so that the tests below can fail', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  test('point where the layers allow', () => {
    const wrong = all.filter(({ file, target, types, lazy }) => {
      const layer = allowed[layerOf(file)];
      const may = [...(layer?.imports ?? []), ...(types ? (layer?.types ?? []) : []), ...(exceptions[file] ?? [])];
      if (layerOf(file) === 'cli' && target.startsWith('collect/')) return !lazy && !types;
      return !may.some(
        (one) => target === one || target.startsWith(one.endsWith('/') || one.endsWith(':') ? one : `${one}/`),
      );
    });
    expect(wrong).toEqual([]);
  });

  test('reach valibot at start only by way of import()', () => {
    const eager = all.filter(({ file, target, types, lazy }) => {
      const schemas = [
        'evidence/schema.ts',
        'evidence/load.ts',
        'evidence/incident-record.ts',
        'check/report.ts',
        'check/diff-report.ts',
      ].includes(target);
      return (
        schemas && !types && !lazy && !['evidence/load.ts', 'evidence/merge.ts', 'evidence/anonymize.ts'].includes(file)
      );
    });
    expect(eager).toEqual([]);
  });
});

describe('sizes', () => {
  const tables = ['evidence/demo.ts'];

  test('no file is longer than 400 lines, tables aside', () => {
    const long = filesIn(src)
      .map((path) => ({ file: relative(src, path), lines: readFileSync(path, 'utf8').split('\n').length }))
      .filter(({ file, lines }) => lines > 400 && !tables.includes(file));
    expect(long).toEqual([]);
  });

  test('no folder holds more than 30 files', () => {
    const folders = filesIn(src).map((path) => relative(src, join(path, '..')));
    expect(folders.filter((folder) => folders.filter((other) => other === folder).length > 30)).toEqual([]);
  });
});

describe('words', () => {
  test('no source or document speaks of where it is developed', () => {
    const texts = [
      ...filesIn(src),
      ...['README.md', 'CHANGELOG.md', 'package.json'].map((name) => join(src, '..', name)),
    ];
    const forbidden = /\/work\/|\bsession's\b|shared\/|registry\.npmjs|\bTODO\b|\bFIXME\b/;
    expect(texts.filter((path) => forbidden.test(readFileSync(path, 'utf8')))).toEqual([]);
  });
});
