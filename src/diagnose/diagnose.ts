import { shortName } from '../base/arn.ts';
import { ageText, article, list } from '../base/wording.ts';
import type { Diagnosis, Report, ReportedCall, ReportedPrecondition, Result, Verdict } from '../contract/report.ts';
import { preconditionName } from '../explain/preconditions.ts';
import { catalogue, operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { valueOf } from '../operations/request-parameters.ts';
import { type AwsError, behind, causesOf, sameCode } from './error-text.ts';
import type { Incident } from './incident.ts';

type Agreement = Diagnosis['agreement'];
type Missing = Diagnosis['missing'][number];

/** What is asked of the incident: what it tells, and what was added to it. */
export interface Asked {
  readonly operation: Operation | undefined;
  readonly principal: string | undefined;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}

/** What a check of the incident takes and nobody has told. */
export function missingFor(
  incident: Incident,
  { operation, principal, target, parameters }: Asked,
): readonly Missing[] {
  const { is, call, api } = incident;
  const who = is === 'error text' ? 'the text does not say who asked' : 'the record does not tell the principal';
  const callers =
    call === undefined
      ? []
      : [...new Set(catalogue.filter(({ calls }) => calls.some(isCallOf(call.action))).map(({ command }) => command))];
  const why =
    callers.length > 0
      ? `of ${list(callers)}, all of which make RDS call ${call?.action ?? ''}, the one that failed`
      : `the operation that ${is === 'RDS event' ? 'is to be tried' : 'failed'}; \`aurora-kms-check operations\` lists them`;
  if (operation === undefined && api !== undefined && operationsNamed(api).length === 0) return [];
  return [
    ...(operation === undefined ? [{ flag: '--operation', why }] : []),
    ...(principal === undefined ? [{ flag: '--principal', why: who }] : []),
    ...(target === undefined && operation?.reads !== undefined
      ? [{ flag: `--${operation.reads.flag}`, why: `what ${operation.api} read is not told` }]
      : []),
    ...(operation?.requires ?? [])
      .filter((flag) => valueOf(parameters, flag) === undefined)
      .map((flag) => ({ flag: `--${flag}`, why: `${operation?.api ?? ''} requires it` })),
  ];
}

function isCallOf(action: string): (row: Operation['calls'][number]) => boolean {
  return (row) => row.kind !== 'caller' && row.action === action;
}

function incidentIn({ is, id, at, region, api, call, principal, context, error }: Incident): Diagnosis['incident'] {
  return {
    is,
    ...(id === undefined ? {} : { id }),
    ...(at === undefined ? {} : { at }),
    ...(region === undefined ? {} : { region }),
    ...(api === undefined ? {} : { api }),
    ...(call === undefined ? {} : { call: call.action }),
    ...(principal === undefined ? {} : { principal }),
    context: Object.fromEntries(Object.entries(context).map(([key, values]) => [key, [...values]])),
    outcome: error === undefined ? 'succeeded' : 'failed',
    error: error === undefined ? null : { code: error.code ?? null, message: error.message },
  };
}

/** The report on an incident of which too little is known for a check: what AWS says by it, and no verdict. */
export function withoutCheck(
  incident: Incident,
  operation: Operation | undefined,
  missing: readonly Missing[],
  { version, evaluatedAt }: { readonly version: string; readonly evaluatedAt: string },
): Report {
  const { error, api } = incident;
  const what = error?.code ?? api ?? incident.call?.action;
  const head = what === undefined ? '' : `${what}: `;
  const flags = missing.map(({ flag }) => flag);
  const answer =
    flags.length === 0
      ? `${head}${api ?? 'the operation'} is none of the operations that are checked`
      : `${head}no check yet, add ${list(flags)}`;
  return {
    reportVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    verdict: 'undetermined',
    summary: { succeeds: 0, fails: 0, undetermined: 0 },
    results: [],
    diagnosis: {
      answer,
      agreement: 'no check',
      incident: incidentIn(incident),
      says: [...(error?.says ?? [])],
      decisive: [],
      explanations: [...incident.notes],
      causes: [...causesOfIncident(incident, operation)],
      missing: [...missing],
    },
    warnings: [],
    gaps: [],
  };
}

/** By the catalogue. A denial tells by itself what it is about. */
function causesOfIncident({ error, call, api }: Incident, operation: Operation | undefined): readonly string[] {
  if (error === undefined || error.denied !== undefined || call !== undefined) return [];
  if (operation !== undefined) return causesOf(error, [operation]);
  // Roles of AWS Backup are asked about only where somebody says so.
  return causesOf(
    error,
    api === undefined ? catalogue.filter(({ runsAsRole }) => runsAsRole !== true) : operationsNamed(api),
  );
}

/** What is compared: one result, and what it says of that which AWS's answer is about. */
interface Compared {
  readonly incident: Incident;
  readonly result: Result;
  readonly report: Report;
  /** ISO time; undefined: the evidence does not tell. */
  readonly collectedAt: string | undefined;
  readonly suspects: Suspects;
  readonly predicted: Verdict;
}

/** The calls and preconditions that an answer of AWS is about. */
interface Suspects {
  readonly calls: readonly ReportedCall[];
  readonly preconditions: readonly ReportedPrecondition[];
  /** AWS names a key, and none of the calls is on it. */
  readonly otherKey: boolean;
}

/** The report on an incident with whether AWS and the check say the same. `report`: of the check, with one result. */
export function diagnose(
  incident: Incident,
  asked: { readonly operation: Operation; readonly parameters: OperationParameters },
  report: Report,
  collectedAt: string | undefined,
): Report {
  const [result] = report.results;
  if (result === undefined) return report;
  const suspects = suspectsOf(incident, asked.operation, result);
  const predicted = incident.call === undefined ? result.verdict : verdictOfCalls(suspects.calls);
  const compared: Compared = { incident, result, report, collectedAt, suspects, predicted };
  const agreement = agreementOf(compared);
  return {
    ...report,
    diagnosis: {
      answer: answerOf(compared, agreement),
      agreement,
      incident: incidentIn(incident),
      says: [...(incident.error?.says ?? [])],
      decisive: [...decisiveOf(suspects)],
      explanations: [...explanationsOf(compared, agreement), ...incident.notes, ...untoldKey(incident, asked)],
      causes: [],
      missing: [],
    },
  };
}

/** Only the record of a request tells that it named no key. */
function untoldKey(
  incident: Incident,
  { operation, parameters }: { readonly operation: Operation; readonly parameters: OperationParameters },
): readonly string[] {
  const isTold = incident.operation !== undefined || parameters.kmsKeyId !== undefined;
  return isTold || !operation.parameters.includes('kms-key-id')
    ? []
    : ['whether the request named a key is not told: without --kms-key-id it is taken to have named none'];
}

function suspectsOf({ error, call }: Incident, operation: Operation, result: Result): Suspects {
  if (call !== undefined) {
    const made = result.calls.filter(({ kind, action }) => kind !== 'caller' && action === call.action);
    const onKey = made.filter(({ resource }) => call.key === undefined || resource === call.key);
    return { calls: onKey, preconditions: [], otherKey: made.length > 0 && onKey.length === 0 };
  }
  if (error === undefined) return { calls: [], preconditions: [], otherKey: false };
  const { calls: kinds, preconditions: codes } = behind(error, [operation]);
  const { denied, key } = error;
  const possible = result.calls.filter(
    ({ kind, action }) => kinds.includes(kind) && (denied === undefined || action === denied.action),
  );
  const onKey = possible.filter((one) => key === undefined || isOn(one, key, possible));
  const otherKey = possible.length > 0 && onKey.length === 0;
  // The state of a key is that of the evidence's.
  const preconditions =
    denied === undefined && !otherKey
      ? result.preconditions.filter(({ name }) => codes.some((one) => preconditionName(one) === name))
      : [];
  return { calls: onKey, preconditions, otherKey };
}

/** Whether a call is on the key that AWS names, or else on the one that its words mean. */
function isOn(
  { on, resource, alias }: ReportedCall,
  { which, name }: NonNullable<AwsError['key']>,
  possible: readonly ReportedCall[],
): boolean {
  if (name !== undefined) return [resource, alias].some((one) => one === name || one?.endsWith(`/${name}`) === true);
  if (which === 'specified') return true;
  // Where nothing has another key, the calls on the one that there is stand under `target key`.
  const wanted = which === 'source snapshot' ? 'storage key' : 'target key';
  return on === wanted || !possible.some((other) => other.on === wanted);
}

function verdictOfCalls(calls: readonly ReportedCall[]): Verdict {
  if (calls.some(({ decision }) => decision === 'denied')) return 'fails';
  return calls.some(({ decision }) => decision === 'depends') ? 'undetermined' : 'succeeds';
}

function guiltyOf({ calls, preconditions }: Suspects): boolean {
  return calls.some(({ decision }) => decision === 'denied') || preconditions.some(({ status }) => status === 'unmet');
}

/** Something of it is denied, or may be. */
function isSuspicious({ calls, preconditions }: Suspects): boolean {
  return calls.some(({ decision }) => decision !== 'allowed') || preconditions.some(({ status }) => status !== 'met');
}

function agreementOf({ incident: { error, call }, result, suspects, predicted }: Compared): Agreement {
  const about = suspects.calls.length + suspects.preconditions.length > 0 || (suspects.otherKey && call === undefined);
  if ((error !== undefined || call !== undefined) && !about) return 'not checked';
  if (predicted === 'undetermined') return 'open';
  if ((error === undefined) !== (predicted === 'succeeds')) return 'differs';
  if (error === undefined || call !== undefined) return 'agrees';
  const same = guiltyOf(suspects) && isPredicted(error, result) && refusedAtOnce(error, result).length === 0;
  return same ? 'agrees' : 'agrees in part';
}

/** What failed later had been started: the principal's own calls that are denied by the evidence were not. */
function refusedAtOnce({ code, api }: AwsError, { calls }: Result): readonly ReportedCall[] {
  return code === undefined && api !== undefined
    ? calls.filter(({ kind, decision }) => kind === 'caller' && decision === 'denied')
    : [];
}

/** What fails later shows another code than a call does. */
function isPredicted({ code, calls }: AwsError, { expectedError }: Result): boolean {
  return code === undefined || calls !== undefined || expectedError === null || sameCode(code, expectedError.code);
}

function answerOf({ incident: { error, call }, result, predicted }: Compared, agreement: Agreement): string {
  const what = call === undefined ? result.operation : `${call.action} for ${result.operation}`;
  const code = error?.code;
  const failed = `${what} failed${code === undefined ? '' : ` with ${code}`}`;
  switch (agreement) {
    case 'agrees':
      if (error === undefined) return `${what} succeeded as predicted`;
      return `${what} failed as predicted${code === undefined ? '' : `: ${code}`}`;
    case 'agrees in part':
      return result.expectedError === null || (code !== undefined && sameCode(code, result.expectedError.code))
        ? `${failed}, and the evidence gives another reason for it`
        : `${failed}, predicted was ${result.expectedError.code}`;
    case 'differs':
      return `${error === undefined ? `${what} succeeded` : failed}, and the evidence says that it ${predicted}`;
    case 'open':
      return error === undefined
        ? `${what} succeeded, and the evidence leaves open whether it does`
        : `${failed}, and the evidence leaves open whether it does`;
    default:
      return `${error === undefined ? `${what} succeeded` : failed}, which is about nothing that is checked here`;
  }
}

function decisiveOf(suspects: Suspects): readonly string[] {
  const { calls, preconditions } = suspects;
  const guilty = guiltyOf(suspects);
  return [
    ...calls
      .filter(({ decision }) => decision === (guilty ? 'denied' : 'depends'))
      .map(({ action, resource, why }) => `${action} on ${shortName(resource)}: ${why}`),
    ...preconditions
      .filter(({ status }) => status === (guilty ? 'unmet' : 'unknown'))
      .map(({ name, why }) => `${name}: ${why}`),
  ];
}

/** Why AWS and the check may not say the same, what is nearest at hand first. */
function explanationsOf(compared: Compared, agreement: Agreement): readonly string[] {
  const { incident, result, suspects } = compared;
  const { error } = incident;
  const named = error?.key?.name ?? incident.call?.key;
  const key = result.target.key ?? 'no customer key';
  const otherKey =
    suspects.otherKey && named !== undefined ? [`AWS names key ${named}, and by the evidence it is ${key}`] : [];
  switch (agreement) {
    case 'agrees':
      return otherPolicy(error, suspects);
    case 'agrees in part':
      return [
        ...otherKey,
        ...otherCode(error, result),
        ...otherStart(error, result),
        ...otherPolicy(error, suspects),
        ...whyApart(compared),
      ];
    case 'differs':
      return [...otherKey, ...unseenPolicy(error), ...whyApart(compared)];
    case 'open':
      if (error === undefined) return ['that AWS did it settles what is open'];
      return isSuspicious(suspects)
        ? ['that AWS refused it settles what is open']
        : [
            ...otherKey,
            'what is open is something else than what AWS refused, which by the evidence is allowed',
            ...unseenPolicy(error),
            ...whyApart(compared),
          ];
    default:
      return otherKey.length > 0 ? otherKey : [unchecked(error?.denied?.action ?? incident.call?.action, result)];
  }
}

function unchecked(action: string | undefined, { api }: Result): string {
  return action === undefined
    ? 'capacity, networks, parameter groups and what fails within AWS are not checked'
    : `${action} is not among the calls that are checked for ${api} as it was asked for`;
}

function otherCode(error: AwsError | undefined, { expectedError, reasons }: Result): readonly string[] {
  if (error?.code === undefined || expectedError === null || sameCode(error.code, expectedError.code)) return [];
  return [`by the evidence AWS would show ${expectedError.code} instead: ${reasons[0] ?? ''}`];
}

function otherStart(error: AwsError | undefined, result: Result): readonly string[] {
  const actions = error === undefined ? [] : refusedAtOnce(error, result).map(({ action }) => action);
  return actions.length === 0
    ? []
    : [`AWS had started it, and by the evidence it refuses ${list([...new Set(actions)])} before that`];
}

/** AWS names one kind of policy, and of KMS not always the right one (rds-kms-operations 1.3, iam-evaluation 0.8). */
function otherPolicy(error: AwsError | undefined, { calls }: Suspects): readonly string[] {
  const policy = error?.denied?.policy;
  const denied = calls.filter(({ decision }) => decision === 'denied');
  if (policy === undefined || denied.length === 0) return [];
  const found = new Set(
    denied.flatMap(({ decidedBy, lacking }) => [
      ...decidedBy.flatMap((by): readonly string[] => ('grant' in by ? [] : [by.policy])),
      ...lacking,
    ]),
  );
  return found.has(policy)
    ? []
    : [`AWS names ${article(policy)} as what decided, and by the evidence it is the ${list([...found])}`];
}

/** Where nothing denies by the evidence what AWS denies. */
function unseenPolicy(error: AwsError | undefined): readonly string[] {
  const policy = error?.denied?.policy;
  return policy === undefined
    ? []
    : [
        `AWS names ${article(policy)} as what decided, and by the evidence none denies it: it may have changed, or not be in there`,
      ];
}

function whyApart({ incident, result, report, collectedAt }: Compared): readonly string[] {
  const { error, at } = incident;
  const { assumptions, principal, reasons } = result;
  const isSession = principal.type === 'role' || principal.type === 'session';
  return [
    ...assumptions.map((assumption) => `taken for granted: ${assumption}`),
    ...report.gaps.map(
      ({ what, resource, reason }) =>
        `not read: ${what}${resource === undefined ? '' : ` on ${shortName(resource)}`} (${reason})`,
    ),
    ...(at === undefined || Number.isNaN(Date.parse(collectedAt ?? '')) ? [] : [ageOf(at, collectedAt ?? '')]),
    ...(error !== undefined && isSession
      ? ['the session may have had a session policy or tags (--session-policy, --session-tag), which no record shows']
      : []),
    // rds-kms-operations 5
    ...(error === undefined
      ? [`AWS has accepted the request, and what it does later can still fail: ${reasons[0] ?? ''}`]
      : [
          'policies and grants that were changed shortly before take up to some minutes until they have effect everywhere',
        ]),
  ];
}

function ageOf(at: string, collectedAt: string): string {
  const hours = (Date.parse(collectedAt) - Date.parse(at)) / (60 * 60 * 1000);
  return hours >= 0
    ? `the evidence was read ${ageText(hours)} after the event, and what was changed in between counts as it is now`
    : `the evidence was read ${ageText(-hours)} before the event, and what was changed in between is not in it`;
}
