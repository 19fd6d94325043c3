import { isArn } from '../base/arn.ts';
import { isJson } from '../base/json.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { remembered, rememberedOf } from '../base/remembered.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Operation } from '../operations/operation.ts';
import { withInstanceNamed, withoutNamed } from '../plan/databases.ts';
import { unprotected, withoutProtection } from '../plan/deletions.ts';
import { roles, withIam } from '../plan/edits.ts';
import { withoutSecrets } from '../plan/managed-passwords.ts';
import { isMade, textIn } from '../plan/overlay-row.ts';
import type { PlannedRequest } from '../plan/planned-state.ts';
import type { ProviderPolicies } from '../plan/providers.ts';
import type { OfOtherInstance } from '../plan/request-of-change.ts';
import { withoutTagsOf } from '../plan/tags.ts';
import { applierNotFound, applierUnknown } from './applying-principal.ts';
import type { Expectation, Who } from './expectation.ts';
import { type Judge, type JudgeSettings, judging } from './judge.ts';
import { inOrder, judgedBefore, judgedUnder } from './order.ts';
import { type ExpectationLack, type ExpectationOutcome, type Judged, leftOpen, notAsked } from './outcome.ts';
import type { Reading } from './reading.ts';
import type { At, Said } from './tree.ts';

/*
 * Judges the requests that the apply of a plan sends to RDS. Each becomes an expectation that the
 * request succeeds.
 */

/** A request of a plan and its outcome, with the judge that found the outcome and its evidence. */
export interface JudgedRequest {
  readonly request: PlannedRequest;
  readonly judged: Judged;
  readonly evidence: Evidence;
  readonly judge: Judge;
  /**
   * The same with only the changes that are certainly applied before the request, and then in the states
   * between two changes.
   */
  readonly earlier: () => Iterable<Pick<JudgedRequest, 'judged' | 'judge'>>;
}

/** One judge for each state of the evidence. */
function judgesIn(settings: JudgeSettings, { read, directoryIn }: Reading): (evidence: Evidence) => Judge {
  const judges = new Map<Evidence, Judge>();
  return (evidence) => {
    const known = judges.get(evidence) ?? judging(directoryIn(evidence), settings, new Set(), read);
    judges.set(evidence, known);
    return known;
  };
}

/**
 * Judges the requests of plans. Requests for operations that are not in the catalog are left out,
 * because their calls are not known.
 */
export function judgeRequests(
  requests: readonly PlannedRequest[],
  given: JudgeSettings,
  reading: Reading,
): readonly JudgedRequest[] {
  const judgeOf = judgesIn({ ...given, sessionPolicies: sessionsOf(requests) }, reading);
  const answered = new Map<Judge, Map<string, ExpectationOutcome>>();
  const senderName = rememberedOf(({ applier, account, region }: PlannedRequest) =>
    JSON.stringify([applier, account, region]),
  );
  /**
   * The outcome of a read that follows a request. The same reads follow many requests, so each is
   * judged once.
   */
  const readsBy = (judge: Judge, operation: Operation, request: PlannedRequest): ExpectationOutcome => {
    const known = answered.get(judge) ?? new Map<string, ExpectationOutcome>();
    answered.set(judge, known);
    const [row] = operation.calls;
    const name = `${operation.command} ${row?.on} ${row?.named} ${senderName(request)}`;
    const found = known.get(name) ?? readOutcome(judge, operation, request);
    known.set(name, found);
    return found;
  };
  const [without, withoutSecret] = [untagging(), beforeManagement()];
  const places = new Set(requests.flatMap(({ account }) => account ?? []));
  return requests.flatMap((planned) => {
    const request = withOpenTags(withoutSecret(withOwnTags(withLifted(planned))), without, judgeOf);
    const plain = expectationOf(request);
    if (plain === undefined || isNeedless(request)) return [];
    const evidence = request.whenAll;
    const judge = judgeOf(evidence);
    const expectation = inSession(plain, request, judge);
    const lacks = lacksOf(request);
    const judged =
      lacks.length > 0
        ? unproven(expectation, lacks)
        : withReads(
            unlessAssumed(unlessLifted(eitherWay(expectation, request, judgeOf), request, judgeOf), request, {
              judgeOf,
              isStrict: given.strict,
            }),
            request,
            (operation) => readsBy(judge, operation, request),
          );
    return [
      {
        request,
        judged: unlessOf.reduce((found, unless) => unless(found, request, places), judged),
        evidence,
        judge,
        earlier: () => judgedBefore(expectation, request, judgeOf),
      },
    ];
  });
}

/**
 * Whether the provider sends nothing, because a DB instance already has the state that a resource
 * asks for. The provider waits for the instance to be available before it compares the states.
 */
function isNeedless({ change, source, account = '', region = '', whenAll }: PlannedRequest): boolean {
  if (change.type !== 'aws_rds_instance_state' || !isMade(change) || source === undefined) return false;
  const { DBInstances: instances = [] } = whenAll.accounts[account]?.regions?.[region]?.rds ?? {};
  const found = instances.find(({ DBInstanceIdentifier: name }) => name.toLowerCase() === source.toLowerCase());
  return found?.DBInstanceStatus === 'available' && textIn(change.after, 'state') === 'available';
}

function readOutcome(judge: Judge, operation: Operation, request: PlannedRequest): ExpectationOutcome {
  const expectation = expectationOf({ ...request, operation, source: undefined, parameters: {} });
  return expectation === undefined ? 'holds' : judgedUnder(inSession(expectation, request, judge), judge).outcome;
}

/** The session policies with which providers assume their roles, by `nameOfPolicies`. */
function sessionsOf(requests: readonly PlannedRequest[]): JudgeSettings['sessionPolicies'] {
  return new Map(
    requests.flatMap(({ applier }) => {
      const shown = applier?.session?.policies;
      if (shown?.is !== 'shown') return [];
      const { text, managed } = shown;
      const policies = text === undefined ? {} : { text: { name: 'session policy', document: text } };
      return [[nameOfPolicies(shown), { ...policies, managed }] as const];
    }),
  );
}

function nameOfPolicies(policies: ProviderPolicies): string {
  return JSON.stringify(policies);
}

/** Even if a request succeeds, the apply fails if the provider may not read the result. */
function withReads(
  judged: Judged,
  { reads }: PlannedRequest,
  outcomeOf: (operation: Operation) => ExpectationOutcome,
): Judged {
  if (judged.outcome !== 'holds') return judged;
  const left = reads.filter(({ ofAny }) => outcomeOf(ofAny) !== 'holds');
  const actionsThat = (outcome: ExpectationOutcome): readonly string[] =>
    left.flatMap(({ action, ofOne }) => (outcomeOf(ofOne) === outcome ? [action] : []));
  const [denied, unknown] = [actionsThat('broken'), actionsThat('unproven')];
  if (denied.length > 0)
    return { ...judged, outcome: 'broken', lacks: [...judged.lacks, { code: 'plan-read-denied', actions: denied }] };
  if (unknown.length === 0) return judged;
  return { ...judged, outcome: 'unproven', lacks: [...judged.lacks, { code: 'plan-read-unknown', actions: unknown }] };
}

/**
 * What else in the plan can change the outcome of a request, in this order. `places`: the accounts to
 * which the plan sends requests.
 */
const unlessOf: readonly ((judged: Judged, request: PlannedRequest, places: ReadonlySet<string>) => Judged)[] = [
  unlessHint,
  unlessUnsent,
  unlessNarrowed,
  unlessKeyless,
  unlessGoing,
  unlessComing,
  unlessGone,
  unlessNamedTwice,
  withFinalSnapshot,
  unlessPassword,
  unlessMonitored,
];

function missingPlace(region: string | undefined, isInRegionOfEach: boolean): 'account' | 'Region' | 'Region of each' {
  if (region !== undefined) return 'account';
  return isInRegionOfEach ? 'Region of each' : 'Region';
}

function lacksOf({
  open,
  applier,
  stranger,
  region,
  account,
  isInRegionOfEach,
  isSignedForAnother,
}: PlannedRequest): readonly ExpectationLack[] {
  return [
    ...(applier === undefined ? [applierUnknown(stranger, account)] : []),
    ...(region === undefined || account === undefined
      ? [{ code: 'plan-place-unknown', missing: missingPlace(region, isInRegionOfEach) } as const]
      : []),
    ...(isSignedForAnother ? [{ code: 'plan-region-unclear' } as const] : []),
    ...(open.length === 0 ? [] : [{ code: 'plan-value-unknown', names: open } as const]),
  ];
}

/** RDS refuses to manage the password, whoever sends the request. */
function unlessPassword(judged: Judged, { isPasswordRefused }: PlannedRequest): Judged {
  return isPasswordRefused
    ? { ...judged, outcome: 'broken', lacks: [...judged.lacks, { code: 'plan-password-refused' }] }
    : judged;
}

/** RDS refuses an interval of Enhanced Monitoring without a role, or a role alone, whoever sends the request. */
function unlessMonitored(judged: Judged, { halfMonitored }: PlannedRequest): Judged {
  if (halfMonitored === undefined) return judged;
  const { because, lacks } = halfMonitored;
  if (because === undefined)
    return { ...judged, outcome: 'broken', lacks: [...judged.lacks, { code: 'plan-monitoring-refused', lacks }] };
  return judged.outcome === 'holds' ? leftOpen(judged, { code: 'plan-value-unknown', names: [because] }) : judged;
}

function withFinalSnapshot(judged: Judged, { keyGoes, isFinalSnapshotUnnamed }: PlannedRequest): Judged {
  if (isFinalSnapshotUnnamed)
    return { ...judged, outcome: 'broken', lacks: [...judged.lacks, { code: 'plan-snapshot-unnamed' }] };
  return keyGoes === undefined
    ? judged
    : { ...judged, outcome: 'broken', lacks: [...judged.lacks, { code: 'key-goes-with-snapshot', key: keyGoes }] };
}

/**
 * If a plan only hints at the principal, the evidence may not have that principal. A name that the
 * user gives may mean a principal of another account, which cannot send the request.
 */
function unlessHint(
  judged: Judged,
  { applier, account, whenAll }: PlannedRequest,
  places: ReadonlySet<string>,
): Judged {
  const isMissing = judged.lacks.some((lack) => lack.code === 'nothing-matched' && lack.what === 'principal');
  if (applier === undefined) return judged;
  const { arn, known } = applier;
  if (known === 'given' && !isArn(arn) && new Set([...places, ...Object.keys(whenAll.accounts)]).size > 1) {
    if (isMissing) return unproven(judged.expectation, [applierNotFound(account)]);
    const isUnread = judged.outcome === 'broken' && account !== undefined && isUnlisted(arn, whenAll, account);
    return isUnread ? unproven(judged.expectation, [{ code: 'principals-unread', account }]) : judged;
  }
  if (known === 'given' || !isMissing) return judged;
  return unproven(judged.expectation, [{ code: 'plan-principal-unknown', hint: { arn, known } }]);
}

/** Whether the users or roles of an account were not read, so that nobody knows whether it has a name. */
function isUnlisted(name: string, { accounts }: Evidence, account: string): boolean {
  const { RoleDetailList, UserDetailList } = accounts[account]?.iam ?? {};
  const [isRoleUnread, isUserUnread] = [RoleDetailList === undefined, UserDetailList === undefined];
  return (!name.startsWith('user/') && isRoleUnread) || (!name.startsWith('role/') && isUserUnread);
}

/** A request that fails may not be sent at all. */
function unlessUnsent(judged: Judged, { unlessChosen }: PlannedRequest): Judged {
  return judged.outcome === 'broken' && unlessChosen !== undefined
    ? unproven(judged.expectation, [{ code: 'plan-request-unsure', attribute: unlessChosen }])
    : judged;
}

/** A plan has no order, so a resource that it deletes may be gone before the request. */
function unlessGoing(judged: Judged, { sourceGoes, change, isCircular }: PlannedRequest): Judged {
  if (judged.outcome !== 'holds' || sourceGoes === undefined) return judged;
  const by = sourceGoes.change.address;
  const replaced = isCircular(change.address, by) ? {} : { of: change.address };
  const lack = { code: 'plan-source-goes', by, ...(sourceGoes.isReplaced ? { replaced } : {}) } as const;
  return { ...judged, outcome: 'unproven', lacks: [...judged.lacks, lack] };
}

/**
 * Leaves a success open if the session policy was not checked: the plan does not show its text, or
 * --principal names a user, who has no session. The session policy may not allow what the other
 * policies allow.
 */
function unlessNarrowed(judged: Judged, { applier }: PlannedRequest): Judged {
  const { is } = applier?.session?.policies ?? { is: 'none' };
  const isAsked = is === 'none' || (is === 'shown' && judged.resolved.principals.every(isOfRole));
  return judged.outcome === 'holds' && !isAsked
    ? { ...judged, outcome: 'unproven', lacks: [...judged.lacks, { code: 'plan-session-policy' }] }
    : judged;
}

/** AWS does not publish which key a secondary cluster gets if the request names none. */
function unlessKeyless(judged: Judged, { lacksKey }: PlannedRequest): Judged {
  return judged.outcome === 'holds' && lacksKey
    ? { ...judged, outcome: 'unproven', lacks: [...judged.lacks, { code: 'plan-secondary-key' }] }
    : judged;
}

/** Users and root users have no role session. */
function isOfRole(arn: string): boolean {
  const type = parsePrincipalArn(arn)?.type;
  return type === 'role' || type === 'session';
}

/** Each name in RDS is unique, so RDS refuses the second of two requests. */
function unlessNamedTwice(judged: Judged, { sameName }: PlannedRequest): Judged {
  return judged.outcome === 'holds' && sameName !== undefined
    ? { ...judged, outcome: 'unproven', lacks: [...judged.lacks, { code: 'plan-same-name', by: sameName.address }] }
    : judged;
}

/**
 * A plan has no order, so the final snapshot of a deleted database may exist before the request.
 */
function unlessComing(judged: Judged, { sourceComes }: PlannedRequest): Judged {
  return isSourceMissing(judged) && sourceComes !== undefined
    ? unproven(judged.expectation, [{ code: 'plan-source-comes', by: sourceComes.address }])
    : judged;
}

/**
 * Evidence without a resource that the state of the plan has was read after the plan was made. The
 * provider takes a resource that RDS does not find for deleted.
 */
function unlessGone(judged: Judged, { isOfOld, source }: PlannedRequest): Judged {
  return isOfOld && source !== undefined && isSourceMissing(judged)
    ? unproven(judged.expectation, [{ code: 'plan-source-gone', source }])
    : judged;
}

function isSourceMissing({ lacks }: Judged): boolean {
  return lacks.some((lack) => lack.code === 'nothing-matched' && lack.what === 'source');
}

function unproven(expectation: Expectation, lacks: readonly ExpectationLack[]): Judged {
  return notAsked(expectation, 'unproven', lacks);
}

/**
 * The outcome for every value that an expression may have. If the outcomes differ, the answer is
 * known only after apply.
 */
function eitherWay(expectation: Expectation, request: PlannedRequest, judgeOf: (evidence: Evidence) => Judge): Judged {
  const judged = inOrder(expectation, request, judgeOf);
  const { parameters: others, because } = request.otherwise;
  const isSame = others.every(
    (parameters) => inOrder({ ...expectation, parameters }, request, judgeOf).outcome === judged.outcome,
  );
  return isSame
    ? judged
    : { ...judged, outcome: 'unproven', lacks: [...judged.lacks, { code: 'plan-value-unknown', names: because }] };
}

/**
 * If the plan does not show when RDS renames a DB instance, a request that takes one of its two names
 * may find the name free.
 */
function unlessRenamed(judged: Judged, request: PlannedRequest, judgeOf: (evidence: Evidence) => Judge): Judged {
  const { nameInDoubt, whenAll } = request;
  if (nameInDoubt === undefined || judged.outcome === 'unproven') return judged;
  const free = withoutNamed(whenAll, nameInDoubt.arn);
  // Evidence without the list of DB instances shows no instance with the name.
  return judged.outcome === 'broken' && judgedUnder(judged.expectation, judgeOf(free)).outcome === 'broken'
    ? judged
    : leftOpen(judged, { code: 'plan-value-unknown', names: [nameInDoubt.because] });
}

/** Leaves a failure open if another change may free the name that the request takes. */
function unlessFreed(judged: Judged, request: PlannedRequest, judgeOf: (evidence: Evidence) => Judge): Judged {
  const { nameGoes, whenAll, change } = request;
  if (judged.outcome !== 'broken' || nameGoes === undefined) return judged;
  const by = [nameGoes.change.address];
  return judgedUnder(judged.expectation, judgeOf(withoutNamed(whenAll, nameGoes.arn))).outcome === 'broken'
    ? judged
    : leftOpen(judged, { code: 'plan-order', of: change.address, first: by, gone: by, apart: [] });
}

/** Leaves an answer open that depends on the name that RDS gives a DB instance in a blue/green deployment. */
function underEachName(judged: Judged, request: PlannedRequest, judgeOf: (evidence: Evidence) => Judge): Judged {
  const { otherName, change, whenAll } = request;
  if (otherName === undefined || judged.outcome === 'unproven') return judged;
  const evidence = withInstanceNamed(whenAll, textIn(change.before, 'arn') ?? '', otherName);
  const expectation = { ...judged.expectation, source: sourceNamed(request, otherName) };
  return judgedUnder(expectation, judgeOf(evidence)).outcome === judged.outcome
    ? judged
    : leftOpen(judged, { code: 'plan-value-unknown', names: ['identifier (from RDS)'] });
}

/**
 * Leaves a deletion open that fails because newer evidence shows deletion protection, which the provider
 * then turns off.
 */
function unlessLifted(given: Judged, request: PlannedRequest, judgeOf: (evidence: Evidence) => Judge): Judged {
  const freed = unlessFreed(unlessRenamed(given, request, judgeOf), request, judgeOf);
  const judged = underEachName(freed, request, judgeOf);
  if (judged.outcome !== 'broken' || !request.isOfOld) return judged;
  const free = withoutProtection(request.whenAll, request.change);
  return free === undefined || judgedUnder(judged.expectation, judgeOf(free)).outcome === 'broken'
    ? judged
    : leftOpen(judged, { code: 'plan-protection-lifted' });
}

/**
 * Names the instances of resources that a certain outcome assumes, if another instance would change
 * the outcome. With --strict, the outcome is then open.
 */
function unlessAssumed(
  judged: Judged,
  request: PlannedRequest,
  { judgeOf, isStrict }: { readonly judgeOf: (evidence: Evidence) => Judge; readonly isStrict: boolean | undefined },
): Judged {
  const { expectation, outcome } = judged;
  if (outcome === 'unproven') return judged;
  const decisive = new Map<string, OfOtherInstance>();
  for (const one of request.instead) {
    const { attribute, source, parameters } = one;
    if (decisive.has(attribute)) continue;
    const asked = { ...expectation, source: sourceNamed(request, source), parameters };
    if (inOrder(asked, request, judgeOf).outcome !== outcome) decisive.set(attribute, one);
  }
  if (decisive.size === 0) return judged;
  const assumed = [...decisive.values()].map(({ attribute, assumed: instance }) => ({ attribute, instance }));
  const names = assumed.map(({ attribute, instance }) => `${attribute} (from ${instance})`);
  return isStrict === true
    ? leftOpen(judged, { code: 'plan-value-unknown', names })
    : { ...judged, assumedInstances: assumed };
}

/** The expectation that the request succeeds. Undefined: the operation is not in the catalog. */
function expectationOf(request: PlannedRequest): Expectation | undefined {
  const { operation, change, api, source, parameters, account, region, applier, from } = request;
  if (operation === undefined) return undefined;
  const at: At = { file: from, line: 1, column: 1 };
  const said = (text: string): Said => ({ text, at });
  const who: Who = { said: said(applier?.arn ?? 'unknown'), is: 'name', not: [], tags: [], account: undefined };
  const { session } = applier ?? {};
  return {
    id: `${change.address} ${api}`,
    at,
    why: '',
    who: [who],
    isOnly: false,
    verb: 'can',
    asked: [{ said: said(operation.command), operations: [operation] }],
    source: sourceNamed(request, source),
    parameters,
    isSent: true,
    accounts: account === undefined ? [] : [said(account)],
    regions: region === undefined ? [] : [said(region)],
    session: {
      context: {},
      policy: session?.policies.is === 'shown' ? said(nameOfPolicies(session.policies)) : undefined,
    },
    because: [],
    atLeast: 1,
    except: [],
  };
}

/** The source of a request by its name or ARN. */
function sourceNamed({ operation, from }: PlannedRequest, source: string | undefined): Expectation['source'] {
  const flag = operation?.reads?.flag;
  if (flag === undefined || source === undefined) return undefined;
  const at: At = { file: from, line: 1, column: 1 };
  return { field: flag, at, items: [{ is: 'name', said: { text: source, at }, not: [], tags: [] }] };
}

/** Adds the session tags and the source identity of the provider's session to an expectation. */
function inSession(expectation: Expectation, { applier }: PlannedRequest, judge: Judge): Expectation {
  const { tags, sourceIdentity } = applier?.session ?? {};
  const own = tags?.is === 'shown' ? Object.entries(tags.tags) : [];
  if ((own.length === 0 && sourceIdentity === undefined) || !whoAsks(expectation, judge).every(isOfRole))
    return expectation;
  const context = {
    ...Object.fromEntries(own.map(([key, value]) => [`aws:PrincipalTag/${key}`, [value]] as const)),
    ...(sourceIdentity === undefined ? {} : { 'aws:SourceIdentity': [sourceIdentity] }),
  };
  return { ...expectation, session: { ...expectation.session, context } };
}

function whoAsks(expectation: Expectation, judge: Judge): readonly string[] {
  return judge
    .resolve(expectation)
    .groups.flatMap(({ principals }) => principals.map(({ arn, roleArn }) => roleArn ?? arn));
}

/**
 * If the provider sets session tags that the plan does not show, the tags of the request's sender
 * are not known: removes them from the evidence. `without`: makes evidence without the tags of some
 * roles.
 */
function withOpenTags(
  request: PlannedRequest,
  without: (evidence: Evidence, arns: readonly string[]) => Evidence,
  judgeOf: (evidence: Evidence) => Judge,
): PlannedRequest {
  const expectation = expectationOf(request);
  if (request.applier?.session?.tags.is !== 'hidden' || expectation === undefined) return request;
  const arns = whoAsks(expectation, judgeOf(request.whenAll)).filter(isOfRole);
  return withEach(request, (evidence) => without(evidence, arns));
}

/** A request with each of its states of the evidence edited. */
function withEach(request: PlannedRequest, edit: (evidence: Evidence) => Evidence): PlannedRequest {
  const { whenAll, whenFirst, whenSooner, whenAlso } = request;
  return {
    ...request,
    whenAll: edit(whenAll),
    whenFirst: () => edit(whenFirst()),
    whenSooner: whenSooner && (() => edit(whenSooner())),
    whenAlso: (others) => edit(whenAlso(others)),
  };
}

/**
 * The deletion of the old DB instance of a blue/green update: the provider turns its deletion protection
 * off if the configuration has it on.
 */
function withLifted(request: PlannedRequest): PlannedRequest {
  const { isOfOld, change } = request;
  const isOn = change.after?.['deletion_protection'] === true;
  const mayBeOn = isOn || (isJson(change.unknown) && change.unknown['deletion_protection'] === true);
  if (!isOfOld || change.kind !== 'update' || !mayBeOn) return request;
  return withEach(request, (evidence) => unprotected(evidence, textIn(change.before, 'arn'), isOn) ?? evidence);
}

/** A request about a resource whose tags the same update changes: they are the old or the new ones. */
function withOwnTags(request: PlannedRequest): PlannedRequest {
  const { isRetagged, operation, change } = request;
  // A request that is not checked needs no evidence.
  if (!isRetagged || operation === undefined) return request;
  return withEach(request, (evidence) => withoutTagsOf(evidence, change));
}

/** Makes the states for requests that begin the management of the password of a new database. Each is made once. */
function beforeManagement(): (request: PlannedRequest) => PlannedRequest {
  const known = rememberedOf((evidence: Evidence) =>
    remembered((place: string) => {
      const [account = '', region = ''] = place.split(' ');
      return withoutSecrets(evidence, { account, region });
    }),
  );
  return (request) => {
    const { change, makes, parameters, account, region } = request;
    if (!isMade(change) || makes || parameters.manageMasterUserPassword !== true) return request;
    return withEach(request, (evidence) => known(evidence)(`${account} ${region}`));
  };
}

/** Makes evidence without the tags of some roles. Each result is made once. */
function untagging(): (evidence: Evidence, arns: readonly string[]) => Evidence {
  const known = new Map<Evidence, Map<string, Evidence>>();
  return (evidence, arns) => {
    const made = known.get(evidence) ?? new Map<string, Evidence>();
    known.set(evidence, made);
    const name = arns.join(' ');
    const found = made.get(name) ?? arns.reduce(untagged, evidence);
    made.set(name, found);
    return found;
  };
}

function untagged(evidence: Evidence, arn: string): Evidence {
  return withIam(evidence, roles, arn, (role) => role && roles.withTags(role, undefined)) ?? evidence;
}
