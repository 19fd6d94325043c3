import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { CallReason, ReasonedCall, Witness } from '../check/call-reason.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { CallRow } from '../operations/operation.ts';
import type { DecidedBy } from '../policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { TracedCondition } from '../policy/trace.ts';
import { factText, worldText } from './facts.ts';
import { grantName, statementName } from './names.ts';
import { possibleText } from './traced.ts';
import { valueTexts } from './values.ts';

/** What a sentence tells of the call itself. */
type Told = Pick<ReasonedCall, 'reason'> & {
  readonly call: Pick<DecidedCall, 'key' | 'resource'> & {
    readonly row: Pick<CallRow, 'kind' | 'actor'> & { readonly action: string };
  };
};

/**
 * One sentence without full stop: why a call is decided as it is, the decisive part first.
 * `actions`: those of several calls that are decided for the same reason.
 */
export function callText({ call, reason }: Told, actions: readonly string[] = [call.row.action]): string {
  switch (reason.code) {
    case 'call-allowed':
      return `${allowingText(reason.by)} ${reason.by.length > 1 ? 'allow' : 'allows'} it`;
    case 'explicit-deny':
      return explicitText(reason, call, actions);
    case 'implicit-deny':
      return lackingText(reason.lacking, call, actions);
    case 'call-depends':
      return `it depends on ${list(reason.facts.map(factText))}${askingText(reason.denies)}${witnessText(reason.witness)}${clashText(reason.clashes)}`;
  }
}

function allowingText(by: readonly DecidedBy[]): string {
  const names = by.map((one) => ('grant' in one ? `the grant ${grantName(one.grant)}` : statementName(one)));
  return names.length === 0 ? 'nothing else is needed: the account itself' : list(names);
}

/**
 * Values that lead to either answer; without an unread policy or grant, of which there is nothing
 * to show.
 */
function witnessText(witness: Witness): string {
  if (witness === 'not enumerated') return ' (not every combination of values was tried)';
  const { allows, denies } = witness;
  const shown = [...allows, ...denies].every(({ fact }) => fact.fact === 'context' || fact.fact === 'resource name');
  return shown ? `: allowed with ${worldText(allows)}, denied with ${worldText(denies)}` : '';
}

function clashText(keys: readonly string[]): string {
  return keys.length === 0
    ? ''
    : ` (tags whose names differ in case only make one key, ${list(keys)}; AWS does not say whose value counts)`;
}

function askingText(denies: readonly StatementRef[]): string {
  return denies.length === 0 ? '' : `, which ${list(denies.map(statementName))} asks for`;
}

function explicitText(
  { denies, conditions, lacking }: Extract<CallReason, { readonly code: 'explicit-deny' }>,
  call: Told['call'],
  actions: readonly string[],
): string {
  const [deny, ...others] = denies;
  if (deny === undefined) return 'it is denied';
  const because = conditions.length === 0 ? '' : `, because ${list(conditions.map(conditionText))}`;
  const besides =
    lacking.length === 0
      ? ''
      : `; without ${others.length === 0 ? 'it' : 'them'}, ${lackingText(lacking, call, actions)}`;
  const also =
    others.length === 0 ? '' : `; ${list(others.map(statementName))} ${others.length === 1 ? 'does' : 'do'} so too`;
  return `${statementName(deny)} denies ${actions.length === 2 ? 'both' : 'it'}${because}${also}${besides}`;
}

/** What the request holds for the key of a condition, and what the policy wants of the key. */
function conditionText({ operator, key, values, held }: TracedCondition): string {
  return `${key} is ${possibleText(key, held)} (${operator} ${valueTexts(key, values).join(' | ')})`;
}

/** Which layers do not allow, in words. */
function lackingText(
  lacking: readonly PolicyKind[],
  { row, key, resource }: Told['call'],
  actions: readonly string[],
): string {
  const who = row.kind === 'role' || row.actor !== undefined ? 'the role' : 'the principal';
  const action = actions.join(' or ');
  const on = key === undefined ? ` on ${shortName(resource)}` : '';
  const sentences: Readonly<Record<PolicyKind, string>> = {
    identity: `no identity policy of ${who} allows ${action}${on}`,
    boundary: `the permissions boundary does not allow ${action}`,
    session: `the session policy does not allow ${action}`,
    resource: `the key policy neither allows ${who} ${action} nor lets its account decide`,
    scp: `the service control policies do not allow ${action} at every level`,
    rcp: `the resource control policies do not allow ${action}`,
    endpoint: `the VPC endpoint policy does not allow ${action}`,
  };
  return lacking.length === 0 ? `nothing allows ${action}` : list(lacking.map((kind) => sentences[kind]));
}
