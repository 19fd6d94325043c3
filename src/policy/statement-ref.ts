export type PolicyKind = 'identity' | 'boundary' | 'session' | 'endpoint' | 'resource' | 'scp' | 'rcp';

/** The statement that an explanation names. `statement`: its index in the document, from 0. */
export interface StatementRef {
  readonly policy: PolicyKind;
  readonly name: string;
  readonly statement: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
}

/** A text for a statement, with which a fact about an unpublished rule names its place. */
export function statementKey({ policy, name, statement }: StatementRef): string {
  return `${policy} ${name} ${statement}`;
}
