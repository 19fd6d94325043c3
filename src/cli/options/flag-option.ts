import { type Command, Option } from 'commander';
import { Failure } from '../../base/failure.ts';

/** An option whose value commander stores under a given property instead of the flag's name. */
export class PropertyOption extends Option {
  readonly #property: string | undefined;

  constructor(flags: string, help: string, property?: string) {
    super(flags, help);
    this.#property = property;
  }

  override attributeName(): string {
    return this.#property ?? super.attributeName();
  }
}

/**
 * An option that may be repeated. Its parser collects the values, and its help says that it may be
 * repeated.
 */
export class RepeatableOption extends PropertyOption {
  constructor(flags: string, help: string, property?: string) {
    super(flags, `${help}; may be repeated`, property);
  }
}

/**
 * Makes a command and its subcommands refuse a repeated option that has only one value. Commander
 * would silently keep the last value. A repeated switch has no other value, so it is accepted.
 */
export function refuseRepeated(command: Command): void {
  // `--color` and `--no-color` set the same value.
  const given = new Map<string, readonly [flag: string, value: unknown]>();
  for (const option of command.options) {
    if (option instanceof RepeatableOption) continue;
    const flag = option.long ?? option.flags;
    command.on(`option:${option.name()}`, (value: unknown) => {
      const before = given.get(option.attributeName());
      const isSwitch = option.negate || option.isBoolean();
      if (before !== undefined && !(isSwitch && before[0] === flag)) throw twice(before, [flag, value]);
      given.set(option.attributeName(), [flag, value]);
    });
  }
  for (const one of command.commands) refuseRepeated(one);
}

type Given = readonly [flag: string, value: unknown];

function twice(first: Given, second: Given): Failure {
  const same = first[0] === second[0];
  const words = ([flag, value]: Given): string => {
    const text = typeof value === 'string' ? `\`${value}\`` : '';
    return same ? text : `${flag} ${text}`.trimEnd();
  };
  const both = `${words(first)} and ${words(second)}`;
  return new Failure(
    'input',
    same ? `the flag ${first[0]} is given twice: ${both}` : `the flags ${both} are given together`,
    `give ${same ? 'it' : 'one of them'} once`,
  );
}
