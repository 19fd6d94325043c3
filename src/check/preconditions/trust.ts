import { accountOf, regionalArn } from '../../base/arn.ts';
import { isRoleArn } from '../../base/principal-arn.ts';
import { serviceIn } from '../../base/service.ts';
import { organizationOf } from '../../evidence/lookup.ts';
import { trustPolicyOf } from '../../evidence/principals.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { Operation } from '../../operations/operation.ts';
import { authorize, type Decision } from '../../policy/authorize.ts';
import { parse } from '../../policy/parse.ts';
import type { Policies } from '../../policy/policies.ts';
import { absent, type Possible, present, unknown } from '../../policy/possible.ts';
import { assumedSilent } from '../assumption.ts';
import { readLevels } from '../call-policies.ts';
import type { ControlPoliciesUnread } from './reason.ts';

/** `unread`: the resource control policies that are taken to be silent. */
export interface Trust {
  readonly decision: Decision;
  readonly unread: readonly ControlPoliciesUnread[];
}

/**
 * Whether a service may assume a role. The resource control policies of the role's account take part, for
 * STS is one of their services (iam-evaluation 5.31). Its calls carry the account and an ARN of RDS or AWS Backup, so that trust policies can tell one customer from
 * another. Undefined: the evidence holds no trust policy of the role.
 */
export function trustsService(
  evidence: Evidence,
  roleArn: string,
  service: string,
  at: { readonly account: string; readonly region: string },
): Trust | 'not understood' | undefined {
  const document = trustPolicyOf(evidence, roleArn);
  const organization = organizationOf(evidence, accountOf(roleArn));
  if (document === undefined) return undefined;
  if ('faults' in parse('resource', roleArn, document)) return 'not understood';
  // `export.rds` acts for RDS.
  const vendor = serviceIn(service)?.split('.').at(-1) ?? '';
  const source: Possible = {
    absent: false,
    values: { startsWith: regionalArn(vendor, at, ''), fresh: false },
  };
  const known: Readonly<Record<string, Possible>> = {
    'aws:sourceaccount': present(at.account),
    'aws:sourcearn': source,
    'aws:sourceorgid': unknown,
    'aws:sourceorgpaths': unknown,
    // A service principal belongs to no organization (iam-evaluation 7.5).
    'aws:principalorgid': absent,
    'aws:principalorgpaths': absent,
    'aws:resourceorgid': organizationKey(organization.id),
    'aws:resourceorgpaths':
      organization.path !== undefined ? present(organization.path) : organization.id === null ? absent : unknown,
    'sts:externalid': { absent: true, values: [] },
  };
  const decided = (rcps: Policies['rcps']): Decision =>
    authorize(
      {
        principal: service,
        action: 'sts:AssumeRole',
        resource: { arn: roleArn, account: accountOf(roleArn) },
        resourceInManagementAccount: organization.isManagementAccount,
        possible: (keyId) => known[keyId],
      },
      { identity: [], resource: { name: roleArn, document }, ...(rcps === undefined ? {} : { rcps }) },
    );
  const strictly = decided(organization.rcps);
  if (strictly.decision !== 'depends') return { decision: strictly, unread: [] };
  return { decision: decided(readLevels(organization.rcps)), unread: assumedSilent(strictly) };
}

/** `id`: see OrganizationPath. */
function organizationKey(id: string | null | undefined): Possible {
  return id === undefined ? unknown : id === null ? absent : present(id);
}

/**
 * Whether a principal comes into question for an operation: a role does a job of AWS Backup only where it lets AWS Backup assume it; what it may do
 * otherwise, it is asked about by other names.
 */
export function mayRunAs(evidence: Evidence, operation: Operation, principal: string, region: string): boolean {
  if (operation.runsAsRole !== true) return true;
  if (!isRoleArn(principal)) return false;
  const at = { account: accountOf(principal), region };
  const trust = trustsService(evidence, principal, operation.assumedBy ?? '', at);
  return typeof trust === 'object' && trust.decision.decision !== 'denied';
}
