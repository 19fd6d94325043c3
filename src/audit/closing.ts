import { accountOf, isAccountId, placeOf, rootArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { viaService } from '../base/service.ts';
import type { Directory } from '../evidence/directory.ts';
import { partitionAt } from '../evidence/principals.ts';
import { documentObject, statementsOf, withStatements } from '../fix/documents.ts';
import { type FixStep, type KeyToName, namedPolicy, type PolicyToName } from '../fix/fix-step.ts';
import { fits } from '../fix/sizes.ts';
import { allowedBy } from '../fix/statements.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { Estate } from './estate.ts';
import { type OutsideKeyUse, ranks, usesOf } from './key-uses.ts';
import { nameOfOutsider, type Outsider, type OutsideUse, outsideOf } from './outside.ts';
import { type SharedBackups, sharedBackups } from './sharing.ts';

/*
 * Finds the smallest change to a key after which an outsider cannot use the key, or after which an
 * account can use what is shared with it. The engine decides with the change applied whether the
 * change is enough.
 */

/** What to do with a key so that outsiders cannot use it. */
export type ClosingStep =
  /** The statement no longer names the account. */
  | { readonly code: 'take-account-out'; readonly account: string; readonly from: StatementOf }
  | { readonly code: 'remove-statement'; readonly from: StatementOf }
  /** Only callers of these accounts can then use the statement. */
  | { readonly code: 'limit-statement'; readonly accounts: readonly string[]; readonly from: StatementOf }
  | { readonly code: 'revoke-grant'; readonly grant: string; readonly key: KeyToName };

/** A statement as it was before all changes, and the policy that has it. */
export interface StatementOf {
  readonly statement: StatementRef;
  readonly policy: PolicyToName;
}

/** A change to one key. */
export interface KeyEdit<Step> {
  readonly key: string;
  readonly steps: readonly Step[];
  /** The new text of the key policy. Undefined: it stays. */
  readonly document: Json | undefined;
  /** Ids of grants that end. */
  readonly grants: readonly string[];
}

type Asked = Pick<Estate, 'directory' | 'outside' | 'settings'>;

/** Also with the resources that are encrypted with keys. */
type AskedOfUse = Asked & Pick<Estate, 'backups' | 'databases'>;

/**
 * The maximum number of rounds. Each round changes one statement, or ends the grants of an account.
 */
const mostRounds = 10;

/**
 * The change after which an outsider cannot use a key. Those who are trusted keep what they have,
 * and so do accounts with resources that are encrypted with the key. Undefined: there is no such
 * change.
 */
export function closingOf(estate: AskedOfUse, key: string, to: string): KeyEdit<ClosingStep> | undefined {
  const before = usesOf(estate, key);
  const outsider = before.find((one) => nameOfOutsider(one.outsider) === to)?.outsider;
  const policy = estate.directory.keyPolicy(key);
  const document = 'unread' in policy ? undefined : documentObject(policy.document);
  const needing = accountsUnder(estate, key);
  if (outsider === undefined || document === undefined || needing.includes(to)) return undefined;
  const kept = [...new Set([...needing, ...trustedWith(estate, key)])].toSorted();
  const closing: Closing = { estate, key, outsider, document, name: policy.name, kept };
  let edits: Edits = { statements: new Map(), grants: [], steps: [] };
  for (let round = 0; round < mostRounds; round += 1) {
    const change = changeBy(closing, edits);
    if (change === undefined) return undefined;
    const asked = under(estate, change);
    const use = asked.outside().keyUse(key, outsider);
    if (use.holds === 'no') return keepsTrusted(before, usesOf(asked, key)) ? change : undefined;
    const next = nextEdits(closing, edits, use);
    if (next === undefined) return undefined;
    edits = next;
  }
  return undefined;
}

interface Closing {
  readonly estate: Asked;
  readonly key: string;
  readonly outsider: Outsider;
  /** The key policy as it is, and its name. */
  readonly document: Json;
  readonly name: string;
  /** Other accounts that keep the use of the key. */
  readonly kept: readonly string[];
}

/** Other accounts that have databases or backups under a key, or with which backups are shared. */
function accountsUnder({ backups, databases, directory }: AskedOfUse, key: string): readonly string[] {
  const holders = [
    ...backups.flatMap((one) => (one.key === key ? [one.source.account] : [])),
    ...databases.flatMap((one) => (one.kmsKeyId === key ? [one.account] : [])),
    ...sharedBackups({ backups, directory })
      .flatMap((one) => (one.key === key ? [one.with] : []))
      .filter(isAccountId),
  ];
  return [...new Set(holders)].filter((account) => account !== accountOf(key));
}

/** The trusted accounts that can use a key. */
function trustedWith(estate: Asked, key: string): readonly string[] {
  const outside = estate.outside();
  return estate.settings.allowAccounts.filter(
    (account) => account !== accountOf(key) && outside.keyUse(key, { is: 'account', account }).holds !== 'no',
  );
}

interface Edits {
  /** The statements by their positions in the policy. null: the statement is removed. */
  readonly statements: ReadonlyMap<number, Json | null>;
  readonly grants: readonly string[];
  readonly steps: readonly ClosingStep[];
}

/**
 * The change that edits make. Undefined: nothing would be left of the policy, or the policy would
 * be too long.
 */
function changeBy({ estate, key, document }: Closing, edits: Edits): KeyEdit<ClosingStep> | undefined {
  const { steps, grants } = edits;
  if (edits.statements.size === 0) return { key, steps, grants, document: undefined };
  const statements = edited(document, edits).map(([, statement]) => statement);
  const after = { ...document, Statement: statements };
  const isPossible = statements.length > 0 && fits({ in: 'key policy', key }, after, estate.directory.evidence);
  return isPossible ? { key, steps, grants, document: after } : undefined;
}

/** The statements that are left, with the numbers that they had. */
function edited(document: Json, { statements }: Edits): readonly (readonly [number, unknown])[] {
  return statementsOf(document).flatMap((statement, number): readonly (readonly [number, unknown])[] => {
    const edit = statements.get(number);
    return edit === null ? [] : [[number, edit ?? statement]];
  });
}

/** The estate with a key changed. */
function under(estate: Asked, { key, document, grants }: KeyEdit<unknown>): Asked {
  const { directory, settings } = estate;
  const before = directory.key(key);
  const after =
    before === undefined
      ? undefined
      : {
          ...before,
          ...(document === undefined ? {} : { Policy: document }),
          ...(before.Grants === undefined
            ? {}
            : { Grants: before.Grants.filter(({ GrantId: id }) => id === undefined || !grants.includes(id)) }),
        };
  const changed: Directory = {
    ...directory,
    key: (arn) => (arn === key ? after : directory.key(arn)),
    keyPolicy: (arn) =>
      arn === key && document !== undefined
        ? { name: directory.keyPolicy(arn).name, document }
        : directory.keyPolicy(arn),
  };
  const outside = outsideOf(changed, settings);
  return { directory: changed, settings, outside: () => outside };
}

/** Adds an edit that takes some access from the outsider. Undefined: there is no such edit. */
function nextEdits(closing: Closing, edits: Edits, { statements }: OutsideUse): Edits | undefined {
  const { estate, key, outsider, document, name } = closing;
  const policy = namedPolicy({ in: 'key policy', key }, estate.directory.evidence);
  const left = edited(document, edits);
  for (const statement of statements) {
    if (statement.effect !== 'Allow' || statement.name !== name) continue;
    const [number, given] = left[statement.statement] ?? [];
    if (number === undefined || !isJson(given)) continue;
    const edit = closed(closing, given);
    if (edit === undefined) continue;
    const from: StatementOf = { statement: { ...statement, statement: number }, policy };
    return {
      ...edits,
      statements: new Map([...edits.statements, [number, edit.after]]),
      steps: [...edits.steps, edit.stepFrom(from)],
    };
  }
  const grants = outsider.is === 'account' ? grantsTo(estate, key, outsider.account) : [];
  const more = grants.filter((id) => !edits.grants.includes(id));
  if (more.length === 0 || policy.key === undefined) return undefined;
  const named = policy.key;
  return {
    ...edits,
    grants: [...edits.grants, ...more],
    steps: [...edits.steps, ...more.map((grant): ClosingStep => ({ code: 'revoke-grant', grant, key: named }))],
  };
}

function grantsTo({ directory }: Asked, key: string, account: string): readonly string[] {
  return (directory.key(key)?.Grants ?? []).flatMap(({ GrantId: id, GranteePrincipal: grantee }) =>
    id !== undefined && grantee !== undefined && accountNamed(grantee) === account ? [id] : [],
  );
}

interface StatementEdit {
  readonly after: Json | null;
  readonly stepFrom: (from: StatementOf) => ClosingStep;
}

/**
 * An edit after which a statement does not give the outsider access. Undefined: one edit is not
 * enough.
 */
function closed(closing: Closing, statement: Json): StatementEdit | undefined {
  const { outsider, key, kept } = closing;
  if (outsider.is === 'account') {
    const without = withoutAccount(statement, outsider.account);
    if (without === null) return { after: null, stepFrom: (from) => ({ code: 'remove-statement', from }) };
    if (without !== undefined)
      return {
        after: without,
        stepFrom: (from) => ({ code: 'take-account-out', account: outsider.account, from }),
      };
  }
  const accounts = [accountOf(key), ...kept];
  const named = JSON.stringify(statement).match(/(?<!\d)\d{12}(?!\d)/g) ?? [];
  if (named.length > 0 && outsider.is === 'account' && !named.some((one) => accounts.includes(one)))
    return { after: null, stepFrom: (from) => ({ code: 'remove-statement', from }) };
  const limited = limitedTo(statement, accounts);
  return limited === undefined
    ? undefined
    : { after: limited, stepFrom: (from) => ({ code: 'limit-statement', accounts, from }) };
}

/**
 * The statement without the account in its principals, or in the callers of its conditions. null:
 * the statement names nobody else. Undefined: the statement does not name the account.
 */
function withoutAccount(statement: Json, account: string): Json | null | undefined {
  const { Principal: principal, Condition: condition } = statement;
  if (isJson(principal)) {
    const { AWS: given, ...others } = principal;
    const names = listOf(given);
    const left = names.filter((name) => typeof name !== 'string' || accountNamed(name) !== account);
    if (left.length < names.length) {
      if (left.length === 0 && Object.keys(others).length === 0) return null;
      return { ...statement, Principal: left.length === 0 ? others : { ...others, AWS: left } };
    }
  }
  if (!isJson(condition)) return undefined;
  for (const [operator, tests] of Object.entries(condition)) {
    if (!/^StringEquals(?:IgnoreCase)?$/i.test(operator) || !isJson(tests)) continue;
    for (const [name, values] of Object.entries(tests)) {
      if (!/^(?:kms:CallerAccount|aws:PrincipalAccount)$/i.test(name)) continue;
      const left = listOf(values).filter((value) => value !== account);
      if (left.length === listOf(values).length) continue;
      if (left.length === 0) return null;
      return { ...statement, Condition: { ...condition, [operator]: { ...tests, [name]: left } } };
    }
  }
  return undefined;
}

/**
 * Limits a statement to callers of some accounts. Undefined: the statement already tests the
 * account of callers.
 */
function limitedTo(statement: Json, accounts: readonly string[]): Json | undefined {
  const condition = isJson(statement['Condition']) ? statement['Condition'] : {};
  const name = Object.keys(condition).find((operator) => operator.toLowerCase() === 'stringequals') ?? 'StringEquals';
  const tests = isJson(condition[name]) ? condition[name] : {};
  if (Object.keys(tests).some((key) => key.toLowerCase() === 'kms:calleraccount')) return undefined;
  return { ...statement, Condition: { ...condition, [name]: { ...tests, 'kms:CallerAccount': accounts } } };
}

/** The account that an entry of a principal or a grantee belongs to. */
function accountNamed(entry: string): string {
  return isAccountId(entry) ? entry : accountOf(entry);
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : isList(value) ? value : [value];
}

/** Whether trusted accounts can still use the key as before. A change can only end uses. */
function keepsTrusted(before: readonly OutsideKeyUse[], after: readonly OutsideKeyUse[]): boolean {
  const kept = new Map(after.map(({ outsider, use }) => [nameOfOutsider(outsider), use]));
  return before.every(
    ({ outsider, use, isTrusted }) =>
      isTrusted !== true || ranks[kept.get(nameOfOutsider(outsider))?.holds ?? 'no'] >= ranks[use.holds],
  );
}

/**
 * The change after which the account that snapshots are shared with can use their key. Undefined:
 * an Allow is not enough, or the key policy was not read.
 */
export function openingOf(
  estate: Asked,
  { key, with: account, backups }: Pick<SharedBackups, 'key' | 'with' | 'backups'>,
): KeyEdit<FixStep> | undefined {
  if (key === undefined || !isAccountId(account)) return undefined;
  const policy = estate.directory.keyPolicy(key);
  const before = 'unread' in policy ? undefined : documentObject(policy.document);
  if (before === undefined) return undefined;
  const { evidence } = estate.directory;
  const principal = rootArn(partitionAt(evidence, accountOf(key)), account);
  const allow = {
    Sid: 'UseThroughRds',
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: ['kms:DescribeKey', 'kms:CreateGrant'],
    Resource: '*',
    Condition: { StringEquals: { 'kms:ViaService': viaService('rds', placeOf(key)?.region ?? '') } },
  };
  const document = withStatements(before, [allow]);
  const place = { in: 'key policy', key } as const;
  const steps: readonly FixStep[] = [
    { code: 'allow-in-policy', principal, actions: allowedBy([allow]), policy: namedPolicy(place, evidence) },
  ];
  const change = { key, steps, document, grants: [] };
  const outside = under(estate, change).outside();
  const isUsable = backups.every(
    ({ source }) => outside.snapshotUse(source, { is: 'account', account }).holds === 'yes',
  );
  return isUsable && fits(place, document, evidence) ? change : undefined;
}
