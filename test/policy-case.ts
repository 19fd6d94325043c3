import * as v from 'valibot';
import type { Decision } from '../src/policy/authorize.ts';
import type { NamedPolicy, Policies, Unread } from '../src/policy/policies.ts';
import { type RequestInput } from '../src/policy/request.ts';
import type { Fact } from '../src/policy/truth.ts';
import { outcomeOf, readTable } from './case-table.ts';

/*
 * The form of test/cases/policy/*.json, and how a case becomes a question to the engine. A row of a
 * file:
 *
 *   { "name": "...", "source": "iam-evaluation T01", "ask": "kms:Decrypt as $App",
 *     "policies": { "identity": [], "resource": "$AccountDelegates" }, "expect": "denied implicitly; lacks identity",
 *     "flip": { "policies": { "identity": ["$MayKms"] }, "expect": "allowed by resource[0], identity[0]" } }
 */

export const accountA = '111122223333';
export const keyK = `arn:aws:kms:us-east-1:${accountA}:key/K`;

type PolicyInCase = unknown;
type UnreadInCase = { readonly unread: string };

export interface LayersInCase {
  readonly identity?: readonly PolicyInCase[] | null;
  readonly boundary?: PolicyInCase;
  readonly session?: PolicyInCase;
  readonly endpoint?: PolicyInCase;
  readonly resource?: PolicyInCase;
  readonly scps?: readonly (readonly PolicyInCase[])[] | UnreadInCase | null;
  readonly rcps?: readonly (readonly PolicyInCase[])[] | UnreadInCase | null;
  readonly grants?: Policies['grants'] | null;
}

export interface Expectation {
  readonly decision: 'allowed' | 'denied' | 'depends';
  readonly denial?: 'explicit' | 'implicit';
  readonly lacking?: readonly string[];
  readonly decidedBy?: readonly string[];
  readonly dependsOn?: readonly string[];
}

export interface PolicyCase {
  readonly name: string;
  readonly source: string;
  readonly request: Omit<RequestInput, 'resource'> & { readonly resource?: RequestInput['resource'] };
  readonly policies: LayersInCase;
  readonly expect: Expectation;
  readonly flip?: {
    readonly request?: Partial<RequestInput>;
    readonly policies?: LayersInCase;
    readonly expect: Expectation;
  };
}

const half = {
  request: v.optional(v.record(v.string(), v.unknown())),
  policies: v.optional(v.unknown()),
  expect: v.string(),
};
const fileSchema = v.strictObject({
  about: v.string(),
  cases: v.optional(
    v.array(
      v.strictObject({
        name: v.string(),
        source: v.string(),
        /** "<action> as <principal>". */
        ask: v.string(),
        ...half,
        flip: v.optional(v.strictObject(half)),
      }),
    ),
    [],
  ),
  tests: v.optional(v.array(v.unknown()), []),
});

interface PolicyFile {
  readonly about: string;
  readonly cases: readonly PolicyCase[];
  readonly tests: readonly ConditionCase[];
}

export function readPolicyCases(url: URL): PolicyFile {
  const { cases, ...others } = v.parse(fileSchema, readTable(url));
  const expanded = cases.map(({ ask, request, expect, flip, ...row }) => {
    const [, action, principal] = /^(\S+) as (\S+)$/.exec(ask) ?? [];
    if (action === undefined) throw new Error(`\`${ask}\` asks nothing`);
    return {
      ...row,
      request: { principal, action, ...request },
      expect: outcomeOf(expect),
      ...(flip === undefined ? {} : { flip: { ...flip, expect: outcomeOf(flip.expect) } }),
    };
  });
  const file: PolicyFile = JSON.parse(JSON.stringify({ ...others, cases: expanded }));
  return file;
}

/** A condition and the request's values: whether a statement of a session policy matches. */
export interface ConditionCase {
  readonly source: string;
  readonly test: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly context: NonNullable<RequestInput['context']>;
  readonly holds: boolean;
  /** The result in a Deny, if it differs. */
  readonly inDeny?: boolean;
}

/**
 * The condition in an Allow of a session policy. The flip has the condition in a Deny, next to an
 * Allow of everything.
 */
export function conditionCase({ source, test, context, holds, inDeny = holds }: ConditionCase): PolicyCase {
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  return {
    name: `${JSON.stringify(test)} against ${JSON.stringify(context)}`,
    source,
    request: {
      principal: `arn:aws:sts::${accountA}:assumed-role/App/s1`,
      roleArn: `arn:aws:iam::${accountA}:role/App`,
      action: 'rds:AddTagsToResource',
      resource: { arn: `arn:aws:rds:us-east-1:${accountA}:db:orders`, account: accountA },
      context,
    },
    policies: { identity: [allow], session: { ...allow, Condition: test } },
    expect: holds ? { decision: 'allowed' } : { decision: 'denied', denial: 'implicit', lacking: ['session'] },
    flip: {
      policies: { session: [allow, { ...allow, Effect: 'Deny', Condition: test }] },
      expect: inDeny ? { decision: 'denied', denial: 'explicit', decidedBy: ['session[1]'] } : { decision: 'allowed' },
    },
  };
}

/**
 * A policy in a case is a document, one statement, or a list of statements. Statements without a
 * document have the version 2012-10-17.
 */
function named(name: string, policy: PolicyInCase): NamedPolicy | Unread {
  if (isObject(policy) && typeof policy['unread'] === 'string')
    return { name, unread: policy['unread'], ...(policy['exists'] === true ? { exists: true } : {}) };
  if (isObject(policy) && 'Statement' in policy) return { name, document: policy };
  return { name, document: { Version: '2012-10-17', Statement: policy } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function levels(kind: string, given: LayersInCase['scps']): Policies['scps'] {
  if (given === undefined || given === null) return undefined;
  if ('unread' in given) return given;
  return given.map((level, at) => level.map((policy, index) => named(`${kind}/${at}/${index}`, policy)));
}

export function policiesOf(layers: LayersInCase): Policies {
  // An empty list has no policies.
  const one = (kind: string, policy: PolicyInCase): readonly (NamedPolicy | Unread)[] | undefined => {
    if (policy === undefined || policy === null) return undefined;
    return Array.isArray(policy) && policy.length === 0 ? [] : [named(kind, policy)];
  };
  const { boundary, session, endpoint, resource } = {
    boundary: one('boundary', layers.boundary),
    session: one('session', layers.session),
    endpoint: one('endpoint', layers.endpoint),
    resource: one('resource', layers.resource)?.[0],
  };
  const scps = levels('scp', layers.scps);
  const rcps = levels('rcp', layers.rcps);
  return {
    identity: (layers.identity ?? []).map((policy, index) => named(`identity/${index}`, policy)),
    ...(boundary === undefined ? {} : { boundary }),
    ...(session === undefined ? {} : { session }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(resource === undefined ? {} : { resource }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
    ...(layers.grants === undefined || layers.grants === null ? {} : { grants: layers.grants }),
  };
}

export function requestOf(request: PolicyCase['request']): RequestInput {
  return { ...request, resource: request.resource ?? { arn: keyK, account: accountA } };
}

/** The flip of a case, as a case of its own. */
export function flipOf(given: PolicyCase): PolicyCase | undefined {
  if (given.flip === undefined) return undefined;
  return {
    name: `${given.name} (flip)`,
    source: given.source,
    request: { ...given.request, ...given.flip.request },
    policies: { ...given.policies, ...given.flip.policies },
    expect: given.flip.expect,
  };
}

/** The names that a case may use for what decided. */
export function namesOf(decision: Decision): readonly string[] {
  return decision.decidedBy.flatMap((by) => {
    if ('grant' in by) return [`grant ${by.grant}`];
    const sid = by.sid === undefined ? [] : [`${by.policy} ${by.sid}`, `${by.name} ${by.sid}`];
    return [`${by.name}[${by.statement}]`, `${by.policy}[${by.statement}]`, ...sid];
  });
}

export function factName(fact: Fact): string {
  switch (fact.fact) {
    case 'context':
      return fact.key;
    case 'policy':
      return `policy ${fact.kind}`;
    case 'grants':
      return 'grants';
    case 'grant constraint':
      return `grant constraint ${fact.of}`;
    case 'grant part':
      return `grant part ${fact.of}`;
    case 'grant issuer':
      return `grant issuer ${fact.of}`;
    case 'principal':
      return `principal ${fact.about}`;
    case 'resource name':
      return 'resource name';
    case 'rule':
      return `rule ${fact.rule}`;
    case 'statement':
      return `statement ${fact.what}`;
  }
}
