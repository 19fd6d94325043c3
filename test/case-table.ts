import { readFileSync } from 'node:fs';
import { isList } from '../src/base/json.ts';

/*
 * Reads tables of cases. A value that several cases share has a name and is in the file once. The
 * expected decision is one line.
 */

/**
 * A file of cases in which every "$name" is replaced by the entry with this name in its `names`.
 * "...$name" in a list stands for the items of a list, and { "$name": { "Condition": ... } } for an
 * object with changes.
 */
export function readTable(url: URL): unknown {
  return withNames(JSON.parse(readFileSync(url, 'utf8')));
}

export function withNames(json: unknown): unknown {
  if (!isTable(json) || !isTable(json['names'])) return json;
  const { names: given, ...others } = json;
  const names = new Map<string, unknown>();
  // A value may use the names that are defined above it.
  for (const [name, value] of Object.entries(given)) names.set(name, replaced(value, names));
  return replaced(others, names);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replaced(value: unknown, names: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') return namedBy(value, names);
  if (Array.isArray(value)) return value.flatMap((one: unknown) => spread(one, names) ?? [replaced(one, names)]);
  if (!isTable(value)) return value;
  const [first, ...others] = Object.entries(value);
  if (first?.[0].startsWith('$') === true && others.length === 0) {
    const [base, changes] = [names.get(first[0].slice(1)), first[1]];
    if (isTable(base) && isTable(changes)) return { ...base, ...entriesOf(changes, names) };
  }
  return entriesOf(value, names);
}

function entriesOf(value: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, names)]));
}

/** The items of the list that "...$name" names. Undefined: the item has another form. */
function spread(item: unknown, names: ReadonlyMap<string, unknown>): readonly unknown[] | undefined {
  if (typeof item !== 'string' || !item.startsWith('...$')) return undefined;
  const list = names.get(item.slice(4));
  if (!isList(list)) throw new Error(`\`${item}\`: no list has this name`);
  return list;
}

/**
 * The entry for "$name". In a longer text, each " $name" is replaced: "restore snapshot orders as
 * $Dba".
 */
function namedBy(text: string, names: ReadonlyMap<string, unknown>): unknown {
  if (text.startsWith('$') && names.has(text.slice(1))) return names.get(text.slice(1));
  return text.replaceAll(/(?<=^| )\$(\w+)/g, (_, name: string) => {
    const value = names.get(name);
    if (typeof value !== 'string') throw new Error(`\`${text}\`: no text has the name ${name}`);
    return value;
  });
}

export interface ExpectedOutcome {
  readonly decision: string;
  readonly denial?: string;
  readonly decidedBy?: readonly string[];
  readonly lacking?: readonly string[];
  readonly dependsOn?: readonly string[];
}

/**
 * The expected decision: "allowed by A, B", "denied explicitly by A", "denied implicitly; lacks
 * identity, boundary", "depends on aws:SourceIp; by A".
 */
export function outcomeOf(text: string): ExpectedOutcome {
  const [, decision, denial, more = ''] =
    /^(allowed|denied|depends)(?: (explicitly|implicitly))?((?:;? (?:by|on|lacks) .+)?)$/.exec(text) ?? [];
  if (decision === undefined) throw new Error(`\`${text}\` is no outcome`);
  const lists = more.split(';').filter((one) => one !== '');
  const list = (word: string): readonly string[] | undefined =>
    lists
      .map((one) => one.trim())
      .find((one) => one.startsWith(`${word} `))
      ?.slice(word.length + 1)
      .split(', ');
  const [decidedBy, lacking, dependsOn] = [list('by'), list('lacks'), list('on')];
  const read = [decidedBy, lacking, dependsOn].filter((one) => one !== undefined).length;
  if (read !== lists.length) throw new Error(`\`${text}\` is no outcome`);
  return {
    decision,
    ...(denial === undefined ? {} : { denial: denial.replace('ly', '') }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(lacking === undefined ? {} : { lacking }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}
