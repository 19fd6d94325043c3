import { describe, expect, test } from 'vitest';
import { outcomeOf, withNames } from './case-table.ts';
import { withCases } from './check-table.ts';

/*
 * The notation of case tables. A mistake in a table must be refused, or it could pass as a case
 * that expects nothing.
 */

const asked = { name: 'one', source: 'iam-evaluation 1', ask: 'restore snapshot s1 as Dba in eu-west-1' };

describe('a name', () => {
  test('is replaced by its value, in a text as a word', () => {
    const table = {
      names: { Dba: 'arn:dba', Policy: { Principal: '$Dba' } },
      cases: ['$Policy', 'restore as $Dba', '$Dba'],
    };
    expect(withNames(table)).toEqual({ cases: [{ Principal: 'arn:dba' }, 'restore as arn:dba', 'arn:dba'] });
  });

  test('of a list is replaced by its items', () => {
    const table = { names: { Two: ['a', 'b'] }, cases: [['...$Two', 'c'], '$Two'] };
    expect(withNames(table)).toEqual({
      cases: [
        ['a', 'b', 'c'],
        ['a', 'b'],
      ],
    });
    expect(() => withNames({ names: { One: 'a' }, cases: ['...$One'] })).toThrow('no list has this name');
  });

  test('of an object is replaced by the object with changes', () => {
    const table = { names: { Allow: { a: 1, b: 2 }, Two: 2 }, cases: [{ $Allow: { b: '$Two', c: 3 } }] };
    expect(withNames(table)).toEqual({ cases: [{ a: 1, b: 2, c: 3 }] });
  });

  test('that nothing has is refused', () => {
    expect(() => withNames({ names: {}, cases: ['$Dba'] })).toThrow('no text has the name Dba');
    expect(() => withNames({ names: { Policy: {} }, cases: ['by $Policy'] })).toThrow('no text has the name Policy');
  });

  test('is nothing where a table has no names, nor in a variable of a policy', () => {
    const variables = [String.raw`\${aws:username}`];
    expect(withNames({ cases: ['$Dba'] })).toEqual({ cases: ['$Dba'] });
    expect(withNames({ names: {}, cases: variables })).toEqual({ cases: variables });
  });
});

test.each([
  ['allowed', { decision: 'allowed' }],
  ['allowed by A, B', { decision: 'allowed', decidedBy: ['A', 'B'] }],
  ['denied', { decision: 'denied' }],
  ['denied explicitly by A', { decision: 'denied', denial: 'explicit', decidedBy: ['A'] }],
  ['denied implicitly; lacks identity, scp', { decision: 'denied', denial: 'implicit', lacking: ['identity', 'scp'] }],
  ['denied; by A; on a', { decision: 'denied', decidedBy: ['A'], dependsOn: ['a'] }],
  ['depends on a, b; by A', { decision: 'depends', dependsOn: ['a', 'b'], decidedBy: ['A'] }],
])('the outcome "%s"', (text, outcome) => {
  expect(outcomeOf(text)).toEqual(outcome);
});

test.each([
  'permitted',
  'allowed from A',
  'denied implicitly; lack identity',
  'denied; by A; by B',
  'denied; by A; of B',
])('no outcome is "%s"', (text) => {
  expect(() => outcomeOf(text)).toThrow('is no outcome');
});

describe('a row', () => {
  test('is a case', () => {
    const table = {
      about: 'all',
      places: { key: '/keys/0' },
      asked: { region: 'us-east-1' },
      cases: [
        {
          ...asked,
          question: { strict: true },
          with: { key: null, 'key/Policy': 1, '/gaps': [] },
          expect: [
            'fails with an error that is not published',
            'forwarded kms:DescribeKey, kms:CreateGrant on target key: denied implicitly',
            'caller rds:X on cluster, og: allowed',
            'key is enabled: unmet',
            'assumes nothing',
            'follow-ups: fails',
            'the error says: no',
          ],
        },
        { name: 'two', source: 'T2', ask: 'create-cluster as Dba', expect: 'succeeds with X' },
      ],
    };
    const question = { operation: 'restore', snapshot: 's1', principal: 'Dba', region: 'eu-west-1', strict: true };
    const denied = { kind: 'forwarded', on: 'target key', decision: 'denied', denial: 'implicit' };
    const allowed = { kind: 'caller', action: 'rds:X', decision: 'allowed' };
    expect(withCases(table)).toEqual({
      about: 'all',
      cases: [
        {
          name: 'one',
          source: 'iam-evaluation 1',
          question,
          with: { '/keys/0': null, '/keys/0/Policy': 1, '/gaps': [] },
          expect: {
            verdict: 'fails',
            expectedError: null,
            calls: [
              { ...denied, action: 'kms:DescribeKey' },
              { ...denied, action: 'kms:CreateGrant' },
              { ...allowed, on: 'cluster' },
              { ...allowed, on: 'og' },
            ],
            preconditions: { 'key is enabled': 'unmet' },
            assumptions: [],
            followUps: 'fails',
            errorText: 'no',
          },
        },
        {
          name: 'two',
          source: 'T2',
          question: { operation: 'create-cluster', principal: 'Dba', region: 'us-east-1' },
          expect: { verdict: 'succeeds', expectedError: 'X' },
        },
      ],
    });
  });

  test.each([
    ['a field that no case has', { ...asked, wiht: {}, expect: 'fails' }, 'a case has no wiht'],
    ['a place that has no name', { ...asked, with: { key: 1 }, expect: 'fails' }, 'no place has the name key'],
    ['an invalid verdict', { ...asked, expect: 'fail' }, 'is no verdict'],
    ['a line that expects nothing', { ...asked, expect: ['fails', 'key is enabled'] }, 'expects nothing'],
    ['an invalid question', { ...asked, ask: 'restore s1', expect: 'fails' }, 'asks nothing'],
    ['an invalid source', { ...asked, ask: 'restore snap s1 as Dba', expect: 'fails' }, 'nothing is read by snap'],
  ])('is refused with %s', (_, row, message) => {
    expect(() => withCases({ about: '', cases: [row] })).toThrow(message);
  });
});
