/** The same function of a text, which makes the answer to each question once. */
export function remembered<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const answer = make(name);
    made.set(name, answer);
    return answer;
  };
}
