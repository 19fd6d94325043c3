import { isClusterSnapshotArn, nameOf, placeOf, resourceTypeOf, withoutPath } from '../base/arn.ts';
import { oneLine } from '../base/escape.ts';
import { denseJson, isJson, isList, type Json } from '../base/json.ts';
import type { Change, PolicyPlace } from '../evidence/change.ts';
import { permissionSetOf } from './commands.ts';
import { documentObject } from './documents.ts';

/*
 * Changes as Terraform configuration. If Terraform already manages the resource, the resource gets
 * these arguments. Otherwise the block is used as it is.
 */

/** A resource that gives a policy its text. */
export function policyTerraform(place: PolicyPlace, document: Json): string {
  switch (place.in) {
    case 'key policy':
      return resource('aws_kms_key_policy', keyLabel(place.key), [
        ['key_id', place.key],
        ['policy', { document }],
      ]);
    case 'inline policy': {
      const kind = resourceTypeOf(place.owner);
      const name = withoutPath(place.owner);
      if (permissionSetOf(place.owner) !== undefined)
        return resource(
          'aws_ssoadmin_permission_set_inline_policy',
          labelOf(place.owner),
          [['inline_policy', { document }]],
          [`instance_arn and permission_set_arn: those of ${permissionSetOf(place.owner) ?? ''}`],
        );
      return resource(`aws_iam_${kind}_policy`, labelOf(`${name}_${place.name}`), [
        ['name', place.name],
        [kind, name],
        ['policy', { document }],
      ]);
    }
    case 'managed policy': {
      const path = nameOf(place.arn);
      const name = withoutPath(path);
      return resource('aws_iam_policy', labelOf(name), [
        ['name', name],
        ...(path === name ? [] : [['path', `/${path.slice(0, -name.length)}`] as const]),
        ['policy', { document }],
      ]);
    }
    case 'scp':
    case 'rcp':
      return resource('aws_organizations_policy', labelOf(place.name), [
        ['name', place.name],
        ['type', place.in === 'scp' ? 'SERVICE_CONTROL_POLICY' : 'RESOURCE_CONTROL_POLICY'],
        ['content', { document }],
      ]);
  }
}

/** Undefined: Terraform has no resource for the change. `state`: the state of the key. */
export function changeTerraform(
  change: Exclude<Change, { readonly change: 'policy' | 'attachment' }>,
  state?: string,
): string | undefined {
  switch (change.change) {
    case 'new control policy': {
      const label = labelOf(change.name);
      return [
        policyTerraform(
          { in: change.kind, organization: change.organization, name: change.name },
          documentObject(change.document) ?? {},
        ),
        resource('aws_organizations_policy_attachment', label, [
          ['policy_id', { reference: `aws_organizations_policy.${label}.id` }],
          ['target_id', change.at],
        ]),
      ].join('\n\n');
    }
    case 'key state':
      // Terraform cannot cancel a deletion.
      return state === 'PendingDeletion'
        ? undefined
        : resource(
            'aws_kms_key',
            keyLabel(change.key),
            [['is_enabled', true]],
            ['argument of the resource of the key'],
          );
    case 'grant':
      return grantTerraform(change);
    case 'sharing':
      return undefined;
    case 'copy':
      return copyTerraform(change);
  }
}

type Of<Kind extends Change['change']> = Extract<Change, { readonly change: Kind }>;

function grantTerraform({ key, grant }: Of<'grant'>): string {
  const {
    GranteePrincipal: grantee = '',
    Operations: operations = [],
    Constraints: limits,
    RetiringPrincipal: retiring,
  } = grant;
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = limits ?? {};
  const constraints = [
    ...(equals === undefined ? [] : [['encryption_context_equals', { object: equals }] as const]),
    ...(subset === undefined ? [] : [['encryption_context_subset', { object: subset }] as const]),
  ];
  return resource('aws_kms_grant', labelOf(grantee), [
    ['key_id', key],
    ['grantee_principal', grantee],
    ['operations', operations],
    ...(retiring === undefined ? [] : [['retiring_principal', retiring] as const]),
    ...(constraints.length === 0 ? [] : [['constraints', { block: constraints }] as const]),
  ]);
}

function copyTerraform({ of, arn, key }: Of<'copy'>): string {
  const ofCluster = isClusterSnapshotArn(of);
  const noun = ofCluster ? 'db_cluster_snapshot' : 'db_snapshot';
  const name = nameOf(arn);
  return resource(ofCluster ? 'aws_rds_cluster_snapshot_copy' : 'aws_db_snapshot_copy', labelOf(name), [
    [`source_${noun}_identifier`, of],
    [`target_${noun}_identifier`, name],
    ['kms_key_id', key],
  ]);
}

type Value =
  | string
  | boolean
  | readonly string[]
  | { readonly reference: string }
  | { readonly document: Json }
  | { readonly object: Json }
  | { readonly block: readonly Argument[] };
type Argument = readonly [name: string, value: Value];

function resource(type: string, label: string, given: readonly Argument[], comments: readonly string[] = []): string {
  return [
    ...comments.map((comment) => `# ${oneLine(comment)}`),
    `resource "${type}" "${label}" {`,
    ...body(given, '  '),
    '}',
  ].join('\n');
}

/** Aligns the equals signs of a block, as `terraform fmt` does. */
function body(given: readonly Argument[], indent: string): readonly string[] {
  const plain = given.filter(([, value]) => !(typeof value === 'object' && 'block' in value));
  const width = Math.max(...plain.map(([name]) => name.length));
  return given.flatMap(([name, value]) =>
    typeof value === 'object' && 'block' in value
      ? ['', `${indent}${name} {`, ...body(value.block, `${indent}  `), `${indent}}`]
      : [`${indent}${name.padEnd(width)} = ${valueText(value, indent)}`],
  );
}

function valueText(value: Exclude<Value, { readonly block: unknown }>, indent: string): string {
  if (typeof value === 'object' && 'reference' in value) return value.reference;
  if (typeof value === 'object' && 'document' in value) return `jsonencode(${hcl(value.document, indent)})`;
  return typeof value === 'object' && 'object' in value ? hcl(value.object, indent) : hcl(value, indent);
}

/** JSON as an HCL expression, in which `${` and `%{` would begin a template. */
function hcl(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.every((item) => typeof item === 'string') && value.length < 2)
      return `[${value.map((item) => hcl(item, inner)).join(', ')}]`;
    return `[\n${value.map((item) => `${inner}${hcl(item, inner)},\n`).join('')}${indent}]`;
  }
  if (isJson(value)) {
    const entries = Object.entries(value).map(([name, one]): readonly [string, unknown] => [
      /^(?!for$)[A-Za-z_]\w*$/.test(name) ? name : text(name),
      one,
    ]);
    const width = Math.max(...entries.map(([name]) => name.length));
    return `{\n${entries.map(([name, one]) => `${inner}${name.padEnd(width)} = ${hcl(one, inner)}\n`).join('')}${indent}}`;
  }
  return typeof value === 'string' ? text(value) : String(value);
}

/** HCL escapes as JSON does, except for backspace, form feed and characters of two UTF-16 units. */
function text(value: string): string {
  return denseJson(value)
    .replaceAll(/\\(?:u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|.)/g, (found, high?: string, low?: string) =>
      high === undefined || low === undefined
        ? (hclEscapes[found] ?? found)
        : `\\U${codePoint(high, low).toString(16).padStart(8, '0')}`,
    )
    .replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}

const hclEscapes: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

function codePoint(high: string, low: string): number {
  return 0x1_00_00 + ((Number.parseInt(high, 16) - 0xd8_00) << 10) + (Number.parseInt(low, 16) - 0xdc_00);
}

/** A name that Terraform accepts: letters, digits, hyphens and underscores. */
function labelOf(name: string): string {
  const label = withoutPath(name).replaceAll(/[^\w-]/g, '_');
  return /^[A-Za-z_]/.test(label) ? label : `_${label}`;
}

/** All replicas of a key have the same ID. */
function keyLabel(arn: string): string {
  const label = labelOf(arn);
  return label.startsWith('mrk-') ? `${label}_${placeOf(arn)?.region ?? ''}` : label;
}
