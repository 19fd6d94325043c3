import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { counted } from '../base/wording.ts';
import type { Report, ReportedFixStep } from '../contract/report.ts';
import { makeFolder } from '../evidence/folder.ts';
import { applyScript, fixFiles } from '../fix/fix-files.ts';
import type { Io } from './io.ts';

/** `--fix-dir`: the folder for the files of the smallest fix. */
export interface FixFolderOptions {
  readonly fixDir?: string;
}

/**
 * Checks the folder before anything is read, so that no check is made in vain.
 * @throws Failure if a file has the name
 */
export function prepareFixFolder({ fixDir: folder }: FixFolderOptions): void {
  if (folder === undefined || !existsSync(folder)) return;
  if (!statSync(folder).isDirectory())
    throw new Failure(
      'input',
      `--fix-dir: \`${folder}\` is a file`,
      'name a folder, or a path that does not exist yet',
    );
  refuseExisting(join(folder, applyScript));
}

/**
 * Writes the smallest fix of a report with one check, and says on standard error what was written.
 * @throws Failure if there were several checks, or a file already exists or cannot be written
 */
export function writeFixFolder(report: Report, { fixDir: folder }: FixFolderOptions, io: Io): void {
  if (folder === undefined) return;
  const steps = stepsOf(report);
  if (steps === undefined) {
    io.stderr.write('note: there is no fix to write\n');
    return;
  }
  const files = fixFiles(steps);
  for (const name of files.keys()) refuseExisting(join(folder, name));
  try {
    makeFolder(folder);
    for (const [name, text] of files)
      writeFileSync(join(folder, name), text, { flag: 'wx', mode: name === applyScript ? 0o755 : 0o644 });
  } catch (error) {
    const why = fileProblem(error) ?? (error instanceof Error ? error.message : String(error));
    throw new Failure('input', `${folder}: the fix cannot be written: ${why}`, 'check the path', error);
  }
  io.stderr.write(`wrote ${join(folder, applyScript)} and ${counted(files.size - 1, 'document')}\n`);
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new Failure('input', `${path} exists`, 'name another folder with --fix-dir');
}

/** The steps of the smallest fix. Undefined: there is none. */
function stepsOf({ results, fixes }: Report): readonly ReportedFixStep[] | undefined {
  const asked = results.filter(({ followUp }) => followUp !== true);
  if (asked.length > 1)
    throw new Failure(
      'input',
      `--fix-dir writes the fix of one check, but this run has ${asked.length}`,
      'name one principal, one Region and one source',
    );
  return fixes.find(({ id }) => id === asked[0]?.fixes[0])?.steps;
}
