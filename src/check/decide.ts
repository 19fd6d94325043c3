import { arnWith, isAliasArn, parseArn } from '../base/arn.ts';
import { servicePrefix } from '../base/service.ts';
import { type OrganizationPath, organizationOf } from '../evidence/lookup.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type CallRow, isKeyRole } from '../operations/operation.ts';
import type { Decision } from '../policy/authorize.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import type { Possible } from '../policy/possible.ts';
import type { RequestInput } from '../policy/request.ts';
import {
  type Assumption,
  assumedBucketPolicy,
  assumedEndpointPolicy,
  assumedKeyPolicy,
  assumedSilent,
} from './assumption.ts';
import type { Bound, BoundKey } from './bind.ts';
import { type CallFacts, callContext } from './call-context.ts';
import { type CallAuthorizer, compileFor, entersRds, serviceOf } from './call-policies.ts';
import { distinctWarnings, type PolicyWarning } from './policy-warning.ts';
import { type BoundResource, resourceOf } from './resources.ts';

/** What one of the two accounts says of a call on the other's key, were the other to allow everything. */
export interface Side {
  readonly of: 'caller' | 'key owner';
  readonly account: string;
  readonly decision: Decision;
}

/** A row of the catalogue bound to what it speaks of, and decided. */
export interface DecidedCall {
  readonly row: CallRow;
  readonly resource: string;
  readonly account: string;
  readonly region: string;
  readonly key: BoundKey | undefined;
  readonly decision: Decision;
  /** The state of each condition key that the engine does not derive from the caller. */
  readonly possible: (keyId: string) => Possible | undefined;
  /** Two where the key belongs to another account than the principal. */
  readonly sides: () => readonly Side[];
  /** What was taken for granted because it could not be read and is normally harmless. */
  readonly assumptions: readonly Assumption[];
}

export interface Decider {
  /** What is not understood in the policies that were asked so far. */
  readonly warnings: () => readonly PolicyWarning[];
  readonly decide: (row: CallRow, bound: Bound) => DecidedCall;
}

/** What the asker brings along: condition keys that are known, by lower-case name, and the time of the operation. */
export interface Asked {
  readonly supplied: ReadonlyMap<string, readonly string[]>;
  readonly evaluatedAt: string;
  /** What was read of documents already. */
  readonly read: ReadDocuments;
}

/** Each account's path, put together once. */
function organizationsOf(evidence: Evidence): (account: string) => OrganizationPath {
  const paths = new Map<string, OrganizationPath>();
  return (account) => {
    const path = paths.get(account) ?? organizationOf(evidence, account);
    paths.set(account, path);
    return path;
  };
}

/** Decides calls from evidence. Policies are compiled once for each principal and key. */
export function decider(evidence: Evidence, { read, ...asked }: Asked): Decider {
  const compiled = new Map<string, CallAuthorizer>();
  const organization = organizationsOf(evidence);
  const endpointId = asked.supplied.get('aws:sourcevpce')?.find((value) => value !== '');
  return {
    warnings: () => distinctWarnings([...compiled.values()].flatMap(({ strict }) => strict.warnings)),
    decide(row, bound) {
      const key = isKeyRole(row.on) ? bound.keys[row.on] : undefined;
      const actor = row.kind === 'role' ? (bound.role ?? bound.principal) : bound.principal;
      const resource = key === undefined ? resourceOf(row.on, bound) : keyResource(key);
      const callerOrganization = organization(actor.account);
      const resourceOrganization = organization(resource.account);
      const name = [row.kind, row.as, actor.arn, servicePrefix(row.action), key?.arn].join(' ');
      const authorizer =
        compiled.get(name) ??
        compileFor(row, actor, key, { evidence, callerOrganization, resourceOrganization, endpointId, read });
      compiled.set(name, authorizer);
      const facts: CallFacts = {
        bound,
        row,
        actor,
        key,
        resourceAccount: resource.account,
        resourceTags: resource.tags,
        callerOrganization,
        resourceOrganization,
        ...asked,
      };
      const possible = callContext(facts);
      const request: RequestInput = {
        ...requestOf(row, actor, key, resource),
        managementAccount: callerOrganization.isManagementAccount,
        resourceInManagementAccount: resourceOrganization.isManagementAccount,
        possible,
      };
      const strictly = authorizer.strict.authorize(request);
      const decision = strictly.decision === 'depends' ? authorizer.assuming.authorize(request) : strictly;
      return {
        row,
        resource: key?.arn ?? (resource.nameUnknown ? `${resource.arn}*` : resource.arn),
        account: resource.account,
        region: key?.region ?? bound.region,
        key,
        decision,
        possible,
        sides: () => sidesOf(authorizer, request, actor.account, resource.account),
        assumptions: [
          ...(decision === strictly ? [] : assumedSilent(strictly)),
          ...assumedKeyPolicy(key),
          ...assumedBucketPolicy(row, resource),
          ...(entersRds(row) ? assumedEndpointPolicy(evidence, endpointId) : []),
        ],
      };
    },
  };
}

function sidesOf({ sides }: CallAuthorizer, request: RequestInput, caller: string, owner: string): readonly Side[] {
  if (sides === undefined) return [];
  const each = sides();
  return [
    { of: 'caller', account: caller, decision: each.caller.authorize(request) },
    { of: 'key owner', account: owner, decision: each.owner.authorize(request) },
  ];
}

/** Of a key that is known by its alias only, the id is open. */
function keyResource({ arn, account }: BoundKey): BoundResource {
  const byAlias = isAliasArn(arn) ? parseArn(arn) : undefined;
  return byAlias === undefined
    ? { arn, account, nameUnknown: false, tags: undefined }
    : { arn: arnWith(byAlias, { resource: 'key/' }), account, nameUnknown: true, tags: undefined };
}

function requestOf(
  row: CallRow,
  actor: Principal,
  key: BoundKey | undefined,
  { arn, account, nameUnknown }: BoundResource,
): RequestInput {
  const self = actor.type === 'session' ? actor.arn : (actor.roleArn ?? actor.arn);
  return {
    principal: row.kind === 'service' ? serviceOf(row) : self,
    action: row.action,
    // A shared snapshot is used with the rights of one's own account; its owner consents by the list of accounts.
    resource: { arn, account: key === undefined ? actor.account : account, nameUnknown },
    ...(actor.roleArn === undefined ? {} : { roleArn: actor.roleArn }),
    ...(actor.uniqueId === undefined ? {} : { userId: actor.uniqueId }),
    awsManagedKey: key?.manager === 'AWS',
  };
}
