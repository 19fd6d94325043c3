import { isAliasArn } from '../base/arn.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { ContextEntry, SimulationAnswer, SimulationRequest } from '../evidence/simulation.ts';
import { conditionKeys, isMultivalued, valueType } from '../policy/condition-keys.ts';
import { certain } from '../policy/possible.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import type { Bound } from './bind.ts';
import { bindAll } from './bind-all.ts';
import type { DecidedCall } from './decide.ts';
import { evaluator } from './evaluate.ts';
import type { Question } from './question.ts';
import { rowsOf } from './rows.ts';

/*
 * A second opinion from iam:SimulatePrincipalPolicy, which evaluates identity policies, boundaries
 * and SCPs. It never evaluates grants, session policies, endpoint policies and RCPs (iam-evaluation
 * 13.5). For a role, it evaluates neither key policies nor other resource policies (its API
 * reference). So the report shows its answer next to ours, with the reason if they differ.
 */

/**
 * A call that the simulator can judge. `result` and `index`: the place of the call in the report.
 */
export interface Simulable {
  readonly result: number;
  readonly index: number;
  readonly call: DecidedCall;
  readonly request: SimulationRequest;
}

/**
 * The calls with the identity of a user or role of `account`, the account of the credentials.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function simulable(
  evidence: Evidence,
  questions: readonly [Question, ...Question[]],
  account: string,
): readonly Simulable[] {
  const directory = directoryOf(evidence);
  const [question] = questions;
  const { decide } = evaluator(directory, question);
  return bindAll(directory, questions).bound.flatMap((bound, result) => {
    const source = sourceOf(bound);
    if (source === undefined || bound.principal.account !== account) return [];
    return rowsOf(bound).flatMap((row, index): readonly Simulable[] => {
      const call = decide(row, bound);
      const { resource } = call;
      // If only the alias of a key is known, there is no key ARN to send.
      if ((row.kind !== 'caller' && row.kind !== 'forwarded') || isAliasArn(resource)) return [];
      const context = contextOf(call, bound, Object.keys(question.context));
      return [{ result, index, call, request: { source, action: row.action, resource, context } }];
    });
  });
}

/**
 * The user or role whose policies count. Undefined: the simulator accepts no root user or federated
 * user, and accepts a role only by its ARN.
 */
function sourceOf({ principal }: Bound): string | undefined {
  if (principal.type === 'session') return principal.roleArn;
  return principal.type === 'user' || principal.type === 'role' ? principal.arn : undefined;
}

/**
 * The condition keys that the call certainly carries. The simulator derives by itself what AWS
 * derives from the principal.
 */
function contextOf({ possible, row }: DecidedCall, bound: Bound, supplied: readonly string[]): readonly ContextEntry[] {
  const named = [
    ...conditionKeys.map(({ name }) => name),
    ...(row.keys ?? []),
    ...Object.keys(row.sends ?? {}),
    ...supplied,
  ];
  const tags = [bound.principal.tags, bound.source?.tags, bound.parameters.tags].flatMap((one) =>
    Object.keys(one ?? {}),
  );
  const prefixes = ['aws:PrincipalTag/', 'aws:ResourceTag/', ...named.filter((name) => name.endsWith('/'))];
  const ofTags = tags.flatMap((tag) => prefixes.map((prefix) => `${prefix}${tag}`));
  const names = new Map([...named, ...ofTags].map((name) => [name.toLowerCase(), name]));
  return [...names].flatMap(([keyId, name]): readonly ContextEntry[] => {
    const state = /[/:]$/.test(keyId) ? undefined : possible(keyId);
    const values = state === undefined ? undefined : certain(state);
    if (values === undefined || values === 'absent') return [];
    return [{ name, values, type: `${contextTypes[valueType(keyId) ?? 'text']}${isMultivalued(keyId) ? 'List' : ''}` }];
  });
}

const contextTypes = { text: 'string', bool: 'boolean', number: 'numeric', date: 'date', ip: 'ip' } as const;

/** Why the simulator gives another answer. */
export type SimulationReason =
  /** The simulator treats condition keys that were not sent as absent. */
  | { readonly code: 'simulator-assumes-absence'; readonly facts: readonly Fact[] }
  | { readonly code: 'simulator-sees-no-such-policies'; readonly kinds: readonly PolicyKind[]; readonly action: string }
  | { readonly code: 'simulator-names-control-policy' }
  | { readonly code: 'simulator-names-boundary' }
  /** `keys`: condition keys. */
  | { readonly code: 'simulator-was-not-told'; readonly keys: readonly string[] }
  | { readonly code: 'simulator-sees-no-key-policy' }
  | { readonly code: 'simulator-differs-without-reason' };

/**
 * How an answer of the simulator compares with a decision. `open`: the decision depends on unknown
 * facts.
 */
export interface SimulationComparison {
  readonly agreement: 'agrees' | 'differs' | 'open';
  /** Undefined if the simulator agrees. */
  readonly reason: SimulationReason | undefined;
}

export function compareSimulation({ decision, row }: DecidedCall, answer: SimulationAnswer): SimulationComparison {
  if (decision.decision === 'depends')
    return { agreement: 'open', reason: { code: 'simulator-assumes-absence', facts: decision.dependsOn } };
  return (decision.decision === 'allowed') === (answer.decision === 'allowed')
    ? { agreement: 'agrees', reason: undefined }
    : { agreement: 'differs', reason: whyDifferent({ decision, row }, answer) };
}

/** Kinds of policy that the simulator does not evaluate, at least if the principal is a role. */
const unseen: readonly PolicyKind[] = ['resource', 'session', 'rcp', 'endpoint'];

function whyDifferent(
  { decision, row }: Pick<DecidedCall, 'decision' | 'row'>,
  { decision: simulated, missing, ...said }: SimulationAnswer,
): SimulationReason {
  const allows = simulated === 'allowed';
  const kinds = [...decision.decidedBy.map((by) => ('grant' in by ? 'grant' : by.policy)), ...decision.lacking];
  const hidden = unseen.filter((kind) => kinds.includes(kind));
  if (allows && hidden.length > 0)
    return { code: 'simulator-sees-no-such-policies', kinds: hidden, action: row.action };
  if (!allows && said.allowedByOrganization === false) return { code: 'simulator-names-control-policy' };
  if (!allows && said.allowedByBoundary === false) return { code: 'simulator-names-boundary' };
  if (missing.length > 0) return { code: 'simulator-was-not-told', keys: missing };
  if (!allows && row.action.startsWith('kms:') && (kinds.includes('resource') || kinds.includes('grant')))
    return { code: 'simulator-sees-no-key-policy' };
  return { code: 'simulator-differs-without-reason' };
}
