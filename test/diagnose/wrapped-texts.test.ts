import { expect, test } from 'vitest';
import { wrappedTexts } from '../../src/diagnose/wrapped-texts.ts';

/* The places where programs put the text and the code of an error in JSON. */

const error = { code: 'AccessDenied', message: 'no' };
const found = [{ text: 'no', code: 'AccessDenied' }];

test.each([
  ['next to each other', error],
  ['with a code that is a number before the one in words', { ...error, code: 403, errorType: 'AccessDenied' }],
  ['in a response', { response: error }],
  ['in a list of errors', { errors: [error] }],
])('%s', (_, json) => {
  expect(wrappedTexts(json)).toEqual(found);
});
