import { type Place, parseArn, regionalArn } from '../base/arn.ts';
import { regionAt } from '../evidence/lookup.ts';
import type { Evidence, Region } from '../evidence/schema.ts';
import type { Source } from '../evidence/sources.ts';
import type { OperationParameters } from '../operations/parameters.ts';

/** The ARN of the vault with this name. Without a name: the start of the ARN. */
export function vaultArn(place: Place, name: string): string {
  return regionalArn('backup', place, `backup-vault:${name}`);
}

type Backup = NonNullable<Region['backup']>;

/** The AWS Backup part of the evidence in an account and Region. */
export function backupAt(evidence: Evidence, place: Place): Backup {
  return regionAt(evidence, place)?.backup ?? {};
}

/**
 * The ARN of the vault that a job writes to or reads from: the vault that the request names, else
 * the vault that has the recovery point. Undefined: not known.
 */
export function vaultOf(
  evidence: Evidence,
  place: Place,
  { backupVaultName: named }: OperationParameters,
  source: Source | undefined,
): string | undefined {
  const point = backupAt(evidence, place).RecoveryPoints?.find((one) => one.RecoveryPointArn === source?.arn);
  const name = named ?? point?.BackupVaultName;
  return name === undefined || name === '' ? undefined : vaultArn(place, name);
}

/** The access policy of a vault by its ARN. null: the vault has none. Undefined: not known. */
export function vaultPolicyOf(evidence: Evidence, arn: string): NonNullable<Backup['BackupVaults']>[number]['Policy'] {
  const { account = '', region = '' } = parseArn(arn) ?? {};
  const vaults = backupAt(evidence, { account, region }).BackupVaults;
  return vaults?.find((one) => one.BackupVaultArn === arn)?.Policy;
}
