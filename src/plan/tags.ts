import { isJson } from '../base/json.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

/**
 * The tags of a thing once the plan is applied: `tags_all` where the provider plans it, for it
 * holds the tags of the provider's configuration too. Undefined: not known.
 */
export function tagsOf(planned: PlannedChanges, change: PlannedChange): Readonly<Record<string, string>> | undefined {
  const all = planned.valueAt(change, ['tags_all']);
  const own = planned.valueAt(change, ['tags']);
  const value = all.is === 'known' ? all : own;
  if (value.is === 'not given') return all.is === 'not given' ? {} : undefined;
  if (value.is !== 'known' || !isJson(value.value)) return undefined;
  return Object.fromEntries(
    Object.entries(value.value).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : [])),
  );
}
