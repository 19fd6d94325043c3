import { accountOf, isAccountId, isKeyArn, type Place, parseArn, rootArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { isRoleArn } from '../base/principal-arn.ts';
import type { Directory } from '../evidence/directory.ts';
import { areGrantsRead } from '../evidence/lookup.ts';
import { partitionAt } from '../evidence/principals.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { accountsSharing } from '../evidence/sharing.ts';
import type { Source } from '../evidence/sources.ts';
import { worksAcrossAccounts } from '../policy/formula.ts';
import { readDocument } from '../policy/parse.ts';
import type { ExpectationLack } from './outcome.ts';
import type { Target } from './targets.ts';

/** Principals that could get access, apart from those that are named. */
export interface Outsiders {
  /** The accounts whose users, roles and root users may get access. */
  readonly accounts: readonly string[];
  /** ARNs of federated users. */
  readonly federated: readonly string[];
  /**
   * What was not read about the accounts. Computed on first use, because it needs the lists of all
   * accounts.
   */
  readonly lacks: () => readonly ExpectationLack[];
}

/**
 * The principals of the owning account and of the accounts that something is shared with: every
 * user and role, and the root users.
 */
export function outsiders(
  directory: Directory,
  { place, targets }: { readonly place: Place; readonly targets: readonly Target[] },
): Outsiders {
  const { evidence } = directory;
  const shared = targets.map((target) => accountsLetIn(directory, target));
  const accounts = [...new Set([place.account, ...shared.flatMap((one) => one.accounts)])];
  const unread = (account: string): readonly ExpectationLack[] => {
    const held = evidence.accounts[account];
    if (held === undefined && account !== place.account) return [{ code: 'outside-account-unread', of: '', account }];
    return directory.listed(account).unread.length === 0 ? [] : [{ code: 'principals-unread', account }];
  };
  const federated = targets
    .flatMap((target) => federatedUsersOf(directory, target))
    .filter((arn) => evidence.accounts[accountOf(arn)] !== undefined);
  return {
    accounts,
    federated: [...new Set(federated)],
    lacks: lazily(() => [...shared.flatMap((one) => one.lacks), ...accounts.flatMap(unread)]),
  };
}

/**
 * ARNs of the users, roles and root users of accounts. Accounts about which nothing was read are
 * left out.
 */
export function everybodyIn({ evidence, listed }: Directory, accounts: readonly string[]): readonly string[] {
  return accounts.flatMap((account) => {
    if (evidence.accounts[account] === undefined) return [];
    const { people } = listed(account);
    const named = people.find(isRoleArn) ?? people[0] ?? '';
    return [...people, rootArn(parseArn(named)?.partition ?? partitionAt(evidence, account), account)];
  });
}

/** Federated users that the policies and grants of a key name: no list has them. */
function federatedUsersOf({ key: keyAt, keyPolicy }: Directory, { source, key }: Target): readonly string[] {
  const arn = key ?? source?.kmsKeyId;
  if (arn === undefined || !isKeyArn(arn)) return [];
  const policy = keyPolicy(arn);
  const { Grants: grants, RamPolicy: shared } = keyAt(arn) ?? {};
  const text = JSON.stringify(['unread' in policy ? '' : plain(policy.document), plain(shared), grants ?? []]);
  return [...text.matchAll(/"(arn:[\w-]+:sts::\d{12}:federated-user\/[^"\\*?]+)"/g)].flatMap(([, user]) => user ?? []);
}

/**
 * The JSON of a document. A document that is a text is parsed, so that the quotes in it are not
 * escaped.
 */
function plain(document: PolicyDocument | null | undefined): unknown {
  const read = readDocument(document);
  return 'fault' in read ? document : read.value;
}

interface Sharing {
  readonly accounts: readonly string[];
  readonly lacks: readonly ExpectationLack[];
}

const nobodyElse: Sharing = { accounts: [], lacks: [] };

/** The accounts, apart from the owner, whose principals may run the operation. */
export function accountsLetIn(directory: Directory, { operation, source, key }: Target): Sharing {
  if (key !== undefined) return worksAcrossAccounts(operation.command) ? keySharedWith(directory, key) : nobodyElse;
  const takesShared = operation.preconditions.some(
    ({ code }) => code === 'snapshot-is-shared-with-the-account' || code === 'cluster-is-shared-with-the-account',
  );
  if (source === undefined || !takesShared) return nobodyElse;
  switch (source.type) {
    case 'cluster':
      return whereUnread(directory, source);
    case 'cluster-snapshot':
    case 'snapshot': {
      const accounts = accountsSharing(directory, source);
      if (accounts === undefined) return whereUnread(directory, source);
      return accounts.includes('all') ? withAnybody(directory, source.arn, accounts) : { accounts, lacks: [] };
    }
    default:
      return nobodyElse;
  }
}

function withUnknown(of: string): Sharing {
  return { accounts: [], lacks: [{ code: 'outside-account-unread', of, account: undefined }] };
}

/** What is open to any account is also open to each account that was read. */
function withAnybody({ evidence }: Directory, of: string, named: readonly string[]): Sharing {
  const accounts = new Set([...named.filter(isAccountId), ...Object.keys(evidence.accounts)]);
  return { accounts: [...accounts], lacks: [{ code: 'outside-account-unread', of, account: 'all' }] };
}

/**
 * The accounts that may use a source if its sharing was not read. An account that cannot use the
 * key cannot use the source, so a key that only the owner can use settles the question.
 */
function whereUnread(directory: Directory, { arn, kmsKeyId }: Source): Sharing {
  if (kmsKeyId === undefined || !isKeyArn(kmsKeyId)) return withUnknown(arn);
  const sharing = keySharedWith(directory, kmsKeyId);
  const isOwn = sharing.lacks.length === 0 && sharing.accounts.every((account) => account === accountOf(arn));
  return isOwn ? nobodyElse : withUnknown(arn);
}

/**
 * The accounts that the policies and grants of a key name. Others with access, such as anybody or
 * an organization, are not known.
 */
function keySharedWith(directory: Directory, arn: string): Sharing {
  const held = directory.key(arn);
  const policy = directory.keyPolicy(arn);
  const { RamPolicy: shared } = held ?? {};
  const documents = [
    ...('unread' in policy ? [] : [policy.document]),
    ...(shared === undefined || shared === null ? [] : [shared]),
  ];
  const read = documents.map(plain);
  const granted = (held?.Grants ?? []).map(({ GranteePrincipal: grantee = '' }) => grantee);
  const named = [...read.map((document) => JSON.stringify(document)), ...granted].flatMap((text) =>
    // The ID of a key may end with twelve digits, after a hyphen.
    [...text.matchAll(/(?<![\d-])\d{12}(?!\d)/g)].map(([account]) => account),
  );
  if (read.some((document) => letsAnybodyIn(document))) return withAnybody(directory, arn, named);
  const accounts = [...new Set(named)];
  const isRead = held?.Grants !== undefined && areGrantsRead(held) && !('unread' in policy);
  return { accounts, lacks: isRead ? [] : withUnknown(arn).lacks };
}

/**
 * Whether a policy allows something to principals of any account. A statement that a condition
 * limits to some accounts names these accounts.
 */
export function letsAnybodyIn(document: unknown): boolean {
  if (!isJson(document)) return true;
  const statements = document['Statement'];
  return (isList(statements) ? statements : [statements]).some((statement) => {
    if (!isJson(statement) || statement['Effect'] !== 'Allow') return false;
    const principal = JSON.stringify(statement['Principal'] ?? '*');
    // It is not known which principals an identity provider or a canonical user ID stands for.
    if (!/"\*"|"(?:Federated|CanonicalUser)":/i.test(principal)) return false;
    return !isLimitedToAccounts(statement['Condition']);
  });
}

/** Whether a condition holds only for callers of accounts that it names (iam-evaluation 6.31). */
function isLimitedToAccounts(condition: unknown): boolean {
  if (!isJson(condition)) return false;
  return Object.entries(condition).some(
    ([operator, tests]) =>
      /^(?:ForAnyValue:)?String(?:Equals(?:IgnoreCase)?|Like)$/i.test(operator) &&
      isJson(tests) &&
      Object.entries(tests).some(
        ([key, values]) =>
          /^(?:kms:CallerAccount|aws:PrincipalAccount)$/i.test(key) &&
          (isList(values) ? values : [values]).every((value) => typeof value === 'string' && isAccountId(value)),
      ),
  );
}
