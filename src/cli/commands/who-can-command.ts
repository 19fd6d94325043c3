import { type Command, Option } from 'commander';
import { assume } from '../../answer/assume.ts';
import { applied } from '../../answer/plan.ts';
import { type WhoCanAsked, whoCanReport } from '../../answer/who-can.ts';
import { isAccountId, parseArn, placeOf } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { list } from '../../base/wording.ts';
import { verifyParameters } from '../../check/question.ts';
import { accountNotKnown, canMean, type Meanings } from '../../evidence/meanings.ts';
import { keysNamed } from '../../evidence/named.ts';
import { noAccount } from '../../evidence/not-held.ts';
import { refuseFaults, refusingFaults } from '../../evidence/policy-faults.ts';
import { lookupAccount } from '../../evidence/principal-name.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { sourcesNamed } from '../../evidence/sources.ts';
import { sourceFlags } from '../../operations/source-flags.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, failureCodesHelp } from '../exit-code.ts';
import { evidenceByAccount, type HeldEvidence, oldestAllowed, timeOfAsking } from '../held-evidence.ts';
import { clearLine, type Io } from '../io.ts';
import { apiOptions } from '../options/api-options.ts';
import { type AssumeOptions, assumeOptions, hypothesesOf, refuseTwoInputs } from '../options/assume-options.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { liveOptions } from '../options/live-options.ts';
import { type AnswerOptions, answerOptions, evidenceOptions, formatOption } from '../options/options.ts';
import { type PlanOptions, planOption, plansNamed } from '../options/plan-options.ts';
import {
  askedByAll,
  type NamedOperations,
  parameterOptions,
  type RepeatedOptions,
  sourceOptions,
} from '../options/question-options.ts';
import { type SessionOptions, sessionContext, sessionOptions, sessionPolicyOf } from '../options/session-options.ts';
import { addUnusedOptions } from '../options/unused-options.ts';
import { more } from '../options/values.ts';
import { placesIn, withEvidence } from '../report-places.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';
import type { OperationGroup } from './operation-command.ts';

/** The options of `who-can OPERATION`, as typed values. */
interface WhoCanOptions extends RepeatedOptions, SessionOptions, AssumeOptions, PlanOptions, AnswerOptions {
  readonly principal?: readonly string[];
  readonly expectOnly?: readonly string[];
  readonly expectNone?: boolean;
  readonly region?: string;
}

const exitCodes = `Exit codes:
  0    answered; with --expect-only or --expect-none: nobody else can
  1    with --expect-only or --expect-none: somebody else can
  2    some principals were not read; with --expect-only or --expect-none:
       somebody else may be able to, or is stopped only by a state,
       such as a disabled key
${failureCodesHelp()}`;

/** `who-can`: who can run an operation. It has a subcommand for each group of operations. */
export function whoCanCommand(io: Io, groups: readonly OperationGroup[], done: (exitCode: number) => void): Command {
  const command = commandOf('who-can', io)
    .description(
      'Shows who can run an operation, who may, and who nearly can. Checks every user and role of the account, and of accounts that a snapshot or cluster is shared with. The answer covers every request and session that a principal could choose. Federated users (sts:GetFederationToken) are checked only where a key policy names them.',
    )
    .configureHelp({
      commandUsage: () => 'aurora-kms-check who-can <operation> [options]',
      subcommandTerm: (one) => one.name(),
    })
    .addHelpText('after', `\nExamples:\n${examples('restore', '--snapshot ledger-monthly')}\n\n${exitCodes}`);
  for (const group of groups) command.addCommand(operationCommand(group, io, done));
  return command;
}

function examples(name: string, source: string): string {
  const request = source === '' ? '' : ` ${source}`;
  return [
    `aurora-kms-check who-can ${name} --demo${request}`,
    `aurora-kms-check who-can ${name} --evidence evidence.json${request} --principal 'role/app-*'`,
    `aurora-kms-check who-can ${name} --evidence evidence.json${request} --expect-only role/dr-restore`,
  ]
    .map((line) => `  $ ${line}`)
    .join('\n');
}

function operationCommand(group: OperationGroup, io: Io, done: (exitCode: number) => void): Command {
  const [first] = group;
  const name = first.command;
  const command = commandOf(name, io)
    .summary(`who can ${first.does}?`)
    .description(group.map(({ does, api }) => `Who can ${does} (${api})?`).join('\n'))
    .configureHelp({ commandUsage: () => `aurora-kms-check who-can ${name} [options]` });
  command.optionsGroup('Request:');
  command.addOption(
    new RepeatableOption(
      '--principal <pattern>',
      'check only these principals: ARN, user/NAME, role/NAME, root or a pattern such as role/app-*',
    ).argParser(more),
  );
  for (const option of [...sourceOptions(group), ...parameterOptions(group), ...apiOptions(group)])
    command.addOption(option);
  command.optionsGroup('Gate:');
  command.addOption(
    new RepeatableOption('--expect-only <pattern>', 'fail if anybody else can').argParser(more).conflicts('expectNone'),
  );
  command.addOption(new Option('--expect-none', 'fail if anybody can'));
  command.optionsGroup('Session:');
  for (const option of sessionOptions().filter(({ long }) => long !== '--session-tag')) command.addOption(option);
  command.optionsGroup('Data source (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions(false)) command.addOption(option);
  command.optionsGroup('What-if:');
  command.addOption(planOption('to answer for the state after the apply'));
  for (const option of assumeOptions()) command.addOption(option);
  command.optionsGroup('Output:');
  command.addOption(formatOption('whoCan'));
  for (const option of answerOptions({ verbose: 'show every reason', listAll: 'list all names' }))
    command.addOption(option);
  addUnusedOptions(command, io);
  const source = first.reads === undefined ? '' : `--${first.reads.flag} ${sourceFlags[first.reads.flag].example}`;
  command.addHelpText('after', `\nExamples:\n${examples(name, source)}\n\n${exitCodes}`);
  return command.action(async (options: WhoCanOptions) => done(await answered(group, options, io)));
}

/** Returns the exit code. @throws Failure */
async function answered(group: OperationGroup, options: WhoCanOptions, io: Io): Promise<number> {
  const asked = askedByAll(group, options);
  for (const operation of asked.operations) verifyParameters({ operation, parameters: asked.parameters });
  refuseTwoInputs(options.evidence ?? [], options);
  const files = options.evidence ?? [];
  const named = placesIn([...files, ...(options.plan ?? [])], options, io);
  const places = await withEvidence(named, files, options);
  const hypotheses = await hypothesesOf(options);
  const plans = await plansNamed(options, io);
  const known = {
    context: sessionContext(options),
    ...(await sessionPolicyOf(options)),
    strict: options.strict === true,
  };
  const held = await evidenceFor(asked, options, io);
  const evaluatedAt = timeOfAsking(options, held.evidence, io);
  const {
    after,
    before: _,
    ...planned
  } = applied(held.evidence, plans, {
    region: options.region,
    strict: options.strict === true,
  });
  const { evidence, assumed } = assume(after, hypotheses);
  const supposed = { ...known, evaluatedAt, assumed, ...(plans.length === 0 ? {} : { applied: planned }) };
  const report = refusingFaults(held.files, () =>
    whoCanReport(evidence, questionOf(asked, evidence, options, supposed), version),
  );
  if (options.evidence === undefined && options.demo === undefined) clearLine(io.stderr);
  await show('whoCan', report, { ...options, places }, io);
  return exitCodeOfVerdict(report.verdict, options.failOn);
}

function questionOf(
  asked: NamedOperations,
  evidence: Evidence,
  options: WhoCanOptions,
  known: Pick<WhoCanAsked, 'context' | 'sessionPolicy' | 'evaluatedAt' | 'strict' | 'assumed' | 'applied'>,
): WhoCanAsked {
  const { operations, targets, parameters, unchecked } = asked;
  const { principal = [], region, expectOnly, expectNone } = options;
  return {
    ...known,
    operations,
    names: targets,
    parameters,
    account: accountAsked(evidence, asked, principal),
    people: principal,
    unchecked,
    ...(region === undefined ? {} : { region }),
    ...(expectNone === true ? { expected: [] } : expectOnly === undefined ? {} : { expected: expectOnly }),
    ...oldestAllowed(options, evidence),
  };
}

/**
 * The account in which names are looked up: the account of a source that is named by its ARN, else
 * the account of the evidence, else the account of a principal that is named by its ARN.
 * @throws Failure if nothing shows the account
 */
function accountAsked(evidence: Evidence, asked: NamedOperations, people: readonly string[]): string {
  const { targets, parameters } = asked;
  const [ofSource] = targets.flatMap((name) => placeOf(name)?.account ?? []);
  const ofPeople = people.map((name) => parseArn(name)?.account ?? '').find(isAccountId);
  const account = ofSource ?? lookupAccount(evidence) ?? ofPeople;
  if (account !== undefined) return account;
  const [first, ...others] = Object.keys(evidence.accounts);
  if (first === undefined) throw noAccount();
  const [target] = targets;
  if (target !== undefined) throw accountNotKnown(evidence, target, sourcesMeant(evidence, asked, target));
  // The ARN of a key does not show this account, because the key may belong to another one.
  const { kmsKeyId = '' } = parameters;
  const keys = keysNamed(evidence, kmsKeyId).map(({ KeyMetadata: { Arn: arn } }) => arn);
  throw new Failure(
    'input',
    `several accounts were read: ${list([first, ...others])}${keys.length < 2 ? '' : `, and ${canMean(kmsKeyId, keys)}`}`,
    `choose one with --principal, such as --principal 'arn:aws:iam::${first}:**'`,
  );
}

/** The sources that a name can mean, in all accounts. */
function sourcesMeant(evidence: Evidence, { operations: [{ reads }] }: NamedOperations, name: string): Meanings {
  if (reads === undefined) return { arns: [] };
  const found = sourcesNamed(evidence, { types: sourceFlags[reads.flag].types, name });
  return { arns: found.map(({ arn }) => arn), flag: `--${reads.flag}` };
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
async function evidenceFor({ targets }: NamedOperations, options: WhoCanOptions, io: Io): Promise<HeldEvidence> {
  const { region } = options;
  const held = await evidenceByAccount(options);
  if (held !== undefined) return held;
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const { settingsFrom } = await import('../../collect/settings.ts');
  const live = liveOptions(options, io);
  const settings = await settingsFrom(live);
  settings.requestHandler.destroy();
  const named = targets.flatMap((name) => placeOf(name)?.region ?? []);
  const regions = [
    ...new Set([
      ...named,
      ...(region === undefined ? [] : [region]),
      ...(settings.region === undefined ? [] : [settings.region]),
    ]),
  ];
  const [own] = await collectAccounts({ regions, allRegions: false, allKeys: false, roleArns: [] }, live);
  if (own === undefined) throw new Failure('aws', 'nothing could be read', 'check the credentials');
  refuseFaults('what AWS returned', own.evidence);
  return { evidence: own.evidence, files: [] };
}
