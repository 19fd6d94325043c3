/*
 * src/diagnose/ reads records and error texts of AWS, and compares what AWS did with what the
 * check says.
 */

import { nameOf, withoutPath } from '../base/arn.ts';
import type { Assumption } from '../check/assumption.ts';
import type { Bound } from '../check/bind.ts';
import type { ReasonedCall } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import type { Judgment, Reason } from '../check/judgment.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { policyWords } from '../contract/policy-words.ts';
import type { Diagnosis, Verdict } from '../contract/report.ts';
import type { Gap } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import { catalogue, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { valueOf } from '../operations/request-parameters.ts';
import { type PolicyKind, type StatementRef, statementKey } from '../policy/statement-ref.ts';
import { isSameResource } from './denied-call.ts';
import {
  type AwsError,
  behind,
  type Cause,
  causesOf,
  makesRdsRole,
  type NamedPolicyKind,
  sameCode,
} from './error-text.ts';
import type { Incident, Note } from './incident.ts';

/*
 * Compares the answer of AWS with the answer of a check. Each result is a code with fields;
 * explain/diagnosis.ts has the words.
 */

/**
 * The question for a check of an incident: the facts of the incident, and the facts that the user
 * added.
 */
export interface IncidentQuestion {
  readonly operation: Operation | undefined;
  readonly principal: string | undefined;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}

/** A flag that a check of the incident needs, and why. */
export interface MissingFlag {
  readonly flag: string;
  readonly because:
    | { readonly code: 'operation-not-told'; readonly is: Incident['is'] }
    /** Several commands need the action that failed. */
    | { readonly code: 'operation-ambiguous'; readonly commands: readonly string[]; readonly action: string }
    | { readonly code: 'principal-not-told'; readonly is: Incident['is'] }
    | { readonly code: 'source-not-told'; readonly api: string }
    | { readonly code: 'parameter-not-told'; readonly api: string };
}

/** The facts that a check of the incident needs and nobody has given. */
export function missingFor(
  { is, call, api, error }: Incident,
  { operation, principal, target, parameters }: IncidentQuestion,
): readonly MissingFlag[] {
  if (operation === undefined && api !== undefined && operationsNamed(api).length === 0) return [];
  const action = call?.action ?? (api === undefined ? error?.denied?.action : undefined) ?? '';
  const commands = commandsThatMake(action, call === undefined);
  return [
    ...(operation !== undefined
      ? []
      : [
          {
            flag: '--operation',
            because:
              commands.length > 0
                ? ({ code: 'operation-ambiguous', commands, action } as const)
                : ({ code: 'operation-not-told', is } as const),
          },
        ]),
    ...(principal === undefined ? [{ flag: '--principal', because: { code: 'principal-not-told', is } } as const] : []),
    ...(target === undefined && operation?.reads !== undefined
      ? [{ flag: `--${operation.reads.flag}`, because: { code: 'source-not-told', api: operation.api } } as const]
      : []),
    ...(operation?.requires ?? [])
      .filter((flag) => valueOf(parameters, flag) === undefined)
      .map((flag): MissingFlag => {
        return { flag: `--${flag}`, because: { code: 'parameter-not-told', api: operation?.api ?? '' } };
      }),
  ];
}

/** The commands whose operations need an action: of the principal itself, or of RDS. */
function commandsThatMake(action: string, isOwn: boolean): readonly string[] {
  const makers = catalogue.filter(({ calls }) =>
    calls.some((row) => (row.kind === 'caller') === isOwn && row.action === action),
  );
  return [...new Set(makers.map(({ command }) => command))];
}

/**
 * The possible causes of an incident's error, according to the catalogue. A denial names its own
 * cause.
 */
export function causesOfIncident({ error, call, api }: Incident, operation: Operation | undefined): readonly Cause[] {
  if (error === undefined || error.denied !== undefined) return [];
  if (call !== undefined && error.preconditions === undefined) return [];
  if (operation !== undefined) return causesOf(error, [operation]);
  // AWS Backup roles are checked only if the user names one.
  return causesOf(
    error,
    api === undefined ? catalogue.filter(({ runsAsRole }) => runsAsRole !== true) : operationsNamed(api),
  );
}

/** How AWS's answer compares with the verdict. */
export type Outcome =
  | { readonly code: 'outcome-as-predicted' }
  | { readonly code: 'failed-for-another-reason' }
  /** `predicted`: the error code that the check expects. */
  | { readonly code: 'failed-with-another-code'; readonly predicted: string }
  | { readonly code: 'outcome-differs'; readonly predicted: Verdict }
  | { readonly code: 'outcome-was-open' }
  | { readonly code: 'outcome-not-checked' };

/** A call or precondition that AWS's answer means and that decides. */
export type Decisive =
  | { readonly code: 'call-decides'; readonly call: ReasonedCall }
  | { readonly code: 'precondition-decides'; readonly precondition: DecidedPrecondition };

/** Whether the principal may use a key through RDS, whatever the API. */
export interface KeyUse {
  readonly code: 'key-use-checked';
  readonly api: string;
  readonly actions: readonly string[];
  /** ARN. */
  readonly key: string;
  readonly use: 'allowed' | 'denied' | 'open';
}

/** Why AWS and the check may differ, or what the check could not include. */
export type Explanation =
  | Note
  | KeyUse
  /** The text asks for an option group, and the snapshot has one. */
  | { readonly code: 'source-has-option-group'; readonly group: string }
  /** Only the record of a request shows that it named no key. */
  | { readonly code: 'request-key-not-told' }
  /** `expected`: the key according to the evidence; null: no customer key. */
  | { readonly code: 'aws-names-another-key'; readonly named: string; readonly expected: string | null }
  /** `reason`: why the error is expected. */
  | { readonly code: 'another-code-expected'; readonly expected: string; readonly reason: Reason | undefined }
  | { readonly code: 'refused-before-start'; readonly actions: readonly string[] }
  | {
      readonly code: 'another-policy-decides';
      readonly named: NamedPolicyKind;
      readonly found: readonly NamedPolicyKind[];
    }
  /** No policy that was read does what AWS says of one of this kind. `name`: of the policy. */
  | {
      readonly code: 'named-policy-not-held';
      readonly named: NamedPolicyKind;
      readonly denial: 'explicit' | 'implicit';
      readonly action: string;
      readonly name?: string;
    }
  /** The check finds a failure, and the error is about something else. */
  | { readonly code: 'fails-apart-from-error' }
  /** AWS found a Deny where the evidence has none, or the other way round. */
  | { readonly code: 'another-denial-decides'; readonly named: 'explicit' | 'implicit'; readonly action: string }
  /** AWS says that no identity policy allows the action, but these policies in the evidence do. */
  | { readonly code: 'identity-policy-allows'; readonly action: string; readonly statements: readonly StatementRef[] }
  | { readonly code: 'named-policy-does-not-deny'; readonly named: NamedPolicyKind }
  | { readonly code: 'verdict-rests-on-assumption'; readonly assumption: Assumption }
  | { readonly code: 'fact-not-read'; readonly gap: Gap }
  /**
   * The principal was deleted after the event and created again under the same name, or the other
   * way round: its id differs (iam-evaluation 2.9).
   */
  | { readonly code: 'principal-is-another'; readonly principal: string; readonly before: string; readonly now: string }
  /**
   * The snapshot was created after the event, so the event is about an older snapshot of the same
   * name.
   */
  | { readonly code: 'snapshot-is-another'; readonly snapshot: string; readonly madeAt: string }
  /** `hours`: from the event to the reading; negative: the evidence was read before the event. */
  | { readonly code: 'evidence-of-another-time'; readonly hours: number }
  | { readonly code: 'session-facts-not-recorded' }
  /** `reason`: why the operation would not succeed. */
  | { readonly code: 'later-work-can-fail'; readonly reason: Reason | undefined }
  | { readonly code: 'changes-take-effect-late' }
  | { readonly code: 'answer-settles-what-is-open'; readonly outcome: 'failed' | 'succeeded' }
  | { readonly code: 'something-else-is-open' }
  | { readonly code: 'action-not-checked'; readonly action: string; readonly api: string }
  | { readonly code: 'infrastructure-not-checked' }
  /** The text says what is wrong, but no check covers that. */
  | { readonly code: 'text-explains-itself' };

/** The result of comparing AWS's answer with a check. */
export interface IncidentComparison {
  readonly agreement: Exclude<Diagnosis['agreement'], 'no check'>;
  readonly outcome: Outcome;
  readonly decisive: readonly Decisive[];
  /** The most likely explanation comes first. */
  readonly explanations: readonly Explanation[];
}

/** A check of an incident. */
export interface Checked {
  readonly evaluated: Evaluated;
  readonly judgment: Judgment;
  /** The reads that failed. */
  readonly gaps: readonly Gap[];
  /** When the evidence was read (ISO time); undefined: the evidence has no date. */
  readonly collectedAt: string | undefined;
}

/** The incident and the check to compare. */
interface Compared extends Checked {
  readonly incident: Incident;
  readonly suspects: Suspects;
  /** The verdict on the calls and preconditions that AWS's answer means. */
  readonly predicted: Verdict;
}

/** The calls and preconditions that AWS's answer can mean. */
interface Suspects {
  readonly calls: readonly ReasonedCall[];
  readonly preconditions: readonly DecidedPrecondition[];
  /** AWS names a key, and none of the calls is on it. */
  readonly otherKey: boolean;
}

/**
 * Compares an incident with a check of it. `parameters`: those of the check, before the evidence
 * was used.
 */
export function compare(incident: Incident, parameters: OperationParameters, checked: Checked): IncidentComparison {
  const { evaluated } = checked;
  const suspects = suspectsOf(incident, checked);
  const predicted = incident.call === undefined ? evaluated.verdict : verdictOf(suspects);
  const compared: Compared = { ...checked, incident, suspects, predicted };
  const agreement = agreementOf(compared);
  return {
    agreement,
    outcome: outcomeOf(compared, agreement),
    decisive: decisiveOf(suspects),
    explanations: [
      ...madeAgain(incident, evaluated.bound),
      ...explanationsOf(compared, agreement),
      ...incident.notes,
      ...keyNotTold(incident, evaluated.bound.operation, parameters),
    ],
  };
}

/** A resource that has the name of a resource in the event, but is another one. */
function madeAgain({ uniqueId, at }: Incident, { principal, source }: Bound): readonly Explanation[] {
  const { arn, roleArn, uniqueId: now } = principal;
  const entry = source?.type === 'cluster-snapshot' || source?.type === 'snapshot' ? source.entry : undefined;
  const madeAt = entry?.SnapshotCreateTime;
  const isLater = at !== undefined && madeAt !== undefined && Date.parse(madeAt) > Date.parse(at);
  return [
    ...(uniqueId === undefined || now === undefined || now === uniqueId
      ? []
      : [{ code: 'principal-is-another', principal: roleArn ?? arn, before: uniqueId, now } as const]),
    ...(isLater && source !== undefined
      ? [{ code: 'snapshot-is-another', snapshot: source.identifier, madeAt } as const]
      : []),
  ];
}

/**
 * Whether AWS's answer is explained: `fails` if the check or the text itself explains a refusal,
 * `undetermined` if neither does, `succeeds` if the operation would succeed now.
 */
export function verdictOnIncident(
  { error, api }: Incident,
  checked: Verdict,
  { agreement }: Pick<IncidentComparison, 'agreement'>,
): Verdict {
  if (error?.explains === true) return 'fails';
  // If an API is not in the catalogue, its other calls are not known.
  const isListed = api === undefined || operationsNamed(api).length > 0;
  if (!isListed && checked === 'succeeds') return 'undetermined';
  // A failure that the check finds does not explain an error that the check does not cover.
  return error !== undefined && agreement === 'not checked' ? 'undetermined' : checked;
}

/** Whether the catalogue lacks the API. */
function isUnlisted({ api }: Operation): boolean {
  return operationsNamed(api).length === 0;
}

/**
 * The answer of a check for the key that the request names, if the catalogue lacks the API.
 * Undefined: the catalogue has the API, or the check is about the call that AWS denied.
 */
export function keyUseIn(judgment: Judgment, operation: Operation): KeyUse | undefined {
  const isOfDenied = judgment.calls.some(({ call }) => call.row.named !== undefined);
  return isUnlisted(operation) && !isOfDenied ? keyUseBy(judgment, operation.api) : undefined;
}

/** The answer of a check for the use of one key by an API. Undefined: the API makes no call. */
export function keyUseBy({ calls }: Judgment, api: string): KeyUse | undefined {
  const [first] = calls;
  if (first === undefined) return undefined;
  const decisions = calls.map(({ call }) => call.decision.decision);
  return {
    code: 'key-use-checked',
    api,
    actions: calls.map(({ call }) => call.row.action),
    key: first.call.resource,
    use: decisions.includes('denied') ? 'denied' : decisions.includes('depends') ? 'open' : 'allowed',
  };
}

function keyNotTold(incident: Incident, operation: Operation, parameters: OperationParameters): readonly Explanation[] {
  const isTold = incident.operation !== undefined || parameters.kmsKeyId !== undefined || isUnlisted(operation);
  return isTold || !operation.parameters.includes('kms-key-id') ? [] : [{ code: 'request-key-not-told' }];
}

function suspectsOf({ error, call }: Incident, { evaluated, judgment }: Checked): Suspects {
  if (call !== undefined) {
    const made = judgment.calls.filter(({ call: { row } }) => row.kind !== 'caller' && row.action === call.action);
    const onKey = made.filter((one) => call.key === undefined || one.call.resource === call.key);
    const otherKey = made.length > 0 && onKey.length === 0;
    // KMS has other errors than denials, of which no policy is the cause.
    if (error !== undefined && error.preconditions === undefined && !isDenial(error))
      return { calls: [], preconditions: [], otherKey };
    // The text of KMS says that the state of the key is the cause.
    if (error?.preconditions === undefined || otherKey) return { calls: onKey, preconditions: [], otherKey };
    const { preconditions: codes } = error;
    const preconditions = evaluated.preconditions.filter(({ row }) => codes.includes(row.code));
    return { calls: [], preconditions, otherKey };
  }
  if (error === undefined) return { calls: [], preconditions: [], otherKey: false };
  const { calls: kinds, preconditions: codes } = behind(error, [evaluated.bound.operation]);
  const { denied, key, says } = error;
  const isOfRole = says.some((one) => one.code === 'service-linked-role-not-created');
  const possible = judgment.calls.filter(
    ({ call: { row } }) =>
      isOfRole === makesRdsRole(row) &&
      (isOfRole || (kinds.includes(row.kind) && (denied === undefined || row.action === denied.action))),
  );
  const onNamed = judgment.calls.filter(
    ({ call: { row, resource } }) => row.action === denied?.action && isSameResource(resource, denied.resource),
  );
  if (onNamed.length > 0) return { calls: onNamed, preconditions: [], otherKey: false };
  const onKey = possible.filter((one) => key === undefined || isOn(one.call, key, possible));
  const otherKey = possible.length > 0 && onKey.length === 0;
  // The evidence shows the state of its own key only.
  const preconditions =
    denied === undefined && !otherKey ? evaluated.preconditions.filter(({ row }) => codes.includes(row.code)) : [];
  return { calls: onKey, preconditions, otherKey };
}

/** Whether a call is on the key that AWS names, or else on the key that its text means. */
function isOn(
  { row, resource, key }: DecidedCall,
  { which, name }: NonNullable<AwsError['key']>,
  possible: readonly ReasonedCall[],
): boolean {
  if (name !== undefined)
    return [resource, key?.alias].some((one) => one === name || one?.endsWith(`/${name}`) === true);
  if (which === 'specified') return true;
  // If there is only one key, its calls are under `target key`.
  const wanted = which === 'source snapshot' ? 'storage key' : 'target key';
  return row.on === wanted || !possible.some((other) => other.call.row.on === wanted);
}

/** Whether an error is one of authorization. */
function isDenial({ code, denied }: AwsError): boolean {
  return denied !== undefined || (code !== undefined && sameCode(code, 'AccessDenied'));
}

function verdictOf(suspects: Suspects): Verdict {
  if (isGuilty(suspects)) return 'fails';
  return isSuspicious(suspects) ? 'undetermined' : 'succeeds';
}

function isDenied({ call }: ReasonedCall): boolean {
  return call.decision.decision === 'denied';
}

/** Whether a suspect is denied or not met. */
function isGuilty({ calls, preconditions }: Suspects): boolean {
  return calls.some(isDenied) || preconditions.some(({ status }) => status === 'unmet');
}

/** Whether a suspect is denied or not met, or may be. */
function isSuspicious({ calls, preconditions }: Suspects): boolean {
  const isOpen = calls.some(({ call }) => call.decision.decision !== 'allowed');
  return isOpen || preconditions.some(({ status }) => status !== 'met');
}

function agreementOf({
  incident: { error, call },
  judgment,
  suspects,
  predicted,
}: Compared): IncidentComparison['agreement'] {
  const about = suspects.calls.length + suspects.preconditions.length > 0 || (suspects.otherKey && call === undefined);
  if ((error !== undefined || call !== undefined) && !about) return 'not checked';
  if (predicted === 'undetermined') return 'open';
  if ((error === undefined) !== (predicted === 'succeeds')) return 'differs';
  if (error === undefined) return 'agrees';
  if (anotherDenial(error, suspects).length > 0 || isUnheldPolicy(error, suspects)) return 'agrees in part';
  if (call !== undefined) return 'agrees';
  const same = isGuilty(suspects) && isPredicted(error, judgment) && refusedAtOnce(error, judgment).length === 0;
  return same ? 'agrees' : 'agrees in part';
}

/**
 * An operation that failed later was started, so AWS did not deny the principal's own calls, even
 * if the evidence does.
 */
function refusedAtOnce({ code, api }: AwsError, { calls }: Judgment): readonly ReasonedCall[] {
  return code === undefined && api !== undefined
    ? calls.filter((one) => one.call.row.kind === 'caller' && isDenied(one))
    : [];
}

/** A later failure has a different code from the one of a denied call. */
function isPredicted({ code, calls, preconditions }: AwsError, { expectedError }: Judgment): boolean {
  return (
    code === undefined ||
    calls !== undefined ||
    preconditions !== undefined ||
    expectedError === undefined ||
    sameCode(code, expectedError.error)
  );
}

function outcomeOf(
  { incident: { error, call }, judgment, predicted }: Compared,
  agreement: IncidentComparison['agreement'],
): Outcome {
  const expected = judgment.expectedError?.error;
  switch (agreement) {
    case 'agrees':
      return { code: 'outcome-as-predicted' };
    case 'agrees in part':
      return expected === undefined ||
        call !== undefined ||
        (error?.code !== undefined && sameCode(error.code, expected))
        ? { code: 'failed-for-another-reason' }
        : { code: 'failed-with-another-code', predicted: expected };
    case 'differs':
      return { code: 'outcome-differs', predicted };
    case 'open':
      return { code: 'outcome-was-open' };
    case 'not checked':
      return { code: 'outcome-not-checked' };
  }
}

function decisiveOf(suspects: Suspects): readonly Decisive[] {
  const { calls, preconditions } = suspects;
  const guilty = isGuilty(suspects);
  return [
    ...calls
      .filter(({ call }) => call.decision.decision === (guilty ? 'denied' : 'depends'))
      .map((call) => ({ code: 'call-decides', call }) as const),
    ...preconditions
      .filter(({ status }) => status === (guilty ? 'unmet' : 'unknown'))
      .map((precondition) => ({ code: 'precondition-decides', precondition }) as const),
  ];
}

function explanationsOf(compared: Compared, agreement: IncidentComparison['agreement']): readonly Explanation[] {
  const { incident, evaluated, judgment, suspects } = compared;
  const { error } = incident;
  const otherKey = anotherKey(compared);
  switch (agreement) {
    case 'agrees':
      return anotherPolicy(error, suspects);
    case 'agrees in part':
      return [
        ...otherKey,
        ...anotherDenial(error, suspects),
        ...(incident.call === undefined ? anotherCode(error, judgment) : []),
        ...anotherStart(error, judgment),
        ...anotherPolicy(error, suspects),
        // AWS denied a different call from the one that fails according to the data that was read.
        ...(isGuilty(suspects) ? [] : unseenPolicy(error, suspects)),
        ...whyApart(compared),
      ];
    case 'differs':
      return [...otherKey, ...unseenPolicy(error, suspects), ...whyApart(compared)];
    case 'open':
      if (error === undefined) return [{ code: 'answer-settles-what-is-open', outcome: 'succeeded' }];
      return isSuspicious(suspects)
        ? [{ code: 'answer-settles-what-is-open', outcome: 'failed' }]
        : [...otherKey, { code: 'something-else-is-open' }, ...unseenPolicy(error, suspects), ...whyApart(compared)];
    case 'not checked':
      return [
        ...(otherKey.length > 0
          ? otherKey
          : [unchecked(incident, evaluated.bound.operation), ...optionGroup(error, evaluated.bound.source)]),
        ...(evaluated.verdict === 'fails' ? [{ code: 'fails-apart-from-error' } as const] : []),
      ];
  }
}

function anotherKey({ incident: { error, call }, evaluated, suspects }: Compared): readonly Explanation[] {
  const named = error?.key?.name ?? call?.key;
  const { keys } = evaluated.bound;
  const expected = (keys['target key'] ?? keys['storage key'])?.arn ?? null;
  return suspects.otherKey && named !== undefined ? [{ code: 'aws-names-another-key', named, expected }] : [];
}

function unchecked({ error, call }: Incident, { api }: Operation): Explanation {
  const action = error?.denied?.action ?? (error === undefined || isDenial(error) ? call?.action : undefined);
  if (action !== undefined) return { code: 'action-not-checked', action, api };
  return { code: error?.explains === true ? 'text-explains-itself' : 'infrastructure-not-checked' };
}

function optionGroup(error: AwsError | undefined, source: Source | undefined): readonly Explanation[] {
  const group = source?.type === 'snapshot' ? source.entry.OptionGroupName : undefined;
  const isNeeded = error?.says.some(({ code }) => code === 'option-group-needed') === true;
  return isNeeded && group !== undefined ? [{ code: 'source-has-option-group', group }] : [];
}

function anotherCode(error: AwsError | undefined, { expectedError, reasons }: Judgment): readonly Explanation[] {
  const expected = expectedError?.error;
  if (error?.code === undefined || expected === undefined || sameCode(error.code, expected)) return [];
  return [{ code: 'another-code-expected', expected, reason: reasons[0] }];
}

function anotherStart(error: AwsError | undefined, judgment: Judgment): readonly Explanation[] {
  const actions = error === undefined ? [] : refusedAtOnce(error, judgment).map(({ call }) => call.row.action);
  return actions.length === 0 ? [] : [{ code: 'refused-before-start', actions: [...new Set(actions)] }];
}

/**
 * AWS names one kind of policy of those that deny (rds-kms-operations 1.3).
 */
function anotherPolicy(error: AwsError | undefined, suspects: Suspects): readonly Explanation[] {
  const { policy: named, denial, action = '', policyArn } = error?.denied ?? {};
  const denied = suspects.calls.filter(isDenied);
  if (named === undefined || denial === undefined || denied.length === 0) return [];
  const isSameDenial = anotherDenial(error, suspects).length === 0;
  const denying = kindsOf(denied, ({ decidedBy }) => decidedBy.flatMap((by) => ('grant' in by ? [] : [by.policy])));
  const lacking = kindsOf(denied, (decision) => decision.lacking);
  const found = isSameDenial && denial === 'explicit' ? denying : [...new Set([...denying, ...lacking])];
  if (found.includes(named)) return [];
  if (!isSameDenial || (denial === 'implicit' && mayBeMisnamed.includes(named)))
    return [{ code: 'another-policy-decides', named, found }];
  const name = policyArn === undefined ? undefined : withoutPath(nameOf(policyArn));
  return [{ code: 'named-policy-not-held', named, denial, action, ...(name === undefined ? {} : { name }) }];
}

/** For want of an Allow, AWS may name the one where the other lacks it (iam-evaluation 0.8). */
const mayBeMisnamed: readonly NamedPolicyKind[] = ['identity policy', 'key policy', 'resource policy'];

function kindsOf(
  calls: readonly ReasonedCall[],
  kinds: (decision: DecidedCall['decision']) => readonly PolicyKind[],
): readonly NamedPolicyKind[] {
  return [...new Set(calls.flatMap(({ call: { decision } }) => kinds(decision)).map((kind) => policyWords[kind]))];
}

/** Whether a policy that was not read decided as well, by AWS's own word. */
function isUnheldPolicy(error: AwsError | undefined, suspects: Suspects): boolean {
  return anotherPolicy(error, suspects).some(({ code }) => code === 'named-policy-not-held');
}

/**
 * AWS looks for a Deny first, in every policy: it calls a denial implicit only if no Deny applies
 * (iam-evaluation 5.4).
 */
function anotherDenial(error: AwsError | undefined, { calls }: Suspects): readonly Explanation[] {
  const { denial: named, action } = error?.denied ?? {};
  const found = calls.flatMap(({ call: { decision } }) => (decision.decision === 'denied' ? [decision.denial] : []));
  return named === undefined || action === undefined || found.length === 0 || found.includes(named)
    ? []
    : [{ code: 'another-denial-decides', named, action }];
}

/**
 * A doubt about every fix: AWS reports a denial that nothing that was read makes, so no fix could be
 * checked against this denial.
 */
export interface FixDoubt {
  readonly code: 'reported-denial-not-read';
}

/** Undefined: what AWS reports was read. */
export function fixDoubtOf(explanations: readonly Explanation[]): FixDoubt | undefined {
  return explanations.some(isOfUnreadDenial) ? { code: 'reported-denial-not-read' } : undefined;
}

function isOfUnreadDenial(explanation: Explanation): boolean {
  switch (explanation.code) {
    case 'named-policy-not-held':
    case 'named-policy-does-not-deny':
    case 'identity-policy-allows':
      return true;
    case 'another-denial-decides':
      return explanation.named === 'explicit';
    default:
      return false;
  }
}

/** The case in which AWS denies a call and nothing in the evidence does. */
function unseenPolicy(error: AwsError | undefined, { calls }: Suspects): readonly Explanation[] {
  const { policy: named, denial, action } = error?.denied ?? {};
  if (named === undefined || action === undefined) return [];
  const allows = calls.flatMap(({ call: { decision } }) =>
    decision.decidedBy.filter(
      (by): by is StatementRef => !('grant' in by) && by.policy === 'identity' && by.effect === 'Allow',
    ),
  );
  const statements = [...new Map(allows.map((one) => [statementKey(one), one])).values()];
  return named === 'identity policy' && denial === 'implicit' && statements.length > 0
    ? [{ code: 'identity-policy-allows', action, statements }]
    : [{ code: 'named-policy-does-not-deny', named }];
}

function whyApart({ incident, evaluated, judgment, gaps, collectedAt }: Compared): readonly Explanation[] {
  const { error, at } = incident;
  const { assumptions, reasons } = judgment;
  const { principal } = evaluated.bound;
  // Policies have nothing to do with other errors.
  const isAuthorization = error !== undefined && behind(error, [evaluated.bound.operation]).calls.length > 0;
  const isSession = principal.type === 'role' || principal.type === 'session';
  const hours = (Date.parse(collectedAt ?? '') - Date.parse(at ?? '')) / (60 * 60 * 1000);
  return [
    ...assumptions
      .filter((one) => isAuthorization || one.code !== 'session-adds-nothing')
      .map((assumption) => ({ code: 'verdict-rests-on-assumption', assumption }) as const),
    ...gaps.map((gap) => ({ code: 'fact-not-read', gap }) as const),
    ...(Number.isNaN(hours) ? [] : [{ code: 'evidence-of-another-time', hours } as const]),
    ...(isAuthorization && isSession ? [{ code: 'session-facts-not-recorded' } as const] : []),
    // rds-kms-operations 5
    ...(error === undefined ? [{ code: 'later-work-can-fail', reason: reasons[0] } as const] : []),
    // iam-evaluation 1.11
    ...(isAuthorization ? [{ code: 'changes-take-effect-late' } as const] : []),
  ];
}
