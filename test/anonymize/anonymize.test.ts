import { describe, expect, test } from 'vitest';
import { anonymize } from '../../src/anonymize/anonymize.ts';
import { pseudonyms } from '../../src/anonymize/pseudonyms.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { fc, runs, share } from '../properties/seed.ts';

/* test/check/check-cases.test.ts shows that anonymizing changes no verdict. */

function alone(evidence: Evidence): Evidence {
  const [anonymous] = anonymize([evidence]);
  if (anonymous === undefined) throw new Error('nothing came back');
  return anonymous;
}

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/prod-admin`;

function withPolicy(statement: unknown, more: Partial<Evidence> = {}): Evidence {
  const document = { Version: '2012-10-17', Statement: [statement] };
  const detail = { Arn: role, RoleName: 'prod-admin', RolePolicyList: [{ PolicyName: 'p', PolicyDocument: document }] };
  return { evidenceVersion: 1, accounts: { [account]: { iam: { RoleDetailList: [detail] } } }, ...more };
}

const allow = (Resource: string) => ({ Effect: 'Allow', Action: 'rds:*', Resource });

describe('names', () => {
  test('are gone, all of them', () => {
    const text = JSON.stringify(alone(demoEvidence));
    for (const name of [
      'operator',
      'orders',
      'ledger',
      'administrator',
      'upgrade',
      'operate',
      'AdminRole',
      account,
      '6ec1a0bd',
    ])
      expect(text, name).not.toContain(name);
    expect(text).toContain('rds:RestoreDBClusterFromSnapshot');
    expect(text).toContain('"KeyState":"Enabled"');
  });

  test('are replaced alike in several files, in any spelling of a policy, and by case', () => {
    const document = {
      Version: '2012-10-17',
      Statement: [{ ...allow(`arn:aws:rds:*:${account}:cluster:Prod-admin`), Sid: 'ForProd' }],
    };
    const texts = [JSON.stringify(document), encodeURIComponent(JSON.stringify(document))];
    const iam = {
      Policies: texts.map((Document, index) => ({
        Arn: `arn:aws:iam::${account}:policy/p${index}`,
        PolicyVersionList: [{ Document }],
      })),
    };
    const [first, second] = anonymize([
      withPolicy(allow('*')),
      { evidenceVersion: 1, accounts: { [account]: { iam } } },
    ]);
    const [arn = ''] =
      first?.accounts[Object.keys(first.accounts)[0] ?? '']?.iam?.RoleDetailList?.map((one) => one.Arn) ?? [];
    const [, id = '', prod = '', admin = ''] = /::(\d{12}):role\/(\w+)-(\w+)$/.exec(arn) ?? [];
    const documents = second?.accounts[id]?.iam?.Policies?.map((policy) => policy.PolicyVersionList?.[0]?.Document);
    expect(documents).toHaveLength(2);
    expect(documents?.[0]).toBe(documents?.[1]);
    expect(documents?.[0]).toMatch(new RegExp(`:${id}:cluster:${prod}-${admin}`, 'i'));
    expect(documents?.[0]).not.toContain(`${prod}-`);
  });

  test('of unknown fields are gone if they may identify a person or resource', () => {
    const key = {
      KeyMetadata: { Arn: `arn:aws:kms:us-east-1:${account}:key/k1`, KeyState: 'Enabled', XksKeyConfiguration: {} },
      ProjectTags: { AcmeMerger: 'x', nested: [{ AcmeBuyer: 'y', deeper: { AcmeSeller: 'z' } }] },
      NewOfAws: 'v',
      'acme owner': 'w',
    };
    const regions = { 'us-east-1': { kms: { keys: [key] } }, 'eusc-de-east-1': {} };
    const text = JSON.stringify(alone({ evidenceVersion: 1, accounts: { [account]: { regions } } }));
    expect(text).not.toMatch(/acme/i);
    for (const stays of [
      'KeyMetadata',
      'XksKeyConfiguration',
      'ProjectTags',
      'NewOfAws',
      'us-east-1',
      'eusc-de-east-1',
    ])
      expect(text, stays).toContain(`"${stays}"`);
  });

  test('of AWS stay: managed policies, services, Regions, keys of conditions', () => {
    const managed = 'arn:aws:iam::aws:policy/AmazonRDSFullAccess';
    const Condition = {
      StringLike: { 'kms:ViaService': 'rds.*.amazonaws.com', 'aws:ResourceTag/Team': 'crew' },
      StringEquals: { 'kms:EncryptionContext:aws:rds:dbc-id': 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
      IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
    };
    const given = withPolicy({ ...allow('*'), Condition });
    const text = JSON.stringify(
      alone({
        ...given,
        accounts: {
          [account]: {
            iam: { Policies: [{ Arn: managed, PolicyName: 'AmazonRDSFullAccess' }], ...given.accounts[account]?.iam },
          },
        },
      }),
    );
    for (const word of [
      managed,
      '"AmazonRDSFullAccess"',
      'rds.*.amazonaws.com',
      'kms:EncryptionContext:aws:rds:dbc-id',
      '203.0.113.0/24',
    ])
      expect(text).toContain(word);
    for (const word of ['Team', 'crew', 'ABCDEFGHIJ']) expect(text).not.toContain(word);
    expect(text).toMatch(/"aws:ResourceTag\/x[a-z]{5}":"x[a-z]{5}"/i);
  });

  test('in what AWS answered are left out with the answer', () => {
    const gaps = [
      { what: 'iam:GetRole', account, resource: role, reason: `AccessDenied: User: ${role} is not authorized` },
    ];
    const { gaps: anonymous } = alone(withPolicy(allow('*'), { gaps }));
    expect(anonymous).toMatchObject([{ what: 'iam:GetRole', reason: 'AccessDenied' }]);
    expect(JSON.stringify(anonymous)).not.toMatch(/prod|admin|1111/);
  });
});

describe('a policy', () => {
  test.each([
    ['that is not JSON', '{"Version": '],
    ['that cannot be decoded', '%7B%22Version%22%'],
  ])('%s is refused', (_, text) => {
    const trusting = { Arn: role, RoleName: 'prod-admin', AssumeRolePolicyDocument: text };
    const given: Evidence = { evidenceVersion: 1, accounts: { [account]: { iam: { RoleDetailList: [trusting] } } } };
    expect(() => alone(given)).toThrow(`--anonymize: this policy is not JSON: ${text.trim()}`);
  });

  test.each([
    ['StringNotLike', true],
    ['ForAnyValue:ArnEqualsIfExists', true],
    ['NumericLessThan', false],
    ['DateGreaterThanIfExists', false],
    ['NotIpAddress', false],
    ['Null', false],
  ])('tests names with %s: %s', (operator, replaced) => {
    const given = withPolicy({ ...allow('*'), Condition: { [operator]: { 'aws:PrincipalTag/x': 'gamma' } } });
    expect(JSON.stringify(alone(given)).includes('gamma')).toBe(!replaced);
  });
});

describe('numbers that identify somebody', () => {
  test.each([
    ['48151623421', /^1\d{10}$/],
    ['call +49 170 1234567 at night', /^\w+ \+1\d \d{3} \d{7} \w+ \w+$/],
    ['+1 (555) 010-9999', /^\+1 \(\d{3}\) \d{3}-\d{4}$/],
    ['(030) 901820', /^\(1\d\d\) \d{6}$/],
    ['555-010-9999', /^1\d\d-\d{3}-\d{4}$/],
    ['4111 1111 1111 1111', /^1\d{3} \d{4} \d{4} \d{4}$/],
    ['4111-1111-1111-1111', /^1\d{3}-\d{4}-\d{4}-\d{4}$/],
    ['4111111111111111', /^1\d{15}$/],
    ['id=123456', /^id=1\d{5}$/],
  ])('%j is replaced', (text, form) => {
    const { of } = pseudonyms([text], []);
    expect(of(text)).toMatch(form);
    expect(of(text)).toBe(of(text));
    for (const digits of text.match(/\d{4,}/g) ?? []) expect(of(text)).not.toContain(digits);
  });

  test.each(['rds:2026-11-01-03-10', '5.7.12', '10.0.0.0/16', '65432', '2026-11-01 03:10'])('%j stays', (text) => {
    expect(pseudonyms([text], []).of(text)).toBe(text);
  });

  test('of an external ID are replaced on both sides, and bytes too', () => {
    const condition = {
      StringEquals: { 'sts:ExternalId': '48151623421' },
      BinaryEquals: { 'aws:PrincipalTag/x': ['c2VjcmV0', 'no base64'] },
    };
    const text = JSON.stringify(alone(withPolicy({ ...allow('*'), Condition: condition }, { x: ['48151623421'] })));
    for (const part of ['48151623421', 'c2VjcmV0', 'no base64']) expect(text).not.toContain(part);
    const [, id] = /"sts:ExternalId":"(\d+)"/.exec(text) ?? [];
    expect(text).toContain(`"x":["${id ?? ''}"]`);
    const [, bytes = ''] = /"aws:PrincipalTag\/\w+":\["([^"]+)","!/.exec(text) ?? [];
    expect(btoa(atob(bytes))).toBe(bytes);
  });
});

describe('a pattern', () => {
  test.each([
    ['that ends in a word', 'arn:aws:iam::*:role/prod*'],
    ['that begins with one', '*-admin'],
    ['that cuts a word', 'arn:aws:iam::*:role/pro*'],
    ['that cuts it from both sides', '*ro*-adm*'],
    ['of one sign', 'arn:aws:iam::*:role/prod?admin'],
  ])('%s still matches', (_, pattern) => {
    const { of } = pseudonyms([role, `${role}istrator`, `arn:aws:iam::${account}:role/dev`], [pattern]);
    const glob = new RegExp(`^${of(pattern).replaceAll('*', '.*').replaceAll('?', '.')}$`);
    expect(of(pattern)).not.toMatch(/pro|adm/);
    expect([role, `arn:aws:iam::${account}:role/dev`].map((text) => glob.test(of(text)))).toEqual([true, false]);
  });

  test.each([
    ['that cuts an account ID', 'arn:aws:iam::1111*:role/*', 'cuts through'],
    ['that counts the signs of a name', 'arn:aws:iam::*:role/prod-????n', 'cuts through'],
    ['that joins a variable and a name', 'arn:aws:rds:*:*:cluster:prod${aws:username}', 'joins a policy variable'],
  ])('%s is refused', (_, Resource, says) => {
    expect(() => alone(withPolicy(allow(Resource)))).toThrow(says);
  });

  test('either matches as before or is refused', () => {
    const piece = fc.constantFrom('a', 'ab', 'prod', 'Prod', 'db', '1', '12', 'x', '-', '/', '_', 'rds');
    const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    const pattern = fc
      .array(fc.oneof(piece, fc.constantFrom('*', '?')), { minLength: 1, maxLength: 6 })
      .map((pieces) => pieces.join(''));
    const glob = (text: string): RegExp => new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    let accepted = 0;
    const holds = (names: readonly string[], patterns: readonly string[]): void => {
      let of: (text: string) => string;
      try {
        ({ of } = pseudonyms(names, patterns));
      } catch {
        return;
      }
      accepted++;
      for (const one of patterns)
        for (const text of names) expect(glob(of(one)).test(of(text)), `${one} on ${text}`).toBe(glob(one).test(text));
    };
    fc.assert(fc.property(fc.array(name, { maxLength: 5 }), fc.array(pattern, { maxLength: 3 }), holds), runs(3_000));
    expect(accepted).toBeGreaterThan(share(1_000, 3_000));
  });
});
