import type { Source } from '../evidence/sources.ts';
import { defaultGroupBeginning, defaultGroupName, isDefaultGroup } from '../operations/default-groups.ts';
import type { GroupType } from '../operations/parameters.ts';
import { parameterNaming, valueOf } from '../operations/request-parameters.ts';
import type { Bound } from './bind.ts';

/** The group of a call. */
export interface BoundGroup {
  /** If `nameUnknown`: the start of the name. */
  readonly name: string;
  readonly nameUnknown: boolean;
  /**
   * `request`: the request names the group. Otherwise the request may name a group, and only the
   * question leaves it out.
   */
  readonly from: 'request' | 'source' | 'default';
}

/**
 * The group of this type that the new resource gets: the group that the request names, else the
 * group that RDS takes over from the source, else the default group.
 */
export function groupOf(type: GroupType, bound: Bound): BoundGroup {
  const flag = parameterNaming(type);
  const named = flag === undefined ? undefined : valueOf(bound.parameters, flag);
  // RDS keeps the names of groups in lower case (rds-kms-operations-2 13.9).
  if (typeof named === 'string') return { name: named.toLowerCase(), nameUnknown: false, from: 'request' };
  const inherited = inheritedGroup(type, bound);
  if (inherited !== undefined) return { name: inherited.toLowerCase(), nameUnknown: false, from: 'source' };
  return defaultGroupOf(type, bound);
}

/** The default group of this type for the new resource. */
export function defaultGroupOf(type: GroupType, bound: Bound): BoundGroup {
  const { engine, version } = engineOfNew(bound);
  const name = defaultGroupName(type, engine, version);
  return name === undefined
    ? { name: defaultGroupBeginning(type), nameUnknown: true, from: 'default' }
    : { name, nameUnknown: false, from: 'default' };
}

/** Undefined: not known. */
interface EngineOfNew {
  readonly engine: string | undefined;
  readonly version: string | undefined;
}

/**
 * The engine of the new resource: the engine that the request names, or else the engine of the
 * source. A DB snapshot can be restored to an Aurora cluster or an RDS cluster.
 */
function engineOfNew({ operation, parameters, source }: Bound): EngineOfNew {
  const read = source?.type === 'snapshot' && operation.makes === 'cluster' ? undefined : source?.engine;
  const engine = parameters.engine?.toLowerCase() ?? read;
  // Another engine has other versions.
  const version = engine === source?.engine ? source?.engineVersion : undefined;
  return { engine, version: parameters.engineVersion ?? version };
}

function inheritedGroup(type: GroupType, { operation, source, principal, region }: Bound): string | undefined {
  if (operation.inherits?.includes(type) !== true || source === undefined) return undefined;
  if (source.account !== principal.account || source.region !== region) return undefined;
  const name = groupsIn(source)[type];
  // A default group belongs to an engine and version, and these may change.
  return name === undefined || (type !== 'subgrp' && isDefaultGroup(type, name)) ? undefined : name;
}

/** The groups of the source, if the evidence has them. */
function groupsIn(source: Source): Readonly<Partial<Record<GroupType, string | undefined>>> {
  switch (source.type) {
    case 'cluster':
      return { subgrp: source.entry.DBSubnetGroup };
    case 'db':
      return {
        og: source.entry.OptionGroupMemberships?.[0]?.OptionGroupName,
        pg: source.entry.DBParameterGroups?.[0]?.DBParameterGroupName,
      };
    case 'snapshot':
    case 'auto-backup':
      return { og: source.entry.OptionGroupName };
    default:
      return {};
  }
}

/**
 * Whether the new resource has an option group (rds-kms-operations-2 13.2). A new database whose
 * request does not show the engine is assumed to be of RDS or Aurora.
 */
export function optionGroupsOf(bound: Bound): 'some' | 'none' | 'unknown' {
  const { operation, source } = bound;
  const engine = engineMade(bound);
  if (engine === 'docdb' || engine === 'neptune') return 'unknown';
  if (operation.makes !== 'cluster') return 'some';
  if (engine === undefined) return source === undefined || source.type === 'db' ? 'some' : 'unknown';
  return engine === 'mysql' || engine === 'postgres' ? 'none' : 'some';
}

/** A DB instance gets an Aurora replica, and a DB snapshot may become a cluster of Aurora or of RDS. */
function engineMade({ operation, parameters, source }: Bound): string | undefined {
  const isKept = operation.makes !== 'cluster' || source?.type.startsWith('cluster') === true;
  return parameters.engine?.toLowerCase() ?? (isKept ? source?.engine : undefined);
}
