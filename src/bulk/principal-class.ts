import { stsArn, withoutPath } from '../base/arn.ts';
import { lazily } from '../base/lazily.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { factOfPrincipal } from '../check/call-context.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import type { Principal } from '../evidence/principals.ts';
import { testHolds } from '../policy/conditions.ts';
import type { Statement } from '../policy/document.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import { certain, type Possible } from '../policy/possible.ts';
import { contextOf, type EngineRequest, requestReader } from '../policy/request.ts';
import { factKey, factsOf } from '../policy/truth.ts';
import { type SignatureParts, signatureOf } from './parts.ts';
import { type NamedPrincipals, type PrincipalReads, type Relevant, relevantStatements } from './reads.ts';

/** A policy of a principal, reduced to the statements that the asked calls can reach. */
export interface HeldPolicy {
  readonly kind: 'identity' | 'boundary';
  readonly name: string;
  /** Why the policy could not be read. Undefined: it was read. */
  readonly unread: string | undefined;
  readonly relevant: readonly Relevant[];
}

/** A principal and its own policies. */
export interface Holdings {
  readonly principal: Principal;
  readonly policies: readonly HeldPolicy[];
}

/**
 * Reads the policies of principals. Statements of a policy are read once. `parse`: reads a
 * document, under the name of the policy if the name matters. `asked`: actions in lower case.
 * `decisionsAlone`: see BulkSettings.
 */
export function holdingsReader(
  parse: ReadDocuments['parse'],
  asked: readonly string[],
  decisionsAlone = false,
): (principal: Principal) => Holdings {
  const known = new WeakMap<readonly Statement[], readonly Relevant[]>();
  const relevantIn = (statements: readonly Statement[]): readonly Relevant[] => {
    const found = known.get(statements) ?? relevantStatements(statements, asked);
    known.set(statements, found);
    return found;
  };
  // Most documents have no statement about the asked calls, so the names of their policies do not
  // matter.
  const silent = { identity: new Set<unknown>(), boundary: new Set<unknown>() };
  const held = (kind: HeldPolicy['kind'], policy: PolicyText): HeldPolicy => {
    const { name } = policy;
    if ('unread' in policy) return { kind, name, unread: policy.unread, relevant: [] };
    if (silent[kind].has(policy.document)) return { kind, name, unread: undefined, relevant: [] };
    const parsed = parse(kind, name, policy.document);
    // The check refuses a malformed policy.
    if ('faults' in parsed) return { kind, name, unread: `malformed: ${name}`, relevant: [] };
    const relevant = relevantIn(parsed.policy.statements);
    if (relevant.length === 0) silent[kind].add(policy.document);
    return { kind, name, unread: undefined, relevant };
  };
  return (principal) => {
    const policies = [
      ...principal.identity.map((policy) => held('identity', policy)),
      ...(principal.boundary ?? []).map((policy) => held('boundary', policy)),
    ];
    const leavesNearOut = decisionsAlone && !policies.some(mayAllow);
    return { principal, policies: leavesNearOut ? policies.map(withoutNear) : policies };
  };
}

function mayAllow({ kind, relevant }: HeldPolicy): boolean {
  return kind === 'identity' && relevant.some((one) => !one.isNear && one.statement.ref.effect === 'Allow');
}

function withoutNear(policy: HeldPolicy): HeldPolicy {
  return { ...policy, relevant: policy.relevant.filter((one) => !one.isNear) };
}

/** A number for each text, so a signature stays short. */
export type Intern = (text: string) => number;

/** Numbers texts: equal texts get the same number. */
export function interning(): Intern {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

/** The settings for all principals that are put into classes. */
export interface PrincipalSigning {
  readonly reads: PrincipalReads;
  readonly readRequest: ReturnType<typeof requestReader>;
  readonly intern: Intern;
  /**
   * A text for the trust policy of a role. Undefined: no operation in the question runs as a role.
   */
  readonly trust: ((principal: Principal) => string) | undefined;
  /** Parts to leave out, for tests. */
  readonly without: ReadonlySet<string>;
}

/** A principal, and everything that its signature is made of. */
interface Signed extends Holdings {
  readonly signing: PrincipalSigning;
  /** Statements in the principal's own policies. */
  readonly own: readonly Relevant[];
  readonly request: () => EngineRequest;
}

const principalTexts: SignatureParts<Signed> = [
  ['type', ({ principal }) => (isPlain(principal) ? principal.type : principal.arn)],
  ['service-linked role', ({ principal }) => isServiceLinkedRole(principal.roleArn ?? principal.arn)],
  ['identity policies', (of) => textsOf('identity', of)],
  ['boundary', (of) => (of.principal.boundary === undefined ? 'none' : textsOf('boundary', of))],
  ['unread policies', ({ policies }) => policies.map(({ unread }) => unread).filter((why) => why !== undefined)],
  ['repeated names', ({ policies }) => repeated(policies)],
  ['outcomes of conditions', outcomes],
  [
    'values of variables',
    ({ signing: { reads }, own, request }) =>
      [...reads.variables, ...own.flatMap(({ ofPrincipal }) => ofPrincipal.variables)].map((keyId) =>
        stateOf(keyId, request()),
      ),
  ],
  ['principal elements', ({ principal, signing }) => metBy(principal, signing.reads.named)],
  ['namesakes', ({ principal, signing }) => namesakesOf(principal, signing.reads.named)],
  ['trust', ({ principal, signing }) => signing.trust?.(principal)],
];

/**
 * The signature of a principal. Two principals have the same signature only if no asked call, guard
 * or precondition can distinguish them, even if facts are unknown.
 */
export function principalSignature({ principal, policies }: Holdings, signing: PrincipalSigning): string {
  const own = policies.flatMap(({ relevant }) => relevant);
  const request = lazily(() => principalRequest(principal, signing.readRequest));
  return JSON.stringify(signatureOf(principalTexts, { principal, policies, signing, own, request }, signing.without));
}

function textsOf(kind: HeldPolicy['kind'], { policies, signing: { intern } }: Signed): readonly unknown[] {
  return policies.flatMap((policy): readonly unknown[] =>
    policy.kind !== kind ? [] : policy.unread === undefined ? numbersOf(policy.relevant, intern) : ['unread'],
  );
}

/**
 * Whether a principal can share a class. Sessions and federated users are few, and much about them
 * is unknown.
 */
export function isPlain({ type }: Principal): boolean {
  return type === 'user' || type === 'role' || type === 'root';
}

function numbersOf(relevant: readonly Relevant[], intern: Intern): readonly (readonly number[])[] {
  return relevant.length === 0 ? [] : [relevant.map(({ text }) => intern(text))];
}

/** The condition keys of the principal's own call. */
export function principalRequest(principal: Principal, readRequest = requestReader(false)): EngineRequest {
  const { arn, type, roleArn, uniqueId, account } = principal;
  return readRequest({
    principal: type === 'session' ? arn : (roleArn ?? arn),
    roleArn,
    userId: uniqueId,
    action: 'kms:DescribeKey',
    resource: { arn: '*', account },
    possible: (keyId) => factOfPrincipal(keyId, principal),
  });
}

/** The state of a condition key of a principal, as a text. `keyId`: lower case. */
function stateOf(keyId: string, request: EngineRequest): string {
  return stateText(contextOf(request, keyId));
}

/** A text that is equal for equal states of a condition key. */
export function stateText({ absent, values, clashes, isBeyondQuota }: Possible): string {
  return JSON.stringify([absent, values, clashes === true, isBeyondQuota === true]);
}

/**
 * The outcomes of all tests on condition keys of the principal, and whether each key is present,
 * which a near miss shows. If an outcome is open, the state of the key counts, too.
 */
function outcomes({ own, signing: { reads }, request: made }: Signed): readonly unknown[] {
  const tests = [...reads.tests.values(), ...own.flatMap(({ ofPrincipal }) => ofPrincipal.tests)];
  return tests.map((test) => {
    const request = made();
    const possible = contextOf(request, test.keyId);
    const truth = testHolds(test, request);
    if (typeof truth === 'boolean') return [truth, certain(possible) === 'absent'];
    return certain(possible) === undefined ? stateText(possible) : [...factsOf(truth).values()].map(factKey);
  });
}

/** The policy elements and grants that name the principal. */
function metBy({ arn, type, account, roleArn, uniqueId }: Principal, named: NamedPrincipals): readonly string[] {
  const name = roleArn ?? arn;
  const sessions =
    type === 'role' && named.bySessions.size > 0
      ? named.bySessions.get(stsArn(partitionOf(arn), account, `assumed-role/${withoutPath(name)}/`))
      : [];
  return [
    ...(named.byArn.get(name) ?? []),
    ...(sessions ?? []),
    ...(uniqueId === undefined ? [] : (named.byUniqueId.get(uniqueId) ?? [])),
  ].toSorted();
}

function partitionOf(arn: string): string {
  return parsePrincipalArn(arn)?.arn.partition ?? '';
}

/** Other principals with the same name that appear in a policy element. */
function namesakesOf({ arn, roleArn }: Principal, { byName }: NamedPrincipals): readonly string[] {
  const own = roleArn ?? arn;
  const named = byName.get(withoutPath(own)) ?? [];
  return named.flatMap(({ arn: other, at }) => (other === own ? [] : [`${at} ${other}`])).toSorted();
}

/**
 * Which policies share a name. The engine identifies a statement by the policy's name and the
 * position, so such policies can have statements that count as one.
 */
function repeated(policies: readonly HeldPolicy[]): readonly unknown[] {
  if (new Set(policies.map(({ name }) => name)).size === policies.length) return [];
  const count = new Map<string, number>();
  for (const { kind, name } of policies) count.set(`${kind} ${name}`, (count.get(`${kind} ${name}`) ?? 0) + 1);
  return policies.flatMap(({ kind, name, relevant }) =>
    (count.get(`${kind} ${name}`) ?? 0) > 1
      ? [[kind, name, relevant.map(({ statement: { ref } }) => [ref.statement, ref.sid])]]
      : [],
  );
}
