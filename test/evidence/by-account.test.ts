// @module-tag slow
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { whoCanReport } from '../../src/answer/who-can.ts';
import { readByAccount } from '../../src/evidence/by-account.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { readWithoutPolicies } from '../../src/evidence/read.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { estateOf } from '../properties/estates.ts';

/* The answers are the same whether the program reads evidence account by account or as a whole. */

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'by-account-'));
  folders.push(folder);
  for (const [name, json] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(json));
  return folder;
}

/** One file for each account. The principals of the first account have a file of their own. */
function filesOf({ accounts }: Evidence): Readonly<Record<string, unknown>> {
  const files = Object.entries(accounts).flatMap(([id, { iam, ...rest }], index): readonly [string, unknown][] => {
    const file = (account: unknown) => ({ evidenceVersion: 1, accounts: { [id]: account } });
    if (index > 0) return [[`${id}.json`, file({ iam, ...rest })]];
    return [
      [`${id}.json`, file(rest)],
      [`${id}-iam.json`, file({ iam })],
    ];
  });
  return Object.fromEntries<unknown>(files);
}

const asked = {
  operations: operationsNamed('restore').slice(0, 1),
  names: [],
  parameters: {},
  people: [],
  context: {},
  strict: false,
  evaluatedAt: '2026-11-26T12:00:00Z',
} as const;

describe('evidence that is read account by account', () => {
  test.each([1, 3, 6])('gives the answer that evidence held whole gives (estate %i)', (seed) => {
    const folder = folderOf(filesOf(estateOf(seed).evidence));
    const [whole, apart] = [readWithoutPolicies([folder]), readByAccount([folder])];
    for (const account of Object.keys(whole.evidence.accounts)) {
      const report = whoCanReport(whole.evidence, { ...asked, account }, '0');
      expect(report.targets).not.toEqual([]);
      expect(whoCanReport(apart.evidence, { ...asked, account }, '0')).toEqual(report);
    }
  });

  test('is checked for faults again if a file has changed', () => {
    const id = '111122223333';
    const file = (roles: readonly string[]) => ({
      evidenceVersion: 1,
      accounts: {
        [id]: {
          iam: { RoleDetailList: roles.map((name) => ({ Arn: `arn:aws:iam::${id}:role/${name}`, RoleName: name })) },
        },
      },
    });
    const folder = folderOf({ 'a.json': file(['a']) });
    const { evidence } = readByAccount([folder]);
    writeFileSync(join(folder, 'a.json'), JSON.stringify(file(['b', 'b'])));
    expect(() => evidence.accounts[id]?.iam).toThrow(/are both/);
  });

  test('holds policies of AWS that only another account lists', () => {
    const arn = 'arn:aws:iam::aws:policy/Some';
    const role = (id: string) => ({
      Arn: `arn:aws:iam::${id}:role/a`,
      RoleName: 'a',
      AttachedManagedPolicies: [{ PolicyArn: arn }, { PolicyArn: `arn:aws:iam::${id}:policy/gone` }],
    });
    const document = { Version: '2012-10-17', Statement: [] };
    const policy = { Arn: arn, PolicyVersionList: [{ IsDefaultVersion: true, Document: document }] };
    const account = (id: string, Policies: readonly unknown[]) => ({
      evidenceVersion: 1,
      accounts: { [id]: { iam: { RoleDetailList: [role(id)], UserDetailList: [], Policies } } },
    });
    const folder = folderOf({
      'a.json': account('111122223333', []),
      'b.json': account('444455556666', [policy]),
    });
    const principals = [readWithoutPolicies([folder]), readByAccount([folder])].map(({ evidence }) =>
      findPrincipal(directoryOf(evidence), 'arn:aws:iam::111122223333:role/a'),
    );
    expect(principals[1]).toEqual(principals[0]);
    expect(principals[1]?.identity).toContainEqual({ name: arn, document });
  });

  test('refuses files that contradict each other about a principal of the question', () => {
    const file = (RoleId: string) => ({
      evidenceVersion: 1,
      accounts: {
        '111122223333': {
          iam: { RoleDetailList: [{ Arn: 'arn:aws:iam::111122223333:role/a', RoleName: 'a', RoleId }] },
        },
      },
    });
    const folder = folderOf({ 'a.json': file('AROAONE'), 'b.json': file('AROAOTHER') });
    const { evidence } = readByAccount([folder]);
    expect(() => evidence.accounts['111122223333']?.iam).toThrow(/a\.json and .*b\.json contradict each other/);
  });
});
