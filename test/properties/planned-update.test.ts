import { expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/schema.ts';
import { newReading } from '../../src/preflight/reading.ts';
import { answersFrom } from '../plan-answers.ts';
import { exampleEvidence } from '../preflight-case.ts';
import { account, delegates, documentOf, keyArn, role, roleArn } from './planned-example.ts';
import { fc, runs } from './seed.ts';

/*
 * The AWS provider updates a role in steps, and a request that does not depend on the role may come
 * between two of them. The test makes the evidence of each step by hand, and asks about the request alone.
 */

const policyArn = (name: string): string => `arn:aws:iam::${account}:policy/${name}`;

const allow = { Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' };
const ofTeam = (team: string) => ({ Condition: { StringEquals: { 'aws:PrincipalTag/team': team } } });
const documents: Readonly<Record<string, object>> = {
  all: documentOf(allow),
  rds: documentOf({ ...allow, Action: 'rds:*' }),
  kms: documentOf({ ...allow, Action: 'kms:*' }),
  ofDr: documentOf({ ...allow, ...ofTeam('dr') }),
  ofDba: documentOf({ ...allow, ...ofTeam('dba') }),
  denied: documentOf({ ...allow, Effect: 'Deny' }),
};
const keyPolicies: Readonly<Record<string, object>> = {
  delegates: documentOf(delegates),
  ofDr: documentOf({ ...delegates, ...ofTeam('dr') }),
  denied: documentOf(delegates, { ...delegates, Principal: { AWS: roleArn }, Effect: 'Deny' }),
};

/** `inline`: the document of each policy, by name. `managed`: names of policies. */
interface State {
  readonly inline: Readonly<Record<string, string>>;
  readonly managed: readonly string[];
  readonly team: string;
  readonly key: string;
}

/** The state of the role after each step of an update, in the order of the provider. */
function stepsOf(before: State, after: State): readonly State[] {
  const kept = Object.fromEntries(Object.entries(before.inline).filter(([name, one]) => after.inline[name] === one));
  const steps: readonly Partial<State>[] = [
    { inline: kept },
    { inline: after.inline },
    { managed: before.managed.filter((one) => after.managed.includes(one)) },
    { managed: after.managed },
    { team: after.team },
  ];
  return steps.reduce<readonly State[]>(
    (states, step) => [...states, { ...(states.at(-1) ?? before), ...step }],
    [before],
  );
}

function roleOf({ inline, managed, team }: State) {
  return {
    name: role,
    arn: roleArn,
    assume_role_policy: '{}',
    inline_policy: Object.entries(inline).map(([name, of]) => ({ name, policy: JSON.stringify(documents[of]) })),
    managed_policy_arns: managed.map(policyArn),
    tags: { team },
    tags_all: { team },
  };
}

function keyOf({ key }: State) {
  return { arn: keyArn, key_id: keyArn, is_enabled: true, policy: JSON.stringify(keyPolicies[key]) };
}

/** A plan that restores a snapshot, and updates the role and the key if their states differ. */
function planOf(before: State, after: State) {
  const resource = (type: string, name: string, one: object | null, other: object) => ({
    address: `${type}.${name}`,
    mode: 'managed',
    type,
    name,
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: {
      actions: [one === null ? 'create' : JSON.stringify(one) === JSON.stringify(other) ? 'no-op' : 'update'],
      before: one,
      after: other,
      after_unknown: {},
    },
  });
  const restored = { cluster_identifier: 'r', engine: 'aurora-postgresql', snapshot_identifier: 'orders-2026-11-24' };
  const changes = [
    resource('aws_iam_role', 'dr', roleOf(before), roleOf(after)),
    resource('aws_kms_key', 'orders', keyOf(before), keyOf(after)),
    resource('aws_rds_cluster', 'r', null, restored),
  ];
  const given = { constant_value: [] };
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    resource_changes: changes,
    configuration: {
      provider_config: {
        aws: {
          name: 'aws',
          full_name: 'registry.terraform.io/hashicorp/aws',
          expressions: { region: { constant_value: 'eu-west-1' } },
        },
      },
      root_module: {
        resources: changes.map(({ address, mode, type, name }) => ({
          address,
          mode,
          type,
          name,
          provider_config_key: 'aws',
          expressions: type === 'aws_iam_role' ? { inline_policy: [{}], managed_policy_arns: given } : {},
        })),
      },
    },
  };
}

function evidenceOf({ inline, managed, team, key }: State): Evidence {
  const held = `/accounts/${account}/iam/RoleDetailList/3`;
  return exampleEvidence({
    [`/accounts/${account}/iam/Policies`]: Object.entries(documents).map(([name, Document]) => ({
      PolicyName: name,
      Arn: policyArn(name),
      DefaultVersionId: 'v1',
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
    })),
    [`${held}/RolePolicyList`]: Object.entries(inline).map(([PolicyName, of]) => ({
      PolicyName,
      PolicyDocument: documents[of],
    })),
    [`${held}/AttachedManagedPolicies`]: managed.map((name) => ({ PolicyArn: policyArn(name) })),
    [`${held}/Tags`]: [{ Key: 'team', Value: team }],
    [`/accounts/${account}/regions/eu-west-1/kms/keys/0/Policy`]: keyPolicies[key],
  });
}

const reading = newReading();
function outcomeOf(evidence: Evidence, before: State, after: State): string {
  const { answers } = answersFrom(
    evidence,
    { principal: `role/${role}`, strict: false },
    planOf(before, after),
    reading,
  );
  return (answers.get('aws_rds_cluster.r RestoreDBClusterFromSnapshot') ?? 'not asked').split(' ', 1).join();
}

const names = fc.constantFrom(...Object.keys(documents));
const states = fc.record({
  inline: fc.dictionary(fc.constantFrom('a', 'b'), names, { maxKeys: 2, noNullPrototype: true }),
  managed: fc.uniqueArray(names, { maxLength: 2 }),
  team: fc.constantFrom('dr', 'dba'),
  key: fc.constantFrom('delegates', 'delegates', ...Object.keys(keyPolicies)),
});

test('a request has one outcome between all steps of an update, or else is unproven', () => {
  fc.assert(
    fc.property(states, states, (before, after) => {
      const keys = [...new Set([before.key, after.key])];
      const between = stepsOf(before, after).flatMap((one) => keys.map((key) => ({ ...one, key })));
      const outcomes = [...new Set(between.map((one) => outcomeOf(evidenceOf(one), one, one)))];
      expect(outcomeOf(evidenceOf(before), before, after)).toBe(outcomes.length === 1 ? outcomes[0] : 'unproven');
    }),
    runs(60),
  );
});
