import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/operations/catalogue.ts';
import { formatNames, reportFormats } from '../src/report/format-rows.ts';
import { generated, regenerate } from './generated.ts';
import { ownPages, pageUrl, userPages } from './readme.ts';
import { rules } from './rule-book.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The targets of a page's links, relative to the root of the repository. */
function linksOf(page: string): readonly { readonly file: string; readonly anchor: string }[] {
  const plain = textOf(page).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...plain.matchAll(/\]\(([^)\s]*)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('https://'))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { file: file === '' ? page : posix.join(dirname(page), file), anchor };
    });
}

/**
 * The anchors of a page: one for each heading, as GitHub makes them, and the anchors in the text.
 */
function anchorsOf(file: string): readonly string[] {
  const text = textOf(file).replaceAll(/```[\s\S]*?```/g, '');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}

describe.each([...userPages, ...ownPages])('%s', (page) => {
  test('every link leads somewhere', () => {
    const dead = linksOf(page).filter(
      ({ file, anchor }) => !existsSync(join(root, file)) || (anchor !== '' && !anchorsOf(file).includes(anchor)),
    );
    expect(dead).toEqual([]);
  });

  test('every link leads into the package', () => {
    const { files }: { files: readonly string[] } = JSON.parse(textOf('package.json'));
    const shipped = [...files, 'README.md', 'LICENSE', 'package.json'];
    const outside = linksOf(page).filter(
      ({ file }) => !shipped.some((one) => file === one || file.startsWith(`${one}/`)),
    );
    expect(outside).toEqual([]);
  });

  test.runIf(process.env['UPDATE_PAGES'] !== undefined)('is written again', () => {
    regenerate(pageUrl(page));
    expect(textOf(page)).not.toBe('');
  });

  test('holds what the tables of the program hold: `UPDATE_PAGES=1 npx vitest run` of this file writes it again', () => {
    const text = textOf(page);
    expect(text).toBe(generated(text));
  });

  test('names only files, folders and scripts that there are', () => {
    const text = textOf(page);
    const paths = [...text.matchAll(/(?<![\w./-])(?:src|test|scripts|bin|docs)\/[\w./*-]*[\w/]/g)].map(
      ([path]) => path,
    );
    expect(paths.filter((path) => !/NAME|\*/.test(path) && !existsSync(join(root, path)))).toEqual([]);
    const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(textOf('package.json'));
    const run = [...text.matchAll(/\bnpm (?:run )?(test[\w:]*|(?<=run )[\w:-]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('every block says its language', () => {
    const fences = [...textOf(page).matchAll(/^```(\w*)$/gm)].map(([, language = '']) => language);
    expect(fences.filter((_, index) => index % 2 === 0)).not.toContain('');
  });
});

test('README.md leads to every page', () => {
  const linked = linksOf('README.md').map(({ file }) => file);
  expect([...userPages, ...ownPages].filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
});

test.each([...formatNames('check'), ...reportFormats.map(({ name }) => name)])(
  'docs/output.md or docs/ci.md describes the format %s',
  (name) => {
    expect(`${textOf('docs/output.md')}${textOf('docs/ci.md')}`).toMatch(
      new RegExp(`(?:\`|--output |--report )${name}\\b`),
    );
  },
);

describe('the figures of README.md', () => {
  const text = textOf('README.md');
  const atLeast = (what: RegExp): number => Number((what.exec(text)?.[1] ?? 'NaN').replace(',', ''));

  test('operations', () => {
    const written = [...text.matchAll(/(?:^| )(\d+) operations can be checked|\| operations, [^|]*\| (\d+) \|/gm)];
    expect(written.map(([, one, other]) => Number(one ?? other))).toEqual([catalogue.length, catalogue.length]);
  });

  test('rules', () => {
    const written = atLeast(/^\| rules [^|]*\| more than ([\d,]+) \|/m);
    expect(rules.length).toBeGreaterThan(written);
    expect(rules.length).toBeLessThan(written + 100);
  });

  test('recorded answers', () => {
    const { tests }: { tests: readonly unknown[] } = JSON.parse(textOf('test/cases/policy/recorded-conditions.json'));
    expect(text).toContain(`the engine gives the same answers | ${tests.length} |`);
  });

  test('files of cases', () => {
    const written = atLeast(/^\| files of cases[^|]*\| more than ([\d,]+) \|/m);
    const files = readdirSync(join(root, 'test/cases'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.json')).length).toBeGreaterThan(written);
  });
});
