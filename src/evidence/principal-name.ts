import { Failure } from '../base/failure.ts';
import { readPrincipalArn } from './principals.ts';
import type { Evidence } from './schema.ts';

const byName = /^(?:root|(?:user|role)\/[\w+=,.@/-]*[\w+=,.@-])$/;

/** Whether somebody is named as within an account: `role/dr-restore`, `user/alice` or `root`. */
export function isPrincipalName(text: string): boolean {
  return byName.test(text);
}

/** @throws Failure if it is neither the ARN of somebody who can act, nor the name of such a one */
export function verifyPrincipal(text: string): void {
  if (!isPrincipalName(text)) readPrincipalArn(text);
}

/** The ARN of who is named within an account; an ARN stays as it is. */
export function arnOfPrincipal(text: string, account: string, partition: string): string {
  return isPrincipalName(text) ? `arn:${partition}:iam::${account}:${text}` : text;
}

/**
 * The ARN of who is asked about. A name is looked up in the account of the evidence's caller, else in the only account that the evidence
 * holds; it may leave out the path, for within an account no two roles, and no two users, have the same name.
 * @throws Failure if the evidence does not tell in which account the name is meant
 */
export function resolvePrincipal(evidence: Evidence, text: string): string {
  if (!isPrincipalName(text)) return text;
  const account = accountMeant(evidence, text);
  const [kind = '', ...path] = text.split('/');
  const { RoleDetailList: roles = [], UserDetailList: users = [] } = evidence.accounts[account]?.iam ?? {};
  const arns = [...roles, ...users].map(({ Arn }) => Arn);
  const isNamed = (arn: string): boolean =>
    path.length === 1 && arn.includes(`:${kind}/`) && arn.endsWith(`/${path[0] ?? ''}`);
  const partition = partitionOf(evidence.caller?.Arn ?? arns[0]);
  return arns.find(isNamed) ?? arnOfPrincipal(text, account, partition);
}

/** Of an ARN; `aws` where there is none to tell. */
export function partitionOf(arn: string | undefined): string {
  return arn?.split(':')[1] ?? 'aws';
}

/**
 * The account in which a name is meant: that of the evidence's caller, else the only one that the evidence holds.
 * @throws Failure if the evidence does not tell
 */
export function accountMeant({ caller, accounts }: Evidence, name: string): string {
  if (caller !== undefined) return caller.Account ?? readPrincipalArn(caller.Arn).account;
  const [only, ...others] = Object.keys(accounts);
  if (only !== undefined && others.length === 0) return only;
  throw new Failure(
    'input',
    only === undefined
      ? `the evidence holds no account, so \`${name}\` names nobody`
      : `the evidence holds accounts ${[only, ...others].join(', ')} and does not say whose \`${name}\` is`,
    `give the ARN, such as arn:aws:iam::${only ?? '111122223333'}:${name}`,
  );
}
