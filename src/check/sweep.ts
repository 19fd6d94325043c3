import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { givenIn } from '../operations/request-parameters.ts';
import type { Unchecked } from './bind-all.ts';

/** The operations of a command that are checked if no source is named. */
export interface OperationsSwept {
  readonly operations: readonly [Operation, ...Operation[]];
  /** What the sweep leaves out. */
  readonly unchecked: readonly Unchecked[];
}

/** The operations of one command that are checked if no source is named. */
export function operationsSwept(
  operations: readonly [Operation, ...Operation[]],
  parameters: OperationParameters,
): OperationsSwept {
  const [first] = operations;
  if (first.reads === undefined) return { operations: [first], unchecked: [] };
  const reading = operations.filter(({ reads }) => reads !== undefined);
  const asked = reading.filter(({ isByNameOnly }) => isByNameOnly !== true);
  const notTaken = ({ parameters: taken }: Operation): readonly string[] =>
    givenIn(parameters).filter((flag) => !taken.includes(flag));
  const [able, ...others] = asked.filter((operation) => notTaken(operation).length === 0);
  return {
    operations: able === undefined ? [first] : [able, ...others],
    unchecked: [
      ...(able === undefined ? [] : asked)
        .filter((operation) => notTaken(operation).length > 0)
        .map((operation): Unchecked => ({ code: 'operation-left-out', operation, flags: notTaken(operation) })),
      ...reading
        .filter(({ isByNameOnly }) => isByNameOnly === true)
        .map((operation): Unchecked => ({ code: 'asked-by-name-only', operation })),
      ...(first.besides === undefined ? [] : [{ code: 'asked-by-another-command', command: first.besides } as const]),
    ],
  };
}
