import { nameOf } from '../base/arn.ts';
import type { Evidence, Region } from '../evidence/schema.ts';
import { propertyOf } from './configuration.ts';
import { edited, withRegion } from './edits.ts';
import {
  isGone,
  isMade,
  type Laid,
  laid,
  type OverlayContext,
  type OverlayRow,
  textIn,
  textNow,
  thingNotKnown,
  writtenPolicy,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* AWS Backup vaults in a plan, their access policies and their recovery points. */

type Backup = NonNullable<Region['backup']>;
type Vault = NonNullable<Backup['BackupVaults']>[number];
type Point = NonNullable<Backup['RecoveryPoints']>[number];

/** Edits, adds or removes the vault with a name. */
function withVault(
  evidence: Evidence,
  change: PlannedChange,
  { name, edit }: { readonly name: string | undefined; readonly edit: (held: Vault | undefined) => Vault | undefined },
  { places }: OverlayContext,
): Laid {
  const place = places.placeOf(change);
  if (place === undefined || name === undefined) return thingNotKnown('the account, Region or name of the vault');
  return laid(
    withRegion(evidence, place, (region) => {
      const held = region.backup?.BackupVaults;
      if (held === undefined) return undefined;
      return {
        ...region,
        backup: { ...region.backup, BackupVaults: edited(held, (one) => one.BackupVaultName === name, edit) },
      };
    }),
    { code: 'list-missing', what: 'backup vault' },
  );
}

/** `keyed`: the attribute that names the key. `type`: the type that AWS Backup shows. */
interface VaultKind {
  readonly keyed: string;
  readonly type: string;
}

const vaultOf =
  ({ keyed, type }: VaultKind): OverlayRow =>
  (evidence, change, context) => {
    const { places } = context;
    const name = textNow(change, 'name', context);
    const [arn, key] = [places.arnOf(change), places.textAt(change, keyed)];
    const edit = (held: Vault | undefined): Vault | undefined => {
      if (isGone(change)) return undefined;
      // An update can change only the tags.
      if (!isMade(change) || name === undefined || arn === undefined) return held;
      return {
        BackupVaultName: name,
        BackupVaultArn: arn,
        VaultType: type,
        ...(key === undefined ? {} : { EncryptionKeyArn: key }),
        Policy: null,
      };
    };
    return withVault(evidence, change, { name, edit }, context);
  };

const vaultRow = vaultOf({ keyed: 'kms_key_arn', type: 'BACKUP_VAULT' });

/** With `force_destroy`, the provider deletes the recovery points of a vault before the vault. */
const emptiedVaultRow: OverlayRow = (evidence, change, context) => {
  const place = context.places.placeOf(change);
  const name = textIn(change.before, 'name');
  const isEmptied = isGone(change) && propertyOf(change.before, 'force_destroy') === true;
  if (!isEmptied || place === undefined || name === undefined) return vaultRow(evidence, change, context);
  const emptied = withRegion(evidence, place, (region) => withoutPoints(region, name)) ?? evidence;
  const after = vaultRow(emptied, change, context);
  return 'why' in after && after.why.code === 'list-missing' ? { evidence: emptied } : after;
};

/**
 * A Region without the recovery points of a vault, and without their snapshots. If the recovery
 * points were not read, each snapshot of AWS Backup may be one of them.
 */
function withoutPoints(region: Region, vault: string): Region {
  const { backup, rds } = region;
  const points = backup?.RecoveryPoints;
  const going = points === undefined ? undefined : new Set(pointsIn(points, vault));
  const left = <T extends { readonly Status?: string | undefined }>(
    list: readonly T[] | undefined,
    arnOf: (one: T) => string,
  ): T[] | undefined =>
    list?.flatMap((one) => {
      if (going !== undefined) return going.has(arnOf(one)) ? [] : [one];
      return nameOf(arnOf(one)).startsWith('awsbackup:') ? [{ ...one, Status: undefined }] : [one];
    });
  return {
    ...region,
    ...(points === undefined
      ? {}
      : { backup: { ...backup, RecoveryPoints: points.filter(({ BackupVaultName: of }) => of !== vault) } }),
    ...(rds === undefined
      ? {}
      : {
          rds: {
            ...rds,
            DBClusterSnapshots: left(rds.DBClusterSnapshots, (one) => one.DBClusterSnapshotArn),
            DBSnapshots: left(rds.DBSnapshots, (one) => one.DBSnapshotArn),
          },
        }),
  };
}

function pointsIn(points: readonly Point[], vault: string): readonly string[] {
  return points.flatMap(({ RecoveryPointArn: arn, BackupVaultName: of }) => (of === vault ? [arn] : []));
}

const vaultPolicyRow: OverlayRow = (evidence, change, context) => {
  const name = textNow(change, 'backup_vault_name', context);
  const edit = (held: Vault | undefined): Vault | undefined =>
    held === undefined ? held : { ...held, Policy: isGone(change) ? null : writtenPolicy(change, context) };
  return withVault(evidence, change, { name, edit }, context);
};

/** Applied in this order: a vault exists before its policy. */
export const vaultRows: Readonly<Record<string, OverlayRow>> = {
  aws_backup_vault: emptiedVaultRow,
  aws_backup_logically_air_gapped_vault: vaultOf({
    keyed: 'encryption_key_arn',
    type: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT',
  }),
  aws_backup_vault_policy: vaultPolicyRow,
};
