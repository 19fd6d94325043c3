import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReportJson, reportSchema } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changed } from '../check-case.ts';
import { inTurn, runHere } from '../cli.ts';
import { textsOf } from '../texts.ts';

const account = 'arn:aws:iam::111122223333';
const keyPolicy = '/accounts/111122223333/regions/us-east-1/kms/keys/0/Policy';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function evidenceFile(name: string, changes: Readonly<Record<string, unknown>> = {}): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(changed(demoEvidence, changes)));
  return path;
}

async function report(args: readonly string[]): Promise<{ readonly code: number | null; readonly report: ReportJson }> {
  const { code, stdout, stderr } = await runHere([...args, '--output', 'json']);
  expect(stderr).toBe('');
  return { code, report: v.parse(reportSchema, JSON.parse(stdout)) };
}

/** The same evidence twice: the embedded copy, and a copy in a file. */
describe.each([
  ['embedded', [], () => ['--demo']],
  ['from a file', ['slow'], () => ['--evidence', evidenceFile('founding'), '--principal', `${account}:role/operator`]],
])('the founding case, %s', (_, tags, source) => {
  test('the operator can take a snapshot: RDS needs nothing of the caller at the key', { tags }, async () => {
    const { code, report: found } = await report(['create-snapshot', ...source(), '--cluster', 'orders']);
    expect({ code, verdict: found.verdict }).toEqual({ code: 0, verdict: 'succeeds' });
    expect(found.results[0]?.calls.map((call) => call.kind)).not.toContain('forwarded');
    expect(textsOf(found.results[0]?.reasons)).toContain("RDS makes no KMS call with the principal's identity");
  });

  test('the operator cannot restore it: both forwarded calls meet the deny, and would lack an allow', {
    tags,
  }, async () => {
    const { code, report: found } = await report(['restore', ...source(), '--snapshot', 'orders-before-upgrade']);
    expect({ code, verdict: found.verdict }).toEqual({ code: 1, verdict: 'fails' });
    const [result] = found.results;
    expect(result?.expectedError?.code).toBe('KMSKeyNotAccessibleFault');
    const forwarded = result?.calls.filter((call) => call.kind === 'forwarded') ?? [];
    expect(forwarded.map(({ action }) => action)).toEqual(['kms:DescribeKey', 'kms:CreateGrant']);
    for (const call of forwarded) {
      expect(call).toMatchObject({ decision: 'denied', denial: 'explicit', lacking: ['identity policy'] });
      expect(call.decidedBy).toMatchObject([
        { policy: 'key policy', statement: 1, sid: 'Deny actions except AdminRole', effect: 'Deny' },
      ]);
      const { text } = call.why;
      expect(text.indexOf('Deny actions except AdminRole')).toBeLessThan(text.indexOf('no identity policy'));
    }
  });

  test('every snapshot of the Region is checked when none is named', { tags }, async () => {
    const { code, report: found } = await report(['restore', ...source()]);
    expect({ code, summary: found.summary }).toEqual({ code: 1, summary: { succeeds: 0, fails: 3, undetermined: 0 } });
  });
});

describe('variations of the founding case', { tags: 'slow' }, () => {
  test('the administrator, whom the Deny exempts, can restore', async () => {
    const { code } = await report(['restore', '--demo', '--principal', `${account}:user/administrator`]);
    expect(code).toBe(0);
  });

  test('role/dr-restore can restore the cluster whose key delegates, and only that', async () => {
    const principal = ['--demo', '--principal', `${account}:role/dr-restore`];
    expect((await report(['restore', ...principal, '--snapshot', 'ledger-monthly'])).code).toBe(0);
    expect((await report(['restore', ...principal])).report.summary).toEqual({
      succeeds: 1,
      fails: 2,
      undetermined: 0,
    });
  });

  test('without the exemption for AWS services a snapshot is undetermined, with the reason', async () => {
    const evidence = evidenceFile('no-exemption', {
      [`${keyPolicy}/Statement/1/Condition/BoolIfExists`]: null,
    });
    const asked = ['create-snapshot', '--evidence', evidence, '--principal', `${account}:role/operator`];
    const { code, report: found } = await report([...asked, '--cluster', 'orders']);
    expect({ code, verdict: found.verdict }).toEqual({ code: 2, verdict: 'undetermined' });
    expect(textsOf(found.results[0]?.reasons)).toContain('AWS warns that operations may fail');
  });

  test('without the deny the operator lacks an identity-based allow', async () => {
    const evidence = evidenceFile('no-deny', {
      [`${keyPolicy}/Statement`]: [
        { Sid: 'Root', Effect: 'Allow', Principal: { AWS: `${account}:root` }, Action: 'kms:*', Resource: '*' },
      ],
    });
    const asked = ['restore', '--evidence', evidence, '--principal', `${account}:role/operator`];
    const { code, report: found } = await report([...asked, '--snapshot', 'orders-before-upgrade']);
    expect(code).toBe(1);
    expect(found.results[0]?.calls.find((call) => call.action === 'kms:CreateGrant')).toMatchObject({
      decision: 'denied',
      denial: 'implicit',
      lacking: ['identity policy'],
    });
  });

  test('operations have other names', async () => {
    const names = ['restore', 'restore-cluster', 'restore-db-cluster-from-snapshot'];
    const outputs = await inTurn(names, async (name) => (await runHere([name, '--demo'])).stdout);
    expect(new Set(outputs).size).toBe(1);
    expect((await runHere(['create-db-cluster-snapshot', '--demo'])).code).toBe(0);
  });

  test('the same evidence in two files, and in a folder, says the same as in one', async () => {
    const { accounts, collectedAt } = demoEvidence;
    const whole = { evidenceVersion: 1, collectedAt };
    const [[id, demoAccount] = ['', {}]] = Object.entries(accounts);
    const iam = join(folder, 'split-iam.json');
    const rest = join(folder, 'split-rest.json');
    writeFileSync(iam, JSON.stringify({ ...whole, accounts: { [id]: { iam: demoAccount.iam } } }));
    writeFileSync(rest, JSON.stringify({ ...whole, accounts: { [id]: { ...demoAccount, iam: undefined } } }));
    const asked = ['restore', '--principal', `${account}:role/operator`];
    const one = await runHere([...asked, '--evidence', evidenceFile('whole')]);
    expect((await runHere([...asked, '--evidence', iam, '--evidence', rest])).stdout).toBe(one.stdout);
  });

  test('another target key is found by its alias, and the snapshot key is then also checked', async () => {
    const { report: found } = await report([
      ...['restore', '--demo', '--principal', `${account}:role/dr-restore`],
      ...['--snapshot', 'orders-before-upgrade', '--kms-key-id', 'alias/ledger'],
    ]);
    expect(found.verdict).toBe('undetermined');
    const [result] = found.results;
    expect(result?.target.keyAlias).toBe('alias/ledger');
    expect(result?.calls.filter((call) => call.on === 'storage key' && call.decision === 'denied')).not.toEqual([]);
  });
});
