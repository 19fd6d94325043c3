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

/** The property of an option that no check uses begins with this word. */
export const unusedPrefix = 'unused ';

/** What to do about an empty value, which most often comes from a shell variable that is not set. */
const giveOne = 'give a value. If the value comes from a variable, check that the variable is set';

/** Makes a command and its subcommands refuse arguments that are empty. */
export function refuseEmptyArguments(command: Command): void {
  command.hook('preAction', (_, running) => {
    if (running.args.includes('')) throw new Failure('input', 'the argument is ""', giveOne);
  });
}

/**
 * Makes a command and its subcommands refuse an empty value, and a repeated option that has only
 * one value. Commander would silently keep the last value. A repeated switch has no other value, so
 * it is accepted.
 */
export function refuseWrongValues(command: Command): void {
  // `--color` and `--no-color` set the same value.
  const given = new Map<string, readonly [flag: string, value: unknown]>();
  for (const option of command.options) {
    const flag = option.long ?? option.flags;
    const isUsed = !option.attributeName().startsWith(unusedPrefix);
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (value === '' && isUsed) throw new Failure('input', `${flag}: the value is empty`, giveOne);
      if (option instanceof RepeatableOption) return;
      const before = given.get(option.attributeName());
      const isSwitch = option.negate || option.isBoolean();
      if (before !== undefined && !(isSwitch && before[0] === flag)) throw twice(before, [flag, value]);
      given.set(option.attributeName(), [flag, value]);
    });
  }
  for (const one of command.commands) refuseWrongValues(one);
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
