export type PolicyKind = 'identity' | 'boundary' | 'session' | 'endpoint' | 'resource' | 'scp' | 'rcp';

/**
 * A reference to the statement that an explanation names. `statement`: its index in the document,
 * from 0.
 */
export interface StatementRef {
  readonly policy: PolicyKind;
  readonly name: string;
  readonly statement: number;
  readonly sid?: string;
  /** Another statement of the document has the same Sid. Absent: false. */
  readonly sidIsShared?: true;
  readonly effect: 'Allow' | 'Deny';
}

/** A text that identifies a statement, to say where an unpublished rule decides. */
export function statementKey({ policy, name, statement }: StatementRef): string {
  return `${policy} ${name} ${statement}`;
}
