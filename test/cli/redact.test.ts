import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';

import { withLetter } from '../../src/base/digest.ts';
import { redactor } from '../../src/cli/redact.ts';
import { run } from '../../src/cli/run.ts';
import { reportSchema } from '../../src/contract/report.ts';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import { formatNames, reportFormats } from '../../src/report/format-rows.ts';
import { fc, runs } from '../properties/seed.ts';

/* `--redact-accounts`: no output format of a run contains an account ID. */

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
const text = JSON.stringify({ ...demoEvidence, caller: { Arn: demoPrincipal } }, undefined, 2);
const ids = [...new Set(text.match(/(?<!\d)\d{12}(?!\d)/g))];
const [own = ''] = ids;
const evidence = join(folder, `${own}.json`);
const expectations = join(folder, 'expectations.yaml');
writeFileSync(evidence, text);
writeFileSync(
  expectations,
  `version: 1
expectations:
  - { id: broken, who: "arn:aws:iam::${own}:role/operator", can: restore, snapshot: orders-before-upgrade, why: "of account ${own}" }
  - { id: holds, who: user/administrator, can: restore, snapshot: orders-before-upgrade, why: runbook }
`,
);

/** `inFiles`: also write every report to a file. */
async function ran(name: string, args: readonly string[], inFiles = true) {
  const [reports, summary] = [join(folder, name), join(folder, `${name}.md`)];
  const written: string[] = [];
  const stream = { write: (part: string) => written.push(part), isTTY: true, columns: 60 };
  const code = await run(
    [
      ...args,
      ...(inFiles ? reportFormats : []).flatMap((format) => [
        '--report',
        format.isLog ? format.name : `${format.name}=${join(reports, format.name)}`,
      ]),
    ],
    {
      stdout: stream,
      stderr: stream,
      environment: { GITHUB_WORKSPACE: folder, GITHUB_STEP_SUMMARY: summary },
      now: () => new Date('2026-11-26T12:00:00Z'),
    },
  );
  if (!inFiles) return { code, written: [written.join('')] };
  const files = readdirSync(reports).map((file) => readFileSync(join(reports, file), 'utf8'));
  return { code, written: [written.join(''), readFileSync(summary, 'utf8'), ...files] };
}

const denial = join(folder, 'denial.txt');
writeFileSync(
  denial,
  `User: arn:aws:sts::${own}:assumed-role/operator/me is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:us-east-1:${own}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23 with an explicit deny in a resource-based policy`,
);
const check = ['restore', '--evidence', evidence, '--snapshot', 'orders-before-upgrade'];
const diff = ['diff', evidence, '--assume-key-state', 'alias/ledger=PendingDeletion', '--operation', 'restore'];
const preflight = ['preflight', expectations, '--evidence', evidence];
/**
 * One kind of answer in each format. The report files do not depend on `--output`, so only the
 * first run writes them.
 */
function outputsOf(kind: 'check' | 'diff' | 'preflight', args: readonly string[]): readonly Redacted[] {
  return formatNames(kind).map((output, index) => ({
    name: `${kind}-${output}`,
    args: [...args, '--output', output],
    code: 1,
    inFiles: index === 0,
  }));
}

interface Redacted {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  /** Absent: true. */
  readonly inFiles?: boolean;
}

const redactions: readonly Redacted[] = [
  ...outputsOf('check', check),
  ...outputsOf('diff', diff),
  ...outputsOf('preflight', preflight),
  { name: 'explained', args: [...check, '--explain', '--verbose', '--fix=all'], code: 1 },
  { name: 'diagnosis', args: ['diagnose', denial, '--evidence', evidence], code: 2 },
  { name: 'diagnosis-json', args: ['diagnose', denial, '--evidence', evidence, '--output', 'json'], code: 2 },
  { name: 'sweep', args: ['restore', '--evidence', evidence, '--list-all', '--principal', 'role/operator'], code: 1 },
  { name: 'unknown', args: [...check, '--principal', `arn:aws:iam::${own}:role/nobody`], code: 252 },
  { name: 'missing', args: ['restore', '--evidence', join(folder, `no-${own}.json`)], code: 252 },
  { name: 'wrong', args: ['restore', '--demo', own], code: 252 },
];

describe('--redact-accounts', { tags: 'slow' }, () => {
  test.each(redactions)('leaves no account ID in any output: $name', async ({ name, args, code, inFiles }) => {
    const open = await ran(`${name}-open`, args, inFiles);
    expect(open.written.join('\n')).toContain(own);
    const redacted = await ran(`${name}-redacted`, [...args, '--redact-accounts'], inFiles);
    expect([open.code, redacted.code]).toEqual([code, code]);
    expect(redacted.written.length).toBe(open.written.length);
    expect(redacted.written.join('\n')).toContain('100000000001');
    for (const one of redacted.written) for (const id of ids) expect(one).not.toContain(id);
  });

  test('keeps the report valid by its schema, and ARNs in their shape', async () => {
    const { written } = await ran('valid', [...check, '--redact-accounts']);
    const json = written.find((one) => one.startsWith('{"reportVersion"') || /^\{\s*"reportVersion"/.test(one)) ?? '';
    expect(v.parse(reportSchema, JSON.parse(json)).results).toHaveLength(1);
    expect(json).toMatch(/arn:aws:iam::1000000000\d\d:role\/operator/);
  });
});

describe('a redactor', () => {
  test.each([
    { of: 'arn:aws:kms:us-east-1:111122223333:key/1', is: 'arn:aws:kms:us-east-1:100000000001:key/1' },
    { of: '111122223333 444455556666 111122223333', is: '100000000001 100000000002 100000000001' },
    { of: 'bucket111122223333logs', is: 'bucket100000000001logs' },
    { of: 'of 1111-2222-3333, 111122223333', is: 'of 100000000001, 100000000001' },
    { of: '%0A111122223333 %20111122223333', is: '%0A100000000001 %20100000000001' },
    { of: '%AZP25111122223333 \\u2028111122223333', is: '%AZP25100000000001 \\u2028100000000001' },
    { of: 'cut off at 11112222333…', is: 'cut off at …' },
    { of: 'at 1764126000000 of 20261126120000', is: 'at 1764126000000 of 20261126120000' },
    { of: 'key/6ec1a0bd-4f1e-4e36-a2a4-111122223333', is: 'key/6ec1a0bd-4f1e-4e36-a2a4-111122223333' },
    { of: 'a-b-c-111122223333', is: 'a-b-c-100000000001' },
    { of: 'role/111122223333-admin_111122223333', is: 'role/100000000001-admin_100000000001' },
    { of: '"fingerprint":"a11122223333"', is: '"fingerprint":"a11122223333"' },
    { of: '1111222233334 0111122223333', is: '1111222233334 0111122223333' },
    { of: `sha256:${'ab'.repeat(10)}111122223333`, is: `sha256:${'ab'.repeat(10)}111122223333` },
  ])('makes of $of', ({ of, is }) => {
    expect(redactor()(of)).toBe(is);
  });

  test('finds no account ID in a digest', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 12, maxLength: 12 }),
        (digits) => {
          expect(redactor()(withLetter(digits))).toBe(withLetter(digits));
        },
      ),
      runs(300),
    );
    expect(withLetter('00000000000f')).toBe('00000000000f');
  });

  test('gives each account another placeholder, as long as an ID', () => {
    const id = fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, '0'));
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1 }), (all) => {
        const made = redactor()(all.join(' ')).split(' ');
        expect(new Set(made).size).toBe(all.length);
        expect(made.filter((one) => !/^\d{12}$/.test(one))).toEqual([]);
      }),
      runs(300),
    );
  });
});
