// @module-tag slow
import { describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { merge } from '../../src/evidence/merge.ts';
import { diagnose, type Evidence, Failure, mergeEvidence, parse } from '../../src/index.ts';

/* Deeply nested input, and names that every JavaScript object has. */

const depth = 200_000;
const lists = `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const repeated = `${'{"b":1,"b":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe.each(Object.entries({ lists, objects, repeated }))('%s within one another', (_, nested) => {
  test.each([
    ['a field that is not known', `{"evidenceVersion":1,"accounts":{},"x":${nested}}`],
    [
      'a field of a role',
      `{"evidenceVersion":1,"accounts":{"111122223333":{"iam":{"RoleDetailList":[{"x":${nested}}]}}}}`,
    ],
    ['the whole file', nested],
  ])('are refused as %s', (_what, text) => {
    expect(() => parseEvidence('a.json', text)).toThrow(/a\.json: nested more than 200 levels deep/);
  });

  test('are refused as an event and as a policy', () => {
    expect(() => diagnose(demoEvidence, `{"eventName":"x","requestParameters":${nested}}`)).toThrow(Failure);
    for (const element of ['Statement', 'Id', 'Condition'])
      expect(parse('identity', 'p', `{"Version":"2012-10-17","${element}":${nested}}`)).toHaveProperty('faults');
  });

  test('are refused where pieces are merged', () => {
    const piece: Evidence = { ...demoEvidence, x: JSON.parse(nested) };
    expect(() => mergeEvidence([piece, piece])).toThrow(Failure);
  });
});

const inherited = [
  '__proto__',
  'constructor',
  'valueOf',
  'toString',
  'hasOwnProperty',
  'isPrototypeOf',
  '__defineGetter__',
];

describe.each(inherited)('the name %s', (name) => {
  test('is a name of evidence like any other', () => {
    const from = (file: string, more: number) => ({
      from: file,
      evidence: parseEvidence(
        file,
        `{"evidenceVersion":1,"accounts":{"111122223333":{"iam":{"${name}":["a"],"x":{"${name}":${more}}},"${name}":{"a":1}}}}`,
      ),
    });
    const { iam } = merge([from('a.json', 1), from('b.json', 1)]).accounts['111122223333'] ?? {};
    expect(iam).toEqual(from('a.json', 1).evidence.accounts['111122223333']?.iam);
    expect(() => merge([from('a.json', 1), from('b.json', 2)])).toThrow(/contradict each other on .*iam/);
  });

  test('is an API that is not checked', () => {
    const event = {
      eventSource: 'rds.amazonaws.com',
      eventName: name,
      eventTime: '2026-11-01T12:00:00Z',
      awsRegion: 'us-east-1',
      errorCode: name,
      userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${name}`, accountId: '111122223333' },
      requestParameters: JSON.parse(`{"${name}":"${name}"}`),
    };
    expect(diagnose(demoEvidence, event).diagnosis?.answer).toContain(name);
  });
});
