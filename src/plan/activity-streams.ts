import { isKeyArn, nameOf, placeOf, resourceTypeOf } from '../base/arn.ts';
import type { Cluster, Evidence } from '../evidence/schema.ts';
import { keyAt, withRegion } from './edits.ts';
import { isGone, isMade, laid, type OverlayContext, type OverlayRow, textNow, thingNotKnown } from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/* The activity streams of clusters that a plan starts and stops. */

/** The type of the resource, which never changes in place. */
export const streamType = 'aws_rds_cluster_activity_stream';

/**
 * The provider asks RDS to start or stop the stream at once, and waits until RDS has done so. A stream in
 * the state may be starting or stopping.
 */
const streamRow: OverlayRow = (evidence, change, context) => {
  const arn = textNow(change, 'resource_arn', context);
  const place = arn === undefined ? undefined : placeOf(arn);
  if (arn === undefined || place === undefined || resourceTypeOf(arn) !== 'cluster')
    return thingNotKnown('the cluster of the activity stream');
  const stream = isGone(change) ? stopped : streamOf(evidence, change, context);
  const after = withRegion(evidence, place, (region) => {
    const { rds } = region;
    const at = rds?.DBClusters?.findIndex((one) => one.DBClusterArn === arn) ?? -1;
    const cluster = rds?.DBClusters?.[at];
    if (cluster === undefined) return undefined;
    const withStream = { ...cluster, ...stream, ...statusAfter(cluster, change) };
    return { ...region, rds: { ...rds, DBClusters: rds?.DBClusters?.with(at, withStream) } };
  });
  return laid(after, { code: 'thing-unread', what: 'cluster', name: nameOf(arn) });
};

const stopped = { ActivityStreamKmsKeyId: undefined, ActivityStreamMode: undefined } as const;

function statusAfter(
  { ActivityStreamStatus: held }: Cluster,
  change: PlannedChange,
): Pick<Cluster, 'ActivityStreamStatus'> {
  if (isGone(change)) return { ActivityStreamStatus: 'stopped' };
  if (isMade(change)) return { ActivityStreamStatus: 'started' };
  return held?.toLowerCase() === 'stopped' ? { ActivityStreamStatus: undefined } : {};
}

function streamOf(evidence: Evidence, change: PlannedChange, { places }: OverlayContext) {
  const [key, mode, place] = [
    places.textAt(change, 'kms_key_id'),
    places.textAt(change, 'mode'),
    places.placeOf(change),
  ];
  const arn =
    key === undefined || isKeyArn(key) || place === undefined ? key : keyAt(evidence, place, key)?.KeyMetadata.Arn;
  return { ActivityStreamKmsKeyId: arn, ActivityStreamMode: mode };
}

function clusterAt({ accounts }: Evidence, arn: string): Cluster | undefined {
  const place = placeOf(arn);
  const rds = place && accounts[place.account]?.regions?.[place.region]?.rds;
  return rds?.DBClusters?.find((one) => one.DBClusterArn === arn);
}

/** Whether evidence shows the key of the stream that a change starts. */
export function showsStream(
  evidence: Evidence,
  change: PlannedChange,
  context: Pick<OverlayContext, 'places'>,
): boolean {
  const arn = context.places.textAt(change, 'resource_arn');
  return arn !== undefined && clusterAt(evidence, arn)?.ActivityStreamKmsKeyId !== undefined;
}

/** Applied after the clusters. */
export const streamRows: Readonly<Record<string, OverlayRow>> = { [streamType]: streamRow };
