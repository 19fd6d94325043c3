import { beginningOfLater } from '../base/planned-name.ts';
import { rememberedOf } from '../base/remembered.ts';
import type { SignaturePart } from '../bulk/parts.ts';
import { type AnyRequestAnswer, decideAnyRequest, type RefusedRequest } from '../check/any-request.ts';
import { boundTo, namesKey, type RequestedOperation } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import { type Evaluated, type EvaluationSettings, type Evaluator, evaluator } from '../check/evaluate.ts';
import { isRuledOut, mayAllow } from '../check/ruled-out.ts';
import { isDenied, isUnmet } from '../check/verdict.ts';
import type { Verdict } from '../contract/report.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import { findPrincipal, type Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Operation } from '../operations/operation.ts';
import { valueOf } from '../operations/request-parameters.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { ReadDocuments } from '../policy/policies.ts';
import type { BaselineEntry, BaselineInUse } from './baseline.ts';
import { type ClassOf, classesOf } from './classes.ts';
import { covers, exceptionsOf, type Tally } from './exceptions.ts';
import type { Expectation, NamedCall } from './expectation.ts';
import type { AlikeFailing, ExpectationLack, ExpectationOutcome, Failing, Judged } from './outcome.ts';
import { distinctLacks, outcomeOfLack } from './outcome.ts';
import { type Extent, extentOfAny } from './pattern.ts';
import { peoplePerhaps } from './people.ts';
import {
  type AskedGroup,
  type Combination,
  type KnownPeople,
  type ResolvedExpectation,
  resolveExpectation,
  runsIn,
  type SessionPolicies,
} from './resolve.ts';
import { keyLack } from './targets.ts';

/** The settings of all expectations in a run. */
export interface JudgeSettings extends Pick<EvaluationSettings, 'evaluatedAt' | 'strict'> {
  /** The Region of an expectation that names none. Absent: the only Region in the evidence. */
  readonly region?: string;
  /** The accepted outcomes. Absent: none. */
  readonly baseline?: BaselineInUse;
  /** Called for everything that does not hold and was not accepted. */
  readonly record?: (entry: BaselineEntry) => void;
  /** The policies of sessions, by the text that names them in a file. */
  readonly sessionPolicies: ReadonlyMap<string, SessionPolicies>;
}

/** The maximum number of questions in one run. */
export const mostQuestions = 10_000_000;

/**
 * The maximum numbers of failing combinations to keep for each outcome of an expectation: in total,
 * and of those that are not alike. The others are only counted.
 */
const mostKept = 20;

export interface Judge {
  /** The directory of the evidence. */
  readonly directory: Directory;
  /** Finds the principals and sources of an expectation. Nothing is checked yet. */
  readonly resolve: (expectation: Expectation) => ResolvedExpectation;
  /** `mostAlike`: the maximum number of failing combinations to keep that are not alike. */
  readonly judge: (expectation: Expectation, resolved: ResolvedExpectation, mostAlike?: number) => Judged;
  /** An evaluator with AWS's defaults, in the session of an expectation. */
  readonly evaluatorOf: (expectation: Expectation) => Evaluator;
  /** A judge for other evidence, or a second judge, that records nothing. */
  readonly again: (evidence: Evidence) => Judge;
}

/** The number of questions that an expectation needs. */
export function questionsIn({ groups }: ResolvedExpectation): number {
  return groups.reduce(
    (sum, { principals, others, targets }) => sum + (principals.length + others.length) * targets.length,
    0,
  );
}

/**
 * Judges expectations in one state of the evidence. `without`: parts of signatures to leave out,
 * for tests. `read`: documents that several states share.
 */
export function judging(
  directory: Directory,
  settings: JudgeSettings,
  without: ReadonlySet<SignaturePart> = new Set(),
  read = new ReadDocuments(),
): Judge {
  const sessions = new Map<string, Asking>();
  const found = new Map<string, Principal>();
  const people: KnownPeople = { named: new Map(), others: new Map() };
  const find = (arn: string): Principal => {
    const principal = found.get(arn) ?? findPrincipal(directory, arn);
    found.set(arn, principal);
    return principal;
  };
  const askingOf = ({ session: { context } }: Expectation): Asking => {
    const name = JSON.stringify(context);
    const { evaluatedAt, strict } = settings;
    const known = sessions.get(name) ?? {
      directory,
      byDefault: evaluator(directory, { context, evaluatedAt, strict }, read),
      // An assumption never supports a denial.
      strictly: evaluator(directory, { context, evaluatedAt, strict: true }, read),
      ruledOut: rulingOut(read),
    };
    sessions.set(name, known);
    return known;
  };
  return {
    directory,
    resolve: rememberedOf((expectation: Expectation) => {
      const { region, sessionPolicies } = settings;
      const session = sessionPolicies.get(expectation.session.policy?.text ?? '');
      return resolveExpectation(directory, expectation, {
        find,
        known: people,
        ...(region === undefined ? {} : { region }),
        ...(session === undefined ? {} : { session }),
      });
    }),
    judge(expectation, resolved, mostAlike = mostKept) {
      const { sessionPolicies, evaluatedAt, strict } = settings;
      const { text, managed = [] } = sessionPolicies.get(expectation.session.policy?.text ?? '') ?? {};
      const bulk = { context: expectation.session.context, evaluatedAt, strict };
      const classOf =
        managed.length > 0
          ? (principal: Principal) => principal
          : classesOf(directory, expectation, resolved.groups, {
              settings: text === undefined ? bulk : { ...bulk, sessionPolicy: text },
              read,
              without,
            });
      return judged(expectation, resolved, { ...askingOf(expectation), classOf, mostAlike }, settings);
    },
    evaluatorOf: (expectation) => askingOf(expectation).byDefault,
    again(evidence) {
      const { record: _, ...others } = settings;
      return judging(evidence === directory.evidence ? directory : directoryOf(evidence), others, without, read);
    },
  };
}

interface Asking {
  readonly directory: Directory;
  readonly byDefault: Evaluator;
  readonly strictly: Evaluator;
  readonly ruledOut: RulingOut;
}

/** Whether policies deny a principal an operation on sources of a type, for every request. */
type RulingOut = (operation: Operation, type: SourceType | undefined) => (principal: Principal) => boolean;

/**
 * Remembers results: many expectations are about the same operations, and most principals may not
 * even call RDS.
 */
function rulingOut(read: ReadDocuments): RulingOut {
  const mayOf = rememberedOf((principal: Principal) => mayAllow(principal, read));
  const ofOperation = rememberedOf((operation: Operation) => {
    const known = new Map<SourceType | undefined, (principal: Principal) => boolean>();
    return (type: SourceType | undefined) => {
      const types = type === undefined ? [] : [type];
      const found =
        known.get(type) ?? rememberedOf((principal: Principal) => isRuledOut(operation, types, mayOf(principal)));
      known.set(type, found);
      return found;
    };
  });
  return (operation, type) => ofOperation(operation)(type);
}

function judged(
  expectation: Expectation,
  resolved: ResolvedExpectation,
  asking: Asking & { readonly classOf: ClassOf; readonly mostAlike: number },
  settings: JudgeSettings,
): Judged {
  const { groups } = resolved;
  const exceptions = exceptionsOf(expectation, settings.evaluatedAt);
  const counts: Record<ExpectationOutcome, number> = { holds: 0, broken: 0, unproven: 0 };
  const kept = { broken: keeping(asking.mostAlike), unproven: keeping(asking.mostAlike) };
  let questions = 0;
  let baselined = 0;
  const unheld: ExpectationLack[] = [];
  for (const { one, answer, own } of answersTo(expectation, groups, asking)) {
    if (one.maybe !== undefined) {
      if (answer !== undefined) unheld.push(one.maybe);
      continue;
    }
    questions += 1;
    const leftOut = excepted(exceptions, one, { directory: asking.directory, fails: answer !== undefined });
    if (leftOut === 'all') continue;
    if (leftOut === 'some' && answer !== undefined) {
      unheld.push(perhapsExcepted(one));
      continue;
    }
    if (answer !== undefined && 'lack' in answer) {
      unheld.push(answer.lack);
      continue;
    }
    if (answer !== undefined && isAccepted(entryOf(expectation, one, answer), settings)) {
      baselined += 1;
      continue;
    }
    counts[answer?.outcome ?? 'holds'] += 1;
    if (answer !== undefined) kept[answer.outcome].add(answer, own);
  }
  const lacking = [...resolved.lacks, ...distinctLacks(unheld), ...tooFew(expectation, questions, resolved.lacks)];
  const lacks = lacking.filter((lack) => !isAccepted(entryOfLack(expectation, lack), settings));
  const outcomes: readonly ExpectationOutcome[] = [
    ...lacks.map(outcomeOfLack),
    ...(counts.broken > 0 ? (['broken'] as const) : []),
    ...(counts.unproven > 0 ? (['unproven'] as const) : []),
  ];
  return {
    expectation,
    outcome: outcomes.includes('broken') ? 'broken' : outcomes.includes('unproven') ? 'unproven' : 'holds',
    questions,
    counts,
    alike: [...kept.broken.all(), ...kept.unproven.all()],
    lacks,
    baselined: baselined + lacking.length - lacks.length,
    exceptions: exceptions.map(({ use }) => use()),
    serviceLinked: resolved.serviceLinked,
    skipped: resolved.skipped,
    notRoles: resolved.notRoles,
    resolved: resolvedIn(groups),
  };
}

/** What is meant for certain. */
function resolvedIn(groups: readonly AskedGroup[]): Judged['resolved'] {
  const people = groups.flatMap(({ principals, maybe }) => principals.filter(({ arn }) => !maybe.has(arn)));
  const targets = groups.flatMap((group) => group.targets.filter(({ maybe }) => maybe === undefined));
  return {
    principals: [...new Set(people.map(({ arn }) => arn))],
    sources: [...new Set(targets.flatMap(({ source, key }) => source?.arn ?? key ?? []))],
  };
}

/**
 * Keeps failing combinations of one outcome in the order in which they were found, grouped by their
 * answer.
 */
function keeping(mostAlike: number) {
  const byAnswer = new Map<object, { readonly failing: [Failing, ...Failing[]]; count: number }>();
  let size = 0;
  return {
    add(answer: object, own: () => readonly Failing[]): void {
      const known = byAnswer.get(answer);
      if (known !== undefined) known.count += 1;
      if (known === undefined ? byAnswer.size >= mostAlike : size >= mostKept) return;
      const [one] = own();
      if (one === undefined) return;
      size += 1;
      if (known === undefined) byAnswer.set(answer, { failing: [one], count: 1 });
      else known.failing.push(one);
    },
    all: (): readonly AlikeFailing[] => [...byAnswer.values()],
  };
}

function isAccepted(entry: BaselineEntry, { baseline, record }: JudgeSettings): boolean {
  if (baseline?.accepts(entry) === true) return true;
  record?.(entry);
  return false;
}

function entryOf({ id }: Expectation, { requested, target }: Combination, { outcome }: Failing): BaselineEntry {
  const { principal, operation, region } = requested;
  const on = target.source?.arn ?? target.key ?? '';
  return {
    id,
    who: principal.arn,
    operation: operation.command,
    source: on,
    account: principal.account,
    region,
    outcome,
  };
}

function entryOfLack({ id }: Expectation, lack: ExpectationLack): BaselineEntry {
  const account = 'account' in lack ? (lack.account ?? '') : '';
  const region = 'region' in lack ? lack.region : '';
  return { id, who: '', operation: lack.code, source: nameOfLack(lack), account, region, outcome: outcomeOfLack(lack) };
}

/**
 * A name for what is missing. It contains only facts that do not change by themselves: ages grow,
 * counts change, and similar names change if something else is added.
 */
function nameOfLack(lack: ExpectationLack): string {
  switch (lack.code) {
    case 'nothing-matched':
      return lack.name === '' ? lack.what : `${lack.what} ${lack.name}`;
    case 'backup-too-old':
      return lack.arn;
    case 'backup-age-unknown':
      return lack.name;
    case 'key-goes-with-snapshot':
      return lack.key;
    case 'sources-unread':
      return lack.types.join(' ');
    case 'plan-value-unknown':
      return lack.names.join(' ');
    case 'plan-order':
      return lack.first.join(' ');
    case 'plan-order-after':
      return lack.after.join(' ');
    case 'plan-order-gap':
      return [...lack.remade, ...lack.updated].join(' ');
    default:
      return 'of' in lack ? lack.of : '';
  }
}

/** A check that matched too little proves nothing. */
function tooFew(
  { atLeast }: Expectation,
  found: number,
  lacks: readonly ExpectationLack[],
): readonly ExpectationLack[] {
  if (found >= atLeast || lacks.length > 0) return [];
  return atLeast > 1
    ? [{ code: 'too-few-matched', found, wanted: atLeast }]
    : [{ code: 'nothing-matched', what: 'combination', name: '', nearest: [] }];
}

/** Whether a live exception leaves a combination out. */
function excepted(
  exceptions: readonly Tally[],
  one: Combination,
  { directory, fails }: { readonly directory: Directory; readonly fails: boolean },
): Extent {
  const extents = exceptions.map((each) => ({ each, extent: covers(each.exception, one, directory) }));
  for (const { each, extent } of extents) if (extent === 'all') each.count(fails);
  return extentOfAny(extents.flatMap(({ each, extent }) => (each.isLive ? [extent] : [])));
}

/** An exception may be about the combination, but a name is not known. */
function perhapsExcepted({ requested: { principal }, target: { source, key } }: Combination): ExpectationLack {
  const of = [principal.arn, source?.arn ?? key ?? ''].find((arn) => beginningOfLater(arn) !== undefined);
  return { code: 'name-later', of: of ?? key ?? principal.arn, name: 'except' };
}

/** Undefined: the combination holds. */
type Answer = Failing | { readonly lack: ExpectationLack } | undefined;

interface Answered {
  readonly one: Combination;
  /** The answer, which may be that of another principal of the same class. */
  readonly answer: Answer;
  /** The failure of the principal itself. */
  readonly own: () => readonly Failing[];
}

/** Checks the first principal of each class. The others have the same answer. */
function* answersTo(
  expectation: Expectation,
  groups: readonly AskedGroup[],
  asking: Asking & { readonly classOf: ClassOf },
): Generator<Answered> {
  for (const { target, place, isOther, principals, maybeOf, requestedBy } of runsIn(
    asking.directory.evidence,
    expectation,
    groups,
  )) {
    const isUnwanted = (expectation.verb === 'cannot' || isOther) && expectation.because.length === 0;
    const isOut = asking.ruledOut(target.operation, target.source?.type);
    const known = new Map<object, { readonly answer: Answer }>();
    for (const principal of principals) {
      const requested = requestedBy(principal);
      const one: Combination = { requested, target, place, isOther, maybe: maybeOf(principal) };
      if (isUnwanted && !namesKey(requested) && isOut(principal)) {
        yield { one, answer: undefined, own: () => [] };
        continue;
      }
      const name = asking.classOf(principal);
      const found = known.get(name) ?? { answer: askedOf(expectation, one, asking) };
      known.set(name, found);
      const { answer } = found;
      const own = (): readonly Failing[] => {
        const again =
          answer !== undefined && 'bound' in answer && answer.bound.principal === principal
            ? answer
            : askedOf(expectation, one, asking);
        return again === undefined || 'lack' in again ? [] : [again];
      };
      yield { one, answer, own };
    }
  }
}

/**
 * The answer to a combination. A flag may name something that does not exist. Other failures are
 * faults of the evidence.
 */
function askedOf(expectation: Expectation, one: Combination, asking: Asking): Answer {
  try {
    return asked(expectation, one, asking);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    const { is, name, isCertain } = error.thing;
    if (is === 'key') return { lack: keyLackOf(one, asking, { name, isCertain }) };
    if (is !== 'principal') throw error;
    const { account } = one.requested.principal;
    if (!isCertain) return { lack: { code: 'principals-unread', account } };
    const [perhaps] = peoplePerhaps(asking.directory.evidence, name, account);
    return { lack: perhaps ?? { code: 'nothing-matched', what: 'principal', name, nearest: [] } };
  }
}

/**
 * What is missing if the principal's own account lacks the key: KMS looks an alias up in the account
 * of the caller, and the expectation may be about another account (rds-kms-operations 4.2).
 */
function keyLackOf(
  { requested: { principal, region }, place, isOther }: Combination,
  { directory }: Asking,
  { name, isCertain }: { readonly name: string; readonly isCertain: boolean },
): ExpectationLack {
  const { account } = principal;
  const lack = keyLack(directory.evidence, { account, region }, name, isCertain);
  if (lack.code !== 'nothing-matched' || account === place.account) return lack;
  return isOther ? { code: 'key-missing-in-account', name, account, region } : { ...lack, account };
}

/** Why a combination does not hold. Undefined: it holds. */
function asked(expectation: Expectation, one: Combination, asking: Asking): Failing | undefined {
  return expectation.verb === 'can' && !one.isOther ? isAble(one, asking) : isUnable(expectation, one, asking);
}

const failures = { fails: ['cannot-do', 'broken'], undetermined: ['may-be-unable', 'unproven'] } as const;

/**
 * Judges a `can` expectation: with AWS's defaults for everything that the request leaves out
 * (docs/preflight.md, rule 2).
 */
function isAble({ requested, target }: Combination, asking: Asking): Failing | undefined {
  const bound = boundTo(asking.directory, requested, target.source);
  const verdict = lacksRequired(requested) ? 'undetermined' : asking.byDefault.verdict(bound);
  if (verdict === 'succeeds') return undefined;
  const [code, outcome] = failures[verdict];
  return { code, outcome, bound, any: undefined };
}

function lacksRequired({ operation, parameters }: RequestedOperation): boolean {
  return (operation.requires ?? []).some((flag) => valueOf(parameters, flag) === undefined);
}

/**
 * Judges a `cannot` expectation: policies have to deny every request that the principal could
 * choose, and if `because` names calls, the denied call has to be one of them (docs/preflight.md,
 * rules 3 and 5).
 */
function isUnable({ because }: Expectation, { requested, target }: Combination, asking: Asking): Failing | undefined {
  const { directory, strictly, byDefault } = asking;
  const { source } = target;
  const any = decideAnyRequest(directory, strictly, { asking: requested, source, all: because.length > 0 });
  const bound = boundTo(directory, requested, source);
  if (any.isDenied) {
    const requests = because.length === 0 ? [] : any.requests.flatMap((request) => stoppedElsewhere(request, because));
    if (requests.length === 0) return undefined;
    const outcome = requests.some(({ open }) => open.length === 0) ? 'broken' : 'unproven';
    return { code: 'stopped-elsewhere', outcome, bound, any: { isDenied: true, requests } };
  }
  const verdict = lacksRequired(requested) ? existing(any, byDefault) : byDefault.verdict(bound);
  if (verdict === 'succeeds') return { code: 'can-do', outcome: 'broken', bound, any };
  const isState = verdict === 'fails' && isStateAlone(byDefault.evaluate(bound));
  return { code: isState ? 'vacuous' : 'not-denied-for-certain', outcome: 'unproven', bound, any };
}

/**
 * A request that policies deny, but not by a named call. `open`: the named calls that policies may
 * deny, too.
 */
function stoppedElsewhere({ denied, open, ...request }: RefusedRequest, because: readonly NamedCall[]) {
  if (denied.some((call) => because.some((named) => isNamed(call, named)))) return [];
  const mayStop = open.filter(({ row }) =>
    because.some(({ action }) => action === undefined || isSameAction(row.action, action)),
  );
  return [{ ...request, denied, open: mayStop }];
}

function isSameAction(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether only a precondition stops the operation, and no policy does. */
function isStateAlone({ calls, preconditions }: Evaluated): boolean {
  return preconditions.some(isUnmet) && !calls.some(isDenied);
}

/** The verdict if a required parameter is not given: whether every possible request is allowed. */
function existing(any: Extract<AnyRequestAnswer, { readonly isDenied: false }>, { preconditions }: Evaluator): Verdict {
  const isAllowed = any.calls.every(({ decision }) => decision.decision === 'allowed');
  return isAllowed && preconditions(any.bound).every(({ status }) => status === 'met') ? 'succeeds' : 'undetermined';
}

/** Whether a denied call is one that the expectation names. */
function isNamed({ row, decision }: DecidedCall, { action, layer, sid }: NamedCall): boolean {
  if (action !== undefined && !isSameAction(row.action, action)) return false;
  const statements = decision.decidedBy.flatMap((by) => ('grant' in by ? [] : [by]));
  if (sid !== undefined && !statements.some((one) => one.sid === sid && (layer === undefined || one.policy === layer)))
    return false;
  return (
    layer === undefined ||
    sid !== undefined ||
    statements.some(({ policy }) => policy === layer) ||
    decision.lacking.includes(layer)
  );
}
