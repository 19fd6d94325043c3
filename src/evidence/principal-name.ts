import { iamArn, isNamed, parseArn, stsArn, withoutPath } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { whatIsThere } from '../base/nearest.ts';
import { partitionOf } from '../base/partition.ts';
import { isTypedName, parsePrincipalArn } from '../base/principal-arn.ts';
import { accountNotKnown, canMean, giveOne } from './meanings.ts';
import { principalsIn, readPrincipalArn } from './principals.ts';
import type { Evidence } from './schema.ts';

/** An IAM name without a path, or the name of an IAM Identity Center permission set. */
const bare = /^[\w+=,.@-]+$/;

/**
 * Whether a text names a principal of an account, with or without its type: `role/dr-restore`,
 * `dr-restore`.
 */
export function isPrincipalName(text: string): boolean {
  return isTypedName(text) || bare.test(text);
}

/** @throws Failure if the text is neither the ARN nor the name of a principal that can act */
export function verifyPrincipal(text: string): void {
  refuseUniqueId(text);
  if (!isPrincipalName(text)) readPrincipalArn(text);
}

/** As `aws sts get-caller-identity` shows a user, or a role with the name of its session. */
const uniqueId = /^A(?:ID|RO)A[A-Z0-9]{12,}(?=$|:)/;

/** @throws Failure if the text is the unique ID of a user or role, which AWS cannot look up */
function refuseUniqueId(text: string): void {
  const [id] = uniqueId.exec(text) ?? [];
  if (id === undefined) return;
  const [noun, command, field] = id.startsWith('AIDA')
    ? ['user', 'list-users', 'UserId']
    : ['role', 'list-roles', 'RoleId'];
  const query = `${noun === 'user' ? 'Users' : 'Roles'}[?${field}=='${id}'].Arn`;
  throw new Failure(
    'input',
    `\`${text}\` is the unique ID of a ${noun}, not its name`,
    `give the name (${noun}/NAME) or the ARN. This command prints the ARN: \`aws iam ${command} --query "${query}"\``,
  );
}

/** The ARN of a typed name in an account. */
export function namedArn(partition: string, account: string, name: string): string {
  const own = ownName(name);
  return own.startsWith('assumed-role/') ? stsArn(partition, account, own) : iamArn(partition, account, own);
}

/** `role/app` for `Role/app`. Only the case of names matters. */
function ownName(name: string): string {
  return isTypedName(name) ? name.replace(/^[^/]+/, (type) => type.toLowerCase()) : name;
}

/**
 * The names of IAM Identity Center roles contain their permission set:
 * `AWSReservedSSO_DatabaseAdmin_0123456789abcdef`.
 */
const reserved = 'AWSReservedSSO_';

/**
 * The users and roles that a name or an ARN may mean: those with this name, regardless of path.
 * Within an account, no two roles and no two users have the same name. If there is none: the role
 * of the permission set with this name.
 * @param text a name with or without its type, or the ARN of a user or role
 * @param arns of the users and roles of its account
 */
export function principalsMeant(text: string, arns: readonly string[]): readonly string[] {
  if (arns.includes(text)) return [text];
  const arn = parseArn(text);
  // An ARN with a path means exactly one principal.
  if (arn !== undefined && arn.name.includes('/')) return [];
  const name = ownName(arn?.resource ?? text);
  const own = withoutPath(name);
  const types = name.includes('/') ? [name.slice(0, name.indexOf('/'))] : ['role', 'user'];
  const there = arns.filter((one) => arn === undefined || parseArn(one)?.partition === arn.partition);
  const named = there.filter((one) =>
    name.includes('/') ? isNamed(one, name) : types.some((type) => isNamed(one, `${type}/${own}`)),
  );
  if (named.length > 0 || !types.includes('role') || (arn !== undefined && !own.startsWith(reserved))) return named;
  const set = own.startsWith(reserved) ? own : reserved + own;
  return there.filter((one) => {
    const role = withoutPath(parseArn(one)?.name ?? '');
    return (
      parseArn(one)?.type === 'role' && role.startsWith(`${set}_`) && /^[0-9a-f]{16}$/.test(role.slice(set.length + 1))
    );
  });
}

/**
 * The user or role that a name or an ARN means. Undefined: there is none. `flag`: the flag with the
 * name.
 * @throws Failure if it may mean several of them
 */
export function principalMeant(text: string, arns: readonly string[], flag = '--principal'): string | undefined {
  const meant = principalsMeant(text, arns);
  const [only, ...others] = meant;
  if (only === undefined || others.length === 0) return only;
  throw new Failure('input', `principal ${canMean(text, meant)}`, giveOne({ arns: meant, flag }));
}

/** No user or role of the account has this name. */
export function nobodyMeant(text: string, account: string, arns: readonly string[]): Failure {
  const names = arns.map((arn) => (parseArn(text) === undefined ? (parseArn(arn)?.resource ?? arn) : arn));
  return new Failure(
    'input',
    `no user or role \`${text}\` in account ${account}; ${whatIsThere(text, names)}`,
    'check --principal',
  );
}

/**
 * The ARN of the principal in the question. A name is looked up in the account of the evidence's
 * caller, or else in the only account of the evidence. principalsMeant says what a name may leave
 * out.
 * @throws Failure if the account of the name is not known, or the name is ambiguous
 */
export function resolvePrincipal(evidence: Evidence, text: string): string {
  const arn = parsePrincipalArn(text);
  if (arn !== undefined)
    return arn.type === 'role' || arn.type === 'user'
      ? (principalMeant(text, principalsIn(evidence, arn.account)) ?? text)
      : text;
  if (!isPrincipalName(text)) return text;
  const account = accountMeant(evidence, text);
  const arns = principalsIn(evidence, account);
  const found = principalMeant(text, arns);
  if (found !== undefined) return found;
  if (isTypedName(text)) return namedArn(partitionIn(evidence, account), account, text);
  if (arns.length > 0) throw nobodyMeant(text, account, arns);
  throw new Failure(
    'input',
    `\`${text}\` can be a user or a role: the users and roles of account ${account} were not read`,
    `write role/${text} or user/${text}`,
  );
}

/**
 * The partition of an account in the evidence, according to its ARNs and Regions. If nothing shows
 * it: `aws`.
 */
function partitionIn({ caller, accounts }: Evidence, account: string): string {
  const { iam, regions = {} } = accounts[account] ?? {};
  const arn = caller?.Arn ?? iam?.RoleDetailList?.[0]?.Arn ?? iam?.UserDetailList?.[0]?.Arn;
  const [region] = Object.keys(regions);
  return parseArn(arn ?? '')?.partition ?? (region === undefined ? 'aws' : partitionOf(region));
}

/**
 * The account in which names are looked up: the account of the evidence's caller, or else its only
 * account. Undefined: the evidence does not show it.
 */
export function lookupAccount({ caller, accounts }: Evidence): string | undefined {
  if (caller !== undefined) return caller.Account ?? readPrincipalArn(caller.Arn).account;
  const [only, ...others] = Object.keys(accounts);
  return others.length === 0 ? only : undefined;
}

/**
 * The account in which the name of a principal is looked up.
 * @throws Failure if the evidence does not show it
 */
function accountMeant(evidence: Evidence, name: string): string {
  const shown = lookupAccount(evidence);
  if (shown !== undefined) return shown;
  const accounts = Object.keys(evidence.accounts);
  const arns = accounts.flatMap((account) => principalsMeant(name, principalsIn(evidence, account)));
  const [first] = accounts;
  const example = first === undefined ? {} : { example: namedArn(partitionIn(evidence, first), first, name) };
  throw accountNotKnown(evidence, name, { arns, flag: '--principal', ...example });
}
