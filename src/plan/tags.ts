import { placeOf, resourceTypeOf } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import type { Evidence, Region } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { withRegion } from './edits.ts';
import { isMade } from './overlay-row.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';
import { tagsOf } from './planned-tags.ts';

type TagList = readonly { readonly Key: string; readonly Value?: string | undefined }[];

/**
 * The tags of a resource after the apply, with those that the provider leaves alone. `held`: the tags in
 * the evidence, undefined if they are not known.
 */
export function tagsAfter(
  planned: PlannedChanges,
  change: PlannedChange,
  held: TagList | undefined,
): ReturnType<typeof tagsOf> {
  const tags = tagsOf(planned, change);
  if (tags === undefined || tags === 'unknown' || isMade(change)) return tags;
  const { isIgnored, isHidden, hasOwn } = ignoredTags(planned, change);
  const others = held?.filter(({ Key: key }) => !Object.hasOwn(tags, key));
  if (others === undefined) return hasOwn ? 'unknown' : tags;
  if (isHidden && others.length > 0) return 'unknown';
  const kept = others.filter(({ Key: key }) => isIgnored(key));
  return { ...Object.fromEntries(kept.map(({ Key, Value = '' }) => [Key, Value])), ...tags };
}

/**
 * The tags that a provider neither shows nor changes: those of AWS itself, and those of `ignore_tags`.
 * `isHidden`: the plan does not show all of `ignore_tags`. `hasOwn`: the provider has `ignore_tags`.
 */
function ignoredTags({ plan }: PlannedChanges, { provider = '' }: PlannedChange) {
  const { provider_config: configs } = plan.configuration;
  const expressions = Object.hasOwn(configs, provider) ? configs[provider]?.expressions : undefined;
  const blocks = expressions?.['ignore_tags'];
  const [block] = isList(blocks) ? blocks.filter(isJson) : [];
  const [keys, prefixes] = ['keys', 'key_prefixes'].map((name) => constantTexts(propertyOf(block, name)));
  return {
    isIgnored: (key: string): boolean =>
      key.startsWith('aws:') || keys?.includes(key) === true || prefixes?.some((one) => key.startsWith(one)) === true,
    isHidden: keys === undefined || prefixes === undefined,
    hasOwn: block !== undefined,
  };
}

/** The texts of a constant list. Undefined: not shown. */
function constantTexts(expression: unknown): readonly string[] | undefined {
  if (expression === undefined) return [];
  const constant = isJson(expression) ? propertyOf(expression, 'constant_value') : undefined;
  return isList(constant) ? constant.filter((one) => typeof one === 'string') : undefined;
}

/** An item with the tags of a change. `put`: with these tags; undefined: with unknown tags. */
export function tagged<T>(
  item: T,
  tags: ReturnType<typeof tagsOf>,
  put: (item: T, tags: { Key: string; Value: string }[] | undefined) => T,
): T {
  if (tags === undefined) return item;
  return put(item, tags === 'unknown' ? undefined : Object.entries(tags).map(([Key, Value]) => ({ Key, Value })));
}

/** The evidence without the tags of the database or snapshot that a change updates. */
export function withoutTagsOf(evidence: Evidence, { before }: PlannedChange): Evidence {
  const named = ['arn', 'db_cluster_snapshot_arn', 'db_snapshot_arn'].map((name) => propertyOf(before, name));
  const arn = named.find((one) => typeof one === 'string' && one !== '');
  const place = typeof arn === 'string' ? placeOf(arn) : undefined;
  if (typeof arn !== 'string' || place === undefined) return evidence;
  const edit = (region: Region): Region => ({ ...region, rds: region.rds && withoutTagsAt(region.rds, arn) });
  return withRegion(evidence, place, edit) ?? evidence;
}

type Rds = NonNullable<Region['rds']>;

function withoutTagsAt(rds: Rds, arn: string): Rds {
  const { DBClusters, DBInstances, DBClusterSnapshots, DBSnapshots } = rds;
  const open = <T>(list: T[] | undefined, arnOf: (one: T) => string): T[] | undefined =>
    list?.map((one) => (arnOf(one) === arn ? { ...one, TagList: undefined } : one));
  switch (resourceTypeOf(arn)) {
    case 'cluster':
      return { ...rds, DBClusters: open(DBClusters, (one) => one.DBClusterArn) };
    case 'db':
      return { ...rds, DBInstances: open(DBInstances, (one) => one.DBInstanceArn) };
    case 'cluster-snapshot':
      return { ...rds, DBClusterSnapshots: open(DBClusterSnapshots, (one) => one.DBClusterSnapshotArn) };
    case 'snapshot':
      return { ...rds, DBSnapshots: open(DBSnapshots, (one) => one.DBSnapshotArn) };
    default:
      return rds;
  }
}
