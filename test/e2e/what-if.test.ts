import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportJson, reportSchema } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { type Ran, run, runHere } from '../cli.ts';

const account = 'arn:aws:iam::111122223333';
const orders = '6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23';
const ordersArn = `arn:aws:kms:us-east-1:111122223333:key/${orders}`;
const administratorAccess = 'arn:aws:iam::aws:policy/AdministratorAccess';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, json: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof json === 'string' ? json : JSON.stringify(json));
  return path;
}

function policy(effect: string, action: string, principal?: unknown): object {
  const statement = { Effect: effect, ...(principal ? { Principal: principal } : {}), Action: action, Resource: '*' };
  return { Version: '2012-10-17', Statement: [statement] };
}

const delegating = policy('Allow', 'kms:*', { AWS: `${account}:root` });

/** The example with an organization, a user in a group, and an AWS managed key. */
function estate(): string {
  const iam = '/accounts/111122223333/iam';
  const level = { id: 'r-ab12', type: 'ROOT', scps: [{ name: 'FullAWSAccess', document: policy('Allow', '*') }] };
  const managed = { KeyMetadata: { Arn: ordersArn.replace(orders, 'aws-rds'), KeyManager: 'AWS' } };
  return file(
    'estate.json',
    changed(demoEvidence, {
      '/accounts/111122223333/organization': {
        id: 'o-example',
        path: [{ ...level, rcps: [{ name: 'RCPFullAWSAccess', document: policy('Allow', '*', '*') }] }],
      },
      [`${iam}/GroupDetailList`]: [
        { Arn: `${account}:group/dba`, GroupName: 'dba', GroupPolicyList: [], AttachedManagedPolicies: [] },
      ],
      [`${iam}/UserDetailList/1`]: {
        Arn: `${account}:user/staff/alice`,
        UserName: 'alice',
        UserPolicyList: [],
        GroupList: ['dba'],
        AttachedManagedPolicies: [],
      },
      [`${iam}/RoleDetailList/2`]: { Arn: `${account}:role/closed`, RoleName: 'closed' },
      [`${iam}/Policies/1`]: {
        Arn: 'arn:aws:iam::444455556666:policy/theirs',
        PolicyVersionList: [{ IsDefaultVersion: true, Document: policy('Allow', '*') }],
      },
      [`${iam}/Policies/2`]: { Arn: `${account}:policy/unread` },
      '/accounts/111122223333/regions/us-east-1/kms/keys/2': managed,
    }),
  );
}

/**
 * Input goes to the standard input of a separate process. Without input, the run needs no process.
 */
function ran(args: readonly string[], input?: string): Ran | Promise<Ran> {
  return input === undefined ? runHere(args) : run(args, { input });
}

async function report(args: readonly string[], input?: string): Promise<ReportJson> {
  const { stdout, stderr } = await ran([...args, '--output', 'json'], input);
  expect(stderr).toBe('');
  return v.parse(reportSchema, JSON.parse(stdout));
}

interface Assuming {
  readonly what: string;
  readonly ask: string;
  /** The verdicts without the assumption and with it. */
  readonly verdicts: readonly [string, string];
  readonly assume: () => readonly string[];
  readonly says: string;
}

const restoreOrders = 'restore --snapshot orders-before-upgrade --principal user/administrator';
const restoreLedger = 'restore --snapshot ledger-monthly';
const assumings: readonly Assuming[] = [
  ...['alias/orders', orders, ordersArn, 'arn:aws:kms:us-east-1:111122223333:alias/orders'].map((name) => ({
    what: `a key policy, the key named ${name}`,
    ask: restoreOrders,
    verdicts: ['succeeds', 'fails'] as const,
    assume: () => ['--assume-policy', `${name}=${file('closed.json', policy('Deny', 'kms:*', '*'))}`],
    says: `the key policy of alias/orders (key/${orders}) is the one in ${join('FOLDER', 'closed.json')}`,
  })),
  {
    what: 'a managed policy',
    ask: `${restoreLedger} --principal user/administrator`,
    verdicts: ['succeeds', 'fails'],
    assume: () => ['--assume-policy', `${administratorAccess}=${file('rds.json', policy('Allow', 'rds:*'))}`],
    says: `managed policy ${administratorAccess} is the one in ${join('FOLDER', 'rds.json')}`,
  },
  {
    what: 'an inline policy',
    ask: `${restoreLedger} --principal role/dr-restore`,
    verdicts: ['succeeds', 'fails'],
    assume: () => ['--assume-policy', `role/dr-restore/restore-ledger=${file('rds.json', policy('Allow', 'rds:*'))}`],
    says: `inline policy restore-ledger of role/dr-restore is the one in ${join('FOLDER', 'rds.json')}`,
  },
  {
    what: 'an inline policy that is not there yet, for a session of the role',
    ask: `${restoreLedger} --principal arn:aws:sts::111122223333:assumed-role/operator/alice`,
    verdicts: ['fails', 'succeeds'],
    assume: () => ['--assume-policy', `role/operator/restore=${file('kms.json', policy('Allow', 'kms:*'))}`],
    says: `a new inline policy restore of role/operator is the one in ${join('FOLDER', 'kms.json')}`,
  },
  {
    what: "a policy of a user's group",
    ask: `${restoreLedger} --principal user/alice`,
    verdicts: ['fails', 'succeeds'],
    assume: () => ['--assume-policy', `group/dba/everything=${file('all.json', policy('Allow', '*'))}`],
    says: `a new inline policy everything of group/dba is the one in ${join('FOLDER', 'all.json')}`,
  },
  {
    what: 'a policy of a user, by name without path',
    ask: `${restoreLedger} --principal user/alice`,
    verdicts: ['fails', 'succeeds'],
    assume: () => ['--assume-policy', `user/alice/everything=${file('all.json', policy('Allow', '*'))}`],
    says: `a new inline policy everything of user/staff/alice is the one in ${join('FOLDER', 'all.json')}`,
  },
  {
    what: 'an SCP',
    ask: `${restoreLedger} --principal role/dr-restore`,
    verdicts: ['succeeds', 'fails'],
    assume: () => ['--assume-policy', `scp/FullAWSAccess=${file('rds.json', policy('Allow', 'rds:*'))}`],
    says: `SCP FullAWSAccess is the one in ${join('FOLDER', 'rds.json')}`,
  },
  {
    what: 'an RCP',
    ask: `${restoreLedger} --principal role/dr-restore`,
    verdicts: ['succeeds', 'fails'],
    assume: () => ['--assume-policy', `rcp/RCPFullAWSAccess=${file('rcp.json', policy('Deny', 'kms:*', '*'))}`],
    says: `RCP RCPFullAWSAccess is the one in ${join('FOLDER', 'rcp.json')}`,
  },
  {
    what: 'a key state',
    ask: `${restoreLedger} --principal role/dr-restore`,
    verdicts: ['succeeds', 'fails'],
    assume: () => ['--assume-key-state', 'alias/ledger=Disabled'],
    says: 'the state of alias/ledger (key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d) is Disabled (as read: Enabled)',
  },
  ...['role/operator', 'arn:aws:iam::111122223333:role/operator'].map((name) => ({
    what: `a policy attached to ${name}`,
    ask: `${restoreLedger} --principal role/operator`,
    verdicts: ['fails', 'succeeds'] as const,
    assume: () => ['--assume-attach', `${name}=${administratorAccess}`],
    says: `managed policy ${administratorAccess} is attached to role/operator`,
  })),
  {
    what: 'a policy attached to a group',
    ask: `${restoreLedger} --principal user/alice`,
    verdicts: ['fails', 'succeeds'],
    assume: () => ['--assume-attach', `group/dba=${administratorAccess}`],
    says: `managed policy ${administratorAccess} is attached to group/dba`,
  },
];

describe('what if', { tags: 'slow' }, () => {
  test.each(assumings)('$what were different', async ({ ask, verdicts, assume, says }) => {
    const asked = [...ask.split(' '), '--evidence', estate()];
    expect(await report(asked)).toMatchObject({ verdict: verdicts[0] });
    expect((await report(asked)).assumed).toBeUndefined();
    const assumed = [{ text: says.replace('FOLDER', folder) }];
    expect(await report([...asked, ...assume()])).toMatchObject({ verdict: verdicts[1], assumed });
  });

  test('several things were different, a text from standard input among them', async () => {
    const flags = ['--assume-policy', 'alias/orders=-', '--assume-key-state', 'alias/orders=Disabled'];
    const asked = ['restore', '--demo', '--principal', 'user/administrator', '--snapshot', 'orders-before-upgrade'];
    const found = await report([...asked, ...flags], JSON.stringify(delegating));
    expect(found.assumed?.map(({ text }) => text.replace(/\(key\S+\) /, ''))).toEqual([
      'the key policy of alias/orders is the one in standard input',
      'the state of alias/orders is Disabled (as read: Enabled)',
    ]);
    expect(found.results[0]?.reasons).toEqual([
      { code: 'precondition-unmet', text: 'precondition not met: key is enabled. KeyState is Disabled' },
    ]);
  });

  test('the policy of a fix, applied, repairs what it was found for', async () => {
    const asked = ['restore', '--demo', '--snapshot', 'ledger-monthly'];
    const after = (await report(asked)).fixes[0]?.steps[0]?.policy?.after;
    const flags = ['--assume-policy', `role/operator/allow-restore=${file('after.json', after)}`];
    expect((await report([...asked, ...flags])).verdict).toBe('succeeds');
  });

  test('a misspelled action of an assumed policy is reported', async () => {
    const misspelled = file('misspelled.json', policy('Allow', 'kms:CreateGrants'));
    const flags = ['--assume-policy', `role/operator/restore=${misspelled}`];
    const { warnings } = await report(['restore', '--demo', '--snapshot', 'ledger-monthly', ...flags]);
    expect(warnings).toEqual([
      {
        code: 'action-unknown',
        text: expect.stringContaining(
          'In identity policy restore, Statement[0].Action has `kms:CreateGrants`, which is',
        ),
      },
    ]);
  });

  test('text shows the assumption before the reasons', async () => {
    const asked = ['restore', '--demo', '--snapshot', 'ledger-monthly', '--assume-key-state', 'alias/ledger=Disabled'];
    const lines = (await runHere(asked)).stdout.split('\n');
    expect(lines.indexOf('Hypothetical')).toBe(4);
    expect(lines.indexOf('Why')).toBeGreaterThan(4);
  });
});

const faulty = (): string => file('faulty.json', policy('Permit', 'kms:*', '*'));
const fine = (): string => file('fine.json', delegating);

const wrongs: readonly (readonly [string, () => readonly string[], readonly string[]])[] = [
  ['no pair', () => ['--assume-policy', 'alias/orders'], ['such as alias/orders=policy.json']],
  ['no file', () => ['--assume-policy', 'alias/orders='], ['such as alias/orders=policy.json']],
  [
    'a file that is not there',
    () => ['--assume-policy', 'alias/orders=nowhere.json'],
    ['nowhere.json: no such file', 'check the path given with --assume-policy alias/orders'],
  ],
  [
    'a faulty policy',
    () => ['--assume-policy', `alias/orders=${faulty()}`],
    ['--assume-policy alias/orders: ', 'faulty.json: `Statement[0].Effect`'],
  ],
  [
    'an RCP that Organizations does not save',
    () => ['--assume-policy', `rcp/RCPFullAWSAccess=${file('rcp-allow.json', policy('Allow', 'kms:*', '*'))}`],
    ['rcp-allow.json: `Statement[0].Effect` is not "Deny"', 'AWS would refuse it'],
  ],
  [
    'a key policy as an identity policy',
    () => ['--assume-policy', `role/operator/x=${fine()}`],
    ['--assume-policy role/operator/x: ', 'fine.json: `Statement[0].Principal` does not belong in this kind'],
  ],
  ['no JSON', () => ['--assume-policy', `alias/orders=${file('text.json', 'x')}`], ['text.json: this is not JSON']],
  [
    'a key that is not there',
    () => ['--assume-policy', `alias/order=${fine()}`],
    ['no KMS key `alias/order` was read; there are `alias/orders`'],
  ],
  [
    'a list in place of a policy',
    () => ['--assume-policy', `role/operator/x=${file('list.json', [1])}`],
    [': this is not a policy document (a JSON object with Version and Statement)'],
  ],
  ['an AWS managed key', () => ['--assume-policy', `aws-rds=${fine()}`], ['Nobody can change its policy']],
  [
    'the state of an AWS managed key',
    () => ['--assume-key-state', 'aws-rds=Disabled'],
    ['nobody can change the state'],
  ],
  [
    'a managed policy that is not there',
    () => ['--assume-policy', `arn:aws:iam::aws:policy/AdminAccess=${fine()}`],
    ['no managed policy', '`arn:aws:iam::aws:policy/AdministratorAccess`'],
  ],
  [
    'a role that is not there',
    () => ['--assume-policy', `role/operators/x=${fine()}`],
    ['no `role/operators` was read in account 111122223333; there are `role/operator`'],
  ],
  ['a role without policy', () => ['--assume-policy', `role/operator=${fine()}`], ['as in role/operator/POLICY']],
  ['a policy without name', () => ['--assume-policy', `role/operator/=${fine()}`], ['as in role/operator/POLICY']],
  ['the ARN of a role', () => ['--assume-policy', `${account}:root=${fine()}`], ['names no policy']],
  [
    'inline policies that were not read',
    () => ['--assume-policy', `role/closed/x=${file('all.json', policy('Allow', '*'))}`],
    ['the inline policies of role/closed were not read'],
  ],
  [
    'an SCP that is not there',
    () => ['--assume-policy', `scp/FullAccess=${fine()}`],
    ['no SCP `FullAccess` was read; there is `FullAWSAccess`', 'collect'],
  ],
  ['an RCP that is not there', () => ['--assume-policy', `rcp/Perimeter=${fine()}`], ['no RCP `Perimeter` was read']],
  [
    'the same thing twice',
    () => ['--assume-policy', `alias/orders=${fine()}`, '--assume-policy', `${orders}=${fine()}`],
    ['two assumptions contradict each other: the key policy of alias/orders'],
  ],
  [
    'standard input twice',
    () => ['--assume-policy', 'alias/orders=-', '--assume-policy', 'alias/ledger=-'],
    ['standard input (`-`) is given twice: with --assume-policy alias/orders and with --assume-policy alias/ledger'],
  ],
  [
    'standard input for two purposes',
    () => ['--assume-policy', 'alias/orders=-', '--session-policy', '-'],
    ['is given twice: with --session-policy and with --assume-policy alias/orders'],
  ],
  [
    'an unknown state',
    () => ['--assume-key-state', 'alias/orders=PendingDelete'],
    ['did you mean PendingDeletion?', 'Creating, Disabled, Enabled'],
  ],
  [
    'the state of a key that is not there',
    () => ['--assume-key-state', 'orders=Disabled'],
    ['no KMS key `orders` was read'],
  ],
  ['no state', () => ['--assume-key-state', 'alias/orders'], ['such as alias/orders=PendingDeletion']],
  ['no policy to attach', () => ['--assume-attach', 'role/operator=ReadOnlyAccess'], ['the ARN of a policy, such as']],
  [
    'a policy to attach that is not there',
    () => ['--assume-attach', 'role/operator=arn:aws:iam::aws:policy/ReadOnlyAccess'],
    ['managed policy `arn:aws:iam::aws:policy/ReadOnlyAccess`', 'add it as an inline policy'],
  ],
  [
    'a policy to attach whose text was not read',
    () => ['--assume-attach', `role/operator=${account}:policy/unread`],
    ['the text of arn:aws:iam::111122223333:policy/unread was not read'],
  ],
  [
    "another account's policy",
    () => ['--assume-attach', 'role/operator=arn:aws:iam::444455556666:policy/theirs'],
    ['belongs to another account'],
  ],
  [
    'a principal that does not exist, for an attachment',
    () => ['--assume-attach', `role/oprator=${administratorAccess}`],
    ['no `role/oprator` was read in account 111122223333; there are `role/operator`'],
  ],
  [
    'a policy that is attached already',
    () => ['--assume-attach', `user/administrator=${administratorAccess}`],
    ['is already attached'],
  ],
  [
    'attachments that were not read',
    () => ['--assume-attach', `role/closed=${administratorAccess}`],
    ['the attached policies were not read'],
  ],
];

describe('an assumption without effect is refused', () => {
  test.each(wrongs)('%s', async (_, assume, says) => {
    const { code, stdout, stderr } = await runHere([
      ...['restore', '--evidence', estate(), '--principal', 'role/operator'],
      ...assume(),
    ]);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});
