import { isAccountId, isArn, parseArn, rootArn, withoutPath } from '../base/arn.ts';
import { nearestFirst } from '../base/nearest.ts';
import { beginningOfLater, isPathLater } from '../base/planned-name.ts';
import { isServiceLinkedRole, isTypedName, parsePrincipalArn } from '../base/principal-arn.ts';
import { namedArn, principalsMeant } from '../evidence/principal-name.ts';
import { type Principal, partitionAt, principalsIn } from '../evidence/principals.ts';
import type { Evidence, Role, User } from '../evidence/schema.ts';
import type { Tag, Who } from './expectation.ts';
import type { ExpectationLack, Narrowing } from './outcome.ts';
import { type Extent, extentOf, extentOfEach, patternOf, reachOf } from './pattern.ts';
import { isPattern } from './values.ts';

/* Finds the principals that `who` of an expectation means. */

export interface Matched<T> {
  readonly found: readonly T[];
  /** What may be meant: its name is known only after a plan is applied. Absent: nothing. */
  readonly maybe?: readonly Maybe<T>[];
  readonly lacks: readonly ExpectationLack[];
}

/** `lack`: says that the name is not known. */
export interface Maybe<T> {
  readonly one: T;
  readonly lack: ExpectationLack;
}

type Listed = Pick<User | Role, 'Arn' | 'Tags'>;

/**
 * Finds the ARNs of the principals that are meant. `account`: the account in which names are looked
 * up.
 */
export function peopleMeant(evidence: Evidence, who: Who, account: string): Matched<string> {
  const { said, is } = who;
  const place = who.account?.text ?? accountIn(said.text) ?? account;
  if (is === 'caller') {
    const { caller } = evidence;
    return caller === undefined
      ? { found: [], lacks: [{ code: 'caller-unknown' }] }
      : { found: [caller.Arn], lacks: [] };
  }
  const partition = partitionAt(evidence, place);
  if (is === 'root') return { found: [rootArn(partition, place)], lacks: [] };
  if (evidence.accounts[place] === undefined) return { found: [], lacks: [{ code: 'account-unread', account: place }] };
  return is === 'name' ? named(evidence, who, place, partition) : matching(evidence, who, place);
}

/** The account in an ARN or in a pattern for ARNs. Undefined: a pattern or no account. */
function accountIn(text: string): string | undefined {
  const account = parseArn(text)?.account ?? '';
  return isAccountId(account) ? account : undefined;
}

function named(evidence: Evidence, who: Who, account: string, partition: string): Matched<string> {
  const { text } = who.said;
  const held = listsOf(evidence, account, text);
  const exact = held.all.filter(({ Arn: arn }) => arn === text);
  const arns = exact.length > 0 ? [text] : held.all.map(({ Arn: arn }) => arn);
  const meant = principalsMeant(text, arns);
  if (meant.length > 0) {
    const some = filtered(exact.length > 0 ? exact : held.all.filter(({ Arn: arn }) => meant.includes(arn)), who);
    return some.found.length + some.lacks.length + (some.maybe ?? []).length > 0
      ? some
      : { found: [], lacks: [nobodyLeft(who)] };
  }
  const own = isArn(text) ? text : isTypedName(text) ? namedArn(partition, account, text) : undefined;
  const type = own === undefined ? undefined : parsePrincipalArn(own)?.type;
  // Sessions and federated users are in no list. If a list was not read, the named principal may
  // exist.
  const isListed = type === 'user' ? held.users : type === 'role' ? held.roles : true;
  if (own !== undefined && type !== undefined && (!isListed || (type !== 'user' && type !== 'role')))
    return { found: [own], lacks: [] };
  if (own === undefined && !(held.users && held.roles))
    return { found: [], lacks: [{ code: 'principals-unread', account }] };
  const maybe = perhapsNamed(arns, text);
  if (maybe.length > 0) return onlyMaybe(maybe);
  return { found: [], lacks: [{ ...nobody(text, arns), account }] };
}

function perhapsNamed(arns: readonly string[], text: string): readonly Maybe<string>[] {
  const reach = personReach(text);
  return arns.filter((arn) => reach(arn) === 'some').map((arn) => maybeOf(arn, arn, text));
}

/** What is missing about principals of an account that a name may mean, if no other principal has the name. */
export function peoplePerhaps(evidence: Evidence, name: string, account: string): readonly ExpectationLack[] {
  return perhapsNamed(principalsIn(evidence, account), name).map(({ lack }) => lack);
}

function nobody(text: string, arns: readonly string[]) {
  const names = arns.map((arn) => (isArn(text) ? arn : (parseArn(arn)?.resource ?? arn)));
  const nearest = nearestFirst(text, names).slice(0, 3);
  return { code: 'nothing-matched', what: 'principal', name: text, nearest } as const;
}

function nobodyLeft(who: Who): ExpectationLack {
  return { code: 'nothing-matched', what: 'principal', name: who.said.text, nearest: [], without: narrowingOf(who) };
}

/** The fields of a selection that exclude something. */
export function narrowingOf({ not, tags }: Pick<Who, 'not' | 'tags'>): readonly Narrowing[] {
  return [...(not.length === 0 ? [] : (['not'] as const)), ...(tags.length === 0 ? [] : (['tag'] as const))];
}

/** The lists of an account that a name or pattern can match. */
function listsOf({ accounts }: Evidence, account: string, text: string) {
  const { UserDetailList: users, RoleDetailList: roles } = accounts[account]?.iam ?? {};
  const resource = parseArn(text)?.resource ?? text;
  const isOfRole = resource.startsWith('role/');
  const isOfUser = resource.startsWith('user/');
  const all: readonly Listed[] = [...(isOfRole ? [] : (users ?? [])), ...(isOfUser ? [] : (roles ?? []))];
  return {
    all,
    users: users !== undefined,
    roles: roles !== undefined,
    isWhole: (isOfRole || users !== undefined) && (isOfUser || roles !== undefined),
  };
}

function matching(evidence: Evidence, who: Who, account: string): Matched<string> {
  const { text } = who.said;
  const { all, isWhole } = listsOf(evidence, account, text);
  const reach = personReach(text);
  // A pattern matches service-linked roles only if it has their path, because only AWS services can
  // assume them.
  const counts = (arn: string): boolean => !isServiceLinkedRole(arn) || text.includes('aws-service-role/');
  const matched = all.filter(({ Arn: arn }) => counts(arn) && reach(arn) === 'all');
  const maybe = all.filter(({ Arn: arn }) => counts(arn) && reach(arn) === 'some');
  const { found, lacks, maybe: notLeftOut = [] } = filtered(matched, who);
  const unsure = [
    ...notLeftOut,
    ...filtered(maybe, who).found.map((arn) => maybeOf(arn, arn, text)),
    ...(filtered(maybe, who).maybe ?? []),
  ];
  const unread: readonly ExpectationLack[] = isWhole ? [] : [{ code: 'principals-unread', account }];
  if (found.length > 0 || lacks.length > 0 || unread.length > 0)
    return { found, maybe: unsure, lacks: [...lacks, ...unread] };
  if (unsure.length > 0) return onlyMaybe(unsure);
  if (matched.length > 0) return { found, lacks: [nobodyLeft(who)] };
  return {
    found,
    lacks: [
      nobody(
        text,
        all.map(({ Arn: arn }) => arn),
      ),
    ],
  };
}

/**
 * Tests ARNs against a pattern. `role/app-*` and `*` match roles with any path. A pattern with a
 * path is compared with the whole resource.
 */
export function personPattern(text: string): (arn: string) => boolean {
  if (text === '*') return () => true;
  const is = patternOf(text);
  if (isArn(text)) return is;
  const isBare = !text.includes('**') && text.split('/').length === 2;
  return (arn) => {
    const { type = '', resource = arn } = parseArn(arn) ?? {};
    return is(isBare ? `${type}/${withoutPath(resource)}` : resource);
  };
}

/**
 * Whether a name or pattern means a principal. `some`: the name or path of the principal is known
 * only after a plan is applied.
 */
export function personReach(text: string): (arn: string) => Extent {
  const is = personPattern(text);
  if (text === '*') return () => 'all';
  if (!text.includes('/') && !isArn(text)) {
    const [user, role] = [personReach(`user/${text}`), personReach(`role/${text}`)];
    return (arn) => (parseArn(arn)?.type === 'user' ? user(arn) : role(arn));
  }
  const reach = reachOf(text);
  const isBare = !isArn(text) && !text.includes('**') && text.split('/').length === 2;
  return (arn) => {
    const beginning = beginningOfLater(arn);
    const known = isBare && isPathLater(arn) ? undefined : beginning;
    if (known === undefined) return is(arn) ? 'all' : 'none';
    if (isArn(text)) return reach(known, isPathLater(arn));
    const { type = '', resource = '' } = parseArn(known) ?? {};
    return reach(isBare ? `${type}/${withoutPath(resource)}` : resource, isPathLater(arn));
  };
}

/** `of`: an ARN. `name`: the name or pattern that may mean it. */
export function maybeOf<T>(one: T, of: string, name: string): Maybe<T> {
  return { one, lack: { code: 'name-later', of, name } };
}

/** Nothing is meant for certain. */
export function onlyMaybe<T>(maybe: readonly Maybe<T>[]): Matched<T> {
  return { found: [], maybe, lacks: maybe.map(({ lack }) => lack) };
}

/**
 * Whether `who` means a principal. If the tags of the principal were not read, a selection by tags
 * does not match. `there.account`: the account in which names are looked up. `there.caller`: the
 * ARN of the principal that read the evidence.
 */
export function personExtent(
  who: Who,
  { arn, account, tags }: Pick<Principal, 'arn' | 'account' | 'tags'>,
  there: { readonly account: string; readonly caller: string | undefined; readonly evidence: Evidence },
): Extent {
  const { text } = who.said;
  if (who.is === 'caller') return extentOf(arn === there.caller);
  if (account !== (who.account?.text ?? accountIn(text) ?? (isArn(text) ? account : there.account))) return 'none';
  if (who.tags.length > 0 && (tags === undefined || !tagsMatch(tags, who.tags))) return 'none';
  if (who.is === 'root') return extentOf(parseArn(arn)?.resource === 'root');
  const left = who.not.map((one) => personReach(one.text)(arn));
  if (left.includes('all')) return 'none';
  const meant =
    who.is === 'pattern' ? personReach(text)(arn) : namedExtent(text, arn, () => principalsIn(there.evidence, account));
  return left.includes('some') ? extentOfEach([meant, 'some']) : meant;
}

/** Whether a name means a principal, and not another one of the account. */
function namedExtent(text: string, arn: string, others: () => readonly string[]): Extent {
  // A name can be short for an IAM Identity Center role, but not if another role has exactly that
  // name.
  if (principalsMeant(text, [arn]).length > 0)
    return extentOf(principalsMeant(text, [...new Set([arn, ...others()])]).includes(arn));
  const reach = personReach(text)(arn);
  return reach === 'some' && principalsMeant(text, others()).length > 0 ? 'none' : reach;
}

function filtered(people: readonly Listed[], { not, tags }: Who): Matched<string> {
  const tests = not.map(({ text }) => {
    const reach = personReach(text);
    return [text, unlessTaken(text, ({ Arn: arn }: Listed) => reach(arn), people)] as const;
  });
  if (not.length === 0 && tags.length === 0) return { found: people.map(({ Arn: arn }) => arn), lacks: [] };
  const reaches = people.map((one) => ({ one, ...leftOut(tests.map(([text, reach]) => [text, reach(one)])) }));
  const left = reaches.flatMap(({ one, by }) => (by === 'nothing' ? [one] : []));
  const hasAll = (one: Listed): boolean => tags.length === 0 || hasTags(one.Tags ?? [], tags);
  const maybe = reaches.flatMap(({ one, by, name }) =>
    by === 'perhaps' && hasAll(one) ? [maybeOf(one.Arn, one.Arn, name)] : [],
  );
  const untagged = tags.length === 0 ? [] : left.filter((one) => one.Tags === undefined);
  return {
    found: left.filter(hasAll).map(({ Arn: arn }) => arn),
    maybe,
    lacks: untagged.map(({ Arn: arn }): ExpectationLack => ({ code: 'tags-unread', of: arn })),
  };
}

/** A name that something in a list certainly has is not the name of anything else. */
export function unlessTaken<T>(text: string, reach: (one: T) => Extent, all: readonly T[]): (one: T) => Extent {
  const isTaken = !isPattern(text) && all.some((one) => reach(one) === 'all');
  return (one) => {
    const found = reach(one);
    return found === 'some' && isTaken ? 'none' : found;
  };
}

/** Whether names or patterns leave something out. `name`: the first one that perhaps does. */
export function leftOut(reaches: readonly (readonly [name: string, reach: Extent])[]): {
  readonly by: 'something' | 'perhaps' | 'nothing';
  readonly name: string;
} {
  const [name = ''] = reaches.find(([, reach]) => reach === 'some') ?? [];
  if (reaches.some(([, reach]) => reach === 'all')) return { by: 'something', name };
  return { by: name === '' ? 'nothing' : 'perhaps', name };
}

function hasTags(held: readonly { readonly Key: string; readonly Value: string }[], tags: readonly Tag[]): boolean {
  return tags.every(({ key, value }) => held.some((tag) => patternOf(key)(tag.Key) && patternOf(value)(tag.Value)));
}

/** Whether tags match all of the patterns. */
export function tagsMatch(held: Readonly<Record<string, string>>, tags: readonly Tag[]): boolean {
  return hasTags(
    Object.entries(held).map(([Key, Value]) => ({ Key, Value })),
    tags,
  );
}
