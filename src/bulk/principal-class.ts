import { stsArn, withoutPath } from '../base/arn.ts';
import { lazily } from '../base/lazily.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { tagState } from '../check/call-context.ts';
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

/** A policy that a principal holds, as far as asked calls can reach it. */
export interface HeldPolicy {
  readonly kind: 'identity' | 'boundary';
  readonly name: string;
  /** Why it could not be read. Undefined: it was. */
  readonly unread: string | undefined;
  readonly relevant: readonly Relevant[];
}

/** What a principal holds itself. */
export interface Holdings {
  readonly principal: Principal;
  readonly policies: readonly HeldPolicy[];
}

/**
 * Reads what principals hold. Statements of a policy are read once. `parse`: reads a document, under
 * the name of the policy if that matters. `asked`: actions in lower case. `decisionsAlone`: see
 * BulkSettings.
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
  // Most documents say nothing of the asked calls, whatever the policies are called.
  const silent = { identity: new Set<unknown>(), boundary: new Set<unknown>() };
  const held = (kind: HeldPolicy['kind'], policy: PolicyText): HeldPolicy => {
    const { name } = policy;
    if ('unread' in policy) return { kind, name, unread: policy.unread, relevant: [] };
    if (silent[kind].has(policy.document)) return { kind, name, unread: undefined, relevant: [] };
    const parsed = parse(kind, name, policy.document);
    // The check refuses it.
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

export function interning(): Intern {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

/** What is the same for all principals that are put into classes. */
export interface PrincipalSigning {
  readonly reads: PrincipalReads;
  readonly readRequest: ReturnType<typeof requestReader>;
  readonly intern: Intern;
  /**
   * The value for the role that a service assumes; undefined if no operation in the question runs
   * as a role.
   */
  readonly trust: ((principal: Principal) => string) | undefined;
  /** Parts to leave out, for tests. */
  readonly without: ReadonlySet<string>;
}

/** A principal, and what its signature is made of. */
interface Signed extends Holdings {
  readonly signing: PrincipalSigning;
  /** Statements of its own policies. */
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
 * The signature of a principal: two principals have the same one only if no asked call, guard or
 * precondition can distinguishes them, whatever is unknown.
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

/** Sessions and federated users are few, and much of them is not known. */
export function isPlain({ type }: Principal): boolean {
  return type === 'user' || type === 'role' || type === 'root';
}

function numbersOf(relevant: readonly Relevant[], intern: Intern): readonly (readonly number[])[] {
  return relevant.length === 0 ? [] : [relevant.map(({ text }) => intern(text))];
}

/** The condition keys of the principal's own call. */
export function principalRequest(
  { arn, type, roleArn, uniqueId, account, tags }: Principal,
  readRequest = requestReader(false),
): EngineRequest {
  return readRequest({
    principal: type === 'session' ? arn : (roleArn ?? arn),
    roleArn,
    userId: uniqueId,
    action: 'kms:DescribeKey',
    resource: { arn: '*', account },
    possible: (keyId) => tagState(keyId, ['aws:principaltag/'], tags),
  });
}

/** The state of a condition key of a principal, as a text. `keyId`: lower case. */
function stateOf(keyId: string, request: EngineRequest): string {
  return stateText(contextOf(request, keyId));
}

export function stateText({ absent, values, clashes }: Possible): string {
  return JSON.stringify([absent, values, clashes === true]);
}

/**
 * The outcome of every test on a key of the principal, and whether the key is present, which a near
 * miss shows. If the outcome is open, the state of the key counts.
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

/** Elements and grants that name the principal. */
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

/** Other principals that have the name, and stand in an element. */
function namesakesOf({ arn, roleArn }: Principal, { byName }: NamedPrincipals): readonly string[] {
  const own = roleArn ?? arn;
  const named = byName.get(withoutPath(own)) ?? [];
  return named.flatMap(({ arn: other, at }) => (other === own ? [] : [`${at} ${other}`])).toSorted();
}

/**
 * Policies of one name count as one where the engine names statements: their positions decide
 * whether two statements count as one.
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
