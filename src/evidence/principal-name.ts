import { iamArn, isNamed, parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { partitionOf } from '../base/partition.ts';
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

/**
 * The ARN of who is asked about. A name is looked up in the account of the evidence's caller, else in the only account that the evidence
 * holds; it may leave out the path, for within an account no two roles, and no two users, have the same name.
 * @throws Failure if the evidence does not tell in which account the name is meant
 */
export function resolvePrincipal(evidence: Evidence, text: string): string {
  if (!isPrincipalName(text)) return text;
  const account = accountMeant(evidence, text);
  const { RoleDetailList: roles = [], UserDetailList: users = [] } = evidence.accounts[account]?.iam ?? {};
  const found = [...roles, ...users].find(({ Arn }) => isNamed(Arn, text));
  return found?.Arn ?? iamArn(partitionIn(evidence, account), account, text);
}

/** The partition of what the evidence holds of an account, as its ARNs and its Regions tell; `aws` where nothing tells. */
function partitionIn({ caller, accounts }: Evidence, account: string): string {
  const { iam, regions = {} } = accounts[account] ?? {};
  const arn = caller?.Arn ?? iam?.RoleDetailList?.[0]?.Arn ?? iam?.UserDetailList?.[0]?.Arn;
  const [region] = Object.keys(regions);
  return parseArn(arn ?? '')?.partition ?? (region === undefined ? 'aws' : partitionOf(region));
}

/**
 * The account in which a name is meant: that of the evidence's caller, else the only one that the evidence holds.
 * @throws Failure if the evidence does not tell
 */
export function accountMeant(evidence: Evidence, name: string): string {
  const { caller, accounts } = evidence;
  if (caller !== undefined) return caller.Account ?? readPrincipalArn(caller.Arn).account;
  const [only, ...others] = Object.keys(accounts);
  if (only !== undefined && others.length === 0) return only;
  throw new Failure(
    'input',
    only === undefined
      ? `the evidence holds no account, so \`${name}\` names nobody`
      : `the evidence holds accounts ${[only, ...others].join(', ')} and does not say whose \`${name}\` is`,
    `give the ARN, such as ${iamArn(partitionIn(evidence, only ?? ''), only ?? '111122223333', name)}`,
  );
}
