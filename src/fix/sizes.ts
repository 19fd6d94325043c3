import { resourceTypeOf } from '../base/arn.ts';
import type { Json } from '../base/json.ts';
import { inlinePolicies, type PolicyPlace } from '../evidence/change.ts';
import type { Evidence } from '../evidence/schema.ts';
import { documentObject } from './documents.ts';

/*
 * The size limits of policies (iam-evaluation 6.11, 8). AWS refuses longer policies, so they would
 * fix nothing.
 */

const ofInline: ReadonlyMap<string, number> = new Map([
  ['user', 2048],
  ['group', 5120],
  ['role', 10_240],
]);

/** In characters. For a session policy, see `longestSessionPolicy`. */
export function longestAt(place: PolicyPlace): number {
  switch (place.in) {
    case 'key policy':
      return 32_768;
    case 'inline policy':
      return ofInline.get(resourceTypeOf(place.owner)) ?? Number.POSITIVE_INFINITY;
    case 'managed policy':
      return 6144;
    case 'scp':
      return 10_240;
    case 'rcp':
      return 5120;
  }
}

export const longestSessionPolicy = 2048;

/** Without white space outside strings, which IAM does not count. */
export function sizeOf(document: Json): number {
  return JSON.stringify(document).length;
}

/**
 * Whether AWS accepts a policy of this size. For the inline policies of one owner, the sum counts.
 */
export function fits(place: PolicyPlace, document: Json, evidence: Evidence): boolean {
  const others =
    place.in === 'inline policy'
      ? inlinePolicies(evidence, place.owner).filter(({ PolicyName: name }) => name !== place.name)
      : [];
  const sizes = others.map(({ PolicyDocument: other }) => sizeOf(documentObject(other) ?? {}));
  return sizes.reduce((sum, size) => sum + size, sizeOf(document)) <= longestAt(place);
}
