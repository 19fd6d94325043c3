import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/contract/report.ts';
import { demoIncident } from '../../src/diagnose/demo-incident.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { textsOf } from '../texts.ts';

/* The program in process: the event of --demo with changes on its evidence with changes. */

type Changes = Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly event?: Changes;
  /** In place of the event. */
  readonly record?: unknown;
  readonly evidence?: Changes;
  readonly args?: string;
  readonly expect: {
    readonly code?: number;
    readonly verdict?: string;
    readonly agreement?: string;
    readonly answer?: string;
    readonly operation?: string;
    readonly decisive?: readonly string[];
    readonly explanations?: readonly string[];
    readonly causes?: readonly string[];
    readonly missing?: readonly string[];
    /** Parts of what must not be explained. */
    readonly saysNot?: readonly string[];
  };
}

const url = new URL('../cases/diagnose/findings.json', import.meta.url);
const file: { readonly about: string; readonly cases: readonly Case[] } = JSON.parse(readFileSync(url, 'utf8'));
const demoEvent = demoIncident.is === 'CloudTrail event' ? demoIncident.event : undefined;

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
  test.each(file.cases)('$name', async ({ event, record, evidence, args, expect: expected }) => {
    const flags = args === undefined ? [] : args.split(' ');
    const { code, stdout, stderr } = await diagnose(record ?? changed(demoEvent, event ?? {}), flags, evidence);
    expect(stderr).toBe('');
    const { diagnosis, verdict, results }: Report = JSON.parse(stdout);
    const found = {
      code,
      verdict,
      agreement: diagnosis?.agreement,
      answer: diagnosis?.answer,
      operation: results[0]?.operation,
    };
    const { decisive, explanations, causes, missing, saysNot, ...told } = expected;
    expect(found).toMatchObject(told);
    for (const [name, parts] of Object.entries({ decisive, explanations, causes }))
      for (const part of parts ?? [])
        expect(JSON.stringify(diagnosis?.[name === 'decisive' ? name : 'explanations'])).toContain(
          JSON.stringify(part).slice(1, -1),
        );
    if (causes !== undefined) expect(diagnosis?.causes).toEqual(causes);
    if (decisive?.length === 0) expect(diagnosis?.decisive).toEqual([]);
    if (missing !== undefined) expect(diagnosis?.missing.map(({ flag }) => flag)).toEqual(missing);
    for (const part of saysNot ?? []) expect(textsOf(diagnosis?.explanations)).not.toContain(part);
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
