import { shortName } from '../base/arn.ts';
import { article, list } from '../base/wording.ts';
import type { Bound, BoundKey } from '../check/bind.ts';
import { serviceOf } from '../check/call-policies.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import type { UnmetPrecondition } from '../check/preconditions/preconditions.ts';
import { assumptionsOf, deniedOf, isOpen, unmetOf } from '../check/verdict.ts';
import { policyWords } from '../contract/policy-words.ts';
import type { Fault } from '../operations/operation.ts';
import { assumptionText } from './assumptions.ts';
import { why } from './explain.ts';
import { nearMissText } from './near-misses.ts';
import { preconditionName, publishedText, reasonText } from './preconditions.ts';

export interface Judgement {
  /** The decisive one first. */
  readonly reasons: readonly string[];
  readonly expectedError: { readonly code: string; readonly message: string } | null;
  /** What the verdict rests on without having been read. */
  readonly assumptions: readonly string[];
}

/** Why the verdict is what it is, and what AWS will say. */
export function judge({ bound, calls, preconditions, strict }: Evaluated): Judgement {
  const denied = deniedOf(calls);
  const unmet = unmetOf(preconditions);
  if (denied.length > 0 || unmet.length > 0)
    return {
      reasons: failures(denied, unmet),
      expectedError: expectedError(bound, denied, unmet),
      assumptions: [],
    };
  const assumptions = unique(assumptionsOf(calls, preconditions).map(assumptionText));
  const doubts = [
    ...grouped(calls.filter(({ decision }) => decision.decision !== 'allowed')).map(doubt),
    ...preconditions
      .filter(isOpen)
      .map(({ row, status, reason }) =>
        status === 'unmet'
          ? `not met: ${preconditionName(row.code)} (${reasonText(reason)}). That RDS asks for this is inferred, not documented`
          : `whether the ${preconditionName(row.code)} is not known: ${reasonText(reason)}`,
      ),
    ...(strict ? assumptions.map((assumption) => `taken for granted otherwise: ${assumption}`) : []),
  ];
  return {
    reasons: doubts.length > 0 ? unique(doubts) : [successReason(calls)],
    expectedError: null,
    assumptions,
  };
}

function failures(denied: readonly DecidedCall[], unmet: readonly UnmetPrecondition[]): readonly string[] {
  const calls = grouped(denied).map(sentenceOf);
  return [
    ...calls,
    ...unmet.map(({ row, reason }) => `not met: ${preconditionName(row.code)} (${reasonText(reason)})`),
  ];
}

interface Alike {
  readonly actions: readonly string[];
  readonly calls: readonly [DecidedCall, ...DecidedCall[]];
}

function sentenceOf({ actions, calls }: Alike): string {
  const [call] = calls;
  return `${intro(call, actions)}: ${why(call, actions)}${nearMissText(calls)}`;
}

/** Calls of one kind that are decided for the same reason are spoken of together. */
function grouped(calls: readonly DecidedCall[]): readonly Alike[] {
  const groups = new Map<string, { readonly actions: string[]; readonly calls: [DecidedCall, ...DecidedCall[]] }>();
  for (const call of calls) {
    const { row, resource, key } = call;
    const reason = why(call).replaceAll(row.action, '').replaceAll(shortName(resource), '');
    const name = `${row.kind} ${row.action.split(':')[0] ?? ''} ${key?.arn ?? ''} ${reason}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { actions: [row.action], calls: [call] });
    else {
      group.calls.push(call);
      if (!group.actions.includes(row.action)) group.actions.push(row.action);
    }
  }
  return [...groups.values()];
}

/** Who calls what, as the beginning of a sentence. */
function intro({ row, key }: DecidedCall, actions: readonly string[]): string {
  const what = list(actions);
  const on = key?.alias ?? 'the key';
  switch (row.kind) {
    case 'caller':
      return `the principal calls ${what}`;
    case 'forwarded':
      return `RDS calls ${what}${key === undefined ? '' : ` on ${on}`} with the principal's identity`;
    case 'service':
      return `${row.as === undefined ? 'RDS' : serviceOf(row)} calls ${what} on ${on} itself, by its grant`;
    case 'role':
      return `the export role calls ${what}${key === undefined ? '' : ` on ${on}`}`;
  }
}

/** Why a call that is not allowed leaves the verdict open. */
function doubt(alike: Alike): string {
  const { row, decision } = alike.calls[0];
  const sentence = sentenceOf(alike);
  if (row.kind === 'service') {
    const denies = decision.decidedBy.some((by) => !('grant' in by) && by.effect === 'Deny');
    // rds-kms-operations 6.2
    return denies
      ? `${sentence}. AWS warns that operations may then fail even though the principal is spared, and does not publish when`
      : sentence;
  }
  if (decision.decision !== 'denied') return sentence;
  if (row.kind === 'role') return `${sentence}. AWS documents both that the role needs this right and that it does not`;
  if (row.kind === 'caller') return `${sentence}. That RDS asks for this right is inferred, not documented`;
  return row.basis === 'unknown'
    ? `${sentence}. AWS does not publish whether RDS makes this call`
    : `${sentence}. That RDS makes this call is inferred, not documented`;
}

function successReason(calls: readonly DecidedCall[]): string {
  const forwarded = calls.filter(({ row }) => row.kind === 'forwarded');
  const last = forwarded.at(-1);
  if (last !== undefined)
    return `${list(unique(forwarded.map(({ row }) => row.action)))} with the principal's identity ${forwarded.length > 1 ? 'are' : 'is'} allowed: ${why(last)}`;
  const service = calls.find(({ row }) => row.kind === 'service');
  if (service === undefined) return 'the principal has the RDS permissions, and nothing is asked of a KMS key';
  return "RDS makes no call to KMS with the principal's identity; it uses the key by its own grant";
}

/** In the order in which AWS would find out: the RDS permission, then the state of things, then the key. */
function expectedError(
  bound: Bound,
  denied: readonly DecidedCall[],
  unmet: readonly UnmetPrecondition[],
): Judgement['expectedError'] {
  const { faults } = bound.operation;
  const caller = denied.find(({ row }) => row.kind === 'caller');
  if (caller !== undefined) return { code: faults.caller ?? 'AccessDenied', message: accessDenied(bound, caller) };
  const [precondition] = unmet;
  const code = precondition === undefined ? undefined : faultFor(precondition.row.fault, bound);
  if (precondition !== undefined && code !== kmsFault)
    return code === undefined ? null : { code, message: messageOf(precondition) };
  const forwarded = denied.filter(({ row }) => row.kind === 'forwarded');
  const call = forwarded.find(({ key }) => key !== undefined) ?? forwarded[0] ?? denied[0];
  // What RDS shows when a service other than KMS refuses it is not published.
  if (call?.row.kind === 'forwarded' && call.key === undefined) return null;
  if (call?.row.kind === 'role')
    return { code: faults.role ?? 'AccessDenied', message: `${call.row.action} on ${call.resource}: ${why(call)}` };
  const key =
    call?.key ??
    (precondition?.row.code.startsWith('source-key') === true ? bound.keys['storage key'] : undefined) ??
    bound.keys['target key'] ??
    bound.keys['storage key'];
  return { code: kmsFault, message: keyNotAccessible(bound, key) };
}

const kmsFault = 'KMSKeyNotAccessibleFault';

function messageOf({ reason }: UnmetPrecondition): string {
  return publishedText(reason) ?? `${reasonText(reason)} (the wording of AWS is not published)`;
}

function faultFor(fault: Fault | undefined, { source }: Bound): string | undefined {
  if (fault === undefined || typeof fault === 'string') return fault;
  return source === undefined ? undefined : fault[source.type];
}

/** rds-kms-operations 2.2: the text tells which key is meant. */
function keyNotAccessible({ source, keys }: Bound, key: BoundKey | undefined): string {
  const ofSnapshot = source?.type === 'cluster-snapshot' || source?.type === 'snapshot';
  const which =
    ofSnapshot && key?.arn === keys['storage key']?.arn ? 'The source snapshot KMS key' : 'Specified KMS key';
  return `${which} [${key?.arn ?? ''}] does not exist, is not enabled or you do not have permissions to access it.`;
}

/** rds-kms-operations 1.3. */
function accessDenied({ principal }: Bound, { row, resource, decision }: DecidedCall): string {
  const who =
    principal.type === 'role'
      ? principal.arn.replace(/:iam::(\d+):role\/(?:.*\/)?([^/]+)$/, ':sts::$1:assumed-role/$2/<session>')
      : principal.arn;
  const what = `User: ${who} is not authorized to perform: ${row.action} on resource: ${resource.replace(/\*$/, '<name>')}`;
  const [by] = decision.decidedBy;
  if (by !== undefined && !('grant' in by))
    return `${what} with an explicit deny in ${article(errorWord(by.policy))} policy`;
  const [lacking = 'identity'] = decision.lacking;
  if (lacking === 'boundary') return `${what} because no permissions boundary allows the ${row.action} action`;
  return `${what} because no ${errorWord(lacking)} policy allows the ${row.action} action`;
}

/** What AWS calls the kinds of policy in its error texts. */
function errorWord(kind: keyof typeof policyWords): string {
  switch (kind) {
    case 'identity':
      return 'identity-based';
    case 'resource':
      return 'resource-based';
    default:
      return policyWords[kind].replace(/ policy$/, '');
  }
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
