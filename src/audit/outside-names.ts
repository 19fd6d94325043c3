import { accountOf, arnParts, arnWith, iamArn, isAccountId, isArn, parseArn, stsArn } from '../base/arn.ts';
import { globOf, matches } from '../base/glob.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { rememberedOf } from '../base/remembered.ts';
import type { Directory } from '../evidence/directory.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import { documentObject, statementsOf } from '../fix/documents.ts';
import { type TextSet, type Texts, textsThatDiffer, type Walks } from '../policy/automaton.ts';
import { tokensOf } from '../policy/pattern.ts';

/*
 * Whom the policies and grants of a key name. The names are only the principals to check: whether they
 * have access is decided by the engine.
 */

/** What the policies and grants of a key name, and the RCPs of its account. */
export interface Naming {
  /** Account ids. */
  readonly accounts: readonly string[];
  /** Patterns of account IDs, such as `1111*`. */
  readonly patterns: readonly string[];
  readonly organizations: readonly string[];
  /** Whether parts of an organization are distinguished. */
  readonly namesPaths: boolean;
  /** Paths of organizations, whose parts may be patterns: `o-.../r-.../ou-.../*`. */
  readonly paths: readonly string[];
  /** Whether a condition tests the organization of a principal. */
  readonly testsOrganization: boolean;
  /** The ARNs to check of an account: a role of any name, and principals that are distinguished from it. */
  readonly membersOf: (at: Partitioned) => readonly string[];
  /** An account that represents all accounts that are not named. */
  readonly stranger: string;
}

interface Partitioned {
  readonly account: string;
  readonly partition: string;
}

/** What distinguishes principals of an account. */
interface Distinctions {
  /** ARNs, and patterns of them. */
  readonly names: readonly string[];
  /** What conditions compare with the ARNs and the names of principals. */
  readonly compared: readonly Compared[];
  /** Types of principals, apart from roles. */
  readonly types: readonly ('user' | 'federated-user')[];
}

/** A pattern of ARNs of principals. It may have policy variables. */
interface Compared {
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly negated: boolean;
}

/** Reads the names of keys. What the RCPs of an account say is read once. */
export function namingOf(directory: Directory): (arn: string) => Naming {
  const { key, keyPolicy, ramPolicy, organization, evidence } = directory;
  const read = new Set(Object.keys(evidence.accounts));
  const walks: Walks = new Map();
  const documentsIn = rememberedOf((levels: readonly (readonly PolicyText[])[]) => levels.flat().flatMap(documentOf));
  return (arn) => {
    const { rcps } = organization(accountOf(arn));
    const second = ramPolicy(arn);
    const documents = [
      ...documentOf(keyPolicy(arn)),
      ...(second === undefined || second === null ? [] : documentOf(second)),
      ...(isLevels(rcps) ? documentsIn(rcps) : []),
    ];
    const grantees = (key(arn)?.Grants ?? []).map(({ GranteePrincipal: grantee }) => grantee);
    const { names, types, ...naming } = namesIn(JSON.stringify([...documents, grantees]), read);
    const distinctions = { names, types, compared: comparedIn(documents) };
    return { ...naming, membersOf: (at) => membersOf(distinctions, at, walks) };
  };
}

function isLevels(rcps: ReturnType<Directory['organization']>['rcps']): rcps is readonly (readonly PolicyText[])[] {
  return isList(rcps);
}

function documentOf(policy: PolicyText): readonly Json[] {
  if ('unread' in policy) return [];
  const found = documentObject(policy.document);
  return found === undefined ? [] : [found];
}

/** `text`: policies and grantees as JSON. `read`: the accounts of the evidence. */
function namesIn(text: string, read: ReadonlySet<string>): Omit<Naming, 'membersOf'> & Omit<Distinctions, 'compared'> {
  const words = [...text.matchAll(/"([^"\\]*)"/g)].flatMap(([, word]) => word ?? []);
  const accounts = new Set([...text.matchAll(/(?<!\d)\d{12}(?!\d)/g)].map(([account]) => account));
  return {
    accounts: [...accounts],
    patterns: words
      .flatMap((word) => [word, arnParts(word)?.[4] ?? ''])
      .filter((word) => /^[\d*?]*\d[\d*?]*$/.test(word) && /[*?]/.test(word)),
    organizations: [...new Set([...text.matchAll(/\bo-[a-z0-9]+\b/g)].map(([id]) => id))],
    namesPaths: /orgpaths/i.test(text),
    paths: words.filter((word) => /^o-[a-z0-9]+\//.test(word)),
    testsOrganization: /principalorg/i.test(text),
    names: words.filter(isArn),
    types: [
      ...(/aws:(?:username|principaltype)/i.test(text) ? (['user'] as const) : []),
      ...(/federateduser/i.test(text) ? (['federated-user'] as const) : []),
    ],
    stranger: strangers.find((account) => !accounts.has(account) && !read.has(account)) ?? '000000000000',
  };
}

/** Ids that no real account has. An emulator of AWS may have the first one. */
const strangers = ['000000000000', '000000000001', '000000000002'];

/** What conditions compare with aws:PrincipalArn, and with aws:username, the end of the ARN of a user. */
function comparedIn(documents: readonly Json[]): readonly Compared[] {
  const all = documents.flatMap(statementsOf).flatMap((statement): readonly Compared[] => {
    const conditions = isJson(statement) && isJson(statement['Condition']) ? statement['Condition'] : {};
    return Object.entries(conditions).flatMap(([operator, tests]) =>
      isJson(tests) ? Object.entries(tests).flatMap(([key, values]) => comparedBy(operator, key, values)) : [],
    );
  });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function comparedBy(operator: string, key: string, values: unknown): readonly Compared[] {
  const keyId = key.toLowerCase();
  const start = keyId === 'aws:principalarn' ? '' : keyId === 'aws:username' ? '*:user/' : undefined;
  if (start === undefined) return [];
  const how = { ignoreCase: /ignorecase/i.test(operator), negated: /not(?:equals|like)/i.test(operator) };
  return [values].flat().flatMap((value) => (typeof value === 'string' ? { pattern: start + value, ...how } : []));
}

/** See Naming. */
function membersOf(
  { names, compared, types }: Distinctions,
  { account, partition }: Partitioned,
  walks: Walks,
): readonly string[] {
  return [
    ...new Set([
      iamArn(partition, account, 'role/a'),
      ...types.map((type) =>
        type === 'user' ? iamArn(partition, account, 'user/a') : stsArn(partition, account, 'federated-user/a'),
      ),
      ...names.flatMap((name) => memberOf(name, account)),
      ...comparedMembers(compared, [iamArn(partition, account, 'role/'), iamArn(partition, account, 'user/')], walks),
    ]),
  ];
}

/** A principal of the account that a pattern for ARNs of users or roles matches. */
function memberOf(pattern: string, account: string): readonly string[] {
  const given = parseArn(pattern);
  if (given === undefined || /[*?]/.test(given.partition + given.service)) return [];
  if (given.account !== account && (isAccountId(given.account) || !/[*?]/.test(given.account))) return [];
  const arn = arnWith(given, { account, region: '', resource: given.resource.replaceAll(/[*?]/g, 'a') });
  return parsePrincipalArn(arn) === undefined ? [] : [arn];
}

/**
 * Users and roles of an account that patterns match, and, if a test is negated, one for each combination of
 * patterns. `starts`: the beginnings of the ARNs of users and roles.
 */
function comparedMembers(compared: readonly Compared[], starts: readonly string[], walks: Walks): readonly string[] {
  const account = starts[0] === undefined ? '' : accountOf(starts[0]);
  const fitting = compared
    .map((one) => ({ ...one, pattern: ofAccount(one.pattern, account) }))
    .filter((one) => mayMatch(one, starts));
  const domains = starts.map((start) => textSet({ pattern: `${start}?*`, ignoreCase: false }));
  const walk = (patterns: readonly Compared[]): Texts => textsThatDiffer(patterns.map(textSet), domains, walks);
  const alone = fitting.flatMap((one) => {
    const written = iamArnLike(one.pattern, starts);
    return written === undefined || one.ignoreCase || one.negated ? walk([one]).texts : [written];
  });
  const joint = fitting.length > 1 && fitting.some(({ negated }) => negated) ? walk(fitting).texts : [];
  return [...alone, ...joint].filter((text) => isNamed(text, starts));
}

/** An ARN of a user or role that a pattern matches, if the pattern spells out the parts before the name. */
function iamArnLike(pattern: string, starts: readonly string[]): string | undefined {
  const resource = arnParts(pattern)?.[5]?.replaceAll(/[*?]/g, 'a') ?? '';
  const glob = globOf(pattern);
  return starts
    .map((start) => `${start.slice(0, -'role/'.length)}${resource}`)
    .find((arn, index) => arn.startsWith(starts[index] ?? '') && matches(glob, arn));
}

/** Other variables than that of the account may have any value. */
function ofAccount(pattern: string, account: string): string {
  return pattern.replaceAll(/\$\{\s*aws:PrincipalAccount\s*\}/gi, account).replaceAll(/\$\{[^}]*\}/g, '*');
}

/**
 * Whether the text before the first wildcard fits. Most patterns name another account, so they need no
 * walk.
 */
function mayMatch({ pattern, ignoreCase }: Compared, starts: readonly string[]): boolean {
  const [begins = ''] = (ignoreCase ? pattern.toLowerCase() : pattern).split(/[*?]/);
  return starts
    .map((start) => (ignoreCase ? start.toLowerCase() : start))
    .some((start) => begins.startsWith(start) || start.startsWith(begins));
}

function textSet({ pattern, ignoreCase }: Pick<Compared, 'pattern' | 'ignoreCase'>): TextSet {
  return { tokens: tokensOf(globOf(ignoreCase ? pattern.toLowerCase() : pattern)), ignoreCase };
}

/** Whether IAM allows the path and the name. */
function isNamed(arn: string, starts: readonly string[]): boolean {
  return starts.some(
    (start) => arn.startsWith(start) && /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/.test(arn.slice(start.length)),
  );
}

/** The highest path that a pattern matches. */
export function pathLike(pattern: string): string {
  const path = pattern.replace(/\*+$/, '').replaceAll(/[*?]/g, '0');
  return path.endsWith('/') ? path : `${path}/`;
}

/** The IDs of an organization and of its root. */
export function partsOf(path: string): readonly [organization: string, root: string | undefined] {
  const [organization = '', root] = path.split('/');
  return [organization, root?.startsWith('r-') === true ? root : undefined];
}

/**
 * The path of an organizational unit that no policy names. Every organization has its own root, so
 * the root comes from a path that a policy names, if there is one.
 */
export function strangersIn(id: string, paths: readonly string[]): string {
  const root = paths.map(partsOf).find(([organization, of]) => organization === id && of !== undefined)?.[1];
  return `${id}/${root ?? 'r-0000'}/ou-0000-00000000/`;
}

/**
 * An account that a pattern matches. Empty: no account ID that was made from the pattern is valid.
 */
export function accountLike(pattern: string): readonly string[] {
  const missing = 12 - pattern.replaceAll('*', '').length;
  const account = pattern
    .replace('*', '0'.repeat(Math.max(missing, 0)))
    .replaceAll('*', '')
    .replaceAll('?', '0');
  return isAccountId(account) ? [account] : [];
}
