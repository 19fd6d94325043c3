import { isKeyArn, type Place, placeOf } from '../base/arn.ts';
import { isList } from '../base/json.ts';
import { shellQuoted } from '../base/shell.ts';
import { catalogue } from '../operations/catalogue.ts';
import { isKeyRole, type Operation, type PreconditionCode } from '../operations/operation.ts';
import type { Warning } from '../policy/warning.ts';
import { ageInHours } from './age.ts';
import { type Directory, directoryOf } from './directory.ts';
import {
  backupRows,
  type Counted,
  iamRead,
  iamRows,
  identityIn,
  isForNoCheck,
  keyIdsIn,
  keyRows,
  type ListRead,
  type RdsRow,
  rdsLists,
  rdsRows,
} from './lists.ts';
import { aliasOf, organizationOf } from './lookup.ts';
import { policyWarnings } from './policy-faults.ts';
import { findPrincipal } from './principals.ts';
import type { Account, Evidence, Gap, Key, Region } from './schema.ts';

/*
 * Lists what evidence has and what is missing, before any check. explain/inventory.ts has the
 * words.
 */

/** One file, or several that were read together. */
export interface DatedEvidence {
  readonly from: string;
  readonly collectedAt?: string | undefined;
}

/** Something that the evidence does not have. */
export type Lack =
  | { readonly code: 'iam-not-held' }
  /** `noun`: the kind of items in the list. */
  | { readonly code: 'principals-not-held'; readonly noun: string }
  /** `principal`: ARN. `why`: why the policy was not read. */
  | {
      readonly code: 'policy-not-held';
      readonly principal: string;
      readonly policy: string;
      readonly why: string;
    }
  | { readonly code: 'control-policies-not-held' }
  | { readonly code: 'regions-not-held' }
  | { readonly code: 'list-not-held'; readonly list: string }
  | { readonly code: 'sharing-not-held'; readonly list: string }
  /** `owner`: the account, if it is another one. null: the ARN does not show it. */
  | { readonly code: 'key-not-held'; readonly key: string; readonly owner?: string | null }
  /** `key`: the alias or else the ARN. */
  | { readonly code: 'part-of-key-not-held'; readonly part: string; readonly key: string };

export interface MissingEvidence {
  readonly lack: Lack;
  readonly account: string;
  readonly region?: string;
  /** The commands that need the missing data. `all`: every command. */
  readonly operations: readonly string[] | 'all';
  /** What these commands do without the data. */
  readonly effect: 'undetermined' | 'assumed' | 'skipped' | 'refused';
  /**
   * The AWS CLI command that prints the data, or two commands, each of which prints a part. Absent:
   * the account's own credentials cannot read it, or no such command does.
   */
  readonly command?: string;
}

/** How many items of a kind the evidence has. */
export interface Count {
  readonly noun: string;
  readonly count: number;
}

export interface HeldAccount {
  readonly account: string;
  readonly iam: readonly Count[];
  /**
   * `id`: null if the account is in no organization, undefined if not known. `levels`: undefined if
   * the path is not known.
   */
  readonly organization: { readonly id: string | null | undefined; readonly levels: number | undefined };
  readonly regions: readonly { readonly region: string; readonly holds: readonly Count[] }[];
}

export interface Inventory {
  readonly files: readonly (DatedEvidence & { readonly ageInHours?: number })[];
  readonly accounts: readonly HeldAccount[];
  readonly missing: readonly MissingEvidence[];
  /** Reads that failed when the evidence was collected. */
  readonly gaps: readonly Gap[];
  /** `path`: within the evidence. */
  readonly warnings: readonly Warning[];
}

/** `files`: the sources of the evidence. `now`: an ISO time. Pure. */
export function inventoryOf(evidence: Evidence, files: readonly DatedEvidence[], now: string): Inventory {
  const directory = directoryOf(evidence);
  const accounts = Object.entries(evidence.accounts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    files: files.map((file) => {
      const age = ageInHours(file.collectedAt, now);
      return age === undefined ? file : { ...file, ageInHours: age };
    }),
    accounts: accounts.map(([account, known]) => held(evidence, account, known)),
    missing: accounts.flatMap(([account, known]) => [
      ...missingIam(directory, account, known),
      ...missingOrganization(account, known),
      ...missingRegions(account, known),
      ...Object.entries(known.regions ?? {}).flatMap(([region, there]) =>
        missingThere(directory, { account, region }, there),
      ),
    ]),
    gaps: evidence.gaps ?? [],
    warnings: policyWarnings(evidence),
  };
}

type Rds = NonNullable<Region['rds']>;

const principalRows = iamRows.filter(([, { act }]) => act === true);
const otherIamRows = iamRows.filter(([, { act }]) => act !== true);

function held(evidence: Evidence, account: string, { iam, organization, regions }: Account): HeldAccount {
  const { id, path } = organizationOf(evidence, account);
  return {
    account,
    iam: countedLists([...principalRows, ...otherIamRows], iam ?? {}),
    organization: { id, levels: path === undefined ? undefined : organization?.path?.length },
    regions: Object.entries(regions ?? {}).map(([region, { rds, backup, kms }]) => ({
      region,
      holds: [
        ...countedLists(rdsRows, rds ?? {}),
        ...countedLists(backupRows, backup ?? {}),
        ...(kms?.keys === undefined ? [] : [{ noun: 'key', count: kms.keys.length }]),
      ],
    })),
  };
}

/**
 * How many items the lists have. Lists with the same noun are counted together. A missing list is
 * not counted.
 */
function countedLists(
  rows: readonly (readonly [string, Counted])[],
  lists: Readonly<Record<string, unknown>>,
): readonly Count[] {
  const counts = new Map<string, number>();
  for (const [name, { noun }] of rows) {
    const list = lists[name];
    if (noun !== undefined && isList(list)) counts.set(noun, (counts.get(noun) ?? 0) + list.length);
  }
  return [...counts].map(([noun, count]) => ({ noun, count }));
}

function missingIam(directory: Directory, account: string, { iam }: Account): readonly MissingEvidence[] {
  const every = { account, operations: 'all', effect: 'undetermined' } as const;
  if (iam === undefined) return [{ ...every, lack: { code: 'iam-not-held' }, command: iamRead.command }];
  const absent = principalRows.filter(([name]) => iam[name] === undefined);
  const principals = [...(iam.UserDetailList ?? []), ...(iam.RoleDetailList ?? [])].map(({ Arn }) => Arn);
  return [
    ...absent.map(([, { noun = '' }]): MissingEvidence => {
      return { ...every, lack: { code: 'principals-not-held', noun }, command: iamRead.command };
    }),
    ...principals.flatMap((principal) => {
      const { identity, boundary = [] } = findPrincipal(directory, principal);
      return [...identity, ...boundary].flatMap((policy): readonly MissingEvidence[] =>
        'unread' in policy
          ? [
              {
                ...{ ...every, command: iamRead.command },
                lack: { code: 'policy-not-held', principal, policy: policy.name, why: policy.unread },
              },
            ]
          : [],
      );
    }),
  ];
}

function missingOrganization(account: string, { organization }: Account): readonly MissingEvidence[] {
  if (organization === null || (organization?.path ?? []).length > 0) return [];
  return [{ lack: { code: 'control-policies-not-held' }, account, operations: 'all', effect: 'assumed' }];
}

function missingRegions(account: string, { regions }: Account): readonly MissingEvidence[] {
  if (regions !== undefined && Object.keys(regions).length > 0) return [];
  return [{ lack: { code: 'regions-not-held' }, account, operations: 'all', effect: 'refused' }];
}

const testing =
  (codes: readonly PreconditionCode[]) =>
  ({ preconditions }: Operation): boolean =>
    preconditions.some(({ code }) => codes.includes(code));

/**
 * The operations that need a list. If the list is of the operation's first type, the operation
 * cannot be checked without it. Without another of its lists, the operation finds no source there.
 */
function hinderedBy({ use, itemOf }: RdsRow): Pick<MissingEvidence, 'operations' | 'effect'> {
  if ('preconditions' in use) {
    const operations = commandsOf(testing(use.preconditions));
    return { operations, effect: itemOf === undefined ? 'skipped' : 'undetermined' };
  }
  if (isForNoCheck(use)) return { operations: use.commands, effect: 'undetermined' };
  const first = commandsOf(({ reads }) => reads?.types[0] === use.type);
  if (first.length > 0) return { operations: first, effect: 'refused' };
  const operations = commandsOf(({ reads }) => reads?.types.some((type) => type === use.type) === true);
  return { operations, effect: 'skipped' };
}

/**
 * The commands of the operations, each once. If only some operations of a command match, the flag
 * of their source follows.
 */
function commandsOf(uses: (operation: Operation) => boolean): readonly string[] {
  const found = catalogue.filter(uses);
  const names = found.map(({ command, reads }) => {
    const all = catalogue.filter((one) => one.command === command);
    return reads === undefined || all.every((one) => found.includes(one)) ? command : `${command} --${reads.flag}`;
  });
  return [...new Set(names)];
}

function missingThere(
  directory: Directory,
  at: Place,
  { rds = {}, backup = {}, kms }: Region,
): readonly MissingEvidence[] {
  const { account, region } = at;
  const commandFor = ({ command }: ListRead, more = ''): string => `${command} --region ${shellQuoted(region)}${more}`;
  const lists = rdsRows
    .filter(([name, row]) => rds[name] === undefined && isWanted(rds, row, account))
    .map(([name, row]): MissingEvidence => {
      const code = row.itemOf === undefined ? 'list-not-held' : 'sharing-not-held';
      const item = row.itemOf === undefined ? '' : ` ${row.itemOf.flag} ...`;
      const both = [row, ...(row.more === undefined ? [] : [{ ...row, command: row.more }])];
      const command = both.map((read) => commandFor(read, item)).join(' && ');
      return { ...at, lack: { code, list: name }, ...hinderedBy(row), command };
    });
  const backupLists = backupRows
    .filter(([name]) => backup[name] === undefined)
    .map(([name, row]): MissingEvidence => {
      const lack = { code: 'list-not-held', list: name } as const;
      const more = row.vaultFlag === undefined ? '' : ` ${row.vaultFlag} ...`;
      return { ...at, lack, operations: row.use.commands, effect: 'undetermined', command: commandFor(row, more) };
    });
  const keys = new Map((kms?.keys ?? []).map((key) => [key.KeyMetadata.Arn, key]));
  const unheld = keysUsed(rds).filter((arn) => directory.key(arn) === undefined && !directory.isGone(arn));
  const onKeys = { operations: commandsOf(usesKeys), effect: 'undetermined' } as const;
  return [
    ...lists,
    ...backupLists,
    ...unheld.map((key): MissingEvidence => {
      const owner = placeOf(key)?.account ?? null;
      if (owner !== account) return { ...at, ...onKeys, lack: { code: 'key-not-held', key, owner } };
      const command = `aws kms describe-key --query KeyMetadata --region ${shellQuoted(region)} --key-id ${shellQuoted(key)}`;
      return { ...at, ...onKeys, lack: { code: 'key-not-held', key }, command };
    }),
    ...[...keys.values()].flatMap((key) =>
      keyRows
        .filter(([name]) => key[name] === undefined)
        .map(([part, row]): MissingEvidence => {
          const lack = { code: 'part-of-key-not-held', part, key: nameOf(key) } as const;
          const effect = part === 'RamPolicy' ? 'assumed' : onKeys.effect;
          return {
            ...at,
            ...onKeys,
            effect,
            lack,
            command: commandFor(row, ` --key-id ${shellQuoted(key.KeyMetadata.Arn)}`),
          };
        }),
    ),
  ];
}

function usesKeys({ calls }: Operation): boolean {
  return calls.some(({ on }) => isKeyRole(on));
}

/**
 * A list that belongs to the items of another list is needed only if the account has such items.
 * Only the owner of a snapshot can read with whom it is shared.
 */
function isWanted(rds: Rds, { itemOf }: RdsRow, account: string): boolean {
  if (itemOf === undefined) return true;
  const [items, list] = [rds[itemOf.list], rdsLists[itemOf.list]];
  return isList(items) && items.some((item) => placeOf(identityIn(list, item) ?? '')?.account === account);
}

function nameOf(key: Key): string {
  return aliasOf(key) ?? key.KeyMetadata.Arn;
}

/** The keys that encrypt resources in the Region, each once. */
function keysUsed(rds: Rds): readonly string[] {
  const sourceLists = rdsRows.filter(([, { use }]) => 'type' in use);
  return [...new Set(sourceLists.flatMap(([name]) => keyIdsIn(rds[name]).filter(isKeyArn)))];
}
