/** What a run writes to and reads from its surroundings. */
export interface Io {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time at which the operation is taken to happen. */
  readonly now: () => Date;
}

export interface Stream {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** `auto`: in a terminal, unless NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE or TERM=dumb say otherwise. */
export type ColorChoice = 'on' | 'off' | 'auto';

export function wantsColor(
  choice: ColorChoice,
  stream: Stream,
  { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM }: Io['environment'],
): boolean {
  if (choice !== 'auto') return choice === 'on';
  // The order that commander's help follows, so that help and reports agree.
  if (NO_COLOR || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  if (FORCE_COLOR !== undefined || CLICOLOR_FORCE !== undefined) return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

/** Takes away the line of progress, which only a terminal has. */
export function clearLine(stream: Stream): void {
  if (stream.isTTY === true) stream.write('\r\u001b[K');
}

/** Columns of the terminal, within what reads well; 80 where there is none. */
export function widthOf(stream: Stream): number {
  return Math.min(Math.max(stream.columns ?? 80, 40), 120);
}
