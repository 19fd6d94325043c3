import { accountOf } from '../base/arn.ts';
import { rememberedOf } from '../base/remembered.ts';
import { numberText } from '../base/wording.ts';
import { type Evaluator, evaluator } from '../check/evaluate.ts';
import type {
  ExpectationFix,
  PreflightReport,
  ReportedExpectation,
  ReportedFailing,
} from '../contract/preflight-report.ts';
import type { ReportedFix, Verdict } from '../contract/report.ts';
import { ageWarning } from '../evidence/age.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { Evidence } from '../evidence/schema.ts';
import { effectText } from '../explain/effects.ts';
import { ageWarningText } from '../explain/evidence-age.ts';
import { requestWhy } from '../explain/plan.ts';
import {
  baselineNoteText,
  expectationNoteText,
  expectationText,
  failingText,
  lackText,
  plannedRequestText,
} from '../explain/preflight.ts';
import { sentKeyPolicyText } from '../explain/sent-key-policy.ts';
import { type Fix, type Fixes, fixesUnder } from '../fix/fixes.ts';
import type { Operation } from '../operations/operation.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import { type NamedPlan, type PlannedState, type PlanRead, plannedState } from '../plan/planned-state.ts';
import { ReadDocuments } from '../policy/policies.ts';
import type { Effort } from '../policy/request.ts';
import { refuseUnknownApplier } from '../preflight/applying-principal.ts';
import { planEffects } from '../preflight/effects.ts';
import type { Expectation } from '../preflight/expectation.ts';
import { type Judge, type JudgeSettings, judging, mostQuestions, questionsIn } from '../preflight/judge.ts';
import { judgeKeyPolicies } from '../preflight/key-policies.ts';
import { type ExpectationOutcome, type Failing, type Judged, notesOf } from '../preflight/outcome.ts';
import { judgeRequests } from '../preflight/planned.ts';
import { newReading, type Reading } from '../preflight/reading.ts';
import { faultAt } from '../preflight/tree.ts';
import { type Unplaced, unlessUnplaced, unlessUnplacedIn } from '../preflight/unplaced.ts';
import { reportingFixes } from './fixes.ts';
import { doubtsOf, reportedPlan } from './plan.ts';
import { type FailingCause, failingCauses } from './preflight-causes.ts';
import { type JudgedUnder, type Repairs, repairsOf } from './preflight-fixes.ts';

/** The question to `preflight`. */
export interface PreflightQuestion extends JudgeSettings {
  readonly expectations: readonly Expectation[];
  readonly files: readonly string[];
  /**
   * Whether to report the reasons of every failing combination, and the fixes of each expectation.
   */
  readonly whole: boolean;
  /** Plans to apply to the evidence, in this order. Absent: none. */
  readonly plans?: readonly NamedPlan[];
  /** The ARN of the principal that applies the plans. Absent: the principal that the plan shows. */
  readonly applier?: string;
  /** In hours. The report warns about older evidence. Absent: the age does not matter. */
  readonly maxAge?: number;
}

/** How many expectations are explained and get fixes, unless the user asks for all. */
const mostExplained = 20;

/** Limits for one expectation, and for an expectation that `preflight explain` shows. */
const efforts = {
  usual: { fixes: 3, alike: 200, named: 20 },
  whole: { fixes: 10, alike: 1000, named: 1000 },
} as const;

/** The most questions for second checks with fixes. */
const mostAgain = 100_000;

/**
 * Checks expectations in one state of the evidence. `version`: the version of the tool. Pure: the
 * time is in the question.
 * @throws Failure if an expectation is ambiguous, there are too many questions, or nobody has the
 * name of the principal that applies the plans
 */
export function preflight(evidence: Evidence, question: PreflightQuestion, version: string): PreflightReport {
  const { expectations, files, evaluatedAt, whole, plans = [], applier, region } = question;
  const planned = plannedState(evidence, plans, { region, principal: applier, strict: question.strict });
  // A change that is not understood may create the principal.
  if (applier !== undefined && planned.unplaced.length === 0)
    refuseUnknownApplier(applier, [evidence, planned.evidence], () => [
      ...planned.requests.map(({ account }) => account),
      ...planned.keyPolicies().map(({ key }) => accountOf(key)),
    ]);
  // Nearly all policies and lists are in every state of the evidence.
  const reading = newReading();
  const { read, directoryIn } = reading;
  const directory = directoryIn(planned.evidence);
  const judges = judging(directory, question, new Set(), read);
  const resolved = resolvedBy(judges, expectations);
  const wording = fixWording();
  const under = explainingUnder(question, wording.reporting);
  const ofFiles = resolved.map((one) => ({
    judged: unlessUnplaced(judges.judge(one.expectation, one.resolved), planned, judges),
    explaining: under(planned.evidence, judges),
    request: undefined,
  }));
  const all = [...ofPlans(planned, { judges, question, reading }, under), ...ofFiles];
  const judged = all.map((one) => one.judged);
  // A second check with fixes may match entries of the baseline that nothing matches now.
  const stale = staleIn(question);
  const sorted = all.toSorted((one, other) => order[one.judged.outcome] - order[other.judged.outcome]);
  const count = (outcome: ExpectationOutcome): number => judged.filter((one) => one.outcome === outcome).length;
  const summary = {
    holds: count('holds'),
    broken: count('broken'),
    unproven: count('unproven'),
    questions: judged.reduce((sum, { questions }) => sum + questions, 0),
    exceptions: judged.flatMap(({ exceptions }) => exceptions.filter(({ days }) => days >= 0)).length,
  };
  const reportedOnes = sorted.map(({ judged: one, explaining, request }, index) => ({
    ...reported(one, explaining, {
      isExplained: whole || index < mostExplained,
      unplaced: planned,
      isRequest: request !== undefined,
    }),
    ...(request === undefined ? {} : { ...request, why: requestWhy }),
  }));
  return {
    preflightVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    files: [...files],
    verdict: withPlans(verdictOf(summary), planned.plans),
    summary,
    expectations: reportedOnes,
    // Users change planned changes in their configuration. Policies in a plan may also contain
    // secrets.
    fixes: plans.length > 0 ? [] : wording.among(reportedOnes.flatMap(({ fixes = [] }) => fixes)),
    ...stale,
    ...(plans.length === 0 ? {} : plansOf(planned, question, reading)),
    warnings: [...ageOf(evidence, question), ...baselineNotes(question)],
  };
}

/** The requests of plans: to RDS, and to KMS if KMS refuses or may refuse a key policy. */
function ofPlans(
  planned: PlannedState,
  { judges, question, reading }: Pick<Explaining, 'judges' | 'question'> & { readonly reading: Reading },
  under: ReturnType<typeof explainingUnder>,
) {
  const requests = judgeRequests(planned.requests, question, reading).map((one) => ({
    judged: unlessUnplacedIn(one, planned),
    explaining: under(one.evidence, one.judge),
    request: {
      address: one.request.change.address,
      says: plannedRequestText(one.judged.expectation, one.request.applier?.arn),
    },
  }));
  const policies = judgeKeyPolicies(planned.keyPolicies(), planned, question, reading).map((one) => ({
    judged: one.judged,
    explaining: under(planned.evidence, judges),
    request: { address: one.sent.change.address, says: sentKeyPolicyText(one.sent.applier?.arn) },
  }));
  return [...requests, ...policies];
}

/** Puts fixes into words, and keeps those that the report shows. */
function fixWording() {
  const reporting = reportingFixes();
  const known = new Map<string, ReportedFix>();
  return {
    reporting: (fix: Fix): ReportedFix => {
      const made = reporting(fix);
      known.set(made.id, made);
      return made;
    },
    /** Each fix once. A fix that only denies has no documents, so it is left out. */
    among: (fixes: readonly ExpectationFix[]): readonly ReportedFix[] =>
      [...new Set(fixes.map(({ id }) => id))].flatMap((id) => known.get(id) ?? []),
  };
}

/** Entries of the baseline that nothing has matched so far. */
function staleIn({ baseline }: PreflightQuestion): Pick<PreflightReport, 'stale'> {
  if (baseline === undefined) return {};
  return { stale: baseline.stale().map(({ id, who, operation, source }) => ({ id, who, operation, source })) };
}

/** What expectations mean. @throws Failure if they have too many questions */
function resolvedBy({ resolve }: Judge, expectations: readonly Expectation[]) {
  let soFar = 0;
  return expectations.map((expectation) => {
    const one = { expectation, resolved: resolve(expectation) };
    soFar += questionsIn(one.resolved);
    refuseTooMany(soFar, expectation);
    return one;
  });
}

function plansOf(
  planned: PlannedState,
  question: PreflightQuestion,
  reading: Reading,
): Pick<PreflightReport, 'plans' | 'effects' | 'effectsCut'> {
  const isOpen = rememberedOf((operation: Operation) => doubtsOf(planned, [operation]).length > 0);
  const { groups, isCut } = planEffects(planned, { ...question, ...reading }, isOpen);
  return {
    plans: planned.plans.map((one) => reportedPlan(one, planned.requests)),
    effects: groups.map((group) => ({
      kind: group.kind,
      addresses: group.cause.changes.map((change) => addressIn(planned, change)),
      how: group.cause.how,
      principals: [...group.principals],
      operations: group.asked.map(({ operation, targets }) => ({
        operation: operation.command,
        api: operation.api,
        targets: [...targets],
      })),
      says: effectText(
        {
          kind: group.kind,
          principals: group.principals,
          operations: group.asked.map(({ operation, targets }) => ({ operation: operation.command, targets })),
        },
        3,
      ),
    })),
    ...(isCut ? { effectsCut: true } : {}),
  };
}

/** The address of a change, with the file if another plan changes a resource at this address, too. */
function addressIn({ plans }: PlannedState, change: PlannedChange): string {
  const { address } = change;
  if (plans.length === 1) return address;
  const those = plans.filter(({ overlaid }) => overlaid.some((one) => one.address === address));
  const own = those.find(({ overlaid }) => overlaid.includes(change));
  return own === undefined || those.length === 1 ? address : `${address} (${own.from})`;
}

const order: Readonly<Record<ExpectationOutcome, number>> = { broken: 0, unproven: 1, holds: 2 };

function verdictOf({ broken, unproven }: PreflightReport['summary']): Verdict {
  return broken > 0 ? 'fails' : unproven > 0 ? 'undetermined' : 'succeeds';
}

/**
 * Nothing is certain if planning ended with an error, because changes are then missing, or if
 * Terraform would refuse the plan, because its state is old.
 */
function withPlans(verdict: Verdict, plans: readonly PlanRead[]): Verdict {
  return verdict === 'succeeds' &&
    plans.some(({ whole }) => whole.some(({ code }) => code === 'plan-errored' || code === 'plan-stale'))
    ? 'undetermined'
    : verdict;
}

/**
 * `questions`: the number of questions of the expectations so far. The other expectations are not
 * resolved.
 */
function refuseTooMany(questions: number, { at, id }: Expectation): void {
  if (questions <= mostQuestions) return;
  throw faultAt(
    at,
    `the expectations up to \`${id}\` need ${numberText(questions)} checks; the maximum is ${numberText(mostQuestions)}`,
    'name fewer principals or sources, or run the files separately',
  );
}

function ageOf({ collectedAt }: Evidence, { maxAge, evaluatedAt }: PreflightQuestion): PreflightReport['warnings'] {
  const warning = maxAge === undefined ? undefined : ageWarning(collectedAt, evaluatedAt, maxAge);
  return warning === undefined ? [] : [{ code: warning.code, text: ageWarningText(warning) }];
}

function baselineNotes({ baseline }: PreflightQuestion): PreflightReport['warnings'] {
  const note = baseline?.note;
  return note === undefined ? [] : [{ code: note.code, text: baselineNoteText(note) }];
}

interface Explaining {
  readonly judges: Judge;
  readonly evidence: Evidence;
  readonly question: PreflightQuestion;
  /** The fixes under the evidence, or under changed evidence. */
  readonly fixesOf: (expectation: Expectation, evidence: Evidence) => Fixes;
  readonly reporting: (fix: Fix) => ReportedFix;
  /** Whether this many more questions may be checked. It also counts them. */
  readonly mayAskAgain: (questions: number) => boolean;
}

/** Each state of the evidence has its own judge and fixes. */
function explainingUnder(
  question: PreflightQuestion,
  reporting: Explaining['reporting'],
): (evidence: Evidence, judges: Judge) => Explaining {
  const known = new Map<Evidence, Explaining>();
  let left = mostAgain;
  const mayAskAgain = (questions: number): boolean => {
    if (questions > left) return false;
    left -= questions;
    return true;
  };
  return (evidence, judges) => {
    const fixesOf = fixesFor(evidence, question);
    const found = known.get(evidence) ?? { judges, evidence, question, fixesOf, reporting, mayAskAgain };
    known.set(evidence, found);
    return found;
  };
}

/** The search for fixes uses the session of the expectation. */
function fixesFor(start: Evidence, { evaluatedAt, strict }: PreflightQuestion): Explaining['fixesOf'] {
  const known = new Map<string, Fixes>();
  const read = new ReadDocuments();
  const further: Effort = { spent: 0 };
  return ({ session: { context } }, evidence) => {
    const make = (other: Evidence, effort: Effort): Evaluator =>
      evaluator(directoryOf(other), { context, evaluatedAt, strict }, read, effort);
    // Evidence with a fix applied is used for only one expectation.
    if (evidence !== start) return fixesUnder(evidence, make, further);
    const name = JSON.stringify(context);
    const found = known.get(name) ?? fixesUnder(evidence, make);
    known.set(name, found);
    return found;
  };
}

interface Detail {
  readonly isExplained: boolean;
  readonly unplaced: Unplaced;
  readonly isRequest: boolean;
}

function reported(judged: Judged, explaining: Explaining, detail: Detail): ReportedExpectation {
  const { expectation, outcome, counts, lacks, exceptions, resolved } = judged;
  return {
    id: expectation.id,
    file: expectation.at.file,
    line: expectation.at.line,
    why: expectation.why,
    says: expectationText(expectation),
    outcome,
    questions: judged.questions,
    ...counts,
    baselined: judged.baselined,
    ...explained(judged, explaining, detail),
    lacks: lacks.map((lack) => ({ code: lack.code, text: lackText(lack) })),
    notes: notesOf(judged).map((note) => ({ code: note.code, text: expectationNoteText(note) })),
    exceptions: exceptions.map(({ exception: { reason, ticket, until }, days, covered, needed }) => ({
      reason,
      ...(ticket === undefined ? {} : { ticket }),
      until,
      isLive: days >= 0,
      covers: covered,
      needed,
    })),
    principals: [...resolved.principals],
    sources: [...resolved.sources],
    skipped: judged.skipped,
    notRoles: judged.notRoles,
    serviceLinked: judged.serviceLinked,
  };
}

type Explained = Pick<ReportedExpectation, 'causes' | 'failing' | 'fixes' | 'withFixes' | 'fixNotSought'>;

/** What does not hold of an expectation, why, and what to do about it. */
function explained(judged: Judged, explaining: Explaining, { isExplained, unplaced, isRequest }: Detail): Explained {
  const { expectation, outcome, counts, questions } = judged;
  const { question, judges, evidence, fixesOf, reporting, mayAskAgain } = explaining;
  const { fixes: most, alike, named } = question.whole ? efforts.whole : efforts.usual;
  const again = (other: Evidence): JudgedUnder | undefined => {
    if (!mayAskAgain(questions)) return undefined;
    const judge = judges.again(other);
    const asked = judge.judge(expectation, judge.resolve(expectation), alike);
    return { evidence: other, judged: unlessUnplaced(asked, unplaced, judge), judges: judge };
  };
  const isCut = keptIn(judged) < counts.broken + counts.unproven;
  // If more combinations fail than are kept, they are checked once more.
  const under = (isExplained && isCut ? again(evidence) : undefined) ?? { evidence, judged, judges };
  const causes = failingCauses(
    isExplained ? under.judged.alike : outcome === 'unproven' ? judged.alike.slice(0, 1) : [],
    under.judges.evaluatorOf(expectation).evaluate,
    isRequest,
  );
  const parts = (fixOf: Repairs['fixOf']): Pick<Explained, 'causes' | 'failing'> => ({
    causes: causes.map(({ reported: one }) => one),
    failing: reportedFailings(under.judged, causes, { most: named, fixOf }),
  });
  const noFix = (): undefined => undefined;
  if (outcome !== 'broken' || counts.broken === 0) return parts(noFix);
  if (!isExplained) return { ...parts(noFix), fixNotSought: true };
  const {
    fixes,
    fixOf,
    withFixes,
    isCut: isMore,
  } = repairsOf(under, {
    again,
    fixesOf: (other) => fixesOf(expectation, other),
    reporting,
    most,
  });
  return {
    ...parts(fixOf),
    fixes,
    // Whether a planned request succeeds depends on more than policies.
    ...(withFixes === undefined || isRequest ? {} : { withFixes }),
    ...(isMore ? { fixNotSought: true } : {}),
  };
}

function keptIn({ alike }: Judged): number {
  return alike.reduce((sum, { failing }) => sum + failing.length, 0);
}

/**
 * The first combination of each cause, and more combinations while there is room. Combinations with
 * the same cause are next to each other.
 */
function reportedFailings(
  { alike }: Judged,
  causes: readonly FailingCause[],
  { most, fixOf }: { readonly most: number; readonly fixOf: Repairs['fixOf'] },
): ReportedExpectation['failing'] {
  const reportedOf = (one: Failing): ReportedFailing => {
    const fix = fixOf(one);
    return { ...reportedFailing(one), ...(fix === undefined ? {} : { fix }) };
  };
  if (causes.length === 0)
    return alike
      .flatMap(({ failing }) => failing)
      .slice(0, most)
      .map(reportedOf);
  let room = most - causes.length;
  return causes.flatMap(({ failing: [first, ...others] }, cause) => {
    const more = others.slice(0, Math.max(room, 0));
    room -= more.length;
    return [first, ...more].map((one) => ({ ...reportedOf(one), cause }));
  });
}

function reportedFailing(failing: Failing): ReportedFailing {
  const { code, outcome, bound } = failing;
  const { principal, operation, source, keys, region } = bound;
  return {
    code,
    outcome,
    principal: principal.arn,
    operation: operation.command,
    api: operation.api,
    source: source?.arn ?? keys['named key']?.arn ?? null,
    region,
    account: principal.account,
    says: failingText(failing),
  };
}
