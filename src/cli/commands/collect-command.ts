import { Argument, type Command, Option } from 'commander';
import { oneLine } from '../../base/escape.ts';
import { Failure } from '../../base/failure.ts';
import { shellQuoted } from '../../base/shell.ts';
import { counted, list, numberText } from '../../base/wording.ts';
import type { CollectedAccount } from '../../collect/accounts.ts';
import { isAboutGoneKey } from '../../evidence/lookup.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { formatNames } from '../../report/format-rows.ts';
import { commandOf } from '../command.ts';
import { collectExitCodesHelp, exitCodeOfFailure } from '../exit-code.ts';
import { clearLine, type Io } from '../io.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { liveOptions } from '../options/live-options.ts';
import { regionHelp } from '../options/options.ts';
import { regionNamed, roleArnValue } from '../options/values.ts';

/** The options of `collect`, as typed values. */
interface CollectOptions {
  readonly region?: readonly string[];
  readonly allRegions?: boolean;
  readonly allKeys?: boolean;
  readonly roleArn?: readonly string[];
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly debug?: boolean;
  readonly anonymize?: boolean;
  readonly failOnGaps?: boolean;
  readonly quiet?: boolean;
}

const examples = `Examples:
  $ aurora-kms-check collect evidence.json
  $ aurora-kms-check collect evidence.json.gz --region us-east-1 --region eu-west-1
  $ aurora-kms-check collect evidence/ --all-regions --role-arn arn:aws:iam::444455556666:role/reader

For the permissions needed, run: aurora-kms-check permissions --mode collect`;

/** `collect`: reads accounts into evidence files. `done` receives the exit code. */
export function collectCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('collect', io)
    .description('Reads an account into an evidence file. Checks with --evidence then need no access to AWS.')
    .configureHelp({ commandUsage: () => 'aurora-kms-check collect <file> [options]' })
    .addArgument(
      new Argument(
        '[file]',
        'a file (compressed if the name ends in .gz), a folder (one file per account), or - for standard output',
      ),
    );
  command.optionsGroup('Request:');
  command.addOption(new RepeatableOption('--region <name>', regionHelp).argParser(regionNamed));
  command.addOption(new Option('--all-regions', 'all Regions that are enabled in the account').conflicts('region'));
  command.addOption(new Option('--all-keys', 'all customer managed keys, not only keys that RDS resources use'));
  command.addOption(
    new RepeatableOption('--role-arn <arn>', 'also read the account of this role: assume the role').argParser(
      roleArnValue,
    ),
  );
  command.optionsGroup('Data source:');
  command.addOption(new Option('--profile <name>', 'profile of the AWS configuration'));
  command.addOption(new Option('--endpoint-url <url>', 'send API calls to this endpoint instead of AWS'));
  command.addOption(new Option('--debug', 'show each API call with latency and retries, and stack traces'));
  command.optionsGroup('Output:');
  command.addOption(
    new Option('-o, --output <format>', 'json, the only format of evidence').default('json').argParser(evidenceFormat),
  );
  command.addOption(new Option('--anonymize', 'replace account IDs, names, IDs and tags; the verdicts stay the same'));
  command.addOption(new Option('-q, --quiet', 'do not print a summary'));
  command.addOption(
    new Option(
      '--fail-on-gaps',
      'exit with 254 if a read failed; the file is still written and lists the failed reads',
    ),
  );
  command.addHelpText('after', `\n${examples}\n\n${collectExitCodesHelp}`);
  return command.action(async (file: string | undefined, options: CollectOptions) => {
    if (file === undefined)
      throw new Failure('input', 'no file given', 'name the file: `aurora-kms-check collect evidence.json`');
    const failed = await collectInto(file, options, io);
    done(options.failOnGaps === true && failed > 0 ? exitCodeOfFailure('aws') : 0);
  });
}

/** `--output` names a format in every command, never a path. @throws Failure */
function evidenceFormat(text: string): string {
  if (text === 'json') return text;
  throw new Failure(
    'input',
    `--output names a format, and evidence is always json: \`${text}\``,
    `name a file without a flag: \`aurora-kms-check collect ${shellQuoted(formatNames('check').includes(text) ? 'evidence.json' : text)}\``,
  );
}

/** How many reads were refused or failed. @throws Failure if all did: then nothing is written */
async function collectInto(file: string, options: CollectOptions, io: Io): Promise<number> {
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const { evidenceText, fileOf, isFolder, refuseUnwritable, saveEvidence } = await import('../../evidence/save.ts');
  // This check comes before the reads, which can take many minutes.
  refuseUnwritable(file);
  const found = await collectAccounts(
    {
      regions: options.region ?? [],
      allRegions: options.allRegions === true,
      allKeys: options.allKeys === true,
      roleArns: options.roleArn ?? [],
    },
    liveOptions({ ...options, region: undefined }, io),
  );
  clearLine(io.stderr);
  refuseNothing(found);
  const collected = options.anonymize === true ? await anonymous(found) : found;
  if (file === '-') io.stdout.write(evidenceText(await together(collected)));
  else if (isFolder(file)) for (const { account, evidence } of collected) saveEvidence(fileOf(file, account), evidence);
  else saveEvidence(file, await together(collected));
  // If KMS answers that it has no such key, the read did not fail.
  const failed = collected.flatMap(({ evidence }) => evidence.gaps ?? []).filter((gap) => !isAboutGoneKey(gap));
  if (options.quiet === true) return failed.length;
  const summary = file === '-' ? io.stderr : io.stdout;
  const but = failed.length === 0 ? '' : `, but ${counted(failed.length, 'read')} failed`;
  summary.write(`${oneLine(`wrote ${file === '-' ? 'the evidence' : file}${but}`)}\n`);
  for (const line of collected.flatMap(summaryOf)) summary.write(`${oneLine(line)}\n`);
  if (options.anonymize === true) {
    const { staysAsItIs } = await import('../../anonymize/anonymize.ts');
    summary.write(`names are replaced, except: ${list(staysAsItIs)}\n`);
  }
  const { helpFor } = await import('../../collect/faults.ts');
  const refused = found.flatMap(({ evidence }) => evidence.gaps ?? []).filter((gap) => !isAboutGoneKey(gap));
  const help = new Set(refused.map(({ reason }) => helpFor(reason)));
  if (help.has('permission'))
    summary.write('for the permissions that collect needs, run `aurora-kms-check permissions --mode organization`\n');
  if (help.has('another try')) summary.write('some of the reads may succeed later: run collect again\n');
  return failed.length;
}

/** An empty file would look like that of an empty account. @throws Failure */
function refuseNothing(collected: readonly CollectedAccount[]): void {
  const gaps = collected.flatMap(({ evidence }) => evidence.gaps ?? []);
  const [first] = gaps;
  if (first === undefined || !collected.every(isUnread)) return;
  throw new Failure(
    'aws',
    `could not read anything in account ${collected.map(({ account }) => account).join(', ')}: ${gaps.length} reads failed, the first was ${first.what} (${first.reason})`,
    'no file was written. Check --region, --endpoint-url and the permissions (`aurora-kms-check permissions --mode collect`)',
  );
}

function isUnread({ account, evidence }: CollectedAccount): boolean {
  const { iam, organization, regions = {} } = evidence.accounts[account] ?? {};
  const parts = Object.values(regions).flatMap(({ rds = {}, kms, vpcEndpointPolicies: endpoints }) => [
    ...Object.values(rds),
    ...(kms?.keys === undefined || kms.keys.length === 0 ? [] : [kms.keys]),
    endpoints,
  ]);
  return [iam, organization, ...parts].every((part) => part === undefined);
}

/** Anonymizes all accounts together, so that references between them still match. */
async function anonymous(collected: readonly CollectedAccount[]): Promise<readonly CollectedAccount[]> {
  const { anonymize } = await import('../../anonymize/anonymize.ts');
  return anonymize(collected.map(({ evidence }) => evidence)).map((evidence) => ({
    account: evidence.caller?.Account ?? Object.keys(evidence.accounts)[0] ?? '',
    evidence,
  }));
}

async function together(collected: readonly CollectedAccount[]): Promise<Evidence> {
  const { merge } = await import('../../evidence/merge.ts');
  return merge(collected.map(({ account, evidence }) => ({ from: `account ${account}`, evidence })));
}

/** What was read from an account, and what could not be read. */
function summaryOf({ account, evidence }: CollectedAccount): readonly string[] {
  const known = evidence.accounts[account];
  const regions = Object.entries(known?.regions ?? {});
  const { UserDetailList: users, RoleDetailList: roles } = known?.iam ?? {};
  const gaps = evidence.gaps ?? [];
  return [
    `account ${account}: ${countedLists('user or role', 'users and roles', users, roles)}`,
    ...regions.map(([name, { rds, kms }]) => {
      const databases = countedLists(
        'cluster or instance',
        'clusters and instances',
        rds?.DBClusters,
        rds?.DBInstances,
      );
      const snapshots = countedLists('snapshot', 'snapshots', rds?.DBClusterSnapshots, rds?.DBSnapshots);
      return `  ${name}: ${databases}, ${snapshots}, ${countedLists('key', 'keys', kms?.keys)}`;
    }),
    ...gaps.filter(isAboutGoneKey).map(({ resource = '' }) => `  KMS has no key ${resource}`),
    ...gaps
      .filter((gap) => !isAboutGoneKey(gap))
      .map(
        ({ what, region, resource, reason }) =>
          `  not read: ${[what, resource, region === undefined ? undefined : `in ${region}`].filter((part) => part !== undefined).join(' ')}: ${reason}`,
      ),
  ];
}

/** Counts the items of lists. A list that could not be read is not an empty list. */
function countedLists(one: string, several: string, ...lists: readonly (readonly unknown[] | undefined)[]): string {
  const known = lists.filter((items) => items !== undefined);
  if (known.length === 0) return `${several} not read`;
  const some = known.length < lists.length ? ' (some not read)' : '';
  const count = known.flat().length;
  return `${numberText(count)} ${count === 1 ? one : several}${some}`;
}
