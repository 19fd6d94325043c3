import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import { parse } from '../../src/policy/parse.ts';
import { InvalidPolicies, type Policies } from '../../src/policy/policies.ts';
import type { RequestInput } from '../../src/policy/request.ts';

/*
 * A hostile or broken policy can only cause a verdict or a fault, in time that grows with its
 * length.
 */

const account = '111122223333';
const user = `arn:aws:iam::${account}:user/a`;
const keyArn = `arn:aws:kms:us-east-1:${account}:key/K`;
const long = 'a'.repeat(100_000);
const many = 20_000;

interface Hostile {
  readonly document: unknown;
  readonly request?: Partial<RequestInput>;
  readonly policies?: Partial<Policies>;
}

const policy = (Statement: unknown): unknown => ({ Version: '2012-10-17', Statement });
const allow = (more: object): object => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more });
const allowing = (more: object): unknown => policy(allow(more));

/** The verdict, or `fault`. Any other error is thrown. */
function verdict({ document, request = {}, policies = {} }: Hostile): string {
  const asked = {
    principal: user,
    userId: 'AIDA',
    action: 'kms:Decrypt',
    resource: { arn: keyArn, account },
    ...request,
  };
  const resource = { name: 'key', document: allowing({ Principal: { AWS: account } }) };
  try {
    const decision = authorize(asked, { identity: [{ name: 'i', document }], resource, grants: [], ...policies });
    decision.trace();
    return decision.decision;
  } catch (error) {
    if (error instanceof InvalidPolicies) return 'fault';
    throw error;
  }
}

const nested = `${'['.repeat(many)}${']'.repeat(many)}`;
const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `v${index}`);
const like = (key: string, pattern: string): unknown => allowing({ Condition: { StringLike: { [key]: pattern } } });

describe('size and depth', { tags: 'slow' }, () => {
  test.each<[string, Hostile, string]>([
    ['a deep Id', { document: `{"Version":"2012-10-17","Id":${nested},"Statement":[]}` }, 'fault'],
    ['a deep Statement', { document: `{"Version":"2012-10-17","Statement":${nested}}` }, 'fault'],
    ['many statements', { document: policy(Array.from({ length: many }, () => allow({}))) }, 'allowed'],
    ['many faults', { document: policy(Array.from({ length: 200_000 }, () => 7)) }, 'fault'],
    [
      'many values of a key that is not known',
      {
        document: allowing({ Condition: { StringEquals: { 'aws:SourceVpc': texts(many) } } }),
        request: { unknownKeys: ['aws:SourceVpc'] },
      },
      'depends',
    ],
    [
      'open braces in a Resource',
      { document: allowing({ Resource: `arn:aws:kms:::${'${'.repeat(50_000)}` }) },
      'denied',
    ],
    ['open braces in a condition', { document: like('aws:username', '${'.repeat(50_000)) }, 'denied'],
    ['a variable of spaces', { document: like('aws:username', `\${a${' '.repeat(50_000)}a}`) }, 'denied'],
    [
      'a star between all letters',
      { document: like('aws:SourceVpc', `${'*a'.repeat(2_000)}b`), request: { context: { 'aws:SourceVpc': long } } },
      'denied',
    ],
    [
      'a question mark between all letters',
      { document: like('aws:SourceVpc', `*${'a?'.repeat(2_000)}b*`), request: { context: { 'aws:SourceVpc': long } } },
      'denied',
    ],
    [
      'such a pattern where stars may stop at colons',
      {
        document: allowing({ Resource: `arn:aws:k${'*a'.repeat(500)}*:key/*` }),
        request: { resource: { arn: `${keyArn}:${'a'.repeat(2_000)}`, account } },
      },
      'denied',
    ],
    [
      'a variable in a long name',
      {
        document: allowing({ Resource: `arn:aws:kms:us-east-1:${account}:key/\${aws:SourceVpc}z` }),
        request: { resource: { arn: `${keyArn}${long}`, account }, unknownKeys: ['aws:SourceVpc'] },
      },
      'depends',
    ],
  ])('%s', (_, hostile, expected) => {
    const start = process.cpuUsage();
    expect(verdict(hostile)).toBe(expected);
    const { user: own, system } = process.cpuUsage(start);
    expect((own + system) / 1_000_000).toBeLessThan(3);
  });
});

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  test.each(names)('%s as a key, an operator, a variable or a Sid', (name) => {
    const within = (condition: string): Hostile => ({
      document: `{"Version":"2012-10-17","Statement":{"Sid":"${name}","Effect":"Allow","Action":"*","Resource":"*","Condition":${condition}}}`,
    });
    expect(verdict(within(`{"StringEquals":{"${name}":"a"}}`))).toBe('denied');
    expect(verdict(within(`{"Null":{"${name}":"true"}}`))).toBe('allowed');
    expect(verdict(within(`{"StringEquals":{"aws:PrincipalTag/${name}":"a"}}`))).toBe('denied');
    expect(verdict(within(`{"StringEquals":{"aws:username":"\${${name}}"}}`))).toBe('denied');
    expect(verdict(within(`{"${name}":{"aws:username":"a"}}`))).toBe('depends');
    expect(verdict(within(`{"ForAllValues:${name}":{"aws:username":"a"}}`))).toBe('depends');
  });

  test.each(names)('%s as an element', (name) => {
    const element = `"${name}":{"Effect":"Allow"}`;
    expect(verdict({ document: `{"Version":"2012-10-17",${element},"Statement":[]}` })).toBe('fault');
    expect(verdict({ document: `{"Statement":{"Effect":"Allow",${element},"Action":"*","Resource":"*"}}` })).toBe(
      'fault',
    );
  });

  test.each(names)('%s in the encryption context of a grant', (name) => {
    const pair: Record<string, string> = JSON.parse(`{"${name}":"red"}`);
    const Constraints = { EncryptionContextEquals: pair };
    const grants = [{ GrantId: name, GranteePrincipal: user, Operations: ['Decrypt'], Constraints }];
    const hostile = { document: policy([]), policies: { grants } };
    expect(verdict(hostile)).toBe('denied');
    expect(verdict({ ...hostile, request: { context: { [`kms:EncryptionContext:${name}`]: 'red' } } })).toBe('allowed');
  });
});

describe('names that occur twice', () => {
  const repeated = (text: string): readonly string[] => {
    const parsed = parse('identity', 'i', text);
    return 'warnings' in parsed
      ? parsed
          .warnings()
          .filter(({ code }) => code === 'element-repeated')
          .map(({ path }) => path)
      : ['fault'];
  };

  test('are reported with their path, and the last one counts', () => {
    const text =
      '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Effect":"Allow","Condition":{"Null":{"a":"true","\\u0061":"true"}}}]}';
    expect(repeated(text)).toEqual(['Statement[0].Effect', 'Statement[0].Condition.Null.a']);
    expect(repeated(encodeURIComponent(text))).toHaveLength(2);
    expect(verdict({ document: text })).toBe('allowed');
  });

  test('are not reported where they are in different places', () => {
    const two =
      '{"Statement":[{"Sid":"\\"{","Effect":"Allow","Action":["a:b","a:b"],"Resource":"*"},{"Effect":"Deny","Action":"a:b","Resource":"*"}]}';
    expect(repeated(two)).toEqual([]);
  });
});

describe('wrong types', () => {
  const elements = ['Effect', 'Action', 'Resource', 'Principal', 'NotPrincipal', 'Condition', 'Sid', 'NotAction'];
  const wrong: readonly unknown[] = [
    null,
    true,
    1,
    [null],
    [[]],
    { a: null },
    { StringEquals: { 'aws:username': null } },
  ];

  test.each(elements)('%s', (element) => {
    for (const value of wrong) {
      const document = allowing({ Principal: '*', [element]: value });
      expect(['fault', 'depends', 'denied']).toContain(
        verdict({ document: policy([]), policies: { resource: { name: 'key', document } } }),
      );
    }
  });

  test('a document of itself', () => {
    const document: Record<string, unknown> = { Version: '2012-10-17', Statement: [] };
    document['Id'] = document;
    expect(verdict({ document })).toBe('fault');
  });
});
