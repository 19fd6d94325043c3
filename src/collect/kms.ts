import type { AliasListEntry, GrantListEntry, KeyMetadata, MultiRegionConfiguration, Tag } from '@aws-sdk/client-kms';
import { isKeyArn, kmsArn, placeOf, shortName } from '../base/arn.ts';
import type { Key, KeyGrant } from '../evidence/schema.ts';
import { gapReason, ofAnotherAccount } from './faults.ts';
import { instants, picked } from './fields.ts';
import type { Where } from './rds.ts';
import { allPages, type Reader, type Subject } from './reader.ts';
import type { ReadAction } from './reads.ts';
import {
  DescribeKeyCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  KMSClient,
  paginateListAliases,
  paginateListGrants,
  paginateListKeys,
  paginateListResourceTags,
} from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/** The largest page size of grants and aliases in KMS. The default is 50. */
const pageSize = 100;

/** Reads of KMS in any Region, with one client each. */
export interface KmsReads {
  /** A key by ID, ARN or alias, as seen from an account. */
  readonly key: (keyId: string, account: string) => Promise<Key | Unfound>;
  /**
   * When a key of the account itself was last used, by the key's ARN. Undefined: AWS did not say.
   */
  readonly lastUsage: (arn: string, account: string) => Promise<Key['LastUsage']>;
  /** The ARNs of the customer managed keys. Undefined: AWS refused the list. */
  readonly customerKeys: (where: Where) => Promise<readonly string[] | undefined>;
  /** The customer managed keys that have an alias, with only their aliases. */
  readonly byAlias: (where: Where) => Promise<readonly Key[]>;
}

/**
 * `missing`: KMS knows no such key. `unresolved`: AWS refused every read that would show which key
 * an alias names.
 */
type Unfound = 'missing' | 'unresolved';

interface KmsOptions {
  /**
   * Set if many keys will be read. Then listing all aliases of a Region costs less than listing the
   * aliases of each key.
   */
  readonly aliasesAtOnce: boolean;
}

export function kmsReads(
  settings: ClientSettings,
  reader: Reader,
  { aliasesAtOnce }: KmsOptions = { aliasesAtOnce: false },
): KmsReads {
  const clients = new Map<string, KMSClient>();
  /** By ARN, because an alias and an ID may name the same key. */
  const keys = new Map<string, Promise<Key | 'missing'>>();
  const clientFor = (region: string): KMSClient => {
    const client = clients.get(region) ?? new KMSClient({ ...settings, region });
    clients.set(region, client);
    return client;
  };
  const aliases = aliasReads(clientFor, reader);
  return {
    async customerKeys(where) {
      const client = clientFor(where.region);
      const [listed, known] = await Promise.all([
        reader.read({ what: 'kms:ListKeys', ...where }, () =>
          allPages(
            () => paginateListKeys({ client, pageSize: 1000 }, {}),
            (page) => page.Keys,
          ),
        ),
        aliases.all(where),
      ]);
      const managed = new Set(
        known?.filter(({ AliasName: name = '' }) => name.startsWith('alias/aws/')).map((alias) => alias.TargetKeyId),
      );
      return listed?.flatMap(({ KeyArn: arn, KeyId: id }) => (arn === undefined || managed.has(id) ? [] : [arn]));
    },
    lastUsage: (arn, account) => readLastUsage(clientFor, arn, account, reader),
    async byAlias(where) {
      return keysWithAlias(where, (await aliases.all(where)) ?? []);
    },
    async key(keyId, account) {
      const at = placeOf(keyId) ?? { account, region: settings.region };
      const name = shortName(keyId);
      const client = clientFor(at.region);
      const byArn = (arn: string, described?: KeyMetadata): Promise<Key | 'missing'> => {
        const ofKey = (under: Reader) => (aliasesAtOnce ? aliases.amongAll(at, arn) : aliases.ofKey(at, arn, under));
        const key =
          keys.get(arn) ?? readKey(client, { arn, account, region: at.region, aliases: ofKey, described }, reader);
        keys.set(arn, key);
        return key;
      };
      if (!name.startsWith('alias/'))
        return byArn(isKeyArn(keyId) ? keyId : kmsArn(at, `key/${name.replace(/^key\//, '')}`));
      const named = await keyOfAlias({ client, aliases, reader }, { keyId, name, at, account });
      if (typeof named !== 'object') return named;
      const found = await byArn(named.arn, named.described);
      return found === 'missing' || found.Aliases !== undefined ? found : { ...found, FoundAs: [name] };
    },
  };
}

/** A refused read leaves no gap, because no verdict depends on it. */
async function readLastUsage(
  clientFor: (region: string) => KMSClient,
  arn: string,
  account: string,
  reader: Reader,
): Promise<Key['LastUsage']> {
  const at = placeOf(arn);
  if (at === undefined || at.account !== account) return undefined;
  const subject = { what: 'kms:GetKeyLastUsage', ...at, resource: arn } as const;
  const answer = await reader
    .apart(true)
    .read(subject, () => clientFor(at.region).send(new GetKeyLastUsageCommand({ KeyId: arn })));
  if (answer === undefined) return undefined;
  const { KeyLastUsage: last } = answer;
  return {
    ...(last === undefined
      ? {}
      : { KeyLastUsage: { ...picked(last, ['Operation']), ...instants(last, ['Timestamp']) } }),
    ...instants(answer, ['TrackingStartDate', 'KeyCreationDate']),
  };
}

/** The customer managed keys that have aliases, with those aliases. */
function keysWithAlias(where: Where, aliases: readonly AliasListEntry[]): readonly Key[] {
  const found = new Map<string, string[]>();
  for (const { AliasName: name = '', TargetKeyId: id } of aliases)
    if (id !== undefined && !name.startsWith('alias/aws/')) found.set(id, [...(found.get(id) ?? []), name]);
  return [...found].map(([id, names]) => ({ KeyMetadata: { Arn: kmsArn(where, `key/${id}`) }, FoundAs: names }));
}

interface KeyOfAlias {
  readonly arn: string;
  readonly described?: KeyMetadata;
}

interface NamedAlias {
  /** As given: `alias/orders`, or an ARN. */
  readonly keyId: string;
  readonly name: string;
  readonly at: Where;
  /** The account of the credentials. */
  readonly account: string;
}

/**
 * The key behind an alias, and its description. `kms:DescribeKey` returns both. If it is refused,
 * `kms:ListAliases` returns the key, which AWS may then describe by its ARN, because a policy can
 * distinguish the two calls (kms:RequestAlias). The alias of an AWS managed key is looked up only
 * in that list: `kms:DescribeKey` would create a missing key (iam-evaluation 14.23).
 */
async function keyOfAlias(
  { client, aliases, reader }: { readonly client: KMSClient; readonly aliases: AliasReads; readonly reader: Reader },
  { keyId, name, at, account }: NamedAlias,
): Promise<KeyOfAlias | Unfound> {
  const isOwn = at.account === account;
  const listed = async (): Promise<KeyOfAlias | Unfound> => {
    const all = isOwn ? await aliases.all(at) : undefined;
    if (all === undefined) return 'unresolved';
    const id = all.find(({ AliasName: alias }) => alias === name)?.TargetKeyId;
    return id === undefined ? 'missing' : { arn: kmsArn(at, `key/${id}`) };
  };
  if (name.startsWith('alias/aws/')) return listed();
  const trial = reader.apart();
  const described = await describe(client, { what: 'kms:DescribeKey', ...at, resource: keyId }, trial);
  if (described !== 'missing' && described?.Arn !== undefined) return { arn: described.Arn, described };
  const found = described === 'missing' ? described : await listed();
  // If the key was found, it is read below by its ARN, and that read leaves its own gap.
  if (typeof found !== 'object') reader.adopt(trial.gaps());
  return found;
}

type Aliases = Promise<readonly AliasListEntry[] | undefined>;

interface AliasReads {
  /** Every alias of a Region. Undefined, here and below: AWS refused the list. */
  readonly all: (where: Where) => Aliases;
  readonly ofKey: (where: Where, arn: string, reader: Reader) => Aliases;
  /** The same as `ofKey`, from the list of all aliases instead of a call for each key. */
  readonly amongAll: (where: Where, arn: string) => Aliases;
}

function aliasReads(clientFor: (region: string) => KMSClient, reader: Reader): AliasReads {
  const listings = new Map<string, Aliases>();
  const list = (where: Where, input: { KeyId?: string }, under = reader): Aliases => {
    const client = clientFor(where.region);
    const resource = input.KeyId === undefined ? {} : { resource: input.KeyId };
    return under.readIfThere({ what: 'kms:ListAliases', ...where, ...resource }, () =>
      allPages(
        () => paginateListAliases({ client, pageSize }, { ...input }),
        (page) => page.Aliases,
      ),
    );
  };
  const all = (where: Where): Aliases => {
    const listing = listings.get(where.region) ?? list(where, {});
    listings.set(where.region, listing);
    return listing;
  };
  return {
    all,
    ofKey: (where, arn, under) => list(where, { KeyId: arn }, under),
    amongAll: async (where, arn) => (await all(where))?.filter((alias) => arn.endsWith(`/${alias.TargetKeyId ?? ''}`)),
  };
}

/**
 * Undefined: AWS refused the call. 'missing': the key does not exist. Both leave a gap, and a gap
 * with NotFoundException shows later that KMS has no such key.
 */
async function describe(
  client: KMSClient,
  subject: Subject,
  reader: Reader,
): Promise<KeyMetadata | 'missing' | undefined> {
  let cause: unknown;
  const answer = await reader.readIfAny(subject, async () => {
    try {
      return await client.send(new DescribeKeyCommand({ KeyId: subject.resource }));
    } catch (error) {
      cause = error;
      throw error;
    }
  });
  if (answer !== null) return answer?.KeyMetadata;
  reader.gap(subject, gapReason(cause));
  return 'missing';
}

interface KeyPlace {
  readonly arn: string;
  /** The account of the credentials. */
  readonly account: string;
  readonly region: string;
  readonly aliases: (reader: Reader) => Promise<readonly AliasListEntry[] | undefined>;
  /** The description of the key, if it was already read. Undefined: it was not. */
  readonly described: KeyMetadata | undefined;
}

/** Reads everything about a key, with calls that run at the same time. */
async function readKey(client: KMSClient, place: KeyPlace, reader: Reader): Promise<Key | 'missing'> {
  const { arn, account, region, described } = place;
  const subject: Subject = {
    what: 'kms:DescribeKey',
    account: placeOf(arn)?.account ?? account,
    region,
    resource: arn,
  };
  // If the key does not exist, the gaps of its parts are dropped.
  const trial = reader.apart();
  const parts = readParts(client, place, trial);
  // An error of the parts is thrown below, unless the key does not exist.
  parts.catch(() => undefined);
  const metadata = described ?? (await describe(client, subject, reader));
  if (metadata === 'missing') {
    trial.stop();
    return metadata;
  }
  const read = await parts;
  reader.adopt(trial.gaps());
  return assemble(arn, metadata, read);
}

/**
 * The policy, aliases and tags of a key can be read only in its own account (iam-evaluation 6.12).
 */
async function readParts(
  client: KMSClient,
  { arn, account, region, aliases: readAliases }: KeyPlace,
  reader: Reader,
): Promise<Parts> {
  const owner = placeOf(arn)?.account ?? account;
  const subject = (what: ReadAction): Subject => ({ what, account: owner, region, resource: arn });
  const listGrants = reader.readIfThere(subject('kms:ListGrants'), () =>
    allPages(
      () => paginateListGrants({ client, pageSize }, { KeyId: arn }),
      (page) => page.Grants,
    ),
  );
  if (owner !== account) {
    reader.gap(subject('kms:GetKeyPolicy'), ofAnotherAccount(owner, account));
    return { grants: await listGrants };
  }
  const policyNamed = async (name: 'default' | 'AWS_RAM'): Promise<string | undefined> => {
    const { Policy } = await client.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: name }));
    return Policy;
  };
  const [grants, policy, ramPolicy, aliases, tags] = await Promise.all([
    listGrants,
    reader.readIfThere(subject('kms:GetKeyPolicy'), () => policyNamed('default')),
    reader.readIfAny(subject('kms:GetKeyPolicy'), () => policyNamed('AWS_RAM')),
    readAliases(reader),
    reader.readIfThere(subject('kms:ListResourceTags'), () =>
      allPages(
        () => paginateListResourceTags({ client }, { KeyId: arn }),
        (page) => page.Tags,
      ),
    ),
  ]);
  return { grants, policy, ramPolicy, aliases, tags };
}

interface Parts {
  readonly grants: readonly GrantListEntry[] | undefined;
  readonly policy?: string | undefined;
  /** null: the key has no second policy. */
  readonly ramPolicy?: string | null | undefined;
  readonly aliases?: readonly AliasListEntry[] | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

function assemble(
  arn: string,
  metadata: KeyMetadata | undefined,
  { grants, policy, ramPolicy, aliases, tags }: Parts,
): Key {
  return {
    KeyMetadata: {
      Arn: arn,
      ...(metadata === undefined
        ? {}
        : { ...picked(metadata, metadataNames), ...instants(metadata, ['ValidTo', 'DeletionDate']) }),
      ...relatives(metadata?.MultiRegionConfiguration),
    },
    ...(policy === undefined ? {} : { Policy: policy }),
    ...(ramPolicy === undefined ? {} : { RamPolicy: ramPolicy }),
    ...(grants === undefined ? {} : { Grants: grants.map(asGrant) }),
    ...(aliases === undefined ? {} : { Aliases: aliases.map(asAlias) }),
    ...(tags === undefined
      ? {}
      : { Tags: tags.map(({ TagKey, TagValue }) => ({ TagKey: TagKey ?? '', TagValue: TagValue ?? '' })) }),
  };
}

/** The multi-Region keys with the same ID and key material. */
function relatives(given: MultiRegionConfiguration | undefined): Pick<Key['KeyMetadata'], 'MultiRegionConfiguration'> {
  if (given === undefined) return {};
  const { PrimaryKey: primary, ReplicaKeys: replicas } = given;
  return {
    MultiRegionConfiguration: {
      ...picked(given, ['MultiRegionKeyType']),
      ...(primary === undefined ? {} : { PrimaryKey: picked(primary, ['Arn', 'Region']) }),
      ...(replicas === undefined ? {} : { ReplicaKeys: replicas.map((one) => picked(one, ['Arn', 'Region'])) }),
    },
  };
}

const metadataNames = [
  ...(['KeyId', 'KeyState', 'KeyManager', 'KeySpec', 'KeyUsage', 'Origin', 'ExpirationModel', 'MultiRegion'] as const),
];
const grantNames = [
  ...(['GrantId', 'Name', 'GranteePrincipal', 'GranteeServicePrincipal'] as const),
  ...(['RetiringPrincipal', 'IssuingAccount'] as const),
];
const constraintNames = ['EncryptionContextSubset', 'EncryptionContextEquals', 'SourceArn'] as const;

function asGrant(grant: GrantListEntry): KeyGrant {
  const { Operations, Constraints } = grant;
  return {
    ...picked(grant, grantNames),
    ...(Operations === undefined ? {} : { Operations: [...Operations] }),
    ...(Constraints === undefined ? {} : { Constraints: picked(Constraints, constraintNames) }),
  };
}

function asAlias(alias: AliasListEntry): NonNullable<Key['Aliases']>[number] {
  return { AliasName: alias.AliasName ?? '', ...picked(alias, ['AliasArn', 'TargetKeyId']) };
}
