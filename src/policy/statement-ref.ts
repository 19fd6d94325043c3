export type PolicyKind = 'identity' | 'boundary' | 'session' | 'endpoint' | 'resource' | 'scp' | 'rcp';

/** What every explanation points at. `statement` is the index in the document, from 0. */
export interface StatementRef {
  readonly policy: PolicyKind;
  readonly name: string;
  readonly statement: number;
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
}

/** One text for each statement: where a rule that is not published decides. */
export function statementKey({ policy, name, statement }: StatementRef): string {
  return `${policy} ${name} ${statement}`;
}
