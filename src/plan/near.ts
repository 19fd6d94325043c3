import { isAccountId, isArn, withoutPath } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/*
 * The changes of a plan that concern a resource. They are found only by names, without applying
 * changes to the evidence, so callers have to check the result with the changes applied.
 */

/** Identities of changes. */
export interface Near {
  readonly near: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;
}

function identitiesOf(changes: readonly PlannedChange[]): ReadonlySet<string> {
  return new Set(changes.map(({ identity }) => identity));
}

/**
 * Finds the changes that concern a change. These are the changes that it depends on or names,
 * changes of resources with the given names or ARNs, and then the changes that concern each of
 * these. Returns identities. `own`: only those of resources with the given names or ARNs. `touched`:
 * what each change touches.
 */
export function nearness(
  changes: readonly PlannedChange[],
  touched: ReadonlyMap<PlannedChange, ReadonlySet<string>>,
): (change: PlannedChange, names: readonly string[]) => Near {
  const about = new Map<string, PlannedChange[]>();
  const byIdentity = new Map(changes.map((change) => [change.identity, change]));
  for (const change of changes)
    for (const name of new Set([...thingsOf(touched.get(change)), ...aliasesOf(change)].map(lastPart))) {
      const those = about.get(name);
      if (those === undefined) about.set(name, [change]);
      else those.push(change);
    }
  const known = new Map<PlannedChange, readonly PlannedChange[]>();
  const named = (texts: readonly string[]): readonly PlannedChange[] =>
    [...new Set(texts.map(lastPart))].flatMap((name) => about.get(name) ?? []);
  const nextTo = (change: PlannedChange): readonly PlannedChange[] => {
    const found = known.get(change) ?? [
      ...change.dependsOn.flatMap((one) => byIdentity.get(one) ?? []),
      ...named([...textsIn(change.before), ...textsIn(change.after)]),
    ];
    known.set(change, found);
    return found;
  };
  return (change, names) => {
    const found = new Set<PlannedChange>();
    const own = named(names);
    const open = [change, ...own];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...nextTo(next));
    }
    return { near: identitiesOf([...found]), own: identitiesOf(own) };
  };
}

/**
 * The ARNs and accounts that a change touches. Regions count only if the change touches nothing
 * else.
 */
function thingsOf(touched: ReadonlySet<string> = new Set()): readonly string[] {
  const all = [...touched];
  const things = all.filter((name) => isArn(name) || isAccountId(name));
  return things.length === 0 ? all : things;
}

/** The evidence names a key by its ARN, and others may name it by its alias. */
function aliasesOf({ type, before, after }: PlannedChange): readonly string[] {
  return type === 'aws_kms_alias' ? [before, after].flatMap((one) => textIn(one, 'name') ?? []) : [];
}

/**
 * The last part of a name or ARN: `orders` for `arn:...:cluster:orders` and for `alias/orders`. RDS
 * stores names in lower case.
 */
function lastPart(text: string): string {
  return withoutPath(text.slice(text.lastIndexOf(':') + 1)).toLowerCase();
}

/** The texts of a value, at any depth. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value.flatMap(textsIn);
  return isJson(value) ? Object.values(value).flatMap(textsIn) : [];
}
