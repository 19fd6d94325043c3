import { InvalidArgumentError, type Option } from 'commander';
import type { Operation } from '../../operations/operation.ts';
import type { OperationParameters, Parameter, ParameterKinds } from '../../operations/parameters.ts';
import { allParameters, pickParameters, rowOf } from '../../operations/request-parameters.ts';
import { operationOfRequest } from '../../operations/requests.ts';
import { type SourceFlag, type SourceNames, sourceFlags } from '../../operations/source-flags.ts';
import { PropertyOption, RepeatableOption } from './flag-option.ts';
import { more } from './values.ts';

/** What names the source and the parameters of the request, as commander hands it over. */
export interface QuestionOptions extends OperationParameters, SourceNames {
  /** What the AWS CLI's `--source-arn` names: the ARN tells by which flag it goes. */
  readonly sourceArn?: string;
}

/** What is asked, as the options of a command say it. */
export interface NamedOperation {
  readonly operation: Operation;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}

/** Of the operations that share a command, the one whose source is named; the first where none is. */
export function askedBy(operations: readonly [Operation, ...Operation[]], options: QuestionOptions): NamedOperation {
  const byArn = operationOfArn(operations, options.sourceArn);
  if (byArn !== undefined) return { operation: byArn, target: options.sourceArn, parameters: pickParameters(options) };
  const named = (operation: Operation): string | undefined =>
    operation.reads === undefined ? undefined : options[sourceFlags[operation.reads.flag].property];
  const operation = operations.find((one) => named(one) !== undefined) ?? operations[0];
  return { operation, target: named(operation), parameters: pickParameters(options) };
}

/** Of the operations of one API, the one that reads what the ARN names. */
function operationOfArn(operations: readonly Operation[], arn: string | undefined): Operation | undefined {
  if (arn === undefined) return undefined;
  const meant = operations.flatMap(({ api }) => operationOfRequest(api, () => arn) ?? []);
  return operations.find((operation) => meant.includes(operation));
}

/** The options that name what is read: at most one of them can be given. `all`: without any, everything in the Region is checked. */
export function sourceOptions(
  operations: readonly Operation[],
  all = operations[0]?.reads !== undefined,
): readonly Option[] {
  const reads = operations.flatMap((operation) => operation.reads ?? []);
  const flags = [...new Set(reads.map(({ flag }) => flag))];
  return flags.map((flag, index) => {
    const every = index === 0 && all ? '; without it, every one in the Region' : '';
    return sourceOption(flag, `--${flag} <id>`, every, flags);
  });
}

/** An option that names what is read. `flags`: as commander wants them; `besides`: what help says more; `all`: the flags of which one can be given. */
export function sourceOption(flag: SourceFlag, flags: string, besides: string, all: readonly SourceFlag[]): Option {
  const { property, help } = sourceFlags[flag];
  const others = all.filter((other) => other !== flag).map((other) => sourceFlags[other].property);
  return new PropertyOption(flags, help + besides, property).conflicts(others);
}

/** The options for the parameters of the request. */
export function parameterOptions(operations: readonly Operation[]): readonly Option[] {
  const taken = new Set(operations.flatMap(({ parameters }) => parameters));
  return allParameters()
    .filter((flag) => taken.has(flag))
    .map((flag) => parameterOption(flag));
}

/** The option for a parameter, under its own name or another one. */
export function parameterOption(flag: Parameter, name: string = flag): Option {
  const { placeholder, help, property, kind } = rowOf(flag);
  const Kind = kind === 'list' || kind === 'tags' ? RepeatableOption : PropertyOption;
  const option = new Kind(placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`, help, property);
  return withParser[kind](option, verified(flag));
}

/** What a flag takes, or a complaint. @throws InvalidArgumentError */
export function verified(flag: Parameter): (text: string) => string {
  const { complaint } = rowOf(flag);
  return (text) => {
    const says = complaint?.(text);
    if (says === undefined) return text;
    throw new InvalidArgumentError(says);
  };
}

/** How values of each kind are read, and gathered where the flag may be repeated. */
const withParser: Readonly<Record<keyof ParameterKinds, (option: Option, known: (text: string) => string) => Option>> =
  {
    text: (option, known) => option.argParser(known),
    switch: (option) => option,
    list: (option, known) => option.argParser((text, before?: readonly string[]) => more(known(text), before)),
    tags: (option, known) => option.argParser((text, before?: Tags) => withTag(known(text), before)),
  };

type Tags = Readonly<Record<string, string>>;

function withTag(text: string, before: Tags = {}): Tags {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give a tag and its value, such as team=dba.');
  return withPair(before, [text.slice(0, equals), text.slice(equals + 1)]);
}

/** Tags with one more. @throws InvalidArgumentError if it is there already */
export function withPair(before: Tags, [key, value]: readonly [key: string, value: string]): Tags {
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`Tag ${key} is given twice.`);
  return { ...before, [key]: value };
}
