/*
 * src/collect/ the only code that calls AWS: live reads, the permissions that they need, IAM's
 * policy simulator, and the recipe for the AWS CLI. It is loaded with import() when a live read is
 * needed.
 */

import { placeOf, shortName } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { roleArnIn } from '../base/principal-arn.ts';
import { replicaIn } from '../evidence/lookup.ts';
import { isPrincipalName, resolvePrincipal } from '../evidence/principal-name.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Evidence, Key } from '../evidence/schema.ts';
import { bothAccounts, ofAnotherAccount } from './faults.ts';
import { type Gathered, gather } from './gathered.ts';
import { readManagedPolicies, readPrincipal } from './iam.ts';
import { kmsReads } from './kms.ts';
import { NoPrincipal, withNearPrincipal, withPrincipalMeant } from './principal-names.ts';
import { rdsReads } from './rds.ts';
import { makeReader, type Reader } from './reader.ts';
import type { LiveReading, ToRead } from './reading.ts';
import { type ClientSettings, type LiveOptions, noRegion, settingsFrom } from './settings.ts';
import { readSources } from './sources.ts';
import { callerIdentity } from './sts.ts';

export interface Collected {
  readonly evidence: Evidence;
  /** The principal in the question. */
  readonly principal: string;
  /** The Region of the operation. */
  readonly region: string;
}

/**
 * Reads from AWS what one check needs, in as few rounds as the dependencies between the reads
 * allow. A refused read becomes a gap.
 * @throws Failure if anything else goes wrong, or if no verdict is possible without the read
 */
export async function collect(question: ToRead, options: LiveOptions): Promise<Collected> {
  // Otherwise the SDK would tell the users of this program which version of Node to use.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const settings = await settingsFor(question, options);
  const { endpointUrl } = options;
  try {
    const meant = await withPrincipalMeant(withSourceRegion(question), settings, endpointUrl);
    try {
      return await readAll(meant, settings, options);
    } catch (error) {
      if (!(error instanceof NoPrincipal)) throw error;
      return await readAll(await withNearPrincipal(meant, error, settings, endpointUrl), settings, options);
    }
  } finally {
    settings.requestHandler.destroy();
  }
}

async function readAll(question: ToRead, settings: ClientSettings, options: LiveOptions): Promise<Collected> {
  const reader = makeReader({ endpoint: options.endpointUrl, tolerant: false });
  const asking = question.principal ?? 'who asks';
  options.progress?.(`reading ${asking} and data in ${question.sourceRegion ?? settings.region} ...`);
  const early = beginEarly(question, settings, reader);
  const { principal, caller, account } = await callerIdentity(settings, reader, question.principal);
  refuseSourceElsewhere(question, principal, account, settings.region);
  const gathered =
    early?.account === account
      ? await early.read()
      : await readFacts(question, principal, { settings, account, reader, gathered: gather() });
  early?.giveUp();
  const evidence: Evidence = {
    evidenceVersion: 1,
    collectedAt: new Date().toISOString(),
    ...(caller === undefined ? {} : { caller }),
    accounts: gathered.accounts(),
    gaps: reader.gaps(),
  };
  // Only a read shows the path of a role that the user named.
  return {
    evidence,
    principal: resolvePrincipal(evidence, question.principal ?? principal),
    region: settings.region,
  };
}

interface EarlyReading {
  /** The account that the credentials are assumed to belong to. */
  readonly account: string;
  /** Returns what was read, once it is clear that the credentials belong to the account. */
  readonly read: () => Promise<Gathered>;
  readonly giveUp: () => void;
}

/**
 * Starts reading before AWS has shown the account of the credentials. Mostly, it is the account of
 * the principal, if the principal is given by ARN. If it is another account, the data is dropped.
 */
function beginEarly(question: ToRead, settings: ClientSettings, reader: Reader): EarlyReading | undefined {
  const { principal } = question;
  if (principal === undefined || isPrincipalName(principal)) return undefined;
  const { account } = readPrincipalArn(principal);
  const trial = reader.apart();
  const reading = readFacts(question, principal, { settings, account, reader: trial, gathered: gather() });
  // read() reports each failure, unless the data is dropped.
  reading.catch(() => undefined);
  return {
    account,
    read: async () => {
      const gathered = await reading;
      reader.adopt(trial.gaps());
      return gathered;
    },
    giveUp: trial.stop,
  };
}

/** Reads everything that the check needs, with the credentials of the account. */
async function readFacts(question: ToRead, principal: string, reading: LiveReading): Promise<Gathered> {
  const { settings, account: own, reader, gathered } = reading;
  const { region } = settings;
  const { account } = readPrincipalArn(principal);
  const where = { account: own, region: question.sourceRegion ?? region };
  gathered.account(account, {});
  const wanted = { ...question, sharing: question.sharing || account !== own };
  const kms = kmsReads(settings, reader);
  const readKeys = (keyIds: readonly string[]) => Promise.all(keyIds.map((keyId) => kms.key(keyId, own)));
  const kmsKeyIds = [...new Set(question.kmsKeyIds.map((keyId) => replicaIn(keyId, region)))];
  const mentioned = (question.mentionedKeys ?? []).filter((keyId) => !kmsKeyIds.includes(keyId));
  const used = new Map<string, Key>();
  const readUsed = async (keyIds: readonly string[]): Promise<void> => {
    for (const key of await readKeys(keyIds)) if (typeof key === 'object') used.set(key.KeyMetadata.Arn, key);
  };
  const here = { account: own, region };
  // A check has a verdict without the quotas.
  const forgiving = reader.apart(true);
  // If the request leaves out a key, the key is found in the data that was read. Nothing else
  // depends on this.
  const lacksKey = question.crosses === true && kmsKeyIds.length === 0 && where.region !== region;
  const [, asked, quotas, , candidates, policies] = await Promise.all([
    readPrincipals(principal, question.otherPrincipals, reading),
    readKeys([...kmsKeyIds, ...mentioned]),
    question.quotas && account === own ? rdsReads(settings, here, forgiving).other('AccountQuotas') : undefined,
    readSources(wanted, where, reading, readUsed),
    lacksKey ? kmsReads(settings, reader.apart(true)).byAlias(here) : [],
    readManagedPolicies(question.policyArns ?? [], own, settings, reader),
  ]);
  if (policies.length > 0) gathered.iam(own, { Policies: [...policies] });
  if (quotas !== undefined) gathered.rds(here, quotas);
  reader.adopt(forgiving.gaps());
  gathered.keys(here, 'all');
  for (const key of candidates) gathered.key(key);
  const inOrder = [...used].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
  // A key that was requested by an alias has that alias.
  for (const key of [...inOrder, ...asked]) if (typeof key === 'object') gathered.key(key);
  asked.forEach((key, index) => {
    const asFlag = kmsKeyIds[index];
    if (key === 'unresolved' && asFlag !== undefined) refuseUnresolved(asFlag, own);
  });
  return gathered;
}

/**
 * The alias itself identifies an AWS managed key. For any other alias, no verdict is possible
 * without the key.
 */
function refuseUnresolved(keyId: string, own: string): void {
  if (shortName(keyId).startsWith('alias/aws/')) return;
  const owner = placeOf(keyId)?.account ?? own;
  const [refused, allow] =
    owner === own
      ? ['kms:DescribeKey and kms:ListAliases', 'allow kms:ListAliases to the principal that runs this program']
      : ['kms:DescribeKey', `ask account ${owner} to allow this call`];
  throw new Failure(
    'aws',
    `AWS refused ${refused}, so the key of \`${keyId}\` is not known`,
    `${allow}, or set --kms-key-id to the ARN of the key`,
  );
}

/** The question with the Region of its source, if the ARN of the source has a Region. */
function withSourceRegion(question: ToRead): ToRead {
  const named = placeOf(question.target ?? '')?.region;
  return question.crosses === true && named !== undefined ? { ...question, sourceRegion: named } : question;
}

/**
 * Settings with the Region of the source's ARN, unless a flag names a Region. For a copy, which may
 * come from another Region, the Region of the settings takes precedence, as in the AWS CLI.
 */
async function settingsFor(
  { target = '', sourceRegion, crosses }: ToRead,
  options: LiveOptions,
): Promise<ClientSettings> {
  const { region } = options;
  const named = placeOf(target)?.region;
  if (sourceRegion !== undefined && named !== undefined && sourceRegion !== named)
    throw elsewhere(target, named, sourceRegion, '--source-region');
  if (named === undefined || sourceRegion !== undefined) return settingsFrom(options);
  if (crosses === true)
    return region === undefined && !(await hasRegion(options))
      ? settingsFrom({ ...options, region: named })
      : settingsFrom(options);
  if (region !== undefined && region !== named) throw elsewhere(target, named, region, '--region');
  return settingsFrom({ ...options, region: named });
}

/** Whether the environment or the profile names a Region. */
async function hasRegion(options: LiveOptions): Promise<boolean> {
  try {
    const { requestHandler } = await settingsFrom(options);
    requestHandler.destroy();
    return true;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'setup' && error.message === noRegion) return false;
    throw error;
  }
}

function elsewhere(target: string, named: string, region: string, flag: string): Failure {
  const next = `leave out ${flag}, or name a source in that Region`;
  return new Failure('input', `\`${target}\` is in ${named}, not in ${region}`, next);
}

/**
 * A source that is named without an ARN is searched in the account of the principal. Only
 * credentials of that account can read it.
 */
function refuseSourceElsewhere({ types, target }: ToRead, principal: string, own: string, region: string): void {
  const { account } = readPrincipalArn(principal);
  if (account === own || types.length === 0 || (target !== undefined && placeOf(target) !== undefined)) return;
  throw new Failure(
    'input',
    `principal \`${principal}\` is in account ${account}, but the credentials belong to account ${own} and cannot read that account in ${region}`,
    `use credentials of account ${account} (--profile), name a shared source by its ARN, or read both accounts with ${bothAccounts}`,
  );
}

async function readPrincipals(principal: string, others: readonly string[], reading: LiveReading): Promise<void> {
  const { arn: of, account } = readPrincipalArn(principal);
  const all = [...new Set([principal, ...others.map((one) => roleArnIn(of.partition, account, one))])];
  const found = await Promise.all(all.map((arn) => readIam(arn, reading)));
  all.forEach((arn, index) => {
    const iam = found[index];
    // In the order of the question, regardless of which read finished first.
    if (iam !== undefined) reading.gathered.iam(readPrincipalArn(arn).account, iam);
  });
}

async function readIam(arn: string, { settings, account: own, reader }: LiveReading) {
  const { type, account } = readPrincipalArn(arn);
  if (type === 'root' || type === 'federated user') return undefined;
  if (account === own) return readPrincipal({ arn, account }, settings, reader);
  const what = type === 'user' ? 'iam:GetUser' : 'iam:GetRole';
  reader.gap({ what, account, resource: arn }, ofAnotherAccount(account, own));
  return undefined;
}
