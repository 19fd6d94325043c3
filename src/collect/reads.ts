/**
 * What is read for: one check, one with the policy simulator beside it, one of what CloudTrail has recorded, a whole account, or the organization above it as
 * well.
 */
export type Mode = 'check' | 'simulate' | 'diagnose' | 'collect' | 'organization';

interface Row {
  readonly modes: readonly Mode[];
  /** As IAM wants it in a policy: what cannot be confined to kinds of resources, or is asked of all of them, has "*". */
  readonly on: readonly string[];
}

const everywhere = ['*'];
const users = ['arn:*:iam::*:user/*'];
const groups = ['arn:*:iam::*:group/*'];
const roles = ['arn:*:iam::*:role/*'];
const policies = ['arn:*:iam::*:policy/*'];
const keys = ['arn:*:kms:*:*:key/*'];

/**
 * Every call that is made to AWS, by its IAM action. A read that is not here does not compile, and the reading policy that the
 * program prints is made from here, so that the two cannot part.
 */
export const reads = {
  // Needs no right.
  'sts:GetCallerIdentity': { modes: [], on: everywhere },
  // Only where --role-arn names roles.
  'sts:AssumeRole': { modes: [], on: roles },
  'iam:GetUser': { modes: ['check'], on: users },
  'iam:ListUserPolicies': { modes: ['check'], on: users },
  'iam:GetUserPolicy': { modes: ['check'], on: users },
  'iam:ListAttachedUserPolicies': { modes: ['check'], on: users },
  'iam:ListGroupsForUser': { modes: ['check'], on: users },
  'iam:ListGroupPolicies': { modes: ['check'], on: groups },
  'iam:GetGroupPolicy': { modes: ['check'], on: groups },
  'iam:ListAttachedGroupPolicies': { modes: ['check'], on: groups },
  'iam:GetRole': { modes: ['check'], on: roles },
  'iam:ListRolePolicies': { modes: ['check'], on: roles },
  'iam:GetRolePolicy': { modes: ['check'], on: roles },
  'iam:ListAttachedRolePolicies': { modes: ['check'], on: roles },
  'iam:GetPolicy': { modes: ['check'], on: policies },
  'iam:GetPolicyVersion': { modes: ['check'], on: policies },
  'iam:SimulatePrincipalPolicy': { modes: ['simulate'], on: [...users, ...roles] },
  'iam:GetAccountAuthorizationDetails': { modes: ['collect'], on: everywhere },
  'rds:DescribeDBClusters': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBInstances': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBClusterSnapshots': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBSnapshots': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBClusterSnapshotAttributes': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBSnapshotAttributes': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBClusterAutomatedBackups': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeDBInstanceAutomatedBackups': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeAccountAttributes': { modes: ['check', 'collect'], on: everywhere },
  'rds:DescribeExportTasks': { modes: ['collect'], on: everywhere },
  'kms:ListKeys': { modes: ['collect'], on: everywhere },
  'kms:ListAliases': { modes: ['check', 'collect'], on: everywhere },
  'kms:DescribeKey': { modes: ['check', 'collect'], on: keys },
  'kms:GetKeyPolicy': { modes: ['check', 'collect'], on: keys },
  'kms:ListGrants': { modes: ['check', 'collect'], on: keys },
  'kms:ListResourceTags': { modes: ['check', 'collect'], on: keys },
  'cloudtrail:LookupEvents': { modes: ['diagnose'], on: everywhere },
  'ec2:DescribeRegions': { modes: ['collect'], on: everywhere },
  'ec2:DescribeVpcEndpoints': { modes: ['collect'], on: everywhere },
  'organizations:DescribeOrganization': { modes: ['organization'], on: everywhere },
  'organizations:ListParents': { modes: ['organization'], on: everywhere },
  'organizations:ListPoliciesForTarget': { modes: ['organization'], on: everywhere },
  'organizations:DescribePolicy': { modes: ['organization'], on: everywhere },
} as const satisfies Readonly<Record<string, Row>>;

/** The IAM action of a read. */
export type ReadAction = keyof typeof reads;
