import { placeOf, shortName } from '../base/arn.ts';
import { type Json, jsonText } from '../base/json.ts';
import { shellQuoted } from '../base/shell.ts';
import { type Change, type PolicyPlace, policyVersions } from '../evidence/change.ts';
import type { Evidence } from '../evidence/schema.ts';
import { documentObject } from './documents.ts';
import { longestAt } from './sizes.ts';

/* What an operator types to make a change with the AWS CLI. A policy is given whole, for AWS replaces it whole. */

/** Where white space counts and would be too much, there is none. */
function json(document: Json, longest = Number.POSITIVE_INFINITY): string {
  const text = jsonText(document);
  return shellQuoted(text.length > longest ? JSON.stringify(document) : text);
}

function lastOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** Commands that give a policy its new text. `evidence`: as it is before. */
export function policyCommands(place: PolicyPlace, document: Json, evidence: Evidence): readonly string[] {
  const text = json(document, longestAt(place));
  switch (place.in) {
    case 'key policy':
      return [
        `aws kms put-key-policy --key-id ${lastOf(place.key)} --policy-name default${regionOf(place.key)} --policy ${text}`,
      ];
    case 'inline policy': {
      const [kind = ''] = shortName(place.owner).split('/');
      const name = lastOf(place.owner);
      const permissionSet = permissionSetOf(place.owner);
      if (permissionSet !== undefined) {
        const of = `--instance-arn ${ssoInstance} --permission-set-arn '<ARN of ${permissionSet}>'`;
        return [
          `aws sso-admin put-inline-policy-to-permission-set ${of} --inline-policy ${text}`,
          `aws sso-admin provision-permission-set ${of} --target-type ALL_PROVISIONED_ACCOUNTS`,
        ];
      }
      return [
        `aws iam put-${kind}-policy --${kind}-name ${shellQuoted(name)} --policy-name ${shellQuoted(place.name)} --policy-document ${text}`,
      ];
    }
    case 'managed policy':
      return [
        ...roomFor(policyVersions(evidence, place.arn)).map(
          (version) => `aws iam delete-policy-version --policy-arn ${shellQuoted(place.arn)} --version-id ${version}`,
        ),
        `aws iam create-policy-version --policy-arn ${shellQuoted(place.arn)} --set-as-default --policy-document ${text}`,
      ];
    case 'scp':
    case 'rcp':
      return [`aws organizations update-policy --policy-id ${idOf(place.in, place.name)} --content ${text}`];
  }
}

const ssoInstance = `"$(aws sso-admin list-instances --query 'Instances[0].InstanceArn' --output text)"`;

/** What has to go before another version of a managed policy can be made: the oldest of five, but for the default one. */
function roomFor(versions: ReturnType<typeof policyVersions>): readonly string[] {
  const numbers = versions.flatMap(({ VersionId: id, IsDefaultVersion: isDefault }) =>
    id === undefined || isDefault === true ? [] : [Number(id.replace(/^v/, ''))],
  );
  return versions.length < mostVersions || numbers.length === 0 ? [] : [`v${Math.min(...numbers)}`];
}

const mostVersions = 5;

/** The inline policy that IAM Identity Center writes into the roles of a permission set, which has only one. */
export const permissionSetPolicy = 'AwsSSOInlinePolicy';

/** The permission set of a role that IAM Identity Center made: what is changed in the role itself is undone by the next provisioning. */
export function permissionSetOf(roleArn: string): string | undefined {
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(lastOf(roleArn))?.[1];
}

const policyTypes = { scp: 'SERVICE_CONTROL_POLICY', rcp: 'RESOURCE_CONTROL_POLICY' } as const;

function idOf(kind: 'scp' | 'rcp', name: string): string {
  return `"$(aws organizations list-policies --filter ${policyTypes[kind]} --query ${shellQuoted(`Policies[?Name==\`${name}\`].Id`)} --output text)"`;
}

/** Commands for a change that gives no policy another text. `state`: the state that a key is in. */
export function changeCommands(
  change: Exclude<Change, { readonly change: 'policy' | 'attachment' }>,
  state?: string,
): readonly string[] {
  switch (change.change) {
    case 'new control policy':
      return [
        `aws organizations create-policy --type ${policyTypes[change.kind]} --name ${shellQuoted(change.name)} --description ${shellQuoted('For operations on encrypted databases')} --content ${json(documentObject(change.document) ?? {})}`,
        `aws organizations attach-policy --target-id ${change.at} --policy-id ${idOf(change.kind, change.name)}`,
      ];
    case 'key state':
      return [
        ...(state === 'PendingDeletion'
          ? [`aws kms cancel-key-deletion --key-id ${lastOf(change.key)}${regionOf(change.key)}`]
          : []),
        `aws kms enable-key --key-id ${lastOf(change.key)}${regionOf(change.key)}`,
      ];
    case 'grant': {
      const {
        GranteePrincipal: grantee = '',
        RetiringPrincipal: retiring,
        Operations: operations = [],
        Constraints: constraints,
      } = change.grant;
      const retires = retiring === undefined ? '' : ` --retiring-principal ${shellQuoted(retiring)}`;
      const limits = constraints === undefined ? '' : ` --constraints ${shellQuoted(JSON.stringify(constraints))}`;
      return [
        `aws kms create-grant --key-id ${lastOf(change.key)}${regionOf(change.key)} --grantee-principal ${shellQuoted(grantee)} --operations ${operations.join(' ')}${retires}${limits}`,
      ];
    }
    case 'sharing': {
      const { snapshot, account } = change;
      const noun = snapshot.includes(':cluster-snapshot:') ? 'db-cluster-snapshot' : 'db-snapshot';
      return [
        `aws rds modify-${noun}-attribute --${noun}-identifier ${snapshotName(snapshot)}${regionOf(snapshot)} --attribute-name restore --values-to-add ${account}`,
      ];
    }
    case 'copy': {
      const noun = change.of.includes(':cluster-snapshot:') ? 'db-cluster-snapshot' : 'db-snapshot';
      return [
        `aws rds copy-${noun} --source-${noun}-identifier ${change.of} --target-${noun}-identifier ${snapshotName(change.arn)} --kms-key-id ${change.key}${regionOf(change.arn)}`,
        `aws rds wait ${noun}-available --${noun}-identifier ${snapshotName(change.arn)}${regionOf(change.arn)}`,
      ];
    }
  }
}

function snapshotName(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function regionOf(arn: string): string {
  const region = placeOf(arn)?.region;
  return region === undefined ? '' : ` --region ${region}`;
}
