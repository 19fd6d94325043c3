import type { RDSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-rds';
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { dnsSuffixOf } from '../base/partition.ts';
import { AwsRestJsonProtocol, getEndpointPlugin, makeBuilder, partition, RDSClient } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/*
 * The calls of AWS Backup that are made. The client of RDS makes them with the protocol, the name
 * and the endpoints of AWS Backup, as it makes those of EC2 (ec2-client.ts): the SDK's own client
 * would be one more file to load, for seven calls that only read.
 */

const names = {
  Region: { type: 'builtInParams', name: 'region' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
} as const;

const namespace = 'com.amazonaws.backup';

/** A client that is sent the commands below. */
export function backupClient(settings: ClientSettings): RDSClient {
  return new RDSClient({
    ...settings,
    serviceId: 'Backup',
    protocol: AwsRestJsonProtocol,
    protocolSettings: {
      defaultNamespace: namespace,
      version: '2018-11-15',
      serviceTarget: 'CryoControllerUserManager',
      errorTypeRegistries: [],
    },
    endpointProvider: ({ Region: region = '', Endpoint: given, UseFIPS: fips, UseDualStack: dualStack }) => ({
      url: new URL(given ?? `https://${backupHost(region, fips === true, dualStack === true)}`),
      // It would sign for RDS.
      properties: { authSchemes: [{ name: 'sigv4', signingName: 'backup', signingRegion: region, properties: {} }] },
    }),
  });
}

/** The host of AWS Backup in a Region, by the rules of the SDK's own client. */
export function backupHost(region: string, fips: boolean, dualStack: boolean): string {
  const suffix = dualStack ? partition(region).dualStackDnsSuffix : dnsSuffixOf(region);
  return `backup${fips ? '-fips' : ''}.${region}.${suffix}`;
}

type Member = StaticStructureSchema[5][number];

// Schemas in the form of the SDK: kind (0 text, 1 list, 3 structure, 4 time, 9 operation),
// namespace, name, traits, members.
const text = 0;
const time = 4;
/** A part of the path. */
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
  told: Readonly<Record<string, Member>>,
): StaticOperationSchema {
  const http: [string, string, number] = ['GET', path, 200];
  return [9, namespace, name, { http }, structure(`${name}Input`, asked), structure(`${name}Output`, told)];
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

type Answer<T> = T & Pick<ServiceOutputTypes, '$metadata'>;

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

const command = makeBuilder<RDSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>(
  names,
  'CryoControllerUserManager',
  'RDSClient',
  getEndpointPlugin,
);

/** The class of commands of one call. */
function commandOf<Asked extends object, Told>(name: string, schema: StaticOperationSchema) {
  return command<Asked, Answer<Told>>({}, () => [], name, schema);
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
