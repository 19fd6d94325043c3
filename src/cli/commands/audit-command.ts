import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditAsked, auditReport } from '../../answer/audit.ts';
import type { FindingException } from '../../audit/exceptions.ts';
import { type Severity, severities } from '../../audit/findings/finding.ts';
import { type FindingKind, findingRows } from '../../audit/findings/table.ts';
import { isAccountId } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { meantBy } from '../../base/nearest.ts';
import { list } from '../../base/wording.ts';
import type { AuditReport } from '../../contract/audit-report.ts';
import { refuseFaults, refusingFaults } from '../../evidence/policy-faults.ts';
import { type Baseline, type BaselineEntry, baselineInUse } from '../../preflight/baseline.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, failureCodesHelp } from '../exit-code.ts';
import { evidenceByAccount, type HeldEvidence, oldestAllowed, timeOfAsking } from '../held-evidence.ts';
import { clearLine, type Io } from '../io.ts';
import {
  type BaselineOptions,
  baselineOptions,
  type NewBaseline,
  namedBaseline,
  newBaseline,
  writtenBaseline,
} from '../options/baseline-options.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { liveOptions } from '../options/live-options.ts';
import { type AnswerOptions, answerOptions, evidenceOptions, formatOption } from '../options/options.ts';
import { more } from '../options/values.ts';
import { placesIn } from '../report-places.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';

/** The options of `audit`, as typed values. */
interface AuditOptions extends AnswerOptions, BaselineOptions {
  readonly exceptions?: string;
  readonly severity: Severity;
  readonly code?: readonly FindingKind[];
  readonly principal?: readonly string[];
  readonly allowAccount?: readonly string[];
  readonly allowOrg?: readonly string[];
  readonly wideRestore?: number;
  readonly region?: readonly string[];
}

const exitCodes = `Exit codes:
  0    no finding of this severity or worse, or all are accepted
  1    at least one finding of this severity or worse
  2    such a finding is undecided, or whole lists were not read
${failureCodesHelp()}`;

const examples = `Examples:
  $ aurora-kms-check audit --demo
  $ aurora-kms-check audit --evidence evidence.json --severity critical
  $ aurora-kms-check audit --evidence evidence/ --code nobody-can-restore --output json`;

/** `audit`: what is wrong with the backups and keys in the evidence. */
export function auditCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('audit', io)
    .description(
      'Finds what is wrong with the backups and keys of an account or an organization: backups that nobody can restore, backups that too many principals can restore, and keys at risk.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check audit [options]' });
  command.optionsGroup('Request:');
  command.addOption(
    new Option('--severity <level>', `exit 1 on findings of this severity or worse: ${list(severities, 'or')}`)
      .default('high')
      .argParser(severityNamed),
  );
  command.addOption(new RepeatableOption('--code <code>', 'show only these findings').argParser(moreCodes));
  command.addOption(
    new RepeatableOption(
      '--principal <pattern>',
      'show only findings about these principals, such as role/app-*',
    ).argParser(more),
  );
  command.addOption(new RepeatableOption('--allow-account <id>', 'trust this account').argParser(moreAccounts));
  command.addOption(
    new RepeatableOption('--allow-org <id>', 'trust the accounts of this organization').argParser(moreOrganizations),
  );
  command.addOption(
    new Option(
      '--wide-restore <count>',
      'find backups that more users and roles than this can restore, copy or export',
    ).argParser(wholeNumber),
  );
  command.optionsGroup('Accepted findings:');
  command.addOption(
    new Option(
      '--exceptions <file>',
      'accept the findings that this file describes, each with a reason and a last day',
    ),
  );
  for (const option of baselineOptions('every finding that is shown now')) command.addOption(option);
  command.optionsGroup('Data source (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions(true)) command.addOption(option);
  command.optionsGroup('Output:');
  command.addOption(formatOption('audit'));
  for (const option of answerOptions({
    verbose: 'show the commands of fixes, and everything that was not read',
    listAll: 'list all names',
  }))
    command.addOption(option);
  command.addHelpText('after', `\n${examples}\n\n${exitCodes}`);
  return command.action(async (options: AuditOptions) => done(await answered(options, io)));
}

function severityNamed(text: string): Severity {
  const found = severities.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`give ${list(severities, 'or')}`);
  return found;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('give a whole number');
  return Number(text);
}

function moreCodes(text: string, before: readonly FindingKind[] = []): readonly FindingKind[] {
  const codes = findingRows.map(({ code }) => code);
  const found = codes.find((one) => one === text);
  if (found === undefined) {
    const meant = meantBy(text, codes);
    throw new InvalidArgumentError(
      meant === undefined ? `give ${list(codes, 'or')}` : `did you mean ${meant}? The codes are ${list(codes)}`,
    );
  }
  return [...before, found];
}

function moreAccounts(text: string, before: readonly string[] = []): readonly string[] {
  if (!isAccountId(text)) throw new InvalidArgumentError('give an account ID of 12 digits');
  return [...before, text];
}

function moreOrganizations(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^o-[a-z0-9]+$/.test(text))
    throw new InvalidArgumentError('give the ID of an organization, such as o-a1b2c3d4e5');
  return [...before, text];
}

/** Returns the exit code. @throws Failure */
async function answered(options: AuditOptions, io: Io): Promise<number> {
  const { evidence: paths = [], exceptions: path, baseline } = options;
  refuseTwoInputs([...paths, ...[path, baseline].flatMap((one) => one ?? [])]);
  const now = io.now().toISOString();
  const exceptions = await exceptionsFrom(path);
  const toWrite = newBaseline(options, now);
  const accepted = await namedBaseline(options, 'audit');
  const places = placesIn(paths, options, io);
  const { evidence, files } = await evidenceFor(options, io);
  const question: AuditAsked = {
    context: {},
    strict: options.strict === true,
    evaluatedAt: timeOfAsking(options, evidence, io),
    acceptedAt: now,
    allowAccounts: options.allowAccount ?? [],
    allowOrgs: options.allowOrg ?? [],
    severity: options.severity,
    codes: options.code ?? [],
    people: options.principal ?? [],
    exceptions,
    ...(options.region === undefined ? {} : { regions: options.region }),
    ...(options.wideRestore === undefined ? {} : { wideRestore: options.wideRestore }),
    ...oldestAllowed(options, evidence),
  };
  const ask = (acceptance: Partial<AuditAsked>): AuditReport =>
    refusingFaults(files, () => auditReport(evidence, { ...question, ...acceptance }, version));
  const report = await askedWith({ ask, accepted, toWrite, now });
  if (options.evidence === undefined && options.demo === undefined) clearLine(io.stderr);
  await show('audit', report, { ...options, places }, io);
  return exitCodeOfVerdict(report.verdict, options.failOn);
}

/** @throws Failure if standard input is named twice */
function refuseTwoInputs(paths: readonly string[]): void {
  if (paths.filter((path) => path === '-').length < 2) return;
  throw new Failure(
    'input',
    'standard input (`-`) is given twice',
    'use it once: for the evidence, the exceptions or the baseline',
  );
}

/** @throws Failure with file, line and column if the file is wrong */
async function exceptionsFrom(path: string | undefined): Promise<readonly FindingException[]> {
  if (path === undefined) return [];
  const { readExceptions } = await import('../../audit/exceptions.ts');
  const { inputName, readText } = await import('../../evidence/readers/files.ts');
  return readExceptions(inputName(path), readText(path, '--exceptions'));
}

interface Asking {
  readonly ask: (more: Partial<AuditAsked>) => AuditReport;
  readonly accepted: Baseline | undefined;
  readonly toWrite: NewBaseline | undefined;
  /** An ISO time. */
  readonly now: string;
}

/** The report. What a new baseline accepts is accepted in this run, too. @throws Failure */
async function askedWith({ ask, accepted, toWrite, now }: Asking): Promise<AuditReport> {
  if (toWrite === undefined) return ask(accepted === undefined ? {} : { baseline: baselineInUse(accepted, now) });
  const entries: BaselineEntry[] = [];
  ask({ record: (entry) => void entries.push(entry) });
  return ask({ baseline: baselineInUse(await writtenBaseline(toWrite, 'audit', entries), now) });
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
async function evidenceFor(options: AuditOptions, io: Io): Promise<HeldEvidence> {
  const held = await evidenceByAccount(options);
  if (held !== undefined) return held;
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const { settingsFrom } = await import('../../collect/settings.ts');
  const { region: regions = [], ...others } = options;
  const [first] = regions;
  const live = liveOptions({ ...others, ...(first === undefined ? {} : { region: first }) }, io);
  const settings = await settingsFrom(live);
  settings.requestHandler.destroy();
  const named = [...regions, ...(settings.region === undefined || regions.length > 0 ? [] : [settings.region])];
  const [own] = await collectAccounts({ regions: named, allRegions: false, allKeys: true, roleArns: [] }, live);
  if (own === undefined) throw new Failure('aws', 'nothing could be read', 'check the credentials');
  refuseFaults('what AWS returned', own.evidence);
  return { evidence: own.evidence, files: [] };
}
