import { arnParts } from '../base/arn.ts';
import type { PatternPart } from '../base/glob.ts';
import { isMultivalued } from './condition-keys.ts';
import type { Template } from './document.ts';
import { certain } from './possible.ts';
import { contextOf, type EngineRequest } from './request.ts';
import { contextFact, type Unknown, unknownBy } from './truth.ts';

/**
 * The places of policy variables in a text, each with the text in its braces. This uses no regular
 * expression, because a text with many open braces must not take long.
 */
function variablesIn(text: string): readonly { readonly from: number; readonly to: number; readonly inside: string }[] {
  const found: { readonly from: number; readonly to: number; readonly inside: string }[] = [];
  let to = 0;
  for (let from = text.indexOf('${'); from >= 0; from = text.indexOf('${', to)) {
    const end = text.indexOf('}', from);
    if (end < 0) break;
    to = end + 1;
    found.push({ from, to, inside: text.slice(from + 2, end).trim() });
  }
  return found;
}

/** The text with each character of a variable replaced by another character. */
export function withoutVariables(text: string, instead = ''): string {
  if (!text.includes('${')) return text;
  let out = '';
  let at = 0;
  for (const { from, to } of variablesIn(text)) {
    out += text.slice(at, from) + instead.repeat(to - from);
    at = to;
  }
  return out + text.slice(at);
}

/**
 * Cuts a text at its policy variables (iam-evaluation 4.1, 4.4, 4.5). Undefined: the text has none.
 */
export function readTemplate(text: string): Template | undefined {
  if (!text.includes('${')) return undefined;
  const variables = variablesIn(text);
  if (variables.length === 0) return undefined;
  const parts: Template['parts'][number][] = [];
  let at = 0;
  for (const { from, to, inside } of variables) {
    if (from > at) parts.push({ text: text.slice(at, from), wildcards: true });
    parts.push(
      inside === '*' || inside === '?' || inside === '$' ? { text: inside, wildcards: false } : readVariable(inside),
    );
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), wildcards: true });
  return { parts };
}

/** `key` or `key, 'default'`. */
function readVariable(inside: string): Template['parts'][number] {
  const comma = inside.indexOf(',');
  const after = comma < 0 ? '' : inside.slice(comma + 1).trimStart();
  return after.length > 1 && after.startsWith("'") && after.endsWith("'")
    ? { variable: inside.slice(0, comma).trimEnd(), fallback: after.slice(1, -1) }
    : { variable: inside };
}

/**
 * The template of a Resource value. Variables count only after the fifth colon. Before it they are
 * plain text, which matches no ARN (iam-evaluation 4.3).
 */
export function readResourceTemplate(text: string): Template | undefined {
  const hidden = withoutVariables(text, 'x');
  const resource = arnParts(hidden)?.at(-1);
  if (resource === undefined) return undefined;
  const cut = text.length - resource.length;
  if (hidden.slice(0, cut) !== text.slice(0, cut)) return undefined;
  const template = readTemplate(text.slice(cut));
  return template === undefined
    ? undefined
    : { parts: [{ text: text.slice(0, cut), wildcards: true }, ...template.parts] };
}

/**
 * The parts of a pattern. 'unresolved': a variable has neither a value nor a default, so the
 * pattern matches nothing (iam-evaluation 4.6).
 */
export type Resolved = readonly PatternPart[] | 'unresolved';

/**
 * How AWS may read a template: most likely as `parts`, or with wildcards in the values of variables
 * (`wild`).
 */
export interface Readings {
  readonly parts: Resolved | Unknown;
  /** Undefined: no substituted text has a star or a question mark. */
  readonly wild: Resolved | undefined;
}

/**
 * Fills in the variables. AWS does not say whether a substituted text may contain wildcards
 * (iam-evaluation 4.8, 11.10).
 */
export function readings(template: Template, request: EngineRequest): Readings {
  const parts = resolve(template, request);
  if (parts === 'unresolved' || 'because' in parts) return { parts, wild: undefined };
  const isWild = (part: PatternPart, index: number): boolean =>
    'variable' in (template.parts[index] ?? part) && /[*?]/.test(part.text);
  return {
    parts,
    wild: parts.some(isWild)
      ? parts.map((part, index) => (isWild(part, index) ? { ...part, wildcards: true } : part))
      : undefined,
  };
}

/**
 * Fills in the variables, each part of the template with one part of the pattern. If a key is
 * unknown, returns that fact.
 */
export function resolve(template: Template, request: EngineRequest): Resolved | Unknown {
  const parts: PatternPart[] = [];
  for (const part of template.parts) {
    if (!('variable' in part)) {
      parts.push(part);
      continue;
    }
    const keyId = part.variable.toLowerCase();
    // This is true even with a default (iam-evaluation 14.9).
    if (isMultivalued(keyId)) return 'unresolved';
    const values = certain(contextOf(request, keyId));
    if (values === undefined) return unknownBy(contextFact(part.variable));
    const value = values === 'absent' ? undefined : values[0];
    const text = value === undefined || value === '' ? part.fallback : value;
    if (text === undefined) return 'unresolved';
    parts.push({ text, wildcards: false });
  }
  return parts;
}
