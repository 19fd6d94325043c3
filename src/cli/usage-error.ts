import type { Command } from 'commander';
import { parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { meantBy } from '../base/nearest.ts';
import { isTypedName } from '../base/principal-arn.ts';
import { shellQuoted } from '../base/shell.ts';
import { list } from '../base/wording.ts';
import { catalogue } from '../operations/catalogue.ts';
import { allSourceFlags, sourceFlags } from '../operations/source-flags.ts';
import { reportFormats } from '../report/format-rows.ts';
import { fixViews } from '../report/style.ts';

/*
 * Turns commander's complaints about arguments into errors that also say what to do.
 */

/**
 * A complaint of commander as a failure of two lines.
 * @param command the command with the arguments
 * @param message as commander words it, after `error: ` and perhaps before a suggestion
 * @param code of commander
 */
export function usageError(command: Command, message: string, code: string): Failure {
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n(Did you mean ');
  // An unknown option before the command is most likely an option of a command.
  const isEarly = command.parent === null && code === 'commander.unknownOption' && !/'-(?:-v|v')/.test(what);
  if (isEarly) return new Failure('input', what, `put options after the command; see ${helpOf(command)}`);
  const [, unknown = ''] = code === 'commander.unknownOption' ? (/'(--[^'=]+)/.exec(what) ?? []) : [];
  if (ofChecks.includes(unknown))
    return new Failure(
      'input',
      what,
      `${nameOf(command)} has no ${unknown}: the commands of operations have it, such as \`aurora-kms-check restore ${unknown}\``,
    );
  const meant = sameMeaning.get(unknown) ?? '';
  if (has(command, meant)) return new Failure('input', what, `did you mean ${meant}?`);
  const instead = insteadOf(command, unknown);
  if (instead !== undefined) return new Failure('input', what, instead);
  if (code === 'commander.invalidArgument') return invalidValue(command, what);
  const [, flag] = /'(--[^'=]+)=/.exec(what) ?? [];
  const isSwitch = command.options.some((option) => option.isBoolean() && option.long === flag);
  const suggestion = more.length === 0 || isSwitch ? undefined : suggestedBy(command, more.join(''), unknown);
  return new Failure('input', complaintAbout(command, what, code), suggestion ?? nextSteps[code]?.(command, what));
}

/**
 * The second line for a suggestion of commander. Commander also suggests --version, which is a flag
 * of the program, for each flag that looks a little like it, such as --region.
 */
function suggestedBy(command: Command, suggestion: string, unknown: string): string | undefined {
  const meant = suggestion.replace(/\?\)$/, '');
  const isOwn = unknown === '' || meant.startsWith('one of') || has(command, meant);
  return isOwn || meant.startsWith(unknown.slice(0, 3)) ? `did you mean ${meant}?` : undefined;
}

/** Other words for a flag, which no spelling shows. */
const sameMeaning: ReadonlyMap<string, string> = new Map([
  ['--cluster-snapshot', '--snapshot'],
  ['--db-cluster-snapshot', '--snapshot'],
  ['--db-snapshot', '--instance-snapshot'],
  ['--db-cluster', '--cluster'],
  ['--db-instance', '--instance'],
  ['--role', '--principal'],
  ['--role-arn', '--principal'],
  ['--principal-arn', '--principal'],
  ['--user', '--principal'],
  ['--key', '--kms-key-id'],
  ['--name', '--to'],
  ['--new-name', '--to'],
]);

/**
 * Flags of every check of one operation. If another command gets one of them, the error says so
 * instead of suggesting a similar flag.
 */
const ofChecks: readonly string[] = ['--explain', '--fix', '--fix-dir', '--simulate'];

/** The commands that alone have a flag. Only the command that is run is built. */
const owners: ReadonlyMap<string, readonly string[]> = new Map([
  ['--plan', ['preflight', 'diff', 'who-can', 'key-impact']],
  ['--baseline', ['preflight', 'audit']],
  ['--write-baseline', ['preflight', 'audit']],
  ['--exceptions', ['audit']],
  ['--severity', ['audit']],
  ['--code', ['audit']],
  ['--action', ['key-impact']],
  ['--expect-only', ['who-can']],
  ['--expect-none', ['who-can']],
  ['--operation', ['diagnose', 'diff']],
  ['--event-id', ['diagnose']],
  ['--error', ['diagnose']],
  ['--anonymize', ['collect']],
  ['--all-keys', ['collect']],
  ['--all-regions', ['collect']],
]);

/** Flags of the AWS CLI that give a whole request. */
const wholeRequests: readonly string[] = ['--cli-input-json', '--cli-input-yaml'];

/** What to do instead of an option that other commands have, or that other programs have. */
function insteadOf(command: Command, flag: string): string | undefined {
  const [argument] = command.registeredArguments;
  if (flag === '--json' && has(command, '--output')) return 'write --output json';
  if (wholeRequests.includes(flag)) return 'give each parameter of the request with its own flag';
  if (flag === '--evidence' && argument !== undefined && evidenceArguments.includes(argument.name()))
    return `name the file without a flag: \`${pathOf(command)} evidence.json\``;
  const having = owners.get(flag) ?? [];
  return having.length === 0
    ? undefined
    : `${nameOf(command)} has no ${flag}: ${list(having)} ${having.length === 1 ? 'has' : 'have'} it`;
}

/** Arguments that name evidence: those of `diff` and of `evidence check`. */
const evidenceArguments: readonly string[] = ['before', 'path'];

/** A value that an option refuses. The second line has the complaint of the option. */
function invalidValue(command: Command, what: string): Failure {
  const [, flag, value, complaint] =
    /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*?)' is invalid\. (.*)$/s.exec(what) ?? [];
  if (flag === undefined || value === undefined) return new Failure('input', what);
  const fault = value === '' ? 'the value is empty' : `\`${value}\` is not a valid value`;
  return new Failure('input', `${flag}: ${fault}`, stepFor(command, flag, value, complaint));
}

/** The complaint of an option. A format that --output refuses may be a format of --report. */
function stepFor(command: Command, flag: string, value: string, complaint: string | undefined): string | undefined {
  const format =
    flag === '--output' && has(command, '--report') ? reportFormats.find(({ name }) => name === value) : undefined;
  if (complaint === undefined || format === undefined) return complaint;
  return `${complaint}. For ${value}, use --report ${value}${format.isLog ? '' : '=PATH'}`;
}

function has({ options }: Command, flag: string): boolean {
  return options.some(({ long }) => long === flag);
}

/** What to name if an argument is missing. */
const missingArguments: ReadonlyMap<string, string> = new Map([
  ['key', 'name a key, such as `aurora-kms-check key-impact alias/orders`'],
  ['path', 'name a file or folder, such as `aurora-kms-check evidence check evidence.json`'],
  ['id', 'name the ID of an expectation, such as `aurora-kms-check preflight explain nightly-backup`'],
]);

/** Commander only counts the arguments, but users want to know which one is too many. */
function complaintAbout(command: Command, what: string, code: string): string {
  const [extra] = extraOf(command);
  return code === 'commander.excessArguments' && extra !== undefined
    ? `${what.split('.')[0] ?? ''}: \`${extra}\``
    : what;
}

function extraOf(command: Command): readonly string[] {
  return command.args.slice(command.registeredArguments.length);
}

const nextSteps: Readonly<Partial<Record<string, (command: Command, what: string) => string>>> = {
  'commander.unknownOption': (command, what) => whoTakes(command, /'(-[^']*)'/.exec(what)?.[1] ?? ''),
  'commander.unknownCommand': (program, what) => commandsLike(program, /'(.*)'/s.exec(what)?.[1] ?? ''),
  'commander.excessArguments': (command) => flagFor(command, extraOf(command)[0] ?? ''),
  'commander.conflictingOption': () => 'give one of them',
  'commander.optionMissingArgument': (command) => `give a value; ${helpOf(command)} shows an example`,
  'commander.missingArgument': (command, what) =>
    missingArguments.get(/'([^']*)'/.exec(what)?.[1] ?? '') ?? `see ${helpOf(command)}`,
  'commander.missingMandatoryOptionValue': (command) => `see ${helpOf(command)}`,
};

function helpOf(command: Command): string {
  return `\`${pathOf(command)} --help\``;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** The path without the program: `restore` and `who-can restore` are two commands. */
function nameOf(command: Command): string {
  return command.parent?.parent == null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** The most commands that a hint names. */
const shown = 4;

function someOf(names: readonly string[]): string {
  const rest = names.length - shown;
  return rest > 1 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : list(names);
}

/**
 * The commands that have an option which this command lacks, according to the catalog, because not
 * every command is built.
 */
function whoTakes(command: Command, text: string): string {
  const [flag = '', value] = text.split(/=(.*)/s);
  if (isShort(flag)) return optionsLike(command, flag);
  if (flag === '--demo' && value !== undefined && value !== 'estate') return 'write --demo or --demo=estate';
  if (command.registeredArguments.length === 0 && command.commands.some(({ options }) => options.length > 0))
    return `put options after the ${command.name() === 'who-can' ? 'operation' : 'command'}; see ${helpOf(command)}`;
  if (value !== undefined && command.options.some((option) => option.isBoolean() && option.long === flag))
    return withoutValue([flag], value);
  const takers = catalogue.filter(({ reads, parameters }) =>
    [reads?.flag, ...parameters].some((name) => `--${name ?? ''}` === flag),
  );
  const own = sourcesOf(command);
  if (takers.length === 0) return optionsLike(command, flag);
  const instead = own.length === 0 ? '' : `${nameOf(command)} takes ${list(own, 'or')}; `;
  return `${instead}${flag} belongs to ${someOf([...new Set(takers.map((one) => one.command))])}`;
}

/**
 * The options that a short or misspelled option may stand for. Commander suggests no hidden ones.
 */
function optionsLike(command: Command, flag: string): string {
  const named = (hidden: boolean): readonly string[] =>
    command.options.flatMap((option) => (option.long === undefined || (option.hidden && !hidden) ? [] : [option.long]));
  const near = meantBy(flag, named(true));
  const meant = isShort(flag)
    ? named(false).filter((name) => name.startsWith(`-${flag.toLowerCase()}`))
    : near === undefined
      ? []
      : [near];
  return `${meant.length === 0 ? '' : `did you mean ${list(meant, 'or')}? `}see ${helpOf(command)}`;
}

function isShort(flag: string): boolean {
  return /^-\w$/.test(flag);
}

/** The flags of a command that name its source. */
function sourcesOf({ options }: Command): readonly string[] {
  return allSourceFlags()
    .map((flag) => `--${flag}`)
    .filter((flag) => options.some(({ long }) => long === flag));
}

function helpShows(command: Command): boolean {
  return command.parent?.createHelp().visibleCommands(command.parent).includes(command) === true;
}

/** Other words for what commands do. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  list: ['operations', 'evidence check'],
  ls: ['operations', 'evidence check'],
  pitr: ['restore-to-point-in-time'],
  why: ['diagnose'],
  explain: ['diagnose', 'operations'],
  compare: ['diff'],
  policy: ['permissions'],
  version: ['--version'],
};

/** The commands whose names contain or mean the word. */
function commandsLike(program: Command, word: string): string {
  const names = program.commands.filter(helpShows).map((command) => command.name());
  const alike = Object.hasOwn(synonyms, word)
    ? (synonyms[word] ?? [])
    : names.filter(
        (name) => word.length > 2 && (name.includes(word.toLowerCase()) || word.toLowerCase().includes(name)),
      );
  const perhaps = alike.length === 0 ? '' : `did you mean ${list(alike.slice(0, shown), 'or')}? `;
  return `${perhaps}see ${helpOf(program)} for the commands`;
}

/** The switches that are given, to which a stray `true` or `false` may belong. */
function switchesGiven(command: Command): readonly string[] {
  return command.options
    .filter(
      (option) =>
        option.isBoolean() &&
        option.presetArg === undefined &&
        command.getOptionValueSource(option.attributeName()) === 'cli',
    )
    .flatMap(({ long }) => long ?? []);
}

/** What to do about a value that follows a switch. */
function withoutValue(flags: readonly string[], value: string): string {
  const many = flags.length > 1;
  const takes = `${list(flags)} ${many ? 'take' : 'takes'} no value`;
  return /^(?:false|no|off|0)$/i.test(value)
    ? `${takes}: leave out \`${value}\`, and the flag too if it is not wanted`
    : `${takes}: leave out \`${value}\``;
}

/** The option that was probably meant for a name without one. */
function flagFor(command: Command, text: string): string {
  if (text === 'estate' && switchesGiven(command).includes('--demo')) return 'write `--demo=estate`';
  // A value of --fix has to follow `=`.
  if (fixViews.some((view) => view === text) && has(command, '--fix')) return `write \`--fix=${text}\``;
  const switches = /^(?:true|false|yes|no|on|off|[01])$/i.test(text) ? switchesGiven(command) : [];
  if (switches.length > 0) return withoutValue(switches, text);
  const sources = sourcesOf(command);
  const type = parseArn(text)?.type;
  const ofType = allSourceFlags().find(
    (flag) => has(command, `--${flag}`) && sourceFlags[flag].types.some((one) => one === type),
  );
  const flag = isTypedName(text) || parseArn(text)?.service === 'iam' ? '--principal' : undefined;
  const key = /^alias\/|^arn:[^:]*:kms:/.test(text) ? '--kms-key-id' : undefined;
  const [own] = command.registeredArguments;
  const file = own === undefined && /\.json(?:\.gz)?$/i.test(text) ? '--evidence' : undefined;
  const meant = [
    file,
    flag,
    key,
    ofType === undefined ? undefined : `--${ofType}`,
    own === undefined ? sources[0] : undefined,
  ].find((one) => one !== undefined && has(command, one));
  if (meant !== undefined) return `write \`${meant} ${shellQuoted(text)}\``;
  return command.name() === 'diagnose'
    ? 'run `diagnose` once for each file, and put an error text in quotes'
    : `leave out the argument; ${helpOf(command)} lists the options`;
}
