import { drawing } from '../report/drawing.ts';
import { type AnswerKind, type Answers, piecesOf } from '../report/format.ts';
import { defaultFormat } from '../report/format-rows.ts';
import { type FixView, type Places, plain } from '../report/style.ts';
import { exitCodeOfVerdict, type FailOn } from './exit-code.ts';
import { type ColorChoice, type Io, wantsColor, widthOf } from './io.ts';
import type { ReportOptions } from './report-targets.ts';

/** How to show an answer, as commander returns it. */
export interface ShowOptions extends ReportOptions {
  readonly color?: ColorChoice | boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly listAll?: boolean;
  readonly fix?: FixView;
  readonly failOn?: FailOn;
  /** Where reports point to. Absent: to no file. */
  readonly places?: Places | undefined;
}

/**
 * Writes an answer to standard output, unless --quiet is given, and in every format of --report.
 * @throws Failure if the format cannot show it, or a file cannot be written
 */
export async function show<Kind extends AnswerKind>(
  kind: Kind,
  whole: Answers[Kind],
  options: ShowOptions,
  io: Io,
): Promise<void> {
  // Removes secrets before a format wraps or escapes them.
  const answer = io.withoutSecrets?.(whole) ?? whole;
  if (options.quiet !== true) await write(kind, answer, options, io);
  const { report, failOn = 'undetermined', places, output } = options;
  if (report === undefined) return;
  const { writeReports } = await import('./report-files.ts');
  writeReports(
    kind,
    answer,
    {
      report,
      exitsZero: (verdict) => exitCodeOfVerdict(verdict, failOn) === 0,
      ...(places === undefined ? {} : { places }),
      ...(output === undefined ? {} : { output }),
    },
    io,
  );
}

async function write<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  options: ShowOptions,
  io: Io,
): Promise<void> {
  const { output = defaultFormat, color: choice = 'off', verbose = false, listAll = false, fix = 'steps' } = options;
  const color = wantsColor(typeof choice === 'string' ? choice : 'off', io.stdout, io.environment);
  const paint = color ? (await import('../report/colors.ts')).colors : plain;
  const style = { paint, width: widthOf(io.stdout, io.environment), verbose, listAll, fix };
  const draw = await drawing(kind, output);
  let held = '';
  for (const piece of piecesOf(draw(answer, style))) {
    held += piece;
    if (held.length < mostHeld) continue;
    if (io.stdout.write(held) === false) await io.stdout.drained?.();
    held = '';
  }
  io.stdout.write(held);
}

/** In characters. If a run fails before this much is ready, it writes nothing of the answer. */
const mostHeld = 262_144;
