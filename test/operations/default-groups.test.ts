import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultGroupBeginning, defaultGroupName } from '../../src/operations/default-groups.ts';

interface Case {
  readonly engine: string | null;
  readonly version: string | null;
  /**
   * The name of the default DB parameter group, and also of the default DB cluster parameter group.
   */
  readonly pg: string | null;
  readonly og: string | null;
}

const url = new URL('../cases/operations/default-groups.json', import.meta.url);
const file: { readonly about: string; readonly cases: readonly Case[] } = JSON.parse(readFileSync(url, 'utf8'));

describe(file.about, () => {
  test.each(file.cases)('$engine $version', ({ engine, version, pg, og }) => {
    const of = (type: 'pg' | 'cluster-pg' | 'og'): string | null =>
      defaultGroupName(type, engine ?? undefined, version ?? undefined) ?? null;
    expect({ pg: of('pg'), 'cluster-pg': of('cluster-pg'), og: of('og') }).toEqual({ pg, 'cluster-pg': pg, og });
    expect(pg?.startsWith(defaultGroupBeginning('pg')) ?? true).toBe(true);
    expect(og?.startsWith(defaultGroupBeginning('og')) ?? true).toBe(true);
  });

  test('the default subnet group has one name', () => {
    expect(defaultGroupName('subgrp', undefined, undefined)).toBe('default');
  });
});
