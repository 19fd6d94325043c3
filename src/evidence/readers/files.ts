import { constants, isUtf8 } from 'node:buffer';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../../base/failure.ts';
import { fileProblem } from '../../base/file-problem.ts';

/*
 * Reads input and decodes its bytes: files, folders and standard input; plain or compressed. The
 * readers of the formats interpret the text.
 */

/** The name of the input at a path, for messages. */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * The evidence files at a path: `-` is standard input, and a folder stands for its `.json` and
 * `.json.gz` files.
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
      `${path}: the folder has no .json or .json.gz file`,
      'name the folder or the files of the evidence',
    );
  return files.map((name) => join(path, name));
}

/** Whether there is a file or folder at a path. */
export function isThere(path: string): boolean {
  return existsSync(path);
}

/** Whether a path is a folder. @throws Failure if the path does not exist */
export function isFolderThere(path: string): boolean {
  return path !== '-' && stat(path).isDirectory();
}

function stat(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The largest input of a kind in bytes, unpacked. */
interface Limit {
  readonly bytes: number;
  readonly next: string;
}

/** JavaScript cannot store a longer text. */
const evidenceLimit: Limit = {
  bytes: constants.MAX_STRING_LENGTH,
  next: 'split the file: a folder with one file per account can be larger (`aurora-kms-check collect FOLDER/`)',
};
/** The limit for policies, events and error texts. AWS writes none that is nearly this long. */
const textLimit: Limit = { bytes: 64 * 2 ** 20, next: 'check that this is the right file' };

/** The text of an evidence file. @throws Failure if it cannot be read */
export function readInput(path: string): string {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      'standard input is a terminal and has no evidence',
      'pipe a file into it: `... --evidence - < evidence.json`',
    );
  return textAt(path, evidenceLimit);
}

/**
 * The text file at a path that `flag` gives, or that is an argument. `-` is standard input.
 * @throws Failure if it cannot be read
 */
export function readText(path: string, flag?: string): string {
  if (path === '-' && process.stdin.isTTY)
    throw new Failure(
      'input',
      `${flag === undefined ? '' : `${flag}: `}standard input is a terminal and has no data`,
      'pipe a file into it, or name the file',
    );
  return textAt(path, textLimit, flag);
}

function textAt(path: string, limit: Limit, flag?: string): string {
  const from = inputName(path);
  let bytes: Buffer;
  try {
    bytes = bytesAt(path, from, limit);
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(from, error, flag);
  }
  return decoded(from, isCompressed(bytes) ? unpacked(from, bytes, limit) : bytes);
}

/**
 * All bytes of a file or a pipe, up to the limit. Devices are refused because they have no end, and
 * sockets in a folder because nobody listens there.
 */
function bytesAt(path: string, from: string, limit: Limit): Buffer {
  // This check comes before opening, because opening a pipe waits for its other end.
  refuseSpecial(from, path === '-' ? fstatSync(0) : statSync(path), path === '-');
  const file = path === '-' ? 0 : openSync(path, 'r');
  try {
    const about = fstatSync(file);
    if (about.isFile() && about.size > limit.bytes) throw tooLarge(from, limit);
    return bytesOf(file, from, limit, about.isFile() ? about.size : 0);
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/**
 * @throws Failure unless it is a file or a pipe. Standard input may be a socket, if Node created
 * it.
 */
function refuseSpecial(from: string, about: Stats, isStandardInput: boolean): void {
  if (about.isFile() || about.isFIFO() || (isStandardInput && about.isSocket())) return;
  const kind = about.isDirectory() ? 'a folder' : about.isSocket() ? 'a socket' : 'a device';
  throw isStandardInput
    ? new Failure('input', `standard input is ${kind} and has no data`, 'pipe a file into it, or name the file')
    : new Failure('input', `${from}: this is ${kind}, not a file`, 'name a file, or - for standard input');
}

const chunkSize = 2 ** 20;

/** `expected`: the size of the file, which may still change. 0: not known. */
function bytesOf(file: number, from: string, limit: Limit, expected: number): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(chunkSize, expected - size));
    const length = readSome(file, chunk);
    if (length === 0) return joined(chunks);
    size += length;
    if (size > limit.bytes) throw tooLarge(from, limit);
    const isFull = length === chunk.length || length === expected;
    // A pipe returns few bytes at a time. A copy of these needs less memory than the full buffer.
    chunks.push(isFull ? chunk.subarray(0, length) : Buffer.from(chunk.subarray(0, length)));
  }
}

/** A large file is read in one piece and not copied. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...others] = chunks;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
}

/** Waits if the other end of the pipe made it non-blocking. */
function readSome(file: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(file, into);
    } catch (error) {
      if (codeOfError(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function tooLarge(from: string, { bytes, next }: Limit, when = ''): Failure {
  return new Failure('input', `${from}: larger than ${Math.round(bytes / 2 ** 20)} MB${when}`, next);
}

/** Compressed input is recognized by its first bytes, not by its name. */
function isCompressed([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

function unpacked(from: string, bytes: Buffer, limit: Limit): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit.bytes });
  } catch (error) {
    if (codeOfError(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(from, limit, ' when unpacked');
    throw new Failure('input', `${from}: cannot unpack the file`, 'check that the file is complete', error);
  }
}

/**
 * Decodes UTF-8, or UTF-16 as PowerShell writes it. A byte order mark is not part of the text.
 * Other bytes are refused: two names that differ in them would become the same name.
 * @throws Failure
 */
function decoded(from: string, bytes: Buffer): string {
  const [first = 1, second = 1] = bytes;
  // JSON begins with an ASCII character, which has a zero byte in UTF-16.
  if ((first === 0xff && second === 0xfe) || second === 0) return withoutMark(bytes.toString('utf16le'));
  if ((first === 0xfe && second === 0xff) || first === 0)
    return withoutMark(
      Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le'),
    );
  if (!isUtf8(bytes)) throw notUtf8(from, bytes);
  return withoutMark(bytes.toString('utf8'));
}

function notUtf8(from: string, bytes: Buffer): Failure {
  const line =
    bytes
      .toString('latin1')
      .split('\n')
      .findIndex((text) => !isUtf8(Buffer.from(text, 'latin1'))) + 1;
  return new Failure(
    'input',
    `${from}: line ${line} is not UTF-8`,
    'save the file as UTF-8. If the file was cut off, write it again',
  );
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** `flag`: absent if the path may have been an argument. */
function unreadable(from: string, error: unknown, flag?: string): Failure {
  return new Failure(
    'input',
    `${from}: ${fileProblem(error) ?? 'cannot read the file'}`,
    flag === undefined ? 'check the path' : `check the path given with ${flag}`,
    error,
  );
}

function codeOfError(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The SHA-256 of the bytes of a file, in hexadecimal. @throws an error of the file system */
export function hashOfFile(path: string): string {
  return hashOf(readFileSync(path));
}

/** The SHA-256 of bytes or of a text in UTF-8, in hexadecimal. */
export function hashOf(content: Uint8Array | string): string {
  // Loaded on demand, because node:crypto would slow down every start by some milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
