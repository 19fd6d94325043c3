import { readdirSync, readFileSync } from 'node:fs';
import type { Incident } from '../src/diagnose/incident.ts';
import type { CheckQuestion } from './check-case.ts';

/*
 * The matrix has every operation with every shape of a key policy, every state of a key, every
 * broken precondition and every request. The tables contain the parts that many operations share. A
 * file in operations/ contains the rows of one operation, so that one file describes it.
 */

export interface Broken {
  readonly verdict?: string;
  readonly status?: string;
  readonly principal?: string;
  readonly change?: Partial<CheckQuestion>;
  /** Parameters in addition to those of the question. */
  readonly add?: CheckQuestion['parameters'];
  readonly with?: Readonly<Record<string, unknown>>;
  /** Entries to add to lists. */
  readonly repeat?: Readonly<Record<string, { readonly times: number; readonly of: unknown }>>;
  /** Error codes. */
  readonly questions: Readonly<Record<string, string | null>>;
  /** The rule that the case shows. */
  readonly source?: string;
}

interface KeyStates {
  readonly about: string;
  readonly questions: readonly string[];
  readonly verdicts: Readonly<Record<string, string>>;
  /** The error for the states that fail. */
  readonly expectedError?: string;
}

interface RequestCase {
  readonly name: string;
  readonly api: string;
  readonly requestParameters: Readonly<Record<string, unknown>>;
  readonly expect: { readonly command: string; readonly source?: string; readonly parameters: Incident['parameters'] };
}

/** `then`: an API. The test checks it for the accounts that the resource is shared with. */
type MatrixQuestion = Omit<CheckQuestion, 'principal'> & { readonly then?: string };

/**
 * The expected results by question, by principal, and by verdict with the deciding statement. A
 * value names the shapes of the key policy, such as `K1-K6 K9`.
 */
type Cells = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

interface Rows {
  readonly questions?: Readonly<Record<string, MatrixQuestion>>;
  readonly cells?: Cells;
  /** Questions that make no KMS call. */
  readonly withoutKms?: readonly string[];
  readonly preconditions?: Readonly<Record<string, readonly Broken[]>>;
  readonly groups?: readonly KeyStates[];
  readonly requests?: readonly RequestCase[];
}

interface Fixture {
  readonly shapes: Readonly<
    Record<string, { readonly about: string; readonly keyPolicy: unknown; readonly rcp?: unknown }>
  >;
  readonly questions: Readonly<Record<string, MatrixQuestion>>;
  readonly evidence: unknown;
}

const folder = new URL('./cases/matrix/', import.meta.url);

function text(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

const fixture: Fixture = JSON.parse(text('fixture.json'));
const tables = ['cells.json', 'preconditions.json', 'key-states.json', 'requests.json'];
const files = readdirSync(new URL('operations/', folder)).map((name) => `operations/${name}`);
const rows: readonly Rows[] = [fixture, ...[...tables, ...files].map(rowsIn)];

function rowsIn(name: string): Rows {
  const held: Rows = JSON.parse(text(name));
  return held;
}

/** The rows of all files by name. @throws Error if two files have the same row */
function joined<Row>(
  held: readonly (Readonly<Record<string, Row>> | undefined)[],
  twice?: (one: Row, other: Row) => Row,
): Readonly<Record<string, Row>> {
  const all = new Map<string, Row>();
  for (const [name, row] of held.flatMap((one) => Object.entries(one ?? {}))) {
    const other = all.get(name);
    if (other !== undefined && twice === undefined) throw new Error(`${name} stands in two files`);
    all.set(name, other === undefined || twice === undefined ? row : twice(other, row));
  }
  return Object.fromEntries(all);
}

function mapped<From, To>(all: Readonly<Record<string, From>>, to: (one: From) => To): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one)]));
}

/** @throws Error if a shape occurs twice, or has no number */
function byShape(verdicts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const cells = Object.entries(verdicts).flatMap(([verdict, ranges]) =>
    shapesIn(ranges).map((shape) => [shape, verdict]),
  );
  const verdictOf = new Map(cells.map(([shape = '', verdict = '']) => [shape, verdict]));
  if (verdictOf.size < cells.length) throw new Error(`a shape stands twice: ${JSON.stringify(verdicts)}`);
  return Object.fromEntries(verdictOf);
}

/** The names in a text such as `K1-K6 K9`. */
function shapesIn(ranges: string): readonly string[] {
  return ranges.split(' ').flatMap((range) => {
    const [, first, last = first] = /^K(\d+)(?:-K(\d+))?$/.exec(range) ?? [];
    if (first === undefined) throw new Error(`${range} names no shape`);
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => `K${Number(first) + at}`);
  });
}

export const shapes = fixture.shapes;
export const matrixEvidence = fixture.evidence;
export const questions = joined(rows.map((one) => one.questions));
/** By question, principal and shape of the key policy: the verdict with what decides it. */
export const cells: Cells = mapped(joined(rows.map((one) => one.cells)), (principals) => mapped(principals, byShape));
export const withoutKms = rows.flatMap((one) => one.withoutKms ?? []);
export const preconditions = joined(
  rows.map((one) => one.preconditions),
  (one, other) => [...one, ...other],
);
export const keyStates = rows.flatMap(({ groups = [] }) => groups);
export const requests = rows.flatMap((one) => one.requests ?? []);

/** @throws Error if there is no question with this name */
export function questionNamed(name: string): MatrixQuestion {
  const question = questions[name];
  if (question === undefined) throw new Error(`no question ${name}`);
  return question;
}
