/*
 * src/cli/commands/ the commands, one file for each.
 */

import { assume } from '../../answer/assume.ts';
import { type Asking, answering } from '../../answer/check.ts';
import { withSimulation } from '../../answer/simulation.ts';
import { isArn, placeOf } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { sweptTypes } from '../../check/bind.ts';
import { type Question, verifyParameters } from '../../check/question.ts';
import { simulable } from '../../check/simulation.ts';
import type { ToRead } from '../../collect/reading.ts';
import type { LiveOptions } from '../../collect/settings.ts';
import type { Report } from '../../contract/report.ts';
import { type ReportStream, type StreamedResult, streamOf, wholeOf } from '../../contract/report-stream.ts';
import { rdsLists } from '../../evidence/lists.ts';
import { refuseFaults, refusingFaults } from '../../evidence/policy-faults.ts';
import { resolvePrincipal, verifyPrincipal } from '../../evidence/principal-name.ts';
import { readPrincipalArn } from '../../evidence/principals.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { Operation } from '../../operations/operation.ts';
import { rolesPassed } from '../../operations/request-parameters.ts';
import { defaultFormat } from '../../report/format-rows.ts';
import { exitCodeOfVerdict } from '../exit-code.ts';
import { prepareFixFolder, writeFixFolder } from '../fix-folder.ts';
import { type HeldEvidence, heldEvidence, oldestAllowed, timeOfAsking } from '../held-evidence.ts';
import { clearLine, type Io } from '../io.ts';
import { hypothesesOf, refuseTwoInputs } from '../options/assume-options.ts';
import { liveOptions } from '../options/live-options.ts';
import type { CheckOptions, OperationOptions, SharedOptions } from '../options/options.ts';
import { askedByAll, type NamedOperation, type NamedOperations } from '../options/question-options.ts';
import { refuseSessionOf, sessionContext, sessionPolicyOf } from '../options/session-options.ts';
import { placesInEvidence } from '../report-places.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';

/** The evidence that answers, and the values for options that were left out. */
interface Source extends HeldEvidence {
  readonly principal: string;
  readonly region: string | undefined;
}

/**
 * Runs one operation command for every combination that the options name. `operations` share the
 * command. Returns the exit code.
 * @throws Failure
 */
export async function checkOperation(
  operations: readonly [Operation, ...Operation[]],
  options: CheckOptions,
  io: Io,
): Promise<number> {
  for (const who of options.principal ?? []) verifyPrincipal(who);
  prepareFixFolder(options);
  const places = await placesInEvidence(options.evidence ?? [], options, io);
  const asked = askedByAll(operations, options);
  for (const operation of asked.operations) verifyParameters({ operation, parameters: asked.parameters });
  refuseTwoInputs(options.evidence ?? [], options);
  const session = { context: sessionContext(options), ...(await sessionPolicyOf(options)) };
  const hypotheses = await hypothesesOf(options);
  const { evidence: read, files, places: combinations } = await placesFor(asked, options, io);
  const known = { ...session, evaluatedAt: timeOfAsking(options, read, io) };
  const { evidence, assumed } = assume(read, hypotheses);
  for (const { principal } of combinations) refuseSessionOf(principal, options);
  const [first, ...others] = combinations.flatMap((place) =>
    asked.operations.map((operation) => ({
      ...questionFor({ ...asked, operation, target: place.target }, { evidence, ...place }, options, known),
      ...(assumed.length === 0 ? {} : { assumed }),
    })),
  );
  if (first === undefined) return 0;
  const { allowEmpty = false } = options;
  const asking: Asking = { questions: [first, ...others], allowEmpty, unchecked: asked.unchecked };
  const stream = refusingFaultsIn(
    files,
    refusingFaults(files, () => answering(evidence, asking, version)),
  );
  if (isTakenOnce(options)) {
    if (options.evidence === undefined && options.demo === undefined) clearLine(io.stderr);
    await show('check', stream, options, io);
    return exitCodeOfVerdict(stream.rest().verdict, options.failOn);
  }
  const answered = wholeOf(stream);
  const report =
    options.simulate === true
      ? await simulated(answered, asking.questions, evidence, liveOptions({ ...options, region: first.region }, io))
      : answered;
  if (options.evidence === undefined && options.demo === undefined) clearLine(io.stderr);
  writeFixFolder(report, options, io);
  await show('check', streamOf(report), { ...options, places }, io);
  return exitCodeOfVerdict(report.verdict, options.failOn);
}

/** Whether the results are only needed for the answer on standard output. */
function isTakenOnce({ simulate, fixDir, quiet, report }: CheckOptions): boolean {
  return simulate !== true && fixDir === undefined && quiet !== true && report === undefined;
}

/** The same results. A malformed policy that takes part is reported with its file. */
function refusingFaultsIn(files: HeldEvidence['files'], stream: ReportStream): ReportStream {
  function* results(): Generator<StreamedResult> {
    const made = stream.results[Symbol.iterator]();
    for (;;) {
      const next = refusingFaults(files, () => made.next());
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { ...stream, results: results() };
}

/** The question for an operation. `known`: what is known about the session and the time. */
export function questionFor(
  { operation, target, parameters }: NamedOperation,
  { principal, region, evidence }: Omit<Source, 'files'>,
  options: SharedOptions,
  known: Pick<Question, 'context' | 'federatedBy' | 'sessionPolicy' | 'evaluatedAt'>,
): Question {
  const { strict, explain } = options;
  return {
    operation,
    principal,
    ...(target === undefined ? {} : { target }),
    parameters,
    ...(region === undefined ? {} : { region }),
    ...known,
    strict: strict === true,
    explain: explain === true,
    fix: wantedFixes(options),
    ...oldestAllowed(options, evidence),
  };
}

/** Whether fixes are shown or written. The text of a sweep shows none. */
function wantedFixes({
  output,
  report,
  quiet,
  fixDir,
}: Pick<SharedOptions, 'output' | 'report' | 'quiet' | 'fixDir'>): NonNullable<Question['fix']> {
  if (report !== undefined) return true;
  if (quiet === true && fixDir === undefined) return false;
  return output === defaultFormat ? 'of one' : true;
}

/**
 * An operation to check for an incident. The incident may name keys that the question does not, and
 * the user that federated the session.
 */
interface AskedOfIncident extends NamedOperation {
  readonly mentionedKeys: readonly string[];
  readonly federatedBy: string | undefined;
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
export async function evidenceFor(asked: AskedOfIncident, options: OperationOptions, io: Io): Promise<Source> {
  const held = await heldEvidence(options);
  if (held === undefined) return readLive(asked, options, io);
  return { ...held, principal: principalIn(held.evidence, options.principal), region: options.region };
}

/**
 * The ARN of the principal in the question: `named`, or the caller in the evidence. @throws Failure
 * if there is none
 */
function principalIn(evidence: Evidence, named: string | undefined): string {
  const principal = named ?? evidence.caller?.Arn;
  if (principal === undefined)
    throw new Failure(
      'input',
      'the evidence does not name a principal (`caller`)',
      'name the principal with --principal',
    );
  return resolvePrincipal(evidence, principal);
}

async function readLive(asked: AskedOfIncident, options: OperationOptions, io: Io): Promise<Source> {
  const { collect } = await import('../../collect/collect.ts');
  const { target, parameters, mentionedKeys, federatedBy } = asked;
  const read = toRead({ operations: [asked.operation], parameters }, options.principal, target);
  const wanted = {
    mentionedKeys,
    ...read,
    otherPrincipals: [...read.otherPrincipals, ...(federatedBy === undefined ? [] : [federatedBy])],
    ...policiesToRead(options),
  };
  const { evidence, principal, region } = await collect(wanted, liveOptions(options, io));
  refuseFaults('the answer of AWS', evidence);
  return { evidence, files: [], principal, region };
}

/** The principal, Region and source of one combination. */
interface Combination {
  readonly principal: string;
  readonly region: string | undefined;
  readonly target: string | undefined;
}

interface Combinations extends HeldEvidence {
  readonly places: readonly Combination[];
}

/**
 * The evidence that the options name, and every combination of principal, Region and source.
 * @throws Failure
 */
async function placesFor(asked: NamedOperations, options: CheckOptions, io: Io): Promise<Combinations> {
  const principals = several(options.principal);
  const regions = several(options.region);
  const targets = several(asked.targets);
  const wanted = principals.flatMap((principal) =>
    regions.flatMap((region) => targets.map((target) => ({ principal, region, target }))),
  );
  const held = await heldEvidence(options);
  if (held === undefined) return placesOnAws(asked, wanted, options, io);
  const places = wanted.map(({ principal, region, target }) => ({
    principal: principalIn(held.evidence, principal),
    region,
    target,
  }));
  return { ...held, places };
}

/** Each value once. Without values: one that is undefined. */
function several(values: readonly string[] = []): readonly (string | undefined)[] {
  return values.length === 0 ? [undefined] : [...new Set(values)];
}

/** Reads from AWS. A read for one combination is not repeated for another. */
async function placesOnAws(
  asked: NamedOperations,
  wanted: readonly Wanted[],
  options: CheckOptions,
  io: Io,
): Promise<Combinations> {
  const { collectAll } = await import('../../collect/collect-all.ts');
  const live = liveOptions({ ...options, region: undefined }, io);
  const questions = wanted
    .filter(({ region, target }, _, all) => isThere(asked, { region, target }) || !isSomewhere(asked, target, all))
    .map(({ principal, region, target }) => ({
      region,
      target,
      toRead: { ...toRead(asked, principal, target), ...policiesToRead(options) },
    }));
  const { evidence, read } = await collectAll(
    questions.map(({ region, toRead: one }) => ({ region, toRead: one })),
    live,
  );
  refuseFaults('the answer of AWS', evidence);
  const places = read.map(({ principal, region }, index) => ({ principal, region, target: questions[index]?.target }));
  return { evidence, files: [], places };
}

interface Wanted {
  readonly principal: string | undefined;
  readonly region: string | undefined;
  readonly target: string | undefined;
}

/** Whether the resource of an ARN can be in the Region. */
function isThere({ operations: [{ parameters }] }: NamedOperations, { region, target }: Omit<Wanted, 'principal'>) {
  const named = placeOf(target ?? '')?.region;
  return named === undefined || region === undefined || named === region || parameters.includes('source-region');
}

/** Whether the resource of an ARN is in one of the Regions that are checked. */
function isSomewhere(asked: NamedOperations, target: string | undefined, all: readonly Wanted[]): boolean {
  return all.some((one) => one.target === target && isThere(asked, one));
}

/** The report with the policy simulator's answers for the calls that it can judge. */
async function simulated(
  report: Report,
  questions: readonly [Question, ...Question[]],
  evidence: Evidence,
  options: LiveOptions,
): Promise<Report> {
  const { simulate } = await import('../../collect/simulate.ts');
  const account = evidence.caller?.Account ?? readPrincipalArn(questions[0].principal).account;
  const asked = simulable(evidence, questions, account);
  const requests = asked.map(({ request }) => request);
  const { answers, gaps } = await simulate(requests, options);
  return withSimulation(report, asked, answers, gaps);
}

const accountQuotas = rdsLists.AccountQuotas.use.preconditions;

/** The managed policies that are assumed to be attached. */
function policiesToRead({ assumeAttach = [] }: Pick<OperationOptions, 'assumeAttach'>): Pick<ToRead, 'policyArns'> {
  return { policyArns: assumeAttach.map(({ value }) => value) };
}

/** What the question needs to read, and nothing else. */
function toRead(
  { operations, parameters }: Pick<NamedOperations, 'operations' | 'parameters'>,
  principal: string | undefined,
  target: string | undefined,
): ToRead {
  const { kmsKeyId, masterUserSecretKmsKeyId, performanceInsightsKmsKeyId, storageEncrypted, sourceRegion } =
    parameters;
  const defaultKey = storageEncrypted === true && kmsKeyId === undefined ? 'alias/aws/rds' : undefined;
  const partners = (parameters.with ?? []).filter((one) => isArn(one));
  const types = operations.flatMap((one) => (target === undefined ? sweptTypes(one) : (one.reads?.types ?? [])));
  return {
    types: [...new Set(types)],
    crosses: operations.some((one) => one.parameters.includes('source-region')),
    otherPrincipals: [...rolesPassed(parameters), ...partners],
    kmsKeyIds: [kmsKeyId, masterUserSecretKmsKeyId, performanceInsightsKmsKeyId, defaultKey].filter(
      (key) => key !== undefined,
    ),
    sharing: operations.some(
      ({ followedBy, preconditions }) =>
        followedBy !== undefined || preconditions.some(({ code }) => code === 'snapshot-is-not-shared'),
    ),
    quotas: operations.some(({ preconditions }) =>
      preconditions.some(({ code }) => accountQuotas.some((one) => one === code)),
    ),
    ...(principal === undefined ? {} : { principal }),
    ...(target === undefined ? {} : { target }),
    ...(sourceRegion === undefined ? {} : { sourceRegion }),
  };
}
