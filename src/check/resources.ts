import { accountOf, bucketArn, rdsArn, regionalArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import { defaultGroupBeginning, defaultGroupName } from '../operations/default-groups.ts';
import type { GroupType, NewType, ResourceRole } from '../operations/operation.ts';
import { type Bound, roleArn } from './bind.ts';

/** What a call is made on, unless that is a KMS key. */
export interface BoundResource {
  /** Where `nameUnknown`, its beginning. */
  readonly arn: string;
  readonly account: string;
  readonly nameUnknown: boolean;
  /** Undefined: not known. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/**
 * What is read stands in the evidence; what is made has a name only if the request gives it one; what the request leaves out is matched against AWS's
 * defaults (rds-kms-operations 1.1), which carry no tags.
 */
export function resourceOf(on: ResourceRole, bound: Bound): BoundResource {
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
  if (isNew(on)) {
    const type = newType(on);
    const name = type === makes ? parameters.to : undefined;
    return name === undefined ? own(`${type}:${operation.names ?? ''}`, true) : own(`${type}:${name}`);
  }
  switch (on) {
    case 'subgrp':
    case 'cluster-pg':
    case 'pg':
    case 'og':
      return defaultGroup(bound, on, own);
    case 'role': {
      const arn = roleArn(parameters.iamRole ?? principal.arn, account, region);
      return { arn, account: accountOf(arn), nameUnknown: false, tags: bound.role?.tags };
    }
    case 'bucket':
      return named(bucketArn(partitionOf(region), parameters.s3Bucket ?? ''));
    case 'objects':
      return named(bucketArn(partitionOf(region), `${parameters.s3Bucket ?? ''}/`), true);
    case 'secret':
      return named(
        regionalArn('secretsmanager', { account, region }, `secret:rds!${makes === 'cluster' ? 'cluster' : 'db'}-`),
        true,
      );
    default:
      return {
        arn: source?.arn ?? '',
        account: source?.account ?? account,
        nameUnknown: false,
        tags: source?.tags,
      };
  }
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
  }
}

/** The default group of a type; the beginning of the name where the whole of it is not certain. */
function defaultGroup(
  { source }: Bound,
  type: GroupType,
  own: (name: string, nameUnknown?: boolean) => BoundResource,
): BoundResource {
  const name = defaultGroupName(type, source?.engine, source?.engineVersion);
  return name === undefined ? own(`${type}:${defaultGroupBeginning(type)}`, true) : own(`${type}:${name}`);
}
