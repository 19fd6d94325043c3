import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { runInProcess } from './run-in-process.ts';

/* Failures that people published, with what they had in hand: `diagnose` explains them. */

const folder = new URL('cases/reports/', import.meta.url);

const table = v.strictObject({
  about: v.string(),
  cases: v.array(
    v.strictObject({
      name: v.string(),
      /** Beside the table, where the files of the case lie. */
      folder: v.string(),
      /** Where it was published. */
      source: v.string(),
      /** Behind `diagnose`; names of files are those of the folder. */
      args: v.array(v.string()),
      code: v.number(),
      /** Texts that the JSON report contains, and that it does not contain. */
      says: v.array(v.string()),
      saysNot: v.optional(v.array(v.string()), []),
    }),
  ),
});

const { about, cases } = v.parse(table, JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')));

describe(about, () => {
  test.each(cases)('$folder $name', async ({ folder: name, args, code, says, saysNot }) => {
    const path = (text: string): string =>
      /^[\w-]+\.json$/.test(text) ? fileURLToPath(new URL(`${name}/${text}`, folder)) : text;
    const evening = new Date('2026-11-26T17:00:00Z');
    const asked = ['diagnose', ...args.map(path), '--output', 'json'];
    const { code: found, stdout, stderr } = await runInProcess(asked, {}, () => evening);
    expect({ code: found, stderr }).toEqual({ code, stderr: '' });
    expect(
      says.filter((one) => !stdout.includes(one)),
      stdout.slice(0, 6000),
    ).toEqual([]);
    expect(saysNot.filter((one) => stdout.includes(one))).toEqual([]);
  });
});
