/*
 * src/diagnose/ reads AWS records and error texts, and compares what AWS did with the verdict of a
 * check.
 */

import { nameOf, withoutPath } from '../base/arn.ts';
import type { Assumption } from '../check/assumption.ts';
import type { Bound } from '../check/bind.ts';
import type { ReasonedCall } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import type { Judgment, Reason } from '../check/judgment.ts';
import type { DecidedPrecondition } from '../check/preconditions/preconditions.ts';
import { policyWordFor } from '../contract/policy-words.ts';
import type { Diagnosis, Verdict } from '../contract/report.ts';
import type { Gap } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import { catalogue, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { valueOf } from '../operations/request-parameters.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { type PolicyKind, type StatementRef, statementKey } from '../policy/statement-ref.ts';
import { isSameResource } from './denied-call.ts';
import {
  type AwsError,
  behind,
  type Cause,
  canCause,
  causesOf,
  makesRdsRole,
  type NamedPolicyKind,
  sameCode,
} from './error-text.ts';
import type { Incident, Note } from './incident.ts';

/*
 * Compares AWS's answer with the answer of a check. Each result is a code with fields.
 * explain/diagnosis.ts has the words.
 */

/** What to check for an incident, from its record and from the flags of the user. */
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
    /** Several commands need the denied action. */
    | { readonly code: 'operation-ambiguous'; readonly commands: readonly string[]; readonly action: string }
    | { readonly code: 'principal-not-told'; readonly is: Incident['is'] }
    | { readonly code: 'source-not-told'; readonly api: string }
    | { readonly code: 'parameter-not-told'; readonly api: string };
}

/** The flags that the user must add before the incident can be checked. */
export function missingFor(
  { is, call, api, error }: Incident,
  { operation, principal, target, parameters }: IncidentQuestion,
): readonly MissingFlag[] {
  if (operation === undefined && (error?.outside !== undefined || isOutside(api))) return [];
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

/** Whether the catalog lacks an API. */
function isOutside(api: string | undefined): boolean {
  return api !== undefined && operationsNamed(api).length === 0;
}

/**
 * The commands whose operations make a call to an action. `isOwn`: the principal makes the call,
 * not RDS.
 */
function commandsThatMake(action: string, isOwn: boolean): readonly string[] {
  const makers = catalogue.filter(({ calls }) =>
    calls.some((row) => (row.kind === 'caller') === isOwn && row.action === action),
  );
  return [...new Set(makers.map(({ command }) => command))];
}

/**
 * The possible causes of an incident's error, according to the catalog. None for a denial or for a
 * call of RDS, because their texts name the cause.
 */
export function causesOfIncident({ error, call, api }: Incident, operation: Operation | undefined): readonly Cause[] {
  if (error === undefined || error.denied !== undefined) return [];
  if (call !== undefined && error.preconditions === undefined) return [];
  if (operation !== undefined) return causesOf(error, [operation]);
  if (error.outside !== undefined || isOutside(api)) return [];
  // Operations that run as an AWS Backup role are included only if the user names such an
  // operation.
  return causesOf(
    error,
    api === undefined ? catalogue.filter(({ runsAsRole }) => runsAsRole !== true) : operationsNamed(api),
  );
}

/** How AWS's answer compares with the verdict of the check. */
export type Outcome =
  | { readonly code: 'outcome-as-predicted' }
  | { readonly code: 'failed-for-another-reason' }
  /** `predicted`: the error code that the check expects. */
  | { readonly code: 'failed-with-another-code'; readonly predicted: string }
  | { readonly code: 'outcome-differs'; readonly predicted: Verdict }
  | { readonly code: 'outcome-was-open' }
  | { readonly code: 'outcome-not-checked' };

/** A call or precondition that decides the verdict and that AWS's answer is about. */
export type Decisive =
  | { readonly code: 'call-decides'; readonly call: ReasonedCall }
  | { readonly code: 'precondition-decides'; readonly precondition: DecidedPrecondition };

/** Whether the principal may use a key through RDS, for any API. */
export interface KeyUse {
  readonly code: 'key-use-checked';
  readonly api: string;
  readonly actions: readonly string[];
  /** ARN. */
  readonly key: string;
  readonly use: 'allowed' | 'denied' | 'open';
}

/** A reason why AWS and the check may differ, or a fact that the check could not include. */
export type Explanation =
  | Note
  | KeyUse
  /** The error asks for an option group, and the source snapshot has an option group. */
  | { readonly code: 'source-has-option-group'; readonly group: string }
  /**
   * The incident does not show whether the request named a key: only a record with the request
   * does.
   */
  | { readonly code: 'request-key-not-told' }
  /**
   * `expected`: the key according to the evidence. Null: the resource has no customer managed key.
   */
  | { readonly code: 'aws-names-another-key'; readonly named: string; readonly expected: string | null }
  /** `reason`: why the check expects the other code. */
  | { readonly code: 'another-code-expected'; readonly expected: string; readonly reason: Reason | undefined }
  | { readonly code: 'refused-before-start'; readonly actions: readonly string[] }
  | {
      readonly code: 'another-policy-decides';
      readonly named: NamedPolicyKind;
      readonly found: readonly NamedPolicyKind[];
    }
  /**
   * AWS names a kind of policy, but no policy of that kind that was read denies the call. `name`:
   * the name of the policy, if AWS gives its ARN.
   */
  | {
      readonly code: 'named-policy-not-held';
      readonly named: NamedPolicyKind;
      readonly denial: 'explicit' | 'implicit';
      readonly action: string;
      readonly name?: string;
    }
  /** The check finds a failure, but AWS's error is about something else. */
  | { readonly code: 'fails-apart-from-error' }
  /** AWS reports an explicit deny and the evidence has only an implicit deny, or vice versa. */
  | { readonly code: 'another-denial-decides'; readonly named: 'explicit' | 'implicit'; readonly action: string }
  /**
   * AWS says that no identity policy allows the action, but these statements in the evidence allow
   * it.
   */
  | { readonly code: 'identity-policy-allows'; readonly action: string; readonly statements: readonly StatementRef[] }
  | { readonly code: 'named-policy-does-not-deny'; readonly named: NamedPolicyKind }
  | { readonly code: 'verdict-rests-on-assumption'; readonly assumption: Assumption }
  | { readonly code: 'fact-not-read'; readonly gap: Gap }
  /**
   * The principal was deleted and created again under the same name, before or after the event. The
   * id in the event differs from the ID in the evidence (iam-evaluation 2.9).
   */
  | { readonly code: 'principal-is-another'; readonly principal: string; readonly before: string; readonly now: string }
  /**
   * The snapshot was created after the event, so the event is about an older snapshot of the same
   * name.
   */
  | { readonly code: 'snapshot-is-another'; readonly snapshot: string; readonly madeAt: string }
  /**
   * `hours`: the time from the event to the reading of the evidence. Negative: the evidence was
   * read before the event.
   */
  | { readonly code: 'evidence-of-another-time'; readonly hours: number }
  | { readonly code: 'session-facts-not-recorded' }
  /**
   * `reason`: why the check says that the operation fails or is undetermined. AWS accepted the
   * request, but RDS can still fail later.
   */
  | { readonly code: 'later-work-can-fail'; readonly reason: Reason | undefined }
  | { readonly code: 'changes-take-effect-late' }
  | { readonly code: 'answer-settles-what-is-open'; readonly outcome: 'failed' | 'succeeded' }
  | { readonly code: 'something-else-is-open' }
  | { readonly code: 'action-not-checked'; readonly action: string; readonly api: string }
  | { readonly code: 'infrastructure-not-checked' }
  /** The data that was read has the source that AWS did not find. `source`: its ARN. */
  | { readonly code: 'source-was-found'; readonly source: string }
  /** The error text says what is wrong, and no check covers that. */
  | { readonly code: 'text-explains-itself' };

/** The result of comparing AWS's answer with a check. */
export interface IncidentComparison {
  readonly agreement: Exclude<Diagnosis['agreement'], 'no check'>;
  readonly outcome: Outcome;
  readonly decisive: readonly Decisive[];
  /** The most likely explanation comes first. */
  readonly explanations: readonly Explanation[];
}

/** A check of an incident: the verdict, and what was read for it. */
export interface Checked {
  readonly evaluated: Evaluated;
  readonly judgment: Judgment;
  /** The facts that could not be read. */
  readonly gaps: readonly Gap[];
  /** When the evidence was read (ISO time). Undefined: the evidence has no date. */
  readonly collectedAt: string | undefined;
}

/** The incident and the check to compare. */
interface Compared extends Checked {
  readonly incident: Incident;
  readonly suspects: Suspects;
  /** The verdict of the check. If RDS made the recorded call, only the verdict on that call. */
  readonly predicted: Verdict;
}

/** The calls and preconditions that AWS's answer can be about. */
interface Suspects {
  readonly calls: readonly ReasonedCall[];
  readonly preconditions: readonly DecidedPrecondition[];
  /** AWS names a key, and none of the calls uses that key. */
  readonly otherKey: boolean;
}

/**
 * Compares an incident with a check of it. `parameters`: the parameters of the check, before the
 * evidence adds any.
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
      ...replacedResources(incident, evaluated.bound),
      ...explanationsOf(compared, agreement),
      ...incident.notes,
      ...keyNotShown(incident, evaluated.bound.operation, parameters),
    ],
  };
}

/**
 * The principal or snapshot of the event may have been replaced by another one with the same name.
 */
function replacedResources({ uniqueId, at }: Incident, { principal, source }: Bound): readonly Explanation[] {
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
 * The verdict on the incident. `fails`: the check finds the failure, or the error text itself
 * explains it. `undetermined`: nothing explains the error. `succeeds`: the operation would succeed
 * now.
 */
export function verdictOnIncident(
  { error, api }: Incident,
  checked: Verdict,
  { agreement }: Pick<IncidentComparison, 'agreement'>,
): Verdict {
  if (error?.explains === true) return 'fails';
  // If the catalog lacks the API, the API may make calls that were not checked.
  if (isOutside(api) && checked === 'succeeds') return 'undetermined';
  // The check may find a failure that has nothing to do with the error.
  return error !== undefined && agreement === 'not checked' ? 'undetermined' : checked;
}

/**
 * Whether the principal may use the key that the request names, for an API that the catalog lacks.
 * Undefined: the catalog has the API, or the check is about the call that AWS denied.
 */
export function keyUseIn(judgment: Judgment, operation: Operation): KeyUse | undefined {
  const isOfDenied = judgment.calls.some(({ call }) => call.row.named !== undefined);
  return isOutside(operation.api) && !isOfDenied ? keyUseBy(judgment, operation.api) : undefined;
}

/** Whether the principal may use a key by an API. Undefined: the API makes no call. */
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

function keyNotShown(
  incident: Incident,
  operation: Operation,
  parameters: OperationParameters,
): readonly Explanation[] {
  const isShown = incident.operation !== undefined || parameters.kmsKeyId !== undefined || isOutside(operation.api);
  return isShown || !operation.parameters.includes('kms-key-id') ? [] : [{ code: 'request-key-not-told' }];
}

function suspectsOf({ error, call }: Incident, { evaluated, judgment }: Checked): Suspects {
  if (call !== undefined) {
    const callsToAction = judgment.calls.filter(
      ({ call: { row } }) => row.kind !== 'caller' && row.action === call.action,
    );
    const onKey = callsToAction.filter((one) => call.key === undefined || one.call.resource === call.key);
    const otherKey = callsToAction.length > 0 && onKey.length === 0;
    // KMS has errors that no policy causes.
    if (error !== undefined && error.preconditions === undefined && !isDenial(error))
      return { calls: [], preconditions: [], otherKey };
    // If the text of KMS names preconditions, the state of the key is the cause.
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
      (isOfRole || (canCause(row, error, kinds) && (denied === undefined || row.action === denied.action))),
  );
  const onNamed = judgment.calls.filter(
    ({ call: { row, resource } }) => row.action === denied?.action && isSameResource(resource, denied.resource),
  );
  if (onNamed.length > 0) return { calls: onNamed, preconditions: [], otherKey: false };
  const onKey = possible.filter((one) => key === undefined || isOn(one.call, key, possible));
  const otherKey = possible.length > 0 && onKey.length === 0;
  // The check only knows the state of its own key, not the state of another key that AWS names.
  const preconditions =
    denied === undefined && !otherKey ? evaluated.preconditions.filter(({ row }) => codes.includes(row.code)) : [];
  return { calls: onKey, preconditions, otherKey };
}

/**
 * Whether a call uses the key that AWS names or, without a name, the kind of key that AWS's text
 * mentions.
 */
function isOn(
  { row, resource, key }: DecidedCall,
  { which, name }: NonNullable<AwsError['key']>,
  possible: readonly ReasonedCall[],
): boolean {
  if (name !== undefined)
    return [resource, key?.alias].some((one) => one === name || one?.endsWith(`/${name}`) === true);
  if (which === 'specified') return true;
  // If the operation uses one key, all of its calls are on `target key`.
  const wanted = which === 'source snapshot' ? 'storage key' : 'target key';
  return row.on === wanted || !possible.some((other) => other.call.row.on === wanted);
}

/** Whether an error is an authorization error. */
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

/** Whether a call is denied or a precondition is not met. */
function isGuilty({ calls, preconditions }: Suspects): boolean {
  return calls.some(isDenied) || preconditions.some(({ status }) => status === 'unmet');
}

/** Whether a call may be denied or a precondition may be unmet. */
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
 * The principal's own calls that the check denies, for an operation that failed only after it had
 * started. AWS cannot have denied these calls.
 */
function refusedAtOnce({ code, api }: AwsError, { calls }: Judgment): readonly ReasonedCall[] {
  return code === undefined && api !== undefined
    ? calls.filter((one) => one.call.row.kind === 'caller' && isDenied(one))
    : [];
}

/**
 * Whether the error has the code that the check expects. A failure after the start has no code, and
 * a text can name calls or preconditions directly.
 */
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
        ...refusedBeforeStart(error, judgment),
        ...anotherPolicy(error, suspects),
        // The check finds that other calls fail, not the call that AWS denied.
        ...(isGuilty(suspects) ? [] : unseenPolicy(error, suspects)),
        ...whyDifferent(compared),
      ];
    case 'differs':
      return [...otherKey, ...unseenPolicy(error, suspects), ...whyDifferent(compared)];
    case 'open':
      if (error === undefined) return [{ code: 'answer-settles-what-is-open', outcome: 'succeeded' }];
      return isSuspicious(suspects)
        ? [{ code: 'answer-settles-what-is-open', outcome: 'failed' }]
        : [
            ...otherKey,
            { code: 'something-else-is-open' },
            ...unseenPolicy(error, suspects),
            ...whyDifferent(compared),
          ];
    case 'not checked':
      return [
        ...(otherKey.length > 0
          ? otherKey
          : [unchecked(incident, evaluated.bound), ...optionGroup(error, evaluated.bound.source)]),
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

function unchecked({ error, call }: Incident, { operation: { api }, source }: Bound): Explanation {
  const action = error?.denied?.action ?? (error === undefined || isDenial(error) ? call?.action : undefined);
  if (action !== undefined) return { code: 'action-not-checked', action, api };
  if (source !== undefined && notFound[source.type].test(error?.code ?? ''))
    return { code: 'source-was-found', source: source.arn };
  return { code: error?.explains === true ? 'text-explains-itself' : 'infrastructure-not-checked' };
}

/** The errors that AWS shows if the source of a request does not exist. */
const notFound: Readonly<Record<SourceType, RegExp>> = {
  cluster: /^DBClusterNotFound/,
  db: /^DBInstanceNotFound/,
  'cluster-snapshot': /^DB(Cluster)?SnapshotNotFound/,
  snapshot: /^DB(Cluster)?SnapshotNotFound/,
  'cluster-auto-backup': /^DBClusterAutomatedBackupNotFound/,
  'auto-backup': /^DBInstanceAutomatedBackupNotFound/,
};

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

function refusedBeforeStart(error: AwsError | undefined, judgment: Judgment): readonly Explanation[] {
  const actions = error === undefined ? [] : refusedAtOnce(error, judgment).map(({ call }) => call.row.action);
  return actions.length === 0 ? [] : [{ code: 'refused-before-start', actions: [...new Set(actions)] }];
}

/** AWS names only one kind of policy, even if several kinds deny (rds-kms-operations 1.3). */
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

/**
 * If no Allow applies, AWS may name one of these kinds although another one lacks the Allow
 * (iam-evaluation 0.8).
 */
const mayBeMisnamed: readonly NamedPolicyKind[] = ['identity policy', 'key policy', 'resource policy'];

function kindsOf(
  calls: readonly ReasonedCall[],
  kinds: (decision: DecidedCall['decision']) => readonly PolicyKind[],
): readonly NamedPolicyKind[] {
  const words = calls.flatMap(({ call: { decision, row } }) =>
    kinds(decision).map((kind) => policyWordFor(kind, row.action)),
  );
  return [...new Set(words)];
}

/** Whether AWS names a policy that was not read, so that policy also denies. */
function isUnheldPolicy(error: AwsError | undefined, suspects: Suspects): boolean {
  return anotherPolicy(error, suspects).some(({ code }) => code === 'named-policy-not-held');
}

/**
 * AWS looks for a Deny in every policy first. It reports an implicit deny only if no Deny applies
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
 * A doubt about every fix: AWS reports a denial that no policy in the evidence causes, so no fix
 * could be checked against this denial.
 */
export interface FixDoubt {
  readonly code: 'reported-denial-not-read';
}

/** Undefined: the evidence explains the denial that AWS reports. */
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

/** AWS denies a call, and no policy in the evidence does. */
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

function whyDifferent({ incident, evaluated, judgment, gaps, collectedAt }: Compared): readonly Explanation[] {
  const { error, at } = incident;
  const { assumptions, reasons } = judgment;
  const { principal } = evaluated.bound;
  // Assumptions about policies do not explain an error that is not about authorization.
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
    // RDS does part of the work after it accepts a request (rds-kms-operations 5).
    ...(error === undefined ? [{ code: 'later-work-can-fail', reason: reasons[0] } as const] : []),
    // IAM is eventually consistent (iam-evaluation 1.11).
    ...(isAuthorization ? [{ code: 'changes-take-effect-late' } as const] : []),
  ];
}
