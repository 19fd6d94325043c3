import { type Command, Option } from 'commander';
import { oneLine } from '../../base/escape.ts';
import type { CollectedAccount } from '../../collect/accounts.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { commandOf } from '../command.ts';
import { clearLine, type Io } from '../io.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { liveOptions } from '../options/live-options.ts';
import { more, regionName, roleArnValue } from '../options/values.ts';

/** The options of `collect`, as typed values. */
interface CollectOptions {
  readonly output: string;
  readonly region?: readonly string[];
  readonly allRegions?: boolean;
  readonly allKeys?: boolean;
  readonly roleArn?: readonly string[];
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly debug?: boolean;
  readonly anonymize?: boolean;
}

const examples = `Examples:
  $ aurora-kms-check collect --output evidence.json
  $ aurora-kms-check collect --region us-east-1 --region eu-west-1 --output evidence.json.gz
  $ aurora-kms-check collect --all-regions --role-arn arn:aws:iam::444455556666:role/reader --output evidence/

The rights that it needs: aurora-kms-check permissions --mode collect`;

/** `collect`: reads whole accounts into evidence files. `done` receives the exit code. */
export function collectCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('collect', io).description(
    'Reads what checks can ask of an account into an evidence file, for --evidence.',
  );
  command.optionsGroup('What is read:');
  command.addOption(
    new RepeatableOption('--region <name>', 'Region').argParser((text: string, before?: readonly string[]) =>
      more(regionName(text), before),
    ),
  );
  command.addOption(new Option('--all-regions', 'every Region that the account has enabled').conflicts('region'));
  command.addOption(new Option('--all-keys', 'every customer key, not only those that something of RDS uses'));
  command.addOption(
    new RepeatableOption('--role-arn <arn>', 'a role to assume to read its account as well').argParser(roleArnValue),
  );
  command.optionsGroup('How AWS is reached:');
  command.addOption(new Option('--profile <name>', 'profile of the AWS configuration'));
  command.addOption(new Option('--endpoint-url <url>', 'send the calls to this endpoint instead of AWS'));
  command.addOption(new Option('--debug', 'show each call, its latency and its retries, and stack traces'));
  command.optionsGroup('Where it goes:');
  command.addOption(
    new Option(
      '-o, --output <path>',
      'a file (compressed if it ends in .gz), a folder for a file an account, or - for standard output',
    ).makeOptionMandatory(),
  );
  command.addOption(
    new Option('--anonymize', 'replace account ids, names, ids and tags by others that give the same verdicts'),
  );
  command.addHelpText('after', `\n${examples}`);
  return command.action(async (options: CollectOptions) => {
    await collectInto(options, io);
    done(0);
  });
}

async function collectInto(options: CollectOptions, io: Io): Promise<void> {
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const { evidenceText, fileOf, isFolder, saveEvidence, prepare } = await import('../../evidence/save.ts');
  // Before anything is read: to learn it only afterwards would cost many minutes.
  prepare(options.output);
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
  const collected = options.anonymize === true ? await anonymous(found) : found;
  if (options.output === '-') io.stdout.write(evidenceText(await together(collected)));
  else if (isFolder(options.output))
    for (const { account, evidence } of collected) saveEvidence(fileOf(options.output, account), evidence);
  else saveEvidence(options.output, await together(collected));
  const summary = options.output === '-' ? io.stderr : io.stdout;
  for (const line of collected.flatMap(told)) summary.write(`${oneLine(line)}\n`);
  if (collected.some(({ evidence }) => (evidence.gaps ?? []).length > 0))
    summary.write('what reading needs is told by `aurora-kms-check permissions --mode organization`\n');
}

/** All accounts at once: what one of them says of another must still mean it. */
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

/** What was read of an account, and what could not be. */
function told({ account, evidence }: CollectedAccount): readonly string[] {
  const known = evidence.accounts[account];
  const regions = Object.entries(known?.regions ?? {});
  const { UserDetailList: users, RoleDetailList: roles } = known?.iam ?? {};
  const gaps = evidence.gaps ?? [];
  return [
    `account ${account}: ${[...(users ?? []), ...(roles ?? [])].length} users and roles`,
    ...regions.map(([name, { rds, kms }]) => {
      const databases = [...(rds?.DBClusters ?? []), ...(rds?.DBInstances ?? [])].length;
      const snapshots = [...(rds?.DBClusterSnapshots ?? []), ...(rds?.DBSnapshots ?? [])].length;
      return `  ${name}: ${databases} clusters and instances, ${snapshots} snapshots, ${kms?.keys?.length ?? 0} keys`;
    }),
    ...gaps.map(
      ({ what, region, resource, reason }) =>
        `  not read: ${[what, resource, region === undefined ? undefined : `in ${region}`].filter((part) => part !== undefined).join(' ')}: ${reason}`,
    ),
  ];
}
