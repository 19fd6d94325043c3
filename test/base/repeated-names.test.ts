import { describe, expect, test } from 'vitest';
import { pathOfName, repeatedNames } from '../../src/base/repeated-names.ts';
import { fc, runs, share } from '../properties/seed.ts';

function repeated(text: string): readonly string[] {
  return repeatedNames(text, JSON.parse(text)).map(pathOfName);
}

describe('a name that occurs twice in one object', () => {
  test.each([
    ['{"a": 1, "a": 2}', ['a']],
    ['{"a": {"b": 1, "c": [{}, {"d": 1, "d": 2}]}}', ['a.c[1].d']],
    ['{"a": 1, "\\u0061": 2}', ['a']],
    ['{"a" :1,\n"a"\t:2}', ['a']],
    ['{"a": 1, "a": 2, "a": 3}', ['a', 'a']],
    ['[{"x\\"": 1, "x\\"": 2}]', ['[0].x"']],
    ['{"__proto__": 1, "__proto__": 2}', ['__proto__']],
  ])('%s', (text, paths) => {
    expect(repeated(text)).toEqual(paths);
  });

  test.each([
    ['{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]}'],
    ['{"a": ":", "b": ": :", "c": "\\":", "d": "\\\\", "e": "{\\"a\\":1,\\"a\\":2}"}'],
    ['{"__proto__": {"a": 1}, "constructor": 1, "toString": 2}'],
    ['":"'],
    ['[]'],
  ])('is not in %s', (text) => {
    expect(repeated(text)).toEqual([]);
  });

  test('is reported with its place', () => {
    const text = '{"a": 1,\n "a": 2}';
    expect(repeatedNames(text, JSON.parse(text))).toEqual([{ object: '', name: 'a', offsets: [1, 10] }]);
  });
});

/** JSON in which an object is a list of names and values, so that a name may occur twice. */
type Tree = string | number | null | readonly Tree[] | { readonly members: readonly (readonly [string, Tree])[] };

const text = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', ':', ' :', '"', '\\', '":', '\\":', '{"a":1}', '__proto__'), weight: 9 },
  { arbitrary: fc.string(), weight: 1 },
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.record({ members: fc.array(fc.tuple(text, tie('tree')), { maxLength: 4 }) }),
  ),
}));

function isMembers(value: Tree): value is Extract<Tree, { readonly members: unknown }> {
  return typeof value === 'object' && value !== null && 'members' in value;
}

function isItems(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function written(value: Tree, space: string): string {
  if (isMembers(value)) {
    const members = value.members.map(
      ([name, one]) => `${JSON.stringify(name)}${space}:${space}${written(one, space)}`,
    );
    return `{${space}${members.join(`${space},${space}`)}${space}}`;
  }
  return isItems(value) ? `[${value.map((one) => written(one, space)).join(`,${space}`)}]` : JSON.stringify(value);
}

function twice(value: Tree): number {
  if (isMembers(value)) {
    const names = value.members.map(([name]) => name);
    return names.length - new Set(names).size + value.members.reduce((sum, [, one]) => sum + twice(one), 0);
  }
  return isItems(value) ? value.reduce<number>((sum, one) => sum + twice(one), 0) : 0;
}

test('each is found in any JSON', () => {
  let some = 0;
  fc.assert(
    fc.property(tree, fc.constantFrom('', ' ', '\n  ', '\r\n\t'), (value, space) => {
      const count = twice(value);
      if (count > 0) some++;
      expect(repeated(written(value, space))).toHaveLength(count);
    }),
    runs(2_000),
  );
  expect(some).toBeGreaterThan(share(50, 2_000));
});
