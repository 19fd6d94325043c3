import { backupReads, iamRead, keyRows, type ListAction, rdsRows } from '../evidence/lists.ts';

/**
 * The purpose of a read: one check, a check with the policy simulator, an event of CloudTrail, a
 * full account, or an account with its organization.
 */
export type Mode = 'check' | 'simulate' | 'diagnose' | 'collect' | 'organization';

interface Row {
  readonly action: string;
  readonly modes: readonly Mode[];
  /**
   * The resources in the IAM policy. `*` if the action cannot be limited to types of resources, or
   * is called for all of them.
   */
  readonly on: readonly string[];
}

const everywhere = ['*'];
const users = ['arn:*:iam::*:user/*'];
const groups = ['arn:*:iam::*:group/*'];
const roles = ['arn:*:iam::*:role/*'];
const policies = ['arn:*:iam::*:policy/*'];
const keys = ['arn:*:kms:*:*:key/*'];

type Rows = Readonly<Record<string, Omit<Row, 'action'>>>;

const identityReads = {
  // This call needs no permission.
  'sts:GetCallerIdentity': { modes: [], on: everywhere },
  // Only if --role-arn names roles.
  'sts:AssumeRole': { modes: [], on: roles },
  // Only to find what an unknown name may mean. A refusal is not reported.
  'iam:ListRoles': { modes: [], on: everywhere },
  'iam:ListUsers': { modes: [], on: everywhere },
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
} as const satisfies Rows;

const keyReads = {
  'kms:ListKeys': { modes: ['collect'], on: everywhere },
  'kms:DescribeKey': { modes: ['check', 'collect'], on: keys },
  // Only for the keys that `key-impact` names. A refusal is not reported.
  'kms:GetKeyLastUsage': { modes: [], on: keys },
} as const satisfies Rows;

const otherReads = {
  'cloudtrail:LookupEvents': { modes: ['diagnose'], on: everywhere },
  'ec2:DescribeRegions': { modes: ['collect'], on: everywhere },
  'ec2:DescribeVpcEndpoints': { modes: ['collect'], on: everywhere },
  'organizations:DescribeOrganization': { modes: ['organization'], on: everywhere },
  'organizations:ListParents': { modes: ['organization'], on: everywhere },
  'organizations:ListPoliciesForTarget': { modes: ['organization'], on: everywhere },
  'organizations:DescribePolicy': { modes: ['organization'], on: everywhere },
} as const satisfies Rows;

/**
 * The IAM action of a read. A read without a row does not compile. Reads that fill a list of the
 * evidence have their rows in evidence/lists.ts.
 */
export type ReadAction = ListAction | keyof typeof identityReads | keyof typeof keyReads | keyof typeof otherReads;

const allKeyReads: readonly Row[] = [
  ...rowsOf(keyReads),
  // The same action reads both policies of a key.
  ...new Map(
    keyRows.map(([, { action, modes, on }]) => [action, { action, modes, on: on === '*' ? everywhere : keys }]),
  ).values(),
];

/**
 * Every call that the program makes to AWS. The printed reading policy is made from this list, in
 * this order, so that the two cannot differ.
 */
export const reads: readonly Row[] = [
  ...rowsOf(identityReads),
  ...[iamRead, ...rdsRows.map(([, row]) => row), ...backupReads].map(({ action, modes }) => ({
    action,
    modes,
    on: everywhere,
  })),
  ...allKeyReads.filter(({ on }) => on === everywhere),
  ...allKeyReads.filter(({ on }) => on !== everywhere),
  ...rowsOf(otherReads),
];

function rowsOf(rows: Rows): readonly Row[] {
  return Object.entries(rows).map(([action, row]) => ({ action, ...row }));
}
