import { Failure } from '../base/failure.ts';
import { refuseContradictions, refuseRepeatedNames } from './contradictions.ts';
import { evidenceFile, expectedForm, refuseDepth } from './readers/evidence-file.ts';
import { filesUnder, inputName, readInput } from './readers/files.ts';
import { readBy } from './readers/reader.ts';
import { evidenceReaders } from './readers/readers.ts';
import type { Evidence } from './schema.ts';

/** Evidence with the name of the file that it was read from. */
export interface EvidenceFile {
  readonly from: string;
  readonly evidence: Evidence;
}

/**
 * Reads evidence in any format that a reader recognizes, plain or compressed, from files, folders
 * and standard input (`-`).
 * @throws Failure naming file and JSON path of whatever is malformed; nothing is evaluated then.
 */
export function readEvidenceFiles(paths: readonly string[]): readonly EvidenceFile[] {
  if (paths.filter((path) => path === '-').length > 1)
    throw new Failure('input', 'standard input (`-`) is given twice as evidence', 'give `-` once');
  return paths
    .flatMap(filesUnder)
    .map((path) => ({ from: inputName(path), evidence: parseEvidence(inputName(path), readInput(path)) }));
}

/**
 * Evidence from the text of a file. `from`: what messages call the file.
 * @throws Failure naming the JSON path of whatever is malformed, or both paths of what the file
 *   says twice
 */
export function parseEvidence(from: string, text: string): Evidence {
  return parsed(from, text, true);
}

/** The same for a text that was parsed before: nothing that would be refused is looked for again. */
export function parseEvidenceAgain(from: string, text: string): Evidence {
  return parsed(from, text, false);
}

function parsed(from: string, text: string, isNew: boolean): Evidence {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new Failure('input', `${from}: the file is empty`, expectedForm);
  let json: unknown;
  try {
    json = JSON.parse(plain);
  } catch (error) {
    throw new Failure(
      'input',
      `${from}: not JSON (${error instanceof Error ? error.message : 'unreadable'})`,
      'check that the file is complete',
      error,
    );
  }
  if (isNew) {
    refuseDepth(from, json);
    refuseRepeatedNames(from, plain, json);
  }
  // What no reader recognizes is meant as an evidence file, and a message says what is wrong with
  // it.
  const evidence = readBy(evidenceReaders, evidenceFile.read, json, { from, path: '' });
  if (isNew) refuseContradictions(from, evidence);
  return evidence;
}
