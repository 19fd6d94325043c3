import { expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/schema.ts';
import { newReading } from '../../src/preflight/reading.ts';
import { answersFrom } from '../plan-answers.ts';
import { exampleEvidence } from '../preflight-case.ts';
import { account, delegates, documentOf, keyArn, role, roleArn } from './planned-example.ts';
import { fc, runs } from './seed.ts';

/*
 * Terraform applies changes without a dependency in any order, so a request may come after any of
 * them and before the others. The test makes the evidence of each such state by hand, and asks about
 * the request alone.
 */

const allow = (...actions: readonly string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });
const deny = { Effect: 'Deny', Action: 'kms:CreateGrant', Resource: '*' };
const denyUntagged = { ...deny, Condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'dr' } } };

const rolePolicies: Readonly<Record<string, object>> = {
  all: documentOf(allow('rds:*', 'kms:*')),
  rds: documentOf(allow('rds:*')),
  kms: documentOf(allow('kms:*')),
  denied: documentOf(deny),
  untagged: documentOf(denyUntagged),
};
const keyPolicies: Readonly<Record<string, object>> = {
  delegates: documentOf(delegates),
  direct: documentOf(delegates, { ...allow('kms:*'), Principal: { AWS: roleArn } }),
  untagged: documentOf(delegates, { ...denyUntagged, Principal: { AWS: roleArn } }),
  disabled: documentOf(delegates),
};
const grantOperations: Readonly<Record<string, readonly string[]>> = {
  describe: ['DescribeKey'],
  both: ['DescribeKey', 'CreateGrant', 'Decrypt'],
};

/** A resource before and after the apply. `none`: the resource does not exist. */
interface Part {
  readonly type:
    | 'aws_iam_role_policy'
    | 'aws_iam_role_policy_attachment'
    | 'aws_iam_policy'
    | 'aws_kms_grant'
    | 'aws_kms_key'
    | 'aws_iam_role';
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly isReplaced: boolean;
  /** The places of earlier parts on which the resource depends. */
  readonly needs: readonly number[];
}

/** `first`: what the request certainly comes after, as places of parts. */
interface Apply {
  readonly parts: readonly Part[];
  readonly first: readonly number[];
  readonly request: keyof typeof requests;
}

const policyArn = ({ name }: Part, value: string): string => `arn:aws:iam::${account}:policy/${name}-${value}`;

/** The resource of a part in the plan, with one of its values. */
function resourceOf(part: Part, value: string) {
  if (value === 'none') return null;
  switch (part.type) {
    case 'aws_iam_role_policy':
      return { name: part.name, role, policy: JSON.stringify(rolePolicies[value]) };
    case 'aws_iam_role_policy_attachment':
      return { role, policy_arn: policyArn(part, value) };
    case 'aws_iam_policy':
      return { arn: policyArn(part, 'own'), name: `${part.name}-own`, policy: JSON.stringify(rolePolicies[value]) };
    case 'aws_kms_grant':
      return {
        key_id: keyArn,
        grant_id: part.name,
        grantee_principal: roleArn,
        operations: grantOperations[value],
        name: part.name,
      };
    case 'aws_kms_key':
      return {
        arn: keyArn,
        key_id: keyArn,
        policy: JSON.stringify(keyPolicies[value]),
        is_enabled: value !== 'disabled',
      };
    case 'aws_iam_role':
      return { name: role, arn: roleArn, tags: { team: value }, tags_all: { team: value } };
  }
}

function actionsOf({ before, after, isReplaced }: Part): readonly string[] {
  if (before === after) return ['no-op'];
  if (before === 'none') return ['create'];
  if (after === 'none') return ['delete'];
  return isReplaced ? ['delete', 'create'] : ['update'];
}

const orders = {
  cluster_identifier: 'orders',
  arn: `arn:aws:rds:eu-west-1:${account}:cluster:orders`,
  engine: 'aurora-postgresql',
  kms_key_id: keyArn,
  storage_encrypted: true,
  skip_final_snapshot: false,
  final_snapshot_identifier: 'orders-final',
  deletion_protection: false,
};

/** What the plan does with a cluster, and the request that the test asks about. */
const requests = {
  RestoreDBClusterFromSnapshot: {
    actions: ['create'],
    before: null,
    after: { cluster_identifier: 'r', engine: 'aurora-postgresql', snapshot_identifier: 'orders-2026-11-24' },
  },
  ModifyDBCluster: {
    actions: ['update'],
    before: { ...orders, backup_retention_period: 7 },
    after: { ...orders, backup_retention_period: 8 },
  },
  DeleteDBCluster: { actions: ['delete'], before: orders, after: null },
} as const;

const addressOf = ({ type, name }: Part): string => `${type}.${name}`;

function planOf({ parts, first, request }: Apply) {
  const cluster = {
    address: 'aws_rds_cluster.r',
    mode: 'managed',
    type: 'aws_rds_cluster',
    name: 'r',
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: { ...requests[request], after_unknown: {} },
  };
  const changes = parts
    .filter(({ before, after }) => before !== 'none' || after !== 'none')
    .map((part) => ({
      ...cluster,
      address: addressOf(part),
      type: part.type,
      name: part.name,
      change: {
        actions: actionsOf(part),
        before: resourceOf(part, part.before),
        after: resourceOf(part, part.after),
        after_unknown: {},
      },
    }));
  const addressesOf = (places: readonly number[]) =>
    parts.flatMap((part, at) => (places.includes(at) ? addressOf(part) : []));
  const left = parts.filter(({ after }) => after !== 'none');
  const databases = requests[request].after === null ? [] : [{ ...cluster, needs: first }];
  const resources = [...left, ...databases].map(({ type, name, needs }) => ({
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_config_key: 'aws',
    expressions: {},
    ...(needs.length === 0 ? {} : { depends_on: addressesOf(needs) }),
  }));
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: [...changes, cluster],
    configuration: {
      provider_config: {
        aws: {
          name: 'aws',
          full_name: 'registry.terraform.io/hashicorp/aws',
          expressions: { region: { constant_value: 'eu-west-1' } },
        },
      },
      root_module: { resources },
    },
  };
}

/** The evidence in which each part has a value. */
function evidenceOf(parts: readonly (readonly [Part, string])[]): Evidence {
  const valuesOf = (type: Part['type']) => parts.filter(([part, value]) => part.type === type && value !== 'none');
  const [[, key] = [undefined, 'delegates']] = valuesOf('aws_kms_key');
  const [[, team] = [undefined, 'dba']] = valuesOf('aws_iam_role');
  const managed = parts.flatMap(([part, now]) => {
    if (part.type === 'aws_iam_policy') return [[policyArn(part, 'own'), rolePolicies[now]] as const];
    if (part.type !== 'aws_iam_role_policy_attachment') return [];
    return Object.entries(rolePolicies).map(([value, Document]) => [policyArn(part, value), Document] as const);
  });
  const attached = [
    ...valuesOf('aws_iam_role_policy_attachment').map(([part, value]) => policyArn(part, value)),
    ...valuesOf('aws_iam_policy').map(([part]) => policyArn(part, 'own')),
  ];
  return exampleEvidence({
    [`/accounts/${account}/iam/Policies`]: managed.map(([Arn, Document]) => ({
      PolicyName: Arn.split('/').at(-1),
      Arn,
      DefaultVersionId: 'v1',
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
    })),
    [`/accounts/${account}/iam/RoleDetailList/3/RolePolicyList`]: valuesOf('aws_iam_role_policy').map(
      ([part, value]) => ({
        PolicyName: part.name,
        PolicyDocument: rolePolicies[value],
      }),
    ),
    [`/accounts/${account}/iam/RoleDetailList/3/AttachedManagedPolicies`]: attached.map((PolicyArn) => ({ PolicyArn })),
    [`/accounts/${account}/iam/RoleDetailList/3/Tags`]: [{ Key: 'team', Value: team }],
    [`/accounts/${account}/regions/eu-west-1/rds/DBClusters/0/DeletionProtection`]: false,
    [`/accounts/${account}/regions/eu-west-1/kms/keys/0/Policy`]: keyPolicies[key],
    [`/accounts/${account}/regions/eu-west-1/kms/keys/0/KeyMetadata/KeyState`]:
      key === 'disabled' ? 'Disabled' : 'Enabled',
    [`/accounts/${account}/regions/eu-west-1/kms/keys/0/Grants`]: valuesOf('aws_kms_grant').map(
      ([{ name }, value]) => ({
        GrantId: name,
        Name: name,
        KeyId: keyArn,
        GranteePrincipal: roleArn,
        Operations: grantOperations[value],
      }),
    ),
  });
}

/** The values that a part has during an apply, in their order. */
function stagesOf({ before, after, isReplaced }: Part): readonly string[] {
  return [...new Set([before, ...(isReplaced ? ['none'] : []), after])];
}

/** What has to be applied before some parts, with what that depends on. */
function neededBy(places: readonly number[], parts: readonly Part[]): readonly number[] {
  return [...new Set(places.flatMap((at) => [at, ...neededBy(parts[at]?.needs ?? [], parts)]))];
}

/** Whether Terraform can be between these stages of a part and of another one that needs the part. */
function isInOrder(part: Part, value: string, by: Part, valueBy: string): boolean {
  const isDone = value === part.after;
  const isDoneBy = valueBy === by.after;
  const isBegun = value !== part.before;
  const isBegunBy = valueBy !== by.before;
  if (part.after === part.before || by.after === by.before) return true;
  // Both are replaced: the dependent one is deleted first and created last.
  if (by.isReplaced) return part.isReplaced ? (!isBegun || isBegunBy) && (!isDoneBy || isDone) : !isDoneBy || isDone;
  return !isBegunBy || isDone;
}

/** Each state that an apply may pass through before the request, as a value for each part. */
function statesOf({ parts, first }: Apply): readonly (readonly (readonly [Part, string])[])[] {
  const all = parts.reduce<readonly (readonly (readonly [Part, string])[])[]>(
    (states, part) => states.flatMap((state) => stagesOf(part).map((value) => [...state, [part, value] as const])),
    [[]],
  );
  const done = neededBy(first, parts);
  return all.filter((state) =>
    state.every(
      ([by, valueBy], at) =>
        (!done.includes(at) || valueBy === by.after) &&
        state.every(
          ([part, value], place) =>
            place === at || !neededBy(by.needs, parts).includes(place) || isInOrder(part, value, by, valueBy),
        ),
    ),
  );
}

const reading = newReading();
function outcomeOf(evidence: Evidence, apply: Apply): string {
  const { answers } = answersFrom(evidence, { principal: `role/${role}`, strict: false }, planOf(apply), reading);
  return answers.get(`aws_rds_cluster.r ${apply.request}`) ?? 'not asked';
}

const roleValues = fc.constantFrom('none', 'none', ...Object.keys(rolePolicies), 'all');
/** The provider cannot update these. */
const alwaysReplaced: ReadonlySet<Part['type']> = new Set(['aws_iam_role_policy_attachment', 'aws_kms_grant']);
const partsOf = (type: Part['type'], values: fc.Arbitrary<string>, most: number) =>
  fc.array(fc.record({ before: values, after: values, replaces: fc.boolean() }), { maxLength: most }).map((list) =>
    list.map(({ before, after, replaces }, at): Part => {
      const isThere = before !== 'none' && after !== 'none' && before !== after;
      const isReplaced = isThere && (alwaysReplaced.has(type) || (type === 'aws_iam_role_policy' && replaces));
      return { type, name: `${type.slice(-3)}${at}`, before, after, isReplaced, needs: [] };
    }),
  );

const needs = fc.array(fc.nat(11), { maxLength: 2 });
/** Applies with at most as many policies, and with as many states as in the range. */
const appliesWith = (policies: number, [least, most]: readonly [number, number]) =>
  fc
    .tuple(
      fc
        .tuple(
          partsOf('aws_iam_role_policy', roleValues, policies),
          partsOf('aws_iam_role_policy_attachment', roleValues, policies - 1),
          partsOf('aws_iam_policy', fc.constantFrom(...Object.keys(rolePolicies)), 1),
          partsOf('aws_kms_grant', fc.constantFrom('none', ...Object.keys(grantOperations)), 2),
          partsOf('aws_kms_key', fc.constantFrom(...Object.keys(keyPolicies)), 1),
          partsOf('aws_iam_role', fc.constantFrom('dr', 'dba'), 1),
        )
        .chain((lists) => fc.shuffledSubarray(lists.flat(), { minLength: lists.flat().length })),
      fc.array(needs, { minLength: 12, maxLength: 12 }),
      needs,
      fc.constantFrom('RestoreDBClusterFromSnapshot' as const, 'ModifyDBCluster' as const, 'DeleteDBCluster' as const),
    )
    .map(([parts, chosen, first, request]): Apply => {
      // The configuration no longer has what the plan deletes.
      const isLeft = (at: number): boolean => (parts[at]?.after ?? 'none') !== 'none';
      const ordered = parts.map((part, at) => ({
        ...part,
        needs: isLeft(at) ? (chosen[at] ?? []).filter((place) => place < at && isLeft(place)) : [],
      }));
      return { parts: ordered, first: request === 'DeleteDBCluster' ? [] : first.filter(isLeft), request };
    })
    .filter(({ parts }) => {
      const states = parts.reduce((product, part) => product * stagesOf(part).length, 1);
      return states >= least && states <= most;
    });

function outcomesOf(apply: Apply): { readonly ofPlan: string; readonly ofStates: readonly string[] } {
  const before = evidenceOf(apply.parts.map((part) => [part, part.before]));
  const states = statesOf(apply).map((state) => outcomeOf(evidenceOf(state), { ...apply, parts: [], first: [] }));
  const [ofPlan, ...ofStates] = [outcomeOf(before, apply), ...states].map((one) => one.split(' ', 1).join());
  return { ofPlan: ofPlan ?? '', ofStates: [...new Set(ofStates)] };
}

test('a request has one outcome in each state that the apply may pass through, or else is unproven', () => {
  fc.assert(
    fc.property(appliesWith(4, [1, 64]), (apply) => {
      const { ofPlan, ofStates } = outcomesOf(apply);
      expect(ofPlan).toBe(ofStates.length === 1 ? ofStates[0] : 'unproven');
    }),
    runs(120),
  );
});

test('with more states than the program checks, no other outcome was found for a certain answer', () => {
  fc.assert(
    fc.property(appliesWith(6, [65, 600]), (apply) => {
      const { ofPlan, ofStates } = outcomesOf(apply);
      if (ofPlan !== 'unproven') expect(ofStates).toEqual([ofPlan]);
    }),
    runs(12),
  );
});
