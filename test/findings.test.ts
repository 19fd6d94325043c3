import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { readTable } from './case-table.ts';
import { changed } from './check-case.ts';
import { pointersOf } from './check-table.ts';

/*
 * Answers that were wrong once. Each test runs the command that a user would run. The evidence is
 * in a file next to the table.
 */

const folder = new URL('cases/findings/', import.meta.url);

const table = v.strictObject({
  about: v.string(),
  /** JSON pointers into the evidence, by the name that cases give them. */
  places: v.record(v.string(), v.string()),
  cases: v.array(
    v.strictObject({
      name: v.string(),
      source: v.string(),
      /** Arguments of the program, without the evidence. */
      args: v.string(),
      /** A file next to the table. */
      evidence: v.string(),
      /** New values by place or JSON pointer; null removes the value. */
      with: v.optional(v.record(v.string(), v.unknown())),
      /**
       * The verdict, then "says: ..." with a text that the report contains, and "does not say: ..."
       * with a text that the report does not contain.
       */
      expect: v.union([v.string(), v.array(v.string())]),
    }),
  ),
});

const { cases, places } = v.parse(table, readTable(new URL('cases.json', folder)));
const all = cases.map((row) => {
  const [verdict = '', ...lines] = [row.expect].flat();
  const after = (start: string): readonly string[] =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  const [says, saysNot] = [after('says: '), after('does not say: ')];
  if (says.length + saysNot.length !== lines.length) throw new Error(`${row.name}: a line expects nothing`);
  return {
    ...row,
    args: row.args.split(' '),
    change: row.with === undefined ? undefined : pointersOf(row.with, places),
    verdict,
    says,
    saysNot,
  };
});

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
  test('have known verdicts', () => {
    expect(all.filter(({ verdict }) => !['succeeds', 'fails', 'undetermined'].includes(verdict))).toEqual([]);
  });

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
