import { isJson, isList, type Json } from '../base/json.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';
import { textIn } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/** A unique ID that nobody has. AWS shows such an ID in place of a role that is gone. */
const goneId = 'AROAGONEWITHITSROLE';

/**
 * The evidence as it is when roles are replaced: a policy that names a role holds the role's unique
 * ID, so that the new role of the same name is not meant (infrastructure-plans 2.2). What the plan
 * itself writes is laid over this, and names the new role.
 */
export function withoutReplacedRoles(evidence: Evidence, changes: readonly PlannedChange[]): Evidence {
  const arns = new Set(
    changes.flatMap(({ type, kind, before }) =>
      type === 'aws_iam_role' && kind === 'replace' ? (textIn(before, 'arn') ?? []) : [],
    ),
  );
  if (arns.size === 0) return evidence;
  const edit = (document: PolicyDocument): PolicyDocument => withGone(document, arns);
  return {
    ...evidence,
    accounts: mapped(evidence.accounts, (account) => ({
      ...account,
      ...(account.iam?.RoleDetailList === undefined
        ? {}
        : {
            iam: {
              ...account.iam,
              RoleDetailList: account.iam.RoleDetailList.map((role) =>
                role.AssumeRolePolicyDocument === undefined
                  ? role
                  : { ...role, AssumeRolePolicyDocument: edit(role.AssumeRolePolicyDocument) },
              ),
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
                      keys: region.kms.keys.map((key) =>
                        key.Policy === undefined ? key : { ...key, Policy: edit(key.Policy) },
                      ),
                    },
                  },
            ),
          }),
    })),
  };
}

function mapped<T>(record: Readonly<Record<string, T>>, edit: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, edit(one)]));
}

/** A document that names none of the roles stays the same object. */
function withGone(document: PolicyDocument, arns: ReadonlySet<string>): PolicyDocument {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const read = typeof document === 'string' ? readPolicyText(document) : { value: document, text };
  if ('fault' in read || !isJson(read.value)) return document;
  const plain = read.text;
  if (![...arns].some((arn) => plain.includes(arn))) return document;
  const { Statement: given } = read.value;
  const statements = isList(given) ? given : [given];
  return { ...read.value, Statement: statements.map((one) => (isJson(one) ? statementWithGone(one, arns) : one)) };
}

function statementWithGone(statement: Json, arns: ReadonlySet<string>): Json {
  const changed = ['Principal', 'NotPrincipal'].flatMap((name) => {
    const element = Object.hasOwn(statement, name) ? statement[name] : undefined;
    return isJson(element) ? [[name, principalsWithGone(element, arns)] as const] : [];
  });
  return { ...statement, ...Object.fromEntries(changed) };
}

function principalsWithGone(element: Json, arns: ReadonlySet<string>): Json {
  const one = (text: unknown): unknown => (typeof text === 'string' && arns.has(text) ? goneId : text);
  return Object.fromEntries(
    Object.entries(element).map(([type, names]) => [type, isList(names) ? names.map(one) : one(names)]),
  );
}
