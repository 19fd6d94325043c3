import { InvalidArgumentError, type Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import type { Unchecked } from '../../check/bind-all.ts';
import { operationsSwept } from '../../check/sweep.ts';
import { kebab } from '../../operations/catalogue.ts';
import { longestName, type Operation } from '../../operations/operation.ts';
import type { OperationParameters, Parameter, ParameterKinds } from '../../operations/parameters.ts';
import { allParameters, pickParameters, rowOf } from '../../operations/request-parameters.ts';
import { operationOfRequest } from '../../operations/requests.ts';
import { type SourceFlag, type SourceLists, type SourceNames, sourceFlags } from '../../operations/source-flags.ts';
import { PropertyOption, RepeatableOption } from './flag-option.ts';
import { listItems, more } from './values.ts';

/**
 * The options that name the source and the parameters of the request, as commander returns them.
 */
export interface QuestionOptions extends OperationParameters, SourceNames {
  /** The value of the AWS CLI's `--source-arn`. The ARN decides which source it names. */
  readonly sourceArn?: string;
}

/** The operation in the question, with its source and parameters. */
export interface NamedOperation {
  readonly operation: Operation;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}

/**
 * The operation whose source is named, if several share a command. If no source is named: the first
 * one.
 */
export function askedBy(operations: readonly [Operation, ...Operation[]], options: QuestionOptions): NamedOperation {
  const asked = namedBy(operations, options);
  refuseLongName(asked.operation, asked.parameters);
  return asked;
}

function namedBy(operations: readonly [Operation, ...Operation[]], options: QuestionOptions): NamedOperation {
  const byArn = operationOfArn(operations, options.sourceArn);
  if (byArn !== undefined) return { operation: byArn, target: options.sourceArn, parameters: pickParameters(options) };
  const named = (operation: Operation): string | undefined =>
    operation.reads === undefined ? undefined : options[sourceFlags[operation.reads.flag].property];
  const operation = operations.find((one) => named(one) !== undefined) ?? operations[0];
  return { operation, target: named(operation), parameters: pickParameters(options) };
}

/** @throws Failure if the name of the new resource is longer than RDS allows */
function refuseLongName({ makes }: Operation, { to }: OperationParameters): void {
  if (makes === undefined || to === undefined || to.length <= longestName[makes]) return;
  throw new Failure(
    'input',
    `--to \`${to}\` has ${to.length} characters, but RDS allows at most ${longestName[makes]}`,
    'give a shorter name',
  );
}

/** The operation that reads the type in an ARN, because several operations may share an API. */
function operationOfArn(operations: readonly Operation[], arn: string | undefined): Operation | undefined {
  if (arn === undefined) return undefined;
  const meant = operations.flatMap(({ api }) => operationOfRequest(api, () => arn) ?? []);
  return operations.find((operation) => meant.includes(operation));
}

/**
 * The operations in the question, if options may be repeated. Without a source: everything that
 * they read.
 */
export interface NamedOperations {
  readonly operations: readonly [Operation, ...Operation[]];
  /** Empty: everything in the Region. */
  readonly targets: readonly string[];
  readonly parameters: OperationParameters;
  /** Parts of the command that were left out. */
  readonly unchecked: readonly Unchecked[];
}

/**
 * The options that name the sources and the parameters of the request, if sources may be repeated.
 */
export interface RepeatedOptions extends OperationParameters, SourceLists, Pick<QuestionOptions, 'sourceArn'> {}

/**
 * The operation that reads the named sources, or all operations of the command if nothing is named.
 * @throws Failure if several sources would create resources with the same name
 */
export function askedByAll(
  operations: readonly [Operation, ...Operation[]],
  options: RepeatedOptions,
): NamedOperations {
  const asked = allNamedBy(operations, options);
  for (const operation of asked.operations) refuseLongName(operation, asked.parameters);
  return asked;
}

function allNamedBy(operations: readonly [Operation, ...Operation[]], options: RepeatedOptions): NamedOperations {
  const parameters = pickParameters(options);
  const byArn = operationOfArn(operations, options.sourceArn);
  if (byArn !== undefined)
    return { operations: [byArn], targets: [options.sourceArn ?? ''], parameters, unchecked: [] };
  const named = ({ reads }: Operation): readonly string[] =>
    reads === undefined ? [] : [...new Set(options[sourceFlags[reads.flag].property] ?? [])];
  const operation = operations.find((one) => named(one).length > 0);
  if (operation === undefined) return { ...operationsSwept(operations, parameters), targets: [], parameters };
  const targets = named(operation);
  if (targets.length > 1 && parameters.to !== undefined)
    throw new Failure(
      'input',
      `--to \`${parameters.to}\` is one name, but ${targets.length} sources are given (${targets.join(', ')})`,
      'leave out --to, or name one source',
    );
  return { operations: [operation], targets, parameters, unchecked: [] };
}

/**
 * The options that name the source. Only one of them may be given. `repeats`: it may be repeated,
 * and without any, everything in the Region is checked.
 */
export function sourceOptions(operations: readonly Operation[], repeats = true): readonly Option[] {
  const reads = operations.flatMap((operation) => operation.reads ?? []);
  const flags = [...new Set(reads.map(({ flag }) => flag))];
  return flags.map((flag, index) => {
    const isSwept = index === 0 && repeats && operations[0]?.reads !== undefined;
    const besides = isSwept ? ' (default: all in the Region)' : '';
    return sourceOption(flag, { flags: `--${flag} <id>`, besides, all: flags, repeats });
  });
}

/**
 * How an option names a source. `flags`: in commander's form. `besides`: additional help. `all`:
 * the flags that exclude each other.
 */
interface SourceNaming {
  readonly flags: string;
  readonly besides: string;
  readonly all: readonly SourceFlag[];
  readonly repeats: boolean;
}

/** An option that names the source. */
export function sourceOption(flag: SourceFlag, { flags, besides, all, repeats }: SourceNaming): Option {
  const { property, help } = sourceFlags[flag];
  const others = all.filter((other) => other !== flag).map((other) => sourceFlags[other].property);
  const option = repeats
    ? new RepeatableOption(flags, help + besides, property).argParser(more)
    : new PropertyOption(flags, help + besides, property);
  return option.conflicts(others);
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
  const { placeholder, help, property, kind, request } = rowOf(flag);
  // The AWS CLI accepts all items of a list after one flag.
  if (kind === 'list' && placeholder !== undefined && request !== undefined && kebab(request) === name)
    return new RepeatableOption(`--${name} ${placeholder.replace('>', '...>')}`, help, property).argParser(
      listParser(flag),
    );
  const Kind = kind === 'list' || kind === 'tags' ? RepeatableOption : PropertyOption;
  const option = new Kind(placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`, help, property);
  return withParser[kind](option, verified(flag));
}

/** Reads the items of a list after one flag. */
export function listParser(flag: Parameter): (text: string, before?: readonly string[]) => readonly string[] {
  const check = verified(flag);
  return (text, before = []) => [...before, ...listItems(text, rowOf(flag).field).map(check)];
}

/** Returns a valid value. @throws InvalidArgumentError for another value */
export function verified(flag: Parameter): (text: string) => string {
  const { complaint } = rowOf(flag);
  return (text) => {
    const says = complaint?.(text);
    if (says === undefined) return text;
    throw new InvalidArgumentError(says);
  };
}

/** How to read values of each kind, and how to collect them if the flag may be repeated. */
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
  return withPair(before, [text.slice(0, equals), text.slice(equals + 1)]);
}

/** Adds a tag. @throws InvalidArgumentError if its key is already there */
export function withPair(before: Tags, [key, value]: readonly [key: string, value: string]): Tags {
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`give tag ${key} once`);
  return { ...before, [key]: value };
}
