import { sameJson } from '../base/json.ts';
import type { Account, Evidence, Key, Region } from '../evidence/schema.ts';

/*
 * An update sends only the attributes that it changes. If the evidence was read after the plan was
 * made, it may have other values for the attributes that do not change, and these values stay.
 */

/**
 * A value after an update. `held`: the value in the evidence. `old`, `now`: the value with all
 * attributes of the resource before and after the update.
 */
type Merge<T> = (held: T, old: T, now: T) => T;

/** An object, each property of which either changes as a whole or stays. An update may also remove a property. */
function one<T extends object>(held: T, old: T, now: T): T {
  if (old === now) return held;
  const made: T = { ...held, ...now };
  for (const name in made) {
    if (sameJson(old[name], now[name])) made[name] = held[name];
    else if (!(name in now)) delete made[name];
  }
  return made;
}

/** A list, each item of which is merged alone. An update keeps the positions of the items. */
function each<T extends object>(
  held: readonly T[] | undefined,
  old: readonly T[] | undefined,
  now: readonly T[] | undefined,
  merge: Merge<T> = one,
): T[] | undefined {
  if (old === now) return held && [...held];
  if (now === undefined) return undefined;
  const isAligned = held?.length === now.length && old?.length === now.length;
  return now.map((item, at) => {
    const [was, then] = [held?.[at], old?.[at]];
    return isAligned && was !== undefined && then !== undefined ? merge(was, then, item) : item;
  });
}

function inKey(held: Key, old: Key, now: Key): Key {
  if (old === now) return held;
  return { ...one(held, old, now), KeyMetadata: one(held.KeyMetadata, old.KeyMetadata, now.KeyMetadata) };
}

function inRegion(held: Region, old: Region, now: Region): Region {
  if (old === now) return held;
  const [{ kms, rds = {}, backup }, { rds: rdsOld = {} }, { rds: rdsNow = {} }] = [held, old, now];
  return {
    ...one(held, old, now),
    vpcEndpointPolicies: each(held.vpcEndpointPolicies, old.vpcEndpointPolicies, now.vpcEndpointPolicies),
    kms: now.kms && {
      ...(kms && old.kms ? one(kms, old.kms, now.kms) : now.kms),
      keys: each(kms?.keys, old.kms?.keys, now.kms.keys, inKey),
    },
    backup: now.backup && {
      ...(backup && old.backup ? one(backup, old.backup, now.backup) : now.backup),
      BackupVaults: each(backup?.BackupVaults, old.backup?.BackupVaults, now.backup.BackupVaults),
    },
    rds: now.rds && {
      ...one(rds, rdsOld, rdsNow),
      DBClusters: each(rds.DBClusters, rdsOld.DBClusters, rdsNow.DBClusters),
      DBInstances: each(rds.DBInstances, rdsOld.DBInstances, rdsNow.DBInstances),
      DBClusterSnapshots: each(rds.DBClusterSnapshots, rdsOld.DBClusterSnapshots, rdsNow.DBClusterSnapshots),
      DBSnapshots: each(rds.DBSnapshots, rdsOld.DBSnapshots, rdsNow.DBSnapshots),
      DBClusterSnapshotAttributes: each(
        rds.DBClusterSnapshotAttributes,
        rdsOld.DBClusterSnapshotAttributes,
        rdsNow.DBClusterSnapshotAttributes,
      ),
      DBSnapshotAttributes: each(rds.DBSnapshotAttributes, rdsOld.DBSnapshotAttributes, rdsNow.DBSnapshotAttributes),
      GlobalClusters: each(rds.GlobalClusters, rdsOld.GlobalClusters, rdsNow.GlobalClusters),
    },
  };
}

function inAccount(held: Account, old: Account, now: Account): Account {
  if (old === now) return held;
  const [{ iam = {}, s3, organization }, { iam: iamOld = {} }, { iam: iamNow = {} }] = [held, old, now];
  return {
    ...one(held, old, now),
    iam: now.iam && {
      ...one(iam, iamOld, iamNow),
      RoleDetailList: each(iam.RoleDetailList, iamOld.RoleDetailList, iamNow.RoleDetailList),
      UserDetailList: each(iam.UserDetailList, iamOld.UserDetailList, iamNow.UserDetailList),
      GroupDetailList: each(iam.GroupDetailList, iamOld.GroupDetailList, iamNow.GroupDetailList),
      Policies: each(iam.Policies, iamOld.Policies, iamNow.Policies),
    },
    s3: now.s3 && { ...now.s3, Buckets: each(s3?.Buckets, old.s3?.Buckets, now.s3.Buckets) },
    organization: now.organization && {
      ...now.organization,
      path: each(organization?.path, old.organization?.path, now.organization.path),
    },
    regions: now.regions && named(held.regions, old.regions, now.regions, inRegion),
  };
}

type Named<T> = Readonly<Record<string, T>> | undefined;

function named<T>(held: Named<T>, old: Named<T>, now: Named<T> = {}, merge: Merge<T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(now).map(([name, item]) => {
      const [was, then] = [held?.[name], old?.[name]];
      return [name, was === undefined || then === undefined ? item : merge(was, then, item)];
    }),
  );
}

/**
 * The evidence after an update, with the values of `held` for what the update does not change.
 * `old`, `now`: `held` with all attributes of the resource before and after the update.
 */
export function withUnchanged(held: Evidence, old: Evidence, now: Evidence): Evidence {
  return { ...now, accounts: named(held.accounts, old.accounts, now.accounts, inAccount) };
}
