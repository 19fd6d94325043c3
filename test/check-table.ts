import * as v from 'valibot';
import { allSourceFlags } from '../src/operations/source-flags.ts';
import { outcomeOf } from './case-table.ts';

/*
 * How test/cases/check and test/cases/field are written, and how a row becomes a case:
 *
 *   { "name": "...", "source": "rds-kms-operations 7 K5",
 *     "ask": "restore snapshot orders-manual as $Dba in eu-west-1", "with": { "key policy": ["$DbaMinimum"] },
 *     "expect": ["fails with KMSKeyNotAccessibleFault", "forwarded kms:DescribeKey on target key: denied implicitly"] }
 */

const changes = v.record(v.string(), v.unknown());
const rowSchema = v.looseObject({
  /** "<operation> [<flag of the source> <its value>] as <principal> [in <Region>]". */
  ask: v.optional(v.string()),
  /**
   * The other parts of the question: `parameters`, `context`, `kmsKeyId`, `strict`, or a source
   * without a name.
   */
  question: v.optional(changes),
  /**
   * Changes to the evidence: by the name of a place, by such a name with a JSON pointer below it,
   * or by a JSON pointer.
   */
  with: v.optional(changes),
  /** One line, or a list of lines. Some tables have another form of expectations. */
  expect: v.optional(v.unknown()),
});
const tableSchema = v.looseObject({
  /** JSON pointers into the evidence, by the names that cases use. */
  places: v.optional(v.record(v.string(), v.string()), {}),
  with: v.optional(changes),
  /** The parts that every question of the file shares. */
  asked: v.optional(changes),
  cases: v.optional(v.array(rowSchema), []),
});
type Row = v.InferOutput<typeof rowSchema>;
type Changes = v.InferOutput<typeof changes>;
type Places = Readonly<Record<string, string>>;
const lines = v.union([v.string(), v.array(v.string())]);

/** The other fields that a row may have if its expectation is in lines. */
const known: ReadonlySet<string> = new Set(['name', 'source', 'evidence', 'note']);

/** The file with its rows as cases (`CheckCase`, and the extra fields of some tables). */
export function withCases(json: unknown): unknown {
  const { places, with: given, asked, cases, ...others } = v.parse(tableSchema, json);
  return {
    ...others,
    ...(given === undefined ? {} : { with: pointersOf(given, places) }),
    cases: cases.map((row) => caseOf(row, places, asked)),
  };
}

function caseOf(row: Row, places: Places, asked: Changes | undefined): unknown {
  const { ask, question, with: changed, expect, ...own } = row;
  const inLines = v.is(lines, expect);
  const unknown = Object.keys(own).filter((key) => inLines && !known.has(key));
  if (unknown.length > 0) throw new Error(`${JSON.stringify(own)}: a case has no ${unknown.join(', ')}`);
  return {
    ...own,
    question: { ...asked, ...(ask === undefined ? {} : askedBy(ask)), ...question },
    ...(changed === undefined ? {} : { with: pointersOf(changed, places) }),
    ...(expect === undefined ? {} : { expect: inLines ? expectationOf([expect].flat()) : expect }),
  };
}

/** Changes by JSON pointer, from changes by the names of places. */
export function pointersOf(given: Changes, places: Places): Changes {
  const entries = Object.entries(given).map(([key, value]): [string, unknown] => {
    if (key.startsWith('/')) return [key, value];
    const [, name = '', rest = ''] = /^([^/]+)(\/.*)?$/.exec(key) ?? [];
    const place = new Map(Object.entries(places)).get(name);
    if (place === undefined) throw new Error(`no place has the name ${name}`);
    return [place + rest, value];
  });
  return Object.fromEntries(entries);
}

function askedBy(text: string): Readonly<Record<string, string>> {
  const [, operation, flag, value, principal, region] =
    /^(\S+)(?: (\S+) (\S+))? as (\S+)(?: in (\S+))?$/.exec(text) ?? [];
  if (operation === undefined || principal === undefined) throw new Error(`\`${text}\` asks nothing`);
  const source = allSourceFlags().find((one) => one === flag);
  if (flag !== undefined && source === undefined) throw new Error(`\`${text}\`: nothing is read by ${flag}`);
  return {
    operation,
    principal,
    ...(source === undefined || value === undefined ? {} : { [source]: value }),
    ...(region === undefined ? {} : { region }),
  };
}

/**
 * The first line is the verdict, if necessary with the error. The other lines are about calls,
 * preconditions and texts.
 */
function expectationOf([first = '', ...others]: readonly string[]): Readonly<Record<string, unknown>> {
  const [, verdict, error] = /^(succeeds|fails|undetermined)(?: with (.+))?$/.exec(first) ?? [];
  if (verdict === undefined) throw new Error(`\`${first}\` is no verdict`);
  const after = (start: string): readonly string[] =>
    others.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  const assumed = after('assumes ');
  const [followUps] = after('follow-ups: ');
  const [errorText] = after('the error says: ');
  const decided = others.filter((line) => !/^(assumes |follow-ups: |the error says: )/.test(line));
  const calls = decided.filter((line) => callPattern.test(line)).flatMap(callsOf);
  const preconditions = decided.filter((line) => !callPattern.test(line)).map(preconditionOf);
  return {
    verdict,
    ...(calls.length === 0 ? {} : { calls }),
    ...(preconditions.length === 0 ? {} : { preconditions: Object.fromEntries(preconditions) }),
    ...(error === undefined ? {} : { expectedError: error === 'an error that is not published' ? null : error }),
    ...(followUps === undefined ? {} : { followUps }),
    ...(errorText === undefined ? {} : { errorText }),
    ...(assumed.length === 0 ? {} : { assumptions: assumed.filter((one) => one !== 'nothing') }),
  };
}

const callPattern = /^(caller|forwarded|service|role) (\S+(?:, \S+)*) on (.+?): (.+)$/;

/**
 * "forwarded kms:DescribeKey, kms:CreateGrant on target key: allowed by Dba": one call for each
 * action and resource.
 */
function callsOf(line: string): readonly unknown[] {
  const [, kind = '', actions = '', resources = '', outcome = ''] = callPattern.exec(line) ?? [];
  return actions
    .split(', ')
    .flatMap((action) => resources.split(', ').map((on) => ({ kind, action, on, ...outcomeOf(outcome) })));
}

/** "key is enabled: unmet". */
function preconditionOf(line: string): readonly [name: string, status: string] {
  const [, name, status] = /^(.+): (met|unmet|unknown)$/.exec(line) ?? [];
  if (name === undefined || status === undefined) throw new Error(`\`${line}\` expects nothing`);
  return [name, status];
}
