import * as v from 'valibot';
import { expect } from 'vitest';
import { type Collected, collect } from '../../src/collect/collect.ts';
import type { ToRead } from '../../src/collect/reading.ts';
import { type Evidence, evidenceSchema, type Gap } from '../../src/evidence/schema.ts';
import { account, region } from './founding-case.ts';
import { type Fault, type Hold, type Rewrite, startProxy } from './proxy.ts';

export interface Reading extends Collected {
  readonly asked: readonly string[];
}

export interface Wire {
  readonly faultFor?: (operation: string, asked: string) => Fault | undefined;
  readonly rewrite?: Rewrite;
  readonly hold?: Hold;
  /** By default, the Region of the founding case. null: the question decides. */
  readonly at?: string | null;
}

/**
 * Collects from `target` through a proxy that records the calls. Everything that is collected must
 * be valid evidence.
 */
export async function readFrom(target: string, question: ToRead, wire: Wire = {}): Promise<Reading> {
  const { faultFor = () => undefined, rewrite, hold, at = region } = wire;
  const proxy = await startProxy(target, faultFor, rewrite, hold);
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

/** These operations get these answers, whatever the emulator would answer. */
export function answering(answers: Readonly<Record<string, string>>): Wire {
  return {
    faultFor: (operation) => {
      const body = answers[operation];
      return body === undefined ? undefined : { code: '', status: 200, body };
    },
  };
}

export const regionOf = ({ evidence }: Collected, name: string = region) => evidence.accounts[account]?.regions?.[name];
export const iamOf = ({ evidence }: Collected) => evidence.accounts[account]?.iam;
export const gapsOf = ({ evidence }: Collected): readonly Gap[] => evidence.gaps ?? [];
export const times = ({ asked }: Reading, operation: string): number => asked.filter((one) => one === operation).length;

const asked = { otherPrincipals: [], kmsKeyIds: [], sharing: false, quotas: false } as const;

/** What a restore reads: one snapshot, or all. */
export function snapshots(principal: string, target?: string): ToRead {
  return { ...asked, types: ['cluster-snapshot', 'snapshot'], principal, ...(target === undefined ? {} : { target }) };
}

/** What taking snapshots reads: all clusters. */
export function clusters(principal: string): ToRead {
  return { ...asked, types: ['cluster'], principal };
}

/** Evidence without times. The emulator's times of restore always end now. */
export function timeless(evidence: Evidence): unknown {
  const text = JSON.stringify({ ...evidence, collectedAt: '' });
  return JSON.parse(text.replaceAll(/("LatestRestorableTime":)"[^"]*"/g, '$1""'));
}
