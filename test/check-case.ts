import * as v from 'valibot';
import { check } from '../src/answer/check.ts';
import type { Question } from '../src/check/question.ts';
import type { Report, ReportedCall } from '../src/contract/report.ts';
import { type Evidence, evidenceSchema } from '../src/evidence/schema.ts';
import { findOperation } from '../src/operations/catalogue.ts';
import type { Operation } from '../src/operations/operation.ts';
import type { OperationParameters } from '../src/operations/parameters.ts';
import { allSourceFlags, type SourceFlag } from '../src/operations/source-flags.ts';
import { type ExpectedOutcome, readTable } from './case-table.ts';
import { withCases } from './check-table.ts';

/* The format of test/cases/check/*.json, and how a case becomes a question. */

export interface CheckQuestion {
  readonly operation: string;
  readonly principal: string;
  /** The source by its flag. An empty string: every source of this type. */
  readonly snapshot?: string;
  readonly cluster?: string;
  readonly instance?: string;
  readonly 'instance-snapshot'?: string;
  readonly 'in-cluster'?: string;
  readonly kmsKeyId?: string;
  /** Further parameters of the request. */
  readonly parameters?: OperationParameters;
  readonly region?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly strict?: boolean;
}

export interface ExpectedCall extends ExpectedOutcome {
  readonly kind: string;
  readonly action: string;
  readonly on: string;
}

export interface CheckExpectation {
  readonly verdict: string;
  readonly calls?: readonly ExpectedCall[];
  readonly preconditions?: Readonly<Record<string, string>>;
  /** null: AWS publishes no error. */
  readonly expectedError?: string | null;
  /** The verdict about follow-up operations. */
  readonly followUps?: string;
  /** A part of the error's text. */
  readonly errorText?: string;
  readonly assumptions?: readonly string[];
}

export interface CheckCase {
  readonly name: string;
  readonly source: unknown;
  readonly question: CheckQuestion;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly evidence?: unknown;
  readonly expect: CheckExpectation;
  readonly note?: string;
}

export interface CheckFile<Case = CheckCase> {
  readonly about: string;
  readonly evidence?: unknown;
  /** Changes to the evidence of every case. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly cases: readonly Case[];
}

export const evaluatedAt = '2026-11-23T12:00:00.000Z';

/** Reads a file of cases. Its evidence may be the name of another file. */
export function readCases<Case = CheckCase>(url: URL): CheckFile<Case> {
  const file: CheckFile<Case> = JSON.parse(JSON.stringify(withCases(readTable(url))));
  if (typeof file.evidence !== 'string') return file;
  return { ...file, evidence: readCases(new URL(file.evidence, url)).evidence };
}

/**
 * Replaces, adds or (with null) deletes what JSON pointers name. Only objects on the way to a
 * change are copied.
 */
export function changed(json: unknown, changes: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(changes).reduce((all, [pointer, value]) => {
    const path = pointer
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    return changedAt(all, path, value, pointer);
  }, json);
}

function changedAt(place: unknown, [name = '', ...path]: readonly string[], value: unknown, pointer: string): unknown {
  if (!isRecord(place)) throw new Error(`${pointer} leads nowhere`);
  const copy: Record<string, unknown> = Array.isArray(place) ? Object.assign([], place) : { ...place };
  if (path.length > 0) copy[name] = changedAt(copy[name] ?? {}, path, value, pointer);
  else if (value === null && Array.isArray(copy)) copy.splice(Number(name), 1);
  else if (value === null) delete copy[name];
  else copy[name] = value;
  return copy;
}

/** Lists count as well: their items have numbers as names. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function evidenceOf(
  file: Pick<CheckFile, 'evidence' | 'with'>,
  given: Pick<CheckCase, 'evidence' | 'with'>,
): Evidence {
  return v.parse(evidenceSchema, changed(given.evidence ?? file.evidence, { ...file.with, ...given.with }));
}

function flagOf(question: Omit<CheckQuestion, 'principal'>): SourceFlag | undefined {
  return allSourceFlags().find((one) => question[one] !== undefined);
}

export function operationOf(question: Omit<CheckQuestion, 'principal'>): Operation {
  const operation = findOperation(question.operation, flagOf(question));
  if (operation === undefined) throw new Error(`no operation ${question.operation}`);
  return operation;
}

export function ask(evidence: Evidence, asked: CheckQuestion): Report {
  return check(evidence, questionOf(asked), 'test');
}

export function questionOf(asked: CheckQuestion): Question {
  const flag = flagOf(asked);
  const operation = operationOf(asked);
  const named = flag === undefined ? undefined : asked[flag];
  const target = named === '' ? undefined : named;
  const parameters: OperationParameters = {
    ...asked.parameters,
    ...(asked.kmsKeyId === undefined ? {} : { kmsKeyId: asked.kmsKeyId }),
  };
  const context = Object.entries(asked.context ?? {}).map(([key, value]): [string, readonly string[]] => [
    key,
    typeof value === 'string' ? [value] : value,
  ]);
  return {
    operation,
    principal: asked.principal,
    ...(target === undefined ? {} : { target }),
    parameters,
    ...(asked.region === undefined ? {} : { region: asked.region }),
    context: Object.fromEntries(context),
    strict: asked.strict === true,
    evaluatedAt,
    explain: false,
    fix: false,
  };
}

const kinds: Readonly<Record<string, string>> = {
  'identity policy': 'identity',
  'permissions boundary': 'boundary',
  'session policy': 'session',
  'key policy': 'resource',
  'service control policy': 'scp',
  'resource control policy': 'rcp',
  'VPC endpoint policy': 'endpoint',
};

/** The names that a case may use for what decided: Sid, `<kind>[<statement>]`, `grant`. */
export function decidersOf(call: ReportedCall): readonly string[] {
  return call.decidedBy.flatMap((by) => {
    if ('grant' in by) return ['grant'];
    return [`${kinds[by.policy] ?? by.policy}[${by.statement}]`, ...(by.sid === undefined ? [] : [by.sid])];
  });
}

export function lackingOf(call: ReportedCall): readonly string[] {
  return call.lacking.map((kind) => kinds[kind] ?? kind);
}
