import { defaultGroupBeginning, defaultGroupName } from '../operations/default-groups.ts';
import type { GroupType } from '../operations/parameters.ts';
import { parameterNaming, valueOf } from '../operations/request-parameters.ts';
import type { Bound } from './bind.ts';

/** The group that a call is about. */
export interface BoundGroup {
  /** Where `nameUnknown`, its beginning. */
  readonly name: string;
  readonly nameUnknown: boolean;
  /** `request`: the request names the group. Otherwise whoever asks may have left the name out of the question alone. */
  readonly from: 'request' | 'default';
}

/**
 * The group of a type that what is made will have: the one that the request names, else the default
 * one.
 */
export function groupOf(type: GroupType, bound: Bound): BoundGroup {
  const flag = parameterNaming(type);
  const named = flag === undefined ? undefined : valueOf(bound.parameters, flag);
  if (typeof named === 'string') return { name: named, nameUnknown: false, from: 'request' };
  const name = defaultGroupName(type, bound.source?.engine, bound.source?.engineVersion);
  return name === undefined
    ? { name: defaultGroupBeginning(type), nameUnknown: true, from: 'default' }
    : { name, nameUnknown: false, from: 'default' };
}
