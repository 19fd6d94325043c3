/** The parts of a principal's signature. */
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

/** The parts of a target's signature, for the principals of one account and type. */
export const targetParts = ['rows', 'preconditions', 'resources', 'condition keys'] as const;

/** The parts by which two states of a target are compared. */
export const comparedParts = ['keys', 'calls', 'surroundings', 'condition keys'] as const;

/** A part that a test can leave out of a comparison of two states. */
export type ComparedPart = (typeof principalParts)[number] | (typeof comparedParts)[number];

export type SignaturePart = (typeof principalParts)[number] | (typeof targetParts)[number];

/** The name of each part of a signature, and how to compute its value. */
export type SignatureParts<T> = readonly (readonly [SignaturePart, (of: T) => unknown])[];

/** The values of the parts that are not left out. */
export function signatureOf<T>(parts: SignatureParts<T>, of: T, without: ReadonlySet<string>): readonly unknown[] {
  return parts.map(([name, part]) => (without.has(name) ? '' : part(of)));
}
