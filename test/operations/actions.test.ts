import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { globOf, matches } from '../../src/base/glob.ts';
import { reads } from '../../src/collect/reads.ts';
import { findAction, isServicePrefix, prefixOf, serviceWithPrefix } from '../../src/operations/action-table.ts';
import { source } from '../../src/operations/actions.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rows = catalogue.flatMap(({ calls }) => calls);

/** Services whose actions the catalog uses, but that the table of actions does not have. */
const notDescribed = new Set(['s3']);

function isOneOf(key: string, patterns: Iterable<string>): boolean {
  return [...patterns].some((pattern) => matches(globOf(pattern.toLowerCase()), key.toLowerCase()));
}

describe('the table of actions', () => {
  test('is what its script writes from the version of the data that is installed', () => {
    const run = (): string =>
      execFileSync(process.execPath, ['scripts/generate-actions.mjs', '--check'], { cwd: root, encoding: 'utf8' });
    expect(run).not.toThrow();
    expect(source.date).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  test.each([
    ['kms:decrypt', ['arn:*:kms:*:*:key/*'], 'kms:ViaService'],
    [
      'RDS:RestoreDBClusterFromSnapshot',
      ['arn:*:rds:*:*:cluster:*', 'arn:*:rds:*:*:cluster-snapshot:*'],
      'rds:cluster-tag/*',
    ],
    ['iam:PassRole', ['arn:*:iam::*:role/*'], 'iam:PassedToService'],
    ['sts:AssumeRole', ['arn:*:iam::*:role/*'], 'sts:ExternalId'],
    ['kms:ListKeys', [], undefined],
  ] as const)('%s', (name, resources, key) => {
    const action = findAction(name);
    const forms = action?.resources.map(({ text }) => text);
    expect(forms).toEqual(expect.arrayContaining([...resources]));
    if (resources.length === 0) expect(forms).toEqual([]);
    if (key !== undefined) expect(action?.keys).toContain(key);
  });

  test('knows nothing of what is not there, also by names that every object has', () => {
    for (const name of ['kms:DecryptAll', 'kms:', 'toString:x', 'kms:constructor', '__proto__:a', ''])
      expect(findAction(name), name).toBeUndefined();
    expect(['s3', 'KMS', 'toString', ''].map(isServicePrefix)).toEqual([true, true, false, false]);
  });
});

describe('the catalog', () => {
  test('names existing actions', () => {
    const names = [...new Set([...rows.map(({ action }) => action), ...Object.keys(reads)])];
    const unknown = names.filter(
      (name) => serviceWithPrefix(prefixOf(name)) !== undefined && findAction(name)?.name !== name,
    );
    expect(unknown).toEqual([]);
    expect(
      [...new Set(rows.map(({ action }) => prefixOf(action)))].filter(
        (prefix) => serviceWithPrefix(prefix) === undefined,
      ),
    ).toEqual([...notDescribed]);
  });

  test('passes only the role of --iam-role where an operation takes that flag', () => {
    const taking = catalogue.filter(({ parameters }) => parameters.includes('iam-role'));
    const passed = taking.flatMap(({ calls }) => calls.filter(({ action }) => action === 'iam:PassRole'));
    expect(taking.length).toBeGreaterThan(0);
    expect(new Set(passed.map(({ on }) => on))).toEqual(new Set(['role']));
  });

  test('names condition keys that the actions have', () => {
    const wrong = rows.flatMap(({ action, keys = [], sends = {} }) => {
      const known = findAction(action);
      if (known === undefined) return [];
      const named = [...keys, ...Object.keys(sends)].map((key) => (key.endsWith('/') ? `${key}x` : key));
      return named.filter((key) => !isOneOf(key, known.keys)).map((key) => `${action} ${key}`);
    });
    expect([...new Set(wrong)]).toEqual([]);
  });

  test('has resources of the right types for RDS actions', () => {
    const wrong = rows.flatMap(({ action, on }) => {
      const type = on.replace('new ', '');
      const known = findAction(action);
      if (known === undefined || !action.startsWith('rds:')) return [];
      const arn = `arn:aws:rds:us-east-1:111122223333:${type}:x`;
      return isOneOf(
        arn,
        known.resources.map(({ text }) => text),
      )
        ? []
        : [`${action} ${on}`];
    });
    expect([...new Set(wrong)]).toEqual([]);
  });
});
