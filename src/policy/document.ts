import type { Glob } from '../base/glob.ts';
import type { ConditionKey } from './condition-keys.ts';
import type { Matcher } from './matchers.ts';
import type { Operator, OperatorName } from './operators.ts';
import type { ArnGlob } from './pattern.ts';
import type { PolicyKind, StatementRef } from './statement-ref.ts';
import type { Fact } from './truth.ts';

export interface Policy {
  readonly kind: PolicyKind;
  readonly name: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly ref: StatementRef;
  /**
   * 'not applicable': this kind of policy has no principals. 'missing': a resource policy without
   * principals, which matches nobody.
   */
  readonly principals: Listed<PrincipalEntry> | 'not applicable' | 'missing';
  readonly actions: Listed<Entry>;
  /** 'missing' in a key policy: the statement never matches (iam-evaluation 2.29). */
  readonly resources: Listed<ResourceEntry> | 'missing';
  readonly tests: readonly ConditionTest[];
  /**
   * Parts of the statement that the engine does not understand. Whether the statement matches
   * depends on them.
   */
  readonly unknowns: readonly Fact[];
}

/** 'none' = NotAction, NotResource, NotPrincipal. */
export interface Listed<T> {
  readonly match: 'some' | 'none';
  readonly of: readonly T[];
}

/** `odd`: what the entry matches is open, because it has a wildcard for the service. Absent: the usual. */
export interface Entry {
  readonly text: string;
  readonly glob: Glob;
  readonly odd?: Fact;
}

export interface ResourceEntry {
  readonly text: string;
  readonly pattern: ArnGlob | Template;
  /**
   * True if there are capital letters before the account ID. Whether AWS ignores their case is not
   * known (iam-evaluation 10.15).
   */
  readonly oddCase: boolean;
  /** See Entry. */
  readonly odd?: Fact;
}

export type PrincipalEntry =
  | { readonly is: 'anyone'; readonly written: '*' | 'AWS *' }
  /** `partition`: of its root ARN. Absent: the entry is the ID, which means the own partition. */
  | { readonly is: 'account'; readonly account: string; readonly partition?: string }
  | { readonly is: 'arn'; readonly arn: string }
  | { readonly is: 'unique id'; readonly id: string }
  | { readonly is: 'service'; readonly service: string }
  /** A form that the engine does not understand. Whom it names is open. */
  | { readonly is: 'unknown'; readonly text: string; readonly fact: Fact }
  /** Never matches. It is kept to say why. */
  | { readonly is: 'dead'; readonly text: string; readonly why: string };

/** One condition test: the operator, the key, and the values of the policy. */
export interface ConditionTest {
  readonly name: OperatorName;
  /** The operator's row of the table. */
  readonly operator: Operator;
  readonly over: 'value' | 'all' | 'any';
  readonly ifExists: boolean;
  /** As written. */
  readonly key: string;
  /** Lower case. The request is searched for this name. */
  readonly keyId: string;
  /** The key's row of the table, if the table has the key. */
  readonly about: ConditionKey | undefined;
  readonly values: readonly TestValue[];
  readonly ref: StatementRef;
}

export type TestValue =
  | { readonly text: string; readonly matcher: Matcher }
  | { readonly text: string; readonly template: Template };

/** Text with policy variables (iam-evaluation 4). */
export interface Template {
  readonly parts: readonly (Fixed | Variable)[];
}
export interface Fixed {
  readonly text: string;
  /**
   * False for `${*}`, `${?}`, `${$}`: the character itself, never a wildcard (iam-evaluation 4.4).
   */
  readonly wildcards: boolean;
}
export interface Variable {
  readonly variable: string;
  readonly fallback?: string;
}
