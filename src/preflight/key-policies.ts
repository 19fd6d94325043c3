import { accountOf, isArn, parseArn, placeOf, rootArn } from '../base/arn.ts';
import { boundTo } from '../check/bind.ts';
import { evaluator } from '../check/evaluate.ts';
import type { Directory } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import { findPrincipal, type Principal, readPrincipalArn } from '../evidence/principals.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { withAllRights } from '../fix/could-hold.ts';
import { identityArn } from '../fix/step.ts';
import type { Applier } from '../plan/appliers.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import type { PlannedKeyPolicy, PlannedState } from '../plan/planned-state.ts';
import { compile, type Decision } from '../policy/authorize.ts';
import { conditionKey, type FilledBy } from '../policy/condition-keys.ts';
import type { PrincipalEntry, Statement } from '../policy/document.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import { maybe, type Possible, unknown } from '../policy/possible.ts';
import type { RequestInput } from '../policy/request.ts';
import { contextFact } from '../policy/truth.ts';
import { applierUnknown } from './applying-principal.ts';
import type { Who } from './expectation.ts';
import type { JudgeSettings } from './judge.ts';
import { keyOperation } from './key-actions.ts';
import { missingPrincipals, principalsNamedBy } from './missing-principals.ts';
import { type ExpectationLack, type Judged, notAsked, outcomeOfLack } from './outcome.ts';
import { peopleMeant } from './people.ts';
import type { Reading } from './reading.ts';
import type { At } from './tree.ts';

/*
 * Judges the key policies that the apply of a plan sends to KMS. KMS refuses a policy under which
 * the sender could not change the policy again (iam-evaluation 6.10). AWS does not publish whether
 * identity policies count. So a policy is refused for certain only if it neither allows the sender
 * to change it nor leaves that to the account of the key. A policy that is not refused is not
 * reported, because identity policies may still refuse the request. KMS also refuses a policy that
 * names a user or role that does not exist.
 */

/** A key policy that KMS refuses, or may refuse. */
export interface JudgedKeyPolicy {
  readonly sent: PlannedKeyPolicy;
  readonly judged: Judged;
}

type Settings = Pick<JudgeSettings, 'evaluatedAt' | 'strict'>;

/**
 * Finds the key policies that KMS refuses or may refuse. `before`, `evidence`: without and with the
 * plans applied.
 */
export function judgeKeyPolicies(
  sent: readonly PlannedKeyPolicy[],
  { before, evidence }: Pick<PlannedState, 'before' | 'evidence'>,
  settings: Settings,
  { read, directoryIn }: Reading,
): readonly JudgedKeyPolicy[] {
  if (sent.length === 0) return [];
  const standingOf = standingIn(directoryIn(evidence), settings, read);
  const senders = [...new Set(sent.flatMap(({ applier }) => applier?.arn ?? []))];
  return sent.flatMap((one) => {
    const lacks = [lackOf(one, read, standingOf), nobodyIn(one, { before, evidence }, senders)].flatMap(
      (lack) => lack ?? [],
    );
    const lack = lacks.find((found) => outcomeOfLack(found) === 'broken') ?? lacks[0];
    return lack === undefined ? [] : [{ sent: one, judged: judgedBy(one, lack) }];
  });
}

/** A policy that may stay as it is may name a principal that was deleted, whose ID AWS then shows. */
function nobodyIn(
  sent: PlannedKeyPolicy,
  { before, evidence }: Pick<PlannedState, 'before' | 'evidence'>,
  senders: readonly string[],
): ExpectationLack | undefined {
  const { document, principalsKnown, principalsMade, principalsGone, unlessStill } = sent;
  if (unlessStill !== undefined) return undefined;
  const known = [...senders, ...principalsKnown];
  const names = missingPrincipals(document, [before, evidence], known);
  if (names.length > 0) return { code: 'plan-key-policy-names-nobody', names };
  const going =
    principalsGone.size === 0 ? [] : principalsNamedBy(document).flatMap((arn) => principalsGone.get(arn) ?? []);
  if (going.length > 0) return { code: 'plan-order-after', after: going.map(({ address }) => address) };
  if (principalsMade.size === 0) return undefined;
  const later = missingPrincipals(document, [before], known).flatMap((arn) => principalsMade.get(arn) ?? []);
  return later.length === 0 ? undefined : comesFirst(sent.change, later);
}

/**
 * KMS refuses the policy until the users and roles exist. The provider tries again for some minutes, so
 * the request may still succeed if nothing puts them first.
 */
function comesFirst({ address: of, identity }: PlannedChange, made: readonly PlannedChange[]): ExpectationLack {
  const isCircular = ({ dependsOn }: PlannedChange): boolean => dependsOn.includes(identity);
  const addressesOf = (all: readonly PlannedChange[]): readonly string[] => all.map(({ address }) => address);
  return { code: 'plan-order', of, first: addressesOf(made), gone: [], apart: addressesOf(made.filter(isCircular)) };
}

const action = 'kms:PutKeyPolicy';

/** What a key policy says of a sender that would change it. */
interface Standing {
  readonly principal: Principal;
  readonly decision: Decision;
  /** The decision holds, whatever the session, network and tags are. */
  readonly isSure: boolean;
}

type StandingOf = (sent: PlannedKeyPolicy, document: PolicyDocument) => Standing | undefined;

/** Why KMS refuses a policy or may refuse it. Undefined: no reason is known. */
function lackOf(sent: PlannedKeyPolicy, read: ReadDocuments, standingOf: StandingOf): ExpectationLack | undefined {
  const { document, key, applier, stranger, api, unlessStill, bypasses } = sent;
  if (bypasses === 'yes') return undefined;
  const standing = standingOf(sent, document);
  if (standing === undefined || standing.decision.decision === 'allowed') return undefined;
  // A policy that may stay as it is differs for certain only if the old one lets the sender in.
  if (unlessStill !== undefined && standingOf(sent, unlessStill)?.decision.decision !== 'allowed') return undefined;
  const { principal, decision, isSure } = standing;
  const account = accountOf(key);
  const isForNobody = !mayAllowSomebody(document, key, read);
  if (bypasses === 'maybe' && isSure) return { code: 'plan-value-unknown', names: [bypass] };
  if (applier === undefined)
    return isForNobody ? { code: 'plan-key-policy-refused', api, account, by: [] } : applierUnknown(stranger, account);
  const who = identityArn(principal) ?? principal.arn;
  const by = decision.decidedBy.flatMap((one) => ('grant' in one || one.effect === 'Allow' ? [] : [one]));
  // AWS shows a principal that was deleted by its unique ID, which may also be that of the sender.
  const mayBeNamed = principal.uniqueId === undefined && mayNameById(document, key, read);
  const dependsOn = isSure && mayBeNamed ? [contextFact('aws:userid')] : decision.dependsOn;
  if (!isSure || mayBeNamed) return { code: 'plan-key-policy-unsure', api, principal: who, dependsOn, by };
  if (applier.known === 'planner' && !isForNobody)
    return { code: 'plan-key-policy-unsure', api, principal: who, dependsOn: [], by, isPlanner: true };
  return { code: 'plan-key-policy-refused', api, account, principal: who, by };
}

const bypass = 'bypass_policy_lockout_safety_check';

/** Whether a key policy may allow a user, role or account to change it. */
function mayAllowSomebody(document: PolicyDocument, key: string, read: ReadDocuments): boolean {
  return allowsIn(document, key, read).some((one) => mayName(one, ({ is }) => is !== 'service' && is !== 'dead'));
}

/** Whether a key policy may allow a user or role to change it, which it names by a unique ID. */
function mayNameById(document: PolicyDocument, key: string, read: ReadDocuments): boolean {
  return allowsIn(document, key, read).some((one) => mayName(one, ({ is }) => is === 'unique id'));
}

/** The statements that may allow a change of the key policy. */
function allowsIn(document: PolicyDocument, key: string, read: ReadDocuments): readonly Statement[] {
  const policies = read.selectingAlone('resource', [{ name: key, document }]);
  return policies.flatMap((select) => select(action.toLowerCase()).allows);
}

function mayName({ principals }: Statement, is: (entry: PrincipalEntry) => boolean): boolean {
  return typeof principals !== 'string' && (principals.match === 'none' || principals.of.some(is));
}

/**
 * Decides whether a key policy lets its sender change it, with every identity policy and control
 * policy left out: the sender has every permission that the account can give. If nobody knows the
 * sender, the root user stands for a sender with the permissions of the account. Undefined: the
 * sender belongs to another account, whose calls KMS refuses for another reason.
 */
function standingIn(directory: Directory, { evaluatedAt, strict }: Settings, read: ReadDocuments): StandingOf {
  const { request } = evaluator(directory, { context: {}, evaluatedAt, strict }, read);
  const senders = new Map<string, Principal | undefined>();
  const senderOf = (applier: Applier | undefined, key: string): Principal | undefined => {
    const root = rootArn(parseArn(key)?.partition ?? '', accountOf(key));
    const name = `${root} ${applier?.arn ?? ''}`;
    if (!senders.has(name)) senders.set(name, senderNamed(directory, applier?.arn ?? root, accountOf(key)));
    return senders.get(name);
  };
  return ({ applier, key }, document) => {
    const region = placeOf(key)?.region;
    const principal = senderOf(applier, key);
    if (principal === undefined || region === undefined || principal.account !== accountOf(key)) return undefined;
    // The partition of an account that was not read is a guess.
    if (parseArn(principal.arn)?.partition !== parseArn(key)?.partition) return undefined;
    const operation = keyOperation(action, key);
    const [row] = operation.calls;
    if (row === undefined) return undefined;
    const inputFor = (one: Principal): RequestInput =>
      plainly(request(row, boundTo(directory, { operation, principal: one, region, parameters: {} }, undefined)));
    const { identity } = withAllRights(principal);
    const { authorize } = compile({ identity, resource: { name: key, document }, grants: [] }, read);
    const decision = authorize(inputFor(principal));
    if (decision.decision !== 'denied') return { principal, decision, isSure: false };
    const anyhow = authorize(openly(inputFor({ ...principal, tags: undefined })));
    return { principal, decision: anyhow, isSure: anyhow.decision === 'denied' };
  };
}

/** The request of a sender that does not skip the check. */
function plainly(input: RequestInput): RequestInput {
  return {
    ...input,
    possible: (keyId) => (keyId === 'kms:bypasspolicylockoutsafetycheck' ? maybe('false') : input.possible?.(keyId)),
  };
}

/** The request with everything unknown that the sender or the check of KMS may choose. */
function openly(input: RequestInput): RequestInput {
  return {
    ...input,
    possible: (keyId): Possible | undefined => {
      const filledBy = conditionKey(keyId)?.filledBy;
      return filledBy !== undefined && chosen.has(filledBy) ? unknown : input.possible?.(keyId);
    },
  };
}

const chosen: ReadonlySet<FilledBy> = new Set(['session', 'network', 'request', 'resource', 'every request']);

/** The sender of a request, by its name or ARN. Undefined: no principal is known by this name. */
function senderNamed(directory: Directory, name: string, account: string): Principal | undefined {
  const who: Who = { said: { text: name, at: nowhere }, is: 'name', not: [], tags: [], account: undefined };
  const [arn = name, ...others] = peopleMeant(directory.evidence, who, account).found;
  if (others.length > 0 || !isArn(arn)) return undefined;
  try {
    return findPrincipal(directory, arn);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    const { type, account: own } = readPrincipalArn(arn);
    const roleArn = type === 'role' ? arn : undefined;
    return {
      arn,
      type,
      account: own,
      roleArn,
      uniqueId: undefined,
      tags: undefined,
      identity: [],
      boundary: undefined,
    };
  }
}

const nowhere: At = { file: '', line: 1, column: 1 };

function judgedBy({ change, api, key, from, applier }: PlannedKeyPolicy, lack: ExpectationLack): Judged {
  const at: At = { file: from, line: 1, column: 1 };
  const operation = keyOperation(action, key);
  const { account, region } = placeOf(key) ?? { account: '', region: '' };
  return notAsked(
    {
      id: `${change.address} ${api}`,
      at,
      why: '',
      who: [{ said: { text: applier?.arn ?? 'unknown', at }, is: 'name', not: [], tags: [], account: undefined }],
      isOnly: false,
      verb: 'can',
      asked: [{ said: { text: operation.command, at }, operations: [operation] }],
      source: undefined,
      parameters: {},
      accounts: [{ text: account, at }],
      regions: [{ text: region, at }],
      session: { context: {}, policy: undefined },
      because: [],
      atLeast: 1,
      except: [],
    },
    outcomeOfLack(lack),
    [lack],
  );
}
