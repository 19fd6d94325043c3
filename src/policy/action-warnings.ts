import { arnParts, isAliasArn, isArn } from '../base/arn.ts';
import { type Glob, globOf, hasWildcards, isUniversal, matches } from '../base/glob.ts';
import { type Action, isServicePrefix, prefixOf, type Service, serviceWithPrefix } from '../operations/action-table.ts';
import type { Entry, Listed, Statement } from './document.ts';
import { withoutVariables } from './variables.ts';

/*
 * Warnings about the actions of a statement, from AWS's own list of actions
 * (operations/actions.ts). The list may lack a newer AWS action, so no decision uses it.
 */

/** `path`: within the statement. */
export type ActionWarning = { readonly path: string } & (
  | { readonly code: 'service-unknown'; readonly action: string; readonly service: string }
  | { readonly code: 'action-unknown'; readonly action: string }
  | { readonly code: 'action-pattern-unmatched'; readonly action: string }
  /**
   * `on`: the forms of the ARNs that the action is authorized on. If the list is empty, a policy
   * must name `*`.
   */
  | { readonly code: 'action-fits-no-resource'; readonly action: string; readonly on: readonly string[] }
  | { readonly code: 'resource-fits-no-action'; readonly resource: string }
);

/**
 * A statement with more actions is not compared with the list. A policy that AWS accepts has fewer.
 */
const mostActions = 2_000;

export function actionWarnings(statement: Statement): readonly ActionWarning[] {
  const { match, of } = statement.actions;
  if (of.length > mostActions) return [];
  const path = match === 'some' ? 'Action' : 'NotAction';
  return [...of.flatMap((entry) => nameWarning(entry, path)), ...fitWarnings(statement)];
}

function nameWarning(entry: Entry, path: string): readonly ActionWarning[] {
  const action = entry.text;
  const service = prefixOf(action);
  if (!isNamed(entry)) return [];
  if (!isServicePrefix(service)) return [{ code: 'service-unknown', path, action, service }];
  const known = serviceWithPrefix(service)?.actions;
  if (known === undefined || isListed(entry, known)) return [];
  return [{ code: hasWildcards(entry.glob) ? 'action-pattern-unmatched' : 'action-unknown', path, action }];
}

/** Whether an entry names exactly one service. Another warning covers texts with white space. */
function isNamed({ text }: Entry): boolean {
  return /^[^\s,:*?]+:[^\s,]+$/.test(text);
}

type Listing = Service['actions'];

/** Whether an entry matches an action of the list. */
function isListed({ text, glob }: Entry, listing: Listing): boolean {
  if (!hasWildcards(glob)) return listing.has(text.toLowerCase());
  for (const name of listing.keys()) if (matches(glob, name)) return true;
  return false;
}

/** The listed actions that an entry matches. Undefined: the service of the entry is not listed. */
function actionsOf(entry: Entry): readonly Action[] | undefined {
  const listing = isNamed(entry) ? serviceWithPrefix(prefixOf(entry.text))?.actions : undefined;
  if (listing === undefined) return undefined;
  if (!hasWildcards(entry.glob)) return [listing.get(entry.text.toLowerCase())?.()].filter((one) => one !== undefined);
  const meant: Action[] = [];
  for (const [name, action] of listing) if (matches(entry.glob, name)) meant.push(action());
  return meant;
}

/**
 * More pairs of action and resource than this are not compared. A policy that AWS accepts has far
 * fewer.
 */
const mostPairs = 20_000;

/**
 * The actions of a statement that AWS authorizes on none of its resources, and the resources that
 * none of its actions is authorized on. The resource of a key policy is always the key.
 */
function fitWarnings({ actions, resources, ref }: Statement): readonly ActionWarning[] {
  if (ref.policy === 'resource' || resources === 'missing') return [];
  if (resources.match === 'none' || actions.match === 'none') return [];
  const isAboutKeysOnly = isAboutKeys(actions);
  const patterns: ArnPattern[] = [];
  for (const { text } of resources.of) {
    const pattern = patternOf(text);
    // A text that is not the ARN of one service may fit. Element warnings cover aliases.
    if (pattern === undefined || (isAboutKeysOnly && isAliasArn(text))) return [];
    patterns.push(pattern);
  }
  const entries = actions.of.map((entry): Meant => ({ text: entry.text, actions: actionsOf(entry) }));
  const count = entries.reduce((sum, one) => sum + (one.actions?.length ?? 0), 0);
  return count * patterns.length > mostPairs ? [] : unfit(entries, patterns);
}

/** An entry and the listed actions that it matches. Undefined: its service is not listed. */
interface Meant {
  readonly text: string;
  readonly actions: readonly Action[] | undefined;
}

function unfit(entries: readonly Meant[], patterns: readonly ArnPattern[]): readonly ActionWarning[] {
  const idle = entries.flatMap(({ text, actions = [] }): readonly ActionWarning[] => {
    const isIdle = actions.length > 0 && !actions.some((action) => patterns.some((pattern) => fits(action, pattern)));
    if (!isIdle) return [];
    const on = [...new Set(actions.flatMap(({ resources }) => resources.map((form) => form.text)))];
    return [{ code: 'action-fits-no-resource', path: 'Action', action: text, on }];
  });
  // An action that is not listed may be authorized on any resource. If no action fits, the warnings
  // about actions say so already.
  if (entries.some(({ actions }) => actions === undefined) || idle.length === entries.length) return idle;
  const all = entries.flatMap(({ actions = [] }) => actions);
  const unused = patterns.filter((pattern) => !all.some((action) => fits(action, pattern)));
  return [
    ...idle,
    ...unused.map(({ text }): ActionWarning => ({ code: 'resource-fits-no-action', path: 'Resource', resource: text })),
  ];
}

/**
 * Whether all actions of a statement are those that KMS authorizes on keys, never on aliases
 * (iam-evaluation 10.17).
 */
export function isAboutKeys({ match, of }: Listed<Entry>): boolean {
  return match === 'some' && of.every(({ text }) => /^kms:/i.test(text) && !/alias/i.test(text));
}

/** An ARN of a policy, cut at its colons; a policy variable stands for any text. */
interface ArnPattern {
  readonly text: string;
  readonly parts: readonly Glob[];
  /** The last part as a text. */
  readonly resource: string;
}

/**
 * Undefined: `*`, a text that is not an ARN, or an ARN in which a star may stand for several parts
 * (iam-evaluation 2.23), as in `arn:aws:rds:*:cluster:orders`.
 */
function patternOf(text: string): ArnPattern | undefined {
  const plain = withoutVariables(text, '*');
  if (!isArn(plain) || isUniversal(globOf(plain))) return undefined;
  const parts = arnParts(plain);
  const [, , , region = '', account = ''] = parts ?? [];
  const isAligned = /^[a-z0-9*?-]*$/.test(region) && /^(?:[0-9*?]*|aws)$/.test(account);
  return parts !== undefined && isAligned ? { text, parts: parts.map(globOf), resource: parts[5] ?? '' } : undefined;
}

function fits({ resources }: Action, { parts, resource }: ArnPattern): boolean {
  return resources.some((form) =>
    form.parts.every((wanted, index) => {
      const part = parts[index];
      if (part === undefined) return false;
      return index === 5 ? meets(resource, wanted) : wanted === '*' || matches(part, wanted);
    }),
  );
}

/**
 * Whether some text matches both the pattern and the form of a resource. The form is compared up to
 * its first star.
 */
function meets(pattern: string, form: string): boolean {
  const star = form.indexOf('*');
  if (star < 0) return matches(globOf(pattern), form);
  for (let at = 0; at < star; at++) {
    if (pattern[at] === '*') return true;
    if (pattern[at] !== '?' && pattern[at] !== form[at]) return false;
  }
  return true;
}
