import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { runInProcess } from './run-in-process.ts';

/* Failures that people published, with the facts that they had: `diagnose` explains them. */

const folder = new URL('cases/reports/', import.meta.url);

const table = v.strictObject({
  about: v.string(),
  cases: v.array(
    v.strictObject({
      name: v.string(),
      /** The folder with the files of the case, next to the table. */
      folder: v.string(),
      /** The address of the publication. */
      source: v.string(),
      /** The arguments after `diagnose`. File names are relative to the folder. */
      args: v.array(v.string()),
      code: v.number(),
      /** Texts that the JSON report contains, and texts that it does not contain. */
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
