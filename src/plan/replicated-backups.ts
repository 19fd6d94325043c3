import { isKeyArn, nameOf, placeOf, rdsArn } from '../base/arn.ts';
import { keyAt, withRegion } from './edits.ts';
import { chosenName, isMade, type OverlayRow } from './overlay-row.ts';

/* The automated backups that a plan replicates to another Region. */

/**
 * A new replication makes automated backups in the Region of the provider. Nothing shows when the
 * first of them can be restored. Backups stay when a replication ends.
 */
const replicationRow: OverlayRow = (evidence, change, { places }) => {
  const [place, instance] = [places.placeOf(change), places.textAt(change, 'source_db_instance_arn')];
  if (!isMade(change) || place === undefined || instance === undefined || placeOf(instance) === undefined)
    return { evidence };
  const named = places.textAt(change, 'kms_key_id');
  const key = named === undefined || isKeyArn(named) ? named : keyAt(evidence, place, named)?.KeyMetadata.Arn;
  const made = {
    DBInstanceAutomatedBackupsArn: rdsArn(place, `auto-backup:${chosenName(change)}`),
    DBInstanceArn: instance,
    DBInstanceIdentifier: nameOf(instance),
    ...(named === undefined ? {} : { Encrypted: true }),
    ...(key === undefined ? {} : { KmsKeyId: key }),
  };
  const after = withRegion(evidence, place, (region) => {
    const { rds } = region;
    const held = rds?.DBInstanceAutomatedBackups;
    return held && { ...region, rds: { ...rds, DBInstanceAutomatedBackups: [...held, made] } };
  });
  return { evidence: after ?? evidence };
};

/** Applied after the DB instances. */
export const replicationRows: Readonly<Record<string, OverlayRow>> = {
  aws_db_instance_automated_backups_replication: replicationRow,
};
