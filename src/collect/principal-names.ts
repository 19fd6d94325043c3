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
 * The principals that an unknown name may mean. A check needs no other permission to list users and
 * roles, so a refusal is not reported.
 */

/**
 * Whether a name says too little for a single read: it has no type, or is that of a permission
 * set's roles.
 */
function needsList(asked: string): boolean {
  return (!isArn(asked) && !isTypedName(asked)) || /(^|\/)AWSReservedSSO_(?![^/]*_[0-9a-f]{16}$)[^/]+$/.test(asked);
}

/**
 * The users and roles of the account of the credentials, by ARN. Undefined: they may not be listed.
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
 * The question with the ARN of whom a name means that says too little by itself. Where users and
 * roles may not be listed, a name without a type is taken for that of a role.
 * @throws Failure naming the nearest if it means nobody, or all if it may mean several
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
 * The question with the principal that was meant by one that IAM does not know.
 * @throws Failure naming the nearest if nobody else can be meant, or the fault itself if users and
 * roles may not be listed or are listed with it
 */
export async function withNearPrincipal(
  question: ToRead,
  fault: NoPrincipal,
  settings: ClientSettings,
  endpoint: string | undefined,
): Promise<ToRead> {
  const arns = await listed(settings, endpoint);
  // A listed principal with this name was created or deleted in the meantime: its name is useless
  // as advice.
  if (arns === undefined || arns.includes(fault.arn)) throw fault;
  const { arn: of, account } = readPrincipalArn(fault.arn);
  const isOther = question.otherPrincipals.some((one) => roleArnIn(of.partition, account, one) === fault.arn);
  const principal = isOther ? undefined : principalMeant(question.principal ?? fault.arn, arns);
  if (principal !== undefined) return { ...question, principal };
  const next = isOther ? 'check the name of the role' : 'check --principal';
  throw new NotHeld(noSuch(fault.arn), `${fault.message}; ${whatIsThere(fault.arn, arns)}`, next, fault);
}
