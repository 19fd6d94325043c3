import { isClusterSnapshotArn, nameOf, placeOf, resourceTypeOf, withoutPath } from '../base/arn.ts';
import type { Command, CommandArgument } from '../base/command.ts';
import { denseJson, type Json, jsonText } from '../base/json.ts';
import { jmesPathText } from '../base/shell.ts';
import { type Change, type PolicyPlace, policyVersions } from '../evidence/change.ts';
import type { Evidence } from '../evidence/schema.ts';
import { documentObject } from './documents.ts';
import { longestAt } from './sizes.ts';

/*
 * The AWS CLI commands that make a change. Policies are complete, because AWS replaces the complete
 * policy.
 */

export function aws(...words: readonly CommandArgument[]): Command {
  return { program: 'aws', arguments: words };
}

/**
 * An option with its value. The AWS CLI would read a value that begins with a hyphen as another
 * option.
 */
export function option(name: string, value: string): readonly string[] {
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}

/** `longest`: the most characters, including white space, if AWS counts it. */
function json(document: Json, longest = Number.POSITIVE_INFINITY): CommandArgument {
  return { document, dense: jsonText(document).length > longest };
}

/** Commands that replace the text of a policy. `evidence`: the state before the change. */
export function policyCommands(place: PolicyPlace, document: Json, evidence: Evidence): readonly Command[] {
  const text = json(document, longestAt(place));
  switch (place.in) {
    case 'key policy':
      return [
        aws(
          ...['kms', 'put-key-policy', ...option('--key-id', withoutPath(place.key)), '--policy-name', 'default'],
          ...[...regionOption(place.key), '--policy', text],
        ),
      ];
    case 'inline policy': {
      const kind = resourceTypeOf(place.owner);
      const name = withoutPath(place.owner);
      const permissionSet = permissionSetOf(place.owner);
      if (permissionSet !== undefined) {
        const of = ['--instance-arn', ssoInstance, '--permission-set-arn', `<ARN of ${permissionSet}>`] as const;
        return [
          aws('sso-admin', 'put-inline-policy-to-permission-set', ...of, '--inline-policy', text),
          aws('sso-admin', 'provision-permission-set', ...of, '--target-type', 'ALL_PROVISIONED_ACCOUNTS'),
        ];
      }
      const named = [...option(`--${kind}-name`, name), ...option('--policy-name', place.name)];
      return [aws('iam', `put-${kind}-policy`, ...named, '--policy-document', text)];
    }
    case 'managed policy':
      return [
        ...roomFor(policyVersions(evidence, place.arn)).map((version) =>
          aws('iam', 'delete-policy-version', '--policy-arn', place.arn, ...option('--version-id', version)),
        ),
        aws('iam', 'create-policy-version', '--policy-arn', place.arn, '--set-as-default', '--policy-document', text),
      ];
    case 'scp':
    case 'rcp':
      return [aws('organizations', 'update-policy', '--policy-id', idOf(place.in, place.name), '--content', text)];
  }
}

export const ssoInstance = outputOf('sso-admin', 'list-instances', '--query', 'Instances[0].InstanceArn');

/** The output of a command, as text. */
function outputOf(...words: readonly string[]): CommandArgument {
  return { outputOf: aws(...words, '--output', 'text') };
}

/**
 * The version to delete before a managed policy can get another version: the oldest of five that is
 * not the default version.
 */
function roomFor(versions: ReturnType<typeof policyVersions>): readonly string[] {
  const numbers = versions.flatMap(({ VersionId: id, IsDefaultVersion: isDefault }) =>
    isDefault === true || !/^v\d+$/.test(id ?? '') ? [] : [Number(id?.slice(1))],
  );
  return versions.length < mostVersions || numbers.length === 0 ? [] : [`v${Math.min(...numbers)}`];
}

const mostVersions = 5;

/**
 * The inline policy that IAM Identity Center writes into the roles of a permission set. A
 * permission set has only one.
 */
export const permissionSetPolicy = 'AwsSSOInlinePolicy';

/**
 * The permission set of a role that IAM Identity Center created. Its next provisioning would undo a
 * change of the role itself.
 */
export function permissionSetOf(roleArn: string): string | undefined {
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(withoutPath(roleArn))?.[1];
}

const policyTypes = { scp: 'SERVICE_CONTROL_POLICY', rcp: 'RESOURCE_CONTROL_POLICY' } as const;

export function idOf(kind: 'scp' | 'rcp', name: string): CommandArgument {
  const query = `Policies[?Name==${jmesPathText(name)}].Id`;
  return outputOf('organizations', 'list-policies', '--filter', policyTypes[kind], '--query', query);
}

/**
 * Commands for a change that does not replace the text of a policy. `state`: the state of the key.
 */
export function changeCommands(
  change: Exclude<Change, { readonly change: 'policy' | 'attachment' }>,
  state?: string,
): readonly Command[] {
  switch (change.change) {
    case 'new control policy': {
      const { kind, name, at, document } = change;
      const named = ['--type', policyTypes[kind], ...option('--name', name)];
      const described = ['--description', 'For operations on encrypted databases'];
      const content = json(documentObject(document) ?? {});
      return [
        aws('organizations', 'create-policy', ...named, ...described, '--content', content),
        aws('organizations', 'attach-policy', ...option('--target-id', at), '--policy-id', idOf(kind, name)),
      ];
    }
    case 'key state': {
      const key = [...option('--key-id', withoutPath(change.key)), ...regionOption(change.key)];
      return [
        ...(state === 'PendingDeletion' ? [aws('kms', 'cancel-key-deletion', ...key)] : []),
        aws('kms', 'enable-key', ...key),
      ];
    }
    case 'grant':
      return [grantCommand(change)];
    case 'sharing': {
      return [sharingCommand(change, '--values-to-add')];
    }
    case 'copy': {
      const { of, arn, key } = change;
      const noun = nounOf(of);
      const both = [`--source-${noun}-identifier`, of, ...option(`--target-${noun}-identifier`, nameOf(arn))];
      return [
        aws('rds', `copy-${noun}`, ...both, ...option('--kms-key-id', key), ...regionOption(arn)),
        aws('rds', 'wait', `${noun}-available`, ...option(`--${noun}-identifier`, nameOf(arn)), ...regionOption(arn)),
      ];
    }
  }
}

/** Replaces the text of a key policy, on one line. */
export function keyPolicyCommand(key: string, document: Json): Command {
  return aws(
    ...['kms', 'put-key-policy', ...option('--key-id', withoutPath(key)), '--policy-name', 'default'],
    ...[...regionOption(key), '--policy', { document, dense: true }],
  );
}

export function revokeGrantCommand(key: string, grant: string): Command {
  return aws(
    ...['kms', 'revoke-grant', ...option('--key-id', withoutPath(key)), ...regionOption(key)],
    ...option('--grant-id', grant),
  );
}

/** Shares a snapshot with an account, or ends the share. `account` may be `all`. */
export function sharingCommand(
  { snapshot, account }: { readonly snapshot: string; readonly account: string },
  values: '--values-to-add' | '--values-to-remove',
): Command {
  const noun = nounOf(snapshot);
  const named = [...option(`--${noun}-identifier`, nameOf(snapshot)), ...regionOption(snapshot)];
  return aws('rds', `modify-${noun}-attribute`, ...named, '--attribute-name', 'restore', ...option(values, account));
}

function grantCommand({ key, grant }: Extract<Change, { readonly change: 'grant' }>): Command {
  const {
    GranteePrincipal: grantee = '',
    RetiringPrincipal: retiring,
    Operations: operations = [],
    Constraints: constraints,
  } = grant;
  return aws(
    'kms',
    'create-grant',
    ...option('--key-id', withoutPath(key)),
    ...regionOption(key),
    ...option('--grantee-principal', grantee),
    ...['--operations', ...operations],
    ...(retiring === undefined ? [] : option('--retiring-principal', retiring)),
    ...(constraints === undefined ? [] : ['--constraints', denseJson(constraints)]),
  );
}

/** The noun for a snapshot in AWS CLI options. */
function nounOf(snapshotArn: string): 'db-cluster-snapshot' | 'db-snapshot' {
  return isClusterSnapshotArn(snapshotArn) ? 'db-cluster-snapshot' : 'db-snapshot';
}

export function regionOption(arn: string): readonly string[] {
  const region = placeOf(arn)?.region;
  return region === undefined ? [] : ['--region', region];
}
