import { expect, test } from 'vitest';
import { ReadDocuments } from '../../src/policy/policies.ts';

const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'rds:*', Resource: '*' }] };
const text = JSON.stringify(document);

test('equal texts and the same object are parsed once for each kind and name', () => {
  const read = new ReadDocuments();
  const parsed = read.parse('identity', 'own', text);
  expect(read.parse('identity', 'own', JSON.stringify(document))).toBe(parsed);
  expect(read.parse('identity', 'other', text)).not.toBe(parsed);
  expect(read.parse('session', 'own', text)).not.toBe(parsed);
  expect(read.parse('identity', 'own', document)).toBe(read.parse('identity', 'own', document));
  expect(read.parse('identity', 'own', `${text} `)).not.toBe(parsed);
});

test('what is no document is never remembered', () => {
  const read = new ReadDocuments();
  expect(read.parse('identity', 'own', 1)).toMatchObject({ faults: [{ path: '' }] });
  expect(read.parse('identity', 'own', 1)).not.toBe(read.parse('identity', 'own', 1));
});
