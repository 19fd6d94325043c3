import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { changed } from './check-case.ts';

/*
 * Answers that were wrong once, asked as a user asks them. The evidence of each stands beside the table.
 */

const folder = new URL('cases/findings/', import.meta.url);

const findings = v.array(
  v.strictObject({
    name: v.string(),
    source: v.string(),
    /** Arguments of the program, without the evidence. */
    args: v.array(v.string()),
    /** A file beside the table. */
    evidence: v.string(),
    /** New values by JSON pointer; null takes the value away. */
    change: v.optional(v.record(v.string(), v.unknown())),
    verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
    /** Texts that the report contains, and that it does not contain. */
    says: v.optional(v.array(v.string()), []),
    saysNot: v.optional(v.array(v.string()), []),
  }),
);

const all = v.parse(findings, JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')));

async function reported(args: readonly string[], evidence: string): Promise<string> {
  let text = '';
  const quiet = { write: () => true };
  await run([...args, '--evidence', evidence, '--output', 'json'], {
    stdout: { write: (part) => (text += part) },
    stderr: quiet,
    environment: {},
    now: () => new Date('2026-11-26T12:00:00Z'),
  });
  return text;
}

function writtenTo(path: string, change: Readonly<Record<string, unknown>>): string {
  const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
  writeFileSync(file, JSON.stringify(changed(JSON.parse(readFileSync(path, 'utf8')), change)));
  return file;
}

describe('findings', () => {
  test.each(all)('$name ($source)', async ({ args, evidence, change, verdict, says, saysNot }) => {
    const path = fileURLToPath(new URL(evidence, folder));
    const text = await reported(args, change === undefined ? path : writtenTo(path, change));
    const report = v.parse(v.looseObject({ verdict: v.string() }), JSON.parse(text));
    expect({ verdict: report.verdict, missing: says.filter((one) => !text.includes(one)) }).toEqual({
      verdict,
      missing: [],
    });
    expect(saysNot.filter((one) => text.includes(one))).toEqual([]);
  });
});
