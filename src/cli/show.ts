import type { AnswerKind, Answers } from '../report/format.ts';
import { defaultFormat, pieces } from '../report/formats.ts';
import { type FixView, plain } from '../report/style.ts';
import { type ColorChoice, type Io, wantsColor, widthOf } from './io.ts';

/** How an answer is to be shown, as commander hands it over. */
export interface ShowOptions {
  readonly output?: string;
  readonly color?: ColorChoice | boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly listAll?: boolean;
  readonly fix?: FixView;
}

/** Writes an answer to standard output, unless it is told by the exit code alone. @throws Failure if it cannot be shown in that format */
export async function show<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  options: ShowOptions,
  io: Io,
): Promise<void> {
  if (options.quiet === true) return;
  const { output = defaultFormat, color: choice = 'off', verbose = false, listAll = false, fix = 'steps' } = options;
  const color = wantsColor(typeof choice === 'string' ? choice : 'off', io.stdout, io.environment);
  const paint = color ? (await import('../report/colors.ts')).colors : plain;
  const style = { paint, width: widthOf(io.stdout, io.environment), verbose, listAll, fix };
  let held = '';
  for (const piece of pieces(kind, answer, output, style)) {
    held += piece;
    if (held.length < mostHeld) continue;
    if (io.stdout.write(held) === false) await io.stdout.drained?.();
    held = '';
  }
  io.stdout.write(held);
}

/** Characters. What fails before so much is there writes nothing of the answer. */
const mostHeld = 262_144;
