import { accountOf, isArn, isAwsPolicyArn, isKeyArn, isRootArn, placeOf, rootArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { type BulkTarget, fewestToClass } from '../bulk/bulk.ts';
import type { SignaturePart } from '../bulk/parts.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluator } from '../check/evaluate.ts';
import { runners } from '../check/preconditions/trust.ts';
import { isRuledOut } from '../check/ruled-out.ts';
import { rank } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import { everyActor, everyPrincipal, type Principal, partitionAt, principalsIn } from '../evidence/principals.ts';
import type { Account, Evidence } from '../evidence/schema.ts';
import { everySource, type Source } from '../evidence/sources.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { opens } from '../operations/rows.ts';
import type { Before } from './before.ts';
import { type Budget, isSpent, partOf } from './budget.ts';
import { type Able, type Gainers, gainersAmong, kindOf } from './gainers.ts';
import { type People, peopleAfter } from './people.ts';
import { allowedBy } from './statements.ts';
import { actorArn, type Step } from './step.ts';
import { type UnreadGainers, unreadGainers } from './unread-gainers.ts';

/** A verdict that gets better for some principals. */
export interface Gain {
  readonly gainers: Gainers;
  readonly operation: Operation;
  /** The ARN of the source, or of the key of the new resource. */
  readonly target: string;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** RDS's own use of a key for running databases. */
export interface Running {
  readonly key: string;
  readonly databases: number;
  readonly before: DecidedCall;
  readonly after: DecidedCall;
}

export interface Effects {
  /** Access that a fix gives in addition to the wanted operation. */
  readonly gains: readonly Gain[];
  /** How many questions were not checked, because there were too many. */
  readonly notAsked: number;
  /**
   * How many users and roles were checked for gains, apart from root users. Undefined: only the principal of the question,
   * whatever the evidence contains.
   */
  readonly among: number | undefined;
  /** Who could gain but was not read. Undefined: everybody was read. */
  readonly unread: UnreadGainers | undefined;
  readonly running: readonly Running[];
}

/** Limits for one fix, so that the first fix leaves something for the others. */
const mostQuestions = 1500;
const mostOfEffects = 1200;

/** `without`: parts of signatures to leave out, for tests. */
interface EffectsUnder {
  readonly before: Before;
  readonly after: Evaluator;
  readonly without?: ReadonlySet<SignaturePart>;
}

/**
 * The side effects of steps: which principals gain which operations, and whether RDS can still use
 * the keys. The operations are those that need no parameter except a source or a key, and the
 * operation of the question with its parameters.
 */
export function effectsOf(
  steps: readonly Step[],
  asked: Bound,
  { before, after, without = new Set() }: EffectsUnder,
  budget: Budget,
): Effects {
  const people = peopleAfter(before.people, before.evaluator, after);
  const about = { asked, before, after, people, without };
  const { questions, left } = questionsAbout(askingAbout(steps, about), mostQuestions);
  const sides = {
    before,
    was: { ...before.evaluator, principal: before.people.find },
    after: { ...after, principal: people.find },
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
  const name = ({ gainers: [{ arn }], operation, target }: Gain): string =>
    `${arn} ${operation.api} ${operation.command} ${target}`;
  return {
    gains: [...new Map(gains.map((gain) => [name(gain), gain])).values()],
    notAsked: left + sum(questions.slice(answered).map(({ question }) => question.gainers.length)),
    among: reachesOthers(steps, asked, after.evidence) ? everyPrincipal(after.evidence).length : undefined,
    unread: unreadGainers(steps, asked, after.evidence),
    running: [...new Set(steps.flatMap((step) => keyOf(step) ?? []))].flatMap((key) =>
      runningUnder(key, asked, before.evaluator, after),
    ),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

interface Question {
  readonly operation: Operation;
  /** The first of these principals is checked. */
  readonly gainers: Gainers;
  readonly source: Source | undefined;
  readonly parameters: Bound['parameters'];
  /** The source of the copy, if the steps create the source of the operation. */
  readonly copied: Source | undefined;
}

/** Equal questions have equal names. `read`: the source of the question, in this state. */
function nameOf({ operation, gainers, parameters }: Question, read: Source | undefined): string {
  return `${operation.command} ${operation.api} ${gainers[0].arn} ${read?.arn ?? ''} ${JSON.stringify(parameters)}`;
}

/** `order`: the place of the question in the report. */
interface Ordered {
  readonly question: Question;
  readonly order: number;
}

/** One state of the evidence, and the principals that were looked up in it. */
interface Side extends Evaluator {
  readonly principal: (arn: string) => Principal;
}

interface Sides {
  readonly before: Before;
  readonly was: Side;
  readonly after: Side;
  /** Whether the decision of a call may change. */
  readonly isTouched: (row: CallRow) => boolean;
}

function gainOf(question: Question, asked: Bound, { before, was, after, isTouched }: Sides): Gain | undefined {
  const { operation, source, parameters, copied, gainers } = question;
  const isAsker = gainers[0].arn === actorArn(asked.principal);
  const bind = ({ directory, principal: find }: Side, on: Source | undefined): Bound => {
    // A session policy limits only the session in the question.
    const found = find(isAsker ? asked.principal.arn : gainers[0].arn);
    const region = regionOf(on, parameters, asked);
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
    isAsker &&
    isSame(operation, asked.operation) &&
    (source?.arn === asked.source?.arn || copied?.arn === asked.source?.arn);
  const target = source?.arn ?? parameters.kmsKeyId ?? '';
  return isAsked ? undefined : { gainers, operation, target, before: now, after: verdict };
}

/** The Region of a question. */
function regionOf(on: Source | undefined, { kmsKeyId = '' }: Bound['parameters'], asked: Bound): string {
  return on?.region ?? placeOf(kmsKeyId)?.region ?? asked.region;
}

/** The operation of the question may be a changed copy of the catalog's entry. */
function isSame(one: Operation, other: Operation): boolean {
  return one.command === other.command && one.api === other.api;
}

/** The principals, sources and keys that a step can affect. Undefined: all. */
interface Touch {
  readonly principals: readonly string[] | undefined;
  readonly sources: (source: Source) => boolean;
  readonly keys: readonly string[];
  /** Whether the step can change the decision of such a call. */
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
  // If the keys of another Region were not read, an alias there identifies no key.
  const known = keysOf(asked).filter((key) => isKeyArn(key) || placeOf(key)?.region === asked.region);
  const anything = { calls, sources: () => true, keys: asked.parameters.kmsKeyId === undefined ? [] : known };
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
            principals: [...principalsIn(evidence, account), rootArn(partitionAt(evidence, account), account)],
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
    case 'exempt in session':
    case 'session':
    case 'name key':
    case 'name new':
      return undefined;
  }
}

/**
 * The calls that steps can affect. If steps change more than policies and grants, these are all
 * calls. Policies and grants decide only calls, except that an RCP also decides who may assume a
 * role (iam-evaluation 5.31).
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
    case 'exempt in session':
    case 'session':
    case 'copy':
    case 'name key':
    case 'name new':
      return false;
  }
}

/** The principals that a step can affect. Undefined: anybody. */
export function principalsOf(step: Step, asked: Bound, evidence: Evidence): readonly string[] | undefined {
  return touchOf(step, asked, evidence)?.principals;
}

/** The actions that a step allows. Undefined: any action. */
function actionsOf(step: Step): readonly string[] | undefined {
  if (step.step === 'allow') return allowedBy(step.statements);
  if (step.step !== 'change' || step.change.change !== 'grant') return undefined;
  return step.change.grant.Operations?.map((operation) => `kms:${operation}`);
}

/** The principal that an edit of a policy names. Undefined: anybody. */
function namedBy(step: Extract<Step, { readonly step: 'allow' | 'exempt' }>): string | undefined {
  if (step.step === 'exempt') return step.exemption.key === 'aws:PrincipalArn' ? step.exemption.value : undefined;
  return isRootArn(step.principal) ? undefined : step.principal;
}

function keysOf({ keys }: Bound): readonly string[] {
  return Object.values(keys).map(({ arn }) => arn);
}

/** Whether anybody else could gain from the steps. */
function reachesOthers(steps: readonly Step[], asked: Bound, evidence: Evidence): boolean {
  const self = actorArn(asked.principal);
  return steps.some((step) => {
    const touch = touchOf(step, asked, evidence);
    return touch !== undefined && touch.principals?.every((arn) => arn === self) !== true;
  });
}

/** The sources on which an operation could be checked. */
interface Askable {
  readonly operation: Operation;
  readonly on: readonly Pick<Question, 'source' | 'parameters' | 'copied'>[];
}

/** An operation that principals may gain, and the sources on which it could be checked. */
interface Asking extends Askable {
  readonly gainers: Gainers;
  /** The number of questions that are too many to check. */
  readonly beyond: number;
}

/**
 * Every principal is checked on the first source before any is checked on the second, so that
 * nobody is left out if there are too many questions.
 */
function questionsAbout(
  asking: readonly Asking[],
  most: number,
): { readonly questions: readonly Ordered[]; readonly left: number } {
  const found = new Map<string, Ordered>();
  const longest = asking.reduce((length, { on }) => Math.max(length, on.length), 0);
  let left = sum(asking.map(({ gainers, on, beyond }) => gainers.length * (on.length + beyond)));
  for (let round = 0; round < longest && found.size < most; round += 1) {
    for (const [order, { operation, gainers, on }] of asking.entries()) {
      const target = on[round];
      if (target === undefined) continue;
      if (found.size === most) break;
      left -= gainers.length;
      const question = { operation, gainers, ...target };
      const name = nameOf(question, question.source);
      if (!found.has(name)) found.set(name, { question, order });
    }
  }
  return { questions: [...found.values()], left };
}

interface About extends Required<EffectsUnder> {
  readonly asked: Bound;
  /** The principals after the fix. */
  readonly people: People;
}

/** The questions that a step makes relevant. */
interface Reach {
  readonly who: readonly string[];
  readonly askable: readonly Askable[];
}

function askingAbout(steps: readonly Step[], about: About): readonly Asking[] {
  const reaches = steps.flatMap((step) => reachOf(step, steps, about) ?? []);
  const operations = [...new Set(reaches.flatMap(({ askable }) => askable.map(({ operation }) => operation)))];
  const asks = asksOf(about);
  const able = [...new Set(reaches.flatMap(({ who }) => who))].flatMap((arn, order): readonly Able[] => {
    const some = operations.filter(asks(arn));
    if (some.length === 0) return [];
    return [{ arn, order, operations: some, states: [about.before.people.find(arn), about.people.find(arn)] }];
  });
  const { gainers, most } = gainersOf(able, reaches, operations.length, about);
  const operationsOf = new Map(able.map((one) => [one.arn, new Set(one.operations)]));
  return reaches.flatMap(({ who, askable }) => {
    const reached = new Set(who);
    return gainers.flatMap((alike) =>
      alike.every(({ arn }) => !reached.has(arn))
        ? []
        : askable.flatMap(({ operation, on }): readonly Asking[] =>
            operationsOf.get(alike[0].arn)?.has(operation) === true
              ? [{ operation, gainers: alike, on: on.slice(0, most), beyond: Math.max(0, on.length - most) }]
              : [],
          ),
    );
  });
}

/** Undefined: nobody else is affected. */
function reachOf(step: Step, steps: readonly Step[], { asked, after: { evidence } }: About): Reach | undefined {
  const touch = touchOf(step, asked, evidence);
  if (touch === undefined) return undefined;
  const all = everySource(evidence);
  const copies = new Map(steps.flatMap((one) => (one.step === 'copy' ? [[one.change.arn, one.change.of]] : [])));
  const copiedFrom = ({ arn }: Source): Source | undefined => {
    let of = copies.get(arn);
    while (of !== undefined && copies.has(of)) of = copies.get(of);
    return of === undefined ? undefined : all.find((source) => source.arn === of);
  };
  const sources = all.filter(touch.sources);
  const askable = catalogue.flatMap((operation): readonly Askable[] => {
    if (!operation.calls.some(touch.calls)) return [];
    const { reads } = operation;
    const read =
      reads === undefined ? [] : sources.filter((source) => reads.types.some((type) => type === source.type));
    const on = parametersOf(operation, asked).flatMap((parameters): Askable['on'] =>
      reads === undefined
        ? touch.keys.map((kmsKeyId) => ({
            source: undefined,
            parameters: { ...parameters, ...under(operation, kmsKeyId) },
            copied: undefined,
          }))
        : read.map((source) => ({ source, parameters, copied: copiedFrom(source) })),
    );
    return on.length === 0 ? [] : [{ operation, on }];
  });
  return { who: touch.principals ?? everyActor(evidence), askable };
}

/**
 * Groups of principals with the same gains, and the most sources for each operation. If there are
 * many principals, only as many sources are checked as one principal of each group allows.
 */
function gainersOf(
  able: readonly Able[],
  reaches: readonly Reach[],
  operations: number,
  { asked, before, after, without }: About,
): { readonly gainers: readonly Gainers[]; readonly most: number } {
  const self = actorArn(asked.principal);
  const kinds = groupBy(able, (one) => (one.arn === self ? self : kindOf(one)));
  if ([...kinds.values()].every((all) => all.length < fewestToClass))
    return { gainers: able.map((one): Gainers => [one]), most: Infinity };
  const most = Math.max(1, Math.floor(mostQuestions / (kinds.size * operations)));
  const things = reaches.flatMap(({ askable }) =>
    askable.flatMap(({ operation, on }) => on.slice(0, most).map((one) => ({ operation, ...one }))),
  );
  const stateIn = ({ directory }: Evaluator, read: (one: (typeof things)[number]) => Source | undefined) => ({
    directory,
    targets: things.map((one): BulkTarget => {
      const source = read(one);
      const { operation, parameters } = one;
      return { operation, source, parameters, region: regionOf(source, parameters, asked) };
    }),
  });
  const asking = {
    asked: [
      stateIn(before.evaluator, ({ source, copied }) => copied ?? source),
      stateIn(after, ({ source }) => source),
    ] as const,
    settings: after.settings,
    read: after.read,
    without,
  };
  const gainers = [...kinds.values()].flatMap((all) => gainersAmong(all, asking));
  return { gainers: gainers.toSorted(([one], [other]) => one.order - other.order), most };
}

/** Whether an operation is relevant for a principal. */
function asksOf({
  asked,
  after: { directory },
  people,
}: About): (principal: string) => (operation: Operation) => boolean {
  const runs = runners(directory);
  return (arn) => {
    const may = people.mayAllow(arn);
    const comesIntoQuestion = runs(arn);
    return (operation) =>
      !isRuledOut(operation, operation.reads?.types ?? [], may) &&
      (isSame(operation, asked.operation) || comesIntoQuestion(operation, asked.region));
  };
}

/** A new database under a key also asks for encryption (rds-kms-operations 4.8). */
function under({ parameters }: Operation, kmsKeyId: string): OperationParameters {
  return parameters.includes('storage-encrypted') ? { kmsKeyId, storageEncrypted: true } : { kmsKeyId };
}

/**
 * The parameters with which an operation is checked: none, and for the operation of the question
 * also its own.
 */
function parametersOf(operation: Operation, asked: Bound): readonly Bound['parameters'][] {
  const plain = (operation.requires ?? []).length === 0 ? [{}] : [];
  if (!isSame(operation, asked.operation) || Object.keys(asked.parameters).length === 0) return plain;
  // An alias belongs to the principal's account. In another account, it names another key or none.
  const key = asked.parameters.kmsKeyId === undefined ? undefined : asked.keys['target key']?.arn;
  return [...plain, key === undefined ? asked.parameters : { ...asked.parameters, kmsKeyId: key }];
}

/**
 * The principals that have a policy: its owner, the members of its group, or the principals that it
 * is attached to.
 */
function holdersOf(place: Extract<Step, { readonly step: 'allow' }>['place'], evidence: Evidence): readonly string[] {
  return accountsHolding(place, evidence).flatMap(({ iam }: Account) => {
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

/**
 * The accounts in which a policy can be attached. IAM attaches a customer managed policy only in
 * its own account, so other accounts need not be read.
 */
function accountsHolding(
  place: Extract<Step, { readonly step: 'allow' }>['place'],
  { accounts }: Evidence,
): readonly Account[] {
  switch (place.in) {
    case 'inline policy':
      return held(accounts[accountOf(place.owner)]);
    case 'managed policy':
      return isAwsPolicyArn(place.arn) ? Object.values(accounts) : held(accounts[accountOf(place.arn)]);
    case 'key policy':
    case 'scp':
    case 'rcp':
      return [];
  }
}

function held(account: Account | undefined): readonly Account[] {
  return account === undefined ? [] : [account];
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

/** The key that a step changes. */
function keyOf(step: Step): string | undefined {
  if (step.step === 'allow' || step.step === 'exempt')
    return step.place.in === 'key policy' ? step.place.key : undefined;
  return step.step === 'change' && 'key' in step.change ? step.change.key : undefined;
}

/**
 * Whether RDS can still use a key for running databases. RDS opens volumes with its grant
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
