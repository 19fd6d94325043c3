import { bucketArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import type { Account, Evidence } from '../evidence/schema.ts';

/**
 * The names of the resources that differ between two states of the evidence, one of which is an
 * edit of the other: ARNs, accounts, and Regions of accounts.
 */
export function touchedNames(before: Evidence, after: Evidence): readonly string[] {
  const accounts = new Set([...Object.keys(before.accounts), ...Object.keys(after.accounts)]);
  return [...accounts].flatMap((id) => {
    const [then = {}, now = {}] = [before.accounts[id], after.accounts[id]];
    return then === now ? [] : namesIn(id, then, now);
  });
}

function namesIn(id: string, then: Account, now: Account): readonly string[] {
  const { iam = {}, s3 = {}, regions = {}, ...rest } = then;
  const { iam: iamNow = {}, s3: s3Now = {}, regions: regionsNow = {}, ...restNow } = now;
  const places = new Set([...Object.keys(regions), ...Object.keys(regionsNow)]);
  return [
    ...differing(iam.RoleDetailList, iamNow.RoleDetailList, ({ Arn }) => Arn),
    ...differing(iam.UserDetailList, iamNow.UserDetailList, ({ Arn }) => Arn),
    ...differing(iam.GroupDetailList, iamNow.GroupDetailList, ({ Arn }) => Arn),
    ...differing(iam.Policies, iamNow.Policies, ({ Arn }) => Arn),
    ...differing(s3.Buckets, s3Now.Buckets, (bucket) => bucketArn(partitionOf(bucket.BucketRegion ?? ''), bucket.Name)),
    ...(isAlike(rest, restNow) ? [] : [id]),
    ...[...places].flatMap((place) => {
      const [one = {}, other = {}] = [regions[place], regionsNow[place]];
      if (one === other) return [];
      const { kms, ...others } = one;
      const { kms: kmsNow, ...othersNow } = other;
      const [{ rds }, { rds: rdsNow }] = [one, other];
      return [
        ...differing(kms?.keys, kmsNow?.keys, ({ KeyMetadata: { Arn } }) => Arn),
        ...differing(rds?.DBClusters, rdsNow?.DBClusters, ({ DBClusterArn }) => DBClusterArn),
        ...differing(rds?.DBInstances, rdsNow?.DBInstances, ({ DBInstanceArn }) => DBInstanceArn),
        ...differing(rds?.DBClusterSnapshots, rdsNow?.DBClusterSnapshots, (snapshot) => snapshot.DBClusterSnapshotArn),
        ...differing(rds?.DBSnapshots, rdsNow?.DBSnapshots, ({ DBSnapshotArn }) => DBSnapshotArn),
        ...(isAlike(others, othersNow) ? [] : [`${id}/${place}`]),
      ];
    }),
  ];
}

/** An edit keeps the same object for an item that does not change. */
function differing<T>(
  then: readonly T[] | undefined,
  now: readonly T[] | undefined,
  nameOf: (one: T) => string,
): readonly string[] {
  if (then === now) return [];
  const [held = [], heldNow = []] = [then, now];
  // An edit leaves most items of a list unchanged, at their positions.
  const most = Math.min(held.length, heldNow.length);
  let first = 0;
  while (first < most && held[first] === heldNow[first]) first += 1;
  let last = 0;
  while (last < most - first && held.at(-1 - last) === heldNow.at(-1 - last)) last += 1;
  const between = (list: readonly T[]): ReadonlySet<T> => new Set(list.slice(first, list.length - last));
  const [rest, restNow] = [between(held), between(heldNow)];
  return [...[...rest].filter((one) => !restNow.has(one)), ...[...restNow].filter((one) => !rest.has(one))].map(nameOf);
}

function isAlike(then: object, now: object): boolean {
  const [one, other] = [new Map(Object.entries(then)), new Map(Object.entries(now))];
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}
