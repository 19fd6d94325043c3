import { isAliasArn, shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import { type Bound, bind } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import { evaluator } from '../check/evaluate.ts';
import type { Question } from '../check/question.ts';
import { rowsOf } from '../check/rows.ts';
import type { Report, ReportedCall, ReportedSimulation } from '../contract/report.ts';
import type { Evidence, Gap } from '../evidence/schema.ts';
import type { ContextEntry, SimulationAnswer, SimulationRequest } from '../evidence/simulation.ts';
import { conditionKeys, isMultivalued, valueType } from '../policy/condition-keys.ts';
import { certain } from '../policy/possible.ts';

/*
 * Corroboration by iam:SimulatePrincipalPolicy. It sees identity policies, boundaries and SCPs; of a role neither key policies nor other resource
 * policies, and nobody's grants, session policies, endpoint policies and RCPs (its API reference). So its answer stands beside ours, with the reason
 * where they differ.
 */

/** A call of the report that the simulator can judge. */
export interface Simulable {
  readonly result: number;
  readonly call: number;
  readonly request: SimulationRequest;
}

/** The calls with the identity of a user or role of `account`, to which the credentials belong. The numbers are those of the report on the question. */
export function simulable(evidence: Evidence, question: Question, account: string): readonly Simulable[] {
  const { decide } = evaluator(evidence, question);
  return bind(evidence, question).flatMap((bound, result) => {
    const source = sourceOf(bound);
    if (source === undefined || bound.principal.account !== account) return [];
    return rowsOf(bound).flatMap((row, call): readonly Simulable[] => {
      const decided = decide(row, bound);
      const { resource } = decided;
      // Of a key that is known by its alias only there is no ARN to ask about.
      if ((row.kind !== 'caller' && row.kind !== 'forwarded') || isAliasArn(resource)) return [];
      const context = contextOf(decided, bound, Object.keys(question.context));
      return [{ result, call, request: { source, action: row.action, resource, context } }];
    });
  });
}

/** The user or role whose policies count. Undefined: the simulator takes no root user and no federated user, and a role by its ARN only. */
function sourceOf({ principal }: Bound): string | undefined {
  if (principal.type === 'session') return principal.roleArn;
  return principal.type === 'user' || principal.type === 'role' ? principal.arn : undefined;
}

/** The condition keys that the call is certain to carry. What AWS derives from the principal, the simulator derives too. */
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

/** The report with the simulator's answers, in the order of what was asked, beside ours. No verdict changes. */
export function withSimulation(
  report: Report,
  asked: readonly Simulable[],
  answers: readonly (SimulationAnswer | undefined)[],
  gaps: readonly Gap[],
): Report {
  const simulations = new Map(
    asked.flatMap(({ result, call }, index) => {
      const reported = report.results[result]?.calls[call];
      const answer = answers[index];
      return reported === undefined || answer === undefined
        ? []
        : [[`${result} ${call}`, compared(reported, answer)] as const];
    }),
  );
  const results = report.results.map((result, number) => ({
    ...result,
    calls: result.calls.map((call, index) => {
      const simulation = simulations.get(`${number} ${index}`);
      return simulation === undefined ? call : { ...call, simulation };
    }),
  }));
  const calls = results.flatMap((result) => result.calls);
  return {
    ...report,
    results,
    warnings: [
      ...report.warnings,
      ...new Set(calls.flatMap(warningOf)),
      ...(asked.length === 0 ? [nobody] : []),
      ...new Set(gaps.map(({ what, reason }) => `the policy simulator did not answer: ${what}: ${reason}`)),
    ],
    gaps: [...report.gaps, ...gaps],
  };
}

const nobody =
  'the policy simulator was not asked: it judges only users and roles, by their ARN, of the account of the credentials';

function compared(call: ReportedCall, answer: SimulationAnswer): ReportedSimulation {
  const { decision, missing } = answer;
  const allows = decision === 'allowed';
  const agreement =
    call.decision === 'depends' ? 'open' : (call.decision === 'allowed') === allows ? 'agrees' : 'differs';
  const why = agreement === 'agrees' ? undefined : whyOtherwise(call, answer);
  return { decision, agreement, missingContext: [...missing], ...(why === undefined ? {} : { why }) };
}

/** Kinds of policy of which the simulator sees nothing, at least where the principal is a role. */
const unseen = ['key policy', 'session policy', 'resource control policy', 'VPC endpoint policy'];

const organizationsSay = 'it says that a service control policy stands in the way';
const unexplained = 'no known limit of the simulator explains it';

/** Why the simulator answers otherwise, where that is known. */
function whyOtherwise(call: ReportedCall, { decision, missing, ...said }: SimulationAnswer): string {
  if (call.decision === 'depends')
    return `here it hangs on ${list(call.dependsOn)}, and the simulator takes to be absent whatever it is not told`;
  const allows = decision === 'allowed';
  const kinds = [...call.decidedBy.map((by) => ('grant' in by ? 'grant' : by.policy)), ...call.lacking];
  const hidden = unseen.filter((kind) => kinds.some((one) => one === kind));
  if (allows && hidden.length > 0) return `it does not see the ${list(hidden)}`;
  if (!allows && said.allowedByOrganization === false) return organizationsSay;
  if (!allows && said.allowedByBoundary === false) return 'it says that the permissions boundary does not allow it';
  if (missing.length > 0) return `it was not told ${list(missing)}`;
  if (!allows && call.action.startsWith('kms:') && kinds.some((kind) => kind === 'key policy' || kind === 'grant'))
    return 'it does not see what the key policy and grants allow';
  return unexplained;
}

/** What is worth a look even where the calls are not shown. */
function warningOf({ action, resource, decision, simulation }: ReportedCall): readonly string[] {
  if (simulation?.agreement !== 'differs' || (simulation.why !== organizationsSay && simulation.why !== unexplained))
    return [];
  return [
    `the policy simulator says ${simulation.decision} to ${action} on ${shortName(resource)}, which is ${decision} here: ${simulation.why}`,
  ];
}
