import { Failure } from '../base/failure.ts';
import { refuseContradictions, refuseRepeatedNames } from './contradictions.ts';
import { refuseMisplaced } from './misplaced.ts';
import { refusePages } from './pages.ts';
import { evidenceFile, expectedForm, refuseDepth, written } from './readers/evidence-file.ts';
import { filesUnder, inputName, readInput } from './readers/files.ts';
import { readBy } from './readers/reader.ts';
import { evidenceReaders } from './readers/readers.ts';
import type { Evidence } from './schema.ts';

/** Evidence with the name of its file. */
export interface EvidenceFile {
  readonly from: string;
  readonly evidence: Evidence;
}

/**
 * Reads evidence in any format that a reader recognizes, plain or compressed, from files, folders
 * and standard input (`-`).
 * @throws Failure with file and JSON path if something is malformed. Nothing is evaluated then.
 */
export function readEvidenceFiles(paths: readonly string[]): readonly EvidenceFile[] {
  if (paths.filter((path) => path === '-').length > 1)
    throw new Failure('input', 'standard input (`-`) is given twice as evidence', 'give `-` once');
  return paths
    .flatMap(filesUnder)
    .map((path) => ({ from: inputName(path), evidence: parseEvidence(inputName(path), readInput(path)) }));
}

/**
 * Evidence from the text of a file. `from`: the name of the file in messages.
 * @throws Failure with the JSON path if something is malformed, or with both paths of a duplicate
 */
export function parseEvidence(from: string, text: string): Evidence {
  return parsed(from, text, true);
}

/** Parses a text again that was parsed before, without a second search for faults. */
export function parseEvidenceAgain(from: string, text: string): Evidence {
  return parsed(from, text, false);
}

/** The error for a text that is not JSON: a file of another kind, or a part of a file. */
function notJson(from: string, text: string, error: unknown): Failure {
  const says = error instanceof Error ? error.message : 'unreadable';
  if (/^\s*[[{]/.test(text))
    return new Failure('input', `${from}: not JSON (${says})`, 'check that the file is complete', error);
  return /^(?:version|expectations):/m.test(text)
    ? new Failure(
        'input',
        `${from}: this is a file of expectations, not an evidence file`,
        'give the file to `aurora-kms-check preflight`, and name an evidence file',
        error,
      )
    : new Failure('input', `${from}: the file is not JSON`, `${expectedForm}; ${written}`, error);
}

function parsed(from: string, text: string, isNew: boolean): Evidence {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new Failure('input', `${from}: the file is empty`, expectedForm);
  let json: unknown;
  try {
    json = JSON.parse(plain);
  } catch (error) {
    throw notJson(from, plain, error);
  }
  if (isNew) {
    refuseDepth(from, json);
    refuseRepeatedNames(from, plain, json);
  }
  // If no reader recognizes the input, it is read as an evidence file, and a message says what is
  // wrong with it.
  const evidence = readBy(evidenceReaders, evidenceFile.read, json, { from, path: '' });
  if (isNew) {
    refusePages(from, evidence);
    refuseMisplaced(from, evidence);
    refuseContradictions(from, evidence);
  }
  return evidence;
}
