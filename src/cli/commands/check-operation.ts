/*
 * src/cli/commands/ one file a command.
 */

import { assume } from '../../answer/assume.ts';
import { check } from '../../answer/check.ts';
import { withSimulation } from '../../answer/simulation.ts';
import { isArn } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { roleArnIn } from '../../base/principal-arn.ts';
import { type Question, verifyParameters } from '../../check/question.ts';
import { simulable } from '../../check/simulation.ts';
import type { ToRead } from '../../collect/reading.ts';
import type { LiveOptions } from '../../collect/settings.ts';
import type { Report } from '../../contract/report.ts';
import { defaultMaxAge } from '../../evidence/age.ts';
import { demoEvidence, demoPrincipal } from '../../evidence/demo.ts';
import { rdsLists } from '../../evidence/lists.ts';
import { refuseFaults } from '../../evidence/policy-faults.ts';
import { isPrincipalName, resolvePrincipal, verifyPrincipal } from '../../evidence/principal-name.ts';
import { readPrincipalArn } from '../../evidence/principals.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { Operation } from '../../operations/operation.ts';
import { exitCodeOfVerdict } from '../exit-code.ts';
import { clearLine, type Io } from '../io.ts';
import { hypothesesOf, refuseTwoInputs } from '../options/assume-options.ts';
import { liveOptions } from '../options/live-options.ts';
import type { OperationOptions } from '../options/options.ts';
import { askedBy, type NamedOperation } from '../options/question-options.ts';
import { refuseSessionOf, sessionContext, sessionPolicyOf } from '../options/session-options.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';

/** The evidence to answer from, and what the options left open. */
interface Source {
  readonly evidence: Evidence;
  readonly principal: string;
  readonly region: string | undefined;
}

/** Runs one operation command; `operations` share it. Returns the exit code. @throws Failure */
export async function checkOperation(
  operations: readonly [Operation, ...Operation[]],
  options: OperationOptions,
  io: Io,
): Promise<number> {
  if (options.principal !== undefined) verifyPrincipal(options.principal);
  const asked = askedBy(operations, options);
  verifyParameters(asked);
  refuseTwoInputs(options.evidence ?? [], options);
  const known = {
    context: sessionContext(options),
    ...(await sessionPolicyOf(options)),
    evaluatedAt: io.now().toISOString(),
  };
  const hypotheses = await hypothesesOf(options);
  const source = await evidenceFor(asked, options, io);
  const { evidence, assumed } = assume(source.evidence, hypotheses);
  refuseSessionOf(source.principal, options);
  const question = { ...questionFor(asked, source, options, known), ...(assumed.length === 0 ? {} : { assumed }) };
  const answered = check(evidence, question, version);
  const report =
    options.simulate === true
      ? await simulated(answered, question, { ...source, evidence }, liveOptions(options, io))
      : answered;
  if (options.evidence === undefined && options.demo !== true) clearLine(io.stderr);
  await show('check', report, options, io);
  return exitCodeOfVerdict(report.verdict, options.failOn);
}

/** What is asked, of whom and with what: `known` is what there is to know of the session and the time. */
export function questionFor(
  { operation, target, parameters }: NamedOperation,
  { principal, region, evidence }: Source,
  { strict, explain, demo, maxAge }: OperationOptions,
  known: Pick<Question, 'context' | 'sessionPolicy' | 'evaluatedAt'>,
): Question {
  return {
    operation,
    principal,
    ...(target === undefined ? {} : { target }),
    parameters,
    ...(region === undefined ? {} : { region }),
    ...known,
    strict: strict === true,
    explain: explain === true,
    mend: true,
    // Whoever makes evidence by hand need not say when, unless it is asked for.
    ...(demo === true || (maxAge === undefined && evidence.collectedAt === undefined)
      ? {}
      : { maxAge: maxAge ?? defaultMaxAge }),
  };
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
export async function evidenceFor(asked: NamedOperation, options: OperationOptions, io: Io): Promise<Source> {
  if (options.demo === true)
    return {
      evidence: demoEvidence,
      principal: resolvePrincipal(demoEvidence, options.principal ?? demoPrincipal),
      region: options.region,
    };
  if (options.evidence !== undefined) {
    const { readEvidence } = await import('../../evidence/read.ts');
    const { evidence } = readEvidence(options.evidence);
    const principal = options.principal ?? evidence.caller?.Arn;
    if (principal === undefined)
      throw new Failure('input', 'the evidence does not say who asks (`caller`)', 'name somebody with --principal');
    return { evidence, principal: resolvePrincipal(evidence, principal), region: options.region };
  }
  return readLive(asked, options, io);
}

async function readLive(asked: NamedOperation, options: OperationOptions, io: Io): Promise<Source> {
  const { collect } = await import('../../collect/collect.ts');
  const { evidence, principal, region } = await collect(toRead(asked, options.principal), liveOptions(options, io));
  refuseFaults('what AWS returned', evidence);
  return { evidence, principal, region };
}

/** The report with what IAM's policy simulator says of the calls that it can judge. */
async function simulated(
  report: Report,
  question: Question,
  { evidence, region }: Source,
  options: LiveOptions,
): Promise<Report> {
  const { simulate } = await import('../../collect/simulate.ts');
  const account = evidence.caller?.Account ?? readPrincipalArn(question.principal).account;
  const asked = simulable(evidence, question, account);
  const requests = asked.map(({ request }) => request);
  const { answers, gaps } = await simulate(requests, { ...options, ...(region === undefined ? {} : { region }) });
  return withSimulation(report, asked, answers, gaps);
}

const accountQuotas = rdsLists.AccountQuotas.use.preconditions;

/** What the question is about, and nothing else. */
function toRead({ operation, target, parameters }: NamedOperation, principal: string | undefined): ToRead {
  const { kmsKeyId, masterUserSecretKmsKeyId, storageEncrypted, iamRole, sourceRegion } = parameters;
  const defaultKey = storageEncrypted === true && kmsKeyId === undefined ? 'alias/aws/rds' : undefined;
  const isNamed = principal === undefined || isPrincipalName(principal);
  const role = iamRole === undefined || isNamed ? iamRole : roleOf(principal, iamRole);
  const partners = (parameters.with ?? []).filter((one) => isArn(one));
  return {
    types: operation.reads?.types ?? [],
    otherPrincipals: [...(role !== undefined && isArn(role) ? [role] : []), ...partners],
    kmsKeyIds: [kmsKeyId, masterUserSecretKmsKeyId, defaultKey].filter((key) => key !== undefined),
    sharing: operation.followedBy !== undefined,
    quotas: operation.preconditions.some(({ code }) => accountQuotas.some((one) => one === code)),
    ...(principal === undefined ? {} : { principal }),
    ...(target === undefined ? {} : { target }),
    ...(sourceRegion === undefined ? {} : { sourceRegion }),
  };
}

/** A role by its ARN, or by its name in the account of the principal, whose ARN tells the partition before the Region is known. */
function roleOf(principal: string, role: string): string {
  const { arn, account } = readPrincipalArn(principal);
  return roleArnIn(arn.partition, account, role);
}
