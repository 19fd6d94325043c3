import { accountOf, isArn } from '../base/arn.ts';
import { whatIsThere } from '../base/nearest.ts';
import { isTypedName, roleArnIn } from '../base/principal-arn.ts';
import { type NamedThing, NotHeld } from '../evidence/not-held.ts';
import { nobodyMeant, principalMeant } from '../evidence/principal-name.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import { allPages, makeReader } from './reader.ts';
import type { ToRead } from './reading.ts';
import { IAMClient, paginateListRoles, paginateListUsers } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/*
 * Finds the principals that an unknown name may mean. A check needs no permission to list users and
 * roles for anything else, so a refusal is not reported.
 */

/**
 * Whether a single read cannot resolve the name, because it has no type, or is the name of a
 * permission set.
 */
function needsList(asked: string): boolean {
  return (!isArn(asked) && !isTypedName(asked)) || /(^|\/)AWSReservedSSO_(?![^/]*_[0-9a-f]{16}$)[^/]+$/.test(asked);
}

/**
 * The users and roles of the account of the credentials, by ARN. Undefined: AWS refused to list
 * them.
 */
async function listed(settings: ClientSettings, endpoint: string | undefined): Promise<readonly string[] | undefined> {
  const client = new IAMClient(settings);
  const reader = makeReader({ endpoint, tolerant: true });
  const [roles, users] = await Promise.all([
    reader.read({ what: 'iam:ListRoles' }, () =>
      allPages(
        () => paginateListRoles({ client, pageSize: 1000 }, {}),
        (page) => page.Roles,
      ),
    ),
    reader.read({ what: 'iam:ListUsers' }, () =>
      allPages(
        () => paginateListUsers({ client, pageSize: 1000 }, {}),
        (page) => page.Users,
      ),
    ),
  ]);
  if (roles === undefined && users === undefined) return undefined;
  return [...(roles ?? []), ...(users ?? [])].flatMap(({ Arn }) => Arn ?? []);
}

/**
 * The question with the ARN of its principal, if a single read cannot resolve the name. If users
 * and roles may not be listed, a name without a type is read as a role name.
 * @throws Failure with the nearest names if nobody has the name, or with all ARNs if several do
 */
export async function withPrincipalMeant(
  question: ToRead,
  settings: ClientSettings,
  endpoint: string | undefined,
): Promise<ToRead> {
  const { principal: asked } = question;
  if (asked === undefined || !needsList(asked)) return question;
  const arns = await listed(settings, endpoint);
  if (arns === undefined)
    return isArn(asked) || isTypedName(asked) ? question : { ...question, principal: `role/${asked}` };
  const [own = ''] = arns;
  // The users and roles of another account cannot be listed.
  if (isArn(asked) && accountOf(asked) !== accountOf(own)) return question;
  const principal = principalMeant(asked, arns);
  if (principal === undefined) throw nobodyMeant(asked, accountOf(own), arns);
  return { ...question, principal };
}

function noSuch(arn: string): NamedThing {
  return { is: 'principal', name: arn, isCertain: true };
}

/** IAM says that there is no such user or role. */
export class NoPrincipal extends NotHeld {
  readonly arn: string;

  constructor(arn: string, cause: unknown) {
    super(noSuch(arn), `IAM has no principal \`${arn}\``, 'check --principal', cause);
    this.arn = arn;
  }
}

/**
 * The question with another principal, if IAM does not know the given one and exactly one other can
 * be meant.
 * @throws Failure with the nearest names if nobody else can be meant. If users and roles may not be
 * listed, or are listed with the principal, throws the given fault.
 */
export async function withNearPrincipal(
  question: ToRead,
  fault: NoPrincipal,
  settings: ClientSettings,
  endpoint: string | undefined,
): Promise<ToRead> {
  const arns = await listed(settings, endpoint);
  // A listed principal with this ARN was created or deleted in the meantime, so its name is useless
  // as advice.
  if (arns === undefined || arns.includes(fault.arn)) throw fault;
  const { arn: of, account } = readPrincipalArn(fault.arn);
  const isOther = question.otherPrincipals.some((one) => roleArnIn(of.partition, account, one) === fault.arn);
  const principal = isOther ? undefined : principalMeant(question.principal ?? fault.arn, arns);
  if (principal !== undefined) return { ...question, principal };
  const next = isOther ? 'check the name of the role' : 'check --principal';
  throw new NotHeld(noSuch(fault.arn), `${fault.message}; ${whatIsThere(fault.arn, arns)}`, next, fault);
}
