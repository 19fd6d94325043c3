import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { parsedIfJson } from './wrapped-texts.ts';

/*
 * The rows of a query over CloudTrail events, from CloudWatch Logs Insights, CloudTrail Lake or
 * Athena. Each service prints rows in its own format, and a structure as `{type=Role, arn=...}`.
 */

/** The values of a row, by column name. */
type Row = ReadonlyMap<string, string>;

/**
 * The records in a query result. Undefined: the JSON is not a query result.
 * @throws Failure if the query left out columns that show what was called
 */
export function recordsOfQuery(json: unknown, from: string): readonly unknown[] | undefined {
  return rowsOf(json)?.map((row) => recordOf(row, from));
}

/**
 * The records in a query result that was saved as CSV. Undefined: the text is not such a result.
 */
export function recordsOfCsv(text: string, from: string): readonly unknown[] | undefined {
  const isTable =
    /^"?(?:@\w+|[\w.]+)"?(?:,"?(?:@\w+|[\w.]+)"?)+\r?\n/.test(text) && isOfCloudTrail(text.split('\n')[0]);
  return isTable ? named(csvLines(text)).map((row) => recordOf(row, from)) : undefined;
}

function isOfCloudTrail(names = ''): boolean {
  return /@message|eventName|errorCode/i.test(names);
}

function rowsOf(json: unknown): readonly Row[] | undefined {
  if (!isJson(json)) return undefined;
  const { results, QueryResultRows: rows, ResultSet: set } = json;
  if (isList(results) && results.length > 0 && results.every(isList)) return results.map(ofFields);
  if (isList(rows)) return rows.map((row) => new Map(isList(row) ? row.flatMap(ofColumns) : []));
  const lines = isJson(set) && isList(set['Rows']) ? set['Rows'].map(valuesOf) : undefined;
  return lines !== undefined && isOfCloudTrail(lines[0]?.join()) ? named(lines) : undefined;
}

/** CloudWatch Logs Insights: `[{"field": "eventName", "value": "..."}]`. */
function ofFields(row: readonly unknown[]): Row {
  return new Map(
    row.flatMap((cell) => {
      const { field, value } = isJson(cell) ? cell : {};
      return typeof field === 'string' && typeof value === 'string' ? [[field, value] as const] : [];
    }),
  );
}

/** CloudTrail Lake: `[{"eventName": "..."}, {"awsRegion": "..."}]`. */
function ofColumns(cell: unknown): readonly (readonly [string, string])[] {
  return Object.entries(isJson(cell) ? cell : {}).flatMap(([name, value]) =>
    typeof value === 'string' || value === null ? [[name, value ?? ''] as const] : [],
  );
}

/** Athena: `{"Data": [{"VarCharValue": "..."}]}`. */
function valuesOf(row: unknown): readonly string[] {
  const data = isJson(row) && isList(row['Data']) ? row['Data'] : [];
  return data.map((cell) => (isJson(cell) && typeof cell['VarCharValue'] === 'string' ? cell['VarCharValue'] : ''));
}

/** The rows of a table whose first line has the column names. */
function named([names = [], ...lines]: readonly (readonly string[])[]): readonly Row[] {
  return lines.map((line) => new Map(names.map((name, index) => [name, line[index] ?? ''])));
}

/** The values in each line of CSV. Inside quotes, `""` stands for one quote. */
function csvLines(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',' && end !== '') lines.push([]);
    if (end === '') break;
  }
  return lines.filter((line) => line.some((value) => value !== ''));
}

/** Field names of CloudTrail records. Queries may print them in lower case. */
const names: readonly string[] = [
  ...['eventTime', 'eventName', 'eventSource', 'awsRegion', 'eventID', 'errorCode', 'errorMessage'],
  ...['sourceIPAddress', 'userAgent', 'vpcEndpointId', 'userIdentity', 'requestParameters', 'resources'],
  ...['type', 'arn', 'principalId', 'accountId', 'accessKeyId', 'invokedBy', 'userName', 'sessionContext'],
  ...['attributes', 'mfaAuthenticated', 'creationDate', 'sessionIssuer', 'sourceIdentity'],
];

const nameOfLowerCase: ReadonlyMap<string, string> = new Map(names.map((name) => [name.toLowerCase(), name]));

/**
 * The columns that a record needs. Without `errorCode`, a refused request looks like a successful
 * one.
 */
const needed: readonly string[] = ['eventSource', 'eventName', 'eventTime', 'awsRegion', 'userIdentity', 'errorCode'];

function recordOf(row: Row, from: string): unknown {
  const message = row.get('@message') ?? row.get('eventJson');
  if (message !== undefined) return parsedIfJson(message) ?? { message };
  const columns = [...row.keys()].map(canonical);
  const missing = needed.filter((name) => !columns.some((column) => column === name || column.startsWith(`${name}.`)));
  // If the query selected single parameters, the other parameters of the request are missing.
  const isPart = columns.some((column) => /^requestParameters\./i.test(column));
  const lacking = [...missing, ...(isPart ? ['requestParameters'] : [])];
  if (lacking.length === 0) return recordOfColumns(row);
  throw new Failure(
    'input',
    `${from}: the query result has no column ${lacking.map((name) => `\`${name}\``).join(', ')}`,
    'add these columns to the query (@message in Logs Insights), or pass the event with --event-id',
  );
}

function recordOfColumns(row: Row): Json {
  return [...row].reduce<Json>((record, [column, text]) => {
    const value = valueOf(column, text);
    return value === undefined ? record : withValue(record, column.split('.').map(canonical), value);
  }, {});
}

function canonical(name: string): string {
  return name
    .split('.')
    .map((part) => nameOfLowerCase.get(part.toLowerCase()) ?? part)
    .join('.');
}

function withValue(record: Json, [name = '', ...rest]: readonly string[], value: unknown): Json {
  if (rest.length === 0) return { ...record, [name]: value };
  const inner = Object.hasOwn(record, name) ? record[name] : undefined;
  return { ...record, [name]: withValue(isJson(inner) ? inner : {}, rest, value) };
}

/** The value of a column. Undefined: the column is empty. */
function valueOf(column: string, text: string): unknown {
  const plain = text.trim();
  if (plain === '' || plain === 'null' || plain === '-') return undefined;
  // Query results print times in UTC without a time zone.
  if (/^eventTime$/i.test(column)) return plain.replace(/^(\d{4}-\d\d-\d\d) ([\d:.]+)$/, '$1T$2Z');
  const value = parsedIfJson(plain) ?? structureOf(plain);
  return /^requestParameters$/i.test(column) ? withBooleans(value) : value;
}

/**
 * Turns `true` and `false` from texts into Booleans: a structure prints them as texts, but
 * `requestParameters` of a record has Booleans.
 */
function withBooleans(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  if (isList(value)) return value.map(withBooleans);
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withBooleans(inner)]));
}

/**
 * The value of a structure such as `{type=Role, sessioncontext={...}}` or `[{arn=...}]`. Any other
 * text stays a text.
 */
function structureOf(text: string): unknown {
  if (/^\[.*\]$/s.test(text)) return partsOf(text.slice(1, -1)).map(structureOf);
  if (!/^\{\s*[\w.-]+\s*=.*\}$/s.test(text)) return text === 'null' ? null : text;
  const fields = partsOf(text.slice(1, -1)).map((part): readonly [string, unknown] => {
    const [name = '', ...rest] = part.split('=');
    return [canonical(name.trim()), structureOf(rest.join('=').trim())];
  });
  return Object.fromEntries(fields);
}

/** Splits at commas outside of brackets. A comma inside a value does not split the value. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  for (const piece of text.split(/(?<=,)/)) {
    const isNew = depth === 0 && (/^\s*(?:[\w.-]+\s*=|\{)/.test(piece) || parts.length === 0);
    if (isNew) parts.push(piece);
    else parts.push(`${parts.pop() ?? ''}${piece}`);
    depth += count(piece, /[{[]/g) - count(piece, /[}\]]/g);
  }
  return parts.map((part) => part.replace(/,\s*$/, '').trim()).filter((part) => part !== '');
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
