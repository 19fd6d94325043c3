import { Failure } from '../base/failure.ts';
import { nearestFirst } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import { catalogue, kebab, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';

/**
 * The operations with a name that the user gave. @throws Failure with the nearest names if there
 * are none
 */
export function operationsCalled(name: string): readonly [Operation, ...Operation[]] {
  const [first, ...others] = operationsNamed(name);
  if (first !== undefined) return [first, ...others];
  const names = catalogue.flatMap(({ command, aliases, api }) => [command, ...aliases, api, kebab(api)]);
  const nearest = nearestFirst(name, [...new Set(names)]).slice(0, 3);
  throw new Failure(
    'input',
    `unknown operation \`${name}\``,
    `did you mean ${list(nearest, 'or')}? \`aurora-kms-check operations\` lists all`,
  );
}
