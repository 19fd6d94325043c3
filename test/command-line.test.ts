import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { changed } from './check-case.ts';
import { runInProcess } from './run-in-process.ts';

/*
 * What the command line must not print, and failures that the exit code must not hide. Each case
 * has arguments as a user types them, and evidence in a file next to the table.
 */

const folder = new URL('cases/command-line/', import.meta.url);

const table = v.array(
  v.strictObject({
    name: v.string(),
    /** `EVIDENCE` stands for the path of the evidence. */
    args: v.array(v.string()),
    /** A file next to the table. Absent: no evidence. */
    evidence: v.optional(v.string()),
    /** New values by JSON pointer; null removes the value. */
    change: v.optional(v.record(v.string(), v.unknown())),
    code: v.number(),
    /**
     * Texts that the output contains, and texts that it does not contain. Each run of white space
     * in the output counts as one space.
     */
    says: v.optional(v.array(v.string()), []),
    saysNot: v.optional(v.array(v.string()), []),
  }),
);

function rows(file: string): v.InferOutput<typeof table> {
  return v.parse(table, JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}

const [quick, refusals] = [false, true].map((isRefusal) =>
  ['cases.json', 'several.json'].flatMap(rows).filter(({ code }) => (code === 252) === isRefusal),
);
/** Refusals, and other ways to say what a command can say. */
const slow = [...(refusals ?? []), ...['names.json', 'pasted.json'].flatMap(rows)];

function written(name: string, change: Readonly<Record<string, unknown>> = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
  const evidence: unknown = JSON.parse(readFileSync(fileURLToPath(new URL(name, folder)), 'utf8'));
  writeFileSync(file, JSON.stringify(changed(evidence, change)));
  return file;
}

async function ran(args: readonly string[]) {
  const { code, stdout, stderr } = await runInProcess(args);
  return { code, stdout, text: `${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ') };
}

describe('the command line', () => {
  const expectAnswer = async ({
    args,
    evidence,
    change,
    code,
    says,
    saysNot,
  }: (typeof slow)[number]): Promise<void> => {
    const path = evidence === undefined ? '' : written(evidence, change);
    const found = await ran(args.map((one) => (one === 'EVIDENCE' ? path : one)));
    expect(
      { code: found.code, missing: says.filter((one) => !found.text.includes(one)) },
      found.text.slice(0, 2000),
    ).toEqual({
      code,
      missing: [],
    });
    expect(
      saysNot.filter((one) => found.text.includes(one)),
      found.text,
    ).toEqual([]);
    if (code === 252) expect(found.stdout).toBe('');
  };

  test.each(quick ?? [])('$name', (row) => expectAnswer(row));
  test.each(slow)('$name', { tags: 'slow' }, (row) => expectAnswer(row));
});
