import { accountOf, isRootArn, parseArn, shortName } from '../base/arn.ts';
import { addressOfLaterKey } from '../base/planned-name.ts';
import { capital, list } from '../base/wording.ts';
import { servicePrincipalOf } from '../check/call-policies.ts';
import type { CallReason, ReasonedCall, Witness } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { CallRow } from '../operations/operation.ts';
import type { DecidedBy } from '../policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { TracedCondition } from '../policy/trace.ts';
import { factText, worldText } from './facts.ts';
import { decidingName, principalWords, statementName } from './names.ts';
import { possibleText, variableTexts } from './traced.ts';
import { valueTexts } from './values.ts';

/** The parts of a call that a sentence needs. */
type ExplainedCall = Pick<ReasonedCall, 'reason'> & {
  readonly call: Pick<DecidedCall, 'key' | 'resource'> & {
    readonly actor: Pick<DecidedCall['actor'], 'arn' | 'account'>;
    readonly row: Pick<CallRow, 'kind' | 'actor' | 'as'> & { readonly action: string };
  };
};

/**
 * Why a call is decided so, in sentences, the decisive part first and the last one without a
 * period. `actions`: the actions of several calls that are decided for the same reason.
 */
export function callText({ call, reason }: ExplainedCall, actions: readonly string[] = [call.row.action]): string {
  switch (reason.code) {
    case 'call-allowed':
      return allowingText(reason.by, callNoun(actions));
    case 'explicit-deny':
      return explicitText(reason, call, actions);
    case 'implicit-deny':
      return lackingText(reason.lacking, call, actions);
    case 'call-depends':
      return dependingText(reason, actions);
  }
}

function dependingText(
  { facts, denies, witness, clashes, hasManyAliases }: Extract<CallReason, { readonly code: 'call-depends' }>,
  actions: readonly string[],
): string {
  const example = hasManyAliases ? aliasesText : witnessText(witness, actions);
  return `the result depends on ${list(facts.map(factText))}${askingText(denies)}${example}${clashText(clashes)}`;
}

const aliasesText =
  '. The key has more than 50 aliases. If the account has no higher quota, AWS denies access that needs kms:ResourceAliases';

/** What allows the calls together: each statement and grant once, in the order of the calls. */
export function allowedCallsText(calls: readonly ExplainedCall[], actions: readonly string[]): string {
  return allowingText(
    calls.flatMap(({ reason }) => (reason.code === 'call-allowed' ? reason.by : [])),
    callNoun(actions),
  );
}

/** How a sentence refers to its calls. */
export function callNoun(actions: readonly string[]): string {
  return actions.length === 1 ? 'the call' : actions.length === 2 ? 'both calls' : 'the calls';
}

/** How a sentence refers to its calls if nothing allows them. */
function eachOf(actions: readonly string[]): string {
  return actions.length === 1 ? 'the call' : actions.length === 2 ? 'either call' : 'any of the calls';
}

function allowingText(by: readonly DecidedBy[], calls: string): string {
  const names = [...new Set(by.map(decidingName))];
  if (names.length === 0) return 'the account itself makes the call and needs no Allow';
  return `${list(names)} ${names.length > 1 ? 'allow' : 'allows'} ${calls}`;
}

/**
 * Examples of values that lead to each of the two answers. Unread policies and grants are left out,
 * because they have no value to show, as is what only an apply gives.
 */
function witnessText(witness: Witness, actions: readonly string[]): string {
  if (witness === 'not enumerated') return '. Not every combination of values was tried';
  const { allows, denies } = witness;
  const shown = [...allows, ...denies].every(({ fact }) =>
    fact.fact === 'context' ? addressOfLaterKey(fact.key) === undefined : fact.fact === 'resource name',
  );
  const calls = `${callNoun(actions)} ${actions.length === 1 ? 'is' : 'are'}`;
  return shown ? `. For example, ${calls} allowed with ${worldText(allows)}, and denied with ${worldText(denies)}` : '';
}

function clashText(keys: readonly string[]): string {
  return keys.length === 0
    ? ''
    : `. Tags whose names differ only in case share one key, ${list(keys)}. AWS does not say which value counts`;
}

function askingText(denies: readonly StatementRef[]): string {
  if (denies.length === 0) return '';
  return `, because ${list(denies.map(statementName))} may deny the call`;
}

function explicitText(
  {
    denies,
    conditions,
    isForAll,
    isByBoundary,
    isJoint,
    lacking,
  }: Extract<CallReason, { readonly code: 'explicit-deny' }>,
  call: ExplainedCall['call'],
  actions: readonly string[],
): string {
  const [deny, ...others] = denies;
  const calls = callNoun(actions);
  if (deny === undefined) return `${calls} ${actions.length === 1 ? 'is' : 'are'} denied`;
  const inVain = isByBoundary ? '. Its NotPrincipal exempts nobody who has a permissions boundary' : '';
  const why = `${whyText(conditions, isForAll, call.actor.account)}${inVain}`;
  const also =
    others.length === 0
      ? ''
      : `. ${capital(list(others.map(statementName)))} also ${others.length === 1 ? 'denies' : 'deny'} ${calls}`;
  const besides =
    lacking.length === 0
      ? ''
      : `. Even without ${others.length === 0 ? 'this Deny' : 'these Denies'}, ${lackingText(lacking, call, [eachOf(actions)])}`;
  return isJoint && others.length > 0
    ? `${list(denies.map(statementName))} deny ${calls}: whatever the unknown facts are, one of them applies${besides}`
    : `${statementName(deny)} denies ${calls}${why}${also}${besides}`;
}

/**
 * Whom the conditions exempt, and which other conditions make the Deny apply. `isForAll`: no other
 * element of the statement distinguishes principals. `account`: the caller's account.
 */
function whyText(conditions: readonly TracedCondition[], isForAll: boolean, account: string): string {
  const exempt = conditions.flatMap((condition) => exemptedBy(condition, account));
  const others = conditions.filter((condition) => exemptedBy(condition, account).length === 0);
  const only = others.length === 0 && isForAll ? ' only' : '';
  return [
    ...(exempt.length === 0 ? [] : [`The statement exempts${only} ${list(exempt)}`]),
    ...(others.length === 0 ? [] : [`The Deny applies because ${list(others.map(conditionText))}`]),
  ]
    .map((text) => `. ${text}`)
    .join('');
}

const exemptingOperators = /^(?:StringNotEquals|StringNotLike|ArnNotEquals|ArnNotLike)(?:IfExists)?$/i;

/**
 * The principals that a condition of a Deny exempts. Empty: the condition exempts nobody by name.
 */
function exemptedBy({ operator, key, values }: TracedCondition, account: string): readonly string[] {
  if (/^aws:PrincipalIsAWSService$/i.test(key))
    return /^Bool(?:IfExists)?$/i.test(operator) && values.join().toLowerCase() === 'false' ? ['AWS services'] : [];
  const isArns = /^aws:PrincipalArn$/i.test(key) && exemptingOperators.test(operator);
  const isPattern = /(?:Like|ArnNotEquals)/i.test(operator);
  return isArns && values.every((value) => mayBePrincipal(value, isPattern))
    ? values.map((arn) => exemptName(arn, account))
    : [];
}

/**
 * Whether a value can be that of aws:PrincipalArn, which is the ARN of a role, never of its
 * session. `isPattern`: `*` and `?` are wildcards.
 */
function mayBePrincipal(value: string, isPattern: boolean): boolean {
  if (value.includes('${') || (!isPattern && /[*?]/.test(value))) return false;
  const arn = parseArn(value);
  return arn === undefined
    ? isPattern && value.includes('*')
    : arn.type !== 'assumed-role' && (arn.name !== '' || isRootArn(value));
}

/** A principal or a pattern, without the start of the ARN if the account is the caller's. */
function exemptName(arn: string, account: string): string {
  if (isRootArn(arn)) return `the root user of account ${accountOf(arn)}`;
  return parseArn(arn)?.account === account ? shortName(arn) : arn;
}

/** The request's value for the key of a condition, and the policy's values. */
function conditionText({ operator, key, values, held, variables }: TracedCondition): string {
  const is = [`${key} is ${possibleText(key, held)}`, ...variableTexts(variables)];
  return `${list(is)} (policy: ${operator} ${valueTexts(key, values).join(' | ')})`;
}

/** The layers that do not allow the calls, one sentence for each. */
function lackingText(lacking: readonly PolicyKind[], call: ExplainedCall['call'], actions: readonly string[]): string {
  const { row, key, resource, actor } = call;
  const isService = row.kind === 'service';
  const who = isService ? servicePrincipalOf(row) : principalWords(actor.arn, key?.account ?? accountOf(resource));
  const account = `account ${actor.account}`;
  const grantees = isService ? who : isRootArn(actor.arn) ? account : `${who} or to ${account}`;
  const action = actions.join(' or ');
  const on = key === undefined ? ` on ${shortName(resource)}` : '';
  const sentences: Readonly<Record<PolicyKind, string>> = {
    identity: `no identity policy of ${who} allows ${action}${on}`,
    boundary: `the permissions boundary does not allow ${action}`,
    session: `the session policy does not allow ${action}`,
    resource: `the key policy does not grant ${action} to ${grantees}`,
    scp: `the service control policies (SCPs) do not allow ${action} at every level`,
    rcp: `the resource control policies (RCPs) do not allow ${action}`,
    endpoint: `the VPC endpoint policy does not allow ${action}`,
  };
  const [first = `nothing allows ${action}`, ...others] = lacking.map((kind) => sentences[kind]);
  return [first, ...others.map(capital)].join('. ');
}
