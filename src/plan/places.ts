import {
  accountOf,
  bucketArn,
  iamArn,
  isArn,
  isKeyArn,
  kmsArn,
  type Place,
  parseArn,
  placeOf,
  rdsArn,
  regionalArn,
} from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { partitionOf, regionNames } from '../base/partition.ts';
import { plannedAlias, plannedKeyId, plannedName, plannedOther, plannedPath } from '../base/planned-name.ts';
import { rememberedOf } from '../base/remembered.ts';
import type { Evidence } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { aliasWith, newestFor } from './later-data.ts';
import { databaseKinds, isOfOtherKind, type Made, madeBy } from './made.ts';
import type { TerraformPlan } from './plan-file.ts';
import { type PlannedChange, type PlannedChanges, type PlannedValue, plannedChanges } from './planned-change.ts';
import { isInRegionOfEach, type ProviderOf, providers, regionOfProvider, usualPlanner } from './providers.ts';
import { keyOfMade } from './source-keys.ts';

/** The places of resources in a plan, and their future names. */
export interface PlannedPlaces {
  /** Undefined: neither the plan nor the evidence shows the account or the Region. */
  readonly placeOf: (change: PlannedChange) => Place | undefined;
  /** The place in the ARN of a resource. IAM is in no Region, so any Region shows the partition. */
  readonly placeOfArn: (change: PlannedChange) => Place | undefined;
  readonly accountOf: (change: PlannedChange) => string | undefined;
  /** The account that the plan shows. Nothing else counts, such as who has collected the evidence. */
  readonly accountShown: (change: PlannedChange) => string | undefined;
  readonly regionOf: (change: PlannedChange) => string | undefined;
  /** The reference from which the Region of the provider is taken as it is. Undefined: it is not. */
  readonly regionTaken: (change: PlannedChange) => string | undefined;
  /** Whether the plan does not show which of several Regions the provider is in. */
  readonly isInRegionOfEach: (change: PlannedChange) => boolean;
  /**
   * The text of an attribute: its known value, or the future value for a new resource. A new key
   * gets a placeholder for the ARN that AWS will choose.
   */
  readonly textAt: (change: PlannedChange, ...path: readonly (string | number)[]) => string | undefined;
  readonly textOf: (value: PlannedValue) => string | undefined;
  /** ARN of the object that a resource creates. */
  readonly arnOf: (change: PlannedChange) => string | undefined;
  /** Whether a key is a multi-Region key, or may be one. */
  readonly mayBeMultiRegion: (change: PlannedChange) => boolean;
  /** Whether an attribute has the resource's own name. */
  readonly isOwnName: (change: PlannedChange, attribute: string) => boolean;
  /** The facts of the plan about the sender of a change's requests. */
  readonly providerOf: (change: PlannedChange) => ProviderOf;
}

/**
 * Finds the places and the future names of resources. `region`: the Region of resources if neither
 * the plan nor the evidence shows it. `principal`: the principal that applies the plan, according
 * to the user.
 */
export function places(
  planned: PlannedChanges,
  evidence: Evidence,
  settings: {
    readonly region: string | undefined;
    readonly principal: string | undefined;
    /**
     * With --strict, no Region is taken from a reference, and the evidence does not show the account of
     * a role that the plan hides.
     */
    readonly strict?: boolean;
    /**
     * Addresses of plans that are applied before this one, in their order. Absent: there are no
     * such plans.
     */
    readonly earlier?: readonly ReadonlySet<string>[];
  },
): PlannedPlaces {
  const placed = placing(planned, evidence, settings);
  const { earlier = [] } = settings;
  /**
   * The address in a placeholder for a new name. Another plan may have another resource at the same
   * address.
   */
  const labelOf = ({ address }: PlannedChange): string =>
    earlier.some((addresses) => addresses.has(address)) ? `${address} (${earlier.length + 1})` : address;
  /** IAM resources are in no Region. Any Region of the account shows the partition. */
  const placeOfGlobal = (change: PlannedChange): Place | undefined => {
    const [place, account] = [placed.placeOf(change), placed.accountOf(change)];
    if (place !== undefined || account === undefined) return place;
    const [region = ''] = Object.keys(evidence.accounts[account]?.regions ?? {});
    return { account, region };
  };
  const keyOf: Naming['keyOf'] = ({ of, name }, textOf) => {
    const { changes, valueAt } = planned;
    return name === 'kms_key_id' && !of.isData
      ? keyOfMade(of, { evidence, changes, valueAt, textOf, placeOf: placed.placeOf })
      : undefined;
  };
  const mayBeMultiRegion = (change: PlannedChange): boolean => {
    if (change.type.startsWith('aws_kms_replica_')) return true;
    const multi = planned.valueAt(change, ['multi_region']);
    return multi.is === 'known' ? multi.value === true : multi.is !== 'not given';
  };
  const placeOfArn = (change: PlannedChange): Place | undefined => {
    const row = rowOf(change);
    return row !== undefined && isGlobal(row.of) ? placeOfGlobal(change) : placed.placeOf(change);
  };
  return {
    ...placed,
    placeOfArn,
    mayBeMultiRegion,
    ...naming(planned, { placeOfChange: placed.placeOf, placeOfArn, keyOf }, labelOf),
  };
}

function placing(
  planned: PlannedChanges,
  evidence: Evidence,
  { region: usualRegion, principal, strict = false }: Parameters<typeof places>[2],
) {
  const providerOf = providers(planned);
  const madeIn = regionsOfMade(planned);
  const accounts = Object.keys(evidence.accounts);
  const only = accounts.length === 1 ? accounts[0] : undefined;
  const named = accounts.find((account) => isOfAccount(principal, account));
  const accountOfPlan =
    accountIn(usualPlanner(planned)) ?? accountOfStack(planned, (change) => providerOf(change).account === undefined);
  const ofEvidence = accountIn(evidence.caller?.Arn) ?? only;
  const usualAccount = accountOfPlan ?? named ?? ofEvidence;
  const shownBy = rememberedOf(placeShown);
  const accountFor = (change: PlannedChange): string | undefined => {
    const { account: own } = shownBy(change);
    if (own !== undefined) return own;
    const { account, isUsual, isOfSeveral, isOfHiddenRole } = providerOf(change);
    if (account !== undefined) return account;
    // The principal that the user names applies everything in one account.
    if (!isUsual && (principal === undefined || isOfSeveral)) return undefined;
    // A role may be of another account than the principal, and of one that was not read.
    const isAssumed = isOfHiddenRole && (strict || (usualAccount === named && named !== ofEvidence));
    return isAssumed ? accountOfPlan : usualAccount;
  };
  const regionOf = (change: PlannedChange, account: string | undefined): string | undefined => {
    const { region: shown } = shownBy(change);
    if (shown !== undefined) return shown;
    // A `region` argument that is known only after apply may differ from the Region of the
    // provider.
    const own = planned.valueAt(change, ['region']);
    if (own.is === 'later' || own.is === 'undetermined') return undefined;
    const region = regionOfProvider(planned, change);
    if (region.is === 'shown' && region.from === undefined) return region.region;
    if (isInRegionOfEach(planned, change)) return undefined;
    const made = madeIn.get(change.provider ?? '');
    if (made !== undefined) return made;
    if (region.is === 'shown' && !strict) return region.region;
    // If the configuration hides the Region, the Region may differ from the only one in the
    // evidence.
    return usualRegion ?? (region.is === 'not given' ? onlyRegion(evidence, account) : undefined);
  };
  const regionTaken = (change: PlannedChange): string | undefined => {
    if (strict || !isOfRegion(change) || regionOf(change, undefined) === undefined) return undefined;
    const isShown = shownBy(change).region !== undefined || madeIn.has(change.provider ?? '');
    const region = regionOfProvider(planned, change);
    return !isShown && region.is === 'shown' ? region.from : undefined;
  };
  const regionFor = (change: PlannedChange): string | undefined => regionOf(change, accountFor(change));
  const find = (change: PlannedChange): Place | undefined => {
    const [account, region] = [accountFor(change), regionFor(change)];
    return region === undefined || account === undefined ? undefined : { account, region };
  };
  return {
    providerOf,
    accountOf: rememberedOf(accountFor),
    accountShown: (change: PlannedChange) => shownBy(change).account ?? providerOf(change).account,
    regionOf: regionFor,
    regionTaken,
    placeOf: rememberedOf(find),
    isInRegionOfEach: (change: PlannedChange) => isInRegionOfEach(planned, change),
  };
}

/** Whether a resource is one of RDS or KMS, which are in a Region. */
function isOfRegion({ type, isAws }: PlannedChange): boolean {
  return isAws && /^aws_(?:kms|rds|db)_/.test(type);
}

/**
 * The Region of what a provider has already created or read, by the key of the provider. Providers
 * with resources in several Regions are left out. Before version 6 of the provider, all resources of
 * a provider are in one Region.
 */
function regionsOfMade(planned: PlannedChanges): ReadonlyMap<string, string> {
  const made = planned.changes.flatMap((change) => {
    const { before, after, provider, isData } = change;
    const isOwn = [before, after].every((one) => propertyOf(one, 'region') === undefined);
    const arn = isOwn && isOfRegion(change) ? arnRead(isData ? after : before) : undefined;
    const region = isOwn && isData ? (regionRead(planned, change) ?? regionIn(arn)) : regionIn(arn);
    return region === undefined || region === '' || provider === undefined ? [] : [{ provider, region }];
  });
  return new Map(
    [...groupBy(made, ({ provider }) => provider)].flatMap(([provider, [{ region }, ...others]]) =>
      others.every((one) => one.region === region) ? [[provider, region] as const] : [],
    ),
  );
}

function arnRead(values: PlannedChange['after']): string | undefined {
  return textIn(values, 'arn') ?? textIn(values, 'db_cluster_snapshot_arn') ?? textIn(values, 'db_snapshot_arn');
}

function regionIn(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : placeOf(arn)?.region;
}

/** The Region of the provider, as a data source without arguments has read it. */
function regionRead(planned: PlannedChanges, change: PlannedChange): string | undefined {
  const isAny = ['name', 'endpoint'].some((name) => planned.expressionAt(change, [name]) !== undefined);
  const region = change.type === 'aws_region' && change.isAws && !isAny ? textIn(change.after, 'name') : undefined;
  return region !== undefined && regionNames.test(region) ? region : undefined;
}

/**
 * The only account of the stack's existing resources. Undefined: none, or several. `isUsual`: whether
 * a resource is in the account of the credentials. Others are where the role of their provider is.
 */
function accountOfStack({ changes }: PlannedChanges, isUsual: (change: PlannedChange) => boolean): string | undefined {
  const arns = changes.flatMap((change) => {
    const { before, isAws, isData } = change;
    const arn = isAws && !isData ? (textIn(before, 'arn') ?? textIn(before, 'db_cluster_snapshot_arn')) : undefined;
    return arn !== undefined && isUsual(change) ? [arn] : [];
  });
  // Some ARNs have no account, such as the ARN of a bucket.
  const accounts = new Set(
    arns
      .filter(isArn)
      .flatMap((arn) => accountIn(arn) ?? [])
      .filter((one) => one !== ''),
  );
  const [only, ...others] = accounts;
  return others.length === 0 ? only : undefined;
}

interface Naming {
  readonly placeOfChange: PlannedPlaces['placeOf'];
  readonly placeOfArn: PlannedPlaces['placeOfArn'];
  /** The key that a new database or snapshot takes from its source. */
  readonly keyOf: (
    value: Extract<PlannedValue, { readonly is: 'later' }>,
    textOf: PlannedPlaces['textOf'],
  ) => string | undefined;
}

function naming(
  planned: PlannedChanges,
  { placeOfChange, placeOfArn, keyOf }: Naming,
  labelOf: (change: PlannedChange) => string,
): Pick<PlannedPlaces, 'textAt' | 'textOf' | 'arnOf' | 'isOwnName'> {
  const textAt: PlannedPlaces['textAt'] = (change, ...path) => {
    const value = planned.valueAt(change, path);
    const text = textOf(value);
    const isPart = value.is === 'later' && text !== undefined && isPartOfText(path, value, text);
    return isPart ? undefined : text;
  };
  const textOf = (value: PlannedValue): string | undefined => {
    if (value.is === 'later') return keyOf(value, textOf) ?? madeText(value.of, value.name);
    const held = value.is === 'known' ? value.value : undefined;
    return typeof held === 'number' ? String(held) : typeof held === 'string' ? held : undefined;
  };
  const madeText = (change: PlannedChange, name: string): string | undefined => {
    const row = rowOf(change);
    const key = keysNamed.get(`${change.isData ? 'data.' : ''}${change.type}.${name}`);
    if (key !== undefined) {
      const arn = keyArnIn(placeOfChange(change), textAt(change, key));
      const alias = aliasWith(arn, planned, arnOf);
      if (alias === undefined) return arn;
      return change.dependsOn.includes(alias.identity) ? madeText(alias, 'target_key_arn') : undefined;
    }
    const newest = newestFor(change, planned, { textAt, placeOf: placeOfChange });
    if (newest !== undefined) return madeText(newest, name);
    // A reference to the whole resource, without an attribute, means its ARN.
    if (row?.arn.includes(name) === true || (name === '' && row?.of !== 'alias' && row?.of !== 'bucket'))
      return arnOf(change);
    return row?.name.includes(name) === true ? nameOfMade(change, row) : undefined;
  };
  const nameOfMade = (change: PlannedChange, { of, identifier, chosen }: Made): string | undefined => {
    if (identifier === undefined) return undefined;
    const named = planned.valueAt(change, [identifier]);
    if (named.is === 'known') return textOf(named);
    const later = (beginning: string): string =>
      (databaseKinds.has(of) ? plannedName : of === 'alias' ? plannedAlias : plannedOther)(labelOf(change), beginning);
    // The provider refuses a name beside a beginning of the name. So if the plan shows the beginning, an
    // expression such as `var.use_prefix ? null : var.name` gives no name.
    const given = planned.valueAt(change, [`${identifier}_prefix`]);
    const isBegun = given.is === 'known';
    // A name that is built from an attribute differs from the value of the attribute:
    // `"${aws_rds_cluster.c.id}-1"`. If the configuration has an expression without a resource in
    // it, a function such as `timestamp()` may decide the name.
    if (named.is !== 'not given' && !isBegun) return later(unnamed(of));
    if (databaseKinds.has(of) && !isBegun && planned.expressionAt(change, [identifier]) !== undefined) return later('');
    // An existing resource has a name, even if the plan does not show the name.
    if (change.kind !== 'create' && change.kind !== 'replace') return undefined;
    if (given.is === 'not given' && chosen === undefined) return undefined;
    const prefix = given.is === 'not given' ? chosen : isBegun ? textOf(given) : undefined;
    return later(prefix ?? unnamed(of));
  };
  const arnOf = rememberedOf((change: PlannedChange): string | undefined => {
    const row = rowOf(change);
    if (row === undefined) return undefined;
    // A resource that replaces another one has a new ARN.
    const before = change.kind === 'replace' ? undefined : change.before;
    const held = row.arn.flatMap((name) => textIn(change.after, name) ?? textIn(before, name) ?? []).find(isArn);
    const place = placeOfArn(change);
    if (held !== undefined || place === undefined) return held;
    if (row.of === 'key')
      return keyArnOf(change, place, { label: labelOf(change), primary: textAt(change, 'primary_key_arn') });
    const name = nameOfMade(change, row);
    return name === undefined ? undefined : arnFrom(row.of, { name, path: pathOf(planned, change) }, place);
  });
  return { textAt, textOf, arnOf, isOwnName: (change, attribute) => rowOf(change)?.identifier === attribute };
}

/** The path of a user, role, group or policy. A path that is known only after apply equals no other. */
function pathOf(planned: PlannedChanges, change: PlannedChange): string {
  const given = planned.valueAt(change, ['path']);
  if (given.is === 'not given') return '/';
  return given.is === 'known' && typeof given.value === 'string' ? given.value : plannedPath;
}

/** The beginning of a name of which nothing is known. */
function unnamed(of: Made['of']): string {
  return of === 'alias' ? 'alias/' : '';
}

/** Attributes that take only ARNs. */
const takesArns = /(?:^|_)arns?$|_principal$|^permissions_boundary$/;

/**
 * Whether the text of a value is only a part of the value of an attribute.
 * `"arn:...:role/${aws_iam_role.r.name}"` is printed as the name, and the plan does not show the
 * text around the name.
 */
export function isPartOfText(path: readonly (string | number)[], value: PlannedValue, text: string): boolean {
  const attribute = path.filter((step) => typeof step === 'string').at(-1) ?? '';
  return (
    (takesArns.test(attribute) && !isArn(text)) ||
    (value.is === 'later' && isOfOtherKind(attribute, value.of, value.name))
  );
}

/**
 * Whether a text names nothing in the place of a change, so that it is only a part of a value that
 * the plan does not show. A multi-Region key is named in the Region of a replica:
 * `replace(aws_kms_key.k.arn, "eu-west-1", "us-east-1")`. The ID of a key or the name of an alias
 * means a key of the account and Region of the request. A key elsewhere needs an ARN, of which the
 * plan prints the ID alone.
 */
export function isOfAnotherPlace(
  found: PlannedValue,
  text: string | undefined,
  change: PlannedChange,
  { placeOf: placeOfChange, mayBeMultiRegion }: Pick<PlannedPlaces, 'placeOf' | 'mayBeMultiRegion'>,
): boolean {
  const place = placeOfChange(change);
  if (found.is !== 'later' || place === undefined || text === undefined) return false;
  const held = isArn(text) ? placeOf(text) : placeOfChange(found.of);
  const isElsewhere = held !== undefined && (held.region !== place.region || held.account !== place.account);
  if (isElsewhere && isNameOfKey(found)) return true;
  return isKeyType(found.of) && mayBeMultiRegion(found.of) && held?.region !== place.region;
}

function isKeyType(change: PlannedChange): boolean {
  return rowOf(change)?.of === 'key';
}

/** Whether a reference is to the ID of a key or to the name of an alias, neither of which is an ARN. */
export function isNameOfKey({ of, name }: Extract<PlannedValue, { readonly is: 'later' }>): boolean {
  return of.type.startsWith('aws_kms_') && name !== '' && !name.endsWith('arn');
}

/**
 * The ARN of a new key. A replica has the ID of its primary key. Any other new key gets a
 * placeholder for the ID that AWS will choose.
 */
function keyArnOf(
  change: PlannedChange,
  place: Place,
  { label, primary }: { readonly label: string; readonly primary: string | undefined },
): string {
  const id = change.type.startsWith('aws_kms_replica_') ? parseArn(primary ?? '')?.resource : undefined;
  const prefix = propertyOf(change.after, 'multi_region') === true ? 'mrk-' : '';
  return kmsArn(place, id ?? `key/${prefix}${plannedKeyId(label)}`);
}

export function arnFrom(
  of: Exclude<Made['of'], 'key'>,
  { name, path }: { readonly name: string; readonly path: string },
  place: Place,
): string {
  switch (of) {
    case 'role':
    case 'user':
    case 'group':
    case 'policy':
      return iamArn(
        partitionOf(place.region),
        place.account,
        `${of}${path.startsWith('/') ? path : `/${path}`}${name}`,
      );
    case 'alias':
      return kmsArn(place, name);
    case 'backup-vault':
      return regionalArn('backup', place, `backup-vault:${name}`);
    case 'bucket':
      return bucketArn(partitionOf(place.region), name);
    default:
      // RDS stores names in lower case.
      return rdsArn(place, `${of}:${name.toLowerCase()}`);
  }
}

function isGlobal(of: Made['of']): boolean {
  return of === 'role' || of === 'user' || of === 'group' || of === 'policy' || of === 'bucket';
}

function rowOf({ type, isData }: PlannedChange): Made | undefined {
  return isData ? undefined : madeBy(type);
}

/** The ID of a key, which is neither an ARN nor an alias. */
const keyIds = /^[\w.%-]+$/;

/** The ARN of a key or an alias that a text names. */
function keyArnIn(place: Place | undefined, text: string | undefined): string | undefined {
  if (text === undefined || isKeyArn(text)) return text;
  return place && kmsArn(place, keyIds.test(text) ? `key/${text}` : text);
}

/** Attributes that name a key, and the attribute of the same resource that names the same key. */
const keysNamed: ReadonlyMap<string, string> = new Map([
  ['aws_kms_alias.target_key_arn', 'target_key_id'],
  ['data.aws_kms_alias.target_key_arn', 'name'],
  ['data.aws_kms_alias.target_key_id', 'name'],
  ['data.aws_kms_key.arn', 'key_id'],
  ['data.aws_kms_key.id', 'key_id'],
  ['data.aws_kms_key.key_id', 'key_id'],
]);

function textIn(json: Readonly<Record<string, unknown>> | undefined, name: string): string | undefined {
  const value = propertyOf(json, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isOfAccount(principal: string | undefined, account: string): boolean {
  return principal !== undefined && isArn(principal) && accountOf(principal) === account;
}

function accountIn(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : accountOf(arn);
}

interface Shown {
  readonly account?: string;
  readonly region?: string;
}

/** The account and Region that a resource itself shows, in `region` and in its own ARN. */
function placeShown({ after, before }: PlannedChange): Shown {
  const arn = ['arn', 'db_cluster_snapshot_arn', 'db_snapshot_arn'].flatMap(
    (name) => textIn(after, name) ?? textIn(before, name) ?? [],
  )[0];
  const place = arn === undefined ? undefined : placeOf(arn);
  const account = arn === undefined ? undefined : parseArn(arn)?.account;
  const region = textIn(after, 'region') ?? textIn(before, 'region') ?? place?.region;
  return {
    ...(account === undefined || account === '' ? {} : { account }),
    ...(region === undefined ? {} : { region }),
  };
}

/** The Regions that the resources of a plan and their providers name. */
export function regionsIn(plan: TerraformPlan): readonly string[] {
  const planned = plannedChanges(plan);
  const regions = planned.changes
    .filter(({ isAws, isData }) => isAws && !isData)
    .flatMap((change) => {
      const { region } = placeShown(change);
      const provider = regionOfProvider(planned, change);
      return region ?? (provider.is === 'shown' ? provider.region : []);
    });
  return [...new Set(regions)].filter((region) => regionNames.test(region));
}

function onlyRegion({ accounts }: Evidence, account: string | undefined): string | undefined {
  const regions = Object.keys((account === undefined ? undefined : accounts[account]?.regions) ?? {});
  return regions.length === 1 ? regions[0] : undefined;
}
