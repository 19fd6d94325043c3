import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Report } from '../src/contract/report.ts';
import { demoIncident } from '../src/diagnose/demo-incident.ts';
import { changed } from './check-case.ts';
import { textsOf } from './texts.ts';

/*
 * The format of the cases of `diagnose`: changes to the event of --demo, and changes to its
 * evidence.
 */

export type Changes = Readonly<Record<string, unknown>>;

export interface DiagnoseCase {
  readonly name: string;
  readonly event?: Changes;
  /** Replaces the event. */
  readonly record?: unknown;
  readonly evidence?: Changes;
  readonly args?: string;
  readonly expect: DiagnoseExpectation;
}

interface DiagnoseExpectation {
  readonly code?: number;
  readonly verdict?: string;
  readonly agreement?: string;
  readonly answer?: string;
  /** The time of the check. */
  readonly evaluatedAt?: string;
  /** The command that `diagnose` checks for the event. */
  readonly operation?: string;
  /** Parts of texts. An empty list: there must be no text. */
  readonly decisive?: readonly string[];
  readonly explanations?: readonly string[];
  readonly causes?: readonly string[];
  /** Flags. */
  readonly missing?: readonly string[];
  readonly why?: readonly string[];
  /** Values of condition keys. null: the event does not show the key. */
  readonly context?: Readonly<Record<string, string | null>>;
  /** Parts of sentences that must not appear in the explanation. */
  readonly saysNot?: readonly string[];
}

interface DiagnoseFile {
  readonly about: string;
  readonly cases: readonly DiagnoseCase[];
}

export const demoEvent = demoIncident.is === 'CloudTrail event' ? demoIncident.event : undefined;

export function readDiagnoseCases(name: string): DiagnoseFile {
  const file: DiagnoseFile = JSON.parse(readFileSync(new URL(`./cases/diagnose/${name}`, import.meta.url), 'utf8'));
  return file;
}

/** The record of a case, and its further arguments. */
export function recordAndFlags({ event, record, args }: DiagnoseCase): {
  readonly record: unknown;
  readonly flags: readonly string[];
} {
  return { record: record ?? changed(demoEvent, event ?? {}), flags: args === undefined ? [] : args.split(' ') };
}

export function expectDiagnosis(
  { diagnosis, verdict, results, fixes, evaluatedAt }: Report,
  code: number | null,
  expected: DiagnoseExpectation,
): void {
  if (diagnosis === undefined) throw new Error('no diagnosis');
  const ids = fixes.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(results.flatMap((result) => result.fixes)));
  const { answer, agreement, incident, missing } = diagnosis;
  const found = { code, verdict, agreement, answer, evaluatedAt, operation: results[0]?.operation };
  const { decisive, explanations, causes, missing: flags, why, context, saysNot, ...plain } = expected;
  expect(found).toMatchObject(plain);
  for (const [key, value] of Object.entries(context ?? {})) expect(incident.context[key]?.[0] ?? null).toBe(value);
  for (const part of decisive ?? []) expect(textsOf(diagnosis.decisive)).toContain(part);
  if (decisive?.length === 0) expect(diagnosis.decisive).toEqual([]);
  for (const part of explanations ?? []) expect(textsOf(diagnosis.explanations)).toContain(part);
  for (const part of causes ?? []) expect(textsOf(diagnosis.causes)).toContain(part);
  if (causes?.length === 0) expect(diagnosis.causes).toEqual([]);
  if (flags !== undefined) expect(missing.map(({ flag }) => flag)).toEqual(flags);
  for (const part of why ?? []) expect(textsOf(missing.map((one) => one.why))).toContain(part);
  for (const part of saysNot ?? []) expect(textsOf(diagnosis.explanations)).not.toContain(part);
}
