import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/answer/inventory.ts';
import { ageText } from '../../src/base/wording.ts';
import type { MissingReport } from '../../src/contract/inventory-report.ts';
import { ageWarning } from '../../src/evidence/age.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { backupRows, rdsRows } from '../../src/evidence/lists.ts';
import type { Account, Evidence, Region } from '../../src/evidence/schema.ts';
import { ageWarningText } from '../../src/explain/evidence-age.ts';
import { inventoryText } from '../../src/report/inventory.ts';
import { plain } from '../../src/report/style.ts';

const account = '111122223333';
const region = 'us-east-1';
const now = '2026-11-02T09:00:00Z';

function missingOf(evidence: Evidence): readonly MissingReport[] {
  return takeInventory(evidence, [], now).missing;
}

const known = demoEvidence.accounts[account] ?? {};
const there = known.regions?.[region] ?? {};

function withAccount(change: Partial<Account>): Evidence {
  return { ...demoEvidence, accounts: { [account]: { ...known, ...change } } };
}

function withRegion(change: Partial<Region>): Evidence {
  return withAccount({ regions: { [region]: { ...there, ...change } } });
}

const empty = Object.fromEntries(rdsRows.map(([name]) => [name, []]));
const noBackups = Object.fromEntries(backupRows.map(([name]) => [name, []]));
const whole = { rds: { ...empty, ...there.rds }, backup: noBackups };

describe('what is missing', () => {
  test('is everything of RDS and KMS if the evidence has no Region', () => {
    const what = 'all RDS and KMS data';
    expect(missingOf(withAccount({ regions: {} }))).toEqual([expect.objectContaining({ what, effect: 'refused' })]);
  });

  test('empty evidence is not called complete', () => {
    const dated = [{ from: 'a.json', collectedAt: '2099-01-01T00:00:00Z' }];
    const text = inventoryText(
      takeInventory({ ...demoEvidence, accounts: {} }, dated, now),
      { paint: plain, width: 80, verbose: true },
      24,
    );
    expect(text).toContain('? the evidence has no account');
    expect(text).toContain('a.json  read in the future (2099-01-01T00:00:00Z)');
  });

  test('is nothing if the evidence has every list', () => {
    expect(missingOf(withRegion(whole))).toEqual([]);
  });

  test.each([
    ['a list', { rds: { ...whole.rds, DBClusters: undefined } }, 'list DBClusters', 'refused: clone'],
    [
      'a list',
      { rds: { ...whole.rds, AccountQuotas: undefined } },
      'list AccountQuotas',
      'not looked at: create-snapshot',
    ],
    [
      'with whom snapshots are shared',
      { rds: { ...whole.rds, DBClusterSnapshotAttributes: undefined } },
      'who snapshots are shared with (DBClusterSnapshotAttributes)',
      'undetermined: copy-snapshot',
    ],
    [
      'part of a key',
      { ...whole, kms: { keys: there.kms?.keys?.map((key) => ({ ...key, Policy: undefined })) } },
      'Policy of alias/orders',
      'undetermined: restore',
    ],
  ])('of the Region: %s', (_, change, what, hinders) => {
    const [effect, operation] = hinders.split(': ');
    const found = missingOf(withRegion(change)).find((one) => one.what === what);
    expect(found).toMatchObject({ account, region, effect, operations: expect.arrayContaining([operation]) });
    expect(found?.command).toContain(`--region ${region}`);
  });

  test('of the Region: keys, those of other accounts without a command', () => {
    const foreign = 'arn:aws:kms:us-east-1:444455556666:key/9';
    const clusters = (there.rds?.DBClusters ?? []).map((one) => ({ ...one, KmsKeyId: foreign }));
    const missing = missingOf(withRegion({ ...whole, rds: { ...whole.rds, DBClusters: clusters }, kms: { keys: [] } }));
    expect(missing.map(({ what, command }) => [what, command?.split(' ').slice(0, 3).join(' ')])).toEqual([
      ['key 9 of account 444455556666', undefined],
      [expect.stringMatching(/^key [0-9a-f-]{36}$/), 'aws kms describe-key'],
      [expect.stringMatching(/^key [0-9a-f-]{36}$/), 'aws kms describe-key'],
    ]);
  });

  test('of two accounts: what belongs to one of them is not missing in the other', () => {
    const other = '444455556666';
    const foreign = (there.rds?.DBClusterSnapshots ?? []).map((one) => ({ ...one, SnapshotType: 'shared' }));
    const shared = {
      ...empty,
      DBClusterSnapshots: foreign,
      DBClusterSnapshotAttributes: undefined,
      DBClusters: undefined,
    };
    const complete = withRegion(whole);
    const evidence: Evidence = {
      ...complete,
      accounts: {
        ...complete.accounts,
        [other]: {
          iam: { UserDetailList: [], RoleDetailList: [] },
          organization: null,
          regions: { [region]: { rds: shared, backup: noBackups, kms: { keys: [] } } },
        },
      },
    };
    expect(missingOf(evidence).map(({ what, account: of }) => [what, of])).toEqual([['list DBClusters', other]]);
    const text = inventoryText(takeInventory(evidence, [], now), { paint: plain, width: 80, verbose: false }, 24);
    expect(text).toContain(`${region} of ${other}`);
  });

  test('is told in a table of 80 columns', () => {
    const nothing = withRegion({ rds: { DBClusterSnapshots: there.rds?.DBClusterSnapshots }, kms: there.kms });
    const text = inventoryText(takeInventory(nothing, [], now), { paint: plain, width: 80, verbose: false }, 24);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('who snapshots are shared with');
  });

  test.each([
    ['IAM', { iam: undefined }, 'users, groups, roles and their policies'],
    ['the roles', { iam: { UserDetailList: [] } }, 'roles'],
    [
      'a managed policy',
      { iam: { ...known.iam, Policies: [] } },
      'a policy of user/administrator: policy/AdministratorAccess (the default version was not read)',
    ],
    ['the organization', { organization: undefined }, 'SCPs and RCPs of the organization'],
    ['every Region', { regions: undefined }, 'all RDS and KMS data'],
  ])('of the account: %s', (_, change, what) => {
    const complete = { regions: { [region]: { ...there, ...whole } } };
    expect(missingOf(withAccount({ ...complete, ...change }))).toMatchObject([{ what, account, operations: 'all' }]);
  });
});

describe('age', () => {
  test.each([
    ['2026-11-01T09:00:00Z', undefined],
    ['2026-11-01T08:59:00Z', '24 hours old'],
    ['2026-10-01T09:00:00Z', '32 days old'],
    ['2026-11-02T09:30:00Z', undefined],
    ['yesterday', 'is not a time'],
    [undefined, 'has no date'],
  ])('of what was read at %s', (collectedAt, says) => {
    const warning = ageWarning(collectedAt, now, 24);
    if (says === undefined) expect(warning).toBeUndefined();
    else expect(warning === undefined ? '' : ageWarningText(warning)).toContain(says);
  });

  test('in words', () => {
    expect([0, 0.5, 1, 47.9, 48, 24 * 9].map(ageText)).toEqual([
      '0 minutes',
      '30 minutes',
      '1 hour',
      '47 hours',
      '2 days',
      '9 days',
    ]);
  });
});

test('no line of the text is longer than the page, commands aside', () => {
  const inventory = takeInventory(
    demoEvidence,
    [{ from: 'evidence.json', collectedAt: demoEvidence.collectedAt }],
    now,
  );
  const lines = inventoryText(inventory, { paint: plain, width: 60, verbose: true }, 24).split('\n');
  expect(lines.filter((line) => line.length > 60 && !line.startsWith('    aws '))).toEqual([]);
  expect(lines[0]).toBe(`? evidence of 1 account: ${inventory.missing.length} facts missing`);
});

describe('policies worth a look', () => {
  const policy = (...actions: readonly string[]) => ({
    Version: '2012-10-17',
    Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })),
  });
  const version = (isDefault: boolean, document: ReturnType<typeof policy>) => ({
    IsDefaultVersion: isDefault,
    Document: document,
  });
  const managed = {
    Arn: `arn:aws:iam::${account}:policy/p`,
    PolicyName: 'p',
    PolicyVersionList: [version(false, policy('kms:Idle')), version(true, policy('kms:Dcrypt', 'rds:StartDBCluster'))],
  };
  const evidence = withAccount({ iam: { ...known.iam, Policies: [managed] } });

  test('are reported with a code and their place, unless they have no effect', () => {
    const { warnings } = takeInventory(evidence, [], now);
    expect(warnings).toEqual([
      {
        code: 'action-unknown',
        path: `accounts.${account}.iam.Policies[0].PolicyVersionList[1].Document.Statement[0].Action`,
        text: expect.stringContaining('`kms:Dcrypt`, which is not an action of kms'),
      },
    ]);
  });

  test('are shown in part if there are many', () => {
    const many = Array.from({ length: 30 }, (_, index) => `kms:No${index}`);
    const versions = [version(true, policy(...many, 'nosuch:Action'))];
    const inventory = takeInventory(
      withAccount({ iam: { ...known.iam, Policies: [{ ...managed, PolicyVersionList: versions }] } }),
      [{ from: 'evidence.json' }],
      now,
    );
    const text = inventoryText(inventory, { paint: plain, width: 80, verbose: true }, 24);
    expect(text).toContain('Notes on policies\n');
    expect(text).toContain('and 20 more like this (--output json lists all)');
    expect(text).toContain('`nosuch`');
    expect(inventory.warnings).toHaveLength(31);
  });

  test('do not exist in the embedded example', () => {
    expect(takeInventory(demoEvidence, [], now).warnings).toEqual([]);
  });
});
