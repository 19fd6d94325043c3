import { accountOf, rdsArn } from '../../base/arn.ts';
import { roleExists } from '../../evidence/principals.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import { type Possible, present } from '../../policy/possible.ts';
import { roleArn } from '../bind.ts';
import {
  type Answer,
  assumed,
  type Facts,
  met,
  notKnown,
  ownedByCaller,
  type PreconditionTest,
  unmet,
} from './answer.ts';
import { trustAnswer } from './trust-answer.ts';

/**
 * Enhanced Monitoring assumes its role under a service name of its own (rds-kms-operations-2 14.5).
 */
const monitoringService = 'monitoring.rds.amazonaws.com';

/** Preconditions of the roles that a request attaches to a database. */
export const roleTests = {
  'monitoring-role-exists': (facts) => {
    const answer = existing(facts, monitoringRoles(facts));
    return answer?.status === 'unmet' && answer.reason.code === 'no-such-role'
      ? unmet({ code: 'no-such-monitoring-role', role: answer.reason.role })
      : answer;
  },
  'monitoring-role-trusts-the-service': (facts) => {
    const [arn] = monitoringRoles(facts);
    if (arn === undefined || accountOf(arn) !== facts.bound.principal.account) return undefined;
    const answer = trustAnswer(facts, arn, monitoringService, monitored(facts));
    return answer?.status === 'unmet' && answer.reason.code === 'trust-policy-denies'
      ? unmet({ code: 'trust-policy-denies-monitoring', service: monitoringService })
      : answer;
  },
  'attached-roles-exist': (facts) => existing(facts, otherRoles(facts)),
  'attached-roles-are-in-the-callers-account': (facts) => {
    const { account } = facts.bound.principal;
    const asked = [...monitoringRoles(facts), ...otherRoles(facts)].map(accountOf);
    const [first] = asked;
    return first === undefined ? undefined : ownedByCaller(asked.find((one) => one !== account) ?? first, facts);
  },
} satisfies Partial<Record<PreconditionCode, PreconditionTest>>;

/**
 * The resource on whose behalf Enhanced Monitoring acts: the DB instance, which the user guide
 * names in aws:SourceArn (rds-kms-operations-2 14.5). For a cluster, this is an instance that the
 * request does not name.
 */
function monitored({ bound: { operation, parameters, principal, region, source } }: Facts): Possible {
  if (operation.makes === undefined && source?.type === 'db') return present(source.arn);
  const { to } = parameters;
  const name = operation.makes === 'db' ? to?.toLowerCase() : undefined;
  const arn = rdsArn({ account: principal.account, region }, `db:${name ?? ''}`);
  return name === undefined ? { absent: false, values: { startsWith: arn, fresh: false } } : present(arn);
}

function monitoringRoles(facts: Facts): readonly string[] {
  return arnsOf(facts, [facts.bound.parameters.monitoringRoleArn]);
}

/** The role for a directory, and the roles that are associated with a cluster. */
function otherRoles(facts: Facts): readonly string[] {
  const { domainIamRoleName, associatedRoles = [] } = facts.bound.parameters;
  return arnsOf(facts, [domainIamRoleName, ...associatedRoles]);
}

function arnsOf({ bound: { principal, region } }: Facts, roles: readonly (string | undefined)[]): readonly string[] {
  return roles.flatMap((role) => (role === undefined ? [] : [roleArn(role, principal.account, region)]));
}

/**
 * Whether all these roles exist, if they are in the principal's own account. Another precondition
 * covers other accounts.
 */
function existing({ directory, bound: { principal } }: Facts, roles: readonly string[]): Answer | undefined {
  const own = roles.filter((arn) => accountOf(arn) === principal.account);
  if (own.length === 0) return undefined;
  const missing = own.find((arn) => roleExists(directory, arn) === false);
  if (missing !== undefined) return unmet({ code: 'no-such-role', role: missing });
  const later = own.map((arn) => roleExists(directory, arn)).find((one) => typeof one === 'object');
  if (typeof later === 'object') return notKnown({ code: 'name-may-come-with-plan', of: later.later });
  const unread = own.find((arn) => roleExists(directory, arn) === undefined);
  return unread === undefined
    ? met({ code: 'role-is-held' })
    : assumed({ code: 'role-is-there', role: unread }, { code: 'roles-unread', account: accountOf(unread) });
}
