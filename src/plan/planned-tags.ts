import { isJson, isList } from '../base/json.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

/* The tags that a plan shows. */

type Tags = Readonly<Record<string, string>>;

/**
 * The tags of a resource after the apply. `unknown`: some are known only then. Undefined: the
 * resource has no tags.
 */
export function tagsOf(planned: PlannedChanges, change: PlannedChange): Tags | 'unknown' | undefined {
  // The provider adds the tags of its configuration, which are only in `tags_all`.
  const all = tagsAt(change, 'tags_all');
  if (all !== undefined && all !== 'unknown') return all;
  const own = tagsAt(change, 'tags');
  if (own === 'unknown' || (all === undefined && own === undefined)) return own;
  const usual = defaultTags(planned, change);
  return usual === 'unknown' ? usual : { ...usual, ...own };
}

/** The tags in an attribute. `unknown`: some are known only after the apply. */
export function tagsAt({ after, unknown }: PlannedChange, name: string): Tags | 'unknown' | undefined {
  const mark = isJson(unknown) ? propertyOf(unknown, name) : unknown;
  if (holdsTrue(mark)) return 'unknown';
  const given = propertyOf(after, name);
  if (given === undefined) return undefined;
  return isJson(given) ? textsOf(given) : {};
}

/** The `default_tags` of the provider, where they are constants. */
function defaultTags({ plan }: PlannedChanges, { provider = '' }: PlannedChange): Tags | 'unknown' {
  const { provider_config: configs } = plan.configuration;
  const expressions = Object.hasOwn(configs, provider) ? configs[provider]?.expressions : undefined;
  const blocks = expressions?.['default_tags'];
  if (blocks === undefined) return {};
  const [block] = isList(blocks) ? blocks : [];
  const tags = isJson(block) ? propertyOf(block, 'tags') : undefined;
  const constant = isJson(tags) ? propertyOf(tags, 'constant_value') : undefined;
  return isJson(constant) ? textsOf(constant) : 'unknown';
}

function textsOf(json: Readonly<Record<string, unknown>>): Tags {
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : [])),
  );
}
