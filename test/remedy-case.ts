import { bindAll } from '../src/check/bind-all.ts';
import { evaluator } from '../src/check/evaluate.ts';
import type { Question } from '../src/check/question.ts';
import type { ReportedFix, ReportedFixStep, Verdict } from '../src/contract/report.ts';
import { directoryOf } from '../src/evidence/directory.ts';
import type { Evidence, InlinePolicy } from '../src/evidence/schema.ts';
import { powers } from '../src/fix/powers.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { compile } from '../src/policy/authorize.ts';
import { type Policies, ReadDocuments } from '../src/policy/policies.ts';
import { unknown } from '../src/policy/possible.ts';

/*
 * Follows the steps of a fix as a reader of the report would, and checks every principal before and
 * after.
 */

/** The evidence after all steps of a fix, as a copy. */
export function evidenceAfter(evidence: Evidence, { steps }: ReportedFix): Evidence {
  const copy = structuredClone(evidence);
  for (const { policy, other } of steps) {
    if (policy !== null) putPolicy(copy, policy);
    if (other !== null) makeChange(copy, other);
  }
  return copy;
}

type Edited = NonNullable<ReportedFixStep['policy']>;

function putPolicy(evidence: Evidence, { place, after }: Edited): void {
  for (const account of Object.values(evidence.accounts)) {
    switch (place.in) {
      case 'key policy':
        for (const region of Object.values(account.regions ?? {}))
          for (const key of region.kms?.keys ?? []) if (key.KeyMetadata.Arn === place.key) key.Policy = after;
        break;
      case 'inline policy':
        for (const user of account.iam?.UserDetailList ?? [])
          if (user.Arn === place.owner) user.UserPolicyList = withPolicy(user.UserPolicyList, place.name, after);
        for (const role of account.iam?.RoleDetailList ?? [])
          if (role.Arn === place.owner) role.RolePolicyList = withPolicy(role.RolePolicyList, place.name, after);
        for (const group of account.iam?.GroupDetailList ?? [])
          if (group.Arn === place.owner) group.GroupPolicyList = withPolicy(group.GroupPolicyList, place.name, after);
        break;
      case 'managed policy':
        for (const policy of account.iam?.Policies ?? [])
          if (policy.Arn === place.arn) policy.PolicyVersionList = [{ IsDefaultVersion: true, Document: after }];
        break;
      case 'scp':
      case 'rcp':
        for (const level of account.organization?.path ?? [])
          for (const policy of level[`${place.in}s`] ?? []) if (policy.name === place.name) policy.document = after;
        break;
    }
  }
}

function withPolicy(
  policies: InlinePolicy[] | undefined,
  name: string,
  document: Record<string, unknown>,
): InlinePolicy[] {
  const others = (policies ?? []).filter((policy) => policy.PolicyName !== name);
  return [...others, { PolicyName: name, PolicyDocument: document }];
}

function makeChange(evidence: Evidence, change: NonNullable<ReportedFixStep['other']>): void {
  switch (change.change) {
    case 'key state':
    case 'grant': {
      const keys = Object.values(evidence.accounts)
        .flatMap((account) => Object.values(account.regions ?? {}))
        .flatMap((region) => region.kms?.keys ?? []);
      for (const key of keys) {
        if (key.KeyMetadata.Arn !== change.key) continue;
        if (change.change === 'key state') key.KeyMetadata.KeyState = change.state;
        else key.Grants?.push({ GrantId: 'new', GranteePrincipal: change.grantee, Operations: change.operations });
      }
      break;
    }
    case 'new control policy':
      for (const account of Object.values(evidence.accounts))
        for (const level of account.organization?.path ?? [])
          if (level.id === change.at) level[`${change.kind}s`]?.push({ name: change.name, document: change.document });
      break;
    case 'sharing': {
      const rds = rdsOf(evidence, change.snapshot);
      const restore = { AttributeName: 'restore', AttributeValues: [change.account] };
      rds.DBClusterSnapshotAttributes = [
        ...(rds.DBClusterSnapshotAttributes ?? []).filter(
          (one) => !change.snapshot.endsWith(`:${one.DBClusterSnapshotIdentifier}`),
        ),
        { DBClusterSnapshotIdentifier: change.snapshot, DBClusterSnapshotAttributes: [restore] },
      ];
      break;
    }
    case 'copy': {
      const made = { SnapshotType: 'manual', KmsKeyId: change.key };
      const name = change.arn.split(':').slice(6).join(':');
      const { DBClusterSnapshots: clusters = [], DBSnapshots: instances = [] } = rdsOf(evidence, change.of);
      const cluster = clusters.find((one) => one.DBClusterSnapshotArn === change.of);
      const instance = instances.find((one) => one.DBSnapshotArn === change.of);
      if (cluster !== undefined)
        rdsOf(evidence, change.arn).DBClusterSnapshots?.push({
          ...cluster,
          ...made,
          DBClusterSnapshotIdentifier: name,
          DBClusterSnapshotArn: change.arn,
        });
      else if (instance !== undefined)
        rdsOf(evidence, change.arn).DBSnapshots?.push({
          ...instance,
          ...made,
          DBSnapshotIdentifier: name,
          DBSnapshotArn: change.arn,
        });
      else throw new Error(`no snapshot ${change.of}`);
      break;
    }
    case 'session policy':
    case 'session facts':
    case 'name key':
    case 'name new':
      break;
  }
}

function rdsOf(evidence: Evidence, arn: string): Rds {
  const [, , , region = '', account = ''] = arn.split(':');
  const rds = evidence.accounts[account]?.regions?.[region]?.rds;
  if (rds === undefined) throw new Error(`the evidence holds nothing of ${region} in ${account}`);
  return rds;
}

type Rds = NonNullable<NonNullable<Evidence['accounts'][string]['regions']>[string]['rds']>;

/** The question after the steps: about a copy that they make, or with a key that they name. */
export function askedAfter(question: Question, { steps }: ReportedFix): Question {
  return steps.reduce((asked, { other }): Question => {
    switch (other?.change) {
      case 'copy':
        return { ...asked, target: other.arn };
      case 'name key':
        return { ...asked, parameters: { ...asked.parameters, kmsKeyId: other.key } };
      case 'name new':
        return { ...asked, parameters: { ...asked.parameters, to: other.to } };
      case 'session policy':
        return { ...asked, sessionPolicy: { name: '--session-policy', document: other.document } };
      case 'session facts': {
        const entries = Object.entries(other.context);
        const facts = Object.fromEntries(entries.filter(([key]) => !tagKey.test(key) && !Object.hasOwn(switches, key)));
        const tags = entries.reduce(withTag, asked.parameters?.tags);
        const parameters = entries.reduce<Question['parameters']>(
          (before, [key, [value]]) => ({ ...before, ...switches[key]?.(value === 'true') }),
          { ...asked.parameters, ...(tags === undefined ? {} : { tags }) },
        );
        const asking = { ...asked, ...(parameters === undefined ? {} : { parameters }) };
        return { ...asking, context: withNetwork(asked.context, facts) };
      }
      default:
        return asked;
    }
  }, question);
}

const switches: Readonly<Record<string, (isOn: boolean) => Question['parameters']>> = {
  'rds:CopyOptionGroup': (copyOptionGroup) => ({ copyOptionGroup }),
  'rds:ManageMasterUserPassword': (manageMasterUserPassword) => ({ manageMasterUserPassword }),
  'rds:PubliclyAccessible': (publiclyAccessible) => ({ publiclyAccessible }),
  'rds:StorageEncrypted': (storageEncrypted) => ({ storageEncrypted }),
};

type Tags = Readonly<Record<string, string>>;

const tagKey = /^(?:aws:RequestTag|rds:req-tag)\//;

/** A tag replaces a tag whose name differs only in case. Without a value, the tag is removed. */
function withTag(before: Tags | undefined, [key, [value]]: readonly [string, readonly string[]]): Tags | undefined {
  if (!tagKey.test(key)) return before;
  const name = key.replace(tagKey, '');
  const kept = Object.entries(before ?? {}).filter(([tag]) => tag.toLowerCase() !== name.toLowerCase());
  return Object.fromEntries(value === undefined ? kept : [...kept, [name, value]]);
}

/** New facts replace known ones. A request comes through only one network. */
function withNetwork(before: Question['context'], facts: Question['context']): Question['context'] {
  const network = /^aws:(?:SourceIp|VpcSourceIp|SourceVpce?)$/;
  const isMoved = Object.keys(facts).some((key) => network.test(key));
  const kept = Object.entries(before).filter(([key]) => !(isMoved && network.test(key)));
  return { ...Object.fromEntries(kept), ...facts };
}

const strength = { denied: 0, depends: 1, allowed: 2 } as const;

type Decisions = ReadonlyMap<string, keyof typeof strength>;

/**
 * What every role and root user may itself do with every key and in its account, by `principal action
 * key`. `who`: only this one. The policies are collected here again, from inline policies, boundaries, SCPs and key policies, so
 * that a fix's list is not compared with itself.
 */
export function everyPower(evidence: Evidence, who?: string): Decisions {
  const decisions = new Map<string, keyof typeof strength>();
  const read = new ReadDocuments();
  const keys = Object.values(evidence.accounts)
    .flatMap(({ regions }) => Object.values(regions ?? {}))
    .flatMap(({ kms }) => kms?.keys ?? []);
  for (const [account, { iam, organization }] of Object.entries(evidence.accounts)) {
    for (const role of [...(iam?.RoleDetailList ?? []), undefined]) {
      const arnOf = role?.Arn ?? `arn:aws:iam::${account}:root`;
      if (who !== undefined && arnOf !== who) continue;
      const name = role?.PermissionsBoundary?.PermissionsBoundaryArn;
      const document = iam?.Policies?.find(({ Arn }) => Arn === name)?.PolicyVersionList?.[0]?.Document;
      // A type of policy that no level has is not enabled.
      const path = organization?.path ?? [];
      const scps = path.every((level) => level.scps?.length === 0) ? undefined : path.map((level) => level.scps ?? []);
      const rcpsOf = (owner: string): Pick<Policies, 'rcps'> => {
        const levels = evidence.accounts[owner]?.organization?.path ?? [];
        return levels.every(({ rcps }) => rcps?.length === 0) ? {} : { rcps: levels.map(({ rcps }) => rcps ?? []) };
      };
      // A role that trusts its account, because a fix does not change the trust policies of other
      // roles.
      const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } };
      const policies = {
        identity: (role?.RolePolicyList ?? []).map((one) => ({ name: one.PolicyName, document: one.PolicyDocument })),
        ...(name === undefined ? {} : { boundary: [{ name, document }] }),
        ...(scps === undefined ? {} : { scps }),
      };
      const decide = (action: string, arn: string, owner: string, more: Partial<Policies>): void => {
        const request = {
          ...(role === undefined
            ? { principal: arnOf }
            : { principal: `arn:aws:sts::${account}:assumed-role/${role.RoleName}/somebody`, roleArn: arnOf }),
          action,
          resource: { arn, account: owner, nameUnknown: !action.startsWith('kms:') },
          possible: (key: string) => (key === 'aws:sourceip' ? unknown : undefined),
        };
        const reached = /^(?:kms|s3|secretsmanager|sts):/.test(action) ? rcpsOf(owner) : {};
        const { decision } = compile({ ...policies, ...reached, ...more }, read).authorize(request);
        decisions.set(`${arnOf} ${action} ${action.startsWith('kms:') ? arn : ''}`, decision);
      };
      for (const action of powers) {
        if (!action.startsWith('kms:'))
          decide(
            action,
            // The resource of sts:AssumeRole is an IAM role.
            action === 'sts:AssumeRole'
              ? `arn:aws:iam::${account}:role/`
              : `arn:aws:${action.split(':')[0] ?? ''}::${account}:`,
            account,
            action === 'sts:AssumeRole'
              ? { resource: { name: 'trust', document: { Version: '2012-10-17', Statement: [trust] } } }
              : {},
          );
        else
          for (const { KeyMetadata: metadata, Policy: policy, Grants: grants } of keys)
            decide(action, metadata.Arn, metadata.Arn.split(':')[4] ?? '', {
              resource: { name: metadata.Arn, document: policy },
              grants: grants ?? [],
            });
      }
    }
  }
  return decisions;
}

/** Who may do more than before, in the form of everyPower. */
export function morePowers(before: Decisions, after: Decisions): readonly string[] {
  return [...after]
    .filter(([name, decision]) => strength[decision] > strength[before.get(name) ?? 'denied'])
    .map(([name]) => name);
}

const rank: Readonly<Record<Verdict, number>> = { fails: 0, undetermined: 1, succeeds: 2 };

/**
 * Every verdict of every principal on everything in the evidence, by `principal operation api
 * target`. `who`: only of this principal. It asks only for verdicts. test/check/check-cases.test.ts checks complete reports, and
 * test/check/verdict.test.ts compares the two.
 */
export function everyVerdict(evidence: Evidence, asked: Question, who?: string): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const places = Object.entries(evidence.accounts).flatMap(([account, { regions }]) =>
    Object.entries(regions ?? {}).map(([region, { rds }]) => ({ account, region, rds })),
  );
  const everybody = Object.entries(evidence.accounts).flatMap(([account, { iam }]) => [
    ...(iam?.UserDetailList ?? []).map(({ Arn }) => Arn),
    ...(iam?.RoleDetailList ?? []).map(({ Arn }) => Arn),
    `arn:aws:iam::${account}:root`,
  ]);
  const principals = who === undefined ? everybody : [who];
  const { context, strict, evaluatedAt } = asked;
  const directory = directoryOf(evidence);
  const { verdict } = evaluator(directory, asked);
  // The operations of AWS Backup jobs are left out. Few roles can run them, and the same APIs are
  // checked under other names.
  const operations = catalogue.filter(
    ({ requires, runsAsRole, reads }) =>
      (requires ?? []).length === 0 &&
      runsAsRole !== true &&
      (reads?.types[0] === 'cluster' || reads?.types[0] === 'cluster-snapshot'),
  );
  for (const principal of principals) {
    for (const operation of operations) {
      const question = { operation, principal, context, strict, evaluatedAt, explain: false, fix: false };
      for (const { account, region, rds } of places) {
        const isOwn = principal.includes(`:${account}:`);
        // The account's own sources are checked at once. Sources of other accounts are checked by
        // ARN.
        const foreign = operation.reads?.types[0] === 'cluster' ? [] : (rds?.DBClusterSnapshots ?? []);
        const targets = isOwn ? [undefined] : foreign.map(({ DBClusterSnapshotArn }) => DBClusterSnapshotArn);
        for (const target of targets) {
          const named = { ...question, region, ...(target === undefined ? {} : { target }) };
          for (const one of bindAll(directory, [named]).bound) {
            const { source, operation: bound } = one;
            verdicts.set(`${principal} ${bound.command} ${bound.api} ${source?.arn ?? ''}`, verdict(one));
          }
        }
      }
    }
  }
  return verdicts;
}

/** The principals with other verdicts, and how these differ. */
export function differences(
  before: ReadonlyMap<string, Verdict>,
  after: ReadonlyMap<string, Verdict>,
): { readonly better: readonly string[]; readonly worse: readonly string[] } {
  const changed = [...after].filter(([name]) => before.has(name));
  const by = (name: string, verdict: Verdict): number => rank[verdict] - rank[before.get(name) ?? verdict];
  return {
    better: changed.filter(([name, verdict]) => by(name, verdict) > 0).map(([name]) => name),
    worse: changed.filter(([name, verdict]) => by(name, verdict) < 0).map(([name]) => name),
  };
}

/** The gains of a fix, one for each principal, operation and target. */
export function gainsOf({ gains }: ReportedFix) {
  return gains.flatMap(({ principals, operations, targets, before, after }) =>
    principals.flatMap((principal) =>
      operations.flatMap((operation) => targets.map((target) => ({ principal, ...operation, target, before, after }))),
    ),
  );
}
