/** Groups items by a name, in the order in which the names first occur. */
export function groupBy<T>(items: readonly T[], name: (item: T) => string): ReadonlyMap<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = name(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Groups neighbors with the same name. If a name occurs again later, it starts another group. */
export function runsOf<T>(
  items: readonly T[],
  name: (item: T) => string,
): readonly (readonly [name: string, run: readonly [T, ...T[]]])[] {
  const runs: [string, [T, ...T[]]][] = [];
  for (const item of items) {
    const key = name(item);
    const last = runs.at(-1);
    if (last?.[0] === key) last[1].push(item);
    else runs.push([key, [item]]);
  }
  return runs;
}
