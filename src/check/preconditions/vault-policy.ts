import { compile } from '../../policy/authorize.ts';
import { parse } from '../../policy/parse.ts';
import { absent, type Possible, present, unknown } from '../../policy/possible.ts';
import { backupRole } from '../backup-role.ts';
import { backupAt } from '../vault.ts';
import { type Answer, assumed, type Facts, met, notKnown, unmet } from './answer.ts';

type Vault = NonNullable<ReturnType<typeof backupAt>['BackupVaults']>[number];

/**
 * Whether the destination vault accepts a copy from another account. Without an access policy that
 * allows that account, no vault does (rds-kms-operations-2 3). The request names no vault, so every
 * vault under the key of the copy is possible. They have to agree.
 */
export function vaultTakesCopy(facts: Facts): Answer | undefined {
  const { bound, evidence } = facts;
  const { destination } = bound;
  const key = bound.keys['target key'];
  if (destination === undefined || key === undefined) return undefined;
  const { account } = destination;
  const held = backupAt(evidence, { account, region: key.region }).BackupVaults;
  const under = held?.filter((one) => one.EncryptionKeyArn === key.arn) ?? [];
  const answers = new Set(under.map((vault) => takes(vault, account, facts)));
  if (answers.size === 0 || answers.has('not read'))
    return assumed({ code: 'vault-policy-lets-the-copy-in', account }, { code: 'vault-policy-unread', account });
  const [answer] = answers;
  const vaults = under.map((vault) => vault.BackupVaultArn);
  if (answers.size > 1 || answer === 'depends') return notKnown({ code: 'vault-policies-leave-it-open', vaults });
  return answer === 'allowed'
    ? met({ code: 'vault-policy-allows-the-copy', vaults })
    : unmet({ code: 'vault-policy-allows-no-copy', vaults });
}

type Taken = 'allowed' | 'denied' | 'depends';

/**
 * Whether the access policy of one vault admits the account of the source. AWS does not publish
 * which principal of that account it asks for. `account`: the account of the vault.
 */
function takes(vault: Vault, account: string, facts: Facts): Taken | 'not read' {
  const { Policy: document } = vault;
  if (document === undefined) return 'not read';
  if (document === null) return 'denied';
  const { principal, region } = facts.bound;
  const { arn: service } = backupRole(facts.directory, principal.account, region);
  const [ofJob, ofService] = [admits(vault, account, facts), admits(vault, account, facts, service)];
  if (ofJob !== ofService) return 'depends';
  return ofJob === 'denied' && namesPrincipalOf(principal.account, document) ? 'depends' : ofJob;
}

/** Whether a policy names a user or a role of an account. */
function namesPrincipalOf(account: string, document: unknown): boolean {
  return new RegExp(`arn:[\\w-]+:(?:iam|sts)::${account}:(?!root)`).test(JSON.stringify(document));
}

/** `role`: the ARN of another role than the one of the job. */
function admits(
  { BackupVaultArn: arn, Policy: document }: Vault,
  account: string,
  { bound: { principal }, directory }: Facts,
  role?: string,
): Taken {
  if ('faults' in parse('resource', arn, document)) return 'depends';
  const { id, path, isManagementAccount } = directory.organization(principal.account);
  const known: Readonly<Record<string, Possible>> = {
    'aws:principalorgid': id === undefined ? unknown : id === null ? absent : present(id),
    'aws:principalorgpaths': path !== undefined ? present(path) : id === null ? absent : unknown,
  };
  const anything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const policies = compile({
    identity: [{ name: 'the other account', document: anything }],
    resource: { name: arn, document },
  });
  return policies.authorize({
    principal: role ?? principal.arn,
    roleArn: role ?? principal.roleArn,
    userId: role === undefined ? principal.uniqueId : undefined,
    action: 'backup:CopyIntoBackupVault',
    resource: { arn, account },
    managementAccount: isManagementAccount,
    possible: (keyId) => known[keyId] ?? unknown,
  }).decision;
}
