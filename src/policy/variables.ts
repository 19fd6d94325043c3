import { arnParts } from './arn.ts';
import { isMultivalued } from './context-keys.ts';
import type { Template } from './document.ts';
import type { PatternPart } from './pattern.ts';
import { certain } from './possible.ts';
import { contextOf, type Request } from './request.ts';
import { contextFact, type Unsettled, unsettled } from './truth.ts';

/** Cuts text at its policy variables (iam-evaluation 4.1, 4.4, 4.5); undefined if it holds none. */
export function readTemplate(text: string): Template | undefined {
  if (!text.includes('${')) return undefined;
  const parts: Template['parts'][number][] = [];
  let from = 0;
  for (const found of text.matchAll(/\$\{([^}]*)\}/g)) {
    if (found.index > from) parts.push({ text: text.slice(from, found.index), wildcards: true });
    const inside = (found[1] ?? '').trim();
    const withDefault = /^(.*?)\s*,\s*'(.*)'$/s.exec(inside);
    if (inside === '*' || inside === '?' || inside === '$') parts.push({ text: inside, wildcards: false });
    else if (withDefault?.[1] !== undefined && withDefault[2] !== undefined)
      parts.push({ variable: withDefault[1], fallback: withDefault[2] });
    else parts.push({ variable: inside });
    from = found.index + found[0].length;
  }
  if (from === 0) return undefined;
  if (from < text.length) parts.push({ text: text.slice(from), wildcards: true });
  return { parts };
}

/**
 * The template of a Resource value. Variables stand after the fifth colon only; elsewhere they are plain text, which matches no ARN
 * (iam-evaluation 4.3).
 */
export function readResourceTemplate(text: string): Template | undefined {
  const hidden = text.replace(/\$\{[^}]*\}/g, (variable) => 'x'.repeat(variable.length));
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
 * Fills in the variables: the parts of a pattern, 'unresolved' if a key has no value and no default (iam-evaluation 4.6), or the key that it
 * hangs on. `wildcards` says whether substituted text may hold wildcards; AWS does not say whether it may (11.10).
 */
export function resolve(
  template: Template,
  request: Request,
  wildcards: boolean,
): readonly PatternPart[] | 'unresolved' | Unsettled {
  const parts: PatternPart[] = [];
  for (const part of template.parts) {
    if (!('variable' in part)) {
      parts.push(part);
      continue;
    }
    const keyId = part.variable.toLowerCase();
    const values = isMultivalued(keyId) ? 'absent' : certain(contextOf(request, keyId));
    if (values === undefined) return unsettled(contextFact(part.variable));
    const value = values === 'absent' ? undefined : values[0];
    const text = value === undefined || value === '' ? part.fallback : value;
    if (text === undefined) return 'unresolved';
    parts.push({ text, wildcards });
  }
  return parts;
}
