import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { OneOrMore, StatementDoc } from './documents.ts';
import { fc } from './seed.ts';
import { accountA, actionPatterns, policyValues, resourcePatterns, subjects } from './vocabulary.ts';

/* The operators, one test at a time (style: laws O1-O3, C7): does a statement with that condition match? */

const runs = { numRuns: 200 };
const single = 'aws:PrincipalTag/key';
const many = 'aws:TagKeys';

function allows(
  statement: Partial<StatementDoc>,
  context: Readonly<Record<string, OneOrMore>>,
  action = 'rds:A',
  arn = 'x',
): string {
  const whole = { Effect: 'Allow', Action: '*', Resource: '*', ...statement };
  const { NotAction, NotResource } = statement;
  const { Action, Resource, ...rest } = whole;
  return authorize(
    {
      principal: `arn:aws:iam::${accountA}:user/team/ann`,
      userId: 'AIDAANN',
      action,
      resource: { arn: arn === 'x' ? `arn:aws:rds:us-east-1:${accountA}:cluster:red` : arn, account: accountA },
      context,
    },
    {
      identity: [
        {
          name: 'identity',
          document: {
            Version: '2012-10-17',
            Statement: {
              ...rest,
              ...(NotAction === undefined ? { Action } : {}),
              ...(NotResource === undefined ? { Resource } : {}),
            },
          },
        },
      ],
      // A key has a policy, and that it names the account lets the identity policy count.
      resource: {
        name: 'resource',
        document: { Statement: { Effect: 'Allow', Principal: { AWS: accountA }, Action: '*', Resource: '*' } },
      },
    },
  ).decision;
}

/** Whether a test holds, with `held` as the value of the key. */
function holds(operator: string, held: OneOrMore | undefined, values: OneOrMore, key = single): boolean {
  const decision = allows({ Condition: { [operator]: { [key]: values } } }, held === undefined ? {} : { [key]: held });
  if (decision === 'depends') throw new Error(`${operator} is not settled`);
  return decision === 'allowed';
}

const word = fc.string({
  unit: fc.constantFrom('a', 'B', 'b', '*', '?', ':', '/', '$', '{', '.', 'ß', '🦊'),
  maxLength: 8,
});
/** Without what AWS takes for a variable. */
const plain = word.filter((text) => !text.includes('${'));
const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('1.5', '+1.50', '-0', '0.0', '.5', '1000000'),
);
const date = fc.oneof(
  fc.constantFrom(...policyValues.date, '2026-06-01T12:00:00+02:00', '1767225600', '2026-01'),
  fc.integer({ min: 1_767_225_590, max: 1_767_225_610 }).map(String),
);
const arn = fc.constantFrom(
  ...policyValues.arn.filter((value) => !value.includes('$')),
  `arn:aws:rds:us-east-1:${accountA}:cluster:red`,
  'arn:aws:iam::1:role/a',
);
const ip4 = fc
  .tuple(fc.constantFrom(0, 10, 203, 255), fc.constantFrom(0, 255), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'));
const ip6 = fc
  .array(fc.constantFrom('0', '1', 'db8', '2001', 'ffff'), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.join(':'))
  .filter((text) => !text.startsWith('0:0:0:0:0:ffff'));
const address = fc.oneof(ip4, ip6);
const range = fc.oneof(
  fc.tuple(ip4, fc.nat(32)).map(([base, length]) => `${base}/${length}`),
  fc.tuple(ip6, fc.nat(128)).map(([base, length]) => `${base}/${length}`),
  address,
);

interface Family {
  readonly positive: string;
  readonly negative: string;
  readonly held: fc.Arbitrary<string>;
  readonly values: fc.Arbitrary<string>;
}

const families: readonly Family[] = [
  { positive: 'StringEquals', negative: 'StringNotEquals', held: plain, values: plain },
  { positive: 'StringEqualsIgnoreCase', negative: 'StringNotEqualsIgnoreCase', held: plain, values: plain },
  { positive: 'StringLike', negative: 'StringNotLike', held: plain, values: plain },
  { positive: 'NumericEquals', negative: 'NumericNotEquals', held: number, values: number },
  { positive: 'DateEquals', negative: 'DateNotEquals', held: date, values: date },
  { positive: 'IpAddress', negative: 'NotIpAddress', held: address, values: range },
  { positive: 'ArnEquals', negative: 'ArnNotEquals', held: arn, values: arn },
  { positive: 'ArnLike', negative: 'ArnNotLike', held: arn, values: arn },
];
const list = (values: fc.Arbitrary<string>) => fc.array(values, { maxLength: 3 });
const others = ['LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const unpaired: readonly {
  readonly name: string;
  readonly held: fc.Arbitrary<string>;
  readonly values: fc.Arbitrary<string>;
}[] = [
  ...others.flatMap((name) => [
    { name: `Numeric${name}`, held: number, values: number },
    { name: `Date${name}`, held: date, values: date },
  ]),
  { name: 'Bool', held: fc.constantFrom('true', 'false', 'TRUE'), values: fc.constantFrom('true', 'false', 'False') },
  { name: 'BinaryEquals', held: fc.base64String({ maxLength: 8 }), values: fc.base64String({ maxLength: 8 }) },
];

describe('O1', () => {
  test.each(families)('$negative is the negation of $positive', ({ positive, negative, held, values }) => {
    fc.assert(
      fc.property(fc.option(held, { nil: undefined }), list(values), (value, given) => {
        expect(holds(negative, value, given)).toBe(!holds(positive, value, given));
      }),
      runs,
    );
  });

  const all = [
    ...families.flatMap(({ positive, negative, held, values }) => [
      { name: positive, held, values },
      { name: negative, held, values },
    ]),
    ...unpaired,
  ];

  test.each(all)(
    '$name: IfExists changes nothing of a present key, and holds of an absent one',
    ({ name, held, values }) => {
      fc.assert(
        fc.property(held, list(values), (value, given) => {
          expect(holds(`${name}IfExists`, value, given)).toBe(holds(name, value, given));
          expect(holds(`${name}IfExists`, undefined, given)).toBe(true);
        }),
        runs,
      );
    },
  );

  test.each(all)('$name: several policy values are any of them, or none', ({ name, held, values }) => {
    const negated = name.includes('Not');
    fc.assert(
      fc.property(held, list(values), (value, given) => {
        const each = given.map((one) => holds(name, value, one));
        expect(holds(name, value, given)).toBe(negated ? each.every(Boolean) : each.some(Boolean));
      }),
      runs,
    );
  });

  test('Null tells whether the key is there', () => {
    fc.assert(
      fc.property(fc.option(word, { nil: undefined }), fc.constantFrom('true', 'false'), (value, given) => {
        expect(holds('Null', value, given)).toBe(String(value === undefined || value === '') === given);
        expect(holds('Null', value, ['true', 'false'])).toBe(true);
      }),
      runs,
    );
  });
});

describe('O2', () => {
  test.each(families)(
    'ForAllValues:$positive is what ForAnyValue:$negative is not',
    ({ positive, negative, held, values }) => {
      const helds = fc.option(
        fc.array(
          held.filter((value) => value !== ''),
          { minLength: 1, maxLength: 3 },
        ),
        { nil: undefined },
      );
      fc.assert(
        fc.property(helds, list(values), (given, wanted) => {
          const [all, any] = [
            holds(`ForAllValues:${positive}`, given, wanted, many),
            holds(`ForAnyValue:${negative}`, given, wanted, many),
          ];
          expect(all).toBe(!any);
          expect(holds(`ForAllValues:${negative}`, given, wanted, many)).toBe(
            !holds(`ForAnyValue:${positive}`, given, wanted, many),
          );
          const each = (given ?? []).map((value) => holds(positive, value, wanted));
          expect(all).toBe(each.every(Boolean));
          expect(holds(`ForAnyValue:${positive}`, given, wanted, many)).toBe(each.some(Boolean));
        }),
        runs,
      );
    },
  );
});

describe('O3', () => {
  test.each([
    ['Numeric', number],
    ['Date', date],
  ])('of two values of %s one is less, equal or greater', (type, value) => {
    fc.assert(
      fc.property(value, value, (held, given) => {
        const [less, equal, greater] = ['LessThan', 'Equals', 'GreaterThan'].map((name) =>
          holds(`${type}${name}`, held, given),
        );
        expect([less, equal, greater].filter(Boolean)).toHaveLength(1);
        expect(holds(`${type}LessThanEquals`, held, given)).toBe(less === true || equal === true);
        expect(holds(`${type}GreaterThanEquals`, held, given)).toBe(greater === true || equal === true);
        expect(holds(`${type}LessThan`, given, held)).toBe(greater);
      }),
      { numRuns: 1_000 },
    );
  });

  test('an address lies in a range if its first bits are those of the range', () => {
    const bits = (text: string): string =>
      text.includes(':')
        ? text
            .split(':')
            .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
            .join('')
        : text
            .split('.')
            .map((byte) => Number(byte).toString(2).padStart(8, '0'))
            .join('');
    fc.assert(
      fc.property(address, range, fc.boolean(), fc.nat(128), (other, given, near, at) => {
        const [base = '', length] = given.split('/');
        const size = length === undefined ? bits(base).length : Number(length);
        const held = near && base.includes('.') ? flipped(base, at % 32) : other;
        const inside =
          bits(held).length === bits(base).length && bits(held).slice(0, size) === bits(base).slice(0, size);
        expect(holds('IpAddress', held, given)).toBe(inside);
      }),
      { numRuns: 1_500 },
    );
  });

  /** The address with one bit changed. */
  function flipped(text: string, at: number): string {
    return text
      .split('.')
      .map((byte, index) => (index === Math.floor(at / 8) ? Number(byte) ^ (1 << (7 - (at % 8))) : byte))
      .join('.');
  }

  test('a pattern matches as its regular expression does', () => {
    const tight = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 8 });
    fc.assert(
      fc.property(tight, text, (pattern, held) => {
        const source = pattern.replaceAll('?', '[^]').replaceAll('*', '[^]*');
        expect(holds('StringLike', held, pattern)).toBe(new RegExp(`^${source}$`).test(held));
      }),
      { numRuns: 2_000 },
    );
  });

  test('escaped text matches itself alone', () => {
    const escape = (text: string): string => text.replace(/[*?$]/g, (char) => `\${${char}}`);
    fc.assert(
      fc.property(word, word, fc.constantFrom('StringLike', 'StringEquals'), (text, other, operator) => {
        expect(holds(operator, text, escape(text))).toBe(true);
        expect(holds(operator, other, escape(text))).toBe(other === text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of an ARN each part is compared on its own', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 3 });
    const held = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), { minLength: 5, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 5, maxLength: 5 }), held, (pattern, value) => {
        const actual = [...value.slice(0, 4), value.slice(4).join(':')];
        const each = pattern.every((glob, index) => holds('StringLike', actual[index] ?? '', glob));
        const [wanted, given] = [['arn', ...pattern].join(':'), ['arn', ...actual].join(':')];
        expect(holds('ArnLike', given, wanted)).toBe(each);
        expect(holds('ArnEquals', given, wanted)).toBe(each);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('C7', () => {
  const subject = fc.constantFrom(...subjects);

  test('of Action and NotAction exactly one matches', () => {
    const pattern = fc.oneof(
      fc.constantFrom(...actionPatterns, '*'),
      fc
        .string({ unit: fc.constantFrom('*', '?', 'k', 'm', 's', ':', 'D', 'e'), maxLength: 6 })
        .map((text) => `k*:${text}`),
    );
    fc.assert(
      fc.property(subject, fc.array(pattern, { minLength: 1, maxLength: 3 }), ({ action, arn: on }, patterns) => {
        const [some, none] = [
          allows({ Action: patterns }, {}, action, on),
          allows({ NotAction: patterns }, {}, action, on),
        ];
        if (action !== 'kms:RetireGrant') expect([some, none].toSorted()).toEqual(['allowed', 'denied']);
      }),
      runs,
    );
  });

  test('of Resource and NotResource exactly one matches, also where a variable has no value', () => {
    const { 0: none } = ['aws:PrincipalTag/team'];
    fc.assert(
      fc.property(
        subject,
        fc.array(fc.constantFrom(...resourcePatterns, '*'), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        ({ action, arn: on }, patterns, known) => {
          fc.pre(action !== 'kms:RetireGrant');
          const context: Readonly<Record<string, string>> = known && none !== undefined ? { [none]: 'red' } : {};
          const [some, other] = [
            allows({ Resource: patterns }, context, action, on),
            allows({ NotResource: patterns }, context, action, on),
          ];
          // Whether a star runs over a colon AWS does not say.
          if (some !== 'depends') expect([some, other].toSorted()).toEqual(['allowed', 'denied']);
        },
      ),
      runs,
    );
  });
});
