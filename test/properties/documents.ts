import type { Grant } from '../../src/policy/grants.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';

/* Generated policies: JSON documents of known shape, by layer. */

export type OneOrMore = string | readonly string[];

export type PrincipalDoc = '*' | Readonly<Record<string, OneOrMore>>;

export type ConditionDoc = Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;

export interface StatementDoc {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalDoc;
  readonly NotPrincipal?: PrincipalDoc;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: ConditionDoc;
}

export interface Doc {
  readonly Version?: '2012-10-17' | '2008-10-17';
  readonly Statement: readonly StatementDoc[];
}

export interface Named {
  readonly name: string;
  readonly document: Doc;
}

export interface Layered {
  readonly identity: readonly Named[];
  readonly boundary?: readonly Named[];
  readonly session?: readonly Named[];
  readonly endpoint?: readonly Named[];
  /** A key may have two policies (iam-evaluation 14.22). */
  readonly resource?: readonly Named[];
  readonly scps?: readonly (readonly Named[])[];
  readonly rcps?: readonly (readonly Named[])[];
  readonly grants?: readonly Grant[];
}

/** Applies `change` to every list of policies. */
export function mapPolicies(
  layers: Layered,
  change: (policies: readonly Named[], kind: PolicyKind, level: number) => readonly Named[],
): Layered {
  const { identity, boundary, session, endpoint, resource, scps, rcps, grants } = layers;
  return {
    identity: change(identity, 'identity', 0),
    ...(boundary === undefined ? {} : { boundary: change(boundary, 'boundary', 0) }),
    ...(session === undefined ? {} : { session: change(session, 'session', 0) }),
    ...(endpoint === undefined ? {} : { endpoint: change(endpoint, 'endpoint', 0) }),
    ...(resource === undefined ? {} : { resource: change(resource, 'resource', 0) }),
    ...(scps === undefined ? {} : { scps: scps.map((level, index) => change(level, 'scp', index)) }),
    ...(rcps === undefined ? {} : { rcps: rcps.map((level, index) => change(level, 'rcp', index)) }),
    ...(grants === undefined ? {} : { grants }),
  };
}

/** Applies `change` to every list of statements. */
export function mapStatements(
  layers: Layered,
  change: (statements: readonly StatementDoc[], kind: PolicyKind) => readonly StatementDoc[],
): Layered {
  return mapPolicies(layers, (policies, kind) =>
    policies.map(({ name, document }) => ({
      name,
      document: { ...document, Statement: change(document.Statement, kind) },
    })),
  );
}

export function listOf(value: OneOrMore | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

export function hasPrincipals(kind: PolicyKind): boolean {
  return kind === 'resource' || kind === 'endpoint' || kind === 'rcp';
}

/**
 * A statement about every action and resource. In policies with principals, it is about everyone.
 */
export function everything(effect: 'Allow' | 'Deny', kind: PolicyKind): StatementDoc {
  return { Effect: effect, Action: '*', Resource: '*', ...(hasPrincipals(kind) ? { Principal: '*' } : {}) };
}
