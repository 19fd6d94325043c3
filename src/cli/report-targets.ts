import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { list } from '../base/wording.ts';
import { type ReportFormat, reportFormats } from '../report/format-rows.ts';
import { pageMark, pageNames } from '../report/html/page-mark.ts';

/*
 * The targets of `--report`. Files of an earlier run are deleted at the start of a run, so that a
 * failed run never looks green.
 */

/** One `--report`. `path`: undefined if the format goes to the output. */
export interface ReportTarget {
  readonly format: ReportFormat;
  readonly path: string | undefined;
}

/** The options for formats and places of reports. */
export interface ReportOptions {
  readonly report?: readonly ReportTarget[];
  readonly output?: string;
}

/** Whether the pages of a report go to a folder, one for each account: `html=DIR/`. */
export function goesToFolder({ name }: ReportFormat, path: string | undefined): path is string {
  return name === 'html' && path !== undefined && /[/\\]$/.test(path);
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

/** Adds the value of one `--report`. @throws Failure if a file is named twice */
export function moreReports(text: string, before: readonly ReportTarget[] = []): readonly ReportTarget[] {
  const target = reportTarget(text);
  const isNamed = before.some(({ path, format }) =>
    path === undefined || target.path === undefined ? format === target.format : resolve(path) === resolve(target.path),
  );
  if (isNamed)
    throw new Failure('input', `--report names \`${target.path ?? target.format.name}\` twice`, 'name each once');
  return [...before, target];
}

/** The targets of `--report` in arguments that were not parsed yet. */
export interface NamedReports {
  readonly safe: readonly ReportTarget[];
  /** Paths that another argument names as well. The run may read them. */
  readonly overInput: readonly ReportTarget[];
}

/** Skips an invalid value of `--report`, which the command reports. */
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
 * Deletes the files of an earlier run at the start. Other things than files, such as /dev/stdout,
 * stay.
 * @throws Failure if a report would overwrite a file that the run reads
 */
export function prepareReports({ safe, overInput: [over] }: NamedReports): void {
  for (const { format, path } of safe)
    if (goesToFolder(format, path)) for (const page of pagesIn(path)) removed(page);
    else if (path !== undefined) removed(path);
  if (over !== undefined)
    throw new Failure(
      'input',
      `--report ${over.format.name} would be written over \`${over.path ?? ''}\`, which another argument names`,
      'name another file',
    );
}

/** The pages of an earlier run in a folder. */
function pagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => pageNames.test(name))
    .map((name) => join(folder, name))
    .filter((path) => readFileSync(path, 'utf8').slice(0, 1000).includes(pageMark));
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

/** The error for a report that cannot be written. */
export function unwritable(path: string, error: unknown): Failure {
  const why = fileProblem(error) ?? (error instanceof Error ? error.message : String(error));
  return new Failure('input', `${path}: the report cannot be written: ${why}`, 'check the path of --report', error);
}
