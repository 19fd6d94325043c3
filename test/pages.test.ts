import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/operations/catalogue.ts';
import { userPages } from './readme.ts';
import { rules } from './rule-book.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Where the links of a page lead, from the root of the repository. */
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

/** The anchors of a page: of its headings, as GitHub makes them, and those that are written. */
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

describe.each(userPages)('%s', (page) => {
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

  test('every block says its language', () => {
    const fences = [...textOf(page).matchAll(/^```(\w*)$/gm)].map(([, language = '']) => language);
    expect(fences.filter((_, index) => index % 2 === 0)).not.toContain('');
  });
});

test('README.md leads to every page', () => {
  const linked = linksOf('README.md').map(({ file }) => file);
  expect(userPages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
});

describe('the figures of README.md', () => {
  const text = textOf('README.md');
  const atLeast = (what: RegExp): number => Number((what.exec(text)?.[1] ?? 'NaN').replace(',', ''));

  test('operations', () => {
    const told = [...text.matchAll(/(?:^| )(\d+) operations can be checked|\| operations, [^|]*\| (\d+) \|/gm)];
    expect(told.map(([, one, other]) => Number(one ?? other))).toEqual([catalogue.length, catalogue.length]);
  });

  test('rules', () => {
    const told = atLeast(/^\| rules [^|]*\| more than ([\d,]+) \|/m);
    expect(rules.length).toBeGreaterThan(told);
    expect(rules.length).toBeLessThan(told + 100);
  });

  test('recorded answers', () => {
    const { tests }: { tests: readonly unknown[] } = JSON.parse(textOf('test/cases/policy/recorded-conditions.json'));
    expect(text).toContain(`which the engine gives too | ${tests.length} |`);
  });

  test('files of cases', () => {
    const told = atLeast(/^\| files of cases[^|]*\| more than ([\d,]+) \|/m);
    const files = readdirSync(join(root, 'test/cases'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.json')).length).toBeGreaterThan(told);
  });
});
