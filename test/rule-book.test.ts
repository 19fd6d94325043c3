import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { citedRule, citedRules, type RuleId } from '../src/base/rules.ts';
import { factText } from '../src/explain/facts.ts';
import type { OpenRule } from '../src/policy/truth.ts';
import { ownPages, userPages } from './readme.ts';
import { citationsIn, joined, pages, rules } from './rule-book.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

function textsUnder(folder: string, ending: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ file: posix.join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));
}

const ids = new Set(rules.map(({ id }) => id));
/** Worked cases are list items of their page, each with an ID. */
const workedCases = new Set(
  pages.flatMap(({ text }) =>
    [...text.matchAll(/^- <a id="(iam-evaluation)-(T[^"]+)">/gm)].map(([, of, id]) => `${of} ${id}`),
  ),
);
/** The source without the table of rules, which cites nothing itself. */
const sources = textsUnder('src', '.ts').filter(({ file }) => file !== 'src/base/rules.ts');
const cases = textsUnder('test/cases', '.json');
const documents = ['CHANGELOG.md', ...userPages, ...ownPages].map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));

/** The laws of the engine, such as "laws O1-O4", are titles of properties. */
const families = new Set(['law', 'laws', ...rules.map(({ id }) => id.split(' ', 1)[0])]);
/** Names that have the form of a section. */
const names = new Set(['S3', 'V8']);

/**
 * Citations in the comments of a source that name no family of the rule book. Only parentheses are
 * searched: outside them, a name with a number may be an engine or a package with its version.
 */
function unknownFamiliesIn(source: string): readonly string[] {
  const comments = [...source.matchAll(/^\s*(\/\*[^]*?\*\/|\/\/.*(?:\n\s*\/\/.*)*)/gm)].map(([, text = '']) =>
    joined(text),
  );
  const inParentheses = comments.flatMap((text) => [...text.matchAll(/\(([^()]*)\)/g)].map(([, inner = '']) => inner));
  const cited = /(?<=^|; )([a-z][a-z\d]*(?:-[a-z\d]+)+ \d+\.\d+[a-z]?|[a-z][a-z\d-]* [A-Z]\d+[a-z]?)(?![\w.])/g;
  return inParentheses
    .flatMap((text) => [...text.matchAll(cited)].map(([, id = '']) => id))
    .filter((id) => {
      const [family = '', section = ''] = id.split(' ');
      return !families.has(family) && !names.has(section);
    });
}

/** Worked cases without a test case, and why. */
const casesWithoutEffect: Readonly<Record<string, string>> = {
  'iam-evaluation T35': 'nothing that the program reads shows which Regions another account has enabled',
};
const cited = Object.keys(citedRules).filter((id): id is RuleId => Object.hasOwn(citedRules, id));
const strengths = ['documented', 'observed', 'inferred', 'unknown'];

describe('the rule book', () => {
  test('gives every rule its own ID, with the anchor of that ID', () => {
    expect(rules.length).toBeGreaterThan(300);
    expect(rules.map(({ id }) => id)).toHaveLength(ids.size);
    expect(rules.filter(({ id, anchor }) => anchor !== id.replaceAll(' ', '-'))).toEqual([]);
  });

  test('has no heading of a rule that lacks an ID', () => {
    const anchors = pages.flatMap(({ text }) => [...text.matchAll(/^#+ .*<a id="([^"]+)">/gm)].map(([, id]) => id));
    expect(anchors).toEqual(rules.map(({ anchor }) => anchor));
  });

  test('gives every rule a title of its own', () => {
    const titles = rules.map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
    expect(titles.filter((title) => title.endsWith('.') || title.length > 90)).toEqual([]);
  });

  test('gives every rule that says something its strength and its source', () => {
    const stated = rules.filter(({ strength }) => strength.length > 0);
    expect(stated.flatMap(({ strength }) => strength).filter((word) => !strengths.includes(word))).toEqual([]);
    expect(stated.filter(({ source }) => source === '')).toEqual([]);
    const silent = rules.filter(({ strength }) => strength.length === 0).map(({ id }) => id);
    expect(silent.filter((id) => id.includes('.'))).toEqual([]);
  });

  test.each(pages)('$name: every link leads somewhere', ({ name, text }) => {
    const plain = text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
    const anchorsOf = (page: string): string => pages.find((one) => one.name === page)?.text ?? '';
    const targets = [...plain.matchAll(/\]\(([^)\s]*)\)/g)].map(([, target = '']) => target);
    const dead = targets.filter((target) => {
      if (target.startsWith('https://')) return false;
      const [page = '', anchor] = target.split('#');
      const linked = anchorsOf(page === '' ? name : page);
      return linked === '' || (anchor !== undefined && !linked.includes(`<a id="${anchor}">`));
    });
    expect(dead).toEqual([]);
    const defined = new Set([...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, tag]) => tag));
    const tags = [...plain.matchAll(/\]\[([^\]]+)\]/g)].map(([, tag]) => tag);
    expect(tags.filter((tag) => !defined.has(tag))).toEqual([]);
  });

  test('lists every page in its README', () => {
    const readme = pages.find(({ name }) => name === 'README.md')?.text ?? '';
    const others = pages.map(({ name }) => name).filter((name) => name !== 'README.md');
    expect(others.filter((name) => !readme.includes(`](${name})`))).toEqual([]);
  });
});

test('users read the title and path of a rule as in the rule book', () => {
  const known = new Map(
    rules.map(({ id, title, page, anchor }) => [id, { title, path: `docs/rules/${page}#${anchor}` }]),
  );
  for (const id of cited) {
    const { title, path } = citedRule(id);
    expect({ id, title, path }).toEqual({ id, ...known.get(id) });
  }
});

test.each(cited.filter((id): id is OpenRule => id.startsWith('iam-')))(
  'an answer that depends on a rule names its place: %s',
  (rule) => {
    const text = factText({ fact: 'rule', rule, at: '', about: ['ArnLike', 'aws:PrincipalArn', '*'] });
    expect(text).toContain(citedRule(rule).path);
    expect(citationsIn(text)).toEqual([]);
  },
);

test('the table of rules has no rule that nothing cites', () => {
  expect(cited.filter((id) => !sources.some(({ text }) => text.includes(`'${id}'`)))).toEqual([]);
});

describe('a citation', () => {
  test('is read alone, in lists, in ranges and over the lines of a comment', () => {
    expect(citationsIn('(iam-evaluation 2.9a, 3.1-3.3 and 7B; rds-kms-operations 7 K3)')).toEqual([
      'iam-evaluation 2.9a',
      'iam-evaluation 3.1',
      'iam-evaluation 3.3',
      'iam-evaluation 7B',
      'rds-kms-operations 7 K3',
    ]);
    expect(citationsIn('/**\n * Only copies (rds-kms-operations\n * 4.5).\n */')).toEqual(['rds-kms-operations 4.5']);
    expect(citationsIn('iam-evaluation 14.3.')).toEqual(['iam-evaluation 14.3']);
  });

  /** Citations in the files that are not in `known`. */
  function unknownIn(files: readonly { readonly file: string; readonly text: string }[], known: ReadonlySet<string>) {
    return files.flatMap(({ file, text }) =>
      citationsIn(text)
        .filter((id) => !known.has(id))
        .map((id) => `${file}: ${id}`),
    );
  }

  test('has a rule', () => {
    expect(unknownIn([...sources, ...documents], ids)).toEqual([]);
  });

  test('in a comment names a family of rules that exists', () => {
    const comments =
      '/**\n * Once (old-plans\n * 2.1).\n */\n// As (estate F11), (in S3), (iam-evaluation 2.1; other-book 3.2a).';
    expect(unknownFamiliesIn(comments)).toEqual(['old-plans 2.1', 'estate F11', 'other-book 3.2a']);
    const files = ['src', 'test'].flatMap((folder) => textsUnder(folder, '.ts'));
    expect(files.flatMap(({ file, text }) => unknownFamiliesIn(text).map((id) => `${file}: ${id}`))).toEqual([]);
  });

  test('of a case has a rule or a worked case', () => {
    expect(unknownIn(cases, new Set([...ids, ...workedCases]))).toEqual([]);
  });
});

describe('a rule', () => {
  const named = new Set([...sources, ...cases].flatMap(({ text }) => citationsIn(text)));
  const stated = rules.filter(({ strength }) => strength.length > 0);
  const worked = pages.find(({ name }) => name === 'worked-cases.md')?.text ?? '';
  const groups = stated.filter(({ page }) => page === 'worked-cases.md');
  const background = stated.filter((rule) => rule.background !== undefined);
  const pointers = stated.filter(({ pointsTo }) => pointsTo.length > 0);
  const aside = new Set([...background, ...pointers, ...groups]);

  test('is cited by code or has a case', () => {
    const rest = stated.filter((rule) => !aside.has(rule));
    expect(rest.length).toBeGreaterThan(250);
    expect(rest.filter(({ id }) => !named.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('is background if it says so, with the reason', () => {
    expect(background.filter(({ id, background: why = '' }) => named.has(id) || why.length <= 20)).toEqual([]);
  });

  test('points only to rules that are cited or have a case', () => {
    const points = pointers.flatMap(({ id, pointsTo }) => pointsTo.map((to) => ({ id, to })));
    expect(points.filter(({ to }) => !named.has(to))).toEqual([]);
  });

  test('is rarely background', () => {
    expect(background.length).toBeLessThan(stated.length / 10);
  });

  test('is a group of worked cases where it is one', () => {
    const empty = groups.filter(({ anchor }) => {
      const [, section = ''] = worked.split(`<a id="${anchor}"></a>`);
      return !/^- <a id="iam-evaluation-T/m.test(section.split(/^#/m)[0] ?? '');
    });
    expect(empty.map(({ id }) => id)).toEqual([]);
  });

  test('has a case where it is a worked case', () => {
    const without = [...workedCases].filter((id) => !named.has(id));
    expect(without.toSorted()).toEqual(Object.keys(casesWithoutEffect).toSorted());
  });
});
