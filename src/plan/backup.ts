import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { documentAt, openDocument } from './documents.ts';
import { edited, withRegion } from './edits.ts';
import {
  isGone,
  isMade,
  type Laid,
  laid,
  type OverlayContext,
  type OverlayRow,
  policyText,
  textNow,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* AWS Backup vaults in a plan, and their access policies. */

type Vault = NonNullable<
  NonNullable<NonNullable<Evidence['accounts'][string]['regions']>[string]['backup']>['BackupVaults']
>[number];

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

const vaultRow: OverlayRow = (evidence, change, context) => {
  const { places } = context;
  const [name, arn, key] = [
    textNow(change, 'name', context),
    places.arnOf(change),
    places.textAt(change, 'kms_key_arn'),
  ];
  const edit = (held: Vault | undefined): Vault | undefined => {
    if (isGone(change)) return undefined;
    // An update can change only the tags.
    if (!isMade(change) || name === undefined || arn === undefined) return held;
    return {
      BackupVaultName: name,
      BackupVaultArn: arn,
      ...(key === undefined ? {} : { EncryptionKeyArn: key }),
      Policy: null,
    };
  };
  return withVault(evidence, change, { name, edit }, context);
};

const vaultPolicyRow: OverlayRow = (evidence, change, context) => {
  const name = textNow(change, 'backup_vault_name', context);
  const edit = (held: Vault | undefined): Vault | undefined =>
    held === undefined ? held : { ...held, Policy: isGone(change) ? null : vaultPolicy(change, context) };
  return withVault(evidence, change, { name, edit }, context);
};

function vaultPolicy(change: PlannedChange, context: OverlayContext): PolicyDocument {
  const document = documentAt(context.planned, context.places, change, 'policy');
  const of = { kind: 'resource', attribute: 'policy' } as const;
  return policyText(document, of, context) ?? openDocument(change, 'resource');
}

/** Applied in this order: a vault exists before its policy. */
export const vaultRows: Readonly<Record<string, OverlayRow>> = {
  aws_backup_vault: vaultRow,
  aws_backup_vault_policy: vaultPolicyRow,
};
