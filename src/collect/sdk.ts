/*
 * The parts of the AWS SDK that the program uses. The build makes one file of them without unused
 * code. The file loads several times as fast as the packages, and nobody has to install them.
 */

export { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
export {
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  paginateGetAccountAuthorizationDetails,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroupsForUser,
  paginateListRolePolicies,
  paginateListRoles,
  paginateListUserPolicies,
  paginateListUsers,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam';
export {
  DescribeKeyCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  KMSClient,
  paginateListAliases,
  paginateListGrants,
  paginateListKeys,
  paginateListResourceTags,
} from '@aws-sdk/client-kms';
export {
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  OrganizationsClient,
  paginateListParents,
  paginateListPoliciesForTarget,
} from '@aws-sdk/client-organizations';
export {
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBSnapshotAttributesCommand,
  paginateDescribeDBClusterAutomatedBackups,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBInstances,
  paginateDescribeDBProxies,
  paginateDescribeDBSnapshots,
  paginateDescribeExportTasks,
  paginateDescribeGlobalClusters,
  paginateDescribeIntegrations,
  RDSClient,
} from '@aws-sdk/client-rds';
export { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
export { partition } from '@aws-sdk/core/client';
export { AwsEc2QueryProtocol, AwsRestJsonProtocol } from '@aws-sdk/core/protocols';
export { makeBuilder } from '@smithy/core/client';
export { getEndpointPlugin } from '@smithy/core/endpoints';
export { NodeHttpHandler } from '@smithy/node-http-handler';
export { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
