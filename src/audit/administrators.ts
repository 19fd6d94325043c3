import { parseArn, rootArn } from '../base/arn.ts';
import { type Affected, type FindingFields, nothing } from './findings/finding.ts';
import type { Right, Rights } from './rights.ts';

/* Administrators can do everything, so one finding for each account names them. */

type Held = readonly (readonly [string, Right])[];

/** The affected principals and keys of a finding about permissions on keys. */
export function allPeople(people: Held, keys: readonly string[]): Affected {
  return { keys, ...(people.length === 0 ? {} : { principals: people.map(([arn]) => arn).toSorted() }) };
}

export interface Folding {
  readonly account: string;
  /** The permissions of everybody, by key. Undefined: no key is known. */
  readonly rights: readonly { readonly key: string | undefined; readonly rights: Rights }[];
  readonly isAdministrator: (arn: string) => boolean;
}

/**
 * One finding about the administrators of an account who have a permission on a key. Empty: there
 * are no such administrators.
 */
export function foldAdministrators({ account, rights, isAdministrator }: Folding): readonly FindingFields[] {
  const theirs = rights.flatMap(({ key, rights: all }) =>
    [...all].filter(([arn]) => isAdministrator(arn)).map(([arn, right]) => ({ key, arn, right })),
  );
  const [first] = theirs;
  if (first === undefined) return [];
  const certain = theirs.filter(({ right }) => right.holds === 'yes');
  const known = new Set(certain.map(({ arn, key }) => `${arn} ${key}`));
  const open = theirs.filter(({ right, arn, key }) => right.holds === 'maybe' && !known.has(`${arn} ${key}`));
  const things = (all: typeof theirs): Affected =>
    all.length === 0
      ? nothing
      : {
          principals: [...new Set(all.map(({ arn }) => arn))].toSorted(),
          keys: [...new Set(all.flatMap(({ key }) => key ?? []))].toSorted(),
        };
  return [
    {
      account,
      region: undefined,
      subject: rootArn(parseArn(first.arn)?.partition ?? '', account),
      severity: 'note',
      affected: things(certain),
      maybe: things(open),
      dependsOn: open.flatMap(({ right }) => right.facts),
      statements: [],
    },
  ];
}
