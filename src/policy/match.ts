import { beforeAccount } from '../base/arn.ts';
import { type Glob, globOfParts, hasWildcards, isUniversal, matches } from '../base/glob.ts';
import { testHolds } from './conditions.ts';
import type { Entry, Listed, ResourceEntry, Statement, Template } from './document.ts';
import { type ArnGlob, arnGlobOf, matchesContinuation, matchesWithinSegments } from './pattern.ts';
import { type EngineRequest, factHolds } from './request.ts';
import { statementKey } from './statement-ref.ts';
import { and, not, or, resourceNameFact, ruleFact, type Truth, unknownBy } from './truth.ts';
import { type Resolved, readings } from './variables.ts';

/**
 * Whether the actions match, or may match. `action` in lower case. Names compare without case
 * (iam-evaluation 2.18).
 */
export function actionMatches({ match, of }: Listed<Entry>, action: string): boolean {
  if (match === 'some') return of.some((entry) => matches(entry.glob, action));
  return !of.some((entry) => entry.odd === undefined && matches(entry.glob, action));
}

/** Whether the actions of a statement for which actionMatches holds certainly match. */
export function actionHolds({ actions: { match, of } }: Statement, request: EngineRequest): Truth {
  if (!of.some(({ odd }) => odd !== undefined)) return true;
  let listed: Truth = false;
  for (const { glob, odd } of of)
    if (matches(glob, request.action)) listed = or(listed, odd === undefined ? true : factHolds(odd, request));
  return match === 'some' ? listed : not(listed);
}

/**
 * Whether everything except principals matches, for a statement for which actionMatches holds.
 * statement-index.ts finds these, identities.ts matches principals.
 */
export function restMatches(statement: Statement, request: EngineRequest): Truth {
  let truth = resourceMatches(statement, request);
  if (truth !== false) truth = and(truth, actionHolds(statement, request));
  for (const test of statement.tests) {
    if (truth === false) return false;
    truth = and(truth, testHolds(test, request));
  }
  for (const unknown of statement.unknowns) truth = and(truth, factHolds(unknown, request));
  return truth;
}

export function resourceMatches(statement: Statement, request: EngineRequest): Truth {
  const { resources } = statement;
  // A role trust policy is about its role and has no Resource. In a key policy, a statement without
  // Resource has no effect (iam-evaluation 2.29).
  if (resources === 'missing') return request.kind.service === 'iam';
  let listed: Truth = false;
  for (const entry of resources.of) {
    listed = or(listed, entryMatches(entry, statement, request));
    if (listed === true) break;
  }
  return resources.match === 'some' ? listed : not(listed);
}

/** Whether one Resource entry matches. */
export function entryMatches(entry: ResourceEntry, statement: Statement, request: EngineRequest): Truth {
  const truth = patternMatches(entry, statement, request);
  return entry.odd === undefined || truth === false ? truth : and(truth, factHolds(entry.odd, request));
}

function patternMatches(entry: ResourceEntry, statement: Statement, request: EngineRequest): Truth {
  const { pattern } = entry;
  if (!('parts' in pattern)) return globMatches(pattern, entry, statement, request);
  const { parts, wild } = readings(pattern, request);
  if (parts !== 'unresolved' && 'because' in parts) return mayBegin(pattern, request) ? parts : false;
  // An entry with an unresolved variable matches no resource, also in NotResource (iam-evaluation
  // 4.6).
  const meets = (read: Resolved): Truth =>
    read === 'unresolved' ? false : globMatches(arnGlobOf(read), entry, statement, request);
  const met = meets(parts);
  return wild === undefined || typeof met === 'object' || meets(wild) === met
    ? met
    : factHolds(ruleFact('iam-evaluation 11.10', statementKey(statement.ref), entry.text), request);
}

/**
 * Whether the text before the first variable can be the start of the resource. If not, no value of
 * the variable matters.
 */
export function mayBegin(
  { parts }: Template,
  { arn, nameUnknown }: Pick<EngineRequest, 'arn' | 'nameUnknown'>,
): boolean {
  const [first] = parts;
  if (nameUnknown || first === undefined || !('text' in first)) return true;
  return matches(globOfParts([first, { text: '*', wildcards: true }]), arn) || /[A-Z]/.test(first.text);
}

function globMatches(glob: ArnGlob, entry: ResourceEntry, statement: Statement, request: EngineRequest): Truth {
  const { arn, nameUnknown } = request;
  // Only the bare star matches actions without a resource (iam-evaluation 2.26).
  if (arn === '*' || isUniversal(glob)) return isUniversal(glob);
  const { isNot, beginsNot, writtenAs } = request.input.resource;
  const whole = writtenAs === undefined ? undefined : literalOf(glob);
  if (whole !== undefined) return whole === writtenAs;
  if (nameUnknown) {
    const extent = matchesContinuation(glob, arn, 'name');
    if (extent !== 'some') return extent === 'all';
    if (beginsNot !== undefined && isAllOf(glob, arn, beginsNot)) return false;
    return isNot?.has(literalOf(glob) ?? '') === true ? false : unknownBy(resourceNameFact(arn));
  }
  const at = (): string => statementKey(statement.ref);
  if (matches(glob, arn)) {
    if (!glob.hasInnerStar || matchesWithinSegments(glob, arn)) return true;
    return factHolds(ruleFact('iam-evaluation 11.9', at(), entry.text), request);
  }
  if (entry.oddCase && matches(folded(glob), folded(arn))) {
    return factHolds(ruleFact('iam-evaluation 10.15', at(), entry.text), request);
  }
  return false;
}

/** Whether all continuations of `start` that a pattern matches begin with the longer `beginning`. */
function isAllOf(glob: Glob, start: string, beginning: string): boolean {
  if (matchesContinuation(glob, beginning, 'name') === 'none') return false;
  for (let at = start.length; at < beginning.length; at++)
    if (matchesContinuation(glob, `${beginning.slice(0, at)}${inNoPattern}`, 'name') !== 'none') return false;
  return true;
}

/** A character that no policy contains, so only a wildcard matches it. */
const inNoPattern = '\u0000';

/** The only text that a pattern matches. Undefined: the pattern has wildcards. */
function literalOf(glob: Glob): string | undefined {
  return hasWildcards(glob) ? undefined : glob.pieces[0]?.text;
}

/** The partition, service, Region and account in lower case. */
function folded(arn: string): string;
function folded(glob: Glob): Glob;
function folded(value: string | Glob): string | Glob {
  if (typeof value === 'string') {
    const head = beforeAccount(value);
    return head.toLowerCase() + value.slice(head.length);
  }
  let colons = 0;
  const pieces = value.pieces.map((piece) => {
    const text = piece.text.split('').map((char) => {
      if (char === ':') colons++;
      return colons < 4 ? char.toLowerCase() : char;
    });
    return { ...piece, text: text.join('') };
  });
  return { pieces };
}
