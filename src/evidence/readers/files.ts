import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../../base/failure.ts';

/*
 * Where input comes from, and how its bytes become a text: files, folders and standard input;
 * plain or compressed. What the text says is for the readers of the formats.
 */

/** What messages call the input at a path. */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * The files of evidence that a path stands for: `-` is standard input, a folder stands for its
 * `.json` and `.json.gz` files.
 * @throws Failure if there is none
 */
export function filesUnder(path: string): readonly string[] {
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

/** Whether there is a file or folder at a path. */
export function isThere(path: string): boolean {
  return existsSync(path);
}

function stat(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The text of an evidence file. @throws Failure if it cannot be read */
export function readInput(path: string): string {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      'standard input is a terminal, so there is no evidence to read from it',
      'pipe a file into it: `... --evidence - < evidence.json`',
    );
  return decoded(inputName(path), readBytes(path));
}

function readBytes(path: string, flag?: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw unreadable(path, error, flag);
  }
}

/**
 * A text file that `flag` names, or an argument; `-` is standard input.
 * @throws Failure if it cannot be read
 */
export function readText(path: string, flag?: string): string {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      `${flag === undefined ? '' : `${flag}: `}standard input is a terminal, so there is nothing to read from it`,
      'pipe a file into it, or name the file',
    );
  return decoded(path, readBytes(path, flag));
}

/** Compressed input is recognized by its first bytes, not by its name. */
function decoded(from: string, bytes: Buffer): string {
  return (isCompressed(bytes) ? unpacked(from, bytes) : bytes.toString('utf8')).replace(/^\uFEFF/, '');
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
