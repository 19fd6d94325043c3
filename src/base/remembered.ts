/** The same function, with a cache by text. */
export function remembered<T, Name extends string = string>(make: (name: Name) => T): (name: Name) => T {
  const made = new Map<Name, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const answer = make(name);
    made.set(name, answer);
    return answer;
  };
}

/** The same function, with a cache by object. */
export function rememberedOf<Thing extends object, T>(find: (thing: Thing) => T): (thing: Thing) => T {
  const known = new WeakMap<Thing, { readonly is: T }>();
  return (thing) => {
    const found = known.get(thing) ?? { is: find(thing) };
    known.set(thing, found);
    return found.is;
  };
}

type Path = readonly (string | number)[];

/** The same function, with a cache by object and path. */
export function rememberedAt<Thing extends object, T>(
  find: (thing: Thing, path: Path) => T,
): (thing: Thing, path: Path) => T {
  type Known = Map<string | number | undefined, { readonly is: T }>;
  const pathsOf = rememberedOf<Thing, Known>(() => new Map());
  return (thing, path) => {
    const known = pathsOf(thing);
    const name = path.length === 1 ? path[0] : JSON.stringify(path);
    const found = known.get(name) ?? { is: find(thing, path) };
    known.set(name, found);
    return found.is;
  };
}
