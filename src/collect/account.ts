import { numberText } from '../base/wording.ts';
import type { Account, Evidence } from '../evidence/schema.ts';
import type { SourceType } from '../evidence/sources.ts';
import { readAuthorization } from './authorization.ts';
import { keysOfBackup, readBackup } from './backup.ts';
import { endpointPolicies } from './ec2.ts';
import { type Gathered, gather } from './gathered.ts';
import { type KmsReads, kmsReads } from './kms.ts';
import { readOrganization } from './organization.ts';
import { type RdsReads, rdsReads, type Where } from './rds.ts';
import { otherNames, type Rds, sourceLists, sourceTypes, together } from './rds-lists.ts';
import { makeReader, type Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';
import { attributesOf, keysOf, otherKeysOf } from './sources.ts';

/** An account to read. */
export interface AccountToRead {
  readonly account: string;
  readonly caller?: NonNullable<Evidence['caller']>;
  /** Settings with the credentials that read the account. */
  readonly settings: ClientSettings;
  readonly regions: readonly string[];
  /** Whether to read customer managed keys that nothing of RDS uses as well. */
  readonly allKeys: boolean;
  /** Further keys to read in each Region, by ID, ARN or alias. */
  readonly keyNames: readonly string[];
  /** Settings with other credentials that may read more of the organization. */
  readonly organizationSettings: readonly ClientSettings[];
  readonly endpoint: string | undefined;
  readonly progress: (line: string) => void;
}

/**
 * Reads everything about an account that checks need, in the given Regions. Each failed read is a
 * gap, so a missing permission costs only the reads that need it.
 * @throws Failure if the credentials fail or AWS cannot be reached, because then every read would
 * fail
 */
export async function readAccount(wanted: AccountToRead): Promise<Evidence> {
  const { account, settings, regions, endpoint, caller } = wanted;
  const reader = makeReader({ endpoint, tolerant: true });
  const gathered = gather();
  const progress = progressOf(wanted);
  const kms = kmsReads(settings, reader, { aliasesAtOnce: true });
  const [iam, organization] = await Promise.all([
    readAuthorization(account, settings, reader, (count) => progress.say('of IAM', count)),
    organizationBy(wanted, reader),
    ...regions.map((region) => readRegion({ ...wanted, region }, { reader, gathered, kms, progress })),
  ]);
  if (iam !== undefined) gathered.iam(account, iam);
  gathered.account(account, organization === undefined ? {} : { organization });
  return {
    evidenceVersion: 1,
    collectedAt: new Date().toISOString(),
    ...(caller === undefined ? {} : { caller }),
    accounts: gathered.accounts(),
    gaps: reader.gaps(),
  };
}

interface Progress {
  /** How many items have been read. */
  readonly say: (what: string, count: number) => void;
  readonly more: (what: string, count: number) => void;
}

function progressOf({ account, progress }: AccountToRead): Progress {
  const counts = new Map<string, number>();
  const say = (what: string, count: number): void => {
    counts.set(what, count);
    progress(
      `account ${account}: ${[...counts].map(([name, number]) => `${numberText(number)} ${name}`).join(', ')} ...`,
    );
  };
  return { say, more: (what, count) => say(what, (counts.get(what) ?? 0) + count) };
}

/**
 * Reads the organization with the account's own credentials, unless other credentials can read the
 * path of the account.
 */
async function organizationBy(
  { account, settings, organizationSettings, endpoint }: AccountToRead,
  reader: Reader,
): Promise<Account['organization']> {
  for (const other of organizationSettings) {
    const trial = makeReader({ endpoint, tolerant: true });
    const found = await readOrganization(account, other, trial);
    if (found?.path === undefined) continue;
    reader.adopt(trial.gaps());
    return found;
  }
  return readOrganization(account, settings, reader);
}

interface InRegion {
  readonly reader: Reader;
  readonly gathered: Gathered;
  readonly kms: KmsReads;
  readonly progress: Progress;
}

async function readRegion(
  { account, settings, region, allKeys, keyNames }: AccountToRead & { readonly region: string },
  { reader, gathered, kms, progress }: InRegion,
): Promise<void> {
  const where: Where = { account, region };
  const reads = rdsReads(settings, where, reader);
  const [rds, customerKeys, endpoints, backup, ...others] = await Promise.all([
    readSourcesOf(reads, account, progress),
    allKeys ? kms.customerKeys(where) : undefined,
    endpointPolicies(settings, where, reader),
    readBackup(settings, where, reader),
    ...otherNames.map((name) => reads.other(name)),
  ]);
  const all = together([rds, ...others]);
  gathered.rds(where, all);
  if (Object.keys(backup).length > 0) gathered.backup(where, backup);
  if (endpoints !== undefined) gathered.endpoints(where, endpoints);
  const keyIds = [
    ...new Set([...keysOf(rds), ...otherKeysOf(all), ...keysOfBackup(backup), ...(customerKeys ?? []), ...keyNames]),
  ];
  const keys = await Promise.all(
    keyIds.map(async (keyId) => {
      const key = await kms.key(keyId, account);
      progress.more('keys', 1);
      return key;
    }),
  );
  // Keys are found through the resources that use them. If no list of RDS could be read, the
  // absence of keys means nothing.
  if (keyIds.length > 0 || sourceTypes.some((type) => rds[sourceLists[type].name] !== undefined))
    gathered.keys(where, customerKeys === undefined ? 'used' : 'all');
  for (const key of keys) if (typeof key === 'object') gathered.key(key);
  const named = keys.filter((key, at) => typeof key === 'object' && keyNames.includes(keyIds[at] ?? ''));
  await Promise.all(
    named.map(async (key) => {
      if (typeof key !== 'object') return;
      const usage = await kms.lastUsage(key.KeyMetadata.Arn, account);
      if (usage !== undefined) gathered.key({ ...key, LastUsage: usage });
    }),
  );
}

/**
 * The databases, snapshots and backups of a Region, and the accounts that the account's own
 * snapshots are shared with.
 */
async function readSourcesOf(reads: RdsReads, account: string, progress: Progress): Promise<Rds> {
  const counted = async (type: SourceType): Promise<Rds> => {
    const found = (await reads.all(type)) ?? {};
    progress.more('of RDS', Object.values(found).flat().length);
    return found;
  };
  const rds = together(await Promise.all(sourceTypes.map(counted)));
  return { ...rds, ...(await attributesOf(reads, rds, account)) };
}
