import { describe, expect, test } from 'vitest';
import { canonicalText, isJson, isList, jsonText, sameJson } from '../../src/base/json.ts';
import { fc, runs } from '../properties/seed.ts';

describe('guards', () => {
  test('an object is neither a list nor null', () => {
    expect([{}, { a: 1 }, [], null, 'a', undefined].map(isJson)).toEqual([true, true, false, false, false, false]);
    expect([[], {}, null, 'a'].map(isList)).toEqual([true, false, false, false]);
  });
});

describe('the same JSON', () => {
  test.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{}, null, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ toString: 1 }, {}, false],
    [{}, JSON.parse('{"__proto__":{}}'), false],
    ['1', 1, false],
  ])('%j and %j: %s', (one, other, same) => {
    expect([sameJson(one, other), sameJson(other, one)]).toEqual([same, same]);
    expect(canonicalText(one) === canonicalText(other)).toBe(same);
  });

  test('has the same text in any order of properties', () => {
    const sorted = (value: unknown): unknown =>
      isJson(value)
        ? Object.entries(value)
            .map(([name, item]) => [name, sorted(item)] as const)
            .toSorted(([one], [other]) => (one < other ? -1 : 1))
            .map(([name, item]) => ({ name, item }))
        : isList(value)
          ? { list: value.map(sorted) }
          : value;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
        const copy: unknown = JSON.parse(JSON.stringify(one));
        const text = (value: unknown): string => JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
        return sameJson(JSON.parse(JSON.stringify(one)), copy) && sameJson(one, other) === (text(one) === text(other));
      }),
      runs(500),
    );
  });
});

describe('text', () => {
  test('a value that fits is printed in one line, the whole document never is', () => {
    expect(jsonText({ Effect: 'Allow', Action: ['a', 'b'] })).toBe(
      '{\n  "Effect": "Allow",\n  "Action": ["a", "b"]\n}',
    );
    expect(jsonText({})).toBe('{}');
  });

  test('is read back as the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => sameJson(JSON.parse(jsonText(value)), JSON.parse(JSON.stringify(value)))),
      runs(300),
    );
  });
});
