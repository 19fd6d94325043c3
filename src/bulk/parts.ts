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

export type SignaturePart = (typeof principalParts)[number] | (typeof targetParts)[number];

/** Keeps the parts of a signature that are not left out. */
export function signatureText(
  parts: Readonly<Partial<Record<SignaturePart, () => unknown>>>,
  without: ReadonlySet<SignaturePart>,
): string {
  const leftOut: ReadonlySet<string> = without;
  const kept = Object.entries<(() => unknown) | undefined>(parts).map(([name, text]) =>
    leftOut.has(name) ? '' : text?.(),
  );
  return JSON.stringify(kept);
}
