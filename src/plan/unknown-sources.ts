import { groupBy } from '../base/group.ts';
import { isJson, isList } from '../base/json.ts';
import type { ResourceChange, TerraformPlan } from './plan-file.ts';

/*
 * An unknown value needs an unknown source. A plan hides some expressions, such as a `local`. The
 * sources that could give an attribute its value then show what the value can be
 * (infrastructure-plans 1.3).
 */

/** A change and those of its unknown attributes that an expression of the plan may use. */
export interface UnknownSource {
  readonly change: ResourceChange;
  /** Empty: any attribute. */
  readonly names: readonly string[];
}

export function unknownSources(plan: TerraformPlan): readonly UnknownSource[] {
  const used = namesUsedIn(plan);
  return plan.resource_changes.flatMap((change) => {
    const { after_unknown: unknown } = change.change;
    if (!isJson(unknown)) return holdsTrue(unknown) ? [{ change, names: [] }] : [];
    const names = Object.keys(unknown).filter((name) => holdsTrue(unknown[name]));
    const found = used === undefined ? names : names.filter((name) => used(change.address, name));
    return found.length === 0 ? [] : [{ change, names: found }];
  });
}

/**
 * Whether an expression of a changed resource uses an attribute, also through a local. Terraform
 * lists these attributes. Undefined: the plan has no such list, or a part of it.
 */
function namesUsedIn({ relevant_attributes: listed, errored }: TerraformPlan) {
  if (listed === undefined || listed.length === 0 || errored) return undefined;
  const byResource = groupBy(listed, ({ resource }) => resource);
  return (address: string, name: string): boolean =>
    [address, address.replace(lastIndex, '')].some((resource) =>
      (byResource.get(resource) ?? []).some(({ attribute: [first] }) => first === undefined || first === name),
    );
}

/**
 * The attributes that the plan has, so that nothing unknown comes from them. By the address of the
 * resource with or without its instance.
 */
export function knownAttributes({ resource_changes: changes }: TerraformPlan) {
  const byResource = groupBy(
    changes.flatMap((change) => [change.address, change.address.replace(lastIndex, '')].map((at) => ({ at, change }))),
    ({ at }) => at,
  );
  return (resource: string, name: string): boolean => {
    const [first = ''] = /^[\w-]+/.exec(name) ?? [];
    const all = byResource.get(resource) ?? [];
    return (
      first !== '' &&
      all.length > 0 &&
      all.every(({ change: { change } }) => isJson(change.after) && isKnownIn(change.after_unknown, first))
    );
  };
}

function isKnownIn(unknown: unknown, name: string): boolean {
  return unknown === undefined || unknown === null || (isJson(unknown) && !holdsTrue(unknown[name]));
}

const lastIndex = /\[[^[\]]*\]$/;

/** Attributes for which AWS or the provider chooses a value if the configuration has null. */
const chosen =
  /^(?:(?:cluster_|db_\w*_?)?identifier(?:_prefix)?|name(?:_prefix)?|kms_key_(?:id|arn)|\w+_kms_key_id|\w+_group_name|engine_version|monitoring_role_arn|performance_insights_enabled|storage_encrypted|policy|description|region|path|\w+_(?:window|period|zones?|class|type|mode|ids))$/;

/** Whether an unknown attribute may be one that the configuration sets to null. */
export function mayBeChosen(attribute: string): boolean {
  return chosen.test(attribute);
}

/** Which attributes of AWS resources can be the value of an attribute, by its name. */
const fitting: readonly (readonly [attribute: RegExp, types: RegExp, names: RegExp])[] = [
  [/key(?:_id|_arn)?$/, /^aws_(?:kms|ssm)_/, /key|kms/],
  [/^identifiers$/, /^aws_(?:iam|organizations|cloudfront|ssm)_/, /iam_arn|principal|role/],
  [/^policy_arn$|^permissions_boundary$/, /^aws_(?:iam_policy$|ssm_)/, /policy_arn/],
  [/role_arn$/, /^aws_(?:iam|ssm)_/, /role/],
  [/group_name$/, /^aws_(?:(?:db|rds|docdb|neptune)_\w*group$|ssm_)/, /group_name/],
  [/version$/, /^aws_ssm_/, /version/],
  [/_enabled$|_encrypted$/, /^aws_ssm_/, /enabled|encrypted/],
];

/** Whether an unknown attribute can be the value of another attribute. */
export function mayGive(attribute: string, type: string, name: string): boolean {
  const row = fitting.find(([attributes]) => attributes.test(attribute));
  // A resource of another provider, such as random_id, can give any value.
  if (row === undefined || !type.startsWith('aws_') || name === '') return true;
  const [, types, names] = row;
  return names.test(name) || (types.test(type) && !/^(?:policy|description|tags_all|multi_region)$/.test(name));
}

/** Whether any part of a value is known only after apply. */
export function holdsTrue(unknown: unknown): boolean {
  if (isList(unknown)) return unknown.some(holdsTrue);
  return isJson(unknown) ? Object.values(unknown).some(holdsTrue) : unknown === true;
}
