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

/** True, false, or hanging on facts (Kleene's third value). `on` is never empty. */
export type Truth = boolean | Unsettled;

export interface Unsettled {
  readonly on: ReadonlySet<Fact>;
}

/** Facts are interned: the same fact is the same object, so that sets of facts hold each once. */
const interned = new Map<string, Fact>();

function intern(text: string, make: () => Fact): Fact {
  const known = interned.get(text);
  if (known !== undefined) return known;
  const made = make();
  interned.set(text, made);
  return made;
}

/** `key` in any case; the first spelling met is the one that is shown. */
export function contextFact(key: string): Fact {
  return intern(`context ${key.toLowerCase()}`, () => ({ fact: 'context', key }));
}

/** `of`: name of the policy or layer; `why`: why it could not be read. */
export function policyFact(kind: PolicyKind, of: string, why: string): Fact {
  return intern(`policy ${kind} ${of} ${why}`, () => ({ fact: 'policy', kind, of, why }));
}

export function grantsFact(of: string): Fact {
  return intern(`grants ${of}`, () => ({ fact: 'grants', of }));
}

export function grantConstraintFact(of: string): Fact {
  return intern(`grant constraint ${of}`, () => ({ fact: 'grant constraint', of }));
}

export function principalFact(about: 'session name' | 'role path' | 'federating user'): Fact {
  return intern(`principal ${about}`, () => ({ fact: 'principal', about }));
}

export function resourceNameFact(of: string): Fact {
  return intern(`resource name ${of}`, () => ({ fact: 'resource name', of }));
}

export function ruleFact(rule: string, what: string, at: string): Fact {
  return intern(`rule ${rule} ${at} ${what}`, () => ({ fact: 'rule', rule, what, at }));
}

export function statementFact(of: StatementRef, what: string): Fact {
  return intern(`statement ${of.policy} ${of.name} ${of.statement} ${what}`, () => ({ fact: 'statement', of, what }));
}

export function unsettled(fact: Fact): Unsettled {
  return { on: new Set([fact]) };
}

export function not(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth;
}

/** False overrules what is unsettled, so that `on` holds only what still matters. */
export function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  return join(left, right);
}

/** True overrules what is unsettled. */
export function or(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false) return left;
  return join(left, right);
}

function join(left: Unsettled, right: Unsettled): Unsettled {
  if (left === right) return left;
  const on = new Set(left.on);
  for (const fact of right.on) on.add(fact);
  return { on };
}
