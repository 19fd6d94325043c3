import { beforeEach, describe, expect, test } from 'vitest';
import { compile } from '../../src/policy/authorize.ts';
import { type NamedPolicy, ReadDocuments } from '../../src/policy/policies.ts';
import type { OneOrMore, StatementDoc } from './documents.ts';
import { fc, runs, runsOfEach } from './seed.ts';
import { accountA, actionPatterns, policyValues, resourcePatterns, subjects } from './vocabulary.ts';

/*
 * The operators, with one condition at a time (laws O1-O4, C7): does a statement with this
 * condition match?
 */

const single = 'aws:PrincipalTag/key';
const many = 'aws:TagKeys';

interface Asked {
  readonly statement: Partial<StatementDoc>;
  readonly context: Readonly<Record<string, OneOrMore>>;
  readonly action?: string;
  readonly arn?: string;
  /**
   * A session policy may have values that IAM would not store in other policies (iam-evaluation
   * 14.12).
   */
  readonly layer?: 'session' | 'identity';
}

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const allowing: NamedPolicy = { name: 'all', document: { Version: '2012-10-17', Statement: everything } };
/** The key policy names the account, so that identity policies count. */
const delegating: NamedPolicy = {
  name: 'resource',
  document: { Statement: { ...everything, Principal: { AWS: accountA } } },
};

/** Policies that stay the same are parsed once in each test. */
let read = new ReadDocuments();
beforeEach(() => {
  read = new ReadDocuments();
});

function decide({ statement, context, action = 'rds:A', arn, layer = 'session' }: Asked): string {
  const { NotAction, NotResource, ...more } = statement;
  const { Action, Resource, ...rest } = { ...everything, ...more };
  const document = {
    Version: '2012-10-17',
    Statement: [
      ...(rest.Effect === 'Deny' ? [everything] : []),
      {
        ...rest,
        ...(NotAction === undefined ? { Action } : { NotAction }),
        ...(NotResource === undefined ? { Resource } : { NotResource }),
      },
    ],
  };
  const policies = {
    identity: [layer === 'identity' ? { name: 'identity', document } : allowing],
    ...(layer === 'session' ? { session: [{ name: 'session', document }] } : {}),
    resource: delegating,
  };
  return compile(policies, read).authorize({
    principal: `arn:aws:sts::${accountA}:assumed-role/App/s1`,
    roleArn: `arn:aws:iam::${accountA}:role/App`,
    action,
    resource: { arn: arn ?? `arn:aws:rds:us-east-1:${accountA}:cluster:red`, account: accountA },
    context,
  }).decision;
}

/** Whether a condition holds if the key has the value `held`. */
function holds(operator: string, held: OneOrMore | undefined, values: OneOrMore, key = single): boolean {
  const context = held === undefined ? {} : { [key]: held };
  const decision = decide({ statement: { Condition: { [operator]: { [key]: values } } }, context });
  if (decision === 'depends') throw new Error(`${operator} is not settled`);
  return decision === 'allowed';
}

const word = fc.string({
  unit: fc.constantFrom('a', 'B', 'b', '*', '?', ':', '/', '$', '{', '.', 'ß', '🦊'),
  maxLength: 8,
});
/** Texts without a part that AWS takes for a variable. */
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
      runsOfEach(200),
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
        runsOfEach(200),
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
      runsOfEach(200),
    );
  });

  test('Null tests whether the key is there', () => {
    fc.assert(
      fc.property(fc.option(word, { nil: undefined }), fc.constantFrom('true', 'false'), (value, given) => {
        expect(holds('Null', value, given)).toBe(String(value === undefined) === given);
        expect(holds('Null', value, ['true', 'false'])).toBe(true);
      }),
      runs(200),
    );
  });
});

describe('O2', () => {
  test.each(families)(
    'ForAllValues:$positive is what ForAnyValue:$negative is not',
    ({ positive, negative, held, values }) => {
      const helds = fc.option(fc.array(held, { minLength: 1, maxLength: 3 }), { nil: undefined });
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
        runsOfEach(200),
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
      runs(1_000),
    );
  });

  test('an address lies in a range if its first bits are those of the range, and no others are set in IPv6', () => {
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
          bits(held).length === bits(base).length &&
          bits(held).slice(0, size) === bits(base).slice(0, size) &&
          (base.includes('.') || !bits(base).slice(size).includes('1'));
        expect(holds('IpAddress', held, given)).toBe(inside);
      }),
      runs(1_500),
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
      runs(2_000),
    );
  });

  test('escaped text matches itself alone', () => {
    const escape = (text: string): string => text.replace(/[*?$]/g, (char) => `\${${char}}`);
    fc.assert(
      fc.property(word, word, fc.constantFrom('StringLike', 'StringEquals'), (text, other, operator) => {
        expect(holds(operator, text, escape(text))).toBe(true);
        expect(holds(operator, other, escape(text))).toBe(other === text);
      }),
      runs(1_000),
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
      runs(1_000),
    );
  });
});

const unreadable = fc.constantFrom(
  '',
  'x',
  ' 1',
  '1 ',
  'NaN',
  'Infinity',
  '1e',
  '2026-13-01',
  '10.0.0.0.1',
  'arn:aws:rds',
  '🦊',
);

describe('O4: values that are not of the type', () => {
  test.each(['Numeric', 'Date'])('an invalid request value equals nothing: %s', (type) => {
    const values = type === 'Numeric' ? number : date;
    fc.assert(
      fc.property(unreadable, list(values), (held, given) => {
        expect(holds(`${type}NotEquals`, held, given)).toBe(true);
        for (const name of ['Equals', ...others]) expect(holds(`${type}${name}`, held, given)).toBe(false);
      }),
      runs(200),
    );
  });

  test.each([
    ['IpAddress', 'NotIpAddress', range],
    ['ArnLike', 'ArnNotLike', arn],
  ])('an invalid request value meets neither %s nor %s', (positive, negative, values) => {
    fc.assert(
      fc.property(unreadable, fc.array(values, { minLength: 1, maxLength: 3 }), (held, given) => {
        expect([holds(positive, held, given), holds(negative, held, given)]).toEqual([false, false]);
      }),
      runs(200),
    );
  });

  const typed = [
    ['Numeric', number],
    ['Date', date],
  ] as const;

  test.each(typed)('an invalid policy value is skipped in a session policy: %s', (type, values) => {
    fc.assert(
      fc.property(values, unreadable, list(values), fc.nat(3), (held, odd, given, at) => {
        const mixed = [...given.slice(0, at), odd, ...given.slice(at)];
        expect(holds(`${type}Equals`, held, mixed)).toBe(holds(`${type}Equals`, held, given));
        expect(holds(`${type}NotEquals`, held, mixed)).toBe(holds(`${type}NotEquals`, held, given));
      }),
      runs(200),
    );
  });

  test.each([...typed, ['IpAddress', address], ['ArnEquals', arn]] as const)(
    'an invalid policy value leaves a stored Deny open: %s',
    (type, values) => {
      const operators = type === 'IpAddress' || type === 'ArnEquals' ? [type] : [`${type}Equals`, `${type}NotEquals`];
      fc.assert(
        fc.property(values, unreadable, fc.constantFrom(...operators), (held, odd, operator) => {
          const statement: Partial<StatementDoc> = { Effect: 'Deny', Condition: { [operator]: { [single]: odd } } };
          expect(decide({ statement, context: { [single]: held }, layer: 'identity' })).toBe('depends');
        }),
        runs(200),
      );
    },
  );
});

describe('O5: values that are written in several ways', () => {
  const same = (operator: string, one: string, other: string): void => {
    expect([one, other, holds(operator, one, other), holds(operator, other, one)]).toEqual([one, other, true, true]);
  };

  test('a number with an exponent', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(30), (units, places) => {
        same('NumericEquals', `${units}e${places}`, `${units}${'0'.repeat(places)}`);
        same('NumericEquals', `${units}${'0'.repeat(places)}E-${places}`, `0${units}.`.replace('0-', '-0'));
        expect(holds('NumericEquals', String(units), String(units + 1n))).toBe(false);
        expect(holds('NumericLessThan', String(units), String(units + 1n))).toBe(true);
        expect(holds('NumericLessThan', `${units}e-${places}`, `${units + 1n}e-${places}`)).toBe(true);
      }),
      runs(500),
    );
  });

  test('an instant in another zone, without one, in seconds, with smaller parts of a millisecond', () => {
    const instants = fc.date({
      min: new Date('1971-01-01T00:00:00Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, fc.integer({ min: -13, max: 13 }), fc.nat(9), (instant, hours, digit) => {
        const text = instant.toISOString();
        const shifted = new Date(instant.getTime() + hours * 3_600_000).toISOString().slice(0, -1);
        const zone = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`;
        same('DateEquals', text, `${shifted}${zone}`);
        same('DateEquals', text, text.slice(0, -1));
        same('DateEquals', text, `${text.slice(0, -1)}${digit}Z`);
        const seconds = `${Math.floor(instant.getTime() / 1000)}.${text.slice(20, 23)}${digit}`;
        same('DateEquals', text, seconds);
        expect(holds('DateLessThan', text, new Date(instant.getTime() + 1).toISOString())).toBe(true);
      }),
      runs(500),
    );
  });

  test('an IPv4 address that is mapped into IPv6', () => {
    fc.assert(
      fc.property(ip4, range, (held, given) => {
        const [a = 0, b = 0, c = 0, d = 0] = held.split('.').map(Number);
        const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const mapped of [`::ffff:${held}`, `::FFFF:${groups}`, `0:0:0:0:0:ffff:${groups}`])
          expect(holds('IpAddress', mapped, given)).toBe(holds('IpAddress', held, given));
        expect(holds('IpAddress', `::ffff:${held}`, '::/0')).toBe(false);
      }),
      runs(500),
    );
  });

  test('leading zeros of an address and of a prefix length are decimal', () => {
    const padded = (text: string): string => text.replace(/\d+/g, (digits) => digits.padStart(3, '0'));
    fc.assert(
      fc.property(ip4, ip4, fc.nat(32), (held, base, length) => {
        const inside = holds('IpAddress', held, `${base}/${length}`);
        expect(holds('IpAddress', padded(held), `${padded(base)}/0${length}`)).toBe(inside);
        expect(holds('IpAddress', held, `${base}/+${length}`)).toBe(inside);
      }),
      runs(200),
    );
  });
});

describe('O6: a multivalued key without set operator', () => {
  test.each(families)('$positive and $negative match no value, and an absent key as ever', (family) => {
    const { positive, negative, held, values } = family;
    fc.assert(
      fc.property(fc.array(held, { minLength: 1, maxLength: 3 }), list(values), (given, wanted) => {
        for (const operator of [positive, negative])
          for (const name of [operator, `${operator}IfExists`]) {
            expect(holds(name, given, wanted, many)).toBe(false);
            expect(holds(name, undefined, wanted, many)).toBe(holds(name, undefined, wanted));
          }
      }),
      runsOfEach(200),
    );
  });
});

describe('C7', () => {
  const subject = fc.constantFrom(...subjects);
  /** Both are open where an entry has a wildcard for the service. */
  const oneOf = [new Set(['allowed', 'denied']), new Set(['depends'])];

  test('of Action and NotAction exactly one matches', () => {
    const pattern = fc.oneof(
      fc.constantFrom(...actionPatterns, '*'),
      fc
        .string({ unit: fc.constantFrom('*', '?', 'k', 'm', 's', ':', 'D', 'e'), maxLength: 6 })
        .map((text) => `kms:${text}`),
    );
    fc.assert(
      fc.property(subject, fc.array(pattern, { minLength: 1, maxLength: 3 }), ({ action, arn: on }, patterns) => {
        const [some, none] = [{ Action: patterns }, { NotAction: patterns }].map((statement) =>
          decide({ statement, context: {}, action, arn: on }),
        );
        if (action !== 'kms:RetireGrant') expect(oneOf).toContainEqual(new Set([some, none]));
      }),
      runs(200),
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
          const [some, other] = [{ Resource: patterns }, { NotResource: patterns }].map((statement) =>
            decide({ statement, context, action, arn: on }),
          );
          expect(oneOf).toContainEqual(new Set([some, other]));
        },
      ),
      runs(200),
    );
  });
});
