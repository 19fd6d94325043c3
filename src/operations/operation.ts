/*
 * The vocabulary of the catalogue. An operation of RDS is several authorization questions with different callers; each is a row with its
 * basis and its source, so that adding an operation is adding data.
 */

/** How well a fact is established. A denied call that is only `inferred` or `unknown` never makes an operation fail. */
export type Basis = 'documented' | 'observed' | 'inferred' | 'unknown';

/**
 * Who makes a call: the principal itself; RDS with the principal's identity (forward access session); RDS as a service principal, by its grant; a
 * customer role that a service assumes.
 */
export type CallKind = 'caller' | 'forwarded' | 'service' | 'role';

/** RDS resource types by their names in ARNs, and the keys by the part that they play. */
export type ResourceRole = 'cluster' | 'cluster-snapshot' | 'subgrp' | 'cluster-pg' | 'og' | KeyRole;

/** `storage key`: of the cluster or snapshot that is read. `target key`: of what is made; the same one unless another is asked for. */
export type KeyRole = 'storage key' | 'target key';

/** When a row counts. */
export type Guard = 'keys differ';

export type Source = `rds-kms-operations ${string}`;

export interface CallRow {
  readonly kind: CallKind;
  readonly action: `${string}:${string}`;
  readonly on: ResourceRole;
  readonly when?: Guard;
  readonly basis: Basis;
  readonly source: Source;
  /** Service-specific condition keys that the action carries and of which the request does not tell the value (rds-kms-operations 1.2). */
  readonly keys?: readonly string[];
}

export type PreconditionName =
  | 'snapshot is available'
  | 'snapshot is shared with the account'
  | 'cluster is available'
  | "cluster is in the caller's account"
  | 'key is in the Region'
  | 'key is enabled'
  | 'key is symmetric'
  | 'key can be used by the account'
  | 'snapshot key is enabled'
  | 'snapshot can be restored under the key';

export interface PreconditionRow {
  readonly name: PreconditionName;
  readonly basis: Basis;
  readonly source: Source;
  /** The error code that AWS shows when it is not met. */
  readonly fault: string;
}

export interface Operation {
  readonly command: string;
  readonly aliases: readonly string[];
  readonly api: string;
  /** Completes "can the principal ...". */
  readonly does: string;
  /** What the operator names. */
  readonly target: 'cluster-snapshot' | 'cluster';
  /** What comes into being, under a name that is not known here. */
  readonly makes: 'cluster-snapshot' | 'cluster';
  /** Whether another key can be asked for. */
  readonly takesKey: boolean;
  readonly calls: readonly CallRow[];
  readonly preconditions: readonly PreconditionRow[];
  /** The error code that AWS shows when a call of the kind is denied. */
  readonly faults: Readonly<Partial<Record<CallKind, string>>>;
}
