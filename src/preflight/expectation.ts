/*
 * src/preflight/ reads expectations about who can and cannot do what, resolves them against
 * evidence, and judges them. It has no sentences except those about a faulty file.
 */

import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import type { SourceFlag } from '../operations/source-flags.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { At, Said } from './tree.ts';

/** The placeholder that `preflight init` writes for a missing reason. */
export const noReasonYet = 'TODO';

/** An expectation, as a file states it. */
export interface Expectation {
  readonly id: string;
  readonly at: At;
  readonly why: string;
  readonly who: readonly [Who, ...Who[]];
  /** Only these principals can do it. */
  readonly isOnly: boolean;
  readonly verb: 'can' | 'cannot';
  readonly asked: readonly [Asked, ...Asked[]];
  /** Undefined: the operations have no source. */
  readonly source: SourceSpec | undefined;
  readonly parameters: OperationParameters;
  /**
   * Whether the parameters are sent as they are. Absent: people wrote them, so the ARN of a role may
   * lack its path.
   */
  readonly isSent?: true;
  /**
   * Empty: the account of the credentials, or the only one in the evidence. The same holds for
   * `regions` (docs/preflight.md, rule 10).
   */
  readonly accounts: readonly Said[];
  readonly regions: readonly Said[];
  readonly session: Session;
  /** Empty: any call may be the one that stops the operation. */
  readonly because: readonly NamedCall[];
  /** The minimum number of combinations to find. */
  readonly atLeast: number;
  readonly except: readonly Exception[];
}

/** The things to check: the operations behind a name, or an action of KMS. */
export type Asked =
  | { readonly said: Said; readonly operations: readonly [Operation, ...Operation[]] }
  | { readonly said: Said; readonly action: `kms:${string}` };

export interface Who {
  readonly said: Said;
  readonly is: 'caller' | 'root' | 'name' | 'pattern';
  /** Patterns of principals to leave out. */
  readonly not: readonly Said[];
  readonly tags: readonly Tag[];
  /** Undefined: the account of the expectation. */
  readonly account: Said | undefined;
}

/** Both are patterns. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

export type SourceField = SourceFlag | 'backups-of' | 'key';

export interface SourceSpec {
  readonly field: SourceField;
  readonly at: At;
  readonly items: readonly [SourceItem, ...SourceItem[]];
}

export type SourceItem =
  | {
      readonly is: 'name' | 'pattern';
      readonly said: Said;
      readonly not: readonly Said[];
      readonly tags: readonly Tag[];
    }
  | NewestOf;

export interface NewestOf {
  readonly is: 'newest';
  /** The name of a cluster or DB instance. */
  readonly said: Said;
  /** In hours. */
  readonly maxAge: number | undefined;
  readonly region: string | undefined;
  /** SnapshotType of RDS. */
  readonly type: string | undefined;
}

export interface Session {
  /** Condition keys and their values. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** JSON, or the path of a file. */
  readonly policy: Said | undefined;
}

/** A call that policies should deny. A field that is left out may have any value. */
export interface NamedCall {
  readonly action: string | undefined;
  readonly layer: PolicyKind | undefined;
  readonly sid: string | undefined;
}

/** Combinations that an expectation skips until a date. */
export interface Exception {
  readonly at: At;
  readonly who: readonly Who[];
  /** Patterns. */
  readonly sources: readonly Said[];
  readonly operations: readonly Operation[];
  readonly actions: readonly string[];
  readonly reason: string;
  readonly ticket: string | undefined;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}
