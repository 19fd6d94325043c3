import type { RuleId } from '../base/rules.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';

/** An unknown fact that an answer depends on. */
export type Fact =
  /** Presence or value of a condition key. */
  | { readonly fact: 'context'; readonly key: string }
  /**
   * A policy that exists, or may exist, and could not be read. `why` is undefined if no reason was
   * given.
   */
  | { readonly fact: 'policy'; readonly kind: PolicyKind; readonly of: string; readonly why: string | undefined }
  /** The grants of the key, which could not be listed. */
  | { readonly fact: 'grants'; readonly of: string }
  /** Whether the request meets the constraints of a grant. */
  | { readonly fact: 'grant constraint'; readonly of: string }
  /** The grantee or the operations of a grant, which kms:ListGrants shows for every grant. */
  | { readonly fact: 'grant part'; readonly of: string }
  /** Whether the caller's own account issued a grant on another account's key. */
  | { readonly fact: 'grant issuer'; readonly of: string }
  | { readonly fact: 'principal'; readonly about: 'session name' | 'role path' | 'federating user' }
  /** The name of a resource that does not exist yet. */
  | { readonly fact: 'resource name'; readonly of: string }
  | RuleFact
  /** Part of a statement that this release does not understand. */
  | { readonly fact: 'statement'; readonly of: StatementRef; readonly what: string };

/**
 * A rule that AWS does not publish, or publishes in two versions, and the place where it decides.
 */
export interface RuleFact {
  readonly fact: 'rule';
  readonly rule: OpenRule;
  /**
   * The part of the policy that the rule is about: an entry, or the operator, key and values of a
   * condition.
   */
  readonly about: readonly string[];
  /** The statement, test or grant. */
  readonly at: string;
}

/** Rules that this engine leaves open. */
export type OpenRule = Extract<RuleId, `iam-evaluation ${string}`>;

/** True, false, or unknown because some facts are unknown (Kleene's third value). */
export type Truth = boolean | Unknown;

/**
 * Unknown because of a fact, or because of two other unknown truths. This way, joining costs the
 * same for any number of facts.
 */
export interface Unknown {
  readonly because: Fact | readonly [Unknown, Unknown];
}

/**
 * The facts that an answer depends on, each once, by `factKey`. The first spelling of a condition
 * key is kept.
 */
export function factsOf(unknown: Unknown): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>();
  const seen = new Set<Unknown>();
  const open: Unknown[] = [unknown];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const { because } = next;
    if ('fact' in because) {
      const key = factKey(because);
      if (!facts.has(key)) facts.set(key, because);
    } else open.push(because[1], because[0]);
  }
  return facts;
}

/**
 * Two facts are the same if their keys are equal. Names of condition keys ignore case, as AWS does.
 */
export function factKey(fact: Fact): string {
  switch (fact.fact) {
    case 'context':
      return `context ${fact.key.toLowerCase()}`;
    case 'policy':
      return `policy ${fact.kind} ${fact.of} ${fact.why}`;
    case 'grants':
    case 'grant constraint':
    case 'grant part':
    case 'grant issuer':
    case 'resource name':
      return `${fact.fact} ${fact.of}`;
    case 'principal':
      return `principal ${fact.about}`;
    case 'rule':
      return `rule ${fact.rule} ${fact.at} ${fact.about.join(' ')}`;
    case 'statement':
      return `statement ${fact.of.policy} ${fact.of.name} ${fact.of.statement} ${fact.what}`;
  }
}

export function contextFact(key: string): Fact {
  return { fact: 'context', key };
}

/** `of`: name of the policy or layer; `why`: why it could not be read. */
export function policyFact(kind: PolicyKind, of: string, why?: string): Fact {
  return { fact: 'policy', kind, of, why };
}

export function grantsFact(of: string): Fact {
  return { fact: 'grants', of };
}

export function grantConstraintFact(of: string): Fact {
  return { fact: 'grant constraint', of };
}

export function grantPartFact(of: string): Fact {
  return { fact: 'grant part', of };
}

export function grantIssuerFact(of: string): Fact {
  return { fact: 'grant issuer', of };
}

export function principalFact(about: 'session name' | 'role path' | 'federating user'): Fact {
  return { fact: 'principal', about };
}

export function resourceNameFact(of: string): Fact {
  return { fact: 'resource name', of };
}

/** `at`: the statement, test or grant; `about`: see RuleFact. */
export function ruleFact(rule: OpenRule, at: string, ...about: readonly string[]): RuleFact {
  return { fact: 'rule', rule, about, at };
}

export function statementFact(of: StatementRef, what: string): Fact {
  return { fact: 'statement', of, what };
}

export function unknownBy(fact: Fact): Unknown {
  return { because: fact };
}

export function not(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth;
}

/** False overrules unknown, so only facts that still matter are kept. */
export function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  return join(left, right);
}

/** True overrules unknown. */
export function or(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false) return left;
  return join(left, right);
}

function join(left: Unknown, right: Unknown): Unknown {
  return left === right ? left : { because: [left, right] };
}
