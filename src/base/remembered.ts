/** The same function of a text, which makes the answer to each question once. */
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
