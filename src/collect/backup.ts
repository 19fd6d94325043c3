import { keyIdsIn, recoveryPointTypes } from '../evidence/lists.ts';
import type { Region } from '../evidence/schema.ts';
import {
  backupClient,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  GetBackupVaultAccessPolicyCommand,
  ListBackupPlansCommand,
  ListBackupSelectionsCommand,
  ListBackupVaultsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  type PointAnswer,
  type RuleAnswer,
  type SelectionAnswer,
  type VaultAnswer,
} from './backup-client.ts';
import { instants, picked } from './fields.ts';
import type { Where } from './rds.ts';
import { allPages, type Reader, type Subject } from './reader.ts';
import type { ReadAction } from './reads.ts';
import type { ClientSettings } from './settings.ts';

type Backup = NonNullable<Region['backup']>;
type Vault = NonNullable<Backup['BackupVaults']>[number];
type Plan = NonNullable<Backup['BackupPlans']>[number];
type Selection = NonNullable<Plan['Selections']>[number];

/** What the reads of AWS Backup in one Region need. */
interface Asking {
  readonly client: ReturnType<typeof backupClient>;
  readonly reader: Reader;
  readonly subject: (what: ReadAction, resource?: string) => Subject;
}

/**
 * The AWS Backup vaults with their access policies, their recovery points of RDS and Aurora, and
 * the plans. A list that could not be read is left out.
 */
export async function readBackup(settings: ClientSettings, where: Where, reader: Reader): Promise<Backup> {
  const client = backupClient({ ...settings, region: where.region });
  const subject: Asking['subject'] = (what, resource) => ({
    what,
    ...where,
    ...(resource === undefined ? {} : { resource }),
  });
  const asking: Asking = { client, reader, subject };
  const [vaults, plans] = await Promise.all([readVaults(asking), readPlans(asking)]);
  return { ...vaults, ...(plans === undefined ? {} : { BackupPlans: plans }) };
}

/** The keys with which vaults and recovery points are encrypted. */
export function keysOfBackup({ BackupVaults: vaults, RecoveryPoints: points }: Backup): readonly string[] {
  return [vaults, points].flatMap((list) => keyIdsIn(list, ['EncryptionKeyArn']));
}

async function readVaults({ client, reader, subject }: Asking): Promise<Backup> {
  const found = await reader.read(subject('backup:ListBackupVaults'), () =>
    allPages(
      () => pages((NextToken) => client.send(new ListBackupVaultsCommand(tokenOf(NextToken)))),
      (page) => page.BackupVaultList,
    ),
  );
  if (found === undefined) return {};
  const listed = found.flatMap(asVault);
  const [vaults, points] = await Promise.all([
    Promise.all(listed.map((vault) => withPolicy(vault, { client, reader, subject }))),
    Promise.all(listed.map((vault) => pointsOf(vault.BackupVaultName, { client, reader, subject }))),
  ]);
  const held = points.flatMap((list) => list ?? []);
  return { BackupVaults: vaults, ...(points.includes(undefined) ? {} : { RecoveryPoints: held }) };
}

function asVault(vault: VaultAnswer): readonly Vault[] {
  const { BackupVaultName, BackupVaultArn } = vault;
  if (BackupVaultName === undefined || BackupVaultArn === undefined) return [];
  return [{ BackupVaultName, BackupVaultArn, ...picked(vault, ['VaultType', 'EncryptionKeyArn']) }];
}

async function withPolicy(vault: Vault, { client, reader, subject }: Asking): Promise<Vault> {
  const { BackupVaultName, BackupVaultArn } = vault;
  const answer = await reader.readIfAny(subject('backup:GetBackupVaultAccessPolicy', BackupVaultArn), () =>
    client.send(new GetBackupVaultAccessPolicyCommand({ BackupVaultName })),
  );
  return answer === undefined ? vault : { ...vault, Policy: answer?.Policy ?? null };
}

/** Undefined: some of the recovery points are unknown. */
async function pointsOf(name: string, asking: Asking): Promise<Backup['RecoveryPoints']> {
  const lists = await Promise.all(recoveryPointTypes.map((type) => pointsOfType(name, type, asking)));
  return lists.includes(undefined) ? undefined : lists.flatMap((list) => list ?? []);
}

async function pointsOfType(
  BackupVaultName: string,
  ByResourceType: string,
  { client, reader, subject }: Asking,
): Promise<Backup['RecoveryPoints']> {
  const found = await reader.read(subject('backup:ListRecoveryPointsByBackupVault', BackupVaultName), () =>
    allPages(
      () =>
        pages((NextToken) =>
          client.send(
            new ListRecoveryPointsByBackupVaultCommand({ ...tokenOf(NextToken), BackupVaultName, ByResourceType }),
          ),
        ),
      (page) => page.RecoveryPoints,
    ),
  );
  return found?.flatMap(asPoint);
}

function asPoint(point: PointAnswer): NonNullable<Backup['RecoveryPoints']> {
  const { RecoveryPointArn } = point;
  if (RecoveryPointArn === undefined) return [];
  const fields = ['BackupVaultName', 'ResourceArn', 'ResourceType', 'Status', 'EncryptionKeyArn'] as const;
  return [{ RecoveryPointArn, ...picked(point, [...fields, 'IamRoleArn']), ...instants(point, ['CreationDate']) }];
}

async function readPlans(asking: Asking): Promise<Plan[] | undefined> {
  const { client, reader, subject } = asking;
  const found = await reader.read(subject('backup:ListBackupPlans'), () =>
    allPages(
      () => pages((NextToken) => client.send(new ListBackupPlansCommand(tokenOf(NextToken)))),
      (page) => page.BackupPlansList,
    ),
  );
  const plans = found?.flatMap(({ BackupPlanId, ...plan }) =>
    BackupPlanId === undefined ? [] : [{ BackupPlanId, ...picked(plan, ['BackupPlanArn', 'BackupPlanName']) }],
  );
  return plans === undefined ? undefined : Promise.all(plans.map((plan) => withParts(plan, asking)));
}

/** A plan with its rules and selections, as far as they could be read. */
async function withParts(plan: Plan, asking: Asking): Promise<Plan> {
  const { client, reader, subject } = asking;
  const { BackupPlanId } = plan;
  const [answer, selections] = await Promise.all([
    reader.readIfThere(subject('backup:GetBackupPlan', BackupPlanId), () =>
      client.send(new GetBackupPlanCommand({ BackupPlanId })),
    ),
    selectionsOf(BackupPlanId, asking),
  ]);
  const rules = answer?.BackupPlan?.Rules?.map(asRule);
  return {
    ...plan,
    ...(rules === undefined ? {} : { Rules: rules }),
    ...(selections === undefined ? {} : { Selections: selections }),
  };
}

function asRule(rule: RuleAnswer): NonNullable<Plan['Rules']>[number] {
  const copies = (rule.CopyActions ?? []).map((copy) => picked(copy, ['DestinationBackupVaultArn']));
  return { ...picked(rule, ['RuleName', 'TargetBackupVaultName', 'ScheduleExpression']), CopyActions: copies };
}

/** Undefined: some of the selections are unknown. */
async function selectionsOf(BackupPlanId: string, { client, reader, subject }: Asking): Promise<Plan['Selections']> {
  const ids = await reader.readIfThere(subject('backup:ListBackupSelections', BackupPlanId), () =>
    allPages(
      () => pages((NextToken) => client.send(new ListBackupSelectionsCommand({ ...tokenOf(NextToken), BackupPlanId }))),
      (page) => page.BackupSelectionsList,
    ),
  );
  if (ids === undefined) return undefined;
  const found = await Promise.all(
    ids.flatMap(({ SelectionId }) => {
      if (SelectionId === undefined) return [];
      const ask = async () => {
        const answer = await client.send(new GetBackupSelectionCommand({ BackupPlanId, SelectionId }));
        return asSelection(SelectionId, answer.BackupSelection ?? {});
      };
      return [reader.readIfThere(subject('backup:GetBackupSelection', SelectionId), ask)];
    }),
  );
  return found.includes(undefined) ? undefined : found.flatMap((one) => one ?? []);
}

function asSelection(
  SelectionId: string,
  { Resources, NotResources, ListOfTags, Conditions, ...selection }: SelectionAnswer,
): Selection {
  const tags = (list: SelectionAnswer['ListOfTags']) =>
    (list ?? []).map(({ ConditionKey = '', ConditionValue = '', ...one }) => ({
      ConditionKey,
      ConditionValue,
      ...picked(one, ['ConditionType']),
    }));
  const { StringEquals, StringNotEquals, StringLike, StringNotLike } = Conditions ?? {};
  return {
    SelectionId,
    ...picked(selection, ['SelectionName', 'IamRoleArn']),
    Resources: [...(Resources ?? [])],
    NotResources: [...(NotResources ?? [])],
    ListOfTags: tags(ListOfTags),
    Conditions: {
      StringEquals: tags(StringEquals),
      StringNotEquals: tags(StringNotEquals),
      StringLike: tags(StringLike),
      StringNotLike: tags(StringNotLike),
    },
  };
}

function tokenOf(NextToken: string | undefined): { readonly NextToken?: string } {
  return NextToken === undefined ? {} : { NextToken };
}

/** Reads page after page until AWS returns no further token. */
async function* pages<Page extends { readonly NextToken?: string }>(
  ask: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  let next: string | undefined;
  do {
    const page: Page = await ask(next);
    yield page;
    next = page.NextToken;
  } while (next !== undefined && next !== '');
}
