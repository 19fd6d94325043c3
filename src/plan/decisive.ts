import { isArn, isKeyArn, withoutPath } from '../base/arn.ts';
import { isJson } from '../base/json.ts';
import { partitionOf } from '../base/partition.ts';
import { rdsRoleArn } from '../evidence/rds-role.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import { roles, withIam, withRegion } from './edits.ts';
import {
  factNotKnown,
  isGone,
  isMade,
  type OverlayContext,
  type OverlayRow,
  textNow,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange, PlannedValue } from './planned-change.ts';

/*
 * Types of resources that can change who may do what, and whose effect the evidence cannot show. If
 * a plan changes such a resource, no success is certain.
 */

/** Services whose types are all decisive, except the harmless types below. */
const deciding = /^aws_(?:controltower|iam|kms|organizations|ram|ssoadmin)_/;

/** The types of the Cloud Control provider for the same services, databases and backups. */
const byCloudControl =
  /^awscc_(?:backup|cloudformation|controltower|docdb|iam|kms|neptune|organizations|ram|rds|sso)_|^awscc_ec2_vpc_?endpoint/;

/** Types of these services that do not affect requests about a database, a snapshot or a key. */
const harmless: ReadonlySet<string> = new Set([
  'aws_iam_access_key',
  'aws_iam_account_alias',
  'aws_iam_account_password_policy',
  'aws_iam_instance_profile',
  'aws_iam_openid_connect_provider',
  'aws_iam_organizations_features',
  'aws_iam_outbound_web_identity_federation',
  'aws_iam_saml_provider',
  'aws_iam_security_token_service_preferences',
  'aws_iam_server_certificate',
  'aws_iam_service_specific_credential',
  'aws_iam_signing_certificate',
  'aws_iam_user_login_profile',
  'aws_iam_user_ssh_key',
  'aws_iam_virtual_mfa_device',
  'aws_kms_ciphertext',
  'aws_organizations_aws_service_access',
  'aws_organizations_delegated_administrator',
  'aws_organizations_organizational_unit',
  'aws_organizations_resource_policy',
  'aws_ssoadmin_application',
  'aws_ssoadmin_application_access_scope',
  'aws_ssoadmin_application_assignment',
  'aws_ssoadmin_application_assignment_configuration',
  'aws_ssoadmin_trusted_token_issuer',
]);

/** Whether a type without a row in the overlay can change an answer. */
export function isDecisive({ type, isAws }: PlannedChange): boolean {
  return isAws ? deciding.test(type) && !harmless.has(type) : byCloudControl.test(type);
}

const opens =
  (what: string): OverlayRow =>
  () =>
    factNotKnown(what);

const anything = opens('what else the change creates, changes or deletes');

/** A resource of any service, named by its CloudFormation type. */
const cloudControlRow: OverlayRow = (evidence, change, context) => {
  const type = textNow(change, 'type_name', context);
  const decides =
    /^AWS::(?:Backup|CloudFormation|ControlTower|DocDB|EC2::VPCEndpoint|IAM|KMS|Neptune|Organizations|RAM|RDS|SSO)\b/;
  return type !== undefined && !decides.test(type) ? { evidence } : anything(evidence, change, context);
};

/** Whether a change may give an attribute another value. */
function mayChange({ kind, before, after, unknown }: PlannedChange, name: string): boolean {
  if (kind !== 'update' || (isJson(unknown) && holdsTrue(propertyOf(unknown, name)))) return true;
  return JSON.stringify(propertyOf(before, name) ?? null) !== JSON.stringify(propertyOf(after, name) ?? null);
}

/** The services of AWS Backup whose backups are snapshots of RDS. */
const backedUp = ['Aurora', 'RDS', 'DocumentDB', 'Neptune'];

/**
 * Whether a setting of AWS Backup may be off after the apply. The provider leaves the settings as they
 * are when it deletes the resource.
 */
function mayBeOff(change: PlannedChange, attribute: string, names: readonly string[]): boolean {
  if (isGone(change)) return false;
  const { after, unknown } = change;
  if (isJson(unknown) && holdsTrue(propertyOf(unknown, attribute))) return true;
  const settings = propertyOf(after, attribute);
  return names.some((name) => isJson(settings) && [false, 'false'].some((off) => propertyOf(settings, name) === off));
}

const backupRegionRow: OverlayRow = (evidence, change) =>
  mayBeOff(change, 'resource_type_opt_in_preference', backedUp)
    ? factNotKnown('which services AWS Backup backs up')
    : { evidence };

const backupGlobalRow: OverlayRow = (evidence, change) =>
  mayBeOff(change, 'global_settings', ['isCrossAccountBackupEnabled'])
    ? factNotKnown('whether AWS Backup copies backups to other accounts')
    : { evidence };

/**
 * If an organization turns a type of control policies off, policies of this type have no effect.
 */
const organizationRow: OverlayRow = (evidence, change) =>
  ['feature_set', 'enabled_policy_types'].some((name) => mayChange(change, name))
    ? factNotKnown('which types of control policies are in effect')
    : { evidence };

const serviceRoleRow: OverlayRow = (evidence, change, context) => {
  const service = textNow(change, 'aws_service_name', context);
  if (service !== undefined && service !== 'rds.amazonaws.com') return { evidence };
  const account = context.places.accountOf(change);
  // An update changes nothing but the description and the tags.
  if (service !== undefined && change.kind === 'update') return { evidence };
  if (service === undefined || account === undefined || !isMade(change))
    return factNotKnown('whether the account has the role AWSServiceRoleForRDS');
  const arn = rdsRoleArn(partitionOf(context.places.placeOf(change)?.region ?? ''), account);
  const made = withIam(evidence, roles, arn, (held = { Arn: arn, RoleName: withoutPath(arn) }) => held);
  return { evidence: made ?? evidence };
};

const sharedKeys = factNotKnown('which keys are shared, and with whom');

/** Whether a value may be the ARN of a key. */
function mayBeKey(value: PlannedValue): boolean {
  switch (value.is) {
    case 'later':
      return value.of.type.startsWith('aws_kms_') || value.of.isData || !value.of.isAws;
    case 'known':
      return typeof value.value !== 'string' || !isArn(value.value) || isKeyArn(value.value);
    default:
      return true;
  }
}

/**
 * Whether a share may contain keys. If the same plan creates the share, the plan also shows
 * everything that the share contains.
 */
function mayShareKeys(share: PlannedChange, { planned }: OverlayContext): boolean {
  if (share.kind !== 'create') return true;
  return planned.changes.some((one) => {
    if (one.type !== 'aws_ram_resource_association' || isGone(one)) return false;
    const of = planned.valueAt(one, ['resource_share_arn']);
    const isOther = of.is === 'known' || (of.is === 'later' && of.of !== share);
    return !isOther && mayBeKey(planned.valueAt(one, ['resource_arn']));
  });
}

/** A shared key gets a second policy (iam-evaluation 14.22). A new share contains nothing yet. */
const shareRow: OverlayRow = (evidence, change) => (change.kind === 'create' ? { evidence } : sharedKeys);

const sharedResourceRow: OverlayRow = (evidence, change, { planned }) => {
  const named: PlannedValue = isGone(change)
    ? { is: 'known', value: propertyOf(change.before, 'resource_arn') }
    : planned.valueAt(change, ['resource_arn']);
  const old: PlannedValue = { is: 'known', value: propertyOf(change.before, 'resource_arn') };
  return mayBeKey(named) || (change.before !== undefined && mayBeKey(old)) ? sharedKeys : { evidence };
};

const sharedWithRow: OverlayRow = (evidence, change, context) => {
  const share = isGone(change) ? undefined : context.planned.valueAt(change, ['resource_share_arn']);
  return share?.is === 'later' && !mayShareKeys(share.of, context) ? { evidence } : sharedKeys;
};

/** Starts or stops a DB instance, which has its own type of resource. */
const instanceStateRow: OverlayRow = (evidence, change, context) => {
  if (isGone(change)) return { evidence };
  const place = context.places.placeOf(change);
  const [name, state] = [textNow(change, 'identifier', context), textNow(change, 'state', context)];
  if (place === undefined || name === undefined) return thingNotKnown('which DB instance is started or stopped');
  const after = withRegion(evidence, place, (region) => {
    const instances = region.rds?.DBInstances?.map((one) => {
      if (one.DBInstanceIdentifier !== name.toLowerCase()) return one;
      const { DBInstanceStatus: _, ...rest } = one;
      return state === undefined ? rest : { ...rest, DBInstanceStatus: state };
    });
    return instances === undefined ? region : { ...region, rds: { ...region.rds, DBInstances: instances } };
  });
  return { evidence: after ?? evidence };
};

/**
 * Applied after all other rows, because the state of an instance depends on the other changes of
 * the instance.
 */
export const decisiveRows: Readonly<Record<string, OverlayRow>> = {
  aws_backup_global_settings: backupGlobalRow,
  aws_backup_region_settings: backupRegionRow,
  aws_account_region: opens('which Regions the account can use'),
  aws_cloudcontrolapi_resource: cloudControlRow,
  aws_cloudformation_stack: anything,
  aws_cloudformation_stack_instances: anything,
  aws_cloudformation_stack_set: anything,
  aws_cloudformation_stack_set_instance: anything,
  aws_iam_service_linked_role: serviceRoleRow,
  aws_kms_custom_key_store: opens('whether the keys of the key store can be used'),
  aws_organizations_organization: organizationRow,
  aws_ram_principal_association: sharedWithRow,
  aws_ram_resource_association: sharedResourceRow,
  aws_ram_resource_share: shareRow,
  aws_ram_resource_share_accepter: () => sharedKeys,
  aws_rds_instance_state: instanceStateRow,
  aws_serverlessapplicationrepository_cloudformation_stack: anything,
  aws_servicecatalog_provisioned_product: anything,
  aws_ssoadmin_instance_access_control_attributes: opens('the tags of IAM Identity Center sessions'),
};
