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
 * Tags that RDS gives to a new resource where the request sends none: a snapshot gets those of its
 * database if the database says so, a copy those of its snapshot if the request says so, and an
 * instance that is restored gets those that the instance of the snapshot had, in the same account
 * (rds-kms-operations-2 12.7).
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
      return makesSnapshot(operation) && source.entry.CopyTagsToSnapshot === true ? source.tags : none;
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

function makesSnapshot({ makes }: Operation): boolean {
  return makes === 'snapshot' || makes === 'cluster-snapshot';
}

/**
 * The tags that the instance has now count as those that it had. If the instance is gone, a
 * snapshot with tags shows them.
 */
function tagsOfInstance(evidence: Evidence, snapshot: Source & { readonly type: 'snapshot' }): KnownTags {
  const instances = evidence.accounts[snapshot.account]?.regions?.[snapshot.region]?.rds?.DBInstances;
  const all = instances === undefined ? [] : sourcesAt(evidence, snapshot, ['db']);
  const found = all.find((one) => isOf(snapshot, one));
  const own = found === undefined ? undefined : found.tags;
  if (own !== undefined && hasTags(own)) return own;
  return snapshot.tags !== undefined && hasTags(snapshot.tags) ? snapshot.tags : own;
}

/** A name may be used again for a new instance. A resource id belongs to one instance only. */
function isOf({ entry, resourceId }: Source & { readonly type: 'snapshot' }, instance: Source): boolean {
  return resourceId === undefined || instance.resourceId === undefined
    ? instance.identifier === entry.DBInstanceIdentifier
    : instance.resourceId === resourceId;
}

function hasTags(tags: Tags): boolean {
  return Object.keys(tags).length > 0;
}

/** Tags of the new resource, its own or inherited. Undefined: not known. */
export function tagsOfNew({
  parameters,
  inheritedTags: inherited,
}: {
  readonly parameters: OperationParameters;
  readonly inheritedTags: KnownTags;
}): KnownTags {
  const sent = parameters.tags ?? none;
  return hasTags(sent) ? sent : inherited;
}
