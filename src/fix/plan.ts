import { rebind } from '../check/bind.ts';
import type { Evaluated, Evaluator } from '../check/evaluate.ts';
import { findOperation } from '../operations/catalogue.ts';
import { type Budget, isSpent } from './budget.ts';
import { candidates, levelsLacking } from './candidates.ts';
import { nameSteps } from './name-steps.ts';
import type { SessionFact } from './session-facts.ts';
import { sessionSteps } from './session-steps.ts';
import { withoutOneKey } from './statements.ts';
import { type State, type Step, stepName, taken } from './step.ts';

/** Makes an evaluator for one state of the evidence. */
export type Under = (state: Pick<State, 'evidence' | 'context'>) => Evaluator;

/** Steps that together change the verdict, and the state after them. */
export interface Plan {
  readonly steps: readonly Step[];
  /** The sum of the steps' costs; see costOf. */
  readonly cost: number;
  readonly after: State;
  readonly result: Evaluated;
}

/** The most states to check, the most plans to find, and the most steps in a plan. */
const mostStates = 80;
const mostPlans = 3;
const mostSteps = 10;

/**
 * The cheapest plans that make the operation succeed. If there is none: plans that leave the
 * operation undetermined instead of failing. Each plan is checked, so every plan changes the
 * verdict. Empty: none was found. `evaluator`: the evaluator of the question. `under`: evaluators
 * of other states.
 */
export function plans(start: Evaluated, evaluator: Evaluator, under: Under, budget: Budget): readonly Plan[] {
  const trying = { under, budget };
  const found: Plan[] = [];
  const unsettled: (SearchState & Pick<Plan, 'result'>)[] = [];
  const seen = new Set<string>();
  const { settings } = evaluator;
  const before: State = { evidence: evaluator.evidence, bound: start.bound, context: settings.context };
  const open: SearchState[] = [{ steps: [], cost: 0, state: before, stood: '' }];
  for (let looked = 0; looked < mostStates && found.length < mostPlans && !isSpent(budget); looked += 1) {
    const node = cheapest(open);
    if (node === undefined) break;
    // A plan that contains another plan adds nothing to it.
    if (holdsAny(found, node.steps)) continue;
    const result = node.steps.length === 0 ? start : under(node.state).evaluate(node.state.bound);
    const stands = standing(result);
    if (stands === node.stood) continue;
    const { verdict } = result;
    if (node.steps.length > 0 && verdict !== 'fails') {
      if (verdict === 'succeeds') keep(found, lean(before, { ...node, result }, trying));
      else if (start.verdict === 'fails') unsettled.push({ ...node, result });
    }
    if (verdict === 'succeeds' || node.steps.length === mostSteps) continue;
    const steps = [
      ...sessionSteps(result, under(node.state).directory, settings.evaluatedAt),
      ...nameSteps(result),
      ...candidates(result, node.state),
    ];
    for (const step of steps) {
      const taking = [...node.steps, step];
      const name = taking.map(stepName).toSorted().join('\n');
      if (seen.has(name) || !canBeTaken(node.state, step, under)) continue;
      seen.add(name);
      const state = taken(node.state, step);
      if (state !== undefined) open.push({ steps: taking, cost: node.cost + costOf(step), state, stood: stands });
    }
  }
  if (found.length > 0) return found;
  // Plans that leave the verdict open are reduced only if no plan makes the operation succeed.
  const halfway: Plan[] = [];
  for (const node of unsettled) {
    if (halfway.length === mostPlans) break;
    keep(halfway, lean(before, node, trying));
  }
  return halfway;
}

interface SearchState {
  readonly steps: readonly Step[];
  readonly cost: number;
  readonly state: State;
  /** What stopped the operation before the last step. If it still does, the step has no effect. */
  readonly stood: string;
}

function cheapest(open: SearchState[]): SearchState | undefined {
  const [first, ...others] = open;
  if (first === undefined) return undefined;
  const best = others.reduce((one, other) => (other.cost < one.cost ? other : one), first);
  open.splice(open.indexOf(best), 1);
  return best;
}

/** Keeps a plan, unless a known plan already does the same in each place. */
function keep(known: Plan[], plan: Plan): void {
  if (!holdsAny(known, plan.steps)) known.push(plan);
}

/** Whether the steps include everything that one of the plans does in each place. */
function holdsAny(known: readonly Plan[], steps: readonly Step[]): boolean {
  if (known.length === 0) return false;
  const kinds = new Set(steps.map(stepKind));
  return known.some((plan) => plan.steps.every((step) => kinds.has(stepKind(step))));
}

/** The identity of a step, regardless of the statements that it adds and its values. */
function stepKind(step: Step): string {
  if (step.step === 'session') return stepName({ ...step, facts: step.facts.map(withoutValues) });
  return stepName('statements' in step ? { ...step, statements: [] } : step);
}

function withoutValues({ role, demand: { key } }: SessionFact): SessionFact {
  return { role, demand: { key, is: 'present', values: [] }, context: {} };
}

/** Evaluators of other states, and a limit. */
interface Trying {
  readonly under: Under;
  readonly budget: Budget;
}

/** The plan without unnecessary steps. */
function lean(
  before: State,
  { steps, state, result }: Pick<SearchState, 'steps' | 'state'> & Pick<Plan, 'result'>,
  trying: Trying,
): Plan {
  const { under, budget } = trying;
  for (const left of steps) {
    if (isSpent(budget)) break;
    const others = steps.filter((step) => step !== left);
    if (others.length === 0) continue;
    const after = allTaken(before, others, under);
    if (after === undefined) continue;
    const evaluator = under(after);
    if (evaluator.verdict(after.bound) === result.verdict)
      return lean(before, { steps: others, state: after, result: evaluator.evaluate(after.bound) }, trying);
  }
  const cost = steps.reduce((sum, step) => sum + costOf(step), 0);
  return narrowed(before, { steps, cost, after: state, result }, trying);
}

/**
 * The plan without keys that its policies need not name, because another step makes up for them: the
 * policy of the key names the principal, which is enough in the key's own account (iam-evaluation
 * 5.14), or the request names another key.
 */
function narrowed(before: State, plan: Plan, trying: Trying): Plan {
  const { under, budget } = trying;
  for (const steps of narrower(plan.steps)) {
    if (isSpent(budget)) break;
    const after = allTaken(before, steps, under);
    if (after === undefined) continue;
    const evaluator = under(after);
    if (evaluator.verdict(after.bound) === plan.result.verdict)
      return narrowed(before, { ...plan, steps, after, result: evaluator.evaluate(after.bound) }, trying);
  }
  return plan;
}

function narrower(steps: readonly Step[]): readonly (readonly Step[])[] {
  if (steps.length === 1) return [];
  return steps.flatMap((step, index) =>
    step.step === 'allow' || step.step === 'allow in session'
      ? withoutOneKey(step.statements)
          .filter((statements) => statements.length > 0)
          .map((statements) => steps.with(index, { ...step, statements }))
      : [],
  );
}

/** What still stops the operation. This shows whether a step has an effect. */
function standing({ calls, preconditions }: Evaluated): string {
  return JSON.stringify([
    calls
      .filter(({ decision }) => decision.decision !== 'allowed')
      .map((call) => {
        const { row, resource, decision } = call;
        return [row, resource, decision.decision, decision.lacking, levelsLacking(call), decision.decidedBy];
      }),
    preconditions.filter(({ status }) => status !== 'met').map(({ row }) => row.code),
  ]);
}

/** The state after all steps. Undefined: one of them is not possible. */
function allTaken(before: State, steps: readonly Step[], under: Under): State | undefined {
  return steps.reduce<State | undefined>(
    (one, step) => (one !== undefined && canBeTaken(one, step, under) ? taken(one, step) : undefined),
    before,
  );
}

/** Whether a step is possible. The principal can copy for itself only what it can copy. */
function canBeTaken(state: State, step: Step, under: Under): boolean {
  if (step.step !== 'copy' || step.owner !== 'caller') return true;
  const { source } = state.bound;
  const copy = findOperation(source?.type === 'snapshot' ? 'CopyDBSnapshot' : 'CopyDBClusterSnapshot');
  if (copy === undefined) return false;
  const bound = rebind(state.evidence, state.bound, { operation: copy, parameters: { kmsKeyId: step.change.key } });
  return under(state).verdict(bound) === 'succeeds';
}

/**
 * The cost of a step: how much changes, for how many principals, and how many people are needed.
 * Smaller and narrower steps cost less.
 */
function costOf(step: Step): number {
  switch (step.step) {
    case 'allow':
      return step.place.in === 'inline policy' ? 2 : step.place.in === 'scp' ? 5 : 3;
    case 'allow in session':
    case 'exempt in session':
      return 2;
    case 'exempt':
      if (step.exemption.key === 'aws:PrincipalArn' || step.exemption.key === 'aws:PrincipalAccount') return 4;
      return step.exemption.key === 'kms:ViaService' || step.exemption.key === 'aws:RequestedRegion' ? 3 : 5;
    case 'change':
      return { 'new control policy': 6, 'key state': 1, grant: 4, sharing: 2 }[step.change.change];
    case 'session':
    case 'name new':
      return 1;
    case 'copy':
      return 5;
    case 'name key':
      return 4;
  }
}
