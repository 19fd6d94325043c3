import { accountOf, regionalArn } from '../../base/arn.ts';
import { isRoleArn } from '../../base/principal-arn.ts';
import { serviceIn } from '../../base/service.ts';
import { trustPolicyOf } from '../../evidence/principals.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { Operation } from '../../operations/operation.ts';
import { authorize, type Decision } from '../../policy/authorize.ts';
import { parse } from '../../policy/parse.ts';
import { type Possible, present, unknown } from '../../policy/possible.ts';

/**
 * Whether a service may assume a role. Its calls carry the account and an ARN of RDS or AWS Backup, so that trust policies can tell one customer from
 * another. Undefined: the evidence holds no trust policy of the role.
 */
export function trustsService(
  evidence: Evidence,
  roleArn: string,
  service: string,
  at: { readonly account: string; readonly region: string },
): Decision | 'not understood' | undefined {
  const document = trustPolicyOf(evidence, roleArn);
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
    'sts:externalid': { absent: true, values: [] },
  };
  return authorize(
    {
      principal: service,
      action: 'sts:AssumeRole',
      resource: { arn: roleArn, account: accountOf(roleArn) },
      possible: (keyId) => known[keyId],
    },
    { identity: [], resource: { name: roleArn, document } },
  );
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
  return typeof trust === 'object' && trust.decision !== 'denied';
}
