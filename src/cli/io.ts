/** The surroundings that a run writes to and reads from. */
export interface Io {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time of the operation. */
  readonly now: () => Date;
  /** Changes the text of a report before it is written to a file. */
  readonly redact?: (text: string) => string;
  /**
   * Takes a function that hides the secrets of a plan in a text. From then on, they are never
   * written.
   */
  readonly hide?: (hideSecrets: (text: string) => string) => void;
  /** An answer or an error without secrets. */
  readonly withoutSecrets?: <Answer>(answer: Answer) => Answer;
}

export interface Stream {
  /** Returns false if the stream is full. `drained` resolves when it is not full anymore. */
  readonly write: (text: string) => unknown;
  readonly drained?: () => Promise<void>;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * `auto`: colors in a terminal, unless NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE or TERM=dumb say
 * otherwise.
 */
export type ColorChoice = 'on' | 'off' | 'auto';

export function wantsColor(
  choice: ColorChoice,
  stream: Stream,
  { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM }: Io['environment'],
): boolean {
  if (choice !== 'auto') return choice === 'on';
  // The same order as in commander's help, so that help and reports agree.
  if (NO_COLOR || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  if (FORCE_COLOR !== undefined || CLICOLOR_FORCE !== undefined) return true;
  return stream.isTTY === true && TERM !== 'dumb';
}

/** Removes the line of progress, which only a terminal has. */
export function clearLine(stream: Stream): void {
  if (stream.isTTY === true) stream.write('\r\u001b[K');
}

const narrowest = 40;
/** Longer lines are hard to read. */
const widest = 100;

/**
 * The columns at which text is wrapped: those of COLUMNS, or those of the terminal up to a readable
 * width. For a pipe: Infinity, because programs that read from a pipe search for full sentences.
 */
export function widthOf({ isTTY, columns = 80 }: Stream, { COLUMNS = '' }: Io['environment']): number {
  if (/^[1-9]\d{0,4}$/.test(COLUMNS)) return Math.max(Number(COLUMNS), narrowest);
  return isTTY === true ? Math.min(Math.max(columns, narrowest), widest) : Infinity;
}
