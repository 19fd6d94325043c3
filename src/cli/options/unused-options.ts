import type { Command } from 'commander';
import { list } from '../../base/wording.ts';
import { unusedParameters } from '../../operations/unused-parameters.ts';
import type { Io } from '../io.ts';
import { PropertyOption, RepeatableOption, unusedPrefix } from './flag-option.ts';

/*
 * Parameters of AWS CLI commands that no check uses. They are accepted, so that users can paste a
 * command.
 */

/** The property of their values, apart from the values that are used. */
const property = (name: string): string => unusedPrefix + name;

/** Global options of the AWS CLI. */
const globals = [
  { name: 'query', kind: 'value' },
  { name: 'cli-read-timeout', kind: 'value' },
  { name: 'cli-connect-timeout', kind: 'value' },
] as const;

/**
 * Makes a command accept the parameters of RDS's APIs that no check uses, and name them once if any
 * are given. Options that the command already has stay unchanged. Help does not show these
 * parameters.
 */
export function addUnusedOptions(command: Command, io: Io): void {
  const taken = new Set(command.options.map(({ long }) => long));
  const add = (flag: string, placeholder: string, name: string): void => {
    const Kind = placeholder.endsWith('...>') ? RepeatableOption : PropertyOption;
    if (!taken.has(flag)) command.addOption(new Kind(flag + placeholder, '', property(name)).hideHelp());
  };
  for (const { name, kind } of [...unusedParameters(), ...globals]) {
    add(`--${name}`, kind === 'switch' ? '' : kind === 'list' ? ' <value...>' : ' <value>', name);
    if (kind === 'switch') add(`--no-${name}`, '', name);
  }
  command.hook('preAction', (_, running) => {
    const flags = givenTo(running);
    if (flags.length > 0 && running.opts()['quiet'] !== true)
      io.stderr.write(`note: the check does not use ${list(flags)}\n`);
  });
}

/** The unused options in the arguments, as the user wrote them. */
function givenTo(command: Command): readonly string[] {
  const given: Readonly<Record<string, unknown>> = command.opts();
  const unused = command.options.filter((option) => option.attributeName() === property(nameIn(option.long)));
  const set = unused.filter((option) => {
    const value = given[option.attributeName()];
    return option.required ? value !== undefined : value === !option.negate;
  });
  return set.map(({ long }) => long ?? '').toSorted();
}

function nameIn(long: string | undefined): string {
  return (long ?? '').replace(/^--(?:no-)?/, '');
}
