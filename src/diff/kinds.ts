import { principalClasses } from '../bulk/bulk.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { isRuledOut } from '../check/ruled-out.ts';
import type { Principal } from '../evidence/principals.ts';
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
  const kinds = new Map<string, Kind>();
  const kindNamed = (states: Pair<PrincipalState>, isUnchanged: boolean): Kind => {
    const name = `${states[0].principal.type} ${isUnchanged}`;
    const known = kinds.get(name) ?? kindOf(settings, { states, isUnchanged, read });
    kinds.set(name, known);
    return known;
  };
  return (states) => {
    if (settings.comparing.isUnchanged(states)) return kindNamed(states, true).differencesOf(states);
    const changed = kindNamed(states, false);
    return (changed.isLikeBefore(states) ? kindNamed(states, true) : changed).differencesOf(states);
  };
}

/** Principals of one type that have changed, or that have not. */
interface Kind {
  readonly differencesOf: DifferencesOf;
  /**
   * Whether what changed of a principal decides nothing: what the principal was and what it is now
   * are one class under the later state.
   */
  readonly isLikeBefore: (states: Pair<PrincipalState>) => boolean;
}

interface KindQuestion {
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

function kindOf(settings: KindSettings, kind: KindQuestion): Kind {
  const toAsk = toAskOf(settings, kind);
  if (toAsk.length === 0) return { differencesOf: () => new Map(), isLikeBefore: () => false };
  const classes = classesIn(settings, kind, toAsk);
  const found = new Map<string, readonly Found[]>();
  let asked = 0;
  return {
    differencesOf(states) {
      asked += 1;
      if (asked <= askedAlone) return byOperation(askAll(toAsk, states, kind).map(({ difference }) => difference));
      const name = states.map(({ principal }, side) => classes[side]?.(principal)).join(' ');
      const known = found.get(name);
      if (known !== undefined)
        return byOperation(known.map(({ difference, sources }) => differenceFor(states, difference, sources)));
      const first = askAll(toAsk, states, kind);
      found.set(name, first);
      return byOperation(first.map(({ difference }) => difference));
    },
    isLikeBefore: (states) =>
      toAsk.some((one) => !isOutFor(one, states)) &&
      classes[1](states[0].principal) === classes[1](states[1].principal),
  };
}

function toAskOf(
  { comparing, operations, pairs }: KindSettings,
  { states, isUnchanged }: KindQuestion,
): readonly ToAsk[] {
  return operations.flatMap((operation) => {
    if (operation.runsAsRole === true) return [];
    return (operation.reads?.types ?? []).flatMap((type): readonly ToAsk[] => {
      const all = pairs.get(type) ?? [];
      const sources = isUnchanged ? all.filter((pair) => comparing.mayDiffer(operation, states, pair)) : all;
      return sources.length === 0 ? [] : [{ operation, type, sources }];
    });
  });
}

/** For each state, a text that is the same for principals whose answers are the same in it. */
function classesIn(
  settings: EvaluationSettings,
  { states, read }: KindQuestion,
  toAsk: readonly ToAsk[],
): Pair<(principal: Principal) => string> {
  const classesUnder = ({ directory, principal }: PrincipalState, side: 0 | 1): ((one: Principal) => string) => {
    let classOf: ReturnType<typeof principalClasses> | undefined;
    return (one) => {
      classOf ??= principalClasses(directory, settings, {
        arns: [principal.arn],
        targets: toAsk.flatMap(({ operation, sources }) =>
          sources.map(({ [side]: source }) => ({ operation, source, region: source.region, parameters: {} })),
        ),
        read,
      });
      return classOf(one);
    };
  };
  return [classesUnder(states[0], 0), classesUnder(states[1], 1)];
}

/** Whether nobody of the principal's states may run an operation on anything of a type. */
function isOutFor({ operation, type }: ToAsk, states: readonly PrincipalState[]): boolean {
  return states.every((state) => isRuledOut(operation, [type], state.mayAllow()));
}

function askAll(
  toAsk: readonly ToAsk[],
  states: Pair<PrincipalState>,
  { isUnchanged }: KindQuestion,
): readonly Found[] {
  // A principal that has not changed has the same policies in both states.
  const owners = isUnchanged ? states.slice(0, 1) : states;
  return toAsk.flatMap((one) =>
    isOutFor(one, owners)
      ? []
      : one.sources.flatMap((pair): readonly Found[] => {
          const difference = differenceOf(states, boundPair(one.operation, states, pair));
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
