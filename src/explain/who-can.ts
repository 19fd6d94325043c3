import {
  isInOwnPolicy,
  type MissingCall,
  openOwnCalls,
  type Standing,
  type StandingGroup,
} from '../audit/standings.ts';
import type { ExpectedNobody } from '../audit/who-can.ts';
import { accountOf, isRootArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { counted, list, uncapital } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import { isUnmet } from '../check/verdict.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import { abilityText, sourcesNoun } from './answers.ts';
import { factText } from './facts.ts';
import { statementName } from './names.ts';
import { preconditionName } from './precondition-names.ts';

/** What all principals of a group have in common, in one sentence without a period. */
export function standingText({ standing, principals, byAnotherRequest, evaluated, missing }: StandingGroup): string {
  const isOne = principals.length === 1;
  const { source, principal } = evaluated().bound;
  const who = peopleWords(principals, source?.account ?? principal.account);
  const unmet = evaluated()
    .preconditions.filter(isUnmet)
    .map(({ row }) => preconditionName(row.code));
  const isOpen = openOwnCalls(evaluated()).length > 0;
  const isStopped = `${who} ${isOne ? 'is' : 'are'} stopped ${isOpen ? '' : 'only '}${stopsText(missing, unmet, isOne)}`;
  switch (standing) {
    case 'can':
      return `${who} can`;
    case 'may':
      return byAnotherRequest
        ? `With this request, ${isStopped}. Another request may succeed`
        : `${who} may be able to`;
    case 'nearly':
      if (byAnotherRequest)
        return `${isStopped}. Once the ${unmet.length === 1 ? 'precondition is' : 'preconditions are'} met, another request may succeed`;
      return missing.length === 0
        ? `${who} ${isOpen ? 'may have' : isOne ? 'has' : 'have'} every permission. ${unmetText(unmet)}`
        : isStopped;
    case 'cannot':
      return `${who} ${isOne ? 'has' : 'have'} no permission for any required call`;
  }
}

function unmetText(unmet: readonly string[]): string {
  return `${unmet.length === 1 ? 'Precondition' : 'Preconditions'} not met: ${list(unmet)}`;
}

/**
 * One principal by name, several by their number: `42 roles`. `home`: the account of the target.
 */
function peopleWords(arns: readonly string[], home: string): string {
  const [first = '', ...others] = arns;
  if (others.length === 0) {
    if (isRootArn(first)) return `the root user of account ${accountOf(first)}`;
    return accountOf(first) === home ? shortName(first) : `${shortName(first)} of account ${accountOf(first)}`;
  }
  const types = new Set(arns.map((arn) => parsePrincipalArn(arn)?.type));
  const noun = types.size > 1 ? 'principal' : types.has('role') ? 'role' : types.has('user') ? 'user' : 'principal';
  return counted(arns.length, noun);
}

/** What the answer for another request depends on. */
export function otherRequestText({ key, decision }: DecidedCall): readonly string[] {
  return key?.isAnyKey === true ? ['the key that the request names (--kms-key-id)'] : decision.dependsOn.map(factText);
}

/** Everything that stops a request. If a part is a clause, a comma precedes the last `and`. */
function stopsText(missing: readonly MissingCall[], unmet: readonly string[], isOne: boolean): string {
  const preconditions =
    unmet.length === 0 ? [] : [`${unmet.length === 1 ? 'a precondition' : 'preconditions'} not met: ${list(unmet)}`];
  return [...missingTexts(missing, isOne), ...preconditions].map((one) => `by ${one}`).join(', and ');
}

/** What stops a request, each thing once: the statements that deny, and the missing Allows. */
function missingTexts(missing: readonly MissingCall[], isOne: boolean): readonly string[] {
  const namesOf = ({ denies }: MissingCall): readonly string[] => [
    ...new Set(denies.map((one) => denyName(one, isOne))),
  ];
  const denied = groupBy(
    missing.filter(({ denies }) => denies.length > 0),
    (one) => list(namesOf(one)),
  );
  const lacking = groupBy(
    missing.filter(({ lacks }) => lacks.length > 0),
    ({ lacks }) => list(lacks),
  );
  return [
    ...[...denied].map(
      ([statements, calls]) =>
        `${statements}, which ${namesOf(calls[0]).length === 1 ? 'denies' : 'deny'} ${actionsOf(calls)}`,
    ),
    ...[...lacking].map(([owners, calls]) => `a missing Allow for ${actionsOf(calls)} (${owners})`),
  ];
}

/**
 * A Deny that stops one principal, or several principals whose own policies have different names.
 */
export function denyName(ref: StatementRef, isOne: boolean): string {
  if (isOne || !isInOwnPolicy(ref)) return statementName(ref);
  const { sid = '' } = ref;
  return sid === '' ? 'a statement of their identity policies' : `statement "${sid}" of their identity policies`;
}

function actionsOf(calls: readonly MissingCall[]): string {
  return list([...new Set(calls.map(({ action }) => action))]);
}

/** Principals by standing, and the operation. */
export interface StandingCounts {
  readonly summary: Readonly<Record<Standing, number>>;
  readonly phrase: string;
  /** ARNs. */
  readonly sources: readonly string[];
}

/** How many principals can do something, as a sentence without a period. */
export function standingsText({ summary, phrase, sources }: StandingCounts): string {
  const { can, may, nearly, cannot } = summary;
  const all = checked(summary);
  const does = abilityText(phrase, sources);
  if (all === 1) return `The only principal checked ${onlyOne(summary)} ${does}`;
  const who =
    can === 0 ? `None of ${all} principals` : can === all ? `All ${all} principals` : `${can} of ${all} principals`;
  const others = [
    ...(may === 0 ? [] : [`${may} may be able to`]),
    ...(nearly === 0 ? [] : [`${nearly} nearly can`]),
    ...(cannot === 0 ? [] : [`${cannot} cannot`]),
  ];
  return `${who} can ${does}${others.length === 0 ? '' : `. ${list(others)}`}`;
}

/**
 * An answer about the evidence with plans applied. It begins with a number or with a common word.
 */
export function afterApplyText(says: string): string {
  return `After the apply, ${uncapital(says)}`;
}

function onlyOne({ can, may }: StandingCounts['summary']): string {
  return can === 1 ? 'can' : may === 1 ? 'may be able to' : 'cannot';
}

/** How many principals were checked for a target. */
function checked({ can, may, nearly, cannot }: StandingCounts['summary']): number {
  return can + may + nearly + cannot;
}

/** What somebody or nobody can do to several targets, as a sentence without a period. */
export function severalTargetsText(
  phrase: string,
  targets: readonly { readonly sources: readonly string[]; readonly summary: Readonly<Record<Standing, number>> }[],
): string {
  const all = targets.flatMap(({ sources }) => sources);
  const countOf = (fits: (summary: Readonly<Record<Standing, number>>) => boolean): number =>
    targets.filter(({ summary }) => fits(summary)).flatMap(({ sources }) => sources).length;
  const nobody = countOf(({ can, may }) => can === 0 && may === 0);
  const unsure = countOf(({ can, may }) => can === 0 && may > 0);
  const noun = counted(all.length, sourcesNoun(all));
  const does = (sources: string): string => phrase.replace('SOURCE', () => sources);
  // "cannot restore all 3 snapshots" could mean that some can be restored.
  const some = (number: number): string =>
    does(number === all.length ? `any of the ${noun}` : `${number} of the ${noun}`);
  const [can, maybe, cannot] = targets.every(({ summary }) => checked(summary) === 1)
    ? [
        'The only principal checked can',
        'The only principal checked may be unable to',
        'The only principal checked cannot',
      ]
    : ['At least one principal can', 'Perhaps no principal can', 'No principal can'];
  if (nobody + unsure === 0) return `${can} ${does(`each of the ${noun}`)}`;
  if (nobody === 0) return `${maybe} ${some(unsure)}`;
  return `${cannot} ${some(nobody)}${unsure === 0 ? '' : `, and perhaps ${unsure} more`}`;
}

/** A note about a name of the gate, as a sentence with a period. */
export function expectedNobodyText({ name, nearest }: ExpectedNobody): string {
  const near =
    nearest.length === 0 ? '' : ` The most similar ${nearest.length === 1 ? 'name is' : 'names are'} ${list(nearest)}.`;
  return `No principal matches \`${name}\` (--expect-only).${near}`;
}
