import { describe, expect, test } from 'vitest';
import { isJson } from '../../src/base/json.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { evidenceFile } from '../../src/evidence/readers/evidence-file.ts';
import { type InputReader, readBy } from '../../src/evidence/readers/reader.ts';
import { evidenceReaders } from '../../src/evidence/readers/readers.ts';
import type { Evidence } from '../../src/evidence/schema.ts';

/** A format as another project might have it: a list of account ids. */
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

describe('an input is read by', () => {
  test('the reader that recognizes it, whichever stands first', () => {
    expect(read({ AccountIds: ['111122223333'] })).toEqual({ evidenceVersion: 1, accounts: { '111122223333': {} } });
    expect(read(JSON.parse(JSON.stringify(demoEvidence)))).toMatchObject({ evidenceVersion: 1 });
  });

  test('the reader of evidence files, which says what is wrong, if none recognizes it', () => {
    expect(() => read({ accounts: {} })).toThrow('a.json: `evidenceVersion` is missing');
    expect(() => read([1])).toThrow('a.json: the file is not a JSON object');
  });
});

test('one input is recognized by one reader only', () => {
  const samples: readonly unknown[] = [demoEvidence, { AccountIds: [] }];
  for (const sample of samples)
    expect([...evidenceReaders, accountList].filter((reader) => reader.recognizes(sample))).toHaveLength(1);
});
