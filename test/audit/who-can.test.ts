// @module-tag slow
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { whoCanReport } from '../../src/answer/who-can.ts';
import { type WhoCanQuestion, whoCan } from '../../src/audit/who-can.ts';
import { boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgment.ts';
import { isEstablished } from '../../src/check/verdict.ts';
import { whoCanReportSchema } from '../../src/contract/who-can-report.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { assumptionText } from '../../src/explain/assumptions.ts';
import { decidingName } from '../../src/explain/names.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { changed } from '../check-case.ts';
import { estateOf } from '../properties/estates.ts';
import { runInProcess } from '../run-in-process.ts';

/*
 * The result for each principal agrees with the single check, and the command prints and exits as
 * documented.
 */

const account = '111122223333';
/** A snapshot that two accounts can restore, each with a role of the same name. */
const shared = 'test/cases/findings/shared.json';
const sharedSnapshot = 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:s';
const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

function question(command: string, names: readonly string[]): WhoCanQuestion {
  const operations = operationsNamed(command).slice(0, 1);
  return { ...settings, operations, names, parameters: {}, account, region: 'us-east-1', people: [] };
}

describe('who-can', () => {
  test('agrees with the single check of every principal', () => {
    const seen = { can: 0, may: 0, nearly: 0, cannot: 0, assumed: 0, decided: 0 };
    for (const [seed, command] of [
      [0, 'restore'],
      [9, 'copy-snapshot'],
      [2, 'create-snapshot'],
      [3, 'restore'],
    ] as const) {
      const { evidence } = estateOf(seed);
      const directory = directoryOf(evidence);
      const check = evaluator(directory, settings);
      const named = command === 'create-snapshot' ? ['app'] : ['app-1', 'app-2', 'rds:app-auto'];
      const { answers } = whoCan(directory, question(command, named));
      expect(answers.flatMap(({ targets }) => targets)).toHaveLength(named.length);
      for (const { targets, groups } of answers)
        for (const target of targets)
          for (const { standing, principals, byAnotherRequest, assumptions, decidedBy } of groups) {
            const assumed = new Set<string>();
            const deciding = new Map(
              decidedBy.flatMap(({ members, items }) => members.map((arn) => [arn, items] as const)),
            );
            for (const arn of principals) {
              seen[standing] += 1;
              const bound = boundTo(directory, { ...target, principal: findPrincipal(directory, arn) }, target.source);
              const wanted =
                standing === 'can' ? 'succeeds' : standing === 'may' && !byAnotherRequest ? 'undetermined' : 'fails';
              const checked = check.evaluate(bound);
              expect(checked.verdict, `${seed} ${arn}`).toBe(wanted);
              for (const one of judge(checked).assumptions) assumed.add(assumptionText(one));
              const decisive = checked.calls.filter(({ row, decision }) =>
                standing === 'can'
                  ? row.kind !== 'service' && isEstablished(row.basis)
                  : decision.decision !== 'allowed',
              );
              const names = decisive.flatMap(({ decision }) => decision.decidedBy).map(decidingName);
              expect(new Set(deciding.get(arn)?.map(decidingName)), `${seed} ${arn}`).toEqual(new Set(names));
              seen.decided += names.length;
            }
            seen.assumed += assumptions.length;
            expect(new Set(assumptions.map(assumptionText))).toEqual(assumed);
          }
    }
    for (const [standing, count] of Object.entries(seen)) expect(count, standing).toBeGreaterThan(5);
  });

  test('checks each principal once for each target', () => {
    const { evidence, principals } = estateOf(3);
    const { answers } = whoCan(directoryOf(evidence), question('restore', ['app-1']));
    const asked = answers.flatMap(({ groups }) => groups.flatMap((group) => group.principals));
    expect(new Set(asked).size).toBe(asked.length);
    const expected = principals.filter((arn) => arn.includes(account) && !arn.includes('aws-service-role'));
    expect(expected.filter((arn) => !asked.includes(arn))).toEqual([]);
  });

  test('checks the accounts that were read, where a snapshot is shared with everybody', () => {
    const snapshots = (list: string) => `/accounts/${account}/regions/us-east-1/rds/${list}/0`;
    const everybody = {
      [`${snapshots('DBClusterSnapshotAttributes')}/DBClusterSnapshotAttributes/0/AttributeValues`]: ['all'],
      [`${snapshots('DBClusterSnapshots')}/StorageEncrypted`]: false,
      [`${snapshots('DBClusterSnapshots')}/StorageEncryptionType`]: 'none',
      [`${snapshots('DBClusterSnapshots')}/KmsKeyId`]: null,
    };
    const evidence = parseEvidence(
      shared,
      JSON.stringify(changed(JSON.parse(readFileSync(shared, 'utf8')), everybody)),
    );
    const report = whoCanReport(evidence, question('restore', ['s']), 'test');
    const able = report.targets.flatMap(({ groups }) => groups.filter(({ standing }) => standing === 'can'));
    const accounts = able.flatMap(({ principals }) => principals.map((arn) => arn.split(':')[4]));
    expect([...new Set(accounts)]).toEqual(['111122223333', '444455556666']);
    expect(report.notRead.map(({ code }) => code)).toEqual(['outside-account-unread']);
  });

  test('reports what its schema promises, the fewest missing calls first', () => {
    for (let seed = 0; seed < 2; seed++) {
      const report = whoCanReport(estateOf(seed).evidence, question('restore', []), 'test');
      expect(() => v.parse(whoCanReportSchema, report)).not.toThrow();
      for (const { groups, summary } of report.targets) {
        const nearly = groups.filter(({ standing }) => standing === 'nearly').map(({ missing }) => missing.length);
        expect(nearly).toEqual(nearly.toSorted((one, other) => one - other));
        const counted = groups.reduce((sum, { principals }) => sum + principals.length, 0);
        expect(summary.can + summary.may + summary.nearly + summary.cannot).toBe(counted);
      }
    }
  });
});

interface CommandCase {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: readonly string[];
}

const demo = ['restore', '--demo', '--snapshot'];
const onShared = ['restore', '--evidence', shared, '--snapshot', sharedSnapshot, '--region', 'us-east-1'];

const cases: readonly CommandCase[] = [
  {
    name: 'answers and names the statement that stops several',
    args: [...demo, 'orders-before-upgrade'],
    code: 0,
    says: [
      '1 of 4 principals can restore snapshot orders-before-upgrade',
      'With this request, 2 roles are stopped only by statement "Deny actions except AdminRole" of the key policy',
    ],
  },
  {
    name: 'narrows the question by a pattern',
    args: [...demo, 'ledger-monthly', '--principal', 'role/dr-*'],
    code: 0,
    says: ['The only principal checked can restore snapshot ledger-monthly', '1 principal checked.'],
  },
  {
    name: 'refuses a pattern that no principal matches',
    args: [...demo, 'ledger-monthly', '--principal', 'role/nobody-*'],
    code: 252,
    says: ['no principal matches `role/nobody-*`'],
  },
  {
    name: 'refuses one pattern of several that no principal matches',
    args: [...demo, 'ledger-monthly', '--principal', 'role/*', '--principal', 'user/alcie'],
    code: 252,
    says: ['no principal matches `user/alcie`'],
  },
  {
    name: 'distinguishes a principal that cannot run an operation as a role from a missing principal',
    args: ['backup-job', '--demo', '--principal', 'user/administrator'],
    code: 252,
    says: ['no role matches `user/administrator`', 'a backup-job runs as a role'],
  },
  {
    name: 'says what a check of everything leaves out',
    args: ['restore', '--demo'],
    code: 0,
    says: ['Restores to a point in time, including those from automated backups, were not checked.'],
  },
  {
    name: 'asks for the ARN of a source that may be in one of several accounts',
    args: ['restore', '--evidence', 'test/cases/findings/t22.json', '--snapshot', 'orders'],
    code: 252,
    says: ['the evidence has accounts 111122223333 and 444455556666', 'give the ARN with --snapshot'],
  },
  {
    name: 'asks for an account where no source is named',
    args: ['create-cluster', '--evidence', 'test/cases/findings/t22.json'],
    code: 252,
    says: ["--principal 'arn:aws:iam::111122223333:**'"],
  },
  {
    name: 'takes the account that a principal is named in',
    args: [
      ...['create-cluster', '--evidence', 'test/cases/findings/t22.json', '--max-age', '9999d'],
      ...['--principal', 'arn:aws:iam::444455556666:**'],
    ],
    code: 2,
    says: ['eu-west-1, account 444455556666', 'account 444455556666 were not read'],
  },
  {
    name: 'is a gate that fails if anybody else can',
    args: [...demo, 'ledger-monthly', '--expect-only', 'role/dr-restore'],
    code: 1,
    says: ['Unexpected (expected: role/dr-restore)', 'user/administrator'],
  },
  {
    name: 'names what decides for each who is not expected',
    args: [...demo, 'ledger-monthly', '--expect-only', 'root', '--output', 'markdown'],
    code: 1,
    says: [
      'role/dr-restore can run restore on arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly, but is not expected to<br>Decided by: statement &#34;Restore&#34; of identity policy restore-ledger,',
    ],
  },
  {
    name: 'expects nobody of another account who has the same name',
    args: [
      ...['restore', '--evidence', shared, '--snapshot', sharedSnapshot, '--region', 'us-east-1'],
      ...['--expect-only', 'role/dba', '--expect-only', 'root', '--expect-only', '**'],
    ],
    code: 1,
    says: ['role/dba of account 444455556666 and the root user of account 444455556666 can'],
  },
  {
    name: 'expects principals of another account by ARN',
    args: [
      ...['restore', '--evidence', shared, '--snapshot', sharedSnapshot, '--region', 'us-east-1'],
      ...['--expect-only', '**', '--expect-only', 'root'],
      ...['--expect-only', 'arn:aws:iam::444455556666:role/*', '--expect-only', 'arn:aws:iam::444455556666:root'],
    ],
    code: 0,
    says: ['As expected: nobody else can'],
  },
  {
    name: 'checks nobody of an account that has no alias of the name',
    args: [...onShared, '--kms-key-id', 'alias/k1'],
    code: 0,
    says: [
      'All 2 principals can restore snapshot s',
      'Account 444455556666 has no key `alias/k1` in us-east-1, so its principals were not checked',
    ],
  },
  {
    name: 'is an open gate if an account has no alias of the name',
    args: [...onShared, '--kms-key-id', 'alias/k1', '--expect-only', 'role/dba', '--expect-only', 'root'],
    code: 2,
    says: ['Nobody else can (expected: role/dba and root), but not everybody was checked.'],
  },
  {
    name: 'checks everybody if the request names the key by its ARN',
    args: [...onShared, '--kms-key-id', 'arn:aws:kms:us-east-1:111122223333:alias/k1'],
    code: 0,
    says: ['All 4 principals can restore snapshot s'],
  },
  {
    name: 'refuses an alias that no account of the checked principals has',
    args: [...onShared, '--kms-key-id', 'alias/k1', '--principal', 'arn:aws:iam::444455556666:role/dba'],
    code: 252,
    says: ['no KMS key `alias/k1` in us-east-1 of account 444455556666'],
  },
  {
    name: 'is undetermined if another principal may be able',
    args: [...demo, 'orders-before-upgrade', '--expect-only', 'user/*'],
    code: 2,
    says: ['may'],
  },
  {
    name: 'holds if every principal that can is expected',
    args: [...demo, 'ledger-monthly', '--expect-only', 'user/*', '--expect-only', 'role/*', '--expect-only', 'root'],
    code: 0,
    says: ['As expected: nobody else can (expected: user/*, role/* and root).'],
  },
  {
    name: 'is undetermined if only a disabled key stops a principal',
    args: [...demo, 'ledger-monthly', '--assume-key-state', 'alias/ledger=Disabled', '--expect-none'],
    code: 2,
    says: [
      'Unexpected (expected: nobody)',
      'user/administrator, role/dr-restore, the root user of account 111122223333 and role/operator may be able to',
    ],
  },
  {
    name: 'answers a gate as undetermined if a state stops a principal to whom policies do not deny every request',
    args: [
      ...[...demo, 'orders-before-upgrade', '--assume-key-state', 'alias/orders=Disabled'],
      ...['--expect-only', 'user/administrator'],
    ],
    code: 2,
    says: [
      'and by a precondition not met: key is enabled. Once the precondition is met, another request may succeed.',
      '? the root user of account 111122223333, role/operator and role/dr-restore may be able to',
    ],
  },
  {
    name: 'fails if --expect-none is given and a principal can',
    args: [...demo, 'ledger-monthly', '--expect-none'],
    code: 1,
    says: ['Unexpected (expected: nobody)'],
  },
  {
    name: 'refuses to expect nobody and a principal at once',
    args: [...demo, 'ledger-monthly', '--expect-none', '--expect-only', 'root'],
    code: 252,
    says: ['--expect-none'],
  },
  {
    name: 'checks a planned change',
    args: [...demo, 'ledger-monthly', '--assume-key-state', 'alias/ledger=Disabled'],
    code: 0,
    says: [
      'None of 4 principals can restore snapshot ledger-monthly',
      '3 principals have every permission. Precondition not met: key is enabled.',
      'a missing Allow for kms:DescribeKey and kms:CreateGrant (identity policy), and by a precondition not met: key is enabled.',
    ],
  },
  {
    name: 'names the precondition that stops a request, where another request may succeed',
    args: [
      ...['copy-snapshot', '--demo', '--region', 'us-west-2'],
      ...['--snapshot', 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly'],
    ],
    code: 0,
    says: [
      '2 principals are stopped only by a precondition not met: request names a key. Another request may succeed.',
    ],
  },
  {
    name: 'checks the accounts that a snapshot is shared with, and says whose key policy has to change',
    args: [
      ...['restore', '--evidence', 'test/cases/findings/rich20.json', '--max-age', '9999d'],
      ...['--snapshot', 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:s'],
    ],
    code: 0,
    says: [
      "a missing Allow for kms:DescribeKey and kms:CreateGrant (another account's key policy)",
      'role/rb of account 444455556666 and the root user of account 444455556666',
    ],
  },
  {
    name: 'sums up several snapshots',
    args: ['restore', '--demo', '--principal', 'role/dr-restore'],
    code: 0,
    says: ['The only principal checked may be unable to restore 2 of the 3 snapshots'],
  },
  {
    name: 'sums up snapshots that nobody can use',
    args: ['restore', '--demo', '--principal', 'role/operator'],
    code: 0,
    says: ['The only principal checked may be unable to restore any of the 3 snapshots'],
  },
  {
    name: 'distinguishes what nobody can do from what perhaps nobody can do',
    args: ['restore', '--demo=estate'],
    code: 2,
    says: ['No principal can restore 1 of the 10 snapshots, and perhaps 2 more'],
  },
  {
    name: 'says that each of several snapshots has a principal that can use it',
    args: ['restore', '--demo'],
    code: 0,
    says: ['At least one principal can restore each of the 3 snapshots'],
  },
  {
    name: 'takes the parameters of the operation',
    args: ['share-snapshot', '--demo', '--snapshot', 'ledger-monthly', '--with', '444455556666'],
    code: 0,
    says: ['2 of 4 principals can share snapshot ledger-monthly'],
  },
  {
    name: 'refuses a command without a required parameter',
    args: ['export-snapshot', '--demo', '--snapshot', 'ledger-monthly'],
    code: 252,
    says: ['export-snapshot needs --s3-bucket'],
  },
  {
    name: 'names the operations',
    args: ['restore-everything', '--demo'],
    code: 252,
    says: ['restore-everything'],
  },
];

describe('the command', () => {
  test.each(cases)('$name', async ({ args, code, says }) => {
    const { code: found, stdout, stderr } = await runInProcess(['who-can', ...args]);
    expect({ found, stderr: code === 252 ? '' : stderr }).toEqual({ found: code, stderr: '' });
    expect(
      says.filter((one) => !`${stdout}${stderr}`.includes(one)),
      `${stdout}${stderr}`,
    ).toEqual([]);
  });

  test.each(['json', 'jsonl', 'csv', 'markdown'])('answers as %s', async (format) => {
    const { code, stdout } = await runInProcess(['who-can', ...demo, 'ledger-monthly', '--output', format]);
    expect(code).toBe(0);
    expect(stdout).toContain('role/dr-restore');
  });
});
