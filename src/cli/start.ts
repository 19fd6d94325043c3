import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { badUsage } from './exit-code.ts';
import { version } from './version.ts';

/** The exports of the program's bundle. */
interface Program {
  readonly main: () => Promise<number>;
}

/** Compiled code of the program, and the runs that it covers. */
interface CodeCache {
  readonly runs: readonly string[];
  readonly code: Buffer;
}

const unusedDays = 30;
/** The most kinds of runs of one command whose code is kept. */
const mostRuns = 20;

/**
 * Runs the program in the bundle `file` (CommonJS) and sets the exit code of this process. V8's
 * compiled code is kept between runs, which halves the time to start. Code from a cache is
 * executed, so the cache is in a folder that nobody else can write. If there is no such folder, no
 * cache is used.
 */
export async function start(file: string): Promise<void> {
  optimizeLater();
  const folder = cacheFolder(process.env);
  const loaded = new Map<string, Loaded>();
  const load = (path: string): Loaded => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const requireOther = createRequire(path);
    // A module that a bundle needs from this package is a bundle as well.
    const requireFrom = (name: string): unknown =>
      name.startsWith('.') ? load(join(dirname(path), name)).exports : requireOther(name);
    const made = runBundle(path, folder, requireFrom);
    loaded.set(path, made);
    return made;
  };
  const { exports }: { readonly exports: Partial<Program> } = load(file);
  if (exports.main === undefined) throw new TypeError(`${file} exports no main`);
  const exitCode = await exports.main();
  process.exitCode = exitCode;
  // A wrong use is rarely repeated, so it leaves no cache, and neither does a misspelled command.
  if (exitCode !== badUsage) for (const one of loaded.values()) keep(one, runOf(exitCode), folder);
  // Without this, Node would first wait for threads that collect garbage and optimize code.
  if (hasWrittenAll(process.stdout) && hasWrittenAll(process.stderr)) process.exit();
}

/**
 * Makes V8 wait longer before it optimizes a function. A check takes a second or two, and V8 would
 * spend a third of the CPU time on the optimization of code that hardly runs again. Each major
 * version of V8 has its own flag, and complains about a flag that it does not know.
 */
function optimizeLater(): void {
  const [major = ''] = process.versions.v8.split('.');
  const flag = new Map([
    ['11', '--interrupt-budget=600000'],
    ['12', '--invocation-count-for-turbofan=30000'],
    ['13', '--invocation-count-for-turbofan=30000'],
  ]).get(major);
  if (flag !== undefined) setFlagsFromString(flag);
}

/** A stream with an error still has to report it. */
function hasWrittenAll({ writableLength, errored }: NodeJS.WriteStream): boolean {
  return writableLength === 0 && errored === null;
}

/**
 * The facts that decide which functions a run of a command needs: the exit code and the names of
 * the options.
 */
function runOf(exitCode: number): string {
  const options = process.argv.slice(3).flatMap((argument) => /^--?[a-z][a-z-]*/.exec(argument)?.[0] ?? []);
  return [exitCode, ...new Set(options.toSorted())].join(' ');
}

/** A bundle that was run. */
interface Loaded {
  readonly exports: object;
  readonly script: Script;
  /** The cache file, and the runs that it covers. */
  readonly cache: string;
  readonly runs: readonly string[];
}

/**
 * Runs a bundle with the code that earlier runs of the same command have kept. V8 loads the
 * complete cache, so each command has its own.
 */
function runBundle(file: string, folder: string | undefined, requireFrom: (name: string) => unknown): Loaded {
  const { size, mtimeMs } = statSync(file);
  const command = /^[\w-]*$/.exec(process.argv[2] ?? '')?.[0] ?? 'other';
  const build = [version, size, mtimeMs, process.version, process.arch].join('-');
  const name = `${basename(file)}-${build}-${command}.bin`;
  const cache = folder === undefined ? undefined : readCache(join(folder, name));
  // The build writes ASCII, which V8 stores in half the memory.
  const script = new Script(wrap(readFileSync(file, 'latin1')), {
    filename: file,
    ...(cache === undefined ? {} : { cachedData: cache.code }),
  });
  const module: { readonly exports: object } = { exports: {} };
  const evaluate: unknown = script.runInThisContext();
  if (typeof evaluate !== 'function') throw new TypeError(`${file} is not CommonJS`);
  Reflect.apply(evaluate, module.exports, [module.exports, requireFrom, module, file, dirname(file)]);
  const runs = cache === undefined || script.cachedDataRejected === true ? [] : cache.runs;
  return { exports: module.exports, script, cache: name, runs };
}

/** Keeps the compiled code of a bundle after a run that its cache does not cover. */
function keep({ script, cache, runs }: Loaded, run: string, folder: string | undefined): void {
  if (folder === undefined || runs.includes(run) || runs.length >= mostRuns) return;
  process.once('exit', () => writeCache(folder, cache, { runs: [...runs, run], code: script.createCachedData() }));
}

/** The folder for the code cache. Undefined: no folder is safe, or no cache is wanted. */
function cacheFolder({ XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE }: NodeJS.ProcessEnv): string | undefined {
  const me = process.getuid?.();
  if (me === undefined || NODE_DISABLE_COMPILE_CACHE === '1') return undefined;
  const parent = XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(parent, 'aurora-kms-check');
  try {
    // A missing home folder is not created.
    for (const one of [parent, folder]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === me && (found.mode & 0o022) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a line of JSON with the runs, then the code. An unreadable or malformed file counts as
 * missing.
 */
function readCache(path: string): CodeCache | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if (!fstatSync(file).isFile()) return undefined;
      const content = readFileSync(file);
      const end = content.indexOf(0x0a);
      const runs: unknown = JSON.parse(content.toString('utf8', 0, end));
      if (!Array.isArray(runs)) return undefined;
      return { runs: runs.filter((run) => typeof run === 'string'), code: content.subarray(end + 1) };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Without a cache file, the next start is slower, and nothing else. */
function writeCache(folder: string, name: string, { runs, code }: CodeCache): void {
  try {
    const written = join(folder, `${process.pid}-${Date.now()}.tmp`);
    writeFileSync(written, Buffer.concat([Buffer.from(`${JSON.stringify(runs)}\n`), code]), {
      mode: 0o600,
      flag: 'wx',
    });
    renameSync(written, join(folder, name));
    const old = Date.now() - unusedDays * 24 * 60 * 60 * 1000;
    for (const entry of readdirSync(folder))
      if (statSync(join(folder, entry)).mtimeMs < old) rmSync(join(folder, entry));
  } catch {
    // The program has already answered.
  }
}
