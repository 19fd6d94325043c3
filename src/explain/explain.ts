import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import { policyWords } from '../contract/policy-words.ts';
import type { Decision } from '../policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type { TracedCondition } from '../policy/trace.ts';
import type { Fact } from '../policy/truth.ts';
import type { World } from '../policy/worlds.ts';
import { statementName } from './names.ts';
import { possibleText, supposedText } from './traced.ts';

/** A fact that an answer hangs on, in words. */
export function factText(fact: Fact): string {
  switch (fact.fact) {
    case 'context':
      return fact.key;
    case 'policy':
      return fact.kind === 'resource'
        ? `the key policy (not read: ${fact.why})`
        : `${unreadName(fact.kind, fact.of)} (not read: ${fact.why})`;
    case 'grants':
      return `the grants ${fact.of} (not read)`;
    case 'grant constraint':
      return `whether the request keeps within the constraints of grant ${fact.of}`;
    case 'principal':
      return `the ${fact.about} of the principal`;
    case 'resource name':
      return `the name of the new ${shortName(fact.of).replace(/:$/, '')}`;
    case 'rule':
      return `${fact.what} (AWS does not publish it: ${fact.rule})`;
    case 'statement':
      return `${fact.what} in ${statementName(fact.of)} (not understood)`;
  }
}

function unreadName(kind: PolicyKind, of: string): string {
  return of === '' ? policyWords[kind] : `${policyWords[kind]} ${shortName(of)}`;
}

/**
 * One sentence without full stop: why a call is decided as it is, the decisive part first. `actions`: those of several calls that are decided for the same
 * reason.
 */
export function why(call: DecidedCall, actions: readonly string[] = [call.row.action]): string {
  const { decision } = call;
  switch (decision.decision) {
    case 'allowed':
      return `${decidedByText(decision)} ${decision.decidedBy.length > 1 ? 'allow' : 'allows'} it`;
    case 'denied':
      return decision.denial === 'explicit' ? explicitly(call, actions) : lackingText(call, actions);
    case 'depends':
      return `it hangs on ${list(decision.dependsOn.map(factText))}${dependingStatements(decision)}${witnessText(decision.witness)}`;
  }
}

function decidedByText(decision: Decision): string {
  const names = decision.decidedBy.map((by) => ('grant' in by ? `the grant ${by.grant}` : statementName(by)));
  return names.length === 0 ? 'nothing else is needed: the account itself' : list(names);
}

type Witness = Extract<Decision, { readonly decision: 'depends' }>['witness'];

/** Values that lead to either answer; without an unread policy or grant, of which there is nothing to show. */
function witnessText(witness: Witness): string {
  if (witness === 'not enumerated') return ' (not every combination of values was tried)';
  const { allows, denies } = witness;
  const shown = [...allows, ...denies].every(({ fact }) => fact.fact === 'context' || fact.fact === 'resource name');
  return shown ? `: allowed with ${worldText(allows)}, denied with ${worldText(denies)}` : '';
}

/** The values of a world, such as `aws:SourceIp = 203.0.113.7`. */
export function worldText(world: World): string {
  const values = world.map(({ fact, values: supposed }) =>
    supposed === 'absent' ? `no ${factText(fact)}` : `${factText(fact)} = ${supposedText(supposed)}`,
  );
  return list(values);
}

function dependingStatements(decision: Decision): string {
  const denies = decision.decidedBy.flatMap((by) =>
    'grant' in by || by.effect === 'Allow' ? [] : [statementName(by)],
  );
  return denies.length === 0 ? '' : `, which ${list(denies)} asks for`;
}

function explicitly(call: DecidedCall, actions: readonly string[]): string {
  const { decision } = call;
  const [deny, ...others] = decision.decidedBy.filter((by): by is StatementRef => !('grant' in by));
  if (deny === undefined) return 'it is denied';
  const conditions = conditionsOf(decision, deny);
  const because = conditions.length === 0 ? '' : `, because ${list(conditions.map(conditionText))}`;
  const besides =
    decision.lacking.length === 0
      ? ''
      : `; without ${others.length === 0 ? 'it' : 'them'}, ${lackingText(call, actions)}`;
  const also =
    others.length === 0 ? '' : `; ${list(others.map(statementName))} ${others.length === 1 ? 'does' : 'do'} so too`;
  return `${statementName(deny)} denies ${actions.length === 2 ? 'both' : 'it'}${because}${also}${besides}`;
}

function conditionsOf(decision: Decision, statement: StatementRef): readonly TracedCondition[] {
  const all = decision.trace().flatMap((layer) => layer.policies.flatMap((policy) => policy.statements));
  const traced = all.find((one) => one.statement === statement);
  return traced?.elements.filter((element): element is TracedCondition => element.element === 'condition') ?? [];
}

/** What the request holds for the key of a condition, and what the policy wants of the key. */
function conditionText({ operator, key, values, held }: TracedCondition): string {
  return `${key} is ${possibleText(held)} (${operator} ${values.join(' | ')})`;
}

/** Which layers do not allow, in words. */
function lackingText(call: DecidedCall, actions: readonly string[]): string {
  const { row, key, decision, resource } = call;
  const who = row.kind === 'role' ? 'the role' : 'the principal';
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
  return decision.lacking.length === 0
    ? `nothing allows ${action}`
    : list(decision.lacking.map((kind) => sentences[kind]));
}
