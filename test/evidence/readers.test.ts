import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { isJson } from '../../src/base/json.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { evidenceFile } from '../../src/evidence/readers/evidence-file.ts';
import { type InputReader, readBy } from '../../src/evidence/readers/reader.ts';
import { evidenceReaders } from '../../src/evidence/readers/readers.ts';
import type { Evidence } from '../../src/evidence/schema.ts';

/** A format that another project could have: a list of account IDs. */
const accountList: InputReader<Evidence> = {
  recognizes: (json) => isJson(json) && 'AccountIds' in json,
  read: (json) => {
    const ids: unknown = isJson(json) ? json['AccountIds'] : [];
    const accounts = Array.isArray(ids) ? Object.fromEntries(ids.map((id) => [String(id), {}])) : {};
    return { evidenceVersion: 1, accounts };
  },
};
const spot = { from: 'a.json', path: '' };
const read = (json: unknown) => readBy([...evidenceReaders, accountList], evidenceFile.read, json, spot);

/** The next step that the error names for input that is not evidence. */
function nextFor(json: unknown): string | undefined {
  try {
    read(json);
  } catch (error) {
    if (error instanceof Failure) return error.next;
  }
  throw new Error('the input was read');
}

describe('an input is read by', () => {
  test('the reader that recognizes it, in any order of readers', () => {
    expect(read({ AccountIds: ['111122223333'] })).toEqual({ evidenceVersion: 1, accounts: { '111122223333': {} } });
    expect(read(JSON.parse(JSON.stringify(demoEvidence)))).toMatchObject({ evidenceVersion: 1 });
  });

  test('the reader of evidence files, which says what is wrong, if none recognizes it', () => {
    const notEvidence = 'a.json: this is not an evidence file: `evidenceVersion` is missing';
    expect(() => read({ accounts: {} })).toThrow(notEvidence);
    expect(nextFor({ accounts: {} })).toContain('`aurora-kms-check collect FILE` writes one');
    expect(nextFor({ format_version: '1.2', planned_values: {} })).toContain('give the plan with --plan');
    expect(nextFor({ Records: [] })).toBe('give the event to `aurora-kms-check diagnose`');
    expect(nextFor({ Version: '2012-10-17', Statement: [] })).toBe('give the policy with --assume-policy');
    expect(() => read([1])).toThrow('a.json: the file is not a JSON object');
  });
});

test('one input is recognized by one reader only', () => {
  const samples: readonly unknown[] = [demoEvidence, { AccountIds: [] }];
  for (const sample of samples)
    expect([...evidenceReaders, accountList].filter((reader) => reader.recognizes(sample))).toHaveLength(1);
});
