import { accountOf, isAccountId, isRootArn } from '../base/arn.ts';
import { globOf, matches } from '../base/glob.ts';
import { isJson, isList } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import { isPrincipalId, parsePrincipalArn } from '../base/principal-arn.ts';
import { remembered } from '../base/remembered.ts';
import type { Directory } from '../evidence/directory.ts';
import { trustPolicyOf } from '../evidence/principals.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { documentObject, statementsOf } from '../fix/documents.ts';

/*
 * Finds the principals through which a role can be reached. A role is not one person: its trust
 * policy says who assumes it.
 */

/** Who assumes a role, or may. */
export type WayIn =
  /** A user or role, by its ARN. */
  | { readonly is: 'principal'; readonly arn: string }
  /** The trust policy names the account: its identity policies decide who assumes the role. */
  | { readonly is: 'account'; readonly account: string }
  /** An identity provider, by its ARN. A provider of web identities may have a name instead. */
  | { readonly is: 'provider'; readonly provider: string }
  | { readonly is: 'service'; readonly service: string }
  | { readonly is: 'anybody' };

/**
 * Finds who can act as a user or role. A user acts as itself. A role is assumed by those whom its
 * trust policy allows. Undefined: the trust policy was not read, or this program does not
 * understand it.
 */
export type WaysInto = (arn: string) => readonly WayIn[] | undefined;

/** The answers are remembered, so an account is read once. */
export function waysIn(directory: Directory): WaysInto {
  const ids = lazily(() => idsIn(directory));
  const byTrust = remembered((trust) => ({ ways: waysBy(trust, ids) }));
  const known = remembered((arn) => {
    const trust = trustPolicyOf(directory, arn);
    if (trust === undefined) return { ways: undefined };
    // Many roles have the same trust policy.
    return typeof trust === 'string' ? byTrust(trust) : { ways: waysBy(trust, ids) };
  });
  return (arn) => (parsePrincipalArn(arn)?.type === 'role' ? known(arn).ways : [{ is: 'principal', arn }]);
}

/** The ARNs of users and roles by their unique IDs. */
function idsIn({ evidence }: Directory): ReadonlyMap<string, string> {
  const all = Object.values(evidence.accounts).flatMap(({ iam }) => [
    ...(iam?.UserDetailList ?? []).map(({ UserId: id, Arn: arn }) => ({ id, arn })),
    ...(iam?.RoleDetailList ?? []).map(({ RoleId: id, Arn: arn }) => ({ id, arn })),
  ]);
  return new Map(all.flatMap(({ id, arn }) => (id === undefined ? [] : [[id, arn] as const])));
}

/** `ids`: see idsIn. */
function waysBy(trust: PolicyDocument, ids: () => ReadonlyMap<string, string>): readonly WayIn[] | undefined {
  const document = documentObject(trust);
  if (document === undefined) return undefined;
  const ways = statementsOf(document).flatMap((statement): readonly (WayIn | undefined)[] => {
    if (!isJson(statement)) return [undefined];
    const { Effect: effect, Principal: principal } = statement;
    if (effect !== 'Allow') return [];
    if (!mayAssume(statement)) return [];
    if (principal === undefined) return [{ is: 'anybody' }];
    if (principal === '*') return [{ is: 'anybody' }];
    if (!isJson(principal)) return [undefined];
    return Object.entries(principal).flatMap(([kind, names]) =>
      textsOf(names).flatMap((name) => wayOf(kind, name, ids)),
    );
  });
  const known = ways.flatMap((way) => way ?? []);
  return known.length < ways.length ? undefined : [...new Map(known.map((way) => [JSON.stringify(way), way])).values()];
}

/** Who can act as a principal in the end, through any number of roles. */
export interface Origins {
  /** ARN or name. */
  readonly providers: readonly string[];
  /** ARNs of roles whose trust policies were not read. */
  readonly unread: readonly string[];
  /** Whether somebody can act as the principal without an identity provider. */
  readonly isOther: boolean;
  /** ARNs of the users and roles that lead to the principal, the principal itself first. */
  readonly through: readonly string[];
}

/**
 * Who can act as a principal, directly or by assuming one role from another. `without`: the ARN of
 * a user or role to leave out, as if nobody could assume it.
 */
export function originsOf(waysInto: WaysInto, arn: string, without?: string): Origins {
  const through = new Set<string>(arn === without ? [] : [arn]);
  const providers = new Set<string>();
  const unread: string[] = [];
  let isOther = false;
  // The loop also visits roles that are added to the set while the loop runs.
  for (const one of through) {
    const ways = parsePrincipalArn(one)?.type === 'role' ? waysInto(one) : [{ is: 'anybody' } as const];
    if (ways === undefined) unread.push(one);
    for (const way of ways ?? [])
      if (way.is === 'provider') providers.add(way.provider);
      else if (way.is !== 'principal') isOther = true;
      else if (way.arn !== without) through.add(way.arn);
  }
  return { providers: [...providers], unread, isOther, through: [...through] };
}

const assuming = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity'];

/** Whether a statement can allow a session, and not only its tags or its source identity. */
function mayAssume({ Action: action, NotAction: except }: Readonly<Record<string, unknown>>): boolean {
  if (except !== undefined) return true;
  const globs = textsOf(action).map((text) => globOf(text.toLowerCase()));
  return assuming.some((one) => globs.some((glob) => matches(glob, one)));
}

function textsOf(value: unknown): readonly string[] {
  return (isList(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

/** Empty: nobody has this name. Undefined: not understood. */
function wayOf(
  kind: string,
  name: string,
  ids: () => ReadonlyMap<string, string>,
): WayIn | readonly WayIn[] | undefined {
  switch (kind.toLowerCase()) {
    case 'aws':
      return isPrincipalId(name) ? ownerOf(name, ids()) : trustedBy(name);
    case 'federated':
      return { is: 'provider', provider: name };
    case 'service':
      return { is: 'service', service: name };
    default:
      return undefined;
  }
}

/** AWS shows the ID of a user or role in place of its ARN after it was deleted (iam-evaluation 2.9a). */
function ownerOf(id: string, ids: ReadonlyMap<string, string>): readonly WayIn[] {
  const arn = ids.get(id);
  return arn === undefined ? [] : [{ is: 'principal', arn }];
}

function trustedBy(name: string): WayIn {
  if (name === '*') return { is: 'anybody' };
  if (isAccountId(name)) return { is: 'account', account: name };
  if (isRootArn(name)) return { is: 'account', account: accountOf(name) };
  return { is: 'principal', arn: name };
}
