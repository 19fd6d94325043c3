import type { RDSClient } from '@aws-sdk/client-rds';
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { type AnswerOf, commandsOf, hostSuffix, rdsClientAs } from './rds-as.ts';
import { AwsRestJsonProtocol } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/* The seven AWS Backup calls that the program makes. They only read. */

const namespace = 'com.amazonaws.backup';

/** A client for the commands below. */
export function backupClient(settings: ClientSettings): RDSClient {
  return rdsClientAs(
    {
      serviceId: 'Backup',
      signingName: 'backup',
      host: backupHost,
      protocol: AwsRestJsonProtocol,
      protocolSettings: {
        defaultNamespace: namespace,
        version: '2018-11-15',
        serviceTarget: 'CryoControllerUserManager',
        errorTypeRegistries: [],
      },
    },
    settings,
  );
}

/** The AWS Backup host in a Region, according to the rules of the SDK's own client. */
export function backupHost(region: string, fips: boolean, dualStack: boolean): string {
  return `backup${fips ? '-fips' : ''}.${region}.${hostSuffix(region, dualStack)}`;
}

type Member = StaticStructureSchema[5][number];

// Schemas in the form of the SDK: kind (0 text, 1 list, 3 structure, 4 time, 9 operation),
// namespace, name, traits, members.
const text = 0;
const time = 4;
/** A part of the URL path. */
const label: Member = [text, 1];
const query = (httpQuery: string): Member => [text, { httpQuery }];

function structure(name: string, members: Readonly<Record<string, Member>>): StaticStructureSchema {
  return [3, namespace, name, 0, Object.keys(members), Object.values(members)];
}

function listOf(name: string, item: Member): StaticListSchema {
  return [1, namespace, name, 0, item];
}

function texts(...members: readonly string[]): Record<string, typeof text> {
  return Object.fromEntries(members.map((name) => [name, text]));
}

function read(
  name: string,
  path: string,
  asked: Readonly<Record<string, Member>>,
  answer: Readonly<Record<string, Member>>,
): StaticOperationSchema {
  const http: [string, string, number] = ['GET', path, 200];
  return [9, namespace, name, { http }, structure(`${name}Input`, asked), structure(`${name}Output`, answer)];
}

const vault = structure('BackupVault', texts('BackupVaultName', 'BackupVaultArn', 'VaultType', 'EncryptionKeyArn'));
const point = structure('RecoveryPoint', {
  ...texts('RecoveryPointArn', 'BackupVaultName', 'ResourceArn', 'ResourceType', 'Status', 'EncryptionKeyArn'),
  ...texts('IamRoleArn'),
  CreationDate: time,
});
const rule = structure('BackupRule', {
  ...texts('RuleName', 'TargetBackupVaultName', 'ScheduleExpression'),
  CopyActions: listOf('CopyActions', structure('CopyAction', texts('DestinationBackupVaultArn'))),
});
const parameter = structure('ConditionParameter', texts('ConditionKey', 'ConditionValue'));
const parameters = listOf('ConditionParameters', parameter);
const selection = structure('BackupSelection', {
  ...texts('SelectionName', 'IamRoleArn'),
  Resources: listOf('Resources', text),
  NotResources: listOf('NotResources', text),
  ListOfTags: listOf('ListOfTags', structure('Condition', texts('ConditionType', 'ConditionKey', 'ConditionValue'))),
  Conditions: structure('Conditions', {
    StringEquals: parameters,
    StringNotEquals: parameters,
    StringLike: parameters,
    StringNotLike: parameters,
  }),
});

const paged = { NextToken: query('nextToken') };
const token = texts('NextToken');

interface Page {
  readonly NextToken?: string;
}

interface Texts {
  readonly ConditionKey?: string;
  readonly ConditionValue?: string;
}

export interface VaultAnswer {
  readonly BackupVaultName?: string;
  readonly BackupVaultArn?: string;
  readonly VaultType?: string;
  readonly EncryptionKeyArn?: string;
}

export interface PointAnswer {
  readonly RecoveryPointArn?: string;
  readonly BackupVaultName?: string;
  readonly ResourceArn?: string;
  readonly ResourceType?: string;
  readonly Status?: string;
  readonly EncryptionKeyArn?: string;
  readonly IamRoleArn?: string;
  readonly CreationDate?: Date;
}

export interface RuleAnswer {
  readonly RuleName?: string;
  readonly TargetBackupVaultName?: string;
  readonly ScheduleExpression?: string;
  readonly CopyActions?: readonly { readonly DestinationBackupVaultArn?: string }[];
}

export interface SelectionAnswer {
  readonly SelectionName?: string;
  readonly IamRoleArn?: string;
  readonly Resources?: readonly string[];
  readonly NotResources?: readonly string[];
  readonly ListOfTags?: readonly (Texts & { readonly ConditionType?: string })[];
  readonly Conditions?: Readonly<Partial<Record<TagOperator, readonly Texts[]>>>;
}

/** How a selection compares the values of tags. */
export type TagOperator = 'StringEquals' | 'StringNotEquals' | 'StringLike' | 'StringNotLike';

const command = commandsOf('CryoControllerUserManager');

/** Makes the command class of one call. */
function commandOf<Asked extends object, Answer>(name: string, schema: StaticOperationSchema) {
  return command<Asked, AnswerOf<Answer>>({}, () => [], name, schema);
}

export const ListBackupVaultsCommand = commandOf<Page, Page & { BackupVaultList?: readonly VaultAnswer[] }>(
  'ListBackupVaults',
  read('ListBackupVaults', '/backup-vaults/', paged, { ...token, BackupVaultList: listOf('Vaults', vault) }),
);
export const GetBackupVaultAccessPolicyCommand = commandOf<{ BackupVaultName: string }, { Policy?: string }>(
  'GetBackupVaultAccessPolicy',
  read(
    'GetBackupVaultAccessPolicy',
    '/backup-vaults/{BackupVaultName}/access-policy',
    { BackupVaultName: label },
    texts('Policy'),
  ),
);
export const ListRecoveryPointsByBackupVaultCommand = commandOf<
  Page & { BackupVaultName: string; ByResourceType: string },
  Page & { RecoveryPoints?: readonly PointAnswer[] }
>(
  'ListRecoveryPointsByBackupVault',
  read(
    'ListRecoveryPointsByBackupVault',
    '/backup-vaults/{BackupVaultName}/recovery-points/',
    { ...paged, BackupVaultName: label, ByResourceType: query('resourceType') },
    { ...token, RecoveryPoints: listOf('RecoveryPoints', point) },
  ),
);
export const ListBackupPlansCommand = commandOf<
  Page,
  Page & {
    BackupPlansList?: readonly {
      readonly BackupPlanId?: string;
      readonly BackupPlanArn?: string;
      readonly BackupPlanName?: string;
    }[];
  }
>(
  'ListBackupPlans',
  read('ListBackupPlans', '/backup/plans/', paged, {
    ...token,
    BackupPlansList: listOf(
      'Plans',
      structure('BackupPlansListMember', texts('BackupPlanId', 'BackupPlanArn', 'BackupPlanName')),
    ),
  }),
);
export const GetBackupPlanCommand = commandOf<
  { BackupPlanId: string },
  { BackupPlan?: { readonly Rules?: readonly RuleAnswer[] } }
>(
  'GetBackupPlan',
  read(
    'GetBackupPlan',
    '/backup/plans/{BackupPlanId}/',
    { BackupPlanId: label },
    { BackupPlan: structure('BackupPlan', { Rules: listOf('Rules', rule) }) },
  ),
);
export const ListBackupSelectionsCommand = commandOf<
  Page & { BackupPlanId: string },
  Page & { BackupSelectionsList?: readonly { readonly SelectionId?: string }[] }
>(
  'ListBackupSelections',
  read(
    'ListBackupSelections',
    '/backup/plans/{BackupPlanId}/selections/',
    { ...paged, BackupPlanId: label },
    { ...token, BackupSelectionsList: listOf('Selections', structure('SelectionListMember', texts('SelectionId'))) },
  ),
);
export const GetBackupSelectionCommand = commandOf<
  { BackupPlanId: string; SelectionId: string },
  { BackupSelection?: SelectionAnswer }
>(
  'GetBackupSelection',
  read(
    'GetBackupSelection',
    '/backup/plans/{BackupPlanId}/selections/{SelectionId}',
    { BackupPlanId: label, SelectionId: label },
    { BackupSelection: selection },
  ),
);
