import { Argument, type Command, Option } from 'commander';
import { diagnose, findingReport, withoutCheck } from '../../answer/diagnosis.ts';
import { Failure } from '../../base/failure.ts';
import { shellQuoted } from '../../base/shell.ts';
import { verifyParameters } from '../../check/question.ts';
import type { Report } from '../../contract/report.ts';
import { streamOf } from '../../contract/report-stream.ts';
import { demoIncident } from '../../diagnose/demo-incident.ts';
import { missingFor } from '../../diagnose/diagnose.ts';
import { readError } from '../../diagnose/error-text.ts';
import { type Incident, incidentOf, keysNamedBy } from '../../diagnose/incident.ts';
import type { IncidentRecord } from '../../diagnose/incident-record.ts';
import { type Added, questionOf, regionOf, type SessionQuestion } from '../../diagnose/question.ts';
import { refusingFaults } from '../../evidence/policy-faults.ts';
import { verifyPrincipal } from '../../evidence/principal-name.ts';
import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { allSourceFlags, sourceFlags } from '../../operations/source-flags.ts';
import { commandOf } from '../command.ts';
import { diagnoseExitCodesHelp, exitCodeOfVerdict } from '../exit-code.ts';
import { prepareFixFolder, writeFixFolder } from '../fix-folder.ts';
import type { Io } from '../io.ts';
import { apiOptions } from '../options/api-options.ts';
import { liveOptions } from '../options/live-options.ts';
import type { OperationOptions } from '../options/options.ts';
import { askedBy, parameterOptions, sourceOptions } from '../options/question-options.ts';
import { refuseSessionOf, sessionContext, sessionPolicyOf } from '../options/session-options.ts';
import { addSharedOptions } from '../options/shared-options.ts';
import { placesIn } from '../report-places.ts';
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

Without the facts that a check needs, diagnose says what AWS means and which
flags to add.`;

/**
 * `diagnose`: what caused an AWS error, and whether the check agrees. `done` receives the exit
 * code.
 */
export function diagnoseCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('diagnose', io)
    .description(
      'Explains an AWS error: checks the same operation, says whether AWS and the check agree, and names the deciding policy.',
    )
    .configureHelp({ commandUsage: () => 'aurora-kms-check diagnose [file] [options]' })
    .addArgument(
      new Argument(
        '[file]',
        'a file with a CloudTrail event, RDS event, export task, AWS Backup job or error text (- is standard input), or the error text itself',
      ),
    );
  command.optionsGroup('Incident:');
  command.addOption(new Option('--error <text>', 'the error text').conflicts('eventId'));
  command.addOption(
    new Option(
      '--event-id <id>',
      'look up this event in CloudTrail (cloudtrail:LookupEvents), or pick this event from a file',
    ),
  );
  command.optionsGroup('Request (facts that the incident does not show):');
  command.addOption(new Option('--operation <name>', 'a command, such as restore, or an API name'));
  command.addOption(
    new Option('--principal <who>', 'user, role or role session by ARN, or user/NAME, role/NAME or root'),
  );
  for (const option of [
    ...sourceOptions(catalogue, false),
    ...parameterOptions(catalogue),
    ...apiOptions(catalogue, false),
  ])
    command.addOption(option);
  addSharedOptions(command, { assuming: [], repeats: false });
  command.addHelpText('after', `\n${examples}\n\n${diagnoseExitCodesHelp}`);
  return command.action(async (file: string | undefined, options: DiagnoseOptions) => {
    prepareFixFolder(options);
    const places = placesIn([...(options.evidence ?? []), ...(file === undefined ? [] : [file])], options, io);
    const report = await diagnosed(file, options, io);
    writeFixFolder(report, options, io);
    await show('check', streamOf(report), { ...options, places }, io);
    done(exitCodeOfVerdict(report.verdict, options.failOn));
  });
}

async function diagnosed(file: string | undefined, options: DiagnoseOptions, io: Io): Promise<Report> {
  if (options.principal !== undefined) verifyPrincipal(options.principal);
  const { record, from } = await recordOf(file, options, io);
  const incident = incidentOf(record, from);
  const asked = questionOf(incident, addedBy(options));
  const evaluatedAt = new Date(incident.at ?? io.now()).toISOString();
  const missing = missingFor(incident, asked);
  const { operation, principal, parameters } = asked;
  if (operation === undefined || principal === undefined || missing.length > 0)
    return withoutCheck(incident, operation, missing, { version, evaluatedAt });
  verifyParameters({ operation, parameters });
  try {
    return await checked(incident, { ...asked, operation, principal }, evaluatedAt, { options, io });
  } catch (failure) {
    return findingReport(incident, failure, { operation, evaluatedAt }, version);
  }
}

/** A question without missing parts. */
type Complete = Omit<SessionQuestion, 'operation' | 'principal'> & {
  readonly operation: Operation;
  readonly principal: string;
};

async function checked(
  incident: Incident,
  { operation, principal, federatedBy, target, parameters, context }: Complete,
  evaluatedAt: string,
  { options, io }: { readonly options: DiagnoseOptions; readonly io: Io },
): Promise<Report> {
  const known = {
    context,
    ...(federatedBy === undefined ? {} : { federatedBy }),
    ...(await sessionPolicyOf(options)),
    evaluatedAt,
  };
  const region = regionOf(incident, options.region);
  const reading = { ...options, principal, ...(region === undefined ? {} : { region }) };
  const source = await evidenceFor(
    { operation, target, parameters, mentionedKeys: keysNamedBy(incident), federatedBy },
    reading,
    io,
  );
  refuseSessionOf(source.principal, options);
  // Follow-up operations are not part of the incident.
  const { followedBy: _, ...alone } = operation;
  const question = questionFor({ operation: alone, target, parameters }, source, options, known);
  return refusingFaults(source.files, () => diagnose(incident, source.evidence, question, version));
}

/** `from`: the file of the record, if it has one. */
interface Read {
  readonly record: IncidentRecord;
  readonly from?: string;
}

async function recordOf(file: string | undefined, options: DiagnoseOptions, io: Io): Promise<Read> {
  const { error, eventId, evidence, demo } = options;
  if (file !== undefined && error !== undefined)
    throw new Failure('input', `the error is given twice: as ${file} and with --error`, 'give one of them');
  if (file?.trim() === '') throw new Failure('input', 'the argument is ""', 'give a file, - or the text of an error');
  if (file === '-' && evidence?.includes('-') === true)
    throw new Failure('input', 'standard input (`-`) is given twice: as the incident and as evidence', 'give `-` once');
  if (file === undefined && error === undefined && eventId === undefined) {
    if (demo !== undefined) return { record: demoIncident };
    throw new Failure(
      'input',
      'no error given',
      'pass a file (- is standard input), --error TEXT or --event-id ID; --demo shows an example',
    );
  }
  const { readIncident } = await import('../../diagnose/incident-record.ts');
  if (error !== undefined) return { record: readIncident('--error', error, eventId) };
  if (file !== undefined) {
    const { isThere, readText } = await import('../../evidence/readers/files.ts');
    if (isErrorText(file) && !isThere(file)) return { record: readIncident('the argument', file, eventId) };
    const from = file === '-' ? 'standard input' : file;
    return { record: readIncident(from, readText(file), eventId), from };
  }
  return { record: readIncident('CloudTrail', await lookedUp(eventId ?? '', options, io)) };
}

/** Whether an argument looks like output of AWS rather than a path. */
function isErrorText(argument: string): boolean {
  if (/^\s*[{[]/.test(argument)) return true;
  const isPath = /^(?:~|\.{0,2})\/[^:]*$|^[^:]*\.(?:json|jsonl|ndjson|txt|log|out|xml|ya?ml|gz)$/i.test(argument);
  return !isPath && (/\s/.test(argument) || readError(argument) !== undefined);
}

async function lookedUp(eventId: string, options: DiagnoseOptions, io: Io): Promise<string> {
  if (options.evidence !== undefined || options.demo !== undefined)
    throw new Failure(
      'input',
      '--event-id needs AWS, but --evidence and --demo work without AWS',
      `pass the event as a file. This command prints it: \`aws cloudtrail lookup-events --lookup-attributes ${shellQuoted(`AttributeKey=EventId,AttributeValue=${eventId}`)}\``,
    );
  const { lookUpEvent } = await import('../../collect/cloudtrail.ts');
  return lookUpEvent(eventId, liveOptions(options, io));
}

/** The facts that the options add to the incident. */
function addedBy(options: DiagnoseOptions): Added {
  const { operation, principal } = options;
  return {
    ...(operation === undefined ? {} : { operation }),
    ...(principal === undefined ? {} : { principal }),
    context: sessionContext(options),
    asked: (operations) => {
      const asked = askedBy(operations, options);
      refuseOtherSources(asked.operation, options);
      return asked;
    },
  };
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
