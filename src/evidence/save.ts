import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jsonPrintable } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { makeFolder } from './folder.ts';
import { evidenceFields, type Fields, fieldsWithin, identityOf, type List, listWithin } from './lists.ts';
import type { Evidence } from './schema.ts';

/**
 * Sorts, so that the order does not depend on AWS's answers and two files can be compared line by
 * line.
 */
function inOrder(fields: Fields, object: Json): Json {
  const entries = Object.entries(object).map(([name, value]) => [name, valueInOrder(fields, name, value)] as const);
  const byName = fields.each !== undefined;
  return Object.fromEntries(byName ? entries.toSorted(([one], [other]) => (one < other ? -1 : 1)) : entries);
}

/** The order within a policy is kept. */
function valueInOrder(fields: Fields, name: string, value: unknown): unknown {
  if (fields.policies?.includes(name) === true) return value;
  if (isList(value)) return listInOrder(listWithin(fields, name) ?? { ...fields, ordered: true }, value);
  return isJson(value) ? inOrder(fieldsWithin(fields, name) ?? fields, value) : value;
}

function listInOrder(list: List, values: readonly unknown[]): readonly unknown[] {
  const items = values.map((item) => (isJson(item) ? inOrder(list, item) : item));
  if (list.ordered === true) return items;
  return items
    .map((item) => ({ item, key: identityOf(list, item) }))
    .toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ item }) => item);
}

/** The text of an evidence file. */
export function evidenceText(evidence: Evidence): string {
  return `${jsonPrintable(JSON.stringify(inOrder(evidenceFields, evidence), undefined, 1))}\n`;
}

/**
 * Writes evidence to a file, compressed if the name ends in `.gz`. A reader sees the old file or
 * the complete new file, never a part, because the new file has a temporary name and is then
 * renamed. Only the owner may read a new file. A missing folder is made.
 * @throws Failure if the folder cannot be written to
 */
export function saveEvidence(path: string, evidence: Evidence): void {
  const text = evidenceText(evidence);
  const target = whereItLeads(path);
  const beside = `${target}.${process.pid}.part`;
  try {
    makeFolder(dirname(target));
    const file = openSync(beside, 'wx', modeOf(target));
    try {
      const bytes = path.endsWith('.gz') ? gzipSync(text) : Buffer.from(text);
      for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    const why = fileProblem(error) ?? (error instanceof Error ? error.message : 'unknown error');
    throw new Failure('input', `${path}: cannot write the file (${why})`, 'check the path', error);
  }
}

/** Writes a new file. @throws Failure if the file exists, or the folder cannot be written to */
export function saveNewText(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = fileProblem(error) ?? (error instanceof Error ? error.message : 'unknown error');
    throw new Failure(
      'input',
      isThere ? `${path} already exists` : `${path}: cannot write the file (${why})`,
      isThere ? 'name a new file, or remove this one first' : 'check the path',
      error,
    );
  }
}

/**
 * Checks that evidence can be written, and leaves nothing behind: `saveEvidence` makes a missing
 * folder.
 * @throws Failure if evidence cannot be written there
 */
export function refuseUnwritable(path: string): void {
  if (path === '-') return;
  const folder = isFolder(path) ? path : dirname(path);
  const there = folder === path ? nearestThere(folder) : folder;
  try {
    if (!statSync(there).isDirectory()) throw unwritable(there, 'this is a file, not a folder');
    accessSync(there, constants.W_OK);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw unwritable(folder, missing ? 'no such folder' : (fileProblem(error) ?? 'permission denied'), error);
  }
}

function unwritable(folder: string, why: string, cause?: unknown): Failure {
  return new Failure('input', `${folder}: cannot write to the folder (${why})`, 'check the path', cause);
}

/** The folder itself, or what there is of the path to it. */
function nearestThere(path: string): string {
  // With a slash at its end, a file would not be there.
  const own = path.replace(/(?<=.)\/+$/, '');
  return existsSync(own) || dirname(own) === own ? own : nearestThere(dirname(own));
}

/** The target of a symbolic link, so that the link stays a link. */
function whereItLeads(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0o600;
  }
}

/** Whether the path is a folder, into which evidence is written with one file for each account. */
export function isFolder(path: string): boolean {
  if (path.endsWith('/')) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The file of an account in a folder. */
export function fileOf(folder: string, account: string): string {
  return join(folder, `${account}.json`);
}
