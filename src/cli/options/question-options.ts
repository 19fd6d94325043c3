import { InvalidArgumentError, Option } from 'commander';
import { type Parameters, propertyOf } from '../../check/question.ts';
import type { Operation, Parameter, SourceFlag } from '../../operations/operation.ts';
import { regionName } from './values.ts';

/** What names the source and the parameters of the request, as commander hands it over. */
export interface QuestionOptions extends Omit<Parameters, 'tags'> {
  readonly cluster?: string;
  readonly instance?: string;
  readonly snapshot?: string;
  readonly instanceSnapshot?: string;
  readonly inCluster?: string;
  readonly tag?: Readonly<Record<string, string>>;
}

/** What is asked, as the options of a command say it. */
export interface Asked {
  readonly operation: Operation;
  readonly target: string | undefined;
  readonly parameters: Parameters;
}

/** The property that holds the value of a flag that names what is read. */
export const sourceProperty = {
  cluster: 'cluster',
  instance: 'instance',
  snapshot: 'snapshot',
  'instance-snapshot': 'instanceSnapshot',
  'in-cluster': 'inCluster',
} as const satisfies Readonly<Record<SourceFlag, keyof QuestionOptions>>;

/** Of the operations that share a command, the one whose source is named; the first where none is. */
export function askedBy(operations: readonly [Operation, ...Operation[]], options: QuestionOptions): Asked {
  const named = (operation: Operation): string | undefined =>
    operation.reads === undefined ? undefined : options[sourceProperty[operation.reads.flag]];
  const operation = operations.find((one) => named(one) !== undefined) ?? operations[0];
  const { tag, ...others } = options;
  const parameters: Parameters = { ...others, ...(tag === undefined ? {} : { tags: tag }) };
  const known = Object.values(propertyOf).filter((property) => parameters[property] !== undefined);
  return {
    operation,
    target: named(operation),
    parameters: Object.fromEntries(known.map((property) => [property, parameters[property]])),
  };
}

/** The options that name what is read: at most one of them can be given. `all`: without any, everything in the Region is checked. */
export function sourceOptions(
  operations: readonly Operation[],
  all = operations[0]?.reads !== undefined,
): readonly Option[] {
  const reads = operations.flatMap((operation) => operation.reads ?? []);
  const flags = [...new Set(reads.map(({ flag }) => flag))];
  return flags.map((flag, index) => {
    const only = index === 0 && all;
    return new Option(
      `--${flag} <id>`,
      `${sourceTexts[flag]}${only ? `; without it, every one in the Region` : ''}`,
    ).conflicts(flags.filter((other) => other !== flag).map((other) => sourceProperty[other]));
  });
}

const sourceTexts: Readonly<Record<SourceFlag, string>> = {
  cluster: 'identifier, ARN or resource id of the cluster',
  instance: 'a DB instance, by identifier, ARN or resource id',
  snapshot: 'identifier or ARN of the cluster snapshot',
  'instance-snapshot': 'a DB snapshot, by identifier or ARN',
  'in-cluster': 'the cluster that the instance joins',
};

/** The options for the parameters of the request. */
export function parameterOptions(operations: readonly Operation[]): readonly Option[] {
  const taken = new Set(operations.flatMap(({ parameters }) => parameters));
  return allParameters.filter((parameter) => taken.has(parameter)).map((parameter) => makers[parameter]());
}

const makers: Readonly<Record<Parameter, () => Option>> = {
  'kms-key-id': () =>
    new Option('--kms-key-id <key>', 'the key for what is made: key id, key ARN, alias name or alias ARN'),
  'source-region': () =>
    new Option('--source-region <name>', 'the Region of the source, if it is another one').argParser(regionName),
  to: () => new Option('--to <name>', 'the name of what is made').argParser(identifier),
  tag: () => new Option('--tag <key=value>', 'a tag for what is made; may be repeated').argParser(tagPair),
  'with-instance': () => new Option('--with-instance', 'make the DB instance too that the cluster needs to be used'),
  with: () =>
    new Option('--with <account>', 'an account, a principal of it by ARN, or all; may be repeated').argParser(partner),
  's3-bucket': () => new Option('--s3-bucket <name>', 'the bucket that it is exported to'),
  'iam-role': () => new Option('--iam-role <role>', 'the export role: name or ARN'),
  'storage-encrypted': () =>
    new Option('--storage-encrypted', "ask for encryption; without --kms-key-id, under the account's default key"),
  'manage-master-user-password': () =>
    new Option('--manage-master-user-password', 'let Secrets Manager keep the master password'),
  'master-user-secret-kms-key-id': () =>
    new Option('--master-user-secret-kms-key-id <key>', 'the key of its secret, if not the default one'),
  'skip-final-snapshot': () => new Option('--skip-final-snapshot', 'take no final snapshot'),
};

const allParameters: readonly Parameter[] = [
  'kms-key-id',
  'source-region',
  'to',
  'tag',
  'with-instance',
  'with',
  's3-bucket',
  'iam-role',
  'storage-encrypted',
  'manage-master-user-password',
  'master-user-secret-kms-key-id',
  'skip-final-snapshot',
];

function identifier(text: string): string {
  if (/^[a-z][a-z0-9-]{0,254}$/i.test(text)) return text;
  throw new InvalidArgumentError('Give an identifier of letters, digits and hyphens that begins with a letter.');
}

function tagPair(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give a tag and its value, such as team=dba.');
  const key = text.slice(0, equals);
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`Tag ${key} is given twice.`);
  return { ...before, [key]: text.slice(equals + 1) };
}

function partner(text: string, before: readonly string[] = []): readonly string[] {
  if (text === 'all' || /^\d{12}$/.test(text) || /^arn:[^:]+:(iam|sts)::\d{12}:./.test(text)) return [...before, text];
  throw new InvalidArgumentError('Give an account id of twelve digits, the ARN of a user or role, or all.');
}
