import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { Failure } from '../base/failure.ts';
import { type Evidence, evidenceSchema } from './schema.ts';

/** Evidence with the name of the file that it was read from. */
export interface EvidenceFile {
  readonly from: string;
  readonly evidence: Evidence;
}

/**
 * Reads evidence files, or folders of `.json` and `.json.gz` files. `-` is standard input. What is compressed tells so by itself.
 * @throws Failure naming file and JSON path of whatever is malformed; nothing is evaluated then.
 */
export function readEvidenceFiles(paths: readonly string[]): readonly EvidenceFile[] {
  if (paths.filter((path) => path === '-').length > 1)
    throw new Failure('input', 'standard input (`-`) is named twice as evidence', 'name it once');
  return paths
    .flatMap(filesUnder)
    .map((path) => ({ from: path === '-' ? 'standard input' : path, evidence: readEvidence(path) }));
}

function filesUnder(path: string): readonly string[] {
  if (path === '-') return [path];
  if (!stat(path).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .toSorted();
  if (files.length === 0)
    throw new Failure(
      'input',
      `${path}: the folder holds no .json file (nor .json.gz)`,
      'name the folder that holds the evidence, or the files',
    );
  return files.map((name) => join(path, name));
}

function stat(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readEvidence(path: string): Evidence {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      'standard input is a terminal, so there is no evidence to read from it',
      'pipe a file into it: `... --evidence - < evidence.json`',
    );
  const from = path === '-' ? 'standard input' : path;
  const bytes = readBytes(path);
  return parseEvidence(from, isCompressed(bytes) ? unpacked(from, bytes) : bytes.toString('utf8'));
}

function readBytes(path: string, flag?: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw unreadable(path, error, flag);
  }
}

/** A text file that `flag` names, or an argument; `-` is standard input. What is compressed tells so by itself. @throws Failure if it cannot be read */
export function readText(path: string, flag?: string): string {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      `${flag === undefined ? '' : `${flag}: `}standard input is a terminal, so there is nothing to read from it`,
      'pipe a file into it, or name the file',
    );
  const bytes = readBytes(path, flag);
  return (isCompressed(bytes) ? unpacked(path, bytes) : bytes.toString('utf8')).replace(/^\uFEFF/, '');
}

function isCompressed([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

function unpacked(from: string, bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new Failure('input', `${from}: cannot be unpacked`, 'is the file whole?', error);
  }
}

/** `flag`: absent where the path may have been an argument. */
function unreadable(path: string, error: unknown, flag?: string): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const says =
    code === 'ENOENT'
      ? 'no such file or folder'
      : code === 'EACCES'
        ? 'permission to read it is denied'
        : code === 'EISDIR'
          ? 'is a folder'
          : 'cannot be read';
  return new Failure(
    'input',
    `${path}: ${says}`,
    flag === undefined ? 'check the path' : `check the path given with ${flag}`,
    error,
  );
}

/** `from`: what messages call the file. @throws Failure */
export function parseEvidence(from: string, text: string): Evidence {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '')
    throw new Failure(
      'input',
      `${from}: the file is empty`,
      'an evidence file is a JSON object with `evidenceVersion` and `accounts`',
    );
  let json: unknown;
  try {
    json = JSON.parse(plain);
  } catch (error) {
    throw new Failure(
      'input',
      `${from}: is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
      'is the file whole?',
      error,
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Failure(
      'input',
      `${from}: the file holds no JSON object`,
      'an evidence file is a JSON object with `evidenceVersion` and `accounts`',
    );
  }
  const result = v.safeParse(evidenceSchema, json);
  if (result.success) return result.output;
  throw new Failure(
    'input',
    `${from}: ${faultOf(result.issues)}`,
    'see schema/evidence.json in the package for the form of an evidence file',
  );
}

/** The first issue, with how many more there are. */
function faultOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const path = (first.path ?? [])
    .map((item) => pathPart(item.key))
    .join('')
    .replace(/^\./, '');
  const says = first.message.startsWith('is ') ? `${first.message}${given(first)}` : expected(first);
  return `${path === '' ? 'the file' : `\`${path}\``} ${says}${more}`;
}

function pathPart(key: unknown): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}

function given(issue: v.BaseIssue<unknown>): string {
  return issue.received === 'undefined' ? ' (it is missing)' : ` (it is ${issue.received})`;
}

function expected(issue: v.BaseIssue<unknown>): string {
  if (issue.received === 'undefined') return 'is missing';
  return issue.expected === null
    ? `is not accepted: ${issue.message}`
    : `is ${issue.received}, where ${words(issue.expected)} is expected`;
}

function words(type: string): string {
  const plain: Readonly<Record<string, string>> = {
    Array: 'a list',
    Object: 'an object',
    string: 'a text',
    boolean: 'true or false',
  };
  return plain[type] ?? type;
}
