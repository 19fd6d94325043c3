import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { inTurn, type Ran, run, runHere, tooWide } from '../cli.ts';
import { type Changes, demoEvent, expectDiagnosis, readDiagnoseCases, recordAndFlags } from '../diagnose-case.ts';

const file = readDiagnoseCases('incidents.json');
const schema: object = JSON.parse(readFileSync(new URL('../../dist/schema/report.json', import.meta.url), 'utf8'));
const valid = new Ajv({ strict: false }).compile(schema);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function diagnose(record: unknown, args: readonly string[], evidence: Changes = {}): Promise<Ran> {
  writeFileSync(join(folder, 'event.json'), typeof record === 'string' ? record : JSON.stringify(record));
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify(changed(demoEvidence, evidence)));
  return await runHere(['diagnose', 'event.json', '--evidence', 'evidence.json', ...args], { cwd: folder });
}

function reportOf({ stdout }: Ran): Report {
  const report: Report = JSON.parse(stdout);
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

describe(file.about, { tags: 'slow' }, () => {
  test.each(file.cases)('$name', async (one) => {
    const { record, flags } = recordAndFlags(one);
    const ran = await diagnose(record, [...flags, '--output', 'json'], one.evidence);
    expect(ran.stderr).toBe('');
    expectDiagnosis(reportOf(ran), ran.code, one.expect);
  });
});

describe('a record may have another wrapper', { tags: 'slow' }, () => {
  const text = JSON.stringify(demoEvent);
  let plain = '';
  beforeAll(async () => {
    plain = (await diagnose(demoEvent, [])).stdout;
  });

  test.each([
    ['a file of a trail', { Records: [demoEvent] }],
    ['what lookup-events prints', { Events: [{ EventId: 'x', CloudTrailEvent: text }] }],
    ['one of its events', { EventId: 'x', CloudTrailEvent: text }],
    ['an event of EventBridge', { source: 'aws.rds', 'detail-type': 'AWS API Call via CloudTrail', detail: demoEvent }],
    ['a list', [demoEvent]],
  ])('%s', async (_, record) => {
    expect((await diagnose(record, [])).stdout).toBe(plain);
  });

  test('standard input, with a byte order mark', async () => {
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(demoEvidence));
    const ran = run(['diagnose', '-', '--evidence', 'evidence.json'], { cwd: folder, input: `\uFEFF${text}\n` });
    expect(ran.stdout).toBe(plain);
  });

  test('one of several events', async () => {
    const other = { ...demoEvent, eventID: 'other', errorCode: undefined };
    const id = demoEvent?.eventID ?? '';
    expect((await diagnose({ Records: [other, demoEvent] }, ['--event-id', id])).stdout).toBe(plain);
    const { code, stderr } = await diagnose({ Records: [other, demoEvent] }, []);
    expect(code).toBe(252);
    expect(stderr).toContain('2 events found');
    expect(stderr).toContain(`${id} (RestoreDBClusterFromSnapshot at 2026-11-01T03:14:07Z, KMSKeyNotAccessibleFault)`);
  });

  test('a file of a trail as CloudTrail delivers it, with a record that is none of its own', async () => {
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(demoEvidence));
    writeFileSync(
      join(folder, 'trail.json.gz'),
      gzipSync(JSON.stringify({ Records: [{ eventID: 'odd' }, demoEvent] })),
    );
    const ran = await runHere(
      ['diagnose', 'trail.json.gz', '--event-id', demoEvent?.eventID ?? '', '--evidence', 'evidence.json'],
      { cwd: folder },
    );
    expect(ran.stdout).toBe(plain);
  });

  test('an error text in a file is the same as on the command line', async () => {
    const error =
      'KMSKeyNotAccessibleFault: The source snapshot KMS key does not exist, is not enabled or you do not have permissions to access it.';
    const asked = ['--operation', 'restore', '--principal', 'role/operator', '--snapshot', 'orders-before-upgrade'];
    const args = [...asked, '--demo', '--output', 'json'];
    const timeless = (stdout: string): unknown => ({ ...JSON.parse(stdout), evaluatedAt: '' });
    writeFileSync(join(folder, 'error.txt'), `${error}\n`);
    const fromFile = await runHere(['diagnose', 'error.txt', ...args], { cwd: folder });
    const { stdout, code } = await runHere(['diagnose', '--error', error, ...args]);
    expect(code).toBe(1);
    expect(timeless(stdout)).toEqual(timeless(fromFile.stdout));
    expect(stdout).toContain('"agreement": "agrees"');
  });
});

describe('what is not understood, or contradicts itself, is refused', () => {
  const event = (changes: Changes): unknown => changed(demoEvent, changes);
  const cases: readonly (readonly [string, unknown, readonly string[], string])[] = [
    [
      'an Insights event',
      { eventType: 'AwsCloudTrailInsight', insightDetails: {} },
      [],
      'an Insights event counts requests',
    ],
    [
      'a decoded authorization message',
      { DecodedMessage: '{"allowed":false,"explicitDeny":true}' },
      [],
      'this is a decoded authorization message',
    ],
    ['half a file', '{"eventName": ', [], 'event.json: not JSON'],
    ['JSON of another kind', { name: 'x' }, [], 'event.json: this JSON is not a known kind of event'],
    ['a record of another kind', { Records: [{ name: 'x' }] }, [], '`Records[0]` is not a known kind of event'],
    ['nothing', ' ', [], 'event.json: the file is empty'],
    ['evidence', demoEvidence, [], 'event.json: this is an evidence file, not an event'],
    ['an empty list', { Records: [] }, [], 'event.json: no event found'],
    ['a record without its time', event({ '/eventTime': null }), [], '`eventTime` is missing'],
    ['a record within others', { Records: [event({ '/userIdentity': 'x' })] }, [], '`Records[0].userIdentity` is'],
    ['a broken event in text', { Events: [{ CloudTrailEvent: '{' }] }, [], '`Events[0].CloudTrailEvent`: not JSON'],
    ['an invalid time', event({ '/eventTime': '2026-99-01T00:00:00Z' }), [], '`eventTime` is not a time'],
    ['lists without end', '['.repeat(9000) + ']'.repeat(9000), [], 'nested more than 200 levels deep'],
    [
      'several RDS events',
      { Events: ['a', 'b'].map((name) => ({ SourceIdentifier: name, Message: 'x' })) },
      [],
      'pass a file with one event',
    ],
    ['another service', event({ '/eventSource': 's3.amazonaws.com' }), [], 'the event is from s3.amazonaws.com'],
    ['a call to KMS that RDS did not make', event({ '/eventSource': 'kms.amazonaws.com' }), [], 'not RDS'],
    [
      'an RDS event about something else',
      { SourceIdentifier: 'a', Message: 'Backing up DB instance.' },
      [],
      'not about a key',
    ],
    ['an export under way', { ExportTaskIdentifier: 'a', SourceArn: 'b', Status: 'IN_PROGRESS' }, [], 'is IN_PROGRESS'],
    [
      'an export that a user canceled',
      { ExportTaskIdentifier: 'a', SourceArn: 'b', Status: 'CANCELED' },
      [],
      'was canceled: AWS refused nothing',
    ],
    [
      'a job about something else than a database',
      { BackupJobId: 'a', ResourceArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/x', State: 'FAILED' },
      [],
      'which is not a database',
    ],
    ['an error text of something else', 'command not found', [], 'cannot read the error text `command not found`'],
    ['another principal than the event shows', demoEvent, ['--principal', 'role/dr-restore'], 'leave out --principal'],
    ['another operation', demoEvent, ['--operation', 'clone'], 'leave out --operation'],
    ['another snapshot', demoEvent, ['--snapshot', 'ledger-monthly'], 'leave out --snapshot'],
    ['another Region', demoEvent, ['--region', 'eu-west-1'], 'leave out --region'],
    ['another context', demoEvent, ['--source-ip', '10.0.0.1'], 'leave out --context aws:SourceIp'],
    ['a source that the operation does not read', demoEvent, ['--cluster', 'orders'], 'takes no --cluster'],
    ['an unknown operation', demoEvent, ['--operation', 'restor'], 'unknown operation `restor`'],
    ['an event that the file does not hold', demoEvent, ['--event-id', 'x'], 'no event `x`'],
    ['a file and a text', demoEvent, ['--error', 'x'], 'give one of them'],
  ];
  test.each(cases)('%s', async (_, record, args, says) => {
    const { code, stdout, stderr } = await diagnose(record, args);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });

  test.each([
    ['nothing at all', ['diagnose', '--evidence', 'x.json'], 'no error given'],
    ['an AWS event with evidence', ['diagnose', '--demo', '--event-id', 'x'], 'aws cloudtrail lookup-events'],
    ['no such file', ['diagnose', 'nowhere.json', '--demo'], 'nowhere.json: no such file'],
    ['standard input twice', ['diagnose', '-', '--evidence', '-'], 'give `-` once'],
  ])('%s', async (_, args, says) => {
    const { code, stderr } = await runHere(args);
    expect(stderr).toContain(says);
    expect(code).toBe(252);
  });
});

describe('the output', { tags: 'slow' }, () => {
  const controlled = changed(demoEvent, { '/errorMessage': 'The source\u001b[2J snapshot\nis gone' });

  test('nothing but what cannot be broken is wider than 80 columns', async () => {
    const texts = [
      await diagnose(demoEvent, []),
      await diagnose(changed(demoEvent, { '/requestParameters': null }), []),
      await diagnose(changed(demoEvent, { '/errorCode': null, '/errorMessage': null }), []),
    ];
    // A script is not wrapped, because users copy it.
    const script = /^( +)\($[^]*?^\1\)$/gm;
    for (const { stdout } of texts) expect(tooWide(stdout.replaceAll(script, ''))).toEqual([]);
  });

  test('what a record holds cannot steer a terminal', async () => {
    expect((await diagnose(controlled, [])).stdout).not.toContain('\u001b');
  });

  test('--fail-on counts', async () => {
    const codes = (record: unknown): Promise<readonly (number | null)[]> =>
      inTurn(
        ['undetermined', 'fails', 'never'],
        async (failOn) => (await diagnose(record, ['--fail-on', failOn])).code,
      );
    expect(await codes(demoEvent)).toEqual([1, 1, 0]);
    expect(await codes(changed(demoEvent, { '/requestParameters': null }))).toEqual([2, 0, 0]);
  });
});
