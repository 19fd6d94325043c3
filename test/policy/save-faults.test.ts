import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DocumentFault } from '../../src/policy/fault.ts';
import { saveFaults } from '../../src/policy/save-faults.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';

interface SaveCase {
  readonly name: string;
  readonly source: string;
  readonly kind: PolicyKind;
  readonly document: unknown;
  readonly faults: readonly DocumentFault[];
}

const { about, cases }: { readonly about: string; readonly cases: readonly SaveCase[] } = JSON.parse(
  readFileSync(new URL('../cases/save-faults.json', import.meta.url), 'utf8'),
);

describe(about, () => {
  test.each(cases)('$name', ({ kind, document, faults }) => {
    const found = saveFaults(kind, 'policy', document);
    expect(found.map(({ path }) => path)).toEqual(faults.map(({ path }) => path));
    for (const [index, { says }] of faults.entries()) expect(found[index]?.says).toContain(says);
  });
});
