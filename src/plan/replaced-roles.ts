import { isJson, isList, type Json, sameJson } from '../base/json.ts';
import { laterKey } from '../base/planned-name.ts';
import { isSessionOf, parsePrincipalArn } from '../base/principal-arn.ts';
import type { Evidence, Key, KeyGrant, PolicyDocument, Region } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';
import { type OverlayContext, textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { isSamePolicy } from './same-policy.ts';

/** A placeholder for the unique ID of a role or user, if the evidence does not have it. */
const goneId = 'AROAGONEWITHITSROLE';

/** The types of principals. A policy names a principal by its ARN, and AWS stores the unique ID. */
const identities: Readonly<Record<string, 'role' | 'user'>> = { aws_iam_role: 'role', aws_iam_user: 'user' };

/** The noun for a type of principal. Undefined: neither a role nor a user. */
export function nounOfIdentity({ type }: PlannedChange): 'role' | 'user' | undefined {
  return Object.hasOwn(identities, type) ? identities[type] : undefined;
}

/** ARNs of deleted roles and users, which another resource may create again. */
export function identitiesThatGo(changes: readonly PlannedChange[]): ReadonlySet<string> {
  return new Set(
    changes.flatMap((change) => {
      const goes = change.kind === 'replace' || change.kind === 'delete';
      return goes && nounOfIdentity(change) !== undefined ? (textIn(change.before, 'arn') ?? []) : [];
    }),
  );
}

/**
 * Evidence without some roles and users, and for each of them, by ARN, the resources whose policies
 * or grants name it. `ids`: the texts that AWS shows in place of their ARNs.
 */
export interface WithoutReplaced {
  readonly evidence: Evidence;
  readonly namedBy: ReadonlyMap<string, readonly string[]>;
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * The evidence after roles and users were deleted. A policy that names a principal has the unique
 * ID of that principal (iam-evaluation 2.9), and so has a grant (iam-evaluation 13.3). So neither applies
 * to a new principal of the same name, whichever resource creates it. Policies that the plan itself
 * writes are applied later: see `rolesRemade`.
 */
export function withoutReplacedRoles(
  evidence: Evidence,
  arns: ReadonlySet<string>,
  namedIn: OverlayContext['namedIn'],
): WithoutReplaced {
  const namedBy = new Map<string, string[]>();
  if (arns.size === 0) return { evidence, namedBy, ids: new Map() };
  const ids = idsOf(evidence, arns);
  const note = (arn: string, of: string): void => void namedBy.set(arn, [...(namedBy.get(arn) ?? []), of]);
  const document = (held: PolicyDocument, of: string): PolicyDocument => {
    const gone = [...namedIn(held)].filter((arn) => ids.has(arn));
    for (const arn of gone) note(arn, of);
    return gone.length === 0 ? held : withGone(held, ids);
  };
  const principal = (held: string, of: string): string => {
    const session = parsePrincipalArn(held)?.session;
    const arn = session === undefined ? held : ([...ids.keys()].find((role) => isSessionOf(held, role)) ?? held);
    const id = ids.get(arn);
    if (id === undefined) return held;
    note(arn, of);
    return session === undefined ? id : `${id}:${session}`;
  };
  return { evidence: withPolicies(evidence, { document, principal }), namedBy, ids };
}

/**
 * Roles and users that a plan deletes and creates again under the same ARN. `makers`: the changes
 * that create them, by ARN.
 */
interface Remade {
  readonly ids: ReadonlyMap<string, string>;
  readonly makers: ReadonlyMap<string, PlannedChange>;
}

/**
 * What a plan writes about a role or user that it also deletes and creates again. AWS stores the ID
 * of the old one if the policy or grant is written before the old one goes, or if nothing is sent
 * because the text stays the same. Only what certainly comes after the new one names the new one for
 * certain.
 */
export function rolesRemade({ ids, makers }: Remade, namedIn: OverlayContext['namedIn']): OverlayContext['remade'] {
  const isAfter = (arn: string, { dependsOn }: PlannedChange): boolean => {
    const maker = makers.get(arn);
    return maker === undefined || dependsOn.includes(maker.identity);
  };
  return {
    mayBeOld: (arn, change) => !isAfter(arn, change),
    openPolicy(document, change, attribute) {
      if (makers.size === 0) return document;
      const [old, now] = [change.before, change.after].map((one) => textIn(one, attribute));
      // Where the plan has no text, the text may stay the same if it named the principal before.
      const isSent = (arn: string): boolean =>
        change.kind !== 'update' ||
        (old !== undefined && (now === undefined ? !namedIn(old).has(arn) : !isSamePolicy(old, now)));
      const open = new Set(
        [...namedIn(document)].filter((arn) => makers.has(arn) && !(isSent(arn) && isAfter(arn, change))),
      );
      return open.size === 0 ? document : withOpen(document, open, { ids, address: change.address });
    },
  };
}

/**
 * A policy with two statements for each one that names such a principal: one that is certain, and one
 * under a condition that cannot be decided yet.
 */
function withOpen(
  document: PolicyDocument,
  open: ReadonlySet<string>,
  { ids, address }: { readonly ids: ReadonlyMap<string, string>; readonly address: string },
): PolicyDocument {
  const policy = readPolicy(document)?.value ?? {};
  const { Statement: given } = policy;
  const gone = new Map([...ids].filter(([arn]) => open.has(arn)));
  const statements = (isList(given) ? given : [given]).flatMap((one, index) => {
    if (!isJson(one)) return [one];
    const old = statementWithGone(one, gone);
    if (sameJson(old, one)) return [one];
    // Fewer are denied if the exempted principal is the new one.
    const isExempting = Object.hasOwn(one, 'NotPrincipal');
    const [sure, perhaps] = isExempting ? [one, old] : [old, one];
    return [sure, underOpenKey(perhaps, laterKey(address, index))];
  });
  return { ...policy, Statement: statements };
}

function underOpenKey(statement: Json, key: string): Json {
  const { Condition: given } = statement;
  const tests = isJson(given) ? given : {};
  const { StringEquals: equals } = tests;
  return {
    ...statement,
    Condition: { ...tests, StringEquals: { ...(isJson(equals) ? equals : {}), [key]: 'known after apply' } },
  };
}

/** The evidence with other principals in its policies and grants. `ids`: by the text in the policy. */
export function withPrincipals(evidence: Evidence, ids: ReadonlyMap<string, string>): Evidence {
  return withPolicies(evidence, {
    document: (document) => (namesIn(document).some((arn) => ids.has(arn)) ? withGone(document, ids) : document),
    principal: (arn) => ids.get(arn) ?? arn,
  });
}

/** Edits of what names principals. `of`: the ARN or name of the resource that has the policy or grant. */
interface Edits {
  readonly document: (document: PolicyDocument, of: string) => PolicyDocument;
  readonly principal: (arn: string, of: string) => string;
}

/**
 * The evidence with its trust policies, key policies, grants, and the policies of vaults, endpoints
 * and buckets edited.
 */
function withPolicies(evidence: Evidence, edits: Edits): Evidence {
  return {
    ...evidence,
    accounts: mapped(evidence.accounts, (account) => ({
      ...account,
      ...(account.iam?.RoleDetailList === undefined
        ? {}
        : {
            iam: {
              ...account.iam,
              RoleDetailList: account.iam.RoleDetailList.map((role) => {
                const { AssumeRolePolicyDocument: held } = role;
                const document = held === undefined ? undefined : edits.document(held, role.Arn);
                return document === undefined || document === held
                  ? role
                  : { ...role, AssumeRolePolicyDocument: document };
              }),
            },
          }),
      ...(account.s3?.Buckets === undefined
        ? {}
        : {
            s3: {
              ...account.s3,
              Buckets: account.s3.Buckets.map((bucket) => {
                const document = bucket.Policy == null ? bucket.Policy : edits.document(bucket.Policy, bucket.Name);
                return document === bucket.Policy ? bucket : { ...bucket, Policy: document };
              }),
            },
          }),
      ...(account.regions === undefined
        ? {}
        : { regions: mapped(account.regions, (region) => inRegion(region, edits)) }),
    })),
  };
}

function inRegion(region: Region, edits: Edits): Region {
  const { kms, backup, vpcEndpointPolicies: endpoints } = region;
  return {
    ...region,
    ...(kms?.keys === undefined ? {} : { kms: { ...kms, keys: kms.keys.map((key) => inKey(key, edits)) } }),
    ...(backup?.BackupVaults === undefined
      ? {}
      : {
          backup: {
            ...backup,
            BackupVaults: backup.BackupVaults.map((vault) => {
              const { Policy: held, BackupVaultArn: arn } = vault;
              const document = held == null ? held : edits.document(held, arn);
              return document === held ? vault : { ...vault, Policy: document };
            }),
          },
        }),
    ...(endpoints === undefined
      ? {}
      : {
          vpcEndpointPolicies: endpoints.map((one) => {
            const document = edits.document(one.document, one.name);
            return document === one.document ? one : { ...one, document };
          }),
        }),
  };
}

function inKey(key: Key, edits: Edits): Key {
  const {
    Policy: held,
    Grants: grants,
    KeyMetadata: { Arn: arn },
  } = key;
  const document = held === undefined ? undefined : edits.document(held, arn);
  const grantsNow = grants?.map((grant) => inGrant(grant, arn, edits));
  const isSame = document === held && (grantsNow?.every((one, at) => one === grants?.[at]) ?? true);
  return isSame
    ? key
    : {
        ...key,
        ...(document === undefined ? {} : { Policy: document }),
        ...(grantsNow === undefined ? {} : { Grants: grantsNow }),
      };
}

function inGrant(grant: KeyGrant, key: string, { principal }: Edits): KeyGrant {
  const { GranteePrincipal: grantee, RetiringPrincipal: retiring } = grant;
  const [granteeNow, retiringNow] = [grantee, retiring].map((one) => (one === undefined ? one : principal(one, key)));
  return granteeNow === grantee && retiringNow === retiring
    ? grant
    : {
        ...grant,
        ...(granteeNow === undefined ? {} : { GranteePrincipal: granteeNow }),
        ...(retiringNow === undefined ? {} : { RetiringPrincipal: retiringNow }),
      };
}

/** The texts that AWS shows in place of the ARNs of deleted roles and users: their unique IDs. */
function idsOf({ accounts }: Evidence, arns: ReadonlySet<string>): ReadonlyMap<string, string> {
  const ids = new Map([...arns].map((arn) => [arn, goneId]));
  for (const { iam } of Object.values(accounts)) {
    for (const { Arn, RoleId } of iam?.RoleDetailList ?? [])
      if (RoleId !== undefined && ids.has(Arn)) ids.set(Arn, RoleId);
    for (const { Arn, UserId } of iam?.UserDetailList ?? [])
      if (UserId !== undefined && ids.has(Arn)) ids.set(Arn, UserId);
  }
  return ids;
}

function mapped<T>(record: Readonly<Record<string, T>>, edit: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, edit(one)]));
}

const arnsIn = /arn:[^"\s]+:iam::\d{12}:(?:role|user)\/[^"\s]+/g;

/**
 * The roles and users that a policy names. Each policy is parsed once, because many states of the
 * evidence share it.
 */
export function rememberedNames(): OverlayContext['namedIn'] {
  const known = new Map<PolicyDocument, ReadonlySet<string>>();
  return (document) => {
    const names = known.get(document) ?? new Set(namesIn(document));
    known.set(document, names);
    return names;
  };
}

function namesIn(document: PolicyDocument): readonly string[] {
  return readPolicy(document)?.text.match(arnsIn) ?? [];
}

/** Undefined: the document is not a policy. */
function readPolicy(document: PolicyDocument): { readonly value: Json; readonly text: string } | undefined {
  if (typeof document !== 'string') return { value: document, text: JSON.stringify(document) };
  const read = readPolicyText(document);
  return 'fault' in read || !isJson(read.value) ? undefined : { value: read.value, text: read.text };
}

function withGone(document: PolicyDocument, ids: ReadonlyMap<string, string>): PolicyDocument {
  const policy = readPolicy(document)?.value ?? {};
  const { Statement: given } = policy;
  const statements = isList(given) ? given : [given];
  return { ...policy, Statement: statements.map((one) => (isJson(one) ? statementWithGone(one, ids) : one)) };
}

function statementWithGone(statement: Json, ids: ReadonlyMap<string, string>): Json {
  const changed = ['Principal', 'NotPrincipal'].flatMap((name) => {
    const element = Object.hasOwn(statement, name) ? statement[name] : undefined;
    return isJson(element) ? [[name, principalsWithGone(element, ids)] as const] : [];
  });
  return { ...statement, ...Object.fromEntries(changed) };
}

function principalsWithGone(element: Json, ids: ReadonlyMap<string, string>): Json {
  const one = (text: unknown): unknown => (typeof text === 'string' ? (ids.get(text) ?? text) : text);
  return Object.fromEntries(
    Object.entries(element).map(([type, names]) => [type, isList(names) ? names.map(one) : one(names)]),
  );
}
