import { Argument, type Command, Option } from 'commander';
import { check } from '../../answer/check.ts';
import { diagnose, withoutCheck } from '../../answer/diagnosis.ts';
import { Failure } from '../../base/failure.ts';
import { operationsCalled } from '../../check/operation-named.ts';
import { verifyParameters } from '../../check/question.ts';
import type { Report } from '../../contract/report.ts';
import { demoIncident } from '../../diagnose/demo-incident.ts';
import { type IncidentQuestion, missingFor } from '../../diagnose/diagnose.ts';
import { type Incident, incidentOf } from '../../diagnose/incident.ts';
import type { IncidentRecord } from '../../diagnose/incident-record.ts';
import { verifyPrincipal } from '../../evidence/principal-name.ts';
import { catalogue, operationsNamed } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import type { OperationParameters } from '../../operations/parameters.ts';
import { allParameters, valueOf } from '../../operations/request-parameters.ts';
import { allSourceFlags, sourceFlags } from '../../operations/source-flags.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, exitCodesHelp } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { liveOptions } from '../options/live-options.ts';
import type { OperationOptions } from '../options/options.ts';
import { askedBy, parameterOptions, sourceOptions } from '../options/question-options.ts';
import { contextOf, refuseSessionOf, sessionPolicyOf } from '../options/session-options.ts';
import { addSharedOptions } from '../options/shared-options.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';
import { evidenceFor, questionFor } from './check-operation.ts';

interface DiagnoseOptions extends OperationOptions {
  readonly error?: string;
  readonly eventId?: string;
  readonly operation?: string;
}

const examples = `Examples:
  $ aurora-kms-check diagnose --demo
  $ aurora-kms-check diagnose event.json --evidence evidence.json
  $ aurora-kms-check diagnose --event-id 0d9f6f0e-3c1b-4a57-9d0e-5f1f6a2b7c81 --region us-east-1
  $ aurora-kms-check diagnose --error 'KMSKeyNotAccessibleFault: ...' --operation restore --principal role/operator --snapshot orders-before-upgrade

Without what a check takes, it says what AWS means and what to add, and exits with 2.`;

/** `diagnose`: what was behind an error of AWS, and whether the check says the same. `done` receives the exit code. */
export function diagnoseCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('diagnose', io)
    .summary('why did it fail on AWS?')
    .description(
      'Reads what AWS showed, checks what was asked for in the way it was asked, and says whether AWS and the check agree, and what was decisive.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check diagnose [file] [options]', minWidthToWrap: 30 })
    .addArgument(
      new Argument(
        '[file]',
        'a CloudTrail event, an event of RDS, the output of describe-export-tasks, or an error text; - is standard input',
      ),
    );
  command.optionsGroup('What happened:');
  command.addOption(new Option('--error <text>', 'the text of an error').conflicts('eventId'));
  command.addOption(
    new Option(
      '--event-id <id>',
      'the event that CloudTrail holds (cloudtrail:LookupEvents), or the one meant of a file',
    ),
  );
  command.optionsGroup('What it does not tell:');
  command.addOption(new Option('--operation <name>', 'a command such as restore, or the name of an API'));
  command.addOption(
    new Option('--principal <who>', 'user, role or role session by ARN, or user/NAME, role/NAME or root'),
  );
  for (const option of [...sourceOptions(catalogue, false), ...parameterOptions(catalogue)]) command.addOption(option);
  addSharedOptions(command);
  command.addHelpText('after', `\n${examples}\n\n${exitCodesHelp}`);
  return command.action(async (file: string | undefined, options: DiagnoseOptions) => {
    const report = await diagnosed(file, options, io);
    show('check', report, options, io);
    done(exitCodeOfVerdict(report.verdict, options.failOn));
  });
}

async function diagnosed(file: string | undefined, options: DiagnoseOptions, io: Io): Promise<Report> {
  if (options.principal !== undefined) verifyPrincipal(options.principal);
  const incident = incidentOf(await recordOf(file, options, io));
  const context = together(incident.context, contextOf(options));
  const asked = askedOf(incident, options);
  const evaluatedAt = new Date(incident.at ?? io.now()).toISOString();
  const missing = missingFor(incident, asked);
  const { operation, principal, target, parameters } = asked;
  if (operation === undefined || principal === undefined || missing.length > 0)
    return withoutCheck(incident, operation, missing, { version, evaluatedAt });
  verifyParameters({ operation, parameters });
  const known = { context, ...(await sessionPolicyOf(options)), evaluatedAt };
  const region =
    incident.call === undefined
      ? settled('--region', incident.region, options.region)
      : (options.region ?? incident.region);
  const reading = { ...options, principal, ...(region === undefined ? {} : { region }) };
  const source = await evidenceFor({ operation, target, parameters }, reading, io);
  refuseSessionOf(source.principal, options);
  // What others could do next is not what happened.
  const { followedBy: _, ...alone } = operation;
  const question = questionFor({ operation: alone, target, parameters }, source, options, known);
  const report = check(source.evidence, question, version);
  return diagnose(incident, { operation, parameters }, report, source.evidence.collectedAt);
}

async function recordOf(file: string | undefined, options: DiagnoseOptions, io: Io): Promise<IncidentRecord> {
  const { error, eventId, evidence, demo } = options;
  if (file !== undefined && error !== undefined)
    throw new Failure('input', `both ${file} and --error say what happened`, 'give one of them');
  if (file === '-' && evidence?.includes('-') === true)
    throw new Failure('input', 'standard input (`-`) is named as what happened and as evidence', 'name it once');
  if (file === undefined && error === undefined && eventId === undefined) {
    if (demo === true) return demoIncident;
    throw new Failure(
      'input',
      'nothing says what happened',
      'give a file (- is standard input), --event-id, or --error with the text; `--demo` shows an example',
    );
  }
  if (error !== undefined) return { is: 'error text', text: error };
  const { readIncident } = await import('../../diagnose/incident-record.ts');
  if (file !== undefined) {
    const { readText } = await import('../../evidence/load.ts');
    return readIncident(file === '-' ? 'standard input' : file, readText(file), eventId);
  }
  return readIncident('CloudTrail', await lookedUp(eventId ?? '', options, io));
}

async function lookedUp(eventId: string, options: DiagnoseOptions, io: Io): Promise<string> {
  if (options.evidence !== undefined || options.demo === true)
    throw new Failure(
      'input',
      '--event-id is looked up on AWS, and --evidence and --demo ask nothing of AWS',
      `give the event as a file: \`aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=${eventId}\` prints it`,
    );
  const { lookUpEvent } = await import('../../collect/cloudtrail.ts');
  return lookUpEvent(eventId, liveOptions(options, io));
}

/** What the incident tells and what the options add. @throws Failure if the two contradict each other */
function askedOf(incident: Incident, options: DiagnoseOptions): IncidentQuestion {
  const principal = settled('--principal', incident.principal, options.principal);
  const [first, ...others] = operationsOf(incident, options.operation);
  if (first === undefined) return { operation: undefined, principal, target: undefined, parameters: {} };
  const { operation, target, parameters } = askedBy([first, ...others], options);
  refuseOtherSources(operation, options);
  return {
    operation,
    principal,
    target: settled(`--${operation.reads?.flag ?? ''}`, incident.source, target),
    parameters: withParameters(incident.parameters, parameters),
  };
}

/** The operations that it may have been; which of them, the flag tells that names what is read. */
function operationsOf({ operation, api }: Incident, named: string | undefined): readonly Operation[] {
  if (named === undefined) return operation === undefined ? operationsNamed(api ?? '') : [operation];
  const called = operationsCalled(named);
  const fitting = called.filter((one) =>
    operation === undefined ? api === undefined || one.api === api : one === operation,
  );
  if (fitting.length > 0) return fitting;
  throw contradiction('--operation', operation?.command ?? api ?? '', named);
}

function refuseOtherSources({ api, reads }: Operation, options: DiagnoseOptions): void {
  for (const flag of allSourceFlags()) {
    if (options[sourceFlags[flag].property] !== undefined && flag !== reads?.flag)
      throw new Failure(
        'input',
        `${api} takes no --${flag}`,
        reads === undefined ? 'leave it out' : `name it with --${reads.flag}`,
      );
  }
}

function withParameters(told: OperationParameters, given: OperationParameters): OperationParameters {
  for (const flag of allParameters()) settled(`--${flag}`, valueOf(told, flag), valueOf(given, flag));
  return { ...given, ...told };
}

/** @throws Failure if what is told and what is given are not the same */
function settled<T>(flag: string, told: T | undefined, given: T | undefined): T | undefined {
  if (told === undefined || given === undefined) return told ?? given;
  if (JSON.stringify(told) === JSON.stringify(given)) return told;
  throw contradiction(flag, JSON.stringify(told), JSON.stringify(given));
}

function contradiction(flag: string, told: string, given: string): Failure {
  return new Failure('input', `${flag} says ${given}, and what happened tells ${told}`, `leave out ${flag}`);
}

type Context = Incident['context'];

function together(told: Context, given: Context): Context {
  const all = new Map(Object.entries(told));
  for (const [key, values] of Object.entries(given)) {
    const known = Object.keys(told).find((other) => other.toLowerCase() === key.toLowerCase());
    settled(`--context ${key}`, known === undefined ? undefined : told[known], values);
    if (known === undefined) all.set(key, values);
  }
  return Object.fromEntries(all);
}
