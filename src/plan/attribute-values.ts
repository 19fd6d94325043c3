import { type Attribute, expressionAt, type Origin } from './configuration.ts';
import type { ConfiguredResource } from './plan-file.ts';

/* What the attributes of resources can take, by the names of the attributes. */

type Path = readonly (string | number)[];

/**
 * Attributes whose values no function such as `uuid()` makes, and for which AWS has a default
 * value.
 */
const neverMade =
  /^(?:(?:\w+_)?kms_key_(?:id|arn)|\w+_group_name|engine_version|monitoring_role_arn|performance_insights_enabled|storage_encrypted)$/;

export function isNeverMade(path: Path): boolean {
  const [attribute, ...inner] = path;
  return inner.length === 0 && typeof attribute === 'string' && neverMade.test(attribute);
}

/** Whether the plan does not show if an attribute is null, because AWS then chooses its value. */
export function isChosen(type: string, path: Path): boolean {
  return isNeverMade(path) || isPolicyOfKey(type, path);
}

/** Whether an attribute is the policy of a key, for which KMS has a default. */
export function isPolicyOfKey(type: string, path: Path): boolean {
  return path.length === 1 && path[0] === 'policy' && /^aws_kms_\w*key$/.test(type);
}

/**
 * The types of resources that an attribute takes, by words in its name.
 * `aws_rds_cluster.c[each.key].kms_key_id` is printed as the cluster alone, which is not a key.
 */
const takes: readonly (readonly [name: RegExp, types: RegExp])[] = [
  [/key/, /^aws_kms_\w*key$/],
  [/role|principal/, /^aws_iam_/],
  [/group/, /group$/],
  [/engine|status|version/, /^(?!)/],
];

/** Whether a reference to a whole resource can be the value of an attribute. */
export function mayName(path: Path, { resource, name }: Attribute): boolean {
  if (name !== '') return true;
  const type = /(?:^|\.)([a-z]\w*)\.[\w-]+(?:\[.*\])?$/i.exec(resource)?.[1] ?? '';
  const attribute = attributeAt(path);
  return takes.every(([names, types]) => !names.test(attribute) || types.test(type));
}

function isAlias(resource: string): boolean {
  return /(?:^|\.)aws_kms_alias\./.test(resource);
}

function attributeAt(path: Path): string {
  return path.filter((step) => typeof step === 'string').at(-1) ?? '';
}

/**
 * Leaves out the outputs of a module that cannot be the value of an attribute: the ID of a key is
 * never the text of a policy. Outputs with the ARN and with the ID of a resource name the same
 * resource.
 */
export function fittingOutputs(path: Path, origin: Extract<Origin, { readonly is: 'attributes' }>): Origin {
  if (origin.of.every(({ output }) => output === undefined)) return origin;
  const attribute = attributeAt(path);
  const isOfKey = /key/.test(attribute);
  const isText = /policy|policies|documents$|content$/.test(attribute);
  const of = origin.of.flatMap((one): readonly Attribute[] => {
    if (one.output === undefined) return [one];
    const { name, output } = one;
    if (!identifying.test(name)) return isText || name === attribute || (isOfKey && /key/.test(name)) ? [one] : [];
    if (isOfKey && isAlias(one.resource)) return [{ ...one, name: 'arn' }];
    const whole = { resource: one.resource, name: '', output };
    return !isText && mayName(path, whole) ? [whole] : [];
  });
  const distinct = [...new Map(of.map((one) => [`${one.resource} ${one.name}`, one])).values()].toSorted(
    // If an alias and its key are possible, the key comes first, because reports show the first.
    (one, other) => Number(one.name !== '') - Number(other.name !== ''),
  );
  if (distinct.length === 0) return { is: 'hidden', name: origin.of[0]?.resource ?? '' };
  return distinct.some(({ output }) => output?.isPerhaps)
    ? { ...origin, of: distinct, isPerhaps: true, isElseNull: false }
    : { ...origin, of: distinct };
}

/** Attributes that the provider requires, by the types of the resources. */
const required: readonly (readonly [types: RegExp, names: RegExp])[] = [
  [/^aws_kms_alias$/, /^target_key_id$/],
  [/^aws_kms_(?:grant|key_policy)$/, /^(?:grantee_principal|key_id)$/],
  [/^aws_kms_replica_/, /^primary_(?:external_)?key_arn$/],
  [/^aws_iam_\w*(?:attachments?|exclusive|membership|policy)$/, /^(?:group|policy_arn|role|user)$|_name$/],
  [/^aws_organizations_policy_attachment$/, /^(?:policy|target)_id$/],
  [/^aws_(?:docdb|neptune|rds)_cluster_instance$/, /^cluster_identifier$/],
  [/^aws_db_(?:cluster_)?snapshot(?:_copy)?$|^aws_rds_cluster_snapshot_copy$/, /^(?:source_)?db_\w*identifier$/],
  [/^aws_rds_export_task$|^aws_rds_cluster_activity_stream$/, /^(?:iam_role|resource|source)_arn$|^kms_key_id$/],
];

/**
 * Takes an attribute that the provider requires for the value that it has unless it is null:
 * `policy_arn = var.create ? aws_iam_policy.p[0].arn : null`.
 */
export function withoutNull(type: string, [name = '', ...inner]: Path, origin: Origin): Origin {
  const isRequired =
    inner.length === 0 && required.some(([types, names]) => types.test(type) && names.test(String(name)));
  return isRequired && origin.is === 'attributes' && origin.isElseNull === true
    ? { ...origin, isPerhaps: false }
    : origin;
}

/** Attributes that identify their resource. */
const identifying =
  /^$|^(?:arn|id|name|identifier|key_id|cluster_identifier|(?:db_)?(?:cluster_)?snapshot_(?:arn|identifier))$/;

/** Blocks that only the configuration can give a resource. */
const writtenBlocks: ReadonlySet<string | number> = new Set([
  'blue_green_update',
  'constraints',
  'restore_to_point_in_time',
  's3_import',
  'serverlessv2_scaling_configuration',
]);

/**
 * The name of a value that only a `dynamic` block gives: the configuration of a plan leaves out
 * such blocks, so an unknown value without an expression is not always one that AWS chooses.
 * Undefined: another value.
 */
export function dynamicBlock({ expressions }: ConfiguredResource, path: Path): string | undefined {
  const [first = '', ...rest] = path;
  const isBlock = rest.length > 0 || writtenBlocks.has(first);
  if (!isBlock || expressionAt(expressions, path.slice(0, Math.max(1, rest.length))) !== undefined) return undefined;
  return path.filter((step) => typeof step === 'string').join('.');
}
