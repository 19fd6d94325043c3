import { nameOf, parseArn } from '../base/arn.ts';
import { regionOfDeletedBucket } from '../base/planned-name.ts';
import type { Account, Evidence } from '../evidence/schema.ts';
import { edited, withBuckets } from './edits.ts';
import {
  isGone,
  isMade,
  isOfState,
  type OverlayContext,
  type OverlayRow,
  textIn,
  textNow,
  thingNotKnown,
  writtenPolicy,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';

/*
 * The buckets of S3 in a plan, and their policies. An export writes only to a bucket in its Region,
 * and the policy of the bucket may deny that.
 */

type Bucket = NonNullable<NonNullable<Account['s3']>['Buckets']>[number];

function withBucket(
  evidence: Evidence,
  { account, name }: { readonly account: string; readonly name: string },
  edit: (held: Bucket) => Bucket,
): Evidence {
  return withBuckets(evidence, account, (held) =>
    edited(
      held,
      ({ Name }) => Name === name,
      (one = { Name: name }) => edit(one),
    ),
  );
}

const bucketRow: OverlayRow = (evidence, change, context) => {
  const { places } = context;
  const place = places.placeOf(change);
  const name = isGone(change) ? textIn(change.before, 'bucket') : parseArn(places.arnOf(change) ?? '')?.resource;
  if (place === undefined || name === undefined) return { evidence };
  return {
    evidence: withBucket(evidence, { account: place.account, name }, (held) =>
      // S3 deletes only an empty bucket.
      isGone(change)
        ? { ...held, BucketRegion: regionOfDeletedBucket }
        : {
            ...(isMade(change) ? { Name: name, Policy: null } : held),
            BucketRegion: place.region,
            ...ownPolicy(change, context),
          },
    ),
  };
};

/**
 * The policy that the resource of a bucket itself has. Old providers let the configuration set it, and
 * all providers read it.
 */
function ownPolicy(change: PlannedChange, context: OverlayContext): Pick<Bucket, 'Policy'> {
  const isConfigured = context.planned.expressionAt(change, ['policy']) !== undefined;
  const isRead = isOfState(change) && textIn(change.after, 'policy') !== undefined;
  return isConfigured || isRead ? { Policy: writtenPolicy(change, context) } : {};
}

const bucketPolicyRow: OverlayRow = (evidence, change, context) => {
  const account = context.places.accountOf(change);
  const given = textNow(change, 'bucket', context);
  if (account === undefined || given === undefined) return thingNotKnown('the bucket of the policy');
  const name = nameOf(given) === '' ? given : nameOf(given);
  const policy = isGone(change) ? null : writtenPolicy(change, context);
  return { evidence: withBucket(evidence, { account, name }, (held) => ({ ...held, Policy: policy })) };
};

/** Applied in this order: a bucket exists before its policy. */
export const bucketRows: Readonly<Record<string, OverlayRow>> = {
  aws_s3_bucket: bucketRow,
  aws_s3_bucket_policy: bucketPolicyRow,
};
