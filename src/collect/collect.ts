/*
 * src/collect/ the only place that talks to AWS: live reads, the permissions that they need, IAM's
 * policy simulator, and the recipe for the AWS CLI. Loaded by import() when a live read is asked
 * for.
 */

import { placeOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { resolvePrincipal } from '../evidence/principal-name.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { gather } from './gathered.ts';
import { readPrincipal } from './iam.ts';
import { kmsReads } from './kms.ts';
import { NoPrincipal, withNearPrincipal, withPrincipalMeant } from './principal-names.ts';
import { rdsReads } from './rds.ts';
import { makeReader } from './reader.ts';
import type { LiveReading, ToRead } from './reading.ts';
import { type ClientSettings, type LiveOptions, settingsFrom } from './settings.ts';
import { readSources } from './sources.ts';
import { callerIdentity } from './sts.ts';

export interface Collected {
  readonly evidence: Evidence;
  /** The principal that is asked about. */
  readonly principal: string;
  /** Where the operation happens. */
  readonly region: string;
}

/**
 * Reads from AWS what one check needs, in as few rounds as the reads depend on each other. A read
 * that is refused becomes a gap.
 * @throws Failure for whatever else goes wrong, and where there is no verdict without the read
 */
export async function collect(question: ToRead, options: LiveOptions): Promise<Collected> {
  // The SDK would tell the user of our tool what version of Node to use.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const settings = await settingsFrom({ ...options, ...regionOf(question, options) });
  const { endpointUrl } = options;
  try {
    const meant = await withPrincipalMeant(question, settings, endpointUrl);
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
  const { region } = settings;
  const reader = makeReader({ endpoint: options.endpointUrl, tolerant: false });
  options.progress?.('reading who asks ...');
  const { principal, caller, account: own } = await callerIdentity(settings, reader, question.principal);
  const gathered = gather();
  const reading: LiveReading = { settings, account: own, reader, gathered };
  const { account } = readPrincipalArn(principal);
  const where = { account: own, region: question.sourceRegion ?? region };
  gathered.account(account, {});
  options.progress?.(`reading ${principal} and what is in ${where.region} ...`);
  const wanted = { ...question, sharing: question.sharing || account !== own };
  const kms = kmsReads(settings, reader);
  const readKeys = (keyIds: readonly string[]) => Promise.all(keyIds.map((keyId) => kms.key(keyId, own)));
  const { kmsKeyIds } = question;
  const here = { account: own, region };
  // A check has a verdict without the quotas.
  const forgiving = makeReader({ endpoint: options.endpointUrl, tolerant: true });
  const [, asked, quotas, used] = await Promise.all([
    readPrincipals(principal, question.otherPrincipals, reading),
    readKeys([...new Set(kmsKeyIds)]),
    question.quotas && account === own ? rdsReads(settings, here, forgiving).other('AccountQuotas') : undefined,
    readSources(wanted, where, reading).then((ids) => readKeys(ids.filter((keyId) => !kmsKeyIds.includes(keyId)))),
  ]);
  if (quotas !== undefined) gathered.rds(here, quotas);
  reader.adopt(forgiving.gaps());
  gathered.keys(here, []);
  for (const key of [...used, ...asked]) if (key !== undefined) gathered.key(key);
  const evidence: Evidence = {
    evidenceVersion: 1,
    collectedAt: new Date().toISOString(),
    ...(caller === undefined ? {} : { caller }),
    accounts: gathered.accounts(),
    gaps: reader.gaps(),
  };
  // Only what was read tells the path of a role that was asked about by name.
  return { evidence, principal: resolvePrincipal(evidence, question.principal ?? principal), region };
}

/** The Region of what is named by ARN, unless a flag says otherwise. */
function regionOf({ target = '', sourceRegion }: ToRead, { region }: LiveOptions): { readonly region?: string } {
  const named = placeOf(target)?.region;
  if (sourceRegion !== undefined && named !== undefined && sourceRegion !== named)
    throw elsewhere(target, named, sourceRegion);
  if (sourceRegion === undefined && region !== undefined && named !== undefined && region !== named)
    throw elsewhere(target, named, region);
  const found = region ?? (sourceRegion === undefined ? named : undefined);
  return found === undefined ? {} : { region: found };
}

function elsewhere(target: string, named: string, region: string): Failure {
  const next = 'leave out --region, or name something in that Region';
  return new Failure('input', `\`${target}\` lies in ${named}, not in ${region}`, next);
}

async function readPrincipals(principal: string, others: readonly string[], reading: LiveReading): Promise<void> {
  const all = [...new Set([principal, ...others])];
  const found = await Promise.all(all.map((arn) => readIam(arn, reading)));
  all.forEach((arn, index) => {
    const iam = found[index];
    // In the order of the question, whichever was read first.
    if (iam !== undefined) reading.gathered.iam(readPrincipalArn(arn).account, iam);
  });
}

async function readIam(arn: string, { settings, account: own, reader }: LiveReading) {
  const { type, account } = readPrincipalArn(arn);
  if (type === 'root' || type === 'federated user') return undefined;
  if (account === own) return readPrincipal({ arn, account }, settings, reader);
  const what = type === 'user' ? 'iam:GetUser' : 'iam:GetRole';
  reader.gap({ what, account, resource: arn }, `the credentials belong to account ${own}`);
  return undefined;
}
