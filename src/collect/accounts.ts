import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { Failure } from '../base/failure.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { readAccount } from './account.ts';
import { type EnabledRegion, enabledRegions } from './ec2.ts';
import { makeReader, type Reader } from './reader.ts';
import { AssumeRoleCommand, STSClient } from './sdk.ts';
import { type ClientSettings, type LiveOptions, type SessionCredentials, settingsFrom } from './settings.ts';
import { callerIdentity, type Identity } from './sts.ts';

/** What to collect. */
export interface Collection {
  /** Empty: the Region of the settings. */
  readonly regions: readonly string[];
  readonly allRegions: boolean;
  /** Whether to read all customer managed keys, not only those that RDS uses. */
  readonly allKeys: boolean;
  /** Further keys to read in each Region, by ID, ARN or alias. Absent: none. */
  readonly keyNames?: readonly string[];
  /** Roles of other accounts. The program assumes each role to read its account. */
  readonly roleArns: readonly string[];
}

/** The evidence of one account. */
export interface CollectedAccount {
  readonly account: string;
  readonly evidence: Evidence;
}

/**
 * Reads the account of the credentials, then the account of each role. The accounts are read one
 * after the other, so the limit of concurrent calls holds for each account. A role that cannot be
 * assumed leaves a gap.
 * @throws Failure if the credentials fail or AWS cannot be reached
 */
export async function collectAccounts(wanted: Collection, options: LiveOptions): Promise<readonly CollectedAccount[]> {
  // Otherwise the SDK would tell the users of this program which version of Node to use.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const [first] = wanted.regions;
  const base = await settingsFrom({ ...options, ...(first === undefined ? {} : { region: first }) });
  const { endpointUrl: endpoint, progress = () => undefined } = options;
  const run: Run = { ...wanted, base, endpoint, progress };
  try {
    progress('reading the caller ...');
    const reader = makeReader({ endpoint, tolerant: false });
    const own = await callerIdentity(base, reader, undefined);
    refuseTwice([own.account, ...wanted.roleArns.map(accountOf)]);
    const enabled = wanted.allRegions ? await reader.need(regionsOf(own), () => enabledRegions(base)) : undefined;
    const collected: CollectedAccount[] = [await readOne(run, base, own, namesOf(enabled))];
    for (const roleArn of wanted.roleArns) collected.push(await readByRole(run, roleArn, enabled));
    return collected;
  } finally {
    base.requestHandler.destroy();
  }
}

function regionsOf({ account }: Who) {
  return { what: 'ec2:DescribeRegions', account } as const;
}

function namesOf(enabled: readonly EnabledRegion[] | undefined): readonly string[] | undefined {
  return enabled?.map(({ name }) => name);
}

/**
 * The Regions to read of another account. If they cannot be listed, these are the Regions that
 * every account has: in another Region, AWS may refuse the credentials, which would end the run.
 * `known`: the Regions of the first account. Undefined: not all Regions are wanted.
 */
async function regionsToRead(
  who: Who,
  settings: ClientSettings,
  known: readonly EnabledRegion[] | undefined,
  reader: Reader,
): Promise<readonly string[] | undefined> {
  if (known === undefined) return undefined;
  const enabled = await reader.read(regionsOf(who), () => enabledRegions(settings));
  return namesOf(enabled ?? known.filter(({ byDefault }) => byDefault));
}

function accountOf(roleArn: string): string {
  return readPrincipalArn(roleArn).account;
}

function refuseTwice(accounts: readonly string[]): void {
  const twice = accounts.find((account, index) => accounts.indexOf(account) !== index);
  if (twice === undefined) return;
  throw new Failure('input', `account ${twice} is given twice`, 'give --role-arn once per account');
}

interface Run extends Collection {
  readonly base: ClientSettings;
  readonly endpoint: string | undefined;
  readonly progress: (line: string) => void;
}

/** `enabled`: the Regions to read. Undefined: those that were named. */
async function readOne(
  run: Run,
  settings: ClientSettings,
  { account, caller }: Who,
  enabled: readonly string[] | undefined,
): Promise<CollectedAccount> {
  const { regions, allKeys, keyNames = [], base, endpoint, progress } = run;
  const named = regions.length === 0 ? [settings.region] : [...new Set(regions)];
  const evidence = await readAccount({
    account,
    ...(caller === undefined ? {} : { caller }),
    settings,
    regions: enabled ?? named,
    allKeys,
    keyNames,
    organizationSettings: settings === base ? [] : [base],
    endpoint,
    progress,
  });
  return { account, evidence };
}

type Who = Pick<Identity, 'account' | 'caller'>;

async function readByRole(
  run: Run,
  roleArn: string,
  known: readonly EnabledRegion[] | undefined,
): Promise<CollectedAccount> {
  const { base, endpoint, progress } = run;
  progress(`assuming ${roleArn} ...`);
  const account = accountOf(roleArn);
  const reader = makeReader({ endpoint, tolerant: true });
  const subject = { what: 'sts:AssumeRole', account, resource: roleArn } as const;
  const client = new STSClient(base);
  const assume = () => client.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'aurora-kms-check' }));
  const answer = await reader.read(subject, assume);
  if (answer === undefined) {
    const evidence: Evidence = {
      evidenceVersion: 1,
      collectedAt: new Date().toISOString(),
      accounts: { [account]: {} },
    };
    return { account, evidence: { ...evidence, gaps: reader.gaps() } };
  }
  let given: AssumeRoleCommandOutput | undefined = answer;
  // The SDK calls this again when the credentials are about to expire.
  const credentials = async (): Promise<SessionCredentials> => {
    const { Credentials: session } = given ?? (await assume());
    given = undefined;
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new Failure('aws', `sts:AssumeRole: AWS gives no credentials for ${roleArn}`);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  };
  const caller = answer.AssumedRoleUser?.Arn;
  const who = { account, caller: caller === undefined ? undefined : { Arn: caller, Account: account } };
  const settings = { ...base, credentials };
  const enabled = await regionsToRead(who, settings, known, reader);
  const { evidence } = await readOne(run, settings, who, enabled);
  return { account, evidence: { ...evidence, gaps: [...reader.gaps(), ...(evidence.gaps ?? [])] } };
}
