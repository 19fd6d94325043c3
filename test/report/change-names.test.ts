import { expect, test } from 'vitest';
import { changeNamer } from '../../src/report/change-names.ts';

test('a comparison names the account of a root user, as who-can and preflight do', () => {
  const name = changeNamer([]);
  expect(name('arn:aws:iam::111122223333:root')).toBe('the root user of account 111122223333');
  expect(name('arn:aws:iam::111122223333:role/operator')).toBe('role/operator');
});
