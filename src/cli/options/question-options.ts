import { InvalidArgumentError, type Option } from 'commander';
import type { Operation } from '../../operations/operation.ts';
import type { OperationParameters, Parameter, ParameterKinds } from '../../operations/parameters.ts';
import { allParameters, pickParameters, rowOf } from '../../operations/request-parameters.ts';
import { type SourceNames, sourceFlags } from '../../operations/source-flags.ts';
import { PropertyOption, RepeatableOption } from './flag-option.ts';
import { more } from './values.ts';

/** What names the source and the parameters of the request, as commander hands it over. */
export interface QuestionOptions extends OperationParameters, SourceNames {}

/** What is asked, as the options of a command say it. */
export interface NamedOperation {
  readonly operation: Operation;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}

/** Of the operations that share a command, the one whose source is named; the first where none is. */
export function askedBy(operations: readonly [Operation, ...Operation[]], options: QuestionOptions): NamedOperation {
  const named = (operation: Operation): string | undefined =>
    operation.reads === undefined ? undefined : options[sourceFlags[operation.reads.flag].property];
  const operation = operations.find((one) => named(one) !== undefined) ?? operations[0];
  return { operation, target: named(operation), parameters: pickParameters(options) };
}

/** The options that name what is read: at most one of them can be given. `all`: without any, everything in the Region is checked. */
export function sourceOptions(
  operations: readonly Operation[],
  all = operations[0]?.reads !== undefined,
): readonly Option[] {
  const reads = operations.flatMap((operation) => operation.reads ?? []);
  const flags = [...new Set(reads.map(({ flag }) => flag))];
  return flags.map((flag, index) => {
    const { property, help } = sourceFlags[flag];
    const every = index === 0 && all ? '; without it, every one in the Region' : '';
    const others = flags.filter((other) => other !== flag).map((other) => sourceFlags[other].property);
    return new PropertyOption(`--${flag} <id>`, help + every, property).conflicts(others);
  });
}

/** The options for the parameters of the request. */
export function parameterOptions(operations: readonly Operation[]): readonly Option[] {
  const taken = new Set(operations.flatMap(({ parameters }) => parameters));
  return allParameters()
    .filter((flag) => taken.has(flag))
    .map(parameterOption);
}

function parameterOption(flag: Parameter): Option {
  const { placeholder, help, property, kind, complaint } = rowOf(flag);
  const Kind = kind === 'list' || kind === 'tags' ? RepeatableOption : PropertyOption;
  const option = new Kind(placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`, help, property);
  return withParser[kind](option, (text) => {
    const says = complaint?.(text);
    if (says === undefined) return text;
    throw new InvalidArgumentError(says);
  });
}

/** How values of each kind are read, and gathered where the flag may be repeated. */
const withParser: Readonly<
  Record<keyof ParameterKinds, (option: Option, verified: (text: string) => string) => Option>
> = {
  text: (option, verified) => option.argParser(verified),
  switch: (option) => option,
  list: (option, verified) => option.argParser((text, before?: readonly string[]) => more(verified(text), before)),
  tags: (option, verified) =>
    option.argParser((text, before?: Readonly<Record<string, string>>) => withTag(verified(text), before)),
};

function withTag(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give a tag and its value, such as team=dba.');
  const key = text.slice(0, equals);
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`Tag ${key} is given twice.`);
  return { ...before, [key]: text.slice(equals + 1) };
}
