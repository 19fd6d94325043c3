import { anonymize as anonymizeAll } from './anonymize/anonymize.ts';
import { answer } from './answer/check.ts';
import { diagnose as diagnoseIncident, withoutCheck } from './answer/diagnosis.ts';
import { diff as stepsOfDiff } from './answer/diff.ts';
import { parseArn } from './base/arn.ts';
import { Failure } from './base/failure.ts';
import { operationsCalled } from './check/operation-named.ts';
import { type Question, verifyFields, verifyRequest } from './check/question.ts';
import { operationsSwept } from './check/sweep.ts';
import { version } from './cli/version.ts';
import type { DiffReport } from './contract/diff-report.ts';
import type { Report, Result } from './contract/report.ts';
import { streamOf } from './contract/report-stream.ts';
import { missingFor } from './diagnose/diagnose.ts';
import { incidentOf } from './diagnose/incident.ts';
import { readIncident } from './diagnose/incident-record.ts';
import { questionOf, regionOf } from './diagnose/question.ts';
import type { Progress } from './diff/diff.ts';
import { defaultMaxAge } from './evidence/age.ts';
import type { HypotheticalChange } from './evidence/hypothesis.ts';
import { merge } from './evidence/merge.ts';
import { faultyPolicy, refuseFaults } from './evidence/policy-faults.ts';
import { resolvePrincipal, verifyPrincipal } from './evidence/principal-name.ts';
import { readEvidence } from './evidence/read.ts';
import { evidenceFile, refuseDepth } from './evidence/readers/evidence-file.ts';
import type { Evidence, PolicyDocument } from './evidence/schema.ts';
import { decisionSentences, resultSentences } from './explain/sentences.ts';
import type { Operation } from './operations/operation.ts';
import type { OperationParameters } from './operations/parameters.ts';
import type { Decision } from './policy/authorize.ts';
import { InvalidPolicies } from './policy/policies.ts';
import type { RequestInput } from './policy/request.ts';
import { saveFaults } from './policy/save-faults.ts';
import { colors } from './report/colors.ts';
import { defaultFormat } from './report/format-rows.ts';
import { render as draw } from './report/formats.ts';
import { type FixView, plain } from './report/style.ts';

/*
 * The face of the library. It answers from evidence alone: no function here calls AWS, and only
 * loadEvidence reads files. Left out of a question is what the command would take by default. The
 * version in reports is that of this package, the time that of the clock where a question names
 * none.
 *
 * Whatever is wrong with what a caller hands in is a Failure of kind `input`, with what to do about
 * it in `next`; the engine alone (authorize, compile) throws InvalidPolicies and InvalidRequest.
 * Messages call parameters by the flags of the command.
 */

export { assume } from './answer/assume.ts';
export { type Command, type CommandArgument, commandText } from './base/command.ts';
export { Failure, type FailureKind } from './base/failure.ts';
export type { DiffReport, VerdictChange } from './contract/diff-report.ts';
export type {
  Diagnosis,
  Report,
  ReportedCall,
  ReportedFix,
  ReportedFixStep,
  ReportedPrecondition,
  ReportedStatement,
  Result,
  Verdict,
} from './contract/report.ts';
export type { ReportedText } from './contract/worded.ts';
export type { Progress } from './diff/diff.ts';
export { demoEvidence, demoPrincipal } from './evidence/demo.ts';
export type { Hypothesis, Hypothetical, HypotheticalChange } from './evidence/hypothesis.ts';
export type { Evidence } from './evidence/schema.ts';
export { catalogue, operationsNamed } from './operations/catalogue.ts';
export type { Operation } from './operations/operation.ts';
export type { OperationParameters } from './operations/parameters.ts';
export { type Authorizer, authorize, compile, type DecidedBy, type Decision } from './policy/authorize.ts';
export { InvalidRequest } from './policy/caller.ts';
export { disputed } from './policy/disputed.ts';
export { type DocumentFault } from './policy/fault.ts';
export type { Grant } from './policy/grants.ts';
export { parse } from './policy/parse.ts';
export {
  InvalidPolicies,
  type NamedPolicy,
  type Policies,
  type PolicyFault,
  ReadDocuments,
  type Unread,
} from './policy/policies.ts';
export type { Possible } from './policy/possible.ts';
export type { RequestInput } from './policy/request.ts';
export type { PolicyKind, StatementRef } from './policy/statement-ref.ts';
export type { TracedElement, TracedLayer, TracedPolicy, TracedStatement } from './policy/trace.ts';
export type { Fact } from './policy/truth.ts';
export type { FixView } from './report/style.ts';

/**
 * Evidence from files as `aurora-kms-check collect` and `evidence recipe` make them
 * (schema/evidence.json): JSON, which may be compressed with gzip.
 *
 * `paths`: files, folders of `.json` and `.json.gz` files, or `-` for standard input; several are
 * merged.
 * @throws Failure (`input`) naming file and JSON path if a file cannot be read or is malformed, if
 * two contradict each other, or if AWS would not accept a policy in one
 */
export function loadEvidence(paths: string | readonly string[]): Evidence {
  return readEvidence(typeof paths === 'string' ? [paths] : paths).evidence;
}

/**
 * Several pieces of evidence as one, such as those of several accounts. Lists are joined item by
 * item; a value in only one piece counts for all; the earliest `collectedAt` counts.
 * @throws Failure (`input`) if one is malformed, two contradict each other, or there is none
 */
export function mergeEvidence(pieces: readonly Evidence[]): Evidence {
  return merge(
    pieces.map((piece, index) => {
      const from = `evidence ${index + 1}`;
      refuseDepth(from, piece);
      return { from, evidence: evidenceFile.read(piece, { from, path: '' }) };
    }),
  );
}

/**
 * Evidence in which account IDs, names, IDs and tags are replaced, the same one always by the same
 * other one, so every verdict stays what it is. Merge what belongs together first.
 * @throws Failure (`input`) naming what cannot be replaced so
 */
export function anonymize(evidence: Evidence): Evidence {
  const [anonymous = evidence] = anonymizeAll([evidence]);
  return anonymous;
}

/** What is known of the session and the time, and how strictly to judge. */
export interface Circumstances {
  /** Condition keys whose values are known: `{ 'aws:SourceIp': ['203.0.113.7'] }`. Absent: none. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** Whether an assumption makes a verdict undetermined. Absent: false. */
  readonly strict?: boolean;
  /** ISO 8601 time at which the operation is taken to happen. Absent: now. */
  readonly evaluatedAt?: string;
}

/** May this principal do this? */
export interface CheckQuestion extends Circumstances {
  /**
   * A command (`restore`), an API (`RestoreDBClusterFromSnapshot`), or an operation of `catalogue`.
   * A name or an operation. If several operations have the name: the one whose source is of the type
   * of `target`, else the first that reads something; without `target`, each that reads something.
   */
  readonly operation: string | Operation;
  /**
   * The ARN of a user, role, role session or root user; or `user/NAME`, `role/NAME` or `root` in
   * the account of the evidence's caller, or its only account. Absent: the evidence's caller.
   */
  readonly principal?: string;
  /**
   * Identifier or ARN of the source of the operation. Absent: everything of the kind in the Region.
   * An operation that reads nothing, such as `create-cluster`, takes no target.
   */
  readonly target?: string;
  /** Other parameters of the request. AWS's defaults apply to those that are left out. */
  readonly parameters?: OperationParameters;
  /** Absent: that of the target's ARN, or the only one that the evidence holds. */
  readonly region?: string;
  /**
   * The session policy with which the principal's session was opened: an object, or its JSON text.
   */
  readonly sessionPolicy?: PolicyDocument;
  /** Whether `calls` of the report hold what each statement has to say. Absent: false. */
  readonly explain?: boolean;
  /**
   * Whether it is a success that there is nothing to check, if the lists were read. Absent: false,
   * and the report is `undetermined`.
   */
  readonly allowEmpty?: boolean;
  /**
   * Whether to look for what would fix that which does not succeed, and what else that would allow
   * to whom. It takes some thirty times as long as the answer. Absent: true.
   */
  readonly fix?: boolean;
  /**
   * Hours; evidence that is older is warned of. Absent: 24 for evidence that says when it was read.
   */
  readonly maxAge?: number;
  /** Assumed changes of the evidence, as `assume` returns them. */
  readonly assumed?: readonly HypotheticalChange[];
}

/**
 * Will the operation succeed for the principal, on the target or on everything in the Region? If
 * not, which statement of which policy stops which call, and what would fix it?
 *
 * The report (schema/report.json) has one result for each target. What cannot be known from the
 * evidence is `undetermined`, never guessed.
 * @throws Failure (`input`) if the evidence does not contain something that the question names, if
 * the operation takes no such target or parameter, if the question has another field, or if AWS
 * would not accept a policy: one that the answer rests on, and with `fix` any one in the evidence,
 * because then everybody in it is checked
 */
export function check(evidence: Evidence, question: CheckQuestion): Report {
  verifyFields(question, fieldsOfCheck);
  const { target, parameters = {}, fix = true } = question;
  const { operation: named } = question;
  const all: readonly [Operation, ...Operation[]] = typeof named === 'string' ? operationsCalled(named) : [named];
  const { operations, unchecked } =
    target === undefined ? operationsSwept(all, parameters) : { operations: [reading(all, target)], unchecked: [] };
  for (const operation of operations) verifyRequest({ operation, target, parameters });
  const [operation = all[0], ...others] = operations;
  return answered(evidence, { ...question, operation, parameters, fix }, (whole) => {
    const questions = [whole, ...others.map((other) => ({ ...whole, operation: other }))] as const;
    return answer(evidence, { questions, allowEmpty: question.allowEmpty === true, unchecked }, version);
  });
}

/**
 * Several operations may have one name: the one whose source is of the type of the target, else one
 * that also reads this type, else the first that reads something, if there is a target.
 */
function reading([first, ...others]: readonly [Operation, ...Operation[]], target: string | undefined): Operation {
  if (target === undefined) return first;
  const all = [first, ...others];
  const type = parseArn(target)?.type;
  const readers = all.filter(({ reads }) => reads?.types.some((one) => one === type));
  const ofType = readers.find(({ reads }) => reads?.types[0] === type) ?? readers[0];
  return ofType ?? all.find(({ reads }) => reads !== undefined) ?? first;
}

const fieldsOfCircumstances: Readonly<Record<keyof Circumstances, true>> = {
  context: true,
  strict: true,
  evaluatedAt: true,
};

const fieldsOfBoth: Readonly<Record<keyof CheckQuestion & keyof DiagnoseQuestion, true>> = {
  ...fieldsOfCircumstances,
  operation: true,
  principal: true,
  target: true,
  parameters: true,
  region: true,
  sessionPolicy: true,
  explain: true,
  allowEmpty: true,
  fix: true,
  maxAge: true,
};

const fieldsOfCheck: Readonly<Record<keyof CheckQuestion, true>> = { ...fieldsOfBoth, assumed: true };
const fieldsOfDiagnose: Readonly<Record<keyof DiagnoseQuestion, true>> = { ...fieldsOfBoth, eventId: true };

type Resolved = CheckQuestion & Pick<Question, 'federatedBy'> & { readonly operation: Operation };

/** `make`: the report on the question with what is left out of it. */
function answered(evidence: Evidence, question: Resolved, make: (question: Question) => Report): Report {
  return documented(() => {
    if (question.fix === true) refuseFaults('the evidence', evidence);
    return make(completed(evidence, question));
  });
}

/** The question with what is left out of it. */
function completed(evidence: Evidence, question: Resolved): Question {
  const { operation, federatedBy, target, parameters, region, explain, fix, assumed } = question;
  return {
    operation,
    principal: principalOf(evidence, question.principal),
    ...(federatedBy === undefined ? {} : { federatedBy }),
    ...(target === undefined ? {} : { target }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(region === undefined ? {} : { region }),
    ...sessionPolicyOf(question),
    ...circumstances(question),
    explain: explain === true,
    fix: fix === true,
    ...(assumed === undefined || assumed.length === 0 ? {} : { assumed }),
    ...maxAgeOf(evidence, question),
  };
}

function principalOf(evidence: Evidence, named: string | undefined): string {
  const principal = named ?? evidence.caller?.Arn;
  if (principal === undefined)
    throw new Failure('input', 'the evidence does not name a principal (`caller`)', 'name a principal in the question');
  verifyPrincipal(principal);
  return resolvePrincipal(evidence, principal);
}

function circumstances({ context = {}, strict, evaluatedAt }: Circumstances) {
  const time = evaluatedAt === undefined ? new Date() : new Date(evaluatedAt);
  if (Number.isNaN(time.getTime()))
    throw new Failure(
      'input',
      `evaluatedAt \`${evaluatedAt ?? ''}\` is not a time`,
      'give a time such as 2026-11-02T09:00:00Z',
    );
  verifyContext(context);
  return { context, strict: strict === true, evaluatedAt: time.toISOString() };
}

/** @throws Failure if a condition key has no list of texts, which callers in JavaScript may give */
function verifyContext(context: Readonly<Record<string, unknown>>): void {
  for (const [key, values] of Object.entries(context))
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string'))
      throw new Failure('input', `context: \`${key}\` is not a list of texts`, `give a list, such as ['203.0.113.7']`);
}

function sessionPolicyOf({ sessionPolicy: document }: CheckQuestion): Pick<Question, 'sessionPolicy'> {
  if (document === undefined) return {};
  const name = 'the session policy';
  const faults = saveFaults('session', name, document);
  if (faults.length > 0) throw faultyPolicy(name, faults);
  return { sessionPolicy: { name, document } };
}

function maxAgeOf({ collectedAt }: Evidence, { maxAge }: CheckQuestion): Pick<Question, 'maxAge'> {
  if (maxAge === undefined && collectedAt === undefined) return {};
  return { maxAge: maxAge ?? defaultMaxAge };
}

/** What the engine throws on a policy, as the documented error. */
function documented<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InvalidPolicies)) throw error;
    throw new Failure('input', error.message, 'correct the policy: AWS would refuse it', error);
  }
}

/** Facts that the record of an incident leaves out. They must not contradict the record. */
export interface DiagnoseQuestion
  extends Omit<CheckQuestion, 'operation' | 'evaluatedAt' | 'assumed'>,
    Pick<Circumstances, 'evaluatedAt'> {
  /** A command, or the name of an API. */
  readonly operation?: string;
  /** The event that is meant, if the file has several. */
  readonly eventId?: string;
}

/**
 * What was behind something that AWS did or refused, and whether a check says the same.
 *
 * `happened`: a CloudTrail event, an RDS event or the output of describe-export-tasks, as an
 * object or as JSON text, or else the text of an error. `question`: what that leaves out. The
 * report has a `diagnosis`. Where too little is known for a check it has no results, and
 * `diagnosis.missing` says what to add.
 * @throws Failure (`input`) if the record is not understood, if `question` contradicts it, or for
 * what `check` throws
 */
export function diagnose(evidence: Evidence, happened: string | object, question: DiagnoseQuestion = {}): Report {
  verifyFields(question, fieldsOfDiagnose);
  const text = typeof happened === 'string' ? happened : JSON.stringify(happened);
  const incident = incidentOf(readIncident('the incident', text, question.eventId));
  const { operation: named, target: given, parameters: added = {} } = question;
  const asked = questionOf(incident, {
    ...(named === undefined ? {} : { operation: named }),
    ...(question.principal === undefined ? {} : { principal: question.principal }),
    context: question.context ?? {},
    asked: (operations) => ({ operation: reading(operations, given), target: given, parameters: added }),
  });
  const evaluatedAt = new Date(incident.at ?? question.evaluatedAt ?? Date.now()).toISOString();
  const missing = missingFor(incident, asked);
  const { operation, principal, federatedBy, target, parameters, context } = asked;
  if (operation === undefined || principal === undefined || missing.length > 0)
    return withoutCheck(incident, operation, missing, { version, evaluatedAt });
  verifyRequest({ operation, target: given, parameters });
  const region = regionOf(incident, question.region);
  // What others could do next is not what happened.
  const { followedBy: _, ...alone } = operation;
  const asking: Resolved = {
    ...question,
    operation: alone,
    principal,
    ...(federatedBy === undefined ? {} : { federatedBy }),
    ...(target === undefined ? {} : { target }),
    ...(region === undefined ? {} : { region }),
    parameters,
    context,
    evaluatedAt,
    fix: question.fix ?? true,
  };
  return answered(evidence, asking, (whole) => diagnoseIncident(incident, evidence, whole, version));
}

const fieldsOfDiff: Readonly<Record<keyof DiffQuestion, true>> = {
  ...fieldsOfCircumstances,
  before: true,
  after: true,
  principals: true,
  operations: true,
  onProgress: true,
};

/** One state of evidence, such as `assume` returns. */
export interface EvidenceState {
  readonly evidence: Evidence;
  /** What the report calls it. */
  readonly name?: string;
  /** What makes it differ from what was read. */
  readonly assumed?: readonly HypotheticalChange[];
}

/** Two states to be compared, and by which questions. */
export interface DiffQuestion extends Circumstances {
  readonly before: EvidenceState;
  readonly after: EvidenceState;
  /**
   * ARNs, or names as those of `CheckQuestion.principal`. Absent: all users and roles of the
   * evidence, and the root users of its accounts.
   */
  readonly principals?: readonly string[];
  /**
   * Commands, APIs or operations. Absent: all. Operations that need more parameters than a source
   * are left out.
   */
  readonly operations?: readonly (string | Operation)[];
  /** Called before each principal with the number that are done. To stop early, throw. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Which verdicts change between two states of evidence: for all users and roles, root users,
 * databases and snapshots that both states have. schema/diff.json describes the report.
 * @throws Failure (`input`) if the two have nothing in common to ask about, or if AWS would not
 * accept a policy in one of them
 */
export function diff(question: DiffQuestion): DiffReport {
  verifyFields(question, fieldsOfDiff);
  const { before, after, principals, operations, onProgress } = question;
  for (const [from, { evidence }] of Object.entries({ before, after })) refuseFaults(from, evidence);
  const assumed = [...(before.assumed ?? []), ...(after.assumed ?? [])];
  const steps = stepsOfDiff(
    {
      before: { evidence: before.evidence, name: before.name ?? 'before' },
      after: { evidence: after.evidence, name: after.name ?? 'after' },
      ...(assumed.length === 0 ? {} : { assumed }),
      ...(principals === undefined ? {} : { principals: principals.map((who) => principalOf(before.evidence, who)) }),
      ...(operations === undefined
        ? {}
        : { operations: operations.flatMap((one) => (typeof one === 'string' ? operationsCalled(one) : one)) }),
      ...circumstances(question),
    },
    version,
  );
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onProgress?.(step.value);
  }
}

/**
 * An answer as sentences: what it is first, then why, the decisive reason first; of a result of a
 * check also what was assumed and what would fix it.
 *
 * `answer`: one of `report.results`, with the `report`; or a decision of the engine, with the
 * `request` that it decides.
 */
export function explain(answer: Result, report: Report): readonly string[];
export function explain(answer: Decision, request: RequestInput): readonly string[];
export function explain(...given: readonly [Result, Report] | readonly [Decision, RequestInput]): readonly string[] {
  return isOfReport(given) ? resultSentences(given[0], given[1].fixes) : decisionSentences(...given);
}

function isOfReport(
  given: readonly [Result, Report] | readonly [Decision, RequestInput],
): given is readonly [Result, Report] {
  return 'reportVersion' in given[1];
}

/** How an answer is to be drawn. */
export interface RenderOptions {
  /** `text` or `json`. Absent: `text`. */
  readonly format?: string;
  /** Whether text has the colors of a terminal. Absent: false. */
  readonly color?: boolean;
  /** Columns of text. Absent: 80. */
  readonly width?: number;
  /** Whether text lists every call and precondition. Absent: false. */
  readonly verbose?: boolean;
  /** Whether the text of a sweep names everything. Absent: false. */
  readonly listAll?: boolean;
  /** How much of a fix text shows: `steps`, `aws-cli`, `terraform` or `all`. Absent: `steps`. */
  readonly fix?: FixView;
}

/**
 * A report as the command prints it, ending with a line break. What names in it hold of control
 * characters is replaced.
 * @throws Failure (`input`) naming the formats that there are if it has none of that name
 */
export function render(report: Report | DiffReport, options: RenderOptions = {}): string {
  const {
    format = defaultFormat,
    color = false,
    width = 80,
    verbose = false,
    listAll = false,
    fix = 'steps',
  } = options;
  const style = { paint: color ? colors : plain, width, verbose, listAll, fix };
  return 'diffVersion' in report ? draw('diff', report, format, style) : draw('check', streamOf(report), format, style);
}
