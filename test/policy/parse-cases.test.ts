import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { warningText } from '../../src/explain/policy-warnings.ts';
import { type DocumentFault } from '../../src/policy/fault.ts';
import { parse } from '../../src/policy/parse.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';

interface ParseCase {
  readonly name: string;
  readonly source: string;
  readonly kind: PolicyKind;
  readonly document: unknown;
  readonly faults?: readonly DocumentFault[];
  readonly warnings?: readonly (DocumentFault & { readonly code: string })[];
}

const folder = new URL('../cases/parse/', import.meta.url);

for (const file of readdirSync(folder)) {
  const { about, cases }: { about: string; cases: ParseCase[] } = JSON.parse(
    readFileSync(new URL(file, folder), 'utf8'),
  );
  describe(`${file}: ${about}`, () => {
    test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { kind, document, faults, warnings }) => {
      const parsed = parse(kind, 'policy', document);
      const found = 'faults' in parsed ? parsed.faults : parsed.warnings();
      expect('faults' in parsed).toBe(faults !== undefined);
      const wanted = (faults ?? warnings ?? []).map(
        ({ path, says }) => new RegExp(`^${escaped(path)}: .*${escaped(says)}`, 's'),
      );
      const texts = found.map((one) => `${one.path}: ${'code' in one ? warningText(one) : one.says}`);
      expect(texts).toHaveLength(wanted.length);
      for (const [index, pattern] of wanted.entries()) expect(texts[index]).toMatch(pattern);
      const steps = (all: readonly object[]) => all.flatMap((one) => ('does' in one ? [one.does] : []));
      expect(steps(found)).toEqual(steps(faults ?? []));
      const codes = (warnings ?? []).map(({ code }) => code);
      expect(found.flatMap((one) => ('code' in one ? one.code : []))).toEqual(codes);
    });
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
