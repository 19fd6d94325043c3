import { InvalidArgumentError, Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import {
  type Baseline,
  type BaselineCommand,
  type BaselineEntry,
  baselineText,
  isDay,
  readBaseline,
} from '../../preflight/baseline.ts';

/** The options of a baseline, as typed values. */
export interface BaselineOptions {
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly reason?: string;
  readonly until?: string;
}

/** `accepted`: what a new baseline accepts. */
export function baselineOptions(accepted: string): readonly Option[] {
  return [
    new Option('--baseline <file>', 'accept what this file lists, and report only what is new or worse').conflicts(
      'writeBaseline',
    ),
    new Option('--write-baseline <file>', `accept ${accepted}, and write it to this new file`),
    new Option('--reason <text>', 'why --write-baseline accepts it'),
    new Option('--until <date>', 'last day of the new baseline, such as 2027-01-31 (UTC)').argParser((text: string) => {
      if (isDay(text)) return text;
      throw new InvalidArgumentError('give a date such as 2027-01-31');
    }),
  ];
}

/** A baseline to write. */
export interface NewBaseline {
  readonly file: string;
  readonly reason: string;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}

/**
 * The baseline to write, if any. `now`: an ISO time.
 * @throws Failure if something is missing, or the baseline would have no effect
 */
export function newBaseline(
  { writeBaseline: file, reason, until }: BaselineOptions,
  now: string,
): NewBaseline | undefined {
  if (file === undefined) {
    if (reason === undefined && until === undefined) return undefined;
    throw new Failure(
      'input',
      '--reason and --until need --write-baseline',
      'add --write-baseline FILE, or remove --reason and --until',
    );
  }
  if (reason === undefined || until === undefined)
    throw new Failure(
      'input',
      '--write-baseline needs --reason and --until',
      'add --reason TEXT and --until DATE, such as --until 2027-01-31',
    );
  if (reason.trim() === '') throw new Failure('input', '--reason is empty', 'say why the baseline accepts it');
  if (until < now.slice(0, 10))
    throw new Failure(
      'input',
      `--until ${until} is in the past: the baseline would have no effect`,
      'name a later day (UTC)',
    );
  return { file, reason, until };
}

/** The baseline that --baseline names. @throws Failure */
export async function namedBaseline(
  { baseline: path }: BaselineOptions,
  command: BaselineCommand,
): Promise<Baseline | undefined> {
  if (path === undefined) return undefined;
  const { inputName, readText } = await import('../../evidence/readers/files.ts');
  return readBaseline(inputName(path), readText(path, '--baseline'), command);
}

/** Writes a baseline to its new file. @throws Failure if the file exists */
export async function writtenBaseline(
  { file, reason, until }: NewBaseline,
  command: BaselineCommand,
  entries: readonly BaselineEntry[],
): Promise<Baseline> {
  const { saveNewText } = await import('../../evidence/save.ts');
  const baseline: Baseline = { baselineVersion: 1, command, reason, until, entries };
  saveNewText(file, baselineText(baseline));
  return baseline;
}
