import { Failure } from '../base/failure.ts';
import { meantBy, nearestFirst } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import { catalogue, kebab, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { allSourceFlags, type SourceFlag } from '../operations/source-flags.ts';

/**
 * The operations with a name that the user gave, perhaps with a source flag, as the list of
 * operations shows it: `restore --snapshot`. @throws Failure with the nearest names if there are
 * none
 */
export function operationsCalled(name: string): readonly [Operation, ...Operation[]] {
  const flag = allSourceFlags().find((one) => name.endsWith(` --${one}`));
  if (flag !== undefined) return withSource(operationsCalled(name.slice(0, -` --${flag}`.length).trimEnd()), [flag]);
  const [first, ...others] = operationsNamed(name);
  if (first !== undefined) return [first, ...others];
  const names = catalogue.flatMap(({ command, aliases, api }) => [command, ...aliases, api, kebab(api)]);
  const distinct = [...new Set(names)];
  const nearest = meantBy(name, distinct) === undefined ? [] : nearestFirst(name, distinct).slice(0, 3);
  const perhaps = nearest.length === 0 ? '' : `did you mean ${list(nearest, 'or')}? `;
  throw new Failure('input', `unknown operation \`${name}\``, `${perhaps}\`aurora-kms-check operations\` lists all`);
}

/**
 * The operations whose source one of these flags names. @throws Failure with the flags that the
 * operations take if there are none
 */
export function withSource(
  operations: readonly Operation[],
  flags: readonly SourceFlag[],
): readonly [Operation, ...Operation[]] {
  const [first, ...others] = operations.filter(({ reads }) => reads !== undefined && flags.includes(reads.flag));
  if (first !== undefined) return [first, ...others];
  const taken = operations.flatMap(({ reads }) => (reads === undefined ? [] : [`--${reads.flag}`]));
  const command = operations[0]?.command ?? '';
  throw new Failure(
    'input',
    `${command} does not take ${list(
      flags.map((flag) => `--${flag}`),
      'or',
    )}`,
    taken.length === 0 ? `leave out the flag: ${command} reads no source` : `give ${list([...new Set(taken)], 'or')}`,
  );
}
