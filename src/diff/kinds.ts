import { lazily } from '../base/lazily.ts';
import { type StatesClasses, statesClasses } from '../bulk/bulk.ts';
import type { ComparedPart } from '../bulk/parts.ts';
import type { Bound } from '../check/bind.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { isRuledOut } from '../check/ruled-out.ts';
import type { Source } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import {
  boundIn,
  boundPair,
  boundPairFor,
  type DifferenceWithoutReasons,
  differenceFor,
  differenceOf,
  type Pair,
  type PrincipalState,
  type VerdictDifference,
  withoutReasons,
} from './differing.ts';
import type { Comparing, UnlikeTarget } from './unlike.ts';

/*
 * Compares the principals of one account by their classes in both states. The first principal of a
 * class is checked for everything that may differ, and the others only for what differs for the
 * first.
 */

/** Both states of all sources that both states have, by type. */
export type Pairs = ReadonlyMap<SourceType, readonly Pair<Source>[]>;

/** A difference for a principal, and the source in both states. */
interface Found {
  readonly difference: DifferenceWithoutReasons;
  readonly sources: Pair<Source>;
}

/** A difference for the principal that was checked first. */
interface FoundFirst extends Found {
  readonly difference: VerdictDifference;
}

/** The settings for all principals. */
export interface KindSettings extends EvaluationSettings {
  readonly comparing: Comparing;
  readonly pairs: Pairs;
  readonly operations: readonly Operation[];
  /** Parts to leave out, for tests. */
  readonly without: ReadonlySet<ComparedPart>;
}

/** The differences of a principal, by operation. */
export type DifferencesOf = (states: Pair<PrincipalState>) => ReadonlyMap<Operation, readonly VerdictDifference[]>;

/** An operation, and its sources of one type. */
interface Asked {
  readonly operation: Operation;
  readonly type: SourceType;
  readonly sources: readonly Pair<Source>[];
}

/** An operation, and the sources of one type whose answers may differ. */
interface Unlike extends Omit<Asked, 'sources'> {
  readonly targets: readonly UnlikeTarget[];
}

/**
 * Compares the principals of one account for operations that do not run as a role. `like`: any
 * principal of the account in both states. `read`: the documents that were read for the account.
 */
export function accountComparison(
  settings: KindSettings,
  like: Pair<PrincipalState>,
  read: ReadDocuments,
): DifferencesOf {
  const all = everythingAsked(settings);
  const unlike = lazily(() => unlikeIn(settings, like, all));
  const unlikeBounds = (side: 0 | 1): readonly Bound[] =>
    unlike().flatMap(({ targets }) => targets.map(({ bounds }) => bounds[side]));
  // For the later state, only the unlike questions are needed: equal facts give equal answers in
  // both states, and an operation that fails for everybody in both states cannot differ.
  const among = (before: Iterable<Bound>): StatesClasses =>
    statesClasses(
      [
        { directory: like[0].directory, targets: [], bounds: before },
        { directory: like[1].directory, targets: [], bounds: unlikeBounds(1) },
      ],
      settings,
      { like: like[0].principal.arn, read, without: settings.without },
    );
  const amongAll = lazily(() => among(boundsBefore(all, like)));
  const amongUnlike = lazily(() => among(unlikeBounds(0)));
  const found = new Map<string, readonly Found[]>();
  const foundFor = (name: string, states: Pair<PrincipalState>, ask: () => readonly FoundFirst[]) => {
    const known = found.get(name);
    if (known !== undefined)
      return byOperation(known.map(({ difference, sources }) => differenceFor(states, difference, sources)));
    const first = ask();
    // The reasons would keep the decisions of the principal in memory.
    found.set(
      name,
      first.map(({ difference, sources }) => ({ difference: withoutReasons(difference), sources })),
    );
    return byOperation(first.map(({ difference }) => difference));
  };
  return (states) => {
    const isUnchanged = settings.comparing.isUnchanged(states);
    if (!isUnchanged) {
      if (all.every(({ operation, type }) => isRuledOutIn(states, operation, type))) return new Map();
      const name = classNames(amongAll(), states);
      if (name[0] !== name[1]) return foundFor(`${name[0]} ${name[1]}`, states, () => askAll(all, states));
    }
    if (unlike().length === 0) return new Map();
    if (unlike().every(({ operation, type }) => isRuledOutIn(states.slice(0, 1), operation, type))) return new Map();
    const { keysRead } = amongUnlike();
    const [name] = classNames(amongUnlike(), states);
    return foundFor(name, states, () => askUnlike(unlike(), states, keysRead));
  };
}

function everythingAsked({ operations, pairs }: KindSettings): readonly Asked[] {
  return operations.flatMap((operation) => {
    if (operation.runsAsRole === true) return [];
    return (operation.reads?.types ?? []).flatMap((type): readonly Asked[] => {
      const sources = pairs.get(type) ?? [];
      return sources.length === 0 ? [] : [{ operation, type, sources }];
    });
  });
}

function unlikeIn({ comparing }: KindSettings, like: Pair<PrincipalState>, all: readonly Asked[]): readonly Unlike[] {
  return all.flatMap(({ operation, type, sources }): readonly Unlike[] => {
    const targets = sources.flatMap((pair) => comparing.unlike(operation, like, pair) ?? []);
    return targets.length === 0 ? [] : [{ operation, type, targets }];
  });
}

function* boundsBefore(all: readonly Asked[], [then]: Pair<PrincipalState>): Generator<Bound> {
  for (const { operation, sources } of all) for (const [source] of sources) yield boundIn(operation, then, source);
}

function classNames(
  { classIn }: StatesClasses,
  [{ principal: then }, { principal: now }]: Pair<PrincipalState>,
): Pair<string> {
  return [classIn(0, then), classIn(1, now)];
}

function isRuledOutIn(states: readonly PrincipalState[], operation: Operation, type: SourceType): boolean {
  return states.every((state) => isRuledOut(operation, [type], state.mayAllow()));
}

function askAll(all: readonly Asked[], states: Pair<PrincipalState>): readonly FoundFirst[] {
  return all.flatMap(({ operation, type, sources }) =>
    isRuledOutIn(states, operation, type)
      ? []
      : sources.flatMap((pair) => foundIn(states, pair, boundPair(operation, states, pair))),
  );
}

function askUnlike(
  unlike: readonly Unlike[],
  states: Pair<PrincipalState>,
  keysRead: StatesClasses['keysRead'],
): readonly FoundFirst[] {
  return unlike.flatMap(({ operation, type, targets }) =>
    // The principal's own policies are the same in both states, so one state is enough.
    isRuledOutIn(states.slice(0, 1), operation, type)
      ? []
      : targets.flatMap(({ sources, bounds, isAlikeFor }) =>
          isAlikeFor(keysRead) ? [] : foundIn(states, sources, boundPairFor(states, bounds)),
        ),
  );
}

function foundIn(states: Pair<PrincipalState>, sources: Pair<Source>, bounds: Pair<Bound>): readonly FoundFirst[] {
  const difference = differenceOf(states, bounds);
  return difference === undefined ? [] : [{ difference, sources }];
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
