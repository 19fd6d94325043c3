import { type AskedState, fewestToClass, statesClasses } from '../bulk/bulk.ts';
import type { SignaturePart } from '../bulk/parts.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { ReadDocuments } from '../policy/policies.ts';

/*
 * Groups principals that gain the same through a fix. Nothing distinguishes them before or after
 * the fix, so one of them is checked for all.
 */

/** A principal that may gain. `order`: its place among all of them. */
export interface Gainer {
  /** ARN. */
  readonly arn: string;
  readonly order: number;
}

/** Principals that gain the same. The first one is checked. */
export type Gainers = readonly [Gainer, ...Gainer[]];

/** A principal that may gain some of the operations. */
export interface Able extends Gainer {
  readonly operations: readonly Operation[];
  /** Before and after the fix. */
  readonly states: readonly [Principal, Principal];
}

export interface GainersAsking {
  /** The questions about them, before and after the fix. */
  readonly asked: readonly [AskedState, AskedState];
  readonly settings: EvaluationSettings;
  /** Documents that were already read. */
  readonly read: ReadDocuments;
  /** Parts of signatures to leave out, for tests. */
  readonly without: ReadonlySet<SignaturePart>;
}

/** What all members of a class have in common, apart from the facts that policies test. */
export function kindOf({ operations, states: [{ account, type }] }: Able): string {
  return `${account} ${type} ${operations.some(runsAsRole)}`;
}

/** Such an operation depends on the trust policy of a role, and few roles can run it. */
function runsAsRole({ runsAsRole: runs }: Operation): boolean {
  return runs === true;
}

/** The classes of principals of one kind, in the order of their first members. */
export function gainersAmong(
  all: readonly [Able, ...Able[]],
  { asked, settings, read, without }: GainersAsking,
): readonly Gainers[] {
  if (all.length < fewestToClass) return all.map((one): Gainers => [one]);
  const isAsked = (operation: Operation): boolean => !runsAsRole(operation) || all[0].operations.some(runsAsRole);
  const askedOf = ({ directory, targets }: AskedState): AskedState => ({
    directory,
    targets: targets.filter(({ operation }) => isAsked(operation)),
  });
  const { classIn } = statesClasses([askedOf(asked[0]), askedOf(asked[1])], settings, {
    like: all[0].arn,
    read,
    without,
  });
  const operations = new Map<Operation, number>();
  const numberOf = (operation: Operation): number => {
    const number = operations.get(operation) ?? operations.size;
    operations.set(operation, number);
    return number;
  };
  const classes = new Map<string, [Gainer, ...Gainer[]]>();
  for (const { arn, order, states, operations: some } of all) {
    const name = [some.map(numberOf).join(), classIn(0, states[0]), classIn(1, states[1])].join('\n');
    const known = classes.get(name);
    if (known === undefined) classes.set(name, [{ arn, order }]);
    else known.push({ arn, order });
  }
  return [...classes.values()];
}
