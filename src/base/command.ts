import { denseJson, type Json, jsonText } from './json.ts';
import { shellQuoted, shellQuotedLines } from './shell.ts';

/** A command to type into a POSIX shell. One writer makes the text: `commandText` and `commandParts`. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly CommandArgument[];
}

export type CommandArgument =
  | string
  /** JSON. `dense`: without white space, where AWS counts it and the text would be too long. */
  | { readonly document: Json; readonly dense: boolean }
  /** What another command prints. */
  | { readonly outputOf: Command };

/** The text of a command. A document may have several lines. */
export function commandText(command: Command): string {
  return commandParts(command).join(' ');
}

/**
 * The parts of a command that can stand on lines of their own: the words before the first option,
 * then each option with its values. The options of a command within the command are parts as well.
 * `file`: the name of a file that a document stands in, in place of the document itself.
 */
export function commandParts(command: Command, file?: string): readonly string[] {
  const parts = [command.program];
  const append = (text: string): void => {
    parts.push(`${parts.pop() ?? ''} ${text}`);
  };
  for (const argument of command.arguments) {
    if (typeof argument !== 'string' && 'outputOf' in argument) {
      const [first = '', ...others] = commandParts(argument.outputOf, file);
      append(`"$(${first}`);
      parts.push(...others);
      parts.push(`${parts.pop() ?? ''})"`);
    } else if (typeof argument === 'string' && argument.startsWith('--')) parts.push(shellQuoted(argument));
    else append(argumentText(argument, file));
  }
  return parts;
}

function argumentText(argument: Exclude<CommandArgument, { readonly outputOf: Command }>, file?: string): string {
  if (typeof argument === 'string') return shellQuoted(argument);
  if (file !== undefined) return shellQuoted(`file://${file}`);
  return shellQuotedLines(argument.dense ? denseJson(argument.document) : jsonText(argument.document));
}
