import { groupBy } from '../base/group.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { remembered } from '../base/remembered.ts';
import { type BulkTarget, verdictsByClass } from '../bulk/bulk.ts';
import { interning } from '../bulk/principal-class.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { runners } from '../check/preconditions/trust.ts';
import { isRuledOut, mayAllow } from '../check/ruled-out.ts';
import type { Verdict } from '../contract/report.ts';
import { comparedOperations, compareStates } from '../diff/diff.ts';
import { everyPrincipal, findPrincipal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { everySource, type Source } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import type { PlannedState } from '../plan/planned-state.ts';
import { type ChangedAnswer, causeFinder, type EffectCause } from './causes.ts';
import type { Reading } from './reading.ts';
import { mayLetIn } from './unplaced.ts';

/*
 * Finds the principals that lose or gain operations on resources of the evidence by the apply of
 * plans.
 */

/** `may`: the answer before or after the apply is not certain. */
export type EffectKind = 'loses' | 'may-lose' | 'gains' | 'may-gain';

/** An operation on a source that a principal loses or gains. */
interface Effect {
  /** ARN. */
  readonly principal: string;
  readonly kind: EffectKind;
  readonly operation: Operation;
  /** ARN. */
  readonly target: string;
  readonly cause: EffectCause;
}

/** Operations that several principals lose or gain through the same changes. */
export interface EffectGroup {
  readonly kind: EffectKind;
  readonly cause: EffectCause;
  /** ARNs. */
  readonly principals: readonly string[];
  readonly asked: readonly { readonly operation: Operation; readonly targets: readonly string[] }[];
}

export interface PlanEffects {
  readonly groups: readonly EffectGroup[];
  /** There were more effects than the maximum, and the report does not show the rest. */
  readonly isCut: boolean;
}

/** The maximum number of effects to keep. */
const mostKept = 5_000;
/** The maximum number of questions about classes of principals that only one of the states has. */
const mostAsked = 10_000;

/**
 * What the apply of plans changes for the principals of the evidence, and for the principals that
 * the plans create. `isOpen`: no success of the operation is certain.
 */
export function planEffects(
  state: PlannedState,
  { evaluatedAt, strict, read, directoryIn }: Pick<EvaluationSettings, 'evaluatedAt' | 'strict'> & Reading,
  isOpen: (operation: Operation) => boolean,
): PlanEffects {
  if (state.plans.every(({ overlaid }) => overlaid.length === 0)) return { groups: [], isCut: false };
  const asking = { evaluatedAt, strict, context: {} };
  const sources = new Map(everySource(state.before).map((source) => [source.arn, source]));
  const reading = { read, directoryIn };
  const causeOf = causeFinder(state, asking, reading);
  const effects: Effect[] = [];
  for (const answer of changedAnswers(state, asking, sources, reading)) {
    if (answer === 'cut' || effects.length >= mostKept) return { groups: groupsOf(effects), isCut: true };
    const { principal, operation, source, before, after, now } = answer;
    if (isServiceLinkedRole(principal)) continue;
    const mayReturn = after === 'fails' && now !== undefined && mayLetIn(state.unplaced, principal, now());
    if (mayReturn && before === 'undetermined') continue;
    const kind = kindOf(before, mayReturn ? 'undetermined' : after, isOpen(operation));
    effects.push({ principal, kind, operation, target: source.arn, cause: causeOf(answer) });
  }
  return { groups: groupsOf(effects), isCut: false };
}

function kindOf(before: Verdict, after: Verdict, isOpen: boolean): EffectKind {
  if (after === 'fails') return before === 'succeeds' ? 'loses' : 'may-lose';
  if (before === 'succeeds') return 'may-lose';
  return before === 'fails' && after === 'succeeds' && !isOpen ? 'gains' : 'may-gain';
}

/** The changed answers of principals in both states, and of principals in only one state. */
function* changedAnswers(
  state: PlannedState,
  asking: EvaluationSettings,
  sources: ReadonlyMap<string, Source>,
  reading: Reading,
): Generator<ChangedAnswer | 'cut'> {
  const { before, evidence: after } = state;
  const [people, peopleAfter] = [new Set(everyPrincipal(before)), new Set(everyPrincipal(after))];
  const states = { before: { evidence: before, name: 'before' }, after: { evidence: after, name: 'after' } };
  if (Object.keys(before.accounts).length === 0) return;
  for (const step of compareStates({ ...states, rootsAlone: true, ...asking, ...reading })) {
    if ('done' in step) continue;
    const source = sources.get(step.target);
    const { principal, operation, before: was, after: is, now, like } = step;
    if (source !== undefined) yield { principal, operation, source, before: was, after: is, now, like };
  }
  const there = new Map(everySource(after).map((source) => [source.arn, source]));
  const both = [...sources.values()].filter(({ arn }) => there.has(arn));
  const gone = [...people].filter((arn) => !peopleAfter.has(arn));
  const made = [...peopleAfter].filter((arn) => !people.has(arn));
  for (const found of answersIn(before, { principals: gone, sources: both }, asking, reading))
    if (found === 'cut') yield found;
    else {
      const { principals, operation, source, verdict, like } = found;
      for (const principal of principals) yield { principal, operation, source, before: verdict, after: 'fails', like };
    }
  // A plan may change a source, so its state after the apply counts.
  const changed = both.flatMap(({ arn }) => there.get(arn) ?? []);
  for (const found of answersIn(after, { principals: made, sources: changed }, asking, reading))
    if (found === 'cut') yield found;
    else {
      const { principals, operation, verdict, like } = found;
      const source = sources.get(found.source.arn) ?? found.source;
      for (const principal of principals) yield { principal, operation, source, before: 'fails', after: verdict, like };
    }
}

interface AnswerInOne extends Pick<ChangedAnswer, 'operation' | 'source' | 'like'> {
  /** ARNs of principals that nothing distinguishes. */
  readonly principals: readonly string[];
  readonly verdict: Verdict;
}

/** What principals can do, or may be able to do, if only this state has them. */
function* answersIn(
  evidence: Evidence,
  { principals, sources }: { readonly principals: readonly string[]; readonly sources: readonly Source[] },
  asking: EvaluationSettings,
  { read, directoryIn }: Reading,
): Generator<AnswerInOne | 'cut'> {
  const directory = directoryIn(evidence);
  const operations = comparedOperations(undefined);
  const targets = operations.flatMap((operation) =>
    sources
      .filter(({ type }) => operation.reads?.types.some((one) => one === type) === true)
      .map((source): BulkTarget => ({ operation, source, region: source.region, parameters: {} })),
  );
  if (targets.length === 0) return;
  // Most principals may not even call RDS.
  const openTo = remembered((arn: string): ReadonlySet<Operation> => {
    const may = mayAllow(findPrincipal(directory, arn), read);
    return new Set(operations.filter((operation) => !isRuledOut(operation, operation.reads?.types ?? [], may)));
  });
  const able = principals.filter((arn) => openTo(arn).size > 0);
  if (able.length === 0) return;
  const runsOf = runners(directory);
  let asked = 0;
  for (const { principals: alike, verdict: verdictOn } of verdictsByClass(
    directory,
    asking,
    { principals: able, targets },
    read,
  )) {
    const mayRun = runsOf(alike.representative);
    const open = openTo(alike.representative);
    for (const target of targets) {
      const { operation, source } = target;
      if (source === undefined || !open.has(operation) || !mayRun(operation, source.region)) continue;
      asked += 1;
      if (asked > mostAsked) {
        yield 'cut';
        return;
      }
      const verdict = verdictOn(target);
      if (verdict !== 'fails') yield { principals: alike.members, operation, source, verdict, like: {} };
    }
  }
}

/** Groups principals that lose or gain the same operations through the same changes. */
function groupsOf(effects: readonly Effect[]): readonly EffectGroup[] {
  const nameOf = causeNames();
  const alone = [...groupBy(effects, ({ principal, kind, cause }) => `${principal} ${kind} ${nameOf(cause)}`).values()];
  const alike = groupBy(alone, (group) =>
    JSON.stringify([
      group[0].kind,
      nameOf(group[0].cause),
      group.map(({ operation, target }) => [operation.command, operation.api, target]),
    ]),
  );
  return [...alike.values()]
    .map((same): EffectGroup => {
      const [first] = same;
      return {
        kind: first[0].kind,
        cause: first[0].cause,
        principals: same.map(([{ principal }]) => principal),
        asked: [...groupBy(first, ({ operation }) => `${operation.command} ${operation.api}`).values()].map(
          (asked) => ({
            operation: asked[0].operation,
            targets: asked.map(({ target }) => target),
          }),
        ),
      };
    })
    .toSorted((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}

const order: readonly EffectKind[] = ['loses', 'may-lose', 'gains', 'may-gain'];

/** Short names for causes. Many effects share one list with many changes. */
function causeNames(): (cause: EffectCause) => string {
  const numbers = new Map<readonly PlannedChange[], number>();
  const intern = interning();
  return ({ how, changes }) => {
    const number = numbers.get(changes) ?? intern(changes.map(({ identity }) => identity).join());
    numbers.set(changes, number);
    return `${how} ${number}`;
  };
}
