import { organizationOf } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Decision } from '../policy/authorize.ts';
import type { PolicyFault } from '../policy/policies.ts';
import type { RequestInput } from '../policy/request.ts';
import type { Bound, BoundKey } from './bind.ts';
import { callContext } from './call-context.ts';
import { assumedSilent, type CallAuthorizer, compileFor, policyIsAssumed, rdsService } from './call-policies.ts';
import { policyWords } from './explain.ts';
import { type BoundResource, rdsResource } from './resources.ts';

/** A row of the catalogue bound to what it speaks of, and decided. */
export interface DecidedCall {
  readonly row: CallRow;
  readonly resource: string;
  readonly account: string;
  readonly region: string;
  readonly key: BoundKey | undefined;
  readonly decision: Decision;
  /** What was taken for granted because it could not be read and is normally harmless. */
  readonly assumptions: readonly string[];
}

export interface Decider {
  /** What is not understood in the policies that were asked so far. */
  readonly warnings: () => readonly string[];
  readonly decide: (row: CallRow, bound: Bound) => DecidedCall;
}

/** What the asker brings along: condition keys that are known, by lower-case name, and the time of the operation. */
export interface Asked {
  readonly supplied: ReadonlyMap<string, readonly string[]>;
  readonly evaluatedAt: string;
}

/** Decides calls from evidence. Policies are compiled once for each principal and key. */
export function decider(evidence: Evidence, asked: Asked): Decider {
  const compiled = new Map<string, CallAuthorizer>();
  return {
    warnings: () => [...new Set([...compiled.values()].flatMap(({ strict }) => strict.warnings.map(warningText)))],
    decide(row, bound) {
      const key = row.on === 'storage key' || row.on === 'target key' ? bound.keys[row.on] : undefined;
      const resource = key === undefined ? rdsResource(row.on, bound) : keyResource(key);
      const callerOrganization = organizationOf(evidence, bound.principal.account);
      const resourceOrganization = organizationOf(evidence, resource.account);
      const surroundings = { evidence, callerOrganization, resourceOrganization };
      const name = `${row.kind} ${bound.principal.arn} ${key?.arn ?? ''}`;
      const authorizer = compiled.get(name) ?? compileFor(row, bound, key, surroundings);
      compiled.set(name, authorizer);
      const facts = {
        bound,
        row,
        key,
        resourceAccount: resource.account,
        resourceTags: resource.tags,
        callerOrganization,
        resourceOrganization,
      };
      const request: RequestInput = {
        ...requestOf(row, bound, key, resource),
        managementAccount: callerOrganization.isManagementAccount,
        resourceInManagementAccount: resourceOrganization.isManagementAccount,
        possible: callContext({ ...facts, ...asked }),
      };
      const strictly = authorizer.strict.authorize(request);
      const decision = strictly.decision === 'depends' ? authorizer.assuming.authorize(request) : strictly;
      return {
        row,
        resource: resource.nameUnknown ? `${resource.arn}*` : resource.arn,
        account: resource.account,
        region: key?.region ?? bound.region,
        key,
        decision,
        assumptions: [...(decision === strictly ? [] : assumedSilent(strictly)), ...assumedPolicy(key)],
      };
    },
  };
}

function keyResource({ arn, account }: BoundKey): BoundResource {
  return { arn, account, nameUnknown: false, tags: undefined };
}

function assumedPolicy(key: BoundKey | undefined): readonly string[] {
  if (key === undefined || !policyIsAssumed(key)) return [];
  return [`the policy of ${key.alias ?? key.arn} is the one that AWS gives to its managed keys for RDS`];
}

function requestOf(
  row: CallRow,
  { principal }: Bound,
  key: BoundKey | undefined,
  { arn, account, nameUnknown }: BoundResource,
): RequestInput {
  const self = principal.type === 'session' ? principal.arn : (principal.roleArn ?? principal.arn);
  return {
    principal: row.kind === 'service' ? rdsService : self,
    action: row.action,
    // A shared snapshot is used with the rights of one's own account; its owner consents by the list of accounts.
    resource: { arn, account: key === undefined ? principal.account : account, nameUnknown },
    ...(principal.roleArn === undefined ? {} : { roleArn: principal.roleArn }),
    ...(principal.uniqueId === undefined ? {} : { userId: principal.uniqueId }),
    awsManagedKey: key?.key?.KeyMetadata.KeyManager === 'AWS',
  };
}

function warningText({ policy, name, path, says }: PolicyFault): string {
  return `${policyWords[policy]} ${name}: ${path}: ${says}`;
}
