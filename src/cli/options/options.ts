import { InvalidArgumentError, Option } from 'commander';
import { list } from '../../base/wording.ts';
import type { AnswerKind } from '../../report/format.ts';
import { defaultFormat, formatNames, reportFormats } from '../../report/format-rows.ts';
import { type FixView, fixViews } from '../../report/style.ts';
import { type FailOn, failOnChoices } from '../exit-code.ts';
import type { FixFolderOptions } from '../fix-folder.ts';
import type { EvidenceFlags } from '../held-evidence.ts';
import type { ColorChoice } from '../io.ts';
import { redactFlag } from '../redact.ts';
import { moreReports } from '../report-targets.ts';
import type { ShowOptions } from '../show.ts';
import type { AssumeOptions } from './assume-options.ts';
import { PropertyOption, RepeatableOption } from './flag-option.ts';
import type { QuestionOptions, RepeatedOptions } from './question-options.ts';
import type { SessionOptions } from './session-options.ts';
import { more, regionName, regionNamed } from './values.ts';

/** The options of every answer from evidence or from AWS, as typed values. */
export interface AnswerOptions extends ShowOptions, EvidenceFlags {
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly strict?: boolean;
  readonly failOn: FailOn;
  readonly debug?: boolean;
}

/** The options of commands that check, as typed values. */
export interface SharedOptions extends SessionOptions, AssumeOptions, FixFolderOptions, AnswerOptions {
  readonly simulate?: boolean;
  readonly output: string;
  readonly fix: FixView;
  readonly explain?: boolean;
  readonly color: ColorChoice | boolean;
}

/** The options of a question about one principal and one source. */
export interface OperationOptions extends QuestionOptions, SharedOptions {
  readonly principal?: string;
  readonly region?: string;
}

/** The options of an operation command: every combination is checked. */
export interface CheckOptions extends RepeatedOptions, SharedOptions {
  readonly principal?: readonly string[];
  readonly region?: readonly string[];
  readonly allowEmpty?: boolean;
}

function isFixView(text: string): text is FixView {
  return fixViews.some((view) => view === text);
}

function isFailOn(text: string): text is FailOn {
  return failOnChoices.some((choice) => choice === text);
}

/** Checks and types a choice. Commander names the choices in help and errors. */
function oneOf<T extends string>(choices: readonly string[], is: (text: string) => text is T): (text: string) => T {
  return (text) => {
    if (is(text)) return text;
    throw new InvalidArgumentError(`give ${list(choices, 'or')}`);
  };
}

/** `--max-age`, in hours. */
export function maxAgeOption(): Option {
  const text = 'warn when the evidence is older than this, such as 90m, 12h or 7d (default: 24h)';
  return new Option('--max-age <time>', text).argParser(hours);
}

function hours(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('give minutes, hours or days, such as 90m, 12h or 7d');
  return Number(count) * (unit === 'm' ? 1 / 60 : unit === 'd' ? 24 : 1);
}

/**
 * `--demo` and `--demo=estate` are two switches, so neither takes the next argument as its value.
 */
export function demoOptions(help: string): readonly Option[] {
  return [
    new Option('--demo', `${help}; --demo=estate has an organization of three accounts`),
    new PropertyOption('--demo=estate', '', 'demo').preset('estate').hideHelp(),
  ];
}

/** The default for evidence depends on the command. */
export const regionHelp = 'Region (default on AWS: AWS_REGION, or the Region of the profile)';

/** The options for the data source. `repeats`: --region may be repeated. */
export function evidenceOptions(repeats: boolean): readonly Option[] {
  return [
    new RepeatableOption('--evidence <path>', 'an evidence file or a folder of evidence files (- is standard input)')
      .argParser(more)
      .conflicts('demo'),
    maxAgeOption().conflicts('demo'),
    ...demoOptions('use the embedded example instead of AWS'),
    new Option('--profile <name>', 'profile of the AWS configuration').conflicts(['evidence', 'demo']),
    repeats
      ? new RepeatableOption('--region <name>', regionHelp).argParser(regionNamed)
      : new Option('--region <name>', regionHelp).argParser(regionName),
    new Option('--endpoint-url <url>', 'send API calls to this endpoint instead of AWS').conflicts([
      'evidence',
      'demo',
    ]),
  ];
}

/** `--simulate`, for commands that read AWS about one principal. */
export function simulateOption(): Option {
  return new Option('--simulate', "also show the answers of IAM's policy simulator").conflicts(['evidence', 'demo']);
}

/** `--output`: the formats of this kind of answer. */
export function formatOption(kind: AnswerKind): Option {
  const names = formatNames(kind);
  return new Option('-o, --output <format>', list(names, 'or'))
    .default(defaultFormat)
    .argParser(oneOf(names, (text): text is string => names.includes(text)));
}

/** `--report`: the answer in further formats. */
export function reportOption(): Option {
  const named = (isLog: boolean): string =>
    list(
      reportFormats.filter((one) => one.isLog === isLog).map(({ name }) => name),
      'or',
    );
  const text = `also write the answer to a file, as ${named(false)}. With ${named(true)}, leave out the path: the answer goes to the log of the CI system`;
  return new RepeatableOption('--report <format=path>', text).argParser(moreReports);
}

/** `--allow-empty`, for commands that check everything in a Region. */
export function allowEmptyOption(): Option {
  return new Option('--allow-empty', 'succeed if there is nothing to check and the lists were read');
}

/** `--quiet`, for commands whose exit code is the answer. */
export function quietOption(): Option {
  return new Option('-q, --quiet', 'print nothing but errors; the exit code is the answer');
}

/** `--verbose`. `shows`: what is only counted without the flag. */
export function verboseOption(shows: string): Option {
  return new Option('--verbose', shows);
}

/** Details that an answer can show, if the command has these flags. */
export interface AnswerDetails {
  /** What --verbose does. Absent: there is no such flag. */
  readonly verbose?: string;
  /** What --list-all does. Absent: there is no such flag. */
  readonly listAll?: string;
}

/** The options of a check that other kinds of answers have, too. */
const ofEveryAnswer = new Set([
  '--report',
  redactFlag,
  '--quiet',
  '--strict',
  '--fail-on',
  '--color',
  '--no-color',
  '--debug',
]);

/** How an answer other than a check is shown, without its format. */
export function answerOptions({ verbose, listAll }: AnswerDetails): readonly Option[] {
  return outputOptions().flatMap((option): readonly Option[] => {
    if (option.long === '--verbose') return verbose === undefined ? [] : [verboseOption(verbose)];
    if (option.long === '--list-all') return listAll === undefined ? [] : [new Option('--list-all', listAll)];
    return ofEveryAnswer.has(option.long ?? '') ? [option] : [];
  });
}

/** How the answer of a check is shown. */
export function outputOptions(): readonly Option[] {
  return [
    formatOption('check'),
    reportOption(),
    new Option(redactFlag, 'write placeholders instead of account IDs, for public logs'),
    quietOption(),
    verboseOption('list every call and precondition'),
    new Option('--list-all', 'list all names in a sweep'),
    new Option(
      '--fix [format]',
      'print the commands of the fix; --fix=terraform prints Terraform configuration, --fix=all prints all alternatives',
    )
      .default('steps', 'the steps without commands')
      .preset('aws-cli')
      .argParser(oneOf(fixViews, isFixView)),
    new Option('--fix-dir <dir>', 'write the policies of the fix into this folder, with a script that applies them'),
    new Option('--explain', 'show what each statement contributes to each decision'),
    new Option('--strict', 'assume nothing: a verdict that depends on an assumption is undetermined'),
    new Option('--fail-on <verdict>', `exit non-zero on this verdict or worse: ${failOnChoices.join(', ')}`)
      .default('undetermined')
      .argParser(oneOf(failOnChoices, isFailOn)),
    new Option('--color <when>', 'on, off or auto')
      .default('auto')
      .argParser(oneOf(['on', 'off', 'auto'], (text): text is ColorChoice => ['on', 'off', 'auto'].includes(text))),
    new Option('--no-color', 'the same as --color off'),
    new Option('--debug', 'show each API call with latency and retries, and stack traces'),
  ];
}
