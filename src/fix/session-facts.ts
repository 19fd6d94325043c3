import type { EvaluationSettings } from '../check/evaluate.ts';
import { conditionKey } from '../policy/condition-keys.ts';

/*
 * What a principal can change of its own session and request, so that a condition lets the call
 * pass: no policy has to be edited for that.
 */

/** What a condition demands of a key. `values`: as the policy writes them. */
export interface Demand {
  /** As AWS spells it. */
  readonly key: string;
  readonly is: 'one of' | 'none of' | 'present' | 'absent';
  readonly values: readonly string[];
}

/** One fact that the session or the request is given. */
export interface SessionFact {
  readonly demand: Demand;
  /** The role that is assumed again. Undefined: the principal is a user or a root user. */
  readonly role: string | undefined;
  /** The keys that the request then carries; an empty list: it does not carry the key. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

type Context = EvaluationSettings['context'];

/** The condition keys of all facts. */
export function contextOfFacts(facts: readonly SessionFact[]): Record<string, string[]> {
  return Object.fromEntries(
    facts.flatMap(({ context }) => Object.entries(context).map(([key, values]) => [key, [...values]])),
  );
}

/**
 * What a request carries, once the session or the request has other facts. A request comes by one
 * network only (iam-evaluation 7.7).
 */
export function withFacts(context: Context, facts: readonly SessionFact[]): Context {
  return facts.reduce<Context>((before, fact) => {
    const isNetwork = (key: string): boolean => conditionKey(key.toLowerCase())?.filledBy === 'network';
    const given = Object.keys(fact.context);
    const names = new Set(given.map((key) => key.toLowerCase()));
    const kept = Object.entries(before).filter(
      ([key]) => !names.has(key.toLowerCase()) && !(isNetwork(key) && given.some(isNetwork)),
    );
    return { ...Object.fromEntries(kept), ...fact.context };
  }, context);
}
