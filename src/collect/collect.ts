import { placeOf } from '../evidence/lookup.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Account, ClusterSnapshot, Evidence, Key, Region } from '../evidence/schema.ts';
import { Failure } from '../failure.ts';
import { readPrincipal } from './iam.ts';
import { kmsReads } from './kms.ts';
import { rdsReads } from './rds.ts';
import { makeReader, type Reader } from './reader.ts';
import { type ClientSettings, type LiveOptions, settingsFrom } from './settings.ts';
import { callerIdentity } from './sts.ts';

/** What a check is going to ask, so that only this is read. */
export interface ToRead {
  readonly target: 'snapshots' | 'clusters';
  /** ARN; absent: the caller of the credentials. */
  readonly principal?: string;
  /** Identifier or ARN; absent: all in the Region. */
  readonly snapshot?: string;
  readonly cluster?: string;
  /** Key id, key ARN, alias name or alias ARN. */
  readonly kmsKeyId?: string;
}

export interface Collected {
  readonly evidence: Evidence;
  /** The principal that is asked about. */
  readonly principal: string;
  readonly region: string;
}

/**
 * Reads from AWS what one check needs. A read that is refused becomes a gap.
 * @throws Failure for whatever else goes wrong, and where there is no verdict without the read
 */
export async function collect(question: ToRead, options: LiveOptions): Promise<Collected> {
  // The SDK would tell the user of our tool what version of Node to use.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const settings = await settingsFrom({ ...options, ...regionOf(question, options) });
  const { region } = settings;
  const reader = makeReader(options.endpointUrl, options.debug);
  options.progress?.('reading who asks ...');
  const { principal, caller, account: own } = await callerIdentity(settings, reader, question.principal);
  const { account } = readPrincipalArn(principal);
  options.progress?.(`reading ${principal} and the ${question.target} in ${region} ...`);
  const [iam, rds] = await Promise.all([
    readIam({ arn: principal, account }, own, settings, reader),
    readRds(question, account, { settings, account: own, reader }),
  ]);
  const used = [...(rds.DBClusters ?? []), ...(rds.DBClusterSnapshots ?? [])].flatMap(
    (source) => source.KmsKeyId ?? [],
  );
  const wanted = [...new Set([...used, ...(question.kmsKeyId === undefined ? [] : [question.kmsKeyId])])];
  options.progress?.(`reading ${wanted.length} KMS keys ...`);
  const kms = kmsReads(settings, reader);
  const keys = (await Promise.all(wanted.map((keyId) => kms.key(keyId, own)))).flatMap((key) => key ?? []);
  const accounts: Record<string, Account> = { [own]: { regions: { [region]: { rds, kms: { keys: [] } } } } };
  accounts[account] = { ...accounts[account], ...(iam === undefined ? {} : { iam }) };
  for (const key of keys) addKey(accounts, key);
  const evidence: Evidence = {
    evidenceVersion: 1,
    collectedAt: new Date().toISOString(),
    ...(caller === undefined ? {} : { caller }),
    accounts,
    gaps: reader.gaps(),
  };
  return { evidence, principal, region };
}

/** The Region of what is named by ARN, unless a flag says otherwise. */
function regionOf({ snapshot, cluster }: ToRead, { region }: LiveOptions): { readonly region?: string } {
  const named = placeOf(snapshot ?? cluster ?? '')?.region;
  if (region !== undefined && named !== undefined && region !== named) {
    throw new Failure(
      'input',
      `\`${snapshot ?? cluster ?? ''}\` lies in ${named}, not in ${region}`,
      'leave out --region, or name something in that Region',
    );
  }
  const found = region ?? named;
  return found === undefined ? {} : { region: found };
}

async function readIam(
  principal: { readonly arn: string; readonly account: string },
  own: string,
  settings: ClientSettings,
  reader: Reader,
): Promise<Account['iam']> {
  const { type } = readPrincipalArn(principal.arn);
  if (type === 'root' || type === 'federated user') return undefined;
  if (principal.account !== own) {
    const what = type === 'user' ? 'iam:GetUser' : 'iam:GetRole';
    reader.gap(
      { what, account: principal.account, resource: principal.arn },
      `the credentials belong to account ${own}`,
    );
    return undefined;
  }
  return readPrincipal(principal, settings, reader);
}

interface Reading {
  readonly settings: ClientSettings;
  /** Of the credentials. */
  readonly account: string;
  readonly reader: Reader;
}

async function readRds(
  question: ToRead,
  principalAccount: string,
  { settings, account, reader }: Reading,
): Promise<NonNullable<Region['rds']>> {
  const rds = rdsReads(settings, { account, region: settings.region }, reader);
  if (question.target === 'clusters') return { DBClusters: await rds.clusters(question.cluster) };
  const snapshots = await rds.snapshots(question.snapshot);
  // With whom a snapshot is shared matters to other accounts only, and only its owner may ask.
  const mayBeShared = (one: ClusterSnapshot): boolean =>
    one.SnapshotType === 'manual' && placeOf(one.DBClusterSnapshotArn)?.account === account;
  const shareable = principalAccount === account ? [] : snapshots.filter(mayBeShared);
  const attributes = await Promise.all(shareable.map((one) => rds.attributes(one.DBClusterSnapshotIdentifier)));
  return {
    DBClusterSnapshots: snapshots,
    ...(shareable.length === 0 ? {} : { DBClusterSnapshotAttributes: attributes.flat() }),
  };
}

function addKey(accounts: Record<string, Account>, key: Key): void {
  const place = placeOf(key.KeyMetadata.Arn);
  if (place === undefined) return;
  const account = accounts[place.account] ?? {};
  const region = account.regions?.[place.region] ?? {};
  const keys = [...(region.kms?.keys ?? []).filter((one) => one.KeyMetadata.Arn !== key.KeyMetadata.Arn), key];
  accounts[place.account] = {
    ...account,
    regions: { ...account.regions, [place.region]: { ...region, kms: { keys } } },
  };
}
