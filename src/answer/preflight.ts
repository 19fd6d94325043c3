import { groupBy } from '../base/group.ts';
import type { DecidedCall } from '../check/decide.ts';
import { type Evaluated, evaluator } from '../check/evaluate.ts';
import { judge } from '../check/judgement.ts';
import { isEstablished } from '../check/verdict.ts';
import type {
  ExpectationFix,
  PreflightReport,
  ReportedExpectation,
  ReportedFailing,
} from '../contract/preflight-report.ts';
import type { Verdict } from '../contract/report.ts';
import { ageWarning } from '../evidence/age.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { Evidence } from '../evidence/schema.ts';
import { effectText } from '../explain/effects.ts';
import { ageWarningText } from '../explain/evidence-age.ts';
import { fixStepText } from '../explain/fixes.ts';
import { requestWhy } from '../explain/plan.ts';
import {
  baselineNoteText,
  callReasonText,
  decidingStatements,
  denyOthersText,
  denyText,
  expectationNoteText,
  expectationText,
  failingText,
  lackText,
  plannedRequestText,
  settlingTexts,
} from '../explain/preflight.ts';
import { verdictText } from '../explain/reasons.ts';
import { type Fixes, fixesUnder } from '../fix/fixes.ts';
import { type NamedPlan, type PlannedState, type PlanRead, plannedState } from '../plan/planned-state.ts';
import { ReadDocuments } from '../policy/policies.ts';
import { planEffects } from '../preflight/effects.ts';
import type { Expectation } from '../preflight/expectation.ts';
import { type Judge, type JudgeSettings, judging, mostQuestions, questionsIn } from '../preflight/judge.ts';
import { type ExpectationOutcome, type Failing, type Judged, notesOf } from '../preflight/outcome.ts';
import { judgeRequests, unlessUnplaced } from '../preflight/planned.ts';
import { faultAt } from '../preflight/tree.ts';
import { doubtsOf, reportedPlan } from './plan.ts';

/** What is asked of `preflight`. */
export interface PreflightQuestion extends JudgeSettings {
  readonly expectations: readonly Expectation[];
  readonly files: readonly string[];
  /** The reasons of every failing combination are wanted, and the fix of each expectation. */
  readonly whole: boolean;
  /** Plans to lay over the evidence, in the order in which they apply. Absent: none. */
  readonly plans?: readonly NamedPlan[];
  /** Who applies the plans, as an ARN. Absent: what the plan tells. */
  readonly applier?: string;
  /** Hours; a warning says so of evidence that is older. Absent: its age does not matter. */
  readonly maxAge?: number;
}

/** Fixes are computed for so many broken expectations. */
const mostFixes = 20;

/**
 * Judges expectations under one state of the evidence. `version` is that of the tool. Pure: the
 * time is in the question.
 * @throws Failure if an expectation does not tell what it means, or too much is asked
 */
export function preflight(evidence: Evidence, question: PreflightQuestion, version: string): PreflightReport {
  const { expectations, files, evaluatedAt, whole, plans = [], applier, region } = question;
  const planned = plannedState(evidence, plans, { region, principal: applier, strict: question.strict });
  const directory = directoryOf(planned.evidence);
  // Nearly all policies are in all states of the evidence.
  const read = new ReadDocuments();
  const judges = judging(directory, question, new Set(), read);
  const resolved = resolvedBy(judges, expectations);
  const under = explainingUnder(question);
  const ofFiles = resolved.map((one) => ({
    judged: unlessUnplaced(judges.judge(one.expectation, one.resolved), planned.unplaced, judges),
    explaining: under(planned.evidence, judges),
    request: undefined,
  }));
  const ofPlans = judgeRequests(planned.requests, question, read).map((one) => ({
    judged: unlessUnplaced(one.judged, planned.unplaced, one.judge),
    explaining: under(one.evidence, one.judge),
    request: one.request,
  }));
  const all = [...ofPlans, ...ofFiles];
  const judged = all.map((one) => one.judged);
  const sorted = all.toSorted((one, other) => order[one.judged.outcome] - order[other.judged.outcome]);
  const count = (outcome: ExpectationOutcome): number => judged.filter((one) => one.outcome === outcome).length;
  const summary = {
    holds: count('holds'),
    broken: count('broken'),
    unproven: count('unproven'),
    questions: judged.reduce((sum, { questions }) => sum + questions, 0),
    exceptions: judged.flatMap(({ exceptions }) => exceptions.filter(({ days }) => days >= 0)).length,
  };
  return {
    preflightVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    files: [...files],
    verdict: withPlans(verdictOf(summary), planned.plans),
    summary,
    expectations: sorted.map(({ judged: one, explaining, request }, index) => ({
      ...reported(one, explaining, whole || index < mostFixes),
      ...(request === undefined
        ? {}
        : {
            address: request.change.address,
            why: requestWhy,
            says: plannedRequestText(one.expectation, request.applier?.arn),
          }),
    })),
    ...(question.baseline === undefined
      ? {}
      : { stale: question.baseline.stale().map(({ id, who, operation, source }) => ({ id, who, operation, source })) }),
    ...(plans.length === 0
      ? {}
      : {
          plans: planned.plans.map((one) => reportedPlan(one, planned.requests)),
          ...effectsOf(planned, question, read),
        }),
    warnings: [...ageOf(evidence, question), ...baselineNotes(question)],
  };
}

/** What expectations mean. @throws Failure if they ask too many questions */
function resolvedBy({ resolve }: Judge, expectations: readonly Expectation[]) {
  let soFar = 0;
  return expectations.map((expectation) => {
    const one = { expectation, resolved: resolve(expectation) };
    soFar += questionsIn(one.resolved);
    refuseTooMany(soFar, expectation);
    return one;
  });
}

function effectsOf(
  planned: PlannedState,
  question: PreflightQuestion,
  read: ReadDocuments,
): Pick<PreflightReport, 'effects' | 'effectsCut'> {
  const { groups, isCut } = planEffects(planned, { ...question, read }, doubtsOf(planned).length > 0);
  return {
    effects: groups.map((group) => ({
      kind: group.kind,
      addresses: group.cause.changes.map(({ address }) => address),
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

const order: Readonly<Record<ExpectationOutcome, number>> = { broken: 0, unproven: 1, holds: 2 };

function verdictOf({ broken, unproven }: PreflightReport['summary']): Verdict {
  return broken > 0 ? 'fails' : unproven > 0 ? 'undetermined' : 'succeeds';
}

/** Planning that ended with an error left changes out, so that nothing is certain of the whole. */
function withPlans(verdict: Verdict, plans: readonly PlanRead[]): Verdict {
  return verdict === 'succeeds' && plans.some(({ whole }) => whole.some(({ code }) => code === 'plan-errored'))
    ? 'undetermined'
    : verdict;
}

/** `questions`: of the expectations so far; the others are not resolved any more. */
function refuseTooMany(questions: number, { at, id }: Expectation): void {
  if (questions <= mostQuestions) return;
  throw faultAt(
    at,
    `the expectations up to \`${id}\` need ${questions.toLocaleString('en')} checks; the maximum is ${mostQuestions.toLocaleString('en')}`,
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
  readonly fixes: (expectation: Expectation) => Fixes;
}

/** Each state of the evidence has its own judge and fixes. */
function explainingUnder(question: PreflightQuestion): (evidence: Evidence, judges: Judge) => Explaining {
  const known = new Map<Evidence, Explaining>();
  return (evidence, judges) => {
    const found = known.get(evidence) ?? { judges, evidence, question, fixes: fixesFor(evidence, question) };
    known.set(evidence, found);
    return found;
  };
}

/** Fixes are sought in the session of the expectation that they are for. */
function fixesFor(evidence: Evidence, { evaluatedAt, strict }: PreflightQuestion): Explaining['fixes'] {
  const known = new Map<string, Fixes>();
  const read = new ReadDocuments();
  return ({ session: { context } }) => {
    const name = JSON.stringify(context);
    const found =
      known.get(name) ??
      fixesUnder(evidence, (other, effort) =>
        evaluator(directoryOf(other), { context, evaluatedAt, strict }, read, effort),
      );
    known.set(name, found);
    return found;
  };
}

function reported(judged: Judged, explaining: Explaining, withFix: boolean): ReportedExpectation {
  const { expectation, outcome, counts, failing, lacks, exceptions, resolved } = judged;
  const { whole } = explaining.question;
  const [first] = failing;
  const isFixable = outcome === 'broken' && first?.outcome === 'broken';
  const fix = isFixable && withFix ? fixOf([first, ...failing.slice(1)], judged, explaining) : undefined;
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
    failing: failing.map((one, index) => ({
      ...told(one),
      ...(whole || (index === 0 && (withFix || outcome === 'unproven')) ? explained(one, expectation, explaining) : {}),
    })),
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
    ...(fix === undefined ? {} : { fix }),
    ...(isFixable && !withFix ? { fixNotSought: true } : {}),
  };
}

function told(failing: Failing): ReportedFailing {
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

type Explanation = Pick<ReportedFailing, 'reasons' | 'statements' | 'settledBy'>;

function explained(failing: Failing, expectation: Expectation, { judges }: Explaining): Explanation {
  const { code, bound, any } = failing;
  const evaluated = (): Evaluated => judges.evaluatorOf(expectation).evaluate(bound);
  switch (code) {
    case 'can-do':
      return callsExplained(allowingCalls(evaluated()));
    case 'stopped-elsewhere':
      return callsExplained(any?.isDenied === true ? any.requests.flatMap(({ denied }) => denied) : []);
    case 'not-denied-for-certain':
      return any?.isDenied === false ? callsExplained(openCalls(any.calls)) : {};
    default: {
      const { reasons, calls } = judge(evaluated());
      const decisive = calls.filter(({ call }) => call.decision.decision !== 'allowed').map(({ call }) => call);
      const settledBy = [...new Set(decisive.flatMap(settlingTexts))];
      return {
        reasons: [...new Set(reasons.map(verdictText))],
        statements: [...new Set(decisive.flatMap(decidingStatements))],
        ...(settledBy.length === 0 ? {} : { settledBy }),
      };
    }
  }
}

function callsExplained(calls: readonly DecidedCall[]): Explanation {
  const settledBy = [...new Set(calls.flatMap(settlingTexts))];
  return {
    reasons: [...new Set(calls.map(callReasonText))],
    statements: [...new Set(calls.flatMap(decidingStatements))],
    ...(settledBy.length === 0 ? {} : { settledBy }),
  };
}

/** What a policy could deny to stop an operation: the first call that is known to be required. */
function allowingCalls({ calls }: Evaluated): readonly DecidedCall[] {
  const required = calls.filter(
    ({ row, decision }) => isEstablished(row.basis) && decision.decision === 'allowed' && row.kind !== 'service',
  );
  return required.slice(0, 1);
}

/** What an answer depends on; else what is allowed. */
function openCalls(calls: readonly DecidedCall[]): readonly DecidedCall[] {
  const open = calls.filter(({ decision }) => decision.decision === 'depends');
  return open.length > 0 ? open : calls.slice(0, 1);
}

/** A fix tells of so many principals how they could be denied. */
const mostDenied = 10;

/** What denies an operation to everybody who can run it; or else the fix of the first combination. */
function fixOf(
  all: readonly [Failing, ...Failing[]],
  { expectation, counts }: Judged,
  { judges, fixes }: Explaining,
): ExpectationFix | undefined {
  const [failing] = all;
  const isCut = counts.broken + counts.unproven > all.length;
  const evaluate = judges.evaluatorOf(expectation).evaluate;
  const evaluated = evaluate(failing.bound);
  if (failing.code === 'can-do') {
    const able = groupBy(
      all.filter(({ code }) => code === 'can-do'),
      ({ bound }) => bound.principal.arn,
    );
    const evaluations = [...able.values()]
      .slice(0, mostDenied)
      .flatMap((own) => own.map(({ bound }) => evaluate(bound)));
    const steps = [...new Set(evaluations.flatMap(allowingCalls).map(denyText))];
    return { after: 'denied', steps: able.size > mostDenied || isCut ? [...steps, denyOthersText] : steps };
  }
  if (failing.code !== 'cannot-do') return undefined;
  const [first] = fixes(expectation).of(evaluated, judge(evaluated)) ?? [];
  if (first === undefined || first.verdict === 'fails') return undefined;
  return {
    after: first.verdict,
    steps: first.changes.map(({ owner, account, steps }) => {
      const does = steps.map(fixStepText).join(' and ');
      return account === failing.bound.principal.account ? does : `${ownerWords[owner]} (account ${account}): ${does}`;
    }),
  };
}

const ownerWords = {
  caller: 'you',
  "principal's account": "the principal's account",
  'key owner': 'the key owner',
  'snapshot owner': 'the snapshot owner',
  organization: 'the organization',
} as const;
