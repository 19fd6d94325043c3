import { keyPolicyOf, type OrganizationPath } from '../evidence/lookup.ts';
import type { PolicyText } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import { type Authorizer, compile, type Decision } from '../policy/authorize.ts';
import type { Grant } from '../policy/grants.ts';
import type { Policies } from '../policy/policies.ts';
import { awsManagedKeyPolicy } from './aws-managed-key.ts';
import type { Bound, BoundKey } from './bind.ts';

/** Whom RDS is when it acts by its own grant (rds-kms-operations 3.2). */
export const rdsService = 'rds.amazonaws.com';

/** The grant that RDS makes when a database is created or restored and keeps for its lifetime (rds-kms-operations 0, point 4). */
const rdsGrant: Grant = {
  GrantId: 'that RDS holds on the key',
  GranteePrincipal: rdsService,
  Operations: ['Decrypt', 'GenerateDataKey', 'DescribeKey', 'CreateGrant'],
};

export interface Surroundings {
  readonly evidence: Evidence;
  readonly callerOrganization: OrganizationPath;
  readonly resourceOrganization: OrganizationPath;
}

/** The same policies twice: as they were read, and with unread SCPs and RCPs taken to be silent. */
export interface CallAuthorizer {
  readonly strict: Authorizer;
  readonly assuming: Authorizer;
}

/** Compiles the policies that reach a call (rds-kms-operations 6). */
export function compileFor(
  row: CallRow,
  bound: Bound,
  key: BoundKey | undefined,
  surroundings: Surroundings,
): CallAuthorizer {
  const policies = policiesFor(row, bound, key, surroundings);
  const { scps, rcps, ...others } = policies;
  const readScps = readLevels(scps);
  const readRcps = readLevels(rcps);
  const strict = compile(policies);
  if (readScps === scps && readRcps === rcps) return { strict, assuming: strict };
  const assumed: Policies = {
    ...others,
    ...(readScps === undefined ? {} : { scps: readScps }),
    ...(readRcps === undefined ? {} : { rcps: readRcps }),
  };
  return { strict, assuming: compile(assumed) };
}

function policiesFor(
  row: CallRow,
  { principal }: Bound,
  key: BoundKey | undefined,
  { evidence, callerOrganization, resourceOrganization }: Surroundings,
): Policies {
  const { scps } = callerOrganization;
  const { rcps } = resourceOrganization;
  const onKey =
    key === undefined ? {} : { resource: keyPolicy(evidence, key), ...(rcps === undefined ? {} : { rcps }) };
  if (row.kind === 'service') return { identity: [], ...onKey, grants: [rdsGrant] };
  return {
    identity: principal.identity,
    ...(principal.boundary === undefined ? {} : { boundary: principal.boundary }),
    ...(principal.type === 'federated user'
      ? { session: [{ unread: 'the session policy of a federated user does not show' }] }
      : {}),
    ...(scps === undefined ? {} : { scps }),
    ...onKey,
    ...(key === undefined ? {} : { grants: key.key?.Grants ?? { unread: `of ${key.alias ?? key.arn}` } }),
  };
}

function keyPolicy(evidence: Evidence, key: BoundKey): PolicyText {
  return policyIsAssumed(key) ? { name: key.arn, document: awsManagedKeyPolicy(key) } : keyPolicyOf(evidence, key.arn);
}

/** The policy of the AWS managed key was not read, but is the same everywhere. */
export function policyIsAssumed({ key, alias }: BoundKey): boolean {
  return (
    key?.Policy === undefined &&
    key?.KeyMetadata.KeyManager === 'AWS' &&
    (alias === undefined || alias === 'alias/aws/rds')
  );
}

type Levels = Policies['scps'];

/** The levels without what could not be read; the very same ones if everything could. */
function readLevels(levels: Levels): Levels {
  if (levels === undefined || 'unread' in levels) return undefined;
  const read = levels.map((level) => level.filter((policy) => !('unread' in policy)));
  if (read.every((level, index) => level.length === levels[index]?.length)) return levels;
  return read.filter((level) => level.length > 0);
}

/** The layers that decided nothing only because they were taken to be silent. */
export function assumedSilent(strictly: Decision): readonly string[] {
  return strictly.dependsOn.flatMap((fact) => {
    if (fact.fact !== 'policy' || !(fact.kind === 'scp' || fact.kind === 'rcp')) return [];
    const layer = fact.kind === 'scp' ? 'service control policies' : 'resource control policies';
    return [`no ${layer} stand in the way (not read: ${[fact.of, fact.why].filter((part) => part !== '').join(': ')})`];
  });
}
