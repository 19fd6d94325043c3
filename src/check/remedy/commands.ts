import type { Change, PolicyPlace } from '../../evidence/change.ts';
import { placeOf } from '../../evidence/lookup.ts';
import { jsonText, shellQuoted, shortName } from '../../wording.ts';
import { documentObject, type JsonObject } from './documents.ts';

/* What an operator types to make a change with the AWS CLI. A policy is given whole, for AWS replaces it whole. */

function json(document: JsonObject): string {
  return shellQuoted(jsonText(document));
}

function lastOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** Commands that give a policy its new text. `isNew`: an inline policy that is not there yet. */
export function policyCommands(place: PolicyPlace, document: JsonObject): readonly string[] {
  const text = json(document);
  switch (place.in) {
    case 'key policy':
      return [
        `aws kms put-key-policy --key-id ${lastOf(place.key)} --policy-name default${regionOf(place.key)} --policy ${text}`,
      ];
    case 'inline policy': {
      const [kind = ''] = shortName(place.owner).split('/');
      const name = lastOf(place.owner);
      const permissionSet = permissionSetOf(place.owner);
      if (permissionSet !== undefined)
        return [
          `aws sso-admin put-inline-policy-to-permission-set --instance-arn <instance> --permission-set-arn <that of ${permissionSet}> --inline-policy ${text}`,
        ];
      return [
        `aws iam put-${kind}-policy --${kind}-name ${shellQuoted(name)} --policy-name ${shellQuoted(place.name)} --policy-document ${text}`,
      ];
    }
    case 'managed policy':
      return [
        `aws iam create-policy-version --policy-arn ${shellQuoted(place.arn)} --set-as-default --policy-document ${text}`,
      ];
    case 'scp':
    case 'rcp':
      return [`aws organizations update-policy --policy-id ${idOf(place.in, place.name)} --content ${text}`];
  }
}

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
