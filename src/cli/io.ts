/** What a run writes to and reads from its surroundings. */
export interface Io {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time at which the operation is taken to happen. */
  readonly now: () => Date;
  /** What is done to the text of a report before it is written to a file. */
  readonly redact?: (text: string) => string;
  /** Takes what hides the secrets of a plan in a text; they are never written from now on. */
  readonly hide?: (hideSecrets: (text: string) => string) => void;
  /** What is written of an answer or an error. */
  readonly withoutSecrets?: <Answer>(answer: Answer) => Answer;
}

export interface Stream {
  /** false: it holds more than it wants to; `drained` tells when it does no more. */
  readonly write: (text: string) => unknown;
  readonly drained?: () => Promise<void>;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * `auto`: in a terminal, unless NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE or TERM=dumb say otherwise.
 */
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

const narrowest = 40;
/** Longer lines are hard to read. */
const widest = 100;

/**
 * Columns at which text is wrapped: what COLUMNS says, or those of the terminal within what reads
 * well. A pipe has none, because programs that read from a pipe search for whole sentences:
 * Infinity.
 */
export function widthOf({ isTTY, columns = 80 }: Stream, { COLUMNS = '' }: Io['environment']): number {
  if (/^[1-9]\d{0,4}$/.test(COLUMNS)) return Math.max(Number(COLUMNS), narrowest);
  return isTTY === true ? Math.min(Math.max(columns, narrowest), widest) : Infinity;
}
