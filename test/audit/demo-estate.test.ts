// @module-tag slow
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { findingRows } from '../../src/audit/findings/table.ts';
import { estateEvidence } from '../../src/evidence/demo-estate.ts';
import { policyFaults } from '../../src/evidence/policy-faults.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { runInProcess } from '../run-in-process.ts';

/* `--demo=estate` shows an organization in which every finding of an audit is certain. */

const reportSchema = v.object({ findings: v.array(v.object({ code: v.string(), state: v.string() })) });

async function certain(...flags: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await runInProcess(['audit', '--demo=estate', '--output', 'json', ...flags]);
  const { findings } = v.parse(reportSchema, JSON.parse(stdout));
  return new Set(findings.filter(({ state }) => state === 'holds').map(({ code }) => code));
}

describe('--demo=estate', () => {
  test('is evidence without faults', () => {
    expect(v.parse(evidenceSchema, estateEvidence)).toEqual(estateEvidence);
    expect(policyFaults(estateEvidence)).toEqual([]);
  });

  test('has every finding', async () => {
    expect(await certain('--wide-restore', '20')).toEqual(new Set(findingRows.map(({ code }) => code)));
  });

  test('takes the same questions as any evidence', async () => {
    const { stdout, code } = await runInProcess(['restore', '--demo=estate', '--snapshot', 'archive-2019']);
    expect(stdout).toContain('role/dr-restore cannot restore snapshot archive-2019');
    expect(code).toBe(1);
  });

  test('takes its name by = alone', async () => {
    const { stderr, code } = await runInProcess(['restore', '--demo', 'estate']);
    expect(code).toBe(252);
    expect(stderr).toContain('estate');
    expect((await runInProcess(['restore', '--demo=nothing'])).code).toBe(252);
    expect((await runInProcess(['restore', '--demo=estate', '--evidence', 'x.json'])).code).toBe(252);
  });
});
