import { accountOf, placeOf } from '../base/arn.ts';
import { oneLine } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import type { Evidence } from './schema.ts';

/*
 * Finds principals and keys in the part of another account or Region. The program looks for each in
 * the account and Region of its ARN, so it would not find them.
 */

/** @throws Failure if a user, role, group or key is not in the account and Region of its ARN */
export function refuseMisplaced(from: string, evidence: Evidence): void {
  for (const [account, { iam = {}, regions = {} }] of Object.entries(evidence.accounts)) {
    for (const list of ['UserDetailList', 'RoleDetailList', 'GroupDetailList'] as const) {
      const at = iam[list]?.findIndex(({ Arn: arn }) => !arn.includes(`::${account}:`)) ?? -1;
      const arn = iam[list]?.[at]?.Arn;
      if (arn !== undefined) throw misplaced(from, `accounts.${account}.iam.${list}[${at}]`, arn);
    }
    for (const [region, { kms }] of Object.entries(regions)) {
      const isElsewhere = (arn: string): boolean => accountOf(arn) !== account || placeOf(arn)?.region !== region;
      const at = kms?.keys?.findIndex((key) => isElsewhere(key.KeyMetadata.Arn)) ?? -1;
      const arn = kms?.keys?.[at]?.KeyMetadata.Arn;
      if (arn !== undefined) throw misplaced(from, `accounts.${account}.regions.${region}.kms.keys[${at}]`, arn);
    }
  }
}

function misplaced(from: string, path: string, arn: string): Failure {
  const { account, region } = placeOf(arn) ?? { account: accountOf(arn) };
  const place = region === undefined ? `accounts.${account}.iam` : `accounts.${account}.regions.${region}.kms.keys`;
  return new Failure(
    'input',
    `${from}: \`${path}\` is ${oneLine(arn)}, which belongs elsewhere`,
    `move it into \`${place}\``,
  );
}
