import type { PolicyKind, StatementRef } from './statement-ref.ts';

/** Something that an answer hangs on and that is not known. */
export type Fact =
  /** Presence or value of a condition key. */
  | { readonly fact: 'context'; readonly key: string }
  /** A policy that exists, or may exist, and could not be read. */
  | { readonly fact: 'policy'; readonly kind: PolicyKind; readonly of: string; readonly why: string }
  /** The grants of the key, which could not be listed. */
  | { readonly fact: 'grants'; readonly of: string }
  /** Whether the request keeps within the constraints of a grant. */
  | { readonly fact: 'grant constraint'; readonly of: string }
  | { readonly fact: 'principal'; readonly about: 'session name' | 'role path' | 'federating user' }
  /** The name of a resource that does not exist yet. */
  | { readonly fact: 'resource name'; readonly of: string }
  /** A rule that AWS does not publish or publishes in two versions, by its number in the reference, and where it bites. */
  | { readonly fact: 'rule'; readonly rule: string; readonly what: string; readonly at: string }
  /** Part of a statement that this release does not understand. */
  | { readonly fact: 'statement'; readonly of: StatementRef; readonly what: string };

/** True, false, or unknown as long as some facts are (Kleene's third value). */
export type Truth = boolean | Unknown;

/** Unknown because of a fact, or of what two others are unknown for: joining costs the same however many facts there are. */
export interface Unknown {
  readonly because: Fact | readonly [Unknown, Unknown];
}

/** The facts that an answer depends on, each once, by `factKey`. The first spelling of a condition key stays. */
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

/** Two facts are the same if their keys are. Keys of condition keys ignore case, as AWS does. */
export function factKey(fact: Fact): string {
  switch (fact.fact) {
    case 'context':
      return `context ${fact.key.toLowerCase()}`;
    case 'policy':
      return `policy ${fact.kind} ${fact.of} ${fact.why}`;
    case 'grants':
    case 'grant constraint':
    case 'resource name':
      return `${fact.fact} ${fact.of}`;
    case 'principal':
      return `principal ${fact.about}`;
    case 'rule':
      return `rule ${fact.rule} ${fact.at} ${fact.what}`;
    case 'statement':
      return `statement ${fact.of.policy} ${fact.of.name} ${fact.of.statement} ${fact.what}`;
  }
}

export function contextFact(key: string): Fact {
  return { fact: 'context', key };
}

/** `of`: name of the policy or layer; `why`: why it could not be read. */
export function policyFact(kind: PolicyKind, of: string, why: string): Fact {
  return { fact: 'policy', kind, of, why };
}

export function grantsFact(of: string): Fact {
  return { fact: 'grants', of };
}

export function grantConstraintFact(of: string): Fact {
  return { fact: 'grant constraint', of };
}

export function principalFact(about: 'session name' | 'role path' | 'federating user'): Fact {
  return { fact: 'principal', about };
}

export function resourceNameFact(of: string): Fact {
  return { fact: 'resource name', of };
}

export function ruleFact(rule: string, what: string, at: string): Fact {
  return { fact: 'rule', rule, what, at };
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

/** False overrules what is unknown, so that only facts that still matter are kept. */
export function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  return join(left, right);
}

/** True overrules what is unknown. */
export function or(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false) return left;
  return join(left, right);
}

function join(left: Unknown, right: Unknown): Unknown {
  return left === right ? left : { because: [left, right] };
}
