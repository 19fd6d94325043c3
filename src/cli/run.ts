import { CommanderError } from 'commander';
import { oneLine, printable } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { operationsNamed } from '../operations/catalogue.ts';
import { badUsage, defect, exitCodeOfFailure } from './exit-code.ts';
import { clearLine, type Io, widthOf } from './io.ts';
import { buildProgram } from './program.ts';
import { hiding, redactFlag, redacting } from './redact.ts';
import type { NamedReports } from './report-targets.ts';
import { startHere } from './start-here.ts';
import { version } from './version.ts';

/**
 * Runs the program. `argv`: the arguments, without node and script. Never throws. Returns the exit
 * code.
 */
export async function run(argv: readonly string[], surroundings: Io): Promise<number> {
  const io = hiding(argv.includes(redactFlag) ? redacting(surroundings) : surroundings);
  if (argv.length === 0) {
    io.stderr.write(startHere);
    return badUsage;
  }
  const debug = argv.includes('--debug');
  // Without --report, the code that writes reports is not loaded.
  const isReported = argv.some((one) => one.startsWith('--report')) && !writesExpectations(argv);
  const reporting = isReported ? await import('./report-targets.ts') : undefined;
  const reports = reporting?.reportsIn(argv) ?? { safe: [], overInput: [] };
  let exitCode = 0;
  let command: string | undefined;
  try {
    reporting?.prepareReports(reports);
    const done = (code: number): void => {
      exitCode = code;
    };
    const asked = withoutAws(argv);
    // `help restore` is the same as `restore --help`.
    const [named = ''] = asked.filter((argument) => !argument.startsWith('-') && argument !== 'help');
    command = operationsNamed(named)[0]?.command ?? named;
    const program = await buildProgram(io, done, named);
    await program.parseAsync(asked, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await report(error, io, { debug, output: outputIn(argv), reports: reports.safe, command });
  }
}

/**
 * `preflight init` accepts the options of `preflight`, but makes no reports, so it keeps old
 * reports.
 */
function writesExpectations([command, subcommand]: readonly string[]): boolean {
  return command === 'preflight' && subcommand === 'init';
}

/**
 * Accepts an unchanged command of the AWS CLI: `aws rds copy-db-snapshot ...`. There, options may
 * also precede the command.
 * @throws Failure if the command cannot be checked
 */
function withoutAws(argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'aws' && argv[0] !== 'rds') return argv;
  const rest = argv.slice(argv[0] === 'aws' ? 1 : 0);
  const service = rest.indexOf('rds');
  const named = rest.findIndex((word, index) => index > service && operationsNamed(word).length > 0);
  if (service === -1 || named === -1) {
    const words = service === -1 ? rest : rest.slice(service);
    const end = words.findIndex((word) => word.startsWith('-'));
    const [first = '', second = ''] = words.slice(0, end === -1 ? words.length : end);
    // Another service may give an operation of its own the same name: `aws ec2 create-snapshot`.
    const [operation] = first === 'backup' ? operationsNamed(second) : [];
    throw new Failure(
      'input',
      `\`${['aws', first, second].filter((word) => word !== '').join(' ')}\` cannot be checked`,
      operation === undefined
        ? 'paste a command of `aws rds` whose API `aurora-kms-check operations` lists'
        : `see \`aurora-kms-check ${operation.command} --help\` for the flags of this operation`,
    );
  }
  const command = rest.slice(named, named + 1);
  return [...command, ...rest.filter((_, index) => index !== service && index !== named)];
}

interface ErrorStyle {
  readonly debug: boolean;
  /** The format of --output. Undefined: there is none. */
  readonly output: string | undefined;
  readonly reports: NamedReports['safe'];
  readonly command: string | undefined;
}

/** The format that --output names. */
function outputIn(argv: readonly string[]): string | undefined {
  const named = argv.flatMap((argument, index) => {
    if (argument === '--output' || argument === '-o') return argv[index + 1] ?? [];
    return /^(?:--output=|-o=?)(.+)$/.exec(argument)?.[1] ?? [];
  });
  return named.at(-1);
}

async function report(error: unknown, io: Io, { debug, output, reports, command }: ErrorStyle): Promise<number> {
  // commander has already written help or its complaint.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage;
  clearLine(io.stderr);
  const known = error instanceof Failure ? error : undefined;
  const message =
    known?.message ?? `defect in aurora-kms-check: ${error instanceof Error ? error.message : String(error)}`;
  const next = known === undefined ? 'please report this, with the output of --debug' : known.next;
  const exitCode = known === undefined ? defect : exitCodeOfFailure(known.kind);
  const whole = { exitCode, message, ...(next === undefined ? {} : { next }) };
  const failure = io.withoutSecrets?.(whole) ?? whole;
  const { defaultFormat, formatNames } = await import('../report/format-rows.ts');
  const { drawing } = await import('../report/drawing.ts');
  const { piecesOf } = await import('../report/format.ts');
  const { plain } = await import('../report/style.ts');
  // The format of --output, if it can show an error.
  const format = formatNames('failure').find((name) => name === output) ?? defaultFormat;
  const draw = await drawing('failure', format);
  const width = widthOf(io.stderr, io.environment);
  const style = { paint: plain, width, verbose: false, listAll: false, fix: 'steps' } as const;
  for (const piece of piecesOf(draw(failure, style))) io.stderr.write(piece);
  if (reports.length > 0) {
    const { writeFailure } = await import('./report-files.ts');
    const reported = { ...failure, version, ...(command === undefined ? {} : { command }) };
    writeFailure(reports, reported, output === undefined ? {} : { output }, io);
  }
  if (debug && error instanceof Error)
    io.stderr.write(`${stackOf(error)}${error.cause instanceof Error ? stackOf(error.cause) : ''}`);
  return exitCode;
}

/** The message on one line, because it may come from AWS or a file, and below it the stack. */
function stackOf({ name, message, stack = '' }: Error): string {
  const head = message === '' ? name : `${name}: ${message}`;
  const calls = stack.startsWith(head) ? stack.slice(head.length) : '';
  return `${oneLine(head)}${printable(calls)}\n`;
}
