import { areLaterTags } from '../base/planned-name.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type Source, sourcesAt } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';

export type Tags = Readonly<Record<string, string>>;

const none: Tags = {};

/** Undefined: not known. */
type KnownTags = Tags | undefined;

/**
 * The tags that RDS gives to a new resource if the request sends none (rds-kms-operations-2 12.7).
 * A snapshot gets the tags of its database if the database is set to copy tags. A copy gets the
 * tags of its snapshot if the request asks for that. A restored instance gets the tags that the
 * instance of the snapshot had, in the same account.
 */
export function inheritedTags(
  evidence: Evidence,
  {
    operation,
    principal,
    parameters,
  }: { readonly operation: Operation; readonly principal: Principal; readonly parameters: OperationParameters },
  source: Source | undefined,
): KnownTags {
  switch (source?.type) {
    case 'cluster':
    case 'db':
      return makesSnapshot(operation) ? tagsCopied(source) : none;
    case 'cluster-snapshot':
      return parameters.copyTags === true ? source.tags : none;
    case 'snapshot':
      if (parameters.copyTags === true) return source.tags;
      return operation.restoresTags === true && source.account === principal.account
        ? tagsOfInstance(evidence, source)
        : none;
    default:
      return none;
  }
}

/** RDS shows of each database whether it copies its tags. */
function tagsCopied({ entry, tags }: Source & { readonly type: 'cluster' | 'db' }): KnownTags {
  const { CopyTagsToSnapshot: copies } = entry;
  if (copies === true) return tags;
  return copies === false || (tags !== undefined && !hasTags(tags)) ? none : undefined;
}

function makesSnapshot({ makes }: Operation): boolean {
  return makes === 'snapshot' || makes === 'cluster-snapshot';
}

/**
 * The present tags of the instance are taken as its tags at the time of the snapshot. If the
 * instance is gone, or has no tags now, a snapshot with tags shows them.
 */
function tagsOfInstance(evidence: Evidence, snapshot: Source & { readonly type: 'snapshot' }): KnownTags {
  const instances = evidence.accounts[snapshot.account]?.regions?.[snapshot.region]?.rds?.DBInstances;
  const all = instances === undefined ? [] : sourcesAt(evidence, snapshot, ['db']);
  const found = all.find((one) => isOf(snapshot, one));
  const own = found?.tags;
  if (own !== undefined && hasTags(own)) return own;
  return snapshot.tags !== undefined && !hasTags(snapshot.tags) ? own : snapshot.tags;
}

/** A new instance may have the name of an old one, but each instance has its own resource ID. */
function isOf({ entry, resourceId }: Source & { readonly type: 'snapshot' }, instance: Source): boolean {
  return resourceId === undefined || instance.resourceId === undefined
    ? instance.identifier === entry.DBInstanceIdentifier
    : instance.resourceId === resourceId;
}

function hasTags(tags: Tags): boolean {
  return Object.keys(tags).length > 0;
}

/**
 * The tags of the new resource, its own or inherited. Undefined: not known. AWS does not publish
 * which tags AWS Backup sends by itself, and tags of the request replace those that would be
 * inherited.
 */
export function tagsOfNew({
  operation,
  parameters,
  inheritedTags: inherited,
}: {
  readonly operation: Pick<Operation, 'runsAsRole'>;
  readonly parameters: OperationParameters;
  readonly inheritedTags: KnownTags;
}): KnownTags {
  const sent = parameters.tags ?? none;
  if (areLaterTags(sent)) return undefined;
  if (hasTags(sent)) return sent;
  return operation.runsAsRole === true ? undefined : inherited;
}
