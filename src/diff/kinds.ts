import { type BulkTarget, principalClasses } from '../bulk/bulk.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { isRuledOut } from '../check/ruled-out.ts';
import type { Source } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import {
  boundPair,
  differenceFor,
  differenceOf,
  type Pair,
  type PrincipalState,
  type VerdictDifference,
} from './differing.ts';
import type { Comparing } from './unlike.ts';

/*
 * Principals of one account and type are compared by their classes in both states: only the first
 * of a class is asked about everything that may differ, and the others about what differs for the
 * first.
 */

/** Both states of everything that is in both, by its type. */
export type Pairs = ReadonlyMap<SourceType, readonly Pair<Source>[]>;

/** What differs for a principal, in order, and the source in both states. */
interface Found {
  readonly difference: VerdictDifference;
  readonly sources: Pair<Source>;
}

/** What is the same for all principals. */
export interface KindSettings extends EvaluationSettings {
  readonly comparing: Comparing;
  readonly pairs: Pairs;
  readonly operations: readonly Operation[];
}

/** The differences of a principal, by operation. */
export type DifferencesOf = (states: Pair<PrincipalState>) => ReadonlyMap<Operation, readonly VerdictDifference[]>;

/**
 * Compares the principals of one account, for the operations that do not run as a role. `read`: the
 * documents that were read of the account.
 */
export function accountComparison(settings: KindSettings, read: ReadDocuments): DifferencesOf {
  const kinds = new Map<string, DifferencesOf>();
  return (states) => {
    const isUnchanged = settings.comparing.isUnchanged(states);
    const name = `${states[0].principal.type} ${isUnchanged}`;
    const known = kinds.get(name) ?? kindOf(settings, { states, isUnchanged, read });
    kinds.set(name, known);
    return known(states);
  };
}

interface Kind {
  /** Both states of some principal of the kind. */
  readonly states: Pair<PrincipalState>;
  readonly isUnchanged: boolean;
  readonly read: ReadDocuments;
}

/** An operation, and what of one type may have another answer than before. */
interface ToAsk {
  readonly operation: Operation;
  readonly type: SourceType;
  readonly sources: readonly Pair<Source>[];
}

/** To tell classes costs as much as to ask about so many principals. */
const askedAlone = 2;

function kindOf(settings: KindSettings, kind: Kind): DifferencesOf {
  const toAsk = toAskOf(settings, kind);
  if (toAsk.length === 0) return () => new Map();
  const found = new Map<string, readonly Found[]>();
  let classOf: ((states: Pair<PrincipalState>) => string) | undefined;
  let asked = 0;
  return (states) => {
    asked += 1;
    if (asked <= askedAlone) return byOperation(askAll(toAsk, states, kind).map(({ difference }) => difference));
    classOf ??= classesIn(settings, kind, toAsk);
    const name = classOf(states);
    const known = found.get(name);
    if (known !== undefined)
      return byOperation(known.map(({ difference, sources }) => differenceFor(states, difference, sources)));
    const first = askAll(toAsk, states, kind);
    found.set(name, first);
    return byOperation(first.map(({ difference }) => difference));
  };
}

function toAskOf({ comparing, operations, pairs }: KindSettings, { states, isUnchanged }: Kind): readonly ToAsk[] {
  return operations.flatMap((operation) => {
    if (operation.runsAsRole === true) return [];
    return (operation.reads?.types ?? []).flatMap((type): readonly ToAsk[] => {
      const all = pairs.get(type) ?? [];
      const sources = isUnchanged ? all.filter((pair) => comparing.mayDiffer(operation, states, pair)) : all;
      return sources.length === 0 ? [] : [{ operation, type, sources }];
    });
  });
}

/** A text that is the same for principals whose answers are the same in both states. */
function classesIn(
  settings: EvaluationSettings,
  { states: [then, now], read }: Kind,
  toAsk: readonly ToAsk[],
): (states: Pair<PrincipalState>) => string {
  const classesOf = ({ directory, principal }: PrincipalState, side: 0 | 1) => {
    const targets = toAsk.flatMap(({ operation, sources }) =>
      sources.map(({ [side]: source }): BulkTarget => ({ operation, source, region: source.region, parameters: {} })),
    );
    return principalClasses(directory, settings, { arns: [principal.arn], targets, read });
  };
  const [before, after] = [classesOf(then, 0), classesOf(now, 1)];
  return (states) => `${before(states[0].principal)} ${after(states[1].principal)}`;
}

function askAll(toAsk: readonly ToAsk[], states: Pair<PrincipalState>, { isUnchanged }: Kind): readonly Found[] {
  // A principal that has not changed has the same policies in both states.
  const owners = isUnchanged ? states.slice(0, 1) : states;
  return toAsk.flatMap(({ operation, type, sources }) =>
    owners.every((state) => isRuledOut(operation, [type], state.mayAllow()))
      ? []
      : sources.flatMap((pair): readonly Found[] => {
          const difference = differenceOf(states, boundPair(operation, states, pair));
          return difference === undefined ? [] : [{ difference, sources: pair }];
        }),
  );
}

function byOperation(differences: readonly VerdictDifference[]): ReturnType<DifferencesOf> {
  const found = new Map<Operation, VerdictDifference[]>();
  for (const difference of differences) {
    const known = found.get(difference.operation);
    if (known === undefined) found.set(difference.operation, [difference]);
    else known.push(difference);
  }
  return found;
}
