import * as v from 'valibot';
import { expect } from 'vitest';
import { type Collected, collect, type ToRead } from '../../src/collect/collect.ts';
import { evidenceSchema, type Gap } from '../../src/evidence/schema.ts';
import { account, region } from './founding-case.ts';
import { type Fault, type Rewrite, startProxy } from './proxy.ts';

export interface Reading extends Collected {
  readonly asked: readonly string[];
}

export interface Wire {
  readonly faultFor?: (operation: string) => Fault | undefined;
  readonly rewrite?: Rewrite;
  /** Default: the Region of the founding case. null: left to the question. */
  readonly at?: string | null;
}

/** Collects from `target` by way of a proxy that tells what was asked for. Whatever is collected is evidence by its schema. */
export async function readFrom(target: string, question: ToRead, wire: Wire = {}): Promise<Reading> {
  const { faultFor = () => undefined, rewrite, at = region } = wire;
  const proxy = await startProxy(target, faultFor, rewrite);
  const where = at === null ? {} : { region: at };
  try {
    const collected = await collect(question, { ...where, endpointUrl: proxy.endpoint, environment: {} });
    expect(v.safeParse(evidenceSchema, collected.evidence).issues).toBeUndefined();
    return { ...collected, asked: proxy.asked };
  } finally {
    await proxy.stop();
  }
}

/** AWS refuses these operations. */
export function refuse(...operations: readonly string[]): Wire {
  return {
    faultFor: (operation) => {
      if (!operations.includes(operation)) return undefined;
      return operation.startsWith('kms:')
        ? { code: 'AccessDeniedException', status: 400 }
        : { code: 'AccessDenied', status: 403 };
    },
  };
}

export const regionOf = ({ evidence }: Collected, name: string = region) => evidence.accounts[account]?.regions?.[name];
export const iamOf = ({ evidence }: Collected) => evidence.accounts[account]?.iam;
export const gapsOf = ({ evidence }: Collected): readonly Gap[] => evidence.gaps ?? [];
export const times = ({ asked }: Reading, operation: string): number => asked.filter((one) => one === operation).length;
