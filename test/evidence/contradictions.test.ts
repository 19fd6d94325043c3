import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { changed, isRecord } from '../check-case.ts';

interface Case {
  readonly name: string;
  readonly add?: Readonly<Record<string, readonly unknown[]>>;
  readonly replace?: Readonly<Record<string, unknown>>;
  /** A text in the file, and the text that replaces it. */
  readonly text?: readonly [sought: string, instead: string];
  /** The complete text of the file. */
  readonly file?: string;
  readonly says: string | null;
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../cases/evidence/contradictions.json', import.meta.url), 'utf8'),
);

/** The value that a JSON pointer names. */
function valueAt(json: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce((value: unknown, name) => (isRecord(value) ? value[name] : undefined), json);
}

function textOf({ add = {}, replace = {}, text, file }: Case): string {
  if (file !== undefined) return file;
  const lists = Object.entries(add).map(([pointer, items]) => {
    const list = valueAt(demoEvidence, pointer);
    if (!Array.isArray(list)) throw new Error(`there is no list at ${pointer}`);
    return [pointer, [...list, ...items]] as const;
  });
  const whole = JSON.stringify(changed(demoEvidence, { ...Object.fromEntries(lists), ...replace }), undefined, 1);
  if (text === undefined) return whole;
  if (!whole.includes(text[0])) throw new Error(`the file does not hold ${text[0]}`);
  return whole.replace(text[0], text[1]);
}

describe('what one file says twice, in part, or in the wrong place', () => {
  test.each(cases)('$name', (given) => {
    const read = () => parseEvidence('evidence.json', textOf(given));
    if (given.says === null) expect(read).not.toThrow();
    else {
      expect(read).toThrow(Failure);
      expect(read).toThrow(`evidence.json: ${given.says}`);
    }
  });
});
