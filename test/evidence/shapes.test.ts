import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { isJson, isList } from '../../src/base/json.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { isDocument, type Spot, sampleOf, spotsOf } from './schema-walk.ts';

/*
 * A file with a value of another type must be refused. Such a value must not count as "none
 * exists".
 */

const sample = sampleOf(evidenceSchema, 'Sample');
const typed = spotsOf(evidenceSchema).filter(
  ({ path, schema }) => path !== '' && kindOf({ path, schema }) !== undefined,
);

function kindOf({ schema }: Spot): 'object' | 'list' | undefined {
  if (isDocument(schema) || schema['type'] === 'record' || isJson(schema['entries'])) return 'object';
  return isJson(schema['item']) ? 'list' : undefined;
}

/** The sample with another value at a path such as `accounts.*.regions.*.kms.keys[]`. */
function withAt(value: unknown, path: readonly string[], other: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return other;
  if (step === '[]' && isList(value)) return value.map((one) => withAt(one, rest, other));
  if (!isJson(value)) throw new Error(`nothing is at ${step}`);
  const names = step === '*' ? Object.keys(value) : [step];
  return { ...value, ...Object.fromEntries(names.map((name) => [name, withAt(value[name], rest, other)])) };
}

function stepsOf(path: string): readonly string[] {
  return path.replaceAll('[]', '.[]').split('.');
}

describe('values of another type', () => {
  test('the sample without a change is read', () => {
    expect(v.safeParse(evidenceSchema, sample).success).toBe(true);
    expect(typed.length).toBeGreaterThan(100);
  });

  test.each(typed)('$path of evidence', (spot) => {
    const others = [kindOf(spot) === 'object' ? [] : {}, 5, true];
    for (const other of others) {
      const text = JSON.stringify(withAt(sample, stepsOf(spot.path), other));
      expect(() => parseEvidence('file', text), JSON.stringify(other)).toThrow(/^file: `.*` is /);
    }
  });

  test.each(['resource_changes', 'configuration', 'variables', 'prior_state'])('%s of a plan', (name) => {
    const plan = { format_version: '1.2', configuration: {}, resource_changes: [] };
    expect(() => readPlan('plan', JSON.stringify(plan))).not.toThrow();
    const other = name === 'resource_changes' ? {} : [];
    expect(() => readPlan('plan', JSON.stringify({ ...plan, [name]: other }))).toThrow(
      `${name} is not as Terraform writes it (expected ${name === 'resource_changes' ? 'a list' : 'an object'})`,
    );
  });

  test('only src/base/objects.ts calls those of Valibot, which take a list for an object', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && name !== join('base', 'objects.ts'),
    );
    const calling = files.filter((name) =>
      /\bv\.(?:looseObject|strictObject|object|objectWithRest|record)\(/.test(readFileSync(join('src', name), 'utf8')),
    );
    expect(calling).toEqual([]);
  });
});
