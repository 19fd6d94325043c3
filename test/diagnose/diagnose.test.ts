import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { type Changes, demoEvent, expectDiagnosis, readDiagnoseCases, recordAndFlags } from '../diagnose-case.ts';

/* The program in process. */

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
  test.each(file.cases)('$name', async (one) => {
    const { record, flags } = recordAndFlags(one);
    const { code, stdout, stderr } = await diagnose(record, flags, one.evidence);
    expect(stderr).toBe('');
    const report: Report = JSON.parse(stdout);
    expectDiagnosis(report, code, one.expect);
  });
});

const line = JSON.stringify(demoEvent);
const delivered = JSON.stringify({ source: 'aws.rds', detail: demoEvent });

describe('an event is read from whatever holds it', () => {
  test.each<readonly [string, unknown]>([
    ['a trail', { Records: [demoEvent] }],
    ['filter-log-events', { events: [{ eventId: '1', message: line }], searchedLogStreams: [] }],
    ['a subscription of CloudWatch Logs', { messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', message: line }] }],
    ['SNS, as Lambda shows it', { Records: [{ EventSource: 'aws:sns', Sns: { Message: delivered } }] }],
    ['SNS', { Type: 'Notification', Message: delivered }],
    ['SQS', { Records: [{ eventSource: 'aws:sqs', body: delivered }] }],
    ['SNS in SQS', { Messages: [{ MessageId: '1', Body: JSON.stringify({ Message: delivered }) }] }],
    ['a line of its own', `${line}\n${JSON.stringify({ ...demoEvent, eventID: 'another' })}\n`],
  ])('%s', async (_, record) => {
    const { stdout, stderr } = await diagnose(record, ['--event-id', demoEvent?.eventID ?? '']);
    expect(stderr).toBe('');
    const { diagnosis }: Report = JSON.parse(stdout);
    expect(diagnosis?.answer).toBe('restore failed as predicted: KMSKeyNotAccessibleFault');
  });

  test('a line that is none', async () => {
    const { code, stdout } = await diagnose(`${line}\nnothing\n`, []);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});

const text =
  'An error occurred (KMSKeyNotAccessibleFault) when calling the CopyDBSnapshot operation: The target KMS key [None] does not exist, is not enabled or you do not have permissions to access it.';

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

describe('what somebody adds and the evidence does not hold is still refused', () => {
  test.each([
    ['a key', ['--kms-key-id', 'alias/missing', '--snapshot', 'ledger-monthly']],
    ['a snapshot', ['--snapshot', 'missing']],
  ])('%s', async (_, flags) => {
    const event = changed(demoEvent, { '/requestParameters': null, '/errorMessage': 'x' });
    const { code, stdout } = await diagnose(event, flags);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
  });
});
