/**
 * The named fields of an AWS answer, without undefined ones. The SDK's interfaces have many more
 * fields than evidence. A list of names next to each read says which fields are kept.
 */
export function picked<T extends object, K extends keyof T>(
  from: T,
  names: readonly K[],
): { [P in NoInfer<K>]?: Exclude<T[P], undefined> } {
  const out: { [P in K]?: Exclude<T[P], undefined> } = {};
  for (const name of names) {
    const value = from[name];
    if (isDefined(value)) out[name] = value;
  }
  return out;
}

/** Like `picked`, but for times, as ISO text. */
export function instants<T extends object, K extends keyof T>(
  from: T,
  names: readonly K[],
): { [P in NoInfer<K>]?: string } {
  const out: { [P in K]?: string } = {};
  for (const name of names) {
    const value: unknown = from[name];
    if (value instanceof Date) out[name] = value.toISOString();
  }
  return out;
}

/** Tags as RDS and IAM return them. Both leave the list out if there are no tags. */
export function tagList(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): { Key: string; Value: string }[] {
  return (tags ?? []).map(({ Key, Value }) => ({ Key: Key ?? '', Value: Value ?? '' }));
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}
