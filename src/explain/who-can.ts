import type { MissingCall, Standing, StandingGroup } from '../audit/who-can.ts';
import { accountOf, isRootArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { counted, list } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import { abilityText } from './answers.ts';
import { factText } from './facts.ts';
import { statementName } from './names.ts';
import { preconditionName } from './preconditions.ts';

/** What all principals of a group have in common, in one sentence without full stop. */
export function standingText({ standing, principals, byAnotherRequest, judgement, missing }: StandingGroup): string {
  const isOne = principals.length === 1;
  const who = peopleWords(principals);
  const fails = isOne ? 'fails' : 'fail';
  switch (standing) {
    case 'can':
      return `${who} can`;
    case 'may':
      return byAnotherRequest
        ? `${who} ${fails} as asked only at ${stopsText(missing)}. Another request may succeed`
        : `${who} may`;
    case 'nearly': {
      const [unmet] = judgement.reasons.flatMap((one) => ('precondition' in one ? [one.precondition] : []));
      if (missing.length === 0 && unmet !== undefined)
        return `${who} ${isOne ? 'has' : 'have'} every permission. Precondition not met: ${preconditionName(unmet.row.code)}`;
      return `${who} ${fails} only at ${stopsText(missing)}`;
    }
    case 'cannot':
      return `${who} ${isOne ? 'has' : 'have'} no permission for any required call`;
  }
}

/** One principal by name, several by their number: `42 roles`. */
function peopleWords(arns: readonly string[]): string {
  const [first = '', ...others] = arns;
  if (others.length === 0) return isRootArn(first) ? `the root user of account ${accountOf(first)}` : shortName(first);
  const types = new Set(arns.map((arn) => parsePrincipalArn(arn)?.type));
  const noun = types.size > 1 ? 'principal' : types.has('role') ? 'role' : types.has('user') ? 'user' : 'principal';
  return counted(arns.length, noun);
}

/** What the answer of another request depends on. */
export function otherRequestText({ key, decision }: DecidedCall): readonly string[] {
  return key?.isAnyKey === true ? ['the key that the request names (--kms-key-id)'] : decision.dependsOn.map(factText);
}

/** A clause of its own stands before the last `and`. */
function stopsText(missing: readonly MissingCall[]): string {
  return missingTexts(missing).join(', and at ');
}

/** What stands in the way, each thing once: the statements that deny, and the Allows that are missing. */
export function missingTexts(missing: readonly MissingCall[]): readonly string[] {
  const denied = groupBy(
    missing.filter(({ denies }) => denies.length > 0),
    ({ denies }) => list(denies.map(statementName)),
  );
  const lacking = groupBy(
    missing.filter(({ lacks }) => lacks.length > 0),
    ({ lacks }) => list(lacks),
  );
  return [
    ...[...denied].map(([statements, calls]) => `${statements}, which denies ${actionsOf(calls)}`),
    ...[...lacking].map(([owners, calls]) => `a missing Allow for ${actionsOf(calls)} (${owners})`),
  ];
}

function actionsOf(calls: readonly MissingCall[]): string {
  return list([...new Set(calls.map(({ action }) => action))]);
}

/** Principals by standing, and what they would do. */
export interface StandingCounts {
  readonly summary: Readonly<Record<Standing, number>>;
  readonly phrase: string;
  /** ARNs. */
  readonly sources: readonly string[];
}

/** How many can do something, as a sentence without full stop. */
export function standingsText({ summary, phrase, sources }: StandingCounts): string {
  const { can, may, nearly, cannot } = summary;
  const all = can + may + nearly + cannot;
  const does = abilityText(phrase, sources);
  const who =
    can === 0
      ? `No principal of ${all}`
      : can === all
        ? `Every principal of ${all}`
        : `${can} of ${counted(all, 'principal')}`;
  const others = [
    ...(may === 0 ? [] : [`${may} may`]),
    ...(nearly === 0 ? [] : [`${nearly} nearly can`]),
    ...(cannot === 0 ? [] : [`${cannot} cannot`]),
  ];
  return `${who} can ${does}${others.length === 0 ? '' : `. ${list(others)}`}`;
}
