import { Failure } from '../base/failure.ts';
import { type DocumentFault } from '../policy/fault.ts';
import { parse } from '../policy/parse.ts';
import { InvalidPolicies } from '../policy/policies.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Warning } from '../policy/warning.ts';
import type { Evidence, PolicyDocument } from './schema.ts';

/** A policy document in the evidence, and its place. */
interface Located {
  readonly kind: PolicyKind;
  readonly path: string;
  readonly document: PolicyDocument;
  /** A version of a managed policy that is not the default version, so it has no effect. */
  readonly idle?: boolean;
}

/**
 * Everything in the evidence's policies that AWS would not have accepted, as JSON path and
 * complaint. Evidence with a fault is not evaluated.
 */
export function policyFaults(evidence: Evidence): readonly DocumentFault[] {
  const faultsOf = faultsByText();
  return policiesIn(evidence).flatMap(({ kind, path, document }) =>
    faultsOf(kind, document).map((fault) => ({ ...fault, path: pathIn(path, fault.path) })),
  );
}

/**
 * The faults of a document. Each text is parsed once, because many principals and keys have the
 * same policy.
 */
function faultsByText(): (kind: PolicyKind, document: PolicyDocument) => readonly DocumentFault[] {
  const known = new Map<PolicyKind, Map<PolicyDocument, readonly DocumentFault[]>>();
  return (kind, document) => {
    const ofKind = known.get(kind) ?? new Map<PolicyDocument, readonly DocumentFault[]>();
    known.set(kind, ofKind);
    const before = ofKind.get(document);
    if (before !== undefined) return before;
    const parsed = parse(kind, '', document);
    const faults = 'faults' in parsed ? parsed.faults : [];
    ofKind.set(document, faults);
    return faults;
  };
}

/** Warnings about the policies in effect, each with its JSON path in the evidence. */
export function policyWarnings(evidence: Evidence): readonly Warning[] {
  return policiesIn(evidence)
    .filter(({ idle }) => idle !== true)
    .flatMap(({ kind, path, document }) => {
      const parsed = parse(kind, path, document);
      return 'warnings' in parsed
        ? parsed.warnings().map((warning): Warning => ({ ...warning, path: pathIn(path, warning.path) }))
        : [];
    });
}

function pathIn(document: string, path: string): string {
  return path === '' ? document : `${document}.${path}`;
}

/**
 * Every policy that decides a call. The trust policies of roles are not among them: what a trust
 * policy with a fault says is unknown.
 */
function policiesIn({ accounts }: Evidence): readonly Located[] {
  return Object.entries(accounts).flatMap(([id, account]) => [
    ...identityPolicies(account.iam ?? {}, `accounts.${id}.iam`),
    ...organizationPolicies(account, `accounts.${id}.organization`),
    ...(account.s3?.Buckets ?? []).flatMap(({ Policy: document }, index) =>
      located('resource', `accounts.${id}.s3.Buckets[${index}].Policy`, document ?? undefined),
    ),
    ...regionalPolicies(account, `accounts.${id}.regions`),
  ]);
}

type Account = Evidence['accounts'][string];

function located(kind: PolicyKind, path: string, document: PolicyDocument | undefined): readonly Located[] {
  return document === undefined ? [] : [{ kind, path, document }];
}

function identityPolicies(iam: NonNullable<Account['iam']>, at: string): readonly Located[] {
  const inline = (
    list: string,
    name: string,
    owners: readonly (readonly { readonly PolicyDocument?: PolicyDocument | undefined }[] | undefined)[],
  ): readonly Located[] =>
    owners.flatMap((policies, owner) =>
      (policies ?? []).flatMap((policy, index) =>
        located('identity', `${at}.${list}[${owner}].${name}[${index}].PolicyDocument`, policy.PolicyDocument),
      ),
    );
  return [
    ...inline(
      'UserDetailList',
      'UserPolicyList',
      (iam.UserDetailList ?? []).map((user) => user.UserPolicyList),
    ),
    ...inline(
      'GroupDetailList',
      'GroupPolicyList',
      (iam.GroupDetailList ?? []).map((group) => group.GroupPolicyList),
    ),
    ...inline(
      'RoleDetailList',
      'RolePolicyList',
      (iam.RoleDetailList ?? []).map((role) => role.RolePolicyList),
    ),
    ...(iam.Policies ?? []).flatMap((policy, index) =>
      (policy.PolicyVersionList ?? []).flatMap((version, number) =>
        located('identity', `${at}.Policies[${index}].PolicyVersionList[${number}].Document`, version.Document).map(
          (one) => ({ ...one, idle: version.IsDefaultVersion === false }),
        ),
      ),
    ),
  ];
}

function organizationPolicies({ organization }: Account, at: string): readonly Located[] {
  return (organization?.path ?? []).flatMap((level, index) => [
    ...(level.scps ?? []).flatMap((policy, number) =>
      located('scp', `${at}.path[${index}].scps[${number}].document`, policy.document),
    ),
    ...(level.rcps ?? []).flatMap((policy, number) =>
      located('rcp', `${at}.path[${index}].rcps[${number}].document`, policy.document),
    ),
  ]);
}

function regionalPolicies({ regions }: Account, at: string): readonly Located[] {
  return Object.entries(regions ?? {}).flatMap(([name, region]) => [
    ...(region.kms?.keys ?? []).flatMap((key, index) => [
      ...located('resource', `${at}.${name}.kms.keys[${index}].Policy`, key.Policy),
      ...located('resource', `${at}.${name}.kms.keys[${index}].RamPolicy`, key.RamPolicy ?? undefined),
    ]),
    ...(region.backup?.BackupVaults ?? []).flatMap((vault, index) =>
      located('resource', `${at}.${name}.backup.BackupVaults[${index}].Policy`, vault.Policy ?? undefined),
    ),
    ...(region.vpcEndpointPolicies ?? []).flatMap((policy, index) =>
      located('endpoint', `${at}.${name}.vpcEndpointPolicies[${index}].document`, policy.document),
    ),
  ]);
}

const refusedByAws = 'correct the policy: AWS would refuse it';

/**
 * `from`: the name of the evidence in messages. @throws Failure for the first policy that AWS would
 * not accept
 */
export function refuseFaults(from: string, evidence: Evidence): void {
  const faults = policyFaults(evidence);
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new Failure('input', `${from}: \`${first.path}\` ${first.says}${more}`, first.does ?? refusedByAws);
}

/** @throws Failure for the first policy that AWS would not accept, in the order of the files */
export function refuseFaultsIn(files: readonly NamedEvidence[]): void {
  for (const { from, evidence } of files) refuseFaults(from, evidence);
}

/**
 * Gives an answer from evidence whose policies were not checked. `files`: the sources of the
 * evidence.
 * @throws Failure with file and JSON path if AWS would not accept a policy that takes part
 */
export function refusingFaults<T>(files: readonly NamedEvidence[], answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof InvalidPolicies) refuseFaultsIn(files);
    throw error;
  }
}

/** Evidence, and its name in messages. */
interface NamedEvidence {
  readonly from: string;
  readonly evidence: Evidence;
}

/**
 * The error for a single policy that AWS would not accept. `from`: the name of the policy in
 * messages.
 */
export function faultyPolicy(from: string, faults: readonly DocumentFault[]): Failure {
  const [{ path, says, does } = { path: '', says: 'is not a policy' }, ...more] = faults;
  const where = path === '' ? ' this' : ` \`${path}\``;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new Failure('input', `${from}:${where} ${says}${others}`, does ?? refusedByAws);
}
