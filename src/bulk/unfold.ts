import type { DecidedBy } from '../policy/authorize.ts';
import { type StatementRef, statementKey } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import type { HeldPolicy, Holdings } from './principal-class.ts';

/*
 * Translates an answer from the representative of a class to another member. The members have the
 * same relevant statements and unread policies in the same order, so the position of each shows its
 * counterpart.
 */

/** The representative's statements and facts with the names of a member. */
export interface Unfolded {
  readonly statement: (ref: StatementRef) => StatementRef;
  readonly decidedBy: (by: DecidedBy) => DecidedBy;
  readonly fact: (fact: Fact) => Fact;
}

/** Translates answers for the representative of a class into answers for a member. */
export function unfolded(representative: Holdings, member: Holdings): Unfolded {
  const [theirs, own] = [placesOf(representative), placesOf(member)];
  const refs = new Map<StatementRef, StatementRef>();
  const keys = new Map<string, string>();
  for (const [index, place] of theirs.entries())
    for (const [at, ref] of place.refs.entries()) {
      const counterpart = own[index]?.refs[at];
      if (counterpart === undefined) continue;
      refs.set(ref, counterpart);
      if (!keys.has(statementKey(ref))) keys.set(statementKey(ref), statementKey(counterpart));
    }
  const unread = new Map<string, string>();
  for (const [index, { kind, unreadName }] of theirs.entries()) {
    const counterpart = own[index]?.unreadName;
    if (unreadName !== undefined && counterpart !== undefined) unread.set(`${kind} ${unreadName}`, counterpart);
  }
  const statement = (ref: StatementRef): StatementRef => refs.get(ref) ?? ref;
  return {
    statement,
    decidedBy: (by) => ('grant' in by ? by : statement(by)),
    fact: (fact) => factOf(fact, { refs, keys, unread }),
  };
}

interface Place {
  readonly kind: HeldPolicy['kind'];
  readonly refs: readonly StatementRef[];
  readonly unreadName: string | undefined;
}

/** The policies that are part of a signature. */
function placesOf({ policies }: Holdings): readonly Place[] {
  return policies.flatMap(({ kind, name, unread, relevant }) =>
    unread === undefined && relevant.length === 0
      ? []
      : [
          {
            kind,
            refs: relevant.map(({ statement }) => statement.ref),
            unreadName: unread === undefined ? undefined : name,
          },
        ],
  );
}

interface Counterparts {
  readonly refs: ReadonlyMap<StatementRef, StatementRef>;
  /** By the engine's key of a statement. */
  readonly keys: ReadonlyMap<string, string>;
  /** Names of policies that were not read, by kind and name. */
  readonly unread: ReadonlyMap<string, string>;
}

function factOf(fact: Fact, { refs, keys, unread }: Counterparts): Fact {
  switch (fact.fact) {
    case 'policy':
      return { ...fact, of: unread.get(`${fact.kind} ${fact.of}`) ?? fact.of };
    case 'statement':
      return { ...fact, of: refs.get(fact.of) ?? fact.of };
    case 'rule':
      return { ...fact, at: ruleAt(fact.at, keys) };
    default:
      return fact;
  }
}

/**
 * Translates the place of an open rule: a statement, or a test, whose name begins with its
 * statement.
 */
function ruleAt(at: string, keys: ReadonlyMap<string, string>): string {
  const [longest] = [...keys]
    .filter(([key]) => at === key || at.startsWith(`${key} `))
    .toSorted(([one], [other]) => other.length - one.length);
  return longest === undefined ? at : longest[1] + at.slice(longest[0].length);
}
