/** What the signature of a principal is made of. */
export const principalParts = [
  'type',
  'service-linked role',
  'identity policies',
  'boundary',
  'unread policies',
  'repeated names',
  'outcomes of conditions',
  'values of variables',
  'principal elements',
  'namesakes',
  'trust',
] as const;

/** What the signature of a target is made of, as those of an account and type meet it. */
export const targetParts = ['rows', 'preconditions', 'resources', 'condition keys'] as const;

/** By what the two states of a target are compared. */
export const comparedParts = ['calls', 'keys', 'surroundings', 'condition keys'] as const;

/** What can be left out of a comparison of two states, for tests. */
export type ComparedPart = (typeof principalParts)[number] | (typeof comparedParts)[number];

export type SignaturePart = (typeof principalParts)[number] | (typeof targetParts)[number];

/** The value of each part of a signature, by its name. */
export type SignatureParts<T> = readonly (readonly [SignaturePart, (of: T) => unknown])[];

/** Keeps the parts of a signature that are not left out. */
export function signatureOf<T>(parts: SignatureParts<T>, of: T, without: ReadonlySet<string>): readonly unknown[] {
  return parts.map(([name, part]) => (without.has(name) ? '' : part(of)));
}
