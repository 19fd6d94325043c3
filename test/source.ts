import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

/* The source as syntax trees, for tests of what the source may contain. */

export type Node = Readonly<Record<string, unknown>>;

export interface Source {
  /** Relative to src. */
  readonly file: string;
  readonly program: Node;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** This runs for each node of each file. Chained methods would take five times as long. */
export function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  for (const value of Object.values(node))
    if (Array.isArray(value)) {
      for (const one of value) if (isNode(one)) children.push(one);
    } else if (isNode(value)) children.push(value);
  return children;
}

const src = fileURLToPath(new URL('../src', import.meta.url));

export const sources: readonly Source[] = readdirSync(src, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const program: unknown = parseAst(readFileSync(path, 'utf8'), { lang: 'ts' });
    return { file: relative(src, path), program: isNode(program) ? program : {} };
  });

/** The text of a literal, or of a template without its expressions. */
export function writtenIn(node: Node): string | undefined {
  const { type, value, quasis } = node;
  if (type === 'Literal') return typeof value === 'string' ? value : undefined;
  if (type !== 'TemplateLiteral' || !Array.isArray(quasis)) return undefined;
  return quasis
    .map((quasi) => (isNode(quasi) && isRecord(quasi['value']) ? String(quasi['value']['cooked']) : ''))
    .join(' … ');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
