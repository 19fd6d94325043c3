/*
 * src/fix/ the search for the smallest change after which an operation succeeds, what else that
 * change allows, and the writers for the AWS CLI and Terraform.
 */

import { isRootArn } from '../base/arn.ts';
import type { Command } from '../base/command.ts';
import type { Json } from '../base/json.ts';
import type { Bound } from '../check/bind.ts';
import type { Evaluated, Evaluator } from '../check/evaluate.ts';
import { type Judgment, judge, likeness, type Reason } from '../check/judgment.ts';
import type { ReportedFixStep, Verdict } from '../contract/report.ts';
import { policyAt } from '../evidence/change.ts';
import { findKey, keyStateOf } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Effort } from '../policy/request.ts';
import { type Before, beforeFixes } from './before.ts';
import { type Budget, isSpent, mostOfReport, partOf } from './budget.ts';
import { changeCommands, policyCommands } from './commands.ts';
import { documentObject } from './documents.ts';
import { askFirst, type Doers, doersOf } from './doers.ts';
import { type Effects, effectsOf } from './effects.ts';
import { type FixStep, fixStepOf, namedPolicy, type PolicyToName } from './fix-step.ts';
import { type Plan, plans, type Under } from './plan.ts';
import { type Powers, powersGained } from './powers.ts';
import { policyScript } from './scripts.ts';
import { contextOfFacts } from './session-facts.ts';
import {
  identityArn,
  placeName,
  type SessionPolicyStep,
  type State,
  type Step,
  type StepOwner,
  sessionPolicyAfter,
  taken,
} from './step.ts';
import { changeTerraform, policyTerraform } from './terraform.ts';

/** A plan in the order of its steps, and its effects. */
export interface Fix extends Effects, Powers {
  /** The verdict after all changes, and why it is not better. */
  readonly verdict: Verdict;
  readonly doubts: readonly Reason[];
  /** The evidence after all changes. Changes of the request are not in it. */
  readonly after: Evidence;
  /** The changes in order. Changes of the same owner are next to each other. */
  readonly changes: readonly FixChange[];
}

/** One change: of one policy, key, grant or snapshot, or of the request. */
export interface FixChange {
  readonly owner: StepOwner;
  /** The account of the owner. For an organization: its management account. Empty: not known. */
  readonly account: string;
  /** Several steps if one policy is edited in several ways. */
  readonly steps: readonly FixStep[];
  readonly edit: PolicyEdit | undefined;
  readonly other: OtherChange | undefined;
  /** Who could carry out the change. Undefined: the principal does it with its request. */
  readonly doers: Doers | undefined;
  /** The principals that the narrowed Deny exempts by name. Such a Deny has a purpose. */
  readonly askFirst: readonly string[];
  /** The commands, in this order. */
  readonly commands: readonly Command[];
  /**
   * A script that edits a policy with checks, so that it is safe to run. Undefined: no policy is
   * edited.
   */
  readonly script: string | undefined;
  /** The change as Terraform configuration. Undefined: Terraform cannot make the change. */
  readonly terraform: string | undefined;
}

/** A new text of a policy. `before`: undefined if the policy does not exist yet. */
export interface PolicyEdit {
  readonly policy: PolicyToName;
  readonly before: Json | undefined;
  readonly after: Json;
}

/** Any change except a new text for an existing policy. */
type OtherChange = NonNullable<ReportedFixStep['other']>;

/** Fixes by failure, so that results with the same failure need only one search. */
export interface Fixes {
  /**
   * Results with the same failure get the same objects. Undefined: there were too many different
   * failures to search.
   */
  readonly of: (evaluated: Evaluated, judgment: Judgment) => readonly Fix[] | undefined;
}

/** The most different failures of one report for which fixes are searched. */
const mostSearches = 20;

/** The part of the budget that the search may use. The rest is for finding what fixes allow. */
const mostOfSearch = 3_000;

/**
 * `make`: answers under other evidence, and counts the effort. `effort`: the effort for this report
 * so far.
 */
export function fixesUnder(
  evidence: Evidence,
  make: (evidence: Evidence, effort: Effort) => Evaluator,
  effort: Effort = { spent: 0 },
): Fixes {
  const budget: Budget = { effort, most: mostOfReport };
  const made = new WeakMap<Evidence, Evaluator>();
  const knowing = new WeakMap<Evaluator, Map<string, Evaluator>>();
  const asAsked = (other: Evidence): Evaluator => {
    const evaluator = made.get(other) ?? make(other, budget.effort);
    made.set(other, evaluator);
    return evaluator;
  };
  const under: Under = ({ evidence: other, context }) => {
    const evaluator = asAsked(other);
    if (context === evaluator.settings.context) return evaluator;
    const known = knowing.get(evaluator) ?? new Map<string, Evaluator>();
    knowing.set(evaluator, known);
    const name = JSON.stringify(context);
    const held = known.get(name) ?? evaluator.knowing(context);
    known.set(name, held);
    return held;
  };
  const known = new Map<string, (readonly (readonly [Plan, Fix])[])[]>();
  let searches = 0;
  return {
    of(evaluated, judgment) {
      if (evaluated.verdict === 'succeeds') return [];
      const name = alike(evaluated, judgment);
      for (const before of known.get(name) ?? []) {
        const fitting = before.filter(([plan]) => alsoFixes(plan, evaluated, asAsked(evidence), under));
        if (fitting.length > 0) return fitting.map(([, fix]) => fix);
      }
      if (searches === mostSearches || isSpent(budget)) return undefined;
      searches += 1;
      const evaluator = asAsked(evidence);
      const start = beforeFixes(evaluator, evaluated.bound, budget.effort);
      const found = plans(evaluated, evaluator, under, partOf(budget, mostOfSearch)).map(
        (plan): readonly [Plan, Fix] => {
          const { context } = plan.after;
          // The access that policies give is checked in the session in which the fix is used.
          const before =
            context === evaluator.settings.context
              ? start
              : beforeFixes(under({ evidence, context }), evaluated.bound, budget.effort);
          return [plan, fixOf(plan, evaluated.bound, { before, under, budget })];
        },
      );
      const sorted = found.toSorted(
        ([one, first], [other, second]) =>
          givenAway(first) - givenAway(second) ||
          othersGaining(first, evaluated.bound) - othersGaining(second, evaluated.bound) ||
          one.cost - other.cost ||
          gainsIn(first) - gainsIn(second),
      );
      known.set(name, [...(known.get(name) ?? []), sorted]);
      return sorted.map(([, fix]) => fix);
    },
  };
}

/**
 * How many actions principals gain. An action that was not checked counts as gained. Only if this
 * is equal, the size of the change decides. A root user can give its account nearly every
 * permission anyway, so what it gains makes no fix worse than another.
 */
function givenAway({ powers, powersNotAsked }: Fix): number {
  const gained = powers.filter(({ principal }) => !isRootArn(principal));
  return new Set(gained.map(({ principal, action }) => `${principal} ${action}`)).size + powersNotAsked;
}

/** How many users and roles gain an operation, apart from the principal in the question. */
function othersGaining({ gains }: Fix, { principal }: Bound): number {
  const arns = gains.flatMap(({ gainers }) => gainers.map(({ arn }) => arn));
  return new Set(arns.filter((arn) => !isRootArn(arn) && arn !== identityArn(principal))).size;
}

/** How many verdicts get better for users and roles. */
function gainsIn({ gains }: Fix): number {
  return gains.reduce((sum, { gainers }) => sum + gainers.filter(({ arn }) => !isRootArn(arn)).length, 0);
}

/** Results that fail for the same reasons probably have the same fix. */
function alike({ bound }: Evaluated, judgment: Judgment): string {
  const { operation, principal } = bound;
  return JSON.stringify([operation.command, operation.api, principal.arn, likeness(judgment)]);
}

function alsoFixes(
  { steps, result }: Plan,
  { bound }: Evaluated,
  { evidence, settings: { context } }: Evaluator,
  under: Under,
): boolean {
  const ofOne =
    steps.some(({ step }) => step === 'copy') ||
    steps.some((step) => step.step === 'change' && 'snapshot' in step.change);
  const after = ofOne ? undefined : afterAll(steps, { evidence, bound, context });
  return after !== undefined && under(after).verdict(after.bound) === result.verdict;
}

function afterAll(steps: readonly Step[], before: State): State | undefined {
  return steps.reduce<State | undefined>((state, step) => state && taken(state, step), before);
}

interface Searching {
  readonly before: Before;
  readonly under: Under;
  readonly budget: Budget;
}

function fixOf({ steps, after, result }: Plan, asked: Bound, { before, under, budget }: Searching): Fix {
  const { evidence } = before.evaluator;
  const sides = { before, after: under(after) };
  const given = powersGained(steps, asked, sides, budget);
  const effects = effectsOf(steps, asked, sides, budget);
  const doers = doersOf(asked, before, budget);
  const changes = byPlace(steps).map((together) => ({
    ...changeOf(together, { before: evidence, after: after.evidence, asked }),
    doers: doers(together[0]),
    askFirst: [...new Set(together.flatMap((step) => askFirst(step, evidence)))],
  }));
  return {
    verdict: result.verdict,
    doubts: result.verdict === 'succeeds' ? [] : judge(result).reasons,
    after: after.evidence,
    changes: changes.toSorted((one, other) => owners.indexOf(one.owner) - owners.indexOf(other.owner)),
    ...effects,
    ...given,
  };
}

/** The order of steps, so that each owner has one part. */
const owners: readonly StepOwner[] = ['organization', 'key owner', 'snapshot owner', "principal's account", 'caller'];

function isOfSessionPolicy(step: Step): step is SessionPolicyStep {
  return step.step === 'allow in session' || step.step === 'exempt in session';
}

/** Groups the edits of one policy into one change. */
function byPlace(steps: readonly Step[]): readonly (readonly [Step, ...Step[]])[] {
  const groups = new Map<string, [Step, ...Step[]]>();
  for (const [number, step] of steps.entries()) {
    const name =
      step.step === 'allow' || step.step === 'exempt'
        ? placeName(step.place)
        : isOfSessionPolicy(step)
          ? 'session policy'
          : `step ${number}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [step]);
    else group.push(step);
  }
  return [...groups.values()];
}

/** The steps on one policy. Steps that allow actions to the same principal are one step. */
function joinedAllows(together: readonly Step[]): readonly Step[] {
  const nameOf = (step: Step, number: number): string =>
    step.step === 'allow' ? `allow ${step.principal}` : step.step === 'allow in session' ? step.step : `${number}`;
  const joined = new Map<string, Step>();
  for (const [number, step] of together.entries()) {
    const name = nameOf(step, number);
    const held = joined.get(name);
    const both = held === undefined ? [] : [...statementsOf(held), ...statementsOf(step)];
    joined.set(name, both.length > 0 && 'statements' in step ? { ...step, statements: both } : step);
  }
  return [...joined.values()];
}

function statementsOf(step: Step): readonly Json[] {
  return 'statements' in step ? step.statements : [];
}

const unwritten = { commands: [], script: undefined, terraform: undefined } as const;

function changeOf(
  together: readonly [Step, ...Step[]],
  { before, after, asked }: Around,
): Omit<FixChange, 'doers' | 'askFirst'> {
  const [first] = together;
  const steps = joinedAllows(together).map((step) => fixStepOf(step, before));
  const { owner, account } = first;
  const same = { owner, account, steps, edit: undefined, other: undefined, ...unwritten };
  switch (first.step) {
    case 'allow':
    case 'exempt': {
      const { place } = first;
      const document = documentObject(policyAt(after, place)) ?? {};
      return {
        ...same,
        edit: {
          policy: namedPolicy(place, before),
          before: documentObject(policyAt(before, place)),
          after: document,
        },
        commands: policyCommands(place, document, before),
        script: policyScript(place, { before: documentObject(policyAt(before, place)), after: document }, before),
        terraform: policyTerraform(place, document),
      };
    }
    case 'change':
    case 'copy': {
      const { change } = first;
      const state = 'key' in change ? keyStateOf(findKey(before, change.key)) : undefined;
      return {
        ...same,
        other: otherOf(change),
        commands: changeCommands(change, state),
        terraform: changeTerraform(change, state),
      };
    }
    case 'allow in session':
    case 'exempt in session': {
      const [policy] = asked.principal.session ?? [];
      const document = policy !== undefined && 'document' in policy ? documentObject(policy.document) : undefined;
      const edited = together
        .filter(isOfSessionPolicy)
        .reduce<Json | undefined>((held, step) => sessionPolicyAfter(held, step) ?? held, document);
      return { ...same, other: { change: 'session policy', document: edited ?? {} } };
    }
    case 'session':
      return { ...same, other: { change: 'session facts', context: contextOfFacts(first.facts) } };
    case 'name new':
      return { ...same, other: { change: 'name new', to: first.to } };
    case 'name key':
      return { ...same, other: { change: 'name key', key: first.key } };
  }
}

/** The evidence before a plan and after it. */
interface Around {
  readonly before: Evidence;
  readonly after: Evidence;
  readonly asked: Bound;
}

type Changing = Extract<Step, { readonly step: 'change' | 'copy' }>['change'];

function otherOf(change: Changing): OtherChange {
  switch (change.change) {
    case 'new control policy':
      return { ...change, document: documentObject(change.document) ?? {} };
    case 'grant': {
      const { GranteePrincipal: grantee = '', Operations: operations = [] } = change.grant;
      return { change: 'grant', key: change.key, grantee, operations };
    }
    default:
      return change;
  }
}
