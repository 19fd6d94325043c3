import { isJson, isList, type Json } from '../base/json.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';
import { type OverlayContext, textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

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
 * name it.
 */
export interface WithoutReplaced {
  readonly evidence: Evidence;
  readonly namedBy: ReadonlyMap<string, readonly string[]>;
}

/**
 * The evidence after roles and users were deleted. A policy that names a principal has the unique
 * ID of that principal. So the policy does not apply to a new principal of the same name, whichever
 * resource creates it. Policies that the plan itself writes are applied later, and name the new
 * principal.
 */
export function withoutReplacedRoles(
  evidence: Evidence,
  arns: ReadonlySet<string>,
  namedIn: OverlayContext['namedIn'],
): WithoutReplaced {
  const namedBy = new Map<string, string[]>();
  if (arns.size === 0) return { evidence, namedBy };
  const ids = idsOf(evidence, arns);
  const edit = (document: PolicyDocument, of: string): PolicyDocument => {
    const gone = [...namedIn(document)].filter((arn) => ids.has(arn));
    for (const arn of gone) namedBy.set(arn, [...(namedBy.get(arn) ?? []), of]);
    return gone.length === 0 ? document : withGone(document, ids);
  };
  return { evidence: withPolicies(evidence, edit), namedBy };
}

/** The evidence with other principals in its policies. `ids`: by the text in the policy. */
export function withPrincipals(evidence: Evidence, ids: ReadonlyMap<string, string>): Evidence {
  return withPolicies(evidence, (document) =>
    namesIn(document).some((arn) => ids.has(arn)) ? withGone(document, ids) : document,
  );
}

/**
 * The evidence with its trust policies and key policies edited. `of`: the ARN of the role or key.
 */
function withPolicies(evidence: Evidence, edit: (document: PolicyDocument, of: string) => PolicyDocument): Evidence {
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
                const document = held === undefined ? undefined : edit(held, role.Arn);
                return document === undefined || document === held
                  ? role
                  : { ...role, AssumeRolePolicyDocument: document };
              }),
            },
          }),
      ...(account.regions === undefined
        ? {}
        : {
            regions: mapped(account.regions, (region) =>
              region.kms?.keys === undefined
                ? region
                : {
                    ...region,
                    kms: {
                      ...region.kms,
                      keys: region.kms.keys.map((key) => {
                        const document = key.Policy === undefined ? undefined : edit(key.Policy, key.KeyMetadata.Arn);
                        return document === undefined || document === key.Policy ? key : { ...key, Policy: document };
                      }),
                    },
                  },
            ),
          }),
    })),
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
