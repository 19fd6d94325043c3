import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { fixFiles } from '../../src/fix/fix-files.ts';
import { applied, expectToApply } from '../apply-fix.ts';
import { questionOf } from '../check-case.ts';
import { runInProcess as ran } from '../run-in-process.ts';

/* The files that --fix-dir writes. test/fix/remedies.test.ts applies fixes of many kinds. */

const operator = 'arn:aws:iam::111122223333:role/operator';
const demo = questionOf({ operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' });
const [first] = check(demoEvidence, { ...demo, fix: true }, 'test').fixes;
if (first === undefined) throw new Error('the demo has a fix');
const { steps } = first;

describe('the files of a fix', () => {
  test('apply it in order', () => {
    expectToApply(steps);
  });

  test('stop at the first step that fails', () => {
    const { status, calls } = applied(fixFiles(steps), 'put-key-policy');
    expect(status).toBe(254);
    expect(calls.at(-1)).toContain('[put-key-policy]');
  });

  test('stop where the policy is another one', () => {
    const files = new Map(fixFiles(steps));
    files.set('00-key-policy.before.json', '{"Version":"2012-10-17","Statement":[]}');
    const { status, stderr, written } = applied(files);
    expect({ status, written }).toEqual({ status: 1, written: [] });
    expect(stderr).toContain('The policy changed after the check');
  });
});

describe('--fix-dir', () => {
  const newFolder = (): string => mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  const asked = ['restore', '--demo', '--snapshot', 'orders-before-upgrade'];

  test('writes the fix into a folder that it makes, and refuses files that are there', async () => {
    const folder = join(newFolder(), 'new', 'fix');
    const { code, stderr, stdout } = await ran([...asked, '--fix-dir', folder]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `wrote ${join(folder, 'apply.sh')} and 3 documents\n` });
    expect(stdout).toContain('cannot restore');
    const names = ['01-key-policy.before.json', '01-key-policy.json', '02-inline-policy.json', 'apply.sh'];
    expect(readdirSync(folder).toSorted()).toEqual(names);
    const again = await ran([...asked, '--fix-dir', folder]);
    expect(again).toEqual({ code: 252, stdout: '', stderr: expect.stringContaining('apply.sh exists') });
  });

  test('overwrites no document, and writes nothing else', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, '02-inline-policy.json'), 'mine');
    const { code, stdout } = await ran([...asked, '--fix-dir', folder]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(readdirSync(folder)).toEqual(['02-inline-policy.json']);
    expect(readFileSync(join(folder, '02-inline-policy.json'), 'utf8')).toBe('mine');
  });

  test.each([
    ['a file in place of the folder', [...asked, '--fix-dir', import.meta.filename], /is a file/],
    ['several checks', ['restore', '--demo', '--fix-dir', '/nonexistent/x'], /this run has 3/],
  ])('refuses %s', async (_, args, says) => {
    expect(await ran(args)).toEqual({ code: 252, stdout: '', stderr: expect.stringMatching(says) });
  });

  test('says that there is no fix where the check succeeds', async () => {
    const folder = join(newFolder(), 'fix');
    const args = ['create-snapshot', '--demo', '--cluster', 'orders', '-q', '--fix-dir', folder];
    expect(await ran(args)).toEqual({ code: 0, stdout: '', stderr: 'note: there is no fix to write\n' });
    expect(existsSync(folder)).toBe(false);
  });
});
