import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { run, runHere } from '../cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  mkdirSync(join(folder, 'empty-folder'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const whole = JSON.stringify(demoEvidence);
const iam = '/accounts/111122223333/iam';
const operator = ['--principal', 'arn:aws:iam::111122223333:role/operator'];

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function altered(name: string, changes: Readonly<Record<string, unknown>>): string {
  return file(name, JSON.stringify(changed(demoEvidence, changes)));
}

interface Wrong {
  readonly what: string;
  readonly args: () => readonly string[];
  readonly says: readonly (string | RegExp)[];
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const onEvidence = (path: string): readonly string[] => ['restore', ...operator, '--evidence', path];

const wrongs: readonly Wrong[] = [
  {
    what: 'an unknown flag',
    args: () => ['restore', '--demo', '--snapshott', 'x'],
    says: ["unknown option '--snapshott'", '--snapshot'],
  },
  { what: 'an unknown command', args: () => ['resore'], says: ["unknown command 'resore'", 'restore'] },
  { what: 'an argument too many', args: () => ['restore', 'orders', '--demo'], says: ['too many arguments'] },
  { what: 'no command', args: () => [], says: ['aurora-kms-check --help'] },
  {
    what: 'a flag that another operation has',
    args: () => ['create-snapshot', '--demo', '--snapshot', 'x'],
    says: ["unknown option '--snapshot'"],
  },
  {
    what: 'a format that there is not',
    args: () => ['restore', '--demo', '--output', 'xml'],
    says: ['--output', 'give text, markdown, json, jsonl or csv'],
  },
  {
    what: 'a flag that only commands of operations have',
    args: () => ['who-can', 'restore', '--demo', '--explain'],
    says: ["unknown option '--explain'", 'such as `aurora-kms-check restore --explain`'],
  },
  {
    what: 'the name of a Region that there cannot be',
    args: () => ['restore', '--demo', '--region', 'eu-west1'],
    says: ['error: --region: `eu-west1` is not a valid value\n  give the name of a Region, such as us-east-1'],
  },
  {
    what: 'the unique ID of a user',
    args: () => ['restore', '--demo', '--principal', 'AIDAEXAMPLEUSERID12345'],
    says: [
      'is the unique ID of a user, not its name',
      'aws iam list-users --query "Users[?UserId==\'AIDAEXAMPLEUSERID12345\'].Arn"',
    ],
  },
  {
    what: 'the unique ID of a role, with the name of a session',
    args: () => ['restore', '--demo', '--principal', 'AROAEXAMPLEROLEID12345:alice'],
    says: ['is the unique ID of a role, not its name', "Roles[?RoleId=='AROAEXAMPLEROLEID12345'].Arn"],
  },
  { what: 'no key', args: () => ['key-impact', '--demo'], says: ['name a key, such as `aurora-kms-check key-impact'] },
  {
    what: 'a command of the AWS CLI for another service',
    args: () => ['aws', 'ec2', 'describe-instances'],
    says: ['paste a command of `aws rds`'],
  },
  {
    what: 'flags that exclude each other',
    args: () => ['restore', '--demo', '--evidence', 'x.json'],
    says: ['cannot be used with'],
  },
  {
    what: 'a context that is no pair',
    args: () => ['restore', '--demo', '--context', 'SourceIp'],
    says: ['--context', 'aws:SourceIp=203.0.113.7'],
  },
  {
    what: 'a context key that is misspelled',
    args: () => ['restore', '--demo', '--context', 'aws:SourceIP4=1.2.3.4'],
    says: ['aws:SourceIP4', 'aws:SourceIp'],
  },
  {
    what: 'a context key that the question settles',
    args: () => ['restore', '--demo', '--context', 'aws:PrincipalArn=arn:aws:iam::111122223333:role/x'],
    says: ['leave out aws:PrincipalArn: the principal and the operation set it'],
  },
  {
    what: 'two values for a key that holds one',
    args: () => ['restore', '--demo', '--context', 'aws:SourceIp=10.0.0.1', '--context', 'aws:sourceip=10.0.0.2'],
    says: ['once: it has only one value'],
  },
  {
    what: 'no such file',
    args: () => onEvidence(join(folder, 'nowhere.json')),
    says: ['nowhere.json: no such file or folder'],
  },
  { what: 'an empty file', args: () => onEvidence(file('empty.json', '')), says: ['empty.json: the file is empty'] },
  {
    what: 'a list of accounts where an object is due',
    args: () => ['audit', '--evidence', file('accounts.json', '{"evidenceVersion":1,"accounts":[]}')],
    says: ['accounts.json: `accounts` is a list, but must be an object'],
  },
  ...[['audit'], ['who-can', 'restore', '--snapshot', 'orders']].map((command) => ({
    what: `${command[0]} of evidence without an account`,
    args: () => [...command, '--evidence', file('nobody.json', '{"evidenceVersion":1,"accounts":{}}')],
    says: ['error: the evidence has no account\n  read an account with `aurora-kms-check collect`'],
  })),
  {
    what: 'an audit of findings about nobody who is there',
    args: () => ['audit', '--demo', '--principal', 'role/dr-restor'],
    says: ['no principal matches `role/dr-restor`'],
  },
  {
    what: 'findings with a misspelled code',
    args: () => ['audit', '--demo', '--code', 'nobody-can-restor'],
    says: ['--code: `nobody-can-restor`', 'did you mean nobody-can-restore? The codes are not-read,'],
  },
  {
    what: 'findings with a code that is like none',
    args: () => ['audit', '--demo', '--code', 'x'],
    says: ['--code: `x`', 'give not-read,'],
  },
  {
    what: 'an organization that is none',
    args: () => ['audit', '--demo', '--allow-org', '111122223333'],
    says: ['--allow-org: `111122223333` is not a valid value', 'give the ID of an organization'],
  },
  {
    what: 'the impact of a key in evidence without an account',
    args: () => ['key-impact', 'alias/x', '--evidence', file('nobody.json', '{"evidenceVersion":1,"accounts":{}}')],
    says: ['the evidence has no account, so the account of `alias/x` is not known\n  give the ARN'],
  },
  {
    what: 'an empty folder',
    args: () => onEvidence(join(folder, 'empty-folder')),
    says: ['the folder has no .json'],
  },
  {
    what: 'truncated JSON',
    args: () => onEvidence(file('truncated.json', whole.slice(0, 4000))),
    says: ['truncated.json: not JSON'],
  },
  {
    what: 'JSON of the wrong shape',
    args: () => onEvidence(file('shape.json', '[1, 2]')),
    says: ['shape.json: the file is not a JSON object'],
  },
  {
    what: 'no version',
    args: () => onEvidence(file('version.json', '{"accounts": {}}')),
    says: ['`evidenceVersion` is missing'],
  },
  ...(
    [
      ['get-account-authorization-details', { UserDetailList: [] }, 'accounts.ACCOUNT.iam'],
      ['describe-db-cluster-snapshots', { DBClusterSnapshots: [] }, 'accounts.ACCOUNT.regions.REGION.rds'],
      ['get-key-policy', { Policy: '{}' }, 'accounts.ACCOUNT.regions.REGION.kms.keys[]'],
      ['describe-key', { KeyMetadata: {} }, 'accounts.ACCOUNT.regions.REGION.kms.keys[]'],
    ] as const
  ).map(([command, output, place]) => ({
    what: `the output of ${command} of the AWS CLI`,
    args: () => onEvidence(file(`${command}.json`, JSON.stringify(output))),
    says: [`put the output of the AWS CLI into \`${place}\` of an evidence file`, 'evidence recipe'],
  })),
  {
    what: 'a version of the future',
    args: () => onEvidence(altered('future.json', { '/evidenceVersion': 2 })),
    says: ['`evidenceVersion` is not 1'],
  },
  {
    what: 'a role without ARN',
    args: () => onEvidence(altered('arn.json', { [`${iam}/RoleDetailList/0/Arn`]: 'operator' })),
    says: ['`accounts.111122223333.iam.RoleDetailList[0].Arn` is not an ARN'],
  },
  {
    what: 'a list that is none',
    args: () => onEvidence(altered('list.json', { [`${iam}/RoleDetailList`]: 'all' })),
    says: ['`accounts.111122223333.iam.RoleDetailList` is "all", but must be a list'],
  },
  {
    what: 'a policy that is not JSON',
    args: () =>
      onEvidence(
        altered('policy-text.json', { [`${iam}/RoleDetailList/0/RolePolicyList/0/PolicyDocument`]: '{"Version": ' }),
      ),
    says: [
      'policy-text.json: `accounts.111122223333.iam.RoleDetailList[0].RolePolicyList[0].PolicyDocument` is not JSON',
    ],
  },
  {
    what: 'an access policy of a vault that AWS would refuse',
    args: () => {
      const vault = {
        BackupVaultName: 'nightly',
        BackupVaultArn: 'arn:aws:backup:us-east-1:111122223333:backup-vault:nightly',
        Policy: 'no policy',
      };
      const backup = { '/accounts/111122223333/regions/us-east-1/backup': { BackupVaults: [vault] } };
      const role = 'arn:aws:iam::111122223333:role/operator';
      return [
        ...[
          'start-backup-job',
          '--evidence',
          altered('vault.json', backup),
          '--principal',
          role,
          '--cluster',
          'orders',
        ],
        ...['--backup-vault-name', 'nightly', '--iam-role-arn', role],
      ];
    },
    says: ['`accounts.111122223333.regions.us-east-1.backup.BackupVaults[0].Policy` is not JSON'],
  },
  {
    what: 'a policy that AWS would refuse',
    args: () =>
      onEvidence(
        altered('policy-effect.json', {
          [`${iam}/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0/Effect`]: 'allow',
        }),
      ),
    says: [
      '`accounts.111122223333.iam.RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement[0].Effect` is neither "Allow" nor "Deny"',
    ],
  },
  {
    what: 'evidence that contradicts itself',
    args: () => [
      ...onEvidence(file('one.json', whole)),
      '--evidence',
      altered('two.json', { [`${iam}/RoleDetailList/0/RoleId`]: 'AROAOTHER' }),
    ],
    says: ['contradict each other on arn:aws:iam::111122223333:role/operator'],
  },
  {
    what: 'a name with a line break, which a log would take for a command',
    args: () =>
      onEvidence(
        altered('alias.json', {
          '/accounts/111122223333/regions/us-east-1/kms/keys/0/Aliases/0/AliasName': 'alias/x\n::warning::hi',
        }),
      ),
    says: [
      'alias.json: `accounts.111122223333.regions.us-east-1.kms.keys[0].Aliases[0].AliasName` is not an alias such as alias/orders (found "alias/x\\n:\\u003awarning:\\u003ahi")',
    ],
  },
  {
    what: 'a role that one file describes twice',
    args: () =>
      onEvidence(
        altered('twice.json', {
          [`${iam}/RoleDetailList/2`]: { Arn: 'arn:aws:iam::111122223333:role/operator', RoleName: 'operator' },
        }),
      ),
    says: [
      'twice.json: `accounts.111122223333.iam.RoleDetailList[0]` and `accounts.111122223333.iam.RoleDetailList[2]` are both arn:aws:iam::111122223333:role/operator',
      'remove one of the two',
    ],
  },
  {
    what: 'a name that stands twice in the JSON',
    args: () => onEvidence(file('name.json', whole.replace('"Aliases":', '"Policy":{},"Aliases":'))),
    says: [
      /name\.json: `accounts\.111122223333\.regions\.us-east-1\.kms\.keys\[0\]` has `Policy` twice \(line 1, columns \d+ and \d+\)/,
    ],
  },
  {
    what: 'a principal that is not an ARN',
    args: () => ['restore', '--demo', '--principal', 'operator:x'],
    says: ['`operator:x` is not the ARN of a user, role or session'],
  },
  {
    what: 'a group as principal',
    args: () => ['restore', '--demo', '--principal', 'arn:aws:iam::111122223333:group/dba'],
    says: ['cannot make calls: its type is group'],
  },
  {
    what: 'a policy as principal',
    args: () => ['restore', '--demo', '--principal', 'arn:aws:iam::111122223333:policy/p'],
    says: ['cannot make calls: its type is policy'],
  },
  {
    what: 'an unknown principal',
    args: () => ['restore', '--demo', '--principal', 'arn:aws:iam::111122223333:role/operater'],
    says: ['no principal `arn:aws:iam::111122223333:role/operater`', 'role/operator'],
  },
  {
    what: 'a principal of an account that is not there',
    args: () => ['restore', '--demo', '--principal', 'arn:aws:iam::999988887777:role/x'],
    says: ['account 999988887777'],
  },
  {
    what: 'evidence without a principal',
    args: () => ['restore', '--evidence', file('caller.json', whole)],
    says: ['--principal'],
  },
  {
    what: 'an unknown snapshot',
    args: () => ['restore', '--demo', '--snapshot', 'orders-before-upgrad'],
    says: ['no cluster snapshot `orders-before-upgrad`', '`orders-before-upgrade`'],
  },
  {
    what: 'an unknown cluster',
    args: () => ['create-snapshot', '--demo', '--cluster', 'order'],
    says: ['no cluster `order`', '`orders`, `ledger`'],
  },
  {
    what: 'an unknown key',
    args: () => ['restore', '--demo', '--kms-key-id', 'alias/order'],
    says: ['no KMS key `alias/order`', '`alias/orders`'],
  },
  {
    what: 'a Region that the evidence does not hold',
    args: () => ['restore', '--demo', '--region', 'eu-west-1'],
    says: ['eu-west-1', 'Regions that were read: us-east-1'],
  },
  {
    what: 'a Region that is none',
    args: () => ['restore', '--demo', '--region', 'europe'],
    says: ['--region', 'such as us-east-1'],
  },
  {
    what: 'a Region that is not that of the ARN',
    args: () => [
      'restore',
      '--demo',
      '--region',
      'us-west-2',
      '--snapshot',
      'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly',
    ],
    says: ['is in us-east-1, not in us-west-2'],
  },
  {
    what: 'a list that the evidence does not hold',
    args: () => [
      ...onEvidence(
        file('no-lists.json', '{"evidenceVersion":1,"accounts":{"111122223333":{"regions":{"us-east-1":{}}}}}'),
      ),
    ],
    says: [/the list of cluster snapshots in us-east-1 of account 111122223333 was not read\n/],
  },
  {
    what: 'a file that is not there, as an argument',
    args: () => ['diff', join(folder, 'nowhere.json'), '--assume-key-state', 'alias/orders=Disabled'],
    says: [/nowhere\.json: no such file or folder\n {2}check the path\n/],
  },
  {
    what: 'an event that is not there',
    args: () => ['diagnose', join(folder, 'nowhere.json')],
    says: [/nowhere\.json: no such file or folder\n {2}check the path\n/],
  },
  {
    what: 'an event with a number for its time',
    args: () => [
      ...['diagnose', '--demo'],
      file(
        'number.json',
        '{"eventSource":"rds.amazonaws.com","eventName":"StartDBCluster","eventTime":5,"awsRegion":"us-east-1","userIdentity":{}}',
      ),
    ],
    says: ['`eventTime` is 5, but must be a string'],
  },
  {
    what: 'standard input for both states',
    args: () => ['diff', '-', '-'],
    says: ['standard input (`-`) is given twice: as evidence\n'],
  },
  {
    what: 'two assumptions about one key',
    args: () => [
      ...['restore', '--demo', '--assume-key-state', 'alias/orders=Disabled'],
      ...['--assume-key-state', 'alias/orders=Updating'],
    ],
    says: ['is Disabled (as read: Enabled)', 'is Updating (as read: Enabled)'],
  },
  {
    what: 'a role to assume where none is assumed',
    args: () => ['permissions', '--mode', 'simulate', '--role-arn', 'arn:aws:iam::444455556666:role/reader'],
    says: ['--role-arn', 'add --mode collect'],
  },
  {
    what: 'a large file that is no event',
    args: () => ['diagnose', file('large.txt', `${'no event '.repeat(100_000)}${'x'.repeat(500_000)}`)],
    says: ['cannot read the error text'],
  },
];

describe('bad input never yields a verdict', () => {
  const [some, others] = [0, 1].map((rest) => wrongs.filter((_, at) => Number(at % 4 > 0) === rest));
  test.each(some ?? [])('$what', (wrong) => expectRefusal(wrong));
  test.each(others ?? [])('$what', { tags: 'slow' }, (wrong) => expectRefusal(wrong));

  async function expectRefusal({ args, says, code, env }: (typeof wrongs)[number]): Promise<void> {
    const ran = await runHere(args(), env === undefined ? {} : { env });
    for (const part of says) expect(ran.stderr).toMatch(typeof part === 'string' ? new RegExp(escaped(part)) : part);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: code ?? 252, stdout: '' });
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  }

  test('what a terminal would obey is not passed on', { tags: 'slow' }, async () => {
    const ran = await runHere(['restore', '--demo', '--snapshot', 'a\u001b[31mb\u0007\n::error::c']);
    expect(ran.stderr).toContain('no cluster snapshot `a\\u001b[31mb\\u0007\\n:\\u003aerror:\\u003ac`');
    expect((await runHere(['restore', '--x\u001b[2J\n::error::x'])).stderr).toContain(
      "unknown option '--x\\u001b[2J\\n:\\u003aerror:\\u003ax'\n",
    );
    const key = '/accounts/111122223333/regions/us-east-1/kms/keys/0';
    const path = altered('terminal.json', {
      [`${key}/Policy/Statement/1/Sid`]: 'named\u001b]0;title\u0007\n::warning::x',
    });
    for (const color of ['on', 'off']) {
      const { stdout } = await runHere([...onEvidence(path), '--snapshot', 'orders-before-upgrade', '--color', color]);
      expect(stdout).toContain('named\\u001b]0;title\\u0007\\n:\\u003awarning:\\u003ax');
      expect(stdout).not.toContain('::warning');
      expect(stdout.includes('\u001b[')).toBe(color === 'on');
    }
  });

  test('with --output json the complaint is JSON too', async () => {
    const ran = await runHere(['restore', '--demo', '--snapshot', 'nothing', '--output', 'json']);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { exitCode: 252, next: 'check --snapshot and --region' } });
  });

  test('evidence comes from standard input too, once', async () => {
    const ran = run([...onEvidence('-'), '--snapshot', 'orders-before-upgrade'], { input: whole });
    expect(ran.code).toBe(1);
    expect((await runHere([...onEvidence('-'), '--evidence', '-'])).stderr).toContain('given twice');
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/* `npm run fuzz -- --minutes 10` tries other input. Each finding of a run becomes a case. */
test('mutated input neither crashes nor blocks the program, and nothing of it is passed on', { tags: 'slow' }, () => {
  const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url));
  const args = [script, '--seed', '20261124', '--inputs', '2500', '--runs', '6'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^seed 20261124\n(?:.*\n)*2500 inputs \([1-9]\d+ answered, \d+ refused\), 6 runs of the program, 0 findings/,
  );
  expect(status).toBe(0);
});
