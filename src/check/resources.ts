import { accountOf, bucketArn, iamArn, parseArn, rdsArn, regionalArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import { beginningOfLater } from '../base/planned-name.ts';
import { rdsRoleArn } from '../evidence/rds-role.ts';
import { isDefaultGroup } from '../operations/default-groups.ts';
import { type CallRow, isKeyRole, type NewType, type ResourceRole } from '../operations/operation.ts';
import type { GroupType } from '../operations/parameters.ts';
import { type Bound, isOpenTo, roleArn, secretOf } from './bind.ts';
import { defaultGroupOf, groupOf } from './groups.ts';
import { tagsOfNew } from './inherited-tags.ts';
import { isSourceType } from './rows.ts';
import { vaultArn } from './vault.ts';

/** The resource of a call, unless it is a KMS key. */
export interface BoundResource {
  /** If `nameUnknown`: the start of the ARN. */
  readonly arn: string;
  readonly account: string;
  readonly nameUnknown: boolean;
  /** If `nameUnknown`: ARNs that the resource certainly does not have. Absent: nothing is known. */
  readonly isNot?: ReadonlySet<string>;
  /** If `nameUnknown`: a longer start, which the ARN certainly does not have. Absent: nothing is known. */
  readonly beginsNot?: string;
  /** If `nameUnknown`: the placeholder for the ARN, by which policies of a plan name the resource. */
  readonly writtenAs?: string;
  /** Undefined: not known. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** Whether the tags are assumed. Absent: they are not. */
  readonly tagsAreAssumed?: boolean;
  /**
   * Another resource that the call may be on, because the question leaves it open. Absent: there is
   * none.
   */
  readonly otherwise?: BoundResource;
  /** A resource that AWS's pages name as well, so that the call has to be allowed on both. Absent: there is none. */
  readonly alternative?: BoundResource;
}

/**
 * The evidence has the ARN of the source. A new resource has a name only if the request names it.
 */
export function resourceOf({ on, each, member, role: associated, named: given }: CallRow, bound: Bound): BoundResource {
  if (given !== undefined) return givenResource(given, bound);
  const { principal, region, parameters, source, operation } = bound;
  const { makes } = operation;
  const { account } = principal;
  const named = (arn: string, nameUnknown = false): BoundResource => ({
    arn,
    account,
    nameUnknown,
    tags: {},
  });
  const own = (name: string, nameUnknown = false): BoundResource =>
    named(rdsArn({ account, region }, name), nameUnknown);
  // Its tags decide nothing for certain (iam-evaluation 14.29).
  const passedRole = (role: string | undefined): BoundResource => ({
    ...named('', role === undefined),
    ...(role === undefined ? { arn: roleArn('', account, region) } : withName(roleArn(role, account, region))),
    tags: undefined,
  });
  if (each === 'member') return { ...own(`db:${member ?? ''}`, member === undefined), tags: undefined };
  if (isNew(on)) {
    const type = newType(on);
    // RDS keeps identifiers in lower case (rds-kms-operations-2 13.9).
    const name = type === makes ? parameters.to?.toLowerCase() : undefined;
    const made =
      name === undefined
        ? own(`${type}:${operation.names ?? ''}`, true)
        : { ...own(''), ...withName(rdsArn({ account, region }, `${type}:${name}`)) };
    // A request that creates something with tags shows them as tags of the resource (iam-evaluation
    // 7B).
    return { ...made, tags: isOpenTo('tag', bound) ? undefined : tagsOfNew(bound) };
  }
  if (isGroup(on)) return groupResource(on, bound);
  if (isAttached(on)) {
    const { monitoringRoleArn, domainIamRoleName } = parameters;
    return passedRole(
      { 'monitoring role': monitoringRoleArn, 'domain role': domainIamRoleName, 'associated role': associated }[on],
    );
  }
  if (isSourceType(on) || isKeyRole(on))
    return { ...withName(source?.arn ?? ''), account: source?.account ?? account, tags: source?.tags };
  switch (on) {
    case 'role': {
      if (isOpenTo('iam-role', bound) && operation.runsAsRole !== true)
        return { ...named(iamArn(partitionOf(region), account, 'role/'), true), tags: undefined };
      const arn = roleArn(parameters.iamRole ?? principal.arn, account, region);
      return { ...withName(arn), account: accountOf(arn), tags: undefined };
    }
    case 'RDS service-linked role':
      return named(rdsRoleArn(partitionOf(region), account));
    case 'bucket':
      return isOpenTo('s3-bucket', bound)
        ? named(bucketArn(partitionOf(region), ''), true)
        : { ...named(''), ...withName(bucketArn(partitionOf(region), parameters.s3Bucket ?? '')) };
    case 'objects':
      return named(objectsArn(bound), true);
    case 'vault':
      return vault(bound);
    case 'secret':
      return secret(bound);
  }
}

/** A resource that a plan creates may get its name only when the plan is applied. */
function withName(arn: string): Pick<BoundResource, 'arn' | 'nameUnknown'> {
  const beginning = beginningOfLater(arn);
  return { arn: beginning ?? arn, nameUnknown: beginning !== undefined };
}

/** The start of the ARNs of the objects that an export writes. */
function objectsArn(bound: Bound): string {
  const { region, parameters } = bound;
  const arn = bucketArn(partitionOf(region), isOpenTo('s3-bucket', bound) ? '' : `${parameters.s3Bucket ?? ''}/`);
  return withName(arn).arn;
}

/** The vault that takes part. The evidence has no tags of vaults. */
function vault({ vault: known, principal: { account }, region }: Bound): BoundResource {
  return {
    ...(known === undefined ? { arn: vaultArn({ account, region }, ''), nameUnknown: true } : withName(known)),
    account,
    tags: undefined,
  };
}

/** The secret of the master password: the existing one, or one that RDS will name. */
function secret({ operation: { makes }, principal: { account }, region, source }: Bound): BoundResource {
  const held = makes === undefined ? secretOf(source)?.SecretArn : undefined;
  const type = (makes ?? source?.type) === 'cluster' ? 'cluster' : 'db';
  const arn = held ?? regionalArn('secretsmanager', { account, region }, `secret:rds!${type}-`);
  return { arn, account, nameUnknown: held === undefined, tags: held === undefined ? {} : undefined };
}

/**
 * The resource in the record of a denial. The tags of the source and of the new resource are known.
 */
function givenResource(arn: string, bound: Bound): BoundResource {
  const { principal, source, operation, parameters } = bound;
  const { type = '', name } = parseArn(arn) ?? {};
  const isMade = type === operation.makes && (parameters.to === undefined || parameters.to === name);
  const isRead = arn === source?.arn;
  return {
    ...withName(arn),
    account: accountOf(arn) === '' ? principal.account : accountOf(arn),
    tags: isRead ? source.tags : isMade ? tagsOfNew(bound) : undefined,
  };
}

function isGroup(on: ResourceRole): on is GroupType {
  return on === 'subgrp' || on === 'cluster-pg' || on === 'pg' || on === 'og';
}

function isAttached(on: ResourceRole): on is 'monitoring role' | 'domain role' | 'associated role' {
  return on === 'monitoring role' || on === 'domain role' || on === 'associated role';
}

type NewRole = `new ${NewType}`;

function isNew(on: ResourceRole): on is NewRole {
  return on.startsWith('new ');
}

function newType(on: NewRole): NewType {
  switch (on) {
    case 'new cluster':
      return 'cluster';
    case 'new db':
      return 'db';
    case 'new cluster-snapshot':
      return 'cluster-snapshot';
    case 'new snapshot':
      return 'snapshot';
    case 'new auto-backup':
      return 'auto-backup';
  }
}

/**
 * If the request leaves a group out, the call is on the group that RDS would use. It is only
 * inferred that RDS checks that group, and the actual request may name another group
 * (rds-kms-operations 1.1). So the call may be on any group of the type.
 */
function groupResource(type: GroupType, bound: Bound): BoundResource {
  const { principal, region, operation } = bound;
  const { account } = principal;
  const { name, nameUnknown, from } = groupOf(type, bound);
  const arnOf = (text: string): string => rdsArn({ account, region }, `${type}:${text}`);
  const named = nameUnknown ? { arn: arnOf(name), nameUnknown } : withName(arnOf(name));
  // The tags of groups are not in the evidence. Every group can have tags, and default groups
  // normally have none (rds-kms-operations 1.1).
  const tagsAreAssumed = isDefaultGroup(type, name);
  const tagged = { tags: tagsAreAssumed ? {} : undefined, tagsAreAssumed };
  if (from === 'request') return { arn: named.arn, account, nameUnknown: named.nameUnknown, ...tagged };
  const otherwise = { arn: arnOf(''), account, nameUnknown: true, tags: undefined };
  const group = { arn: named.arn, account, nameUnknown: named.nameUnknown, ...tagged, otherwise };
  if (from !== 'source' || operation.inheritsOrDefault?.includes(type) !== true) return group;
  const usual = defaultGroupOf(type, bound);
  const alternative = {
    arn: arnOf(usual.name),
    account,
    nameUnknown: usual.nameUnknown,
    tags: {},
    tagsAreAssumed: true,
  };
  return { ...group, alternative };
}
