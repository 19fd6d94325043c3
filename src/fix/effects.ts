import { accountOf, isArn, isRootArn, placeOf } from '../base/arn.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluator } from '../check/evaluate.ts';
import { runners } from '../check/preconditions/trust.ts';
import { isRuledOut, mayAllow } from '../check/ruled-out.ts';
import { rank } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import { everyPrincipal, findOtherPrincipal, type Principal } from '../evidence/principals.ts';
import type { Account, Evidence } from '../evidence/schema.ts';
import { everySource, type Source } from '../evidence/sources.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import { opens } from '../operations/rows.ts';
import type { Before } from './before.ts';
import { type Budget, isSpent, partOf } from './budget.ts';
import { allowedBy } from './statements.ts';
import { identityArn, type Step } from './step.ts';

/** A verdict that gets better for somebody. */
export interface Gain {
  readonly principal: string;
  readonly operation: Operation;
  /** ARN of the source, or of the key of the new resource. */
  readonly target: string;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** RDS's own use of a key for the databases that run under it. */
export interface Running {
  readonly key: string;
  readonly databases: number;
  readonly before: DecidedCall;
  readonly after: DecidedCall;
}

export interface Effects {
  /** What gets possible besides what was asked. */
  readonly gains: readonly Gain[];
  /** Questions that there were too many of to ask. */
  readonly notAsked: number;
  /**
   * How many users and roles of the evidence could gain. Undefined: nobody but whoever asked,
   * whatever the evidence holds.
   */
  readonly among: number | undefined;
  readonly running: readonly Running[];
}

/** Bounds for one fix, so that the first one leaves something for the others. */
const mostQuestions = 1500;
const mostOfEffects = 1200;

/**
 * What steps change besides what they are for: which operations which principals of the evidence
 * gain, and what becomes of RDS's own use of the keys. The operations are those that need to be
 * told nothing but a source or a key, and the one in question as it was asked.
 */
export function effectsOf(
  steps: readonly Step[],
  asked: Bound,
  { before, after }: { readonly before: Before; readonly after: Evaluator },
  budget: Budget,
): Effects {
  const { questions, left } = questionsAbout(askingAbout(steps, asked, after), mostQuestions);
  const sides = {
    before,
    was: sideOf(before.evaluator),
    after: sideOf(after),
    isTouched: touchedBy(steps, asked, after),
  };
  const part = partOf(budget, mostOfEffects);
  const found: { readonly gain: Gain; readonly order: number }[] = [];
  let answered = 0;
  for (const { question, order } of questions) {
    if (isSpent(part)) break;
    answered += 1;
    const gain = gainOf(question, asked, sides);
    if (gain !== undefined) found.push({ gain, order });
  }
  const gains = found.toSorted((one, other) => one.order - other.order).map(({ gain }) => gain);
  const name = ({ principal, operation, target }: Gain): string =>
    `${principal} ${operation.api} ${operation.command} ${target}`;
  return {
    gains: [...new Map(gains.map((gain) => [name(gain), gain])).values()],
    notAsked: left + questions.length - answered,
    among: reachesOthers(steps, asked, after.evidence) ? everyPrincipal(after.evidence).length : undefined,
    running: [...new Set(steps.flatMap((step) => keyOf(step) ?? []))].flatMap((key) =>
      runningUnder(key, asked, before.evaluator, after),
    ),
  };
}

interface Question {
  readonly operation: Operation;
  readonly principal: string;
  readonly source: Source | undefined;
  readonly parameters: Bound['parameters'];
  /** What a copy is made of, where the steps make the source. */
  readonly copied: Source | undefined;
}

/**
 * The same for the same question. `read`: the source of the question, in the state that is meant.
 */
function nameOf({ operation, principal, parameters }: Question, read: Source | undefined): string {
  return `${operation.command} ${operation.api} ${principal} ${read?.arn ?? ''} ${JSON.stringify(parameters)}`;
}

/** `order`: its place in the report. */
interface Ordered {
  readonly question: Question;
  readonly order: number;
}

/** One state of the evidence, and who was looked up in it. */
interface Side extends Evaluator {
  readonly principal: (arn: string) => Principal;
}

function sideOf(evaluator: Evaluator): Side {
  const known = new Map<string, Principal>();
  return {
    ...evaluator,
    principal(arn) {
      const found = known.get(arn) ?? findOtherPrincipal(evaluator.directory, arn);
      known.set(arn, found);
      return found;
    },
  };
}

interface Sides {
  readonly before: Before;
  readonly was: Side;
  readonly after: Side;
  /** Whether a call may be decided otherwise afterwards. */
  readonly isTouched: (row: CallRow) => boolean;
}

function gainOf(question: Question, asked: Bound, { before, was, after, isTouched }: Sides): Gain | undefined {
  const { operation, source, parameters, copied } = question;
  const bind = ({ directory, principal: find }: Side, on: Source | undefined): Bound => {
    // A session policy binds the session that was asked about, and nobody else.
    const isAsker = question.principal === identityArn(asked.principal);
    const found = find(isAsker ? asked.principal.arn : question.principal);
    const region = on?.region ?? placeOf(parameters.kmsKeyId ?? '')?.region ?? asked.region;
    const { session } = asked.principal;
    const principal = isAsker && session !== undefined ? { ...found, session } : found;
    return boundTo(directory, { operation, principal, region, parameters }, on);
  };
  const read = copied ?? source;
  const first = before.question(nameOf(question, read), () => bind(was, read));
  const verdict = after.verdict(bind(after, source), (row, bound) =>
    isTouched(row) ? after.decide(row, bound) : first.decide(row),
  );
  if (verdict === 'fails') return undefined;
  const now = first.verdict();
  if (rank[verdict] <= rank[now]) return undefined;
  const isAsked =
    question.principal === identityArn(asked.principal) &&
    isSame(operation, asked.operation) &&
    (source?.arn === asked.source?.arn || copied?.arn === asked.source?.arn);
  const target = source?.arn ?? parameters.kmsKeyId ?? '';
  return isAsked ? undefined : { principal: question.principal, operation, target, before: now, after: verdict };
}

/** The operation that was asked about may be a changed copy of the catalogue's entry. */
function isSame(one: Operation, other: Operation): boolean {
  return one.command === other.command && one.api === other.api;
}

/** What a step bears on: whom, and which sources or keys. Undefined: all. */
interface Touch {
  readonly principals: readonly string[] | undefined;
  readonly sources: (source: Source) => boolean;
  readonly keys: readonly string[];
  /** Whether it can make a difference to such a call. */
  readonly calls: (row: CallRow) => boolean;
}

function touchOf(step: Step, asked: Bound, evidence: Evidence): Touch | undefined {
  const actions = actionsOf(step);
  const calls = ({ action }: CallRow): boolean => actions === undefined || actions.includes(action);
  const onKeys = (...keys: readonly string[]) => ({
    calls: (row: CallRow): boolean => row.action.startsWith('kms:') && calls(row),
    sources: ({ kmsKeyId }: Source) => kmsKeyId !== undefined && (keys.includes(kmsKeyId) || !isArn(kmsKeyId)),
    keys,
  });
  const anything = { calls, sources: () => true, keys: asked.parameters.kmsKeyId === undefined ? [] : keysOf(asked) };
  switch (step.step) {
    case 'allow':
    case 'exempt': {
      const one = namedBy(step);
      switch (step.place.in) {
        case 'key policy':
          return { principals: one === undefined ? undefined : [one], ...onKeys(step.place.key) };
        case 'inline policy':
        case 'managed policy':
          return { principals: holdersOf(step.place, evidence), ...anything };
        case 'scp':
        case 'rcp':
          return { principals: step.step === 'exempt' && one !== undefined ? [one] : undefined, ...anything };
      }
      break;
    }
    case 'change':
      switch (step.change.change) {
        case 'key state':
          return { principals: undefined, ...onKeys(step.change.key) };
        case 'grant':
          return { principals: [step.change.grant.GranteePrincipal ?? ''], ...onKeys(step.change.key) };
        case 'sharing': {
          const { snapshot, account } = step.change;
          return {
            principals: everyPrincipal(evidence).filter((arn) => accountOf(arn) === account),
            sources: ({ arn }) => arn === snapshot,
            keys: [],
            calls: () => true,
          };
        }
        default:
          return { principals: undefined, ...anything };
      }
    case 'copy': {
      const { arn } = step.change;
      return { principals: undefined, sources: (source) => source.arn === arn, keys: [], calls: () => true };
    }
    case 'allow in session':
    case 'name key':
      return undefined;
  }
}

/**
 * The calls on which steps bear. Where steps change more than policies and grants, all calls: of
 * those, nothing but calls depends, except what an RCP says of who may assume a role
 * (iam-evaluation 5.31).
 */
function touchedBy(steps: readonly Step[], asked: Bound, { evidence }: Evaluator): (row: CallRow) => boolean {
  const touches = steps.map((step) => (changesCallsAlone(step) ? touchOf(step, asked, evidence) : undefined));
  return (row) => touches.some((touch) => touch === undefined || touch.calls(row));
}

function changesCallsAlone(step: Step): boolean {
  switch (step.step) {
    case 'allow':
    case 'exempt':
      return step.place.in !== 'rcp';
    case 'change':
      return step.change.change === 'grant';
    case 'allow in session':
    case 'copy':
    case 'name key':
      return false;
  }
}

/** Whom a step bears on. Undefined: anybody. */
export function principalsOf(step: Step, asked: Bound, evidence: Evidence): readonly string[] | undefined {
  return touchOf(step, asked, evidence)?.principals;
}

/** The actions that a step allows. Undefined: it may be about any. */
function actionsOf(step: Step): readonly string[] | undefined {
  if (step.step === 'allow') return allowedBy(step.statements);
  if (step.step !== 'change' || step.change.change !== 'grant') return undefined;
  return step.change.grant.Operations?.map((operation) => `kms:${operation}`);
}

/** The one whom an edit of a policy names. Undefined: it may be anybody. */
function namedBy(step: Extract<Step, { readonly step: 'allow' | 'exempt' }>): string | undefined {
  if (step.step === 'exempt') return step.exemption.key === 'aws:PrincipalArn' ? step.exemption.value : undefined;
  return isRootArn(step.principal) ? undefined : step.principal;
}

function keysOf({ keys }: Bound): readonly string[] {
  return Object.values(keys).map(({ arn }) => arn);
}

/** Whether anybody else could gain by the steps. */
function reachesOthers(steps: readonly Step[], asked: Bound, evidence: Evidence): boolean {
  const self = identityArn(asked.principal);
  return steps.some((step) => {
    const touch = touchOf(step, asked, evidence);
    return touch !== undefined && touch.principals?.every((arn) => arn === self) !== true;
  });
}

/** An operation that a principal may come to do, and on what it could be asked. */
interface Asking {
  readonly operation: Operation;
  readonly principal: string;
  readonly on: readonly Pick<Question, 'source' | 'parameters' | 'copied'>[];
}

/**
 * Every principal is asked about the first thing before any is asked about the second, so that
 * nobody is left out where there are too many questions.
 */
function questionsAbout(
  asking: readonly Asking[],
  most: number,
): { readonly questions: readonly Ordered[]; readonly left: number } {
  const found = new Map<string, Ordered>();
  const longest = asking.reduce((length, { on }) => Math.max(length, on.length), 0);
  let left = asking.reduce((sum, { on }) => sum + on.length, 0);
  for (let round = 0; round < longest && found.size < most; round += 1) {
    for (const [order, { operation, principal, on }] of asking.entries()) {
      const target = on[round];
      if (target === undefined) continue;
      if (found.size === most) break;
      left -= 1;
      const question = { operation, principal, ...target };
      const name = nameOf(question, question.source);
      if (!found.has(name)) found.set(name, { question, order });
    }
  }
  return { questions: [...found.values()], left };
}

function askingAbout(steps: readonly Step[], asked: Bound, after: Evaluator): readonly Asking[] {
  const { evidence } = after;
  const all = everySource(evidence);
  const copies = new Map(steps.flatMap((step) => (step.step === 'copy' ? [[step.change.arn, step.change.of]] : [])));
  const copiedFrom = ({ arn }: Source): Source | undefined => {
    let of = copies.get(arn);
    while (of !== undefined && copies.has(of)) of = copies.get(of);
    return of === undefined ? undefined : all.find((source) => source.arn === of);
  };
  const asks = asksOf(asked, after);
  return steps.flatMap((step) => {
    const touch = touchOf(step, asked, evidence);
    if (touch === undefined) return [];
    const sources = all.filter(touch.sources);
    const operations = catalogue.flatMap((operation) => {
      if (!operation.calls.some(touch.calls)) return [];
      const { reads } = operation;
      const read =
        reads === undefined ? [] : sources.filter((source) => reads.types.some((type) => type === source.type));
      const on = parametersOf(operation, asked).flatMap((parameters): Asking['on'] =>
        reads === undefined
          ? touch.keys.map((kmsKeyId) => ({
              source: undefined,
              parameters: { ...parameters, kmsKeyId },
              copied: undefined,
            }))
          : read.map((source) => ({ source, parameters, copied: copiedFrom(source) })),
      );
      return on.length === 0 ? [] : [{ operation, on }];
    });
    return (touch.principals ?? everyPrincipal(evidence)).flatMap((principal) => {
      const may = asks(principal);
      return operations.flatMap(({ operation, on }) => (may(operation) ? [{ operation, principal, on }] : []));
    });
  });
}

/** Whether it is worth asking about an operation for a principal. */
function asksOf(
  asked: Bound,
  { directory, read }: Evaluator,
): (principal: string) => (operation: Operation) => boolean {
  const runs = runners(directory);
  return (arn) => {
    const may = mayAllow(findOtherPrincipal(directory, arn), read);
    const comesIntoQuestion = runs(arn);
    return (operation) =>
      !isRuledOut(operation, operation.reads?.types ?? [], may) &&
      (isSame(operation, asked.operation) || comesIntoQuestion(operation, asked.region));
  };
}

/**
 * With which parameters an operation is asked about: with none, and the one in question also as it
 * was asked.
 */
function parametersOf(operation: Operation, asked: Bound): readonly Bound['parameters'][] {
  const plain = (operation.requires ?? []).length === 0 ? [{}] : [];
  if (!isSame(operation, asked.operation) || Object.keys(asked.parameters).length === 0) return plain;
  // An alias is the asker's own; in another account it names something else or nothing.
  const key = asked.parameters.kmsKeyId === undefined ? undefined : asked.keys['target key']?.arn;
  return [...plain, key === undefined ? asked.parameters : { ...asked.parameters, kmsKeyId: key }];
}

/** Whoever has a policy: its owner, the members of its group, whom it is attached to. */
function holdersOf(place: Extract<Step, { readonly step: 'allow' }>['place'], evidence: Evidence): readonly string[] {
  return Object.values(evidence.accounts).flatMap(({ iam }: Account) => {
    const groups = (iam?.GroupDetailList ?? [])
      .filter((group) => holds(group, place))
      .map(({ GroupName }) => GroupName);
    const users = (iam?.UserDetailList ?? []).filter(
      (user) => holds(user, place) || user.GroupList?.some((group) => groups.includes(group)) === true,
    );
    const roles = (iam?.RoleDetailList ?? []).filter((role) => holds(role, place));
    return [...users, ...roles].map(({ Arn }) => Arn);
  });
}

interface Holder {
  readonly Arn: string;
  readonly AttachedManagedPolicies?: readonly { readonly PolicyArn: string }[] | undefined;
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn: string } | undefined;
}

function holds(
  { Arn: arn, AttachedManagedPolicies: attached, PermissionsBoundary: boundary }: Holder,
  place: Extract<Step, { readonly step: 'allow' }>['place'],
): boolean {
  if (place.in === 'inline policy') return place.owner === arn;
  return (
    place.in === 'managed policy' &&
    (attached?.some((policy) => policy.PolicyArn === place.arn) === true ||
      boundary?.PermissionsBoundaryArn === place.arn)
  );
}

/** The key that a step changes something of. */
function keyOf(step: Step): string | undefined {
  if (step.step === 'allow' || step.step === 'exempt')
    return step.place.in === 'key policy' ? step.place.key : undefined;
  return step.step === 'change' && 'key' in step.change ? step.change.key : undefined;
}

/**
 * Whether RDS can go on using a key for what runs under it: it opens volumes by its grant
 * (rds-kms-operations 3.2, 6.2).
 */
function runningUnder(key: string, asked: Bound, before: Evaluator, after: Evaluator): readonly Running[] {
  const running = everySource(before.evidence).filter(
    ({ type, kmsKeyId }) => (type === 'cluster' || type === 'db') && kmsKeyId === key,
  );
  const [first] = running;
  if (first === undefined) return [];
  const row = opens('storage key', 'rds-kms-operations 3.2');
  const decided = ({ directory, decide }: Evaluator): DecidedCall => {
    const { operation, principal } = asked;
    const bound = boundTo(directory, { operation, principal, region: first.region, parameters: {} }, first);
    return decide(row, bound);
  };
  const databases = running.filter((one) => !(one.type === 'db' && one.entry.DBClusterIdentifier !== undefined)).length;
  return [{ key, databases, before: decided(before), after: decided(after) }];
}
