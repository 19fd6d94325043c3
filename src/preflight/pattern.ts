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

/** Which of the texts with a certain beginning a pattern matches. */
export type Extent = 'all' | 'some' | 'none';

export function extentOf(is: boolean): Extent {
  return is ? 'all' : 'none';
}

/** The extent of a test that takes what one of several tests takes. */
export function extentOfAny(all: readonly Extent[]): Extent {
  return all.includes('all') ? 'all' : all.includes('some') ? 'some' : 'none';
}

/** The extent of a test that takes what each of several tests takes. */
export function extentOfEach(all: readonly Extent[]): Extent {
  return all.includes('none') ? 'none' : all.includes('some') ? 'some' : 'all';
}

/**
 * Compiles a pattern for texts of which only the beginning is known. The rest is not empty.
 * `hasSlashes`: the rest may have slashes.
 */
export function reachOf(pattern: string, ignoresCase = false): (beginning: string, hasSlashes: boolean) => Extent {
  const steps = stepsOf(ignoresCase ? pattern.toLowerCase() : pattern);
  return (beginning, hasSlashes) => reached(steps, ignoresCase ? beginning.toLowerCase() : beginning, hasSlashes);
}

function reached(steps: readonly Step[], beginning: string, hasSlashes: boolean): Extent {
  let ends: ReadonlySet<number> = new Set([0]);
  let isSome = false;
  for (const [index, step] of steps.entries()) {
    const all = [...ends];
    const covers = (end: number): boolean =>
      step.is === 'any' || (step.is === 'some' && !hasSlashes && !beginning.includes('/', end));
    if (index === steps.length - 1 && all.some(covers)) return 'all';
    isSome ||= all.some((end) => mayGoOn(step, beginning, end));
    ends = new Set(all.flatMap((end) => endsAfter(step, beginning, end)));
  }
  return isSome ? 'some' : 'none';
}

/** Whether a step may take a part of the unknown rest. */
function mayGoOn(step: Step, beginning: string, from: number): boolean {
  switch (step.is) {
    case 'text':
      return step.text.length > beginning.length - from && step.text.startsWith(beginning.slice(from));
    case 'one':
      return from === beginning.length;
    case 'some':
      return !beginning.includes('/', from);
    case 'any':
      return true;
  }
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
