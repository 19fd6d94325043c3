import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Failure } from '../base/failure.ts';
import type { ReportedStatement } from '../contract/report.ts';
import type { FileLine, Places } from '../report/style.ts';
import type { Io } from './io.ts';
import type { ReportOptions } from './report-targets.ts';

/** The variables in which CI systems name the folder of the checked-out repository. */
const roots = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY'] as const;

/**
 * The name in the repository of the file at a path: relative to the repository's root, else to the
 * working folder.
 */
export function calledIn({ environment }: Io): (path: string) => string {
  const root = roots.map((name) => environment[name] ?? '').find((one) => one !== '') ?? '';
  return (path) => {
    const ways = [root, '.'].filter((one) => one !== '').map((one) => relative(resolve(one), resolve(path)));
    const inside = ways.find((way) => !way.startsWith('..') && !isAbsolute(way)) ?? path;
    return inside.split(sep).join('/');
  };
}

/**
 * The places that reports point to: the file with the question or the answer.
 * @param files as they were named; `-` is not a file
 * @throws Failure if a format needs a file and there is none
 */
export function placesIn(files: readonly string[], { report = [] }: ReportOptions, io: Io): Places | undefined {
  const [file] = files.filter((path) => path !== '-');
  const needing = report.find(({ format }) => format.needsPlace);
  if (file === undefined && needing !== undefined)
    throw new Failure(
      'input',
      `--report ${needing.format.name} has no file to point to`,
      'read from a file, not from standard input, AWS or --demo, or use --report junit=PATH or --report github',
    );
  if (file === undefined) return undefined;
  const called = calledIn(io);
  return { called, of: () => ({ file: called(file), line: 1 }) };
}

/**
 * The same places, with the files that the answer comes from.
 * @param files paths of evidence files and folders, which were already read
 */
export async function withEvidence(
  places: Places | undefined,
  files: readonly string[],
  { report }: ReportOptions,
): Promise<Places | undefined> {
  if (places === undefined || report === undefined || files.length === 0) return places;
  const { filesUnder, hashOfFile } = await import('../evidence/readers/files.ts');
  return {
    ...places,
    evidence: () =>
      files
        .filter((path) => path !== '-')
        .flatMap(filesUnder)
        .map((path) => ({ file: places.called(path), hash: hashOfFile(path) })),
  };
}

/**
 * The places for an answer from evidence: the deciding statement in its file.
 * @param files paths of evidence files and folders, which were already read
 * @throws Failure if a format needs a file and there is none
 */
export async function placesInEvidence(
  files: readonly string[],
  options: ReportOptions,
  io: Io,
): Promise<Places | undefined> {
  const places = await withEvidence(placesIn(files, options, io), files, options);
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
    // Nobody looks up lines in a compressed file.
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
    ...places,
    of(statement) {
      if (statement === undefined) return places.of(undefined);
      const { name, statement: index, sid, effect } = statement;
      const id = JSON.stringify([name, index, sid, effect]);
      if (!known.has(id)) known.set(id, find(statement));
      return known.get(id) ?? places.of(undefined);
    },
  };
}
