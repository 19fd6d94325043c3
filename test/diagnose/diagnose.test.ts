import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/contract/report.ts';
import { recordsOfQuery } from '../../src/diagnose/query-results.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { type Changes, demoEvent, expectDiagnosis, readDiagnoseCases, recordAndFlags } from '../diagnose-case.ts';

/* Each case runs the program in this process. */

const file = readDiagnoseCases('findings.json');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function ran(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const code = await run(argv, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    environment: {},
    now: () => new Date('2026-11-02T00:00:00Z'),
  });
  return { code, ...written };
}

async function diagnose(record: unknown, args: readonly string[], evidence: Changes = {}) {
  const [event, facts] = [join(folder, 'event.json'), join(folder, 'evidence.json')];
  writeFileSync(event, typeof record === 'string' ? record : JSON.stringify(record));
  writeFileSync(facts, JSON.stringify(changed(demoEvidence, evidence)));
  return ran(['diagnose', event, '--evidence', facts, '--output', 'json', ...args]);
}

describe(file.about, () => {
  // Each case is a whole incident.
  const [some, others] = [0, 1].map((rest) => file.cases.filter((_, at) => Number(at % 6 > 0) === rest));
  const expectDiagnosed = async (one: (typeof file.cases)[number]): Promise<void> => {
    const { record, flags } = recordAndFlags(one);
    const { code, stdout, stderr } = await diagnose(record, flags, one.evidence);
    expect(stderr).toBe('');
    const report: Report = JSON.parse(stdout);
    expectDiagnosis(report, code, one.expect);
  };
  test.each(some ?? [])('$name', (one) => expectDiagnosed(one));
  test.each(others ?? [])('$name', { tags: 'slow' }, (one) => expectDiagnosed(one));
});

const text =
  'An error occurred (KMSKeyNotAccessibleFault) when calling the CopyDBSnapshot operation: The target KMS key [None] does not exist, is not enabled or you do not have permissions to access it.';

const line = JSON.stringify(demoEvent);
const delivered = JSON.stringify({ source: 'aws.rds', detail: demoEvent });

const columns: Readonly<Record<string, string>> = {
  eventtime: '2026-11-01 03:14:07.000',
  eventsource: 'rds.amazonaws.com',
  eventname: 'RestoreDBClusterFromSnapshot',
  awsregion: 'us-east-1',
  eventid: demoEvent?.eventID ?? '',
  errorcode: 'KMSKeyNotAccessibleFault',
  errormessage: demoEvent?.errorMessage ?? '',
  useragent: 'aws-cli, x=y',
  useridentity:
    '{type=AssumedRole, principalid=AROAEXAMPLEOPERATOR1:on-call, arn=arn:aws:sts::111122223333:assumed-role/operator/on-call, invokedby=null, sessioncontext={attributes={mfaauthenticated=true, creationdate=2026-11-01T03:02:55Z}, sessionissuer={type=Role, username=operator}}}',
  requestparameters: JSON.stringify(demoEvent?.requestParameters),
  responseelements: 'null',
  resources: '',
};
const cells = Object.entries(columns);
const csv = [cells.map(([name]) => name), cells.map(([, value]) => value)]
  .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
  .join('\n');

describe('a row of a query', () => {
  const queried = (changes: Readonly<Record<string, string>>, without: readonly string[] = []): unknown => ({
    QueryResultRows: [
      Object.entries({ ...columns, ...changes })
        .filter(([name]) => !without.includes(name))
        .map(([name, value]) => ({ [name]: value })),
    ],
  });

  test('shows what the session and the request held', () => {
    const requestparameters =
      '{snapshotIdentifier=orders-before-upgrade, copyTagsToSnapshot=true, tags=[{key=k, value=a,  b}, {key=x, value=y=z}]}';
    const [record] = recordsOfQuery(queried({ requestparameters }), 'x') ?? [];
    expect(record).toMatchObject({
      eventTime: '2026-11-01T03:14:07.000Z',
      userAgent: 'aws-cli, x=y',
      userIdentity: { invokedBy: null, sessionContext: { attributes: { mfaAuthenticated: 'true' } } },
      requestParameters: {
        snapshotIdentifier: 'orders-before-upgrade',
        copyTagsToSnapshot: true,
        tags: [
          { key: 'k', value: 'a,  b' },
          { key: 'x', value: 'y=z' },
        ],
      },
    });
  });

  test.each([
    ['the error code', [], ['errorcode'], 'no column `errorCode`'],
    ['a parameter alone', [['requestParameters.snapshotIdentifier', 'x']], [], 'no column `requestParameters`'],
  ] as const)('lacks %s', async (_, added, without, says) => {
    const { code, stderr, stdout } = await diagnose(queried(Object.fromEntries(added), without), []);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('is a line of a log in words', async () => {
    const value = `[ERROR] ClientError: ${text}`;
    const { code } = await diagnose({ results: [[{ field: '@message', value }]], status: 'Complete' }, []);
    expect(code).toBe(1);
  });
});

describe('an event is read from every form that can contain one', { tags: 'slow' }, () => {
  test.each<readonly [string, unknown]>([
    ['a trail', { Records: [demoEvent] }],
    ['filter-log-events', { events: [{ eventId: '1', message: line }], searchedLogStreams: [] }],
    ['a subscription of CloudWatch Logs', { messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', message: line }] }],
    ['SNS, as Lambda shows it', { Records: [{ EventSource: 'aws:sns', Sns: { Message: delivered } }] }],
    ['SNS', { Type: 'Notification', Message: delivered }],
    ['SQS', { Records: [{ eventSource: 'aws:sqs', body: delivered }] }],
    ['SNS in SQS', { Messages: [{ MessageId: '1', Body: JSON.stringify({ Message: delivered }) }] }],
    ['Logs Insights', { results: [[{ field: '@message', value: line }]], status: 'Complete' }],
    ['Logs Insights, as its console exports it', [{ '@timestamp': '2026-11-01 03:14:07.000', '@message': demoEvent }]],
    ['Logs Insights as CSV', `@timestamp,@message\nx,"${line.replaceAll('"', '""')}"\n`],
    ['CloudTrail Lake', { QueryResultRows: [cells.map(([name, value]) => ({ [name]: value }))] }],
    ['CloudTrail Lake with the whole event', { QueryResultRows: [[{ eventJson: line }]] }],
    [
      'Athena',
      {
        ResultSet: {
          Rows: [0, 1].map((index) => ({
            Data: cells.map((cell) => (cell[index] === '' ? {} : { VarCharValue: cell[index] })),
          })),
        },
      },
    ],
    ['Athena as CSV', csv],
    ['a tail of a log', `2026-11-01T03:14:08.123000+00:00 111122223333_CloudTrail_us-east-1 ${line}\n`],
    ['a tail of a log without its streams', `2026-11-01T03:14:08.123Z ${line}`],
    ['a line of its own', `${line}\n${JSON.stringify({ ...demoEvent, eventID: 'another' })}\n`],
  ])('%s', async (_, record) => {
    const { stdout, stderr } = await diagnose(record, ['--event-id', demoEvent?.eventID ?? '']);
    expect(stderr).toBe('');
    const { diagnosis }: Report = JSON.parse(stdout);
    expect(diagnosis?.answer).toBe('restore failed as predicted: KMSKeyNotAccessibleFault');
  });

  test('a line that is not an event', async () => {
    const { code, stdout } = await diagnose(`${line}\nnothing\n`, []);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});

test.each(['eventName', 'eventSource', 'userIdentity'])(
  'a record with %s alone is one of CloudTrail',
  async (field) => {
    const { code, stderr } = await diagnose({ [field]: field === 'userIdentity' ? { type: 'Root' } : 'x' }, []);
    expect({ code, says: /`event[A-Z]\w+` is missing/.test(stderr) }, stderr).toEqual({ code: 252, says: true });
  },
);

describe('an argument is a text of AWS where it is no file and looks like no path', () => {
  test.each([
    ['a text', text, 1],
    ['a text on several lines', `2026-11-26T15:01:02Z\n${text}\n`, 1],
    ['a code alone', 'KMSKeyNotAccessibleFault', 2],
    ['JSON', JSON.stringify({ errorMessage: text }), 1],
    ['a path', 'events/event.json', 252],
    ['a path with a space', './my events/event.json', 252],
    ['a name', 'event', 252],
    ['words that say nothing', 'something went wrong', 252],
  ])('%s', async (_, argument, code) => {
    const found = await ran(['diagnose', argument, '--demo']);
    expect({ ...found, stdout: '', stderr: '' }).toEqual({ code, stdout: '', stderr: '' });
    if (code === 252) expect(found.stdout).toBe('');
  });
});

describe('a given name that the evidence does not have is still refused', () => {
  test.each([
    ['a key', ['--kms-key-id', 'alias/missing', '--snapshot', 'ledger-monthly']],
    ['a snapshot', ['--snapshot', 'missing']],
  ])('%s', async (_, flags) => {
    const event = changed(demoEvent, { '/requestParameters': null, '/errorMessage': 'x' });
    const { code, stdout } = await diagnose(event, flags);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});

describe('a fix that could not be checked against what AWS reports', () => {
  const denied =
    'An error occurred (AccessDeniedException) when calling the RestoreDBClusterFromSnapshot operation: User: arn:aws:sts::111122223333:assumed-role/operator/on-call is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23 with an explicit deny in a';
  const asked = ['diagnose', '--demo', '--snapshot', 'orders-before-upgrade', '--error'];

  test('a Deny that was not read: no fix claims to be re-checked', async () => {
    const { stdout } = await ran([...asked, `${denied} service control policy`, '--fix=all']);
    expect(stdout).toContain('Fix (not checked against the denial that AWS reports)');
    expect(stdout).not.toContain('re-checked');
    const json: Report = JSON.parse(
      (await ran([...asked, `${denied} service control policy`, '--output', 'json'])).stdout,
    );
    expect(new Set(json.fixes.map(({ verdict }) => verdict))).toEqual(new Set(['undetermined']));
    expect(json.fixes[0]?.doubts.map(({ code }) => code)).toContain('reported-denial-not-read');
  });

  test('a Deny that was read: the fix is re-checked', async () => {
    const { stdout } = await ran([...asked, `${denied} resource-based policy`]);
    expect(stdout).toContain('Fix (re-checked: restore then succeeds)');
  });
});

test('a denial by the policy of a vault, which AWS calls a resource-based policy', async () => {
  const vault = {
    BackupVaultName: 'nightly',
    BackupVaultArn: 'arn:aws:backup:us-east-1:111122223333:backup-vault:nightly',
    Policy: {
      Version: '2012-10-17',
      Statement: [{ Sid: 'Closed', Effect: 'Deny', Principal: '*', Action: 'backup:StartBackupJob', Resource: '*' }],
    },
  };
  const facts = join(folder, 'vault.json');
  const backup = { '/accounts/111122223333/regions/us-east-1/backup': { BackupVaults: [vault] } };
  writeFileSync(facts, JSON.stringify(changed(demoEvidence, backup)));
  const reported =
    'An error occurred (AccessDeniedException) when calling the StartBackupJob operation: User: arn:aws:iam::111122223333:user/administrator is not authorized to perform: backup:StartBackupJob on resource: arn:aws:backup:us-east-1:111122223333:backup-vault:nightly with an explicit deny in a resource-based policy';
  const flags = ['--cluster', 'orders', '--iam-role', 'operator', '--backup-vault-name', 'nightly'];
  const { stdout } = await ran(['diagnose', '--evidence', facts, '--error', reported, ...flags]);
  expect(stdout).toContain('start-backup-job failed as predicted: AccessDeniedException');
  expect(stdout).toContain('Statement "Closed" of the access policy of vault nightly denies the call');
});
