/*
 * Patterns of expectations: `*` stops at `/`, `**` does not, `?` is one character other than `/`.
 */

type Step = { readonly is: 'text'; readonly text: string } | { readonly is: 'one' | 'some' | 'any' };

/** A pattern that decides whether a whole text matches. */
export type Pattern = (text: string) => boolean;

/** Compiles a pattern. `ignoresCase`: for names in RDS, which are not case-sensitive. */
export function patternOf(pattern: string, ignoresCase = false): Pattern {
  const steps = stepsOf(ignoresCase ? pattern.toLowerCase() : pattern);
  return (text) => matchesAll(steps, ignoresCase ? text.toLowerCase() : text);
}

function stepsOf(pattern: string): readonly Step[] {
  return (pattern.match(/\*+|\?|[^*?]+/g) ?? []).map((part): Step => {
    if (part === '?') return { is: 'one' };
    if (part.startsWith('*')) return { is: part.length > 1 ? 'any' : 'some' };
    return { is: 'text', text: part };
  });
}

/**
 * Follows at once all positions that the steps so far can reach. The time then grows only with the
 * lengths of pattern and text, however many `*` the pattern has.
 */
function matchesAll(steps: readonly Step[], text: string): boolean {
  let ends: ReadonlySet<number> = new Set([0]);
  for (const step of steps) {
    const next = new Set<number>();
    for (const end of ends) for (const one of endsAfter(step, text, end)) next.add(one);
    if (next.size === 0) return false;
    ends = next;
  }
  return ends.has(text.length);
}

function endsAfter(step: Step, text: string, from: number): readonly number[] {
  switch (step.is) {
    case 'text':
      return text.startsWith(step.text, from) ? [from + step.text.length] : [];
    case 'one':
      return from < text.length && text[from] !== '/' ? [from + 1] : [];
    case 'some': {
      const slash = text.indexOf('/', from);
      return range(from, slash < 0 ? text.length : slash);
    }
    case 'any':
      return range(from, text.length);
  }
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
