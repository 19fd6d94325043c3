import { type Command, Option } from 'commander';
import { Failure } from '../../base/failure.ts';

/** An option whose value commander hands over under a property of its own, whatever the flag. */
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

/** An option that may be given more than once: its parser gathers the values. Its help says so. */
export class RepeatableOption extends PropertyOption {
  constructor(flags: string, help: string, property?: string) {
    super(flags, `${help}; may be repeated`, property);
  }
}

/**
 * Makes a command, and the commands below it, refuse an option that is given twice and holds one
 * value: commander would keep the last value and drop the others without a word. A switch that is
 * given twice says the same.
 */
export function refuseRepeated(command: Command): void {
  // `--color` and `--no-color` set one value.
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
