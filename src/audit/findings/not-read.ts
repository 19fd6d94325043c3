import { accountOf, isAccountId, type Place, parseArn, placeOf } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import { areGrantsRead, isAboutGoneKey } from '../../evidence/lookup.ts';
import type { Account, Gap, Key } from '../../evidence/schema.ts';
import { accountsSharing } from '../../evidence/sharing.ts';
import type { Estate } from '../estate.ts';
import { type FindingRow, nothing } from './finding.ts';

/** What was not read, in one account and Region. */
export interface NotRead {
  readonly code: 'not-read';
  readonly what: NotReadKind;
  /**
   * The kinds of missing data: `what`, or for other reads the kinds that the failed reads would
   * have returned.
   */
  readonly kinds: readonly NotReadKind[];
  /** Names of lists, or ARNs of things. */
  readonly names: readonly string[];
  /** The codes of the findings that may be missing or wrong because of it. */
  readonly weakens: readonly string[];
  /** Whole resources may be missing from the audit, so that it may overlook findings. */
  readonly hides: boolean;
  /** Reads that failed. */
  readonly gaps: readonly Gap[];
}

export type NotReadKind =
  | 'account'
  | 'regions'
  | 'principals'
  | 'identity-policies'
  | 'rds-lists'
  | 'share-lists'
  | 'keys'
  | 'key-policies'
  | 'grants'
  | 'second-key-policies'
  | 'organization'
  | 'vaults'
  | 'other-reads';

export const notRead: FindingRow<NotRead> = {
  code: 'not-read',
  frameworks: [],
  find: (estate) => everythingUnread(estate).map((one) => ({ ...blank, code: 'not-read', ...one })),
};

const blank = { severity: 'note', affected: nothing, maybe: nothing, dependsOn: [], statements: [] } as const;

interface UnreadThing extends Omit<NotRead, 'code'> {
  readonly account: string;
  readonly region: string | undefined;
  readonly subject: string;
}

/** Findings about who can restore backups. */
const ofRestores = [
  'nobody-can-restore',
  'one-way-in',
  'snapshot-not-restore',
  'wide-restore',
  'one-identity-path',
] as const;

/** Findings about what other accounts can do with keys and snapshots. */
const ofOutsiders = ['exposed', 'share-inert', 'key-open'] as const;

/** Findings about who can destroy keys and databases. */
const ofDestroyers = ['build-and-burn', 'key-killers', 'key-locked-out'] as const;

/** Findings about copies of backups, and about the keys that backups depend on. */
const ofCopies = ['foreign-key', 'key-at-risk', 'same-domain', 'aws-managed-key', 'stack-owned-key'] as const;

/** Findings that a copy in any account and Region would resolve. */
const endedByCopies: readonly string[] = ['same-domain', 'aws-managed-key', 'stack-owned-key'];

/** Whether unread data of another account and Region may resolve a finding. */
export function mayHoldCopies({ kinds }: Pick<NotRead, 'kinds'>, code: string): boolean {
  return (
    endedByCopies.includes(code) && ['regions', 'rds-lists', 'vaults'].some((kind) => kinds.some((one) => one === kind))
  );
}

const all = [...ofRestores, ...ofOutsiders, ...ofDestroyers, ...ofCopies] as const;

/** The findings that each kind of missing data leaves open. */
const weakening: Readonly<Record<NotReadKind, { readonly weakens: readonly string[]; readonly hides: boolean }>> = {
  account: {
    weakens: [
      ...ofRestores.filter((code) => code !== 'snapshot-not-restore'),
      ...ofOutsiders,
      ...ofCopies.filter((code) => code !== 'aws-managed-key'),
    ],
    hides: false,
  },
  regions: { weakens: all, hides: true },
  principals: { weakens: [...ofRestores, ...ofDestroyers], hides: true },
  'identity-policies': { weakens: [...ofRestores, ...ofDestroyers], hides: false },
  'rds-lists': { weakens: all, hides: true },
  'share-lists': { weakens: [...ofOutsiders, 'same-domain'], hides: true },
  keys: {
    weakens: [...ofRestores, ...ofOutsiders, ...ofDestroyers, 'key-at-risk', 'aws-managed-key', 'stack-owned-key'],
    hides: false,
  },
  'key-policies': { weakens: [...ofRestores, ...ofOutsiders, ...ofDestroyers], hides: false },
  grants: { weakens: [...ofRestores, ...ofOutsiders, 'key-at-risk'], hides: false },
  'second-key-policies': { weakens: [...ofRestores, ...ofOutsiders], hides: false },
  organization: { weakens: [...ofRestores, ...ofOutsiders, ...ofDestroyers], hides: false },
  vaults: {
    weakens: ['build-and-burn', 'key-at-risk', 'same-domain', 'aws-managed-key', 'stack-owned-key'],
    hides: false,
  },
  'other-reads': { weakens: [], hides: false },
};

const rdsListNames = [
  'DBClusters',
  'DBClusterSnapshots',
  'DBInstances',
  'DBSnapshots',
  'DBClusterAutomatedBackups',
  'DBInstanceAutomatedBackups',
] as const;

const backupListNames = ['BackupVaults', 'RecoveryPoints', 'BackupPlans'] as const;

/**
 * Everything that is missing from the evidence, with the failed reads that explain it, and all
 * other failed reads.
 */
function everythingUnread(estate: Estate): readonly UnreadThing[] {
  const failed = (estate.evidence.gaps ?? []).filter((gap) => isOfEstate(gap, estate) && !isAboutGoneKey(gap));
  const gaps = new Set(failed);
  const missing = [...accountsUnread(estate), ...inAccounts(estate), ...inPlaces(estate)].map((one): UnreadThing => {
    const own = [...gaps].filter((gap) => isBehind(gap, one));
    for (const gap of own) gaps.delete(gap);
    return { ...one, gaps: own };
  });
  return [...missing, ...otherReads([...gaps])];
}

/** The data that a failed read would have returned, by its IAM action. */
const kindsOfReads: readonly (readonly [action: RegExp, kinds: readonly NotReadKind[]])[] = [
  [/^iam:/, ['principals', 'identity-policies']],
  [/^organizations:/, ['organization']],
  [/^rds:DescribeDB(?:Cluster)?SnapshotAttributes$/, ['share-lists']],
  [
    /^rds:DescribeDB(?:Clusters|Instances|ClusterSnapshots|Snapshots|(?:Cluster|Instance)AutomatedBackups)$/,
    ['rds-lists'],
  ],
  [/^kms:GetKeyPolicy$/, ['key-policies', 'second-key-policies']],
  [/^kms:ListGrants$/, ['grants']],
  [/^kms:/, ['keys']],
  [/^backup:/, ['vaults']],
];

function kindsOf({ what }: Gap): readonly NotReadKind[] {
  return kindsOfReads.find(([action]) => action.test(what))?.[1] ?? ['other-reads'];
}

/** Whether a failed read is about the estate. A key that no RDS resource uses is not audited. */
function isOfEstate({ resource = '' }: Gap, { keys }: Estate): boolean {
  return parseArn(resource)?.service !== 'kms' || keys.includes(resource);
}

function isBehind(gap: Gap, { what, account, region }: UnreadThing): boolean {
  return kindsOf(gap).includes(what) && gap.account === account && (region === undefined || gap.region === region);
}

/** Failed reads that explain no other missing data, such as those of a whole Region. */
function otherReads(gaps: readonly Gap[]): readonly UnreadThing[] {
  return [...groupBy(gaps, ({ account = '', region = '' }) => `${account} ${region}`).values()].map(
    (failed): UnreadThing => {
      const [{ account = '', region }] = failed;
      const kinds = failed.flatMap(kindsOf);
      // A refused read of one resource hides nothing: the resource itself is in the evidence.
      const lists = [...new Set(failed.filter(({ resource }) => resource === undefined).flatMap(kindsOf))];
      return {
        what: 'other-reads',
        account,
        region,
        subject: 'other-reads',
        names: [...new Set(failed.map(({ what }) => what))],
        gaps: failed,
        weakens: [...new Set(kinds.flatMap((kind) => weakening[kind].weakens))],
        kinds: lists,
        hides: lists.some((kind) => weakening[kind].hides),
      };
    },
  );
}

function thing(
  what: NotReadKind,
  at: { readonly account: string; readonly region?: string },
  names: readonly string[],
): readonly UnreadThing[] {
  if (names.length === 0) return [];
  const { account, region } = at;
  return [{ what, kinds: [what], account, region, subject: what, names, gaps: [], ...weakening[what] }];
}

/** Accounts that something is shared with, or whose keys are used. */
function accountsUnread({ evidence, backups, keys, directory }: Estate): readonly UnreadThing[] {
  const shared = backups.flatMap(({ source }) => accountsSharing(directory, source) ?? []);
  const owners = keys.map(accountOf);
  const named = new Set([...shared, ...owners].filter(isAccountId));
  return [...named].flatMap((account) =>
    evidence.accounts[account] === undefined ? thing('account', { account }, [account]) : [],
  );
}

function inAccounts({ evidence, directory, accounts }: Estate): readonly UnreadThing[] {
  return accounts.flatMap((account) => {
    const { regions = {}, organization } = evidence.accounts[account] ?? {};
    return [
      ...thing('regions', { account }, Object.keys(regions).length === 0 ? [account] : []),
      ...thing('principals', { account }, directory.listed(account).unread),
      ...thing('identity-policies', { account }, directory.listed(account).unreadPolicies),
      ...thing('organization', { account }, policiesUnread(account, organization)),
    ];
  });
}

/**
 * The lists of control policies that apply to an account and were not read. If the place of the
 * account in its organization is not known, only the account is named. No control policy applies to
 * the management account.
 */
function policiesUnread(account: string, organization: Account['organization']): readonly string[] {
  if (organization === null || organization?.managementAccountId === account) return [];
  if (organization?.path === undefined) return [account];
  return organization.path.flatMap(({ id, scps, rcps }) => [
    ...(scps === undefined ? [`SCPs of ${id}`] : []),
    ...(rcps === undefined ? [`RCPs of ${id}`] : []),
  ]);
}

function inPlaces({ evidence, places, backups, keys, directory }: Estate): readonly UnreadThing[] {
  const backupsAt = groupBy(backups, ({ source }) => placeName(source));
  const keysAt = groupBy(keys, (arn) => placeName(placeOf(arn)));
  return places.flatMap((place) => {
    const { rds = {}, backup = {} } = evidence.accounts[place.account]?.regions?.[place.region] ?? {};
    const here = backupsAt.get(placeName(place)) ?? [];
    const shareable = here.filter(
      ({ source }) =>
        (source.type === 'cluster-snapshot' || source.type === 'snapshot') &&
        source.entry.SnapshotType?.toLowerCase() !== 'automated',
    );
    const used = keysAt.get(placeName(place)) ?? [];
    const held = used.flatMap((arn) => directory.key(arn) ?? []);
    const arnsOf = (some: readonly Key[]): readonly string[] => some.map(({ KeyMetadata }) => KeyMetadata.Arn);
    const arnsWithout = (field: 'Policy' | 'RamPolicy'): readonly string[] =>
      arnsOf(held.filter((key) => key[field] === undefined));
    return [
      ...thing(
        'rds-lists',
        place,
        rdsListNames.filter((name) => rds[name] === undefined),
      ),
      ...thing(
        'share-lists',
        place,
        shareable.flatMap(({ source }) => (directory.sharedWith(source.arn) === undefined ? [source.arn] : [])),
      ),
      ...thing(
        'keys',
        place,
        used.filter((arn) => directory.key(arn) === undefined && !directory.isGone(arn)),
      ),
      ...thing('key-policies', place, arnsWithout('Policy')),
      ...thing('grants', place, arnsOf(held.filter((key) => !areGrantsRead(key)))),
      ...thing('second-key-policies', place, arnsWithout('RamPolicy')),
      ...thing(
        'vaults',
        place,
        backupListNames.filter((name) => backup[name] === undefined),
      ),
    ];
  });
}

function placeName(place: Place | undefined): string {
  return place === undefined ? '' : `${place.account} ${place.region}`;
}
