/*
 * src/answer/ combines decisions, sentences and fixes into the reports of the contract.
 */

import { groupBy } from '../base/group.ts';
import { citedRule } from '../base/rules.ts';
import type { Bound } from '../check/bind.ts';
import { bindAll, type Unchecked } from '../check/bind-all.ts';
import { type ReasonedCall, reasonOf } from '../check/call-reason.ts';
import type { AccountSide, DecidedCall } from '../check/decide.ts';
import { type Evaluated, evaluator } from '../check/evaluate.ts';
import { type DecisiveGap, decisiveGaps } from '../check/gaps.ts';
import { type Judgment, judge } from '../check/judgment.ts';
import { type LaterVerdict, laterVerdicts } from '../check/later.ts';
import type { Question } from '../check/question.ts';
import { policyWordOf, policyWords } from '../contract/policy-words.ts';
import type {
  Report,
  ReportedCall,
  ReportedFix,
  ReportedSide,
  ReportedStatement,
  ReportedTrace,
  ReportedUnchecked,
  Result,
  Verdict,
} from '../contract/report.ts';
import {
  type ReportHead,
  type ReportRest,
  type ReportStream,
  type StreamedResult,
  wholeOf,
} from '../contract/report-stream.ts';
import { ageWarning } from '../evidence/age.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { Evidence, Gap } from '../evidence/schema.ts';
import { type Answered, answersText, answerText } from '../explain/answers.ts';
import { assumptionText } from '../explain/assumptions.ts';
import { callText } from '../explain/calls.ts';
import { errorText } from '../explain/errors.ts';
import { ageWarningText, laterText } from '../explain/evidence-age.ts';
import { unreadText } from '../explain/facts.ts';
import { hypothesisText } from '../explain/hypotheses.ts';
import { grantName } from '../explain/names.ts';
import { missText, nearMissText } from '../explain/near-misses.ts';
import { policyWarningText } from '../explain/policy-warnings.ts';
import { preconditionName } from '../explain/precondition-names.ts';
import { reasonText } from '../explain/preconditions.ts';
import { verdictText } from '../explain/reasons.ts';
import { supposedText, tracedDocumentText, tracedPolicyText, tracedRequestText } from '../explain/traced.ts';
import { commandFor, notCheckedText } from '../explain/unchecked.ts';
import { fixesUnder } from '../fix/fixes.ts';
import type { SourceType } from '../operations/source-flags.ts';
import type { Decision } from '../policy/authorize.ts';
import { ReadDocuments } from '../policy/policies.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { TracedElement, TracedLayer } from '../policy/trace.ts';
import type { Truth } from '../policy/truth.ts';
import type { World } from '../policy/worlds.ts';
import { reportingFixes } from './fixes.ts';
import { reportedGaps } from './gaps.ts';
import { allInWords, factInWords, inWords } from './in-words.ts';

/**
 * Answers a question from evidence: will the operation succeed for the principal, on the named
 * target or on everything in the Region? `version`: the version of the tool. Pure: the time is in
 * the question.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function check(evidence: Evidence, question: Question, version: string): Report {
  return answer(evidence, { questions: [question] }, version, () => undefined);
}

/** The questions of one run, which differ only in operation, principal, target and Region. */
export interface Asking {
  readonly questions: readonly [Question, ...Question[]];
  /** Whether it counts as success if there is nothing to check. Absent: false. */
  readonly allowEmpty?: boolean;
  /** What the questions leave out. Absent: nothing. */
  readonly unchecked?: readonly Unchecked[];
}

/**
 * Answers all questions in one report. `seen` receives the parts that each result was made from;
 * this function does not keep them.
 * @throws Failure if the evidence does not contain something that the questions name
 */
export function answer(
  evidence: Evidence,
  asking: Asking,
  version: string,
  seen: (evaluated: Evaluated, judgment: Judgment) => void = () => undefined,
): Report {
  return wholeOf(answering(evidence, asking, version, seen));
}

/**
 * The same, but each result is made when the caller takes it, so only one has to be in memory.
 * @throws Failure if the evidence does not contain something that the questions name
 */
export function answering(
  evidence: Evidence,
  asking: Asking,
  version: string,
  seen: (evaluated: Evaluated, judgment: Judgment) => void = () => undefined,
): ReportStream {
  const [question] = asking.questions;
  const read = new ReadDocuments();
  const directory = directoryOf(evidence);
  const asked = evaluator(directory, question, read);
  const fixes = fixesUnder(evidence, (other, effort) => evaluator(directoryOf(other), question, read, effort));
  const reporting = reportingFixes();
  const gapsFound = new Map<Gap, DecisiveGap['code']>();
  const { bound: all, unchecked: unmatched } = bindAll(directory, asking.questions);
  const isOne = all.filter(({ isFollowUp }) => isFollowUp !== true).length === 1;
  const findsFixes = question.fix === true || (question.fix === 'of one' && isOne);
  const answers: Answered[] = [];
  const next: Verdict[] = [];
  const changes: LaterVerdict[] = [];
  const listed = new Set<string>();
  const answered = (bound: Bound): StreamedResult => {
    const evaluated = asked.evaluate(bound);
    if (bound.isFollowUp === true) next.push(evaluated.verdict);
    else answers.push(answeredOf(evaluated));
    changes.push(...laterVerdicts(evaluated, asked));
    const judgment = judge(evaluated);
    seen(evaluated, judgment);
    const gaps = decisiveGaps(evidence.gaps ?? [], evaluated);
    for (const { gap, code } of gaps) if (gapsFound.get(gap) !== 'read-decides') gapsFound.set(gap, code);
    const found = findsFixes ? fixes.of(evaluated, judgment)?.map(reporting) : [];
    const fresh = (found ?? []).filter(({ id }) => !listed.has(id));
    for (const { id } of fresh) listed.add(id);
    const isInVain = findsFixes && evaluated.verdict !== 'succeeds' && found?.length === 0;
    return { result: reportedResult(evaluated, { judgment, fixes: found, isInVain, gaps }, question), fixes: fresh };
  };
  const unchecked = [...unmatched, ...(asking.unchecked ?? [])];
  const isOpen = unchecked.some((one) => leavesOpen(one, asking));
  const rest = (): ReportRest => {
    const summary = summaryOf(answers.map(({ verdict }) => verdict));
    return {
      ...(unchecked.length === 0 ? {} : { notChecked: unchecked.map(reportedUnchecked) }),
      warnings: [
        ...laterNotes(changes, answers.length + next.length),
        ...asked.warnings().map((warning) => inWords(warning, policyWarningText)),
        ...ageOf(evidence, question),
      ],
      gaps: reportedGaps(evidence.gaps ?? [], gapsFound),
      ...followUpsOf(next),
      summary,
      answer: answers.length > 0 ? `${answersText(answers)}${isOpen ? restText : ''}` : nothingText(unchecked),
      verdict: worstOf(summary) === 'succeeds' && isOpen ? 'undetermined' : worstOf(summary),
    };
  };
  return {
    head: headOf(evidence, question, version),
    results: each(all, answered),
    rest,
  };
}

/** Whether something may be in what was not checked. */
function leavesOpen({ code }: Unchecked, { allowEmpty }: Asking): boolean {
  return code === 'list-unread' || (code === 'nothing-of-the-kind' && allowEmpty !== true);
}

function headOf({ collectedAt }: Evidence, { evaluatedAt, assumed }: Question, version: string): ReportHead {
  return {
    reportVersion: 2,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    evidenceAt: collectedAt ?? null,
    ...(assumed === undefined ? {} : { assumed: allInWords(assumed, hypothesisText) }),
  };
}

/** Makes each item when the caller takes it. */
function* each<From, To>(all: readonly From[], make: (one: From) => To): Generator<To> {
  for (const one of all) yield make(one);
}

/** If some sources could not be checked, the answer about the others must say so. */
const restText = ', but not everything was checked';

function nothingText(unchecked: readonly Unchecked[]): string {
  const [nothing] = unchecked.filter(({ code }) => code === 'nothing-of-the-kind');
  return nothing === undefined ? 'Nothing was checked' : notCheckedText(nothing).replace(/\.$/, '');
}

function answeredOf({
  bound,
  verdict,
  preconditions,
}: Pick<Evaluated, 'bound' | 'verdict' | 'preconditions'>): Answered {
  const { operation, principal, source } = bound;
  const isKeyMissing = preconditions.some(({ row, status }) => row.code === 'key-is-named' && status === 'unmet');
  const isAdvised = isKeyMissing && verdict === 'fails' && bound.isFollowUp !== true;
  return { operation, principal: principal.arn, source, verdict, ...(isAdvised ? { add: 'kms-key-id' } : {}) };
}

function summaryOf(verdicts: readonly Verdict[]): Report['summary'] {
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  return { succeeds: count('succeeds'), fails: count('fails'), undetermined: count('undetermined') };
}

function worstOf({ fails, undetermined }: Report['summary']): Verdict {
  return fails > 0 ? 'fails' : undetermined > 0 ? 'undetermined' : 'succeeds';
}

/** Follow-up operations have their own verdict. */
function followUpsOf(next: readonly Verdict[]): Pick<Report, 'followUps'> {
  const summary = summaryOf(next);
  return next.length === 0 ? {} : { followUps: { verdict: worstOf(summary), summary } };
}

function reportedUnchecked(unchecked: Unchecked): ReportedUnchecked {
  const { code } = unchecked;
  const command = commandFor(unchecked);
  const types =
    code === 'nothing-of-the-kind' ? unchecked.types : code === 'list-unread' ? [unchecked.type] : undefined;
  return {
    code,
    text: notCheckedText(unchecked),
    ...(types === undefined ? {} : { types: [...types] }),
    ...('place' in unchecked ? unchecked.place : {}),
    ...('count' in unchecked ? { count: unchecked.count } : {}),
    ...(command === undefined ? {} : { command }),
  };
}

/** `of`: the number of answers. */
function laterNotes(changes: readonly LaterVerdict[], of: number): Report['warnings'] {
  return [...groupBy(changes, ({ from, verdict }) => `${from} ${verdict}`).values()].map((alike) =>
    inWords(alike[0], (change) => laterText(change, { count: alike.length, of })),
  );
}

function ageOf({ collectedAt }: Evidence, { maxAge, evaluatedAt }: Question): Report['warnings'] {
  const warning = maxAge === undefined ? undefined : ageWarning(collectedAt, evaluatedAt, maxAge);
  return warning === undefined ? [] : [inWords(warning, ageWarningText)];
}

/** The parts of a result in addition to the answer. */
interface Besides {
  readonly judgment: Judgment;
  /** Undefined: there was no search. */
  readonly fixes: readonly ReportedFix[] | undefined;
  /** The search found nothing. */
  readonly isInVain: boolean;
  readonly gaps: readonly DecisiveGap[];
}

function reportedResult(
  { bound, preconditions, verdict }: Evaluated,
  { judgment, fixes, isInVain, gaps }: Besides,
  question: Question,
): Result {
  const key = bound.keys['target key'] ?? bound.keys['storage key'];
  const { principal } = bound;
  const { calls, expectedError } = judgment;
  return {
    answer: answerText(answeredOf({ bound, verdict, preconditions })),
    operation: bound.operation.command,
    api: bound.operation.api,
    principal: { arn: principal.arn, type: principal.type, account: principal.account },
    region: bound.region,
    target: {
      snapshot: sourceArn(bound, 'cluster-snapshot', 'snapshot'),
      cluster: sourceArn(bound, 'cluster'),
      instance: sourceArn(bound, 'db'),
      automatedBackup: sourceArn(bound, 'cluster-auto-backup', 'auto-backup'),
      key: key?.arn ?? null,
      keyAlias: key?.alias ?? null,
      encryption: key === undefined ? encryptionWithoutKey(bound) : 'kms-key',
    },
    verdict,
    reasons: allInWords(judgment.reasons, verdictText),
    calls: calls.map((call) => reported(call, question.explain)),
    preconditions: preconditions.map(({ row, status, basis, reason }) => ({
      code: row.code,
      name: preconditionName(row.code),
      status,
      basis,
      source: citedRule(row.source),
      why: inWords(reason, reasonText),
    })),
    expectedError:
      expectedError === undefined ? null : { code: expectedError.error, message: errorText(expectedError) ?? null },
    assumptions: allInWords(judgment.assumptions, assumptionText),
    fixes: (fixes ?? []).map(({ id }) => id),
    ...(fixes === undefined ? { fixesNotSought: true } : {}),
    ...(isInVain ? { noFixFound: true } : {}),
    ...(gaps.length === 0 ? {} : { gaps: gaps.map(({ gap, code }) => ({ ...gap, code })) }),
    ...(bound.isFollowUp === true ? { followUp: true } : {}),
  };
}

function encryptionWithoutKey({ source, encryption }: Bound): Result['target']['encryption'] {
  if (source === undefined) return 'not-named';
  const words = {
    none: 'none',
    'sse-rds': 'aws-owned-key',
    'none or sse-rds': 'none-or-aws-owned-key',
    'sse-kms': 'not-read',
    unknown: 'not-read',
  } as const;
  return words[encryption];
}

function sourceArn({ source }: Bound, ...types: readonly SourceType[]): string | null {
  return source !== undefined && types.includes(source.type) ? source.arn : null;
}

function reported(reasoned: ReasonedCall, explain: boolean): ReportedCall {
  const { call, nearMisses } = reasoned;
  const { row, decision } = call;
  return {
    kind: row.kind,
    action: row.action,
    on: row.on,
    resource: call.resource,
    ...(call.key?.alias === undefined ? {} : { alias: call.key.alias }),
    account: call.account,
    region: call.region,
    basis: row.basis,
    source: citedRule(row.source),
    decision: decision.decision,
    ...(decision.decision === 'denied' ? { denial: decision.denial } : {}),
    decidedBy: decision.decidedBy.map((by) => ('grant' in by ? { grant: grantName(by.grant) } : reportedStatement(by))),
    lacking: decision.lacking.map((kind) => policyWords[kind]),
    dependsOn: decision.dependsOn.map((fact) => factInWords(fact)),
    nearMisses: nearMisses.map(({ statement, element, miss }) => ({
      statement: reportedStatement(statement),
      ...reportedElement(element),
      but: inWords(miss, missText),
    })),
    ...witnessOf(decision),
    why: inWords(reasoned.reason, () => `${callText(reasoned)}${nearMissText([reasoned])}`),
    ...sidesOf(call),
    ...(explain ? { trace: decision.trace().map(reportedLayer) } : {}),
  };
}

function sidesOf(call: DecidedCall): Pick<ReportedCall, 'sides'> {
  const sides = call.sides().map((side) => reportedSide(call, side));
  return sides.length === 0 ? {} : { sides };
}

function reportedSide(call: DecidedCall, { of, account, decision }: AccountSide): ReportedSide {
  const why = inWords(reasonOf({ ...call, decision }), (reason) => callText({ call, reason }));
  return { of, account, decision: decision.decision, why };
}

function witnessOf(decision: Decision): Pick<ReportedCall, 'witness'> {
  if (decision.decision !== 'depends' || decision.witness === 'not enumerated') return {};
  const values = (world: World) =>
    world.map(({ fact, values: supposed }) => {
      const { code, text } = factInWords(fact);
      return { code, fact: text, value: supposedText(fact, supposed) };
    });
  return { witness: { allowed: values(decision.witness.allows), denied: values(decision.witness.denies) } };
}

function reportedStatement({ policy, name, statement, sid, sidIsShared, effect }: StatementRef): ReportedStatement {
  return {
    policy: policyWordOf(policy, name),
    name,
    statement,
    ...(sid === undefined ? {} : { sid }),
    ...(sidIsShared === undefined ? {} : { sidIsShared }),
    effect,
  };
}

function reportedLayer({ layer, level, applies, unread, policies }: TracedLayer): ReportedTrace {
  return {
    policy: policyWordOf(layer, policies[0]?.name),
    ...(level === undefined ? {} : { level }),
    applies,
    unread: unread.map((fact) => factInWords(fact, unreadText)),
    policies: policies.map(({ name, statements }) => ({
      name,
      statements: statements.map((traced) => ({
        statement: reportedStatement(traced.statement),
        matches: truthWord(traced.matches),
        elements: traced.elements.map(reportedElement),
      })),
    })),
  };
}

function reportedElement(traced: TracedElement) {
  const { element, matches } = traced;
  const written = tracedDocumentText(traced);
  return {
    element,
    matches: truthWord(matches),
    policy: tracedPolicyText(traced),
    request: tracedRequestText(traced),
    ...(written === undefined ? {} : { document: written }),
  };
}

function truthWord(truth: Truth): 'yes' | 'no' | 'depends' {
  return truth === true ? 'yes' : truth === false ? 'no' : 'depends';
}
