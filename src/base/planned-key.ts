/*
 * A key that a plan makes has no ID before the apply. Its address in the configuration stands for
 * the ID, so that reports call the key as its owner does.
 */

/** Stands for the ID of a new key. It has no character that an ARN or a policy reads in its way. */
export function plannedKeyId(address: string): string {
  return encodeURIComponent(address.replaceAll(/\p{Surrogate}/gu, '-')).replaceAll(
    /[!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

/**
 * The address of a planned key, by the resource of its ARN. Undefined: the key is there, or it is
 * no key.
 */
export function addressOfPlannedKey(resource: string): string | undefined {
  if (!resource.startsWith('key/')) return undefined;
  const [, id] = /^key\/(?:mrk-)?((?:module\.|aws_kms_).+)$/.exec(resource) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
