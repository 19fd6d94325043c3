import { parseArn } from '../base/arn.ts';
import { edited, withBuckets } from './edits.ts';
import { isGone, type OverlayRow, textIn } from './overlay-row.ts';

/* The buckets of S3 in a plan. An export writes only to a bucket in its Region. */

const bucketRow: OverlayRow = (evidence, change, { places }) => {
  const place = places.placeOf(change);
  const name = isGone(change) ? textIn(change.before, 'bucket') : parseArn(places.arnOf(change) ?? '')?.resource;
  if (place === undefined || name === undefined) return { evidence };
  const after = withBuckets(evidence, place.account, (held) =>
    edited(
      held,
      ({ Name }) => Name === name,
      () => (isGone(change) ? undefined : { Name: name, BucketRegion: place.region }),
    ),
  );
  return { evidence: after };
};

export const bucketRows: Readonly<Record<string, OverlayRow>> = { aws_s3_bucket: bucketRow };
