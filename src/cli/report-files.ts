import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { oneLine } from '../base/escape.ts';
import { makeFolder } from '../evidence/folder.ts';
import type { AnswerKind, Answers, ReportedFailure } from '../report/format.ts';
import { defaultFormat, summaryFormat } from '../report/format-rows.ts';
import { failureFolder, htmlFolder } from '../report/formats/html.ts';
import { render } from '../report/formats.ts';
import type { FolderPage } from '../report/html/page-folder.ts';
import { plain, type ReportStyle } from '../report/style.ts';
import type { Io, Stream } from './io.ts';
import { goesToFolder, type ReportOptions, type ReportTarget, unwritable } from './report-targets.ts';

/*
 * `--report`: an answer in further formats, for programs in a pipeline. This module loads all
 * formats, so it is loaded only if a report is requested.
 */

/** Writes an answer in every format of `--report`. @throws Failure if a file cannot be written */
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
    if (goesToFolder(format, path)) {
      writeFolder(path, htmlFolder(kind, answer, places), io);
      continue;
    }
    const text = render(kind, answer, format.name, style);
    if (path === undefined) logOf(options, io).write(text);
    else write(path, text, io);
    if (format.name === 'github')
      addSummary((mostBytes) => render(kind, answer, summaryFormat, { ...style, mostBytes }), io);
  }
}

/** Writes the error of a run in place of its answer. `output`: the format of --output. */
export function writeFailure(
  targets: readonly ReportTarget[],
  failure: ReportedFailure,
  options: Pick<ReportOptions, 'output'>,
  io: Io,
): void {
  for (const { format, path } of targets) {
    if (goesToFolder(format, path)) {
      tried(() => writeFolder(path, failureFolder(failure), io), io);
      continue;
    }
    const text = render('noAnswer', failure, format.name, fileStyle);
    if (path === undefined) logOf(options, io).write(text);
    else tried(() => write(path, text, io), io, failure.message);
    if (format.name === 'github') addSummary(() => render('noAnswer', failure, summaryFormat, fileStyle), io);
  }
}

const fileStyle: ReportStyle = { paint: plain, width: Infinity, verbose: true, listAll: true, fix: 'steps' };

/** The log goes next to an answer for people. An answer for programs contains nothing else. */
function logOf({ output = defaultFormat }: Pick<ReportOptions, 'output'>, { stdout, stderr }: Io): Stream {
  return output === defaultFormat ? stdout : stderr;
}

/** @throws Failure */
function write(path: string, text: string, io: Io): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, forFile(text, io));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** File names must not reveal more than their contents. @throws Failure */
function writeFolder(folder: string, pages: readonly FolderPage[], io: Io): void {
  for (const { name, text } of pages) write(join(folder, forFile(name, io)), text, io);
}

/** The text of a report as it is written to a file. */
function forFile(text: string, { redact = (whole) => whole }: Io): string {
  return redact(text);
}

/** The largest summary of a step in bytes. GitHub shows nothing of a larger summary. */
const mostOfStep = 1_048_576;

/** Appends Markdown to the summary of a job on GitHub, if there is one. */
function addSummary(text: (mostBytes: number) => string, io: Io): void {
  const { GITHUB_STEP_SUMMARY: path = '' } = io.environment;
  if (path === '') return;
  tried(() => {
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const mostBytes = mostOfStep - before - 1024;
    if (mostBytes > 0) appendFileSync(path, forFile(text(mostBytes), io));
  }, io);
}

/**
 * A failed write does not change the exit code of the run. `shown`: the message of the error that
 * ends the run, which is not repeated.
 */
function tried(act: () => void, { stderr }: Io, shown?: string): void {
  try {
    act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== shown) stderr.write(`note: ${oneLine(message)}\n`);
  }
}
