import { appendFileSync, lstatSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { oneLine } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { ReportedStatement } from '../contract/report.ts';
import type { AnswerKind, Answers, ReportedFailure } from '../report/format.ts';
import { defaultFormat, type ReportFormat, render, reportFormats, summaryFormat } from '../report/formats.ts';
import { type FileLine, type Places, plain, type ReportStyle } from '../report/style.ts';
import type { Io, Stream } from './io.ts';

/*
 * `--report`: an answer in further formats, for what reads it in a pipeline. A file of an earlier
 * run never outlives the start of a run, so that nothing that went wrong looks green.
 */

/** One `--report`. `path`: undefined where the format goes to the output. */
export interface ReportTarget {
  readonly format: ReportFormat;
  readonly path: string | undefined;
}

/** The options that tell what is reported and where. */
export interface ReportOptions {
  readonly report?: readonly ReportTarget[];
  readonly output?: string;
}

/** The value of one `--report`. @throws Failure */
export function reportTarget(text: string): ReportTarget {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  const path = at === -1 ? undefined : text.slice(at + 1);
  const format = reportFormats.find((one) => one.name === name);
  const names = reportFormats.map((one) => one.name);
  if (format === undefined)
    throw new Failure('input', `--report: there is no format \`${name}\``, `the formats are ${list(names)}`);
  if (format.isLog && path !== undefined)
    throw new Failure(
      'input',
      `--report ${name} takes no path: \`${path}\``,
      `CI systems read it from the output: --report ${name}`,
    );
  if (!format.isLog && (path === undefined || path === ''))
    throw new Failure('input', `--report ${name} names no file`, `name one: --report ${name}=PATH`);
  return { format, path };
}

/** Adds the value of one `--report` to those before it. @throws Failure if a file is named twice */
export function moreReports(text: string, before: readonly ReportTarget[] = []): readonly ReportTarget[] {
  const target = reportTarget(text);
  const isNamed = before.some(({ path, format }) =>
    path === undefined || target.path === undefined ? format === target.format : resolve(path) === resolve(target.path),
  );
  if (isNamed)
    throw new Failure('input', `--report names \`${target.path ?? target.format.name}\` twice`, 'name each once');
  return [...before, target];
}

/** What `--report` names among arguments that nobody has parsed yet. */
export interface NamedReports {
  readonly safe: readonly ReportTarget[];
  /** Those that another argument names, too: they may be what is read. */
  readonly overInput: readonly ReportTarget[];
}

/** What is no value of `--report` is left to the command, which tells what is wrong. */
export function reportsIn(argv: readonly string[]): NamedReports {
  const values = argv.flatMap((argument, index) =>
    argument === '--report' ? (argv[index + 1] ?? []) : (/^--report=(.*)$/s.exec(argument)?.[1] ?? []),
  );
  const others = argv.filter((argument, index) => argv[index - 1] !== '--report' && !argument.startsWith('--report='));
  const inputs = new Set(
    others.flatMap((argument) => [argument, argument.slice(argument.indexOf('=') + 1)]).map((one) => resolve(one)),
  );
  const targets = values.flatMap(readable);
  const isInput = ({ path }: ReportTarget): boolean => path !== undefined && inputs.has(resolve(path));
  return { safe: targets.filter((one) => !isInput(one)), overInput: targets.filter(isInput) };
}

function readable(value: string): readonly ReportTarget[] {
  try {
    return [reportTarget(value)];
  } catch {
    return [];
  }
}

/**
 * Makes the start of a run: takes away what an earlier run wrote. What is no file, such as
 * /dev/stdout, stays.
 * @throws Failure if a report would be written over what is read
 */
export function prepareReports({ safe, overInput: [over] }: NamedReports): void {
  for (const { path } of safe) if (path !== undefined) removed(path);
  if (over !== undefined)
    throw new Failure(
      'input',
      `--report ${over.format.name} would be written over \`${over.path ?? ''}\`, which another argument names`,
      'name another file',
    );
}

/** @throws Failure */
function removed(path: string): void {
  try {
    const about = lstatSync(path, { throwIfNoEntry: false });
    if (about?.isFile() === true) rmSync(path);
    else if (about?.isSymbolicLink() === true && statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      truncateSync(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes an answer in every format that `--report` names. @throws Failure if a file cannot be written */
export function writeReports<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  options: ReportOptions & Pick<ReportStyle, 'places' | 'exitsZero'>,
  io: Io,
): void {
  const { report = [], places, exitsZero } = options;
  const style = {
    ...fileStyle,
    ...(places === undefined ? {} : { places }),
    ...(exitsZero === undefined ? {} : { exitsZero }),
  };
  for (const { format, path } of report) {
    const text = render(kind, answer, format.name, style);
    if (path === undefined) logOf(options, io).write(text);
    else write(path, text, io);
    if (format.name === 'github')
      addSummary((mostBytes) => render(kind, answer, summaryFormat, { ...style, mostBytes }), io);
  }
}

/** The error that a run ended with, where its answer would have been. `output`: as --output names it. */
export function writeFailure(
  targets: readonly ReportTarget[],
  failure: ReportedFailure,
  options: Pick<ReportOptions, 'output'>,
  io: Io,
): void {
  for (const { format, path } of targets) {
    const text = render('noAnswer', failure, format.name, fileStyle);
    if (path === undefined) logOf(options, io).write(text);
    else tried(() => write(path, text, io), io);
    if (format.name === 'github') addSummary(() => render('noAnswer', failure, summaryFormat, fileStyle), io);
  }
}

const fileStyle: ReportStyle = { paint: plain, width: Infinity, verbose: true, listAll: true, fix: 'steps' };

/** Beside an answer for people; an answer for programs stands alone. */
function logOf({ output = defaultFormat }: Pick<ReportOptions, 'output'>, { stdout, stderr }: Io): Stream {
  return output === defaultFormat ? stdout : stderr;
}

/** @throws Failure */
function write(path: string, text: string, io: Io): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, forFile(text, io));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The text of a report, as a file may hold it. */
function forFile(text: string, { redact = (whole) => whole }: Io): string {
  return redact(text);
}

function unwritable(path: string, error: unknown): Failure {
  const why = error instanceof Error ? error.message : String(error);
  return new Failure('input', `${path}: the report cannot be written: ${why}`, 'check the path of --report', error);
}

/** GitHub takes so many bytes of a step, and shows nothing of a longer summary. */
const mostOfStep = 1_048_576;

/** Appends Markdown to the summary of a job on GitHub, where there is one. */
function addSummary(text: (mostBytes: number) => string, io: Io): void {
  const { GITHUB_STEP_SUMMARY: path = '' } = io.environment;
  if (path === '') return;
  tried(() => {
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const mostBytes = mostOfStep - before - 1024;
    if (mostBytes > 0) appendFileSync(path, forFile(text(mostBytes), io));
  }, io);
}

/** What cannot be written does not change how the run ends. */
function tried(act: () => void, { stderr }: Io): void {
  try {
    act();
  } catch (error) {
    stderr.write(`note: ${oneLine(error instanceof Error ? error.message : String(error))}\n`);
  }
}

/** The folder that a CI system has checked the repository out into, by its variable. */
const roots = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY'] as const;

/** How the repository calls the file at a path: relative to its root, else to the working folder. */
export function calledIn({ environment }: Io): (path: string) => string {
  const root = roots.map((name) => environment[name] ?? '').find((one) => one !== '') ?? '';
  return (path) => {
    const ways = [root, '.'].filter((one) => one !== '').map((one) => relative(resolve(one), resolve(path)));
    const inside = ways.find((way) => !way.startsWith('..') && !isAbsolute(way)) ?? path;
    return inside.split(sep).join('/');
  };
}

/**
 * The places that reports point to: the file that was asked about or answered from.
 * @param files as they were named; `-` is none
 * @throws Failure if a format that is asked for needs a file and there is none
 */
export function placesIn(files: readonly string[], { report = [] }: ReportOptions, io: Io): Places | undefined {
  const [file] = files.filter((path) => path !== '-');
  const needing = report.find(({ format }) => format.needsPlace);
  if (file === undefined && needing !== undefined)
    throw new Failure(
      'input',
      `--report ${needing.format.name} has no file to point to: no expectations and no evidence are read from a file`,
      'use --report junit=PATH or --report github',
    );
  if (file === undefined) return undefined;
  const called = calledIn(io);
  return { called, of: () => ({ file: called(file), line: 1 }) };
}

/**
 * The same for what is answered from evidence: the statement that decides, in the file that holds it.
 * @param files paths of evidence files and folders, which were read already
 * @throws Failure if a format that is asked for needs a file and there is none
 */
export async function placesInEvidence(
  files: readonly string[],
  options: ReportOptions,
  io: Io,
): Promise<Places | undefined> {
  const places = placesIn(files, options, io);
  if (places === undefined || options.report === undefined) return places;
  const { filesUnder, readInput } = await import('../evidence/readers/files.ts');
  const { statementLine } = await import('../evidence/statement-lines.ts');
  const known = new Map<string, FileLine | undefined>();
  const texts = new Map<string, string>();
  const textIn = (file: string): string => {
    const text = texts.get(file) ?? readInput(file);
    texts.set(file, text);
    return text;
  };
  const find = (statement: ReportedStatement): FileLine | undefined => {
    // Nobody reads lines in a compressed file.
    for (const file of files
      .filter((path) => path !== '-')
      .flatMap(filesUnder)
      .filter((path) => !path.endsWith('.gz'))) {
      const line = statementLine(textIn(file), statement);
      if (line !== undefined) return { file: places.called(file), line };
    }
    return undefined;
  };
  return {
    called: places.called,
    of(statement) {
      if (statement === undefined) return places.of(undefined);
      const { name, statement: index, sid, effect } = statement;
      const id = JSON.stringify([name, index, sid, effect]);
      if (!known.has(id)) known.set(id, find(statement));
      return known.get(id) ?? places.of(undefined);
    },
  };
}
