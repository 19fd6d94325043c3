import { denseJson, type Json, jsonText } from './json.ts';
import { shellQuoted, shellQuotedLines } from './shell.ts';

/** A command for a POSIX shell. `commandText` and `commandParts` write its text. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly CommandArgument[];
}

export type CommandArgument =
  | string
  /** JSON. `dense`: without white space, if AWS counts it and the text would be too long. */
  | { readonly document: Json; readonly dense: boolean }
  /** The output of another command. */
  | { readonly outputOf: Command }
  /** The value of a shell variable. */
  | { readonly variable: string };

/** The text of a command. A document may have several lines. */
export function commandText(command: Command): string {
  return commandParts(command).join(' ');
}

/**
 * The parts of a command that can be on separate lines: the words before the first option, then
 * each option with its values. The options of a command within the command are separate parts as
 * well.
 */
export function commandParts(command: Command): readonly string[] {
  const parts = [command.program];
  const append = (text: string): void => {
    parts.push(`${parts.pop() ?? ''} ${text}`);
  };
  for (const argument of command.arguments) {
    if (typeof argument !== 'string' && 'outputOf' in argument) {
      const [first = '', ...others] = commandParts(argument.outputOf);
      append(`"$(${first}`);
      parts.push(...others);
      parts.push(`${parts.pop() ?? ''})"`);
    } else if (typeof argument === 'string' && argument.startsWith('--')) parts.push(shellQuoted(argument));
    else append(argumentText(argument));
  }
  return parts;
}

/** The parts of a command on lines of at most this many characters, if the parts allow. */
export function commandLines(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const [first = '', ...others] = part.split('\n');
    if (line !== '' && line.length + first.length + 3 > width) {
      lines.push(`${line} \\`);
      line = `  ${first}`;
    } else line = line === '' ? first : `${line} ${first}`;
    for (const other of others) {
      lines.push(line);
      line = other;
    }
  }
  return [...lines, line];
}

function argumentText(argument: Exclude<CommandArgument, { readonly outputOf: Command }>): string {
  if (typeof argument === 'string') return shellQuoted(argument);
  if ('variable' in argument) return `"$${argument.variable}"`;
  return shellQuotedLines(argument.dense ? denseJson(argument.document) : jsonText(argument.document));
}
