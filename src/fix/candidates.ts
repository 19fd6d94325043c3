import { isArn, isAwsPolicyArn } from '../base/arn.ts';
import { sameJson } from '../base/json.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { viaService } from '../base/service.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { isEstablished } from '../check/verdict.ts';
import { type PolicyPlace, policiesAt, policyAt } from '../evidence/change.ts';
import { keyStateOf } from '../evidence/lookup.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import { permissionSetOf, permissionSetPolicy } from './commands.ts';
import { copySteps } from './copies.ts';
import { comparisonOf, documentObject, type Exemption, exemptsByOrigin } from './documents.ts';
import { otherKeys } from './keys.ts';
import { withReusableNames } from './reusable.ts';
import { controlStatements, identityStatements, keyPolicyStatements } from './statements.ts';
import { identityArn, type State, type Step } from './step.ts';

/*
 * Changes that could fix the first failure. A fix of the operation must also fix its first failure,
 * so one failure at a time is enough. This file does not decide whether a candidate works. A second
 * check does.
 */

/** Empty: no change fixes the first failure. */
export function candidates(evaluated: Evaluated, state: State): readonly Step[] {
  const unmet = evaluated.preconditions.find(({ status, basis }) => status === 'unmet' && isEstablished(basis));
  if (unmet === undefined) return stepsForCalls(evaluated, state);
  const steps = preconditionSteps[unmet.row.code]?.(state) ?? [];
  // The principal that makes the copy first may lack the same permissions for it.
  const copies = steps.some(({ step, owner }) => step === 'copy' && owner === 'caller');
  return copies ? [...steps, ...stepsForCalls(evaluated, state)] : steps;
}

function stepsForCalls(evaluated: Evaluated, state: State): readonly Step[] {
  const { calls: all, bound } = evaluated;
  const calls = withReusableNames(fixable(all), all, bound.principal);
  const established = calls.filter(({ row }) => isEstablished(row.basis));
  const [first] = [...established.filter(({ decision }) => decision.decision === 'denied'), ...established, ...calls];
  return first === undefined ? [] : callSteps(first, calls, state);
}

/**
 * The calls that a change can fix. If a call depends on unread data or on the name of a group, the
 * user has to read the data or name the group, so nothing needs to change. A policy that revokes
 * sessions is kept, because a new session is enough. If AWS does not publish whether RDS needs a
 * permission, no fix adds it.
 */
function fixable(calls: readonly DecidedCall[]): readonly DecidedCall[] {
  return calls.filter(
    ({ row, decision, leavesOut }) =>
      decision.decision !== 'allowed' &&
      !(row.kind === 'forwarded' && row.basis === 'unknown') &&
      leavesOut === undefined &&
      decision.dependsOn.every(
        (one) =>
          one.fact !== 'policy' &&
          one.fact !== 'grants' &&
          one.fact !== 'principal' &&
          !(one.fact === 'context' && one.key.toLowerCase() === 'aws:tokenissuetime'),
      ),
  );
}

const preconditionSteps: Readonly<Partial<Record<PreconditionCode, (state: State) => readonly Step[]>>> = {
  'key-is-enabled': (state) => [...enabling(state, 'target key', 'storage key'), ...otherKeys(state)],
  'source-key-is-enabled': (state) => enabling(state, 'storage key'),
  'secret-key-is-enabled': (state) => enabling(state, 'secret key'),
  'insights-key-is-enabled': (state) => enabling(state, 'insights key'),
  'key-is-named': otherKeys,
  'key-is-in-the-region': otherKeys,
  'key-is-symmetric': otherKeys,
  'key-can-be-used-by-the-account': (state) => [...otherKeys(state), ...copySteps(state)],
  'source-key-can-be-used-by-the-account': copySteps,
  'shared-snapshot-is-copied-first': copySteps,
  'snapshot-can-be-shared': copySteps,
  'snapshot-is-manual': copySteps,
  'snapshot-is-shared-with-the-account': ({ bound: { source, principal } }) =>
    source === undefined
      ? []
      : [
          {
            step: 'change',
            owner: 'snapshot owner',
            account: source.account,
            change: { change: 'sharing', snapshot: source.arn, account: principal.account },
          },
        ],
};

/** The step that enables a key that is disabled or pending deletion (rds-kms-operations 5). */
function enabling(
  { bound }: State,
  ...roles: readonly ('target key' | 'storage key' | 'secret key' | 'insights key')[]
): readonly Step[] {
  const key = roles.map((role) => bound.keys[role]).find((one) => one !== undefined);
  const state = keyStateOf(key?.key);
  return key !== undefined && (state === 'Disabled' || state === 'PendingDeletion')
    ? [
        {
          step: 'change',
          owner: 'key owner',
          account: key.account,
          change: { change: 'key state', key: key.arn, state: 'Enabled' },
        },
      ]
    : [];
}

function callSteps(first: DecidedCall, calls: readonly DecidedCall[], state: State): readonly Step[] {
  const others = first.row.on === 'target key' ? otherKeys(state) : [];
  const deny = first.decision.decidedBy.find((by): by is StatementRef => !('grant' in by) && by.effect === 'Deny');
  const { actor } = first;
  if (deny !== undefined) return [...exempting(first, deny, actor, state), ...others];
  if (first.row.kind === 'service') return [];
  const isRole = first.row.kind === 'role';
  const alike = calls.filter(
    ({ row, actor: other }) => row.kind !== 'service' && (row.kind === 'role') === isRole && other.arn === actor.arn,
  );
  const without = (kind: PolicyKind): readonly DecidedCall[] => alike.filter((call) => lacks(call, kind));
  // These policies must allow the call, whatever else is missing.
  if (first.decision.lacking.includes('scp')) return onControlPolicies(first, without('scp'), actor, state);
  if (mustAllow(first, 'boundary')) return onBoundary(without('boundary'), actor, state);
  if (mustAllow(first, 'session')) return inSession(without('session'), actor);
  // AWS does not publish whether an Allow to everyone outweighs a boundary or session policy that
  // does not allow.
  const mayEscape = first.decision.dependsOn.some((one) => one.fact === 'rule' && one.rule === 'iam-evaluation 14.19');
  return [
    ...(mayEscape ? [...onBoundary(without('boundary'), actor, state), ...inSession(without('session'), actor)] : []),
    ...onIdentity(first, without('identity'), actor, state),
    ...onKeyPolicy(first, [...without('resource'), ...without('identity')], actor, state),
    ...byGrant(first, actor),
    ...others,
  ];
}

/**
 * Whether an Allow is missing. If a call depends on a condition, any Allow without the condition
 * works.
 */
function lacks({ decision }: DecidedCall, kind: PolicyKind): boolean {
  return decision.decision === 'depends' ? decision.decidedBy.length > 0 : decision.lacking.includes(kind);
}

/**
 * Whether no policy of this layer allows the call, or only under a condition whose facts are not
 * known. No policy of another layer can make up for this.
 */
function mustAllow({ decision }: DecidedCall, kind: 'boundary' | 'session'): boolean {
  if (decision.decision !== 'depends') return decision.lacking.includes(kind);
  const allows = decision
    .trace()
    .filter(({ layer }) => layer === kind)
    .flatMap(({ policies }) => policies.flatMap(({ statements }) => statements))
    .flatMap(({ statement, matches }) => (statement.effect === 'Allow' ? [matches] : []));
  return !allows.includes(true) && allows.some((matches) => matches !== false);
}

function onIdentity(
  first: DecidedCall,
  calls: readonly DecidedCall[],
  actor: Principal,
  { bound, evidence }: State,
): readonly Step[] {
  const owner = identityArn(actor);
  // Only AWS changes the policies of a service-linked role.
  if (owner === undefined || isServiceLinkedRole(owner) || calls.length === 0) return [];
  const own = `allow-${first.row.kind === 'role' ? 'role-of-' : ''}${bound.operation.command.replace('kms:', '')}`;
  // A permission set has one inline policy, which is replaced as a unit.
  const name = permissionSetOf(owner) === undefined ? own : permissionSetPolicy;
  const place: PolicyPlace = { in: 'inline policy', owner, name };
  const given = policyAt(evidence, place);
  // A text that is not a policy is not edited.
  return given === undefined || documentObject(given) !== undefined
    ? [
        {
          step: 'allow',
          owner: "principal's account",
          account: actor.account,
          place,
          principal: owner,
          statements: identityStatements(calls),
        },
      ]
    : [];
}

function onKeyPolicy(
  first: DecidedCall,
  calls: readonly DecidedCall[],
  actor: Principal,
  { evidence }: State,
): readonly Step[] {
  const { key } = first;
  const principal = actor.type === 'root' ? actor.arn : identityArn(actor);
  if (key === undefined || key.manager === 'AWS' || principal === undefined) return [];
  const place: PolicyPlace = { in: 'key policy', key: key.arn };
  const onKey = [...new Set(calls)].filter((call) => call.key?.arn === key.arn);
  return policyAt(evidence, place) === undefined || onKey.length === 0
    ? []
    : [
        {
          step: 'allow',
          owner: 'key owner',
          account: key.account,
          place,
          principal,
          statements: keyPolicyStatements(onKey, principal),
        },
      ];
}

function onBoundary(calls: readonly DecidedCall[], actor: Principal, { evidence }: State): readonly Step[] {
  return (actor.boundary ?? []).flatMap(({ name }): readonly Step[] => {
    const place: PolicyPlace = { in: 'managed policy', arn: name };
    return isAwsPolicyArn(name) || policyAt(evidence, place) === undefined
      ? []
      : [
          {
            step: 'allow',
            owner: "principal's account",
            account: actor.account,
            place,
            principal: actor.arn,
            statements: identityStatements(calls),
          },
        ];
  });
}

function inSession(calls: readonly DecidedCall[], actor: Principal): readonly Step[] {
  return actor.session === undefined
    ? []
    : [{ step: 'allow in session', owner: 'caller', account: actor.account, statements: identityStatements(calls) }];
}

/**
 * The highest level at which no policy allows: edits a policy that is attached there, or adds a new
 * one.
 */
function onControlPolicies(
  first: DecidedCall,
  calls: readonly DecidedCall[],
  actor: Principal,
  { evidence }: State,
): readonly Step[] {
  const organization = evidence.accounts[actor.account]?.organization;
  const level = organization?.path?.[levelsLacking(first)[0] ?? -1];
  if (organization === null || organization === undefined || level === undefined) return [];
  const own = level.scps?.find(({ name }) => name !== fullAccess);
  const acting = { owner: 'organization', account: organization.managementAccountId ?? '' } as const;
  const statements = controlStatements(calls);
  if (own !== undefined) {
    const place = { in: 'scp', organization: organization.id, name: own.name } as const;
    return hasOneText(evidence, place) ? [{ step: 'allow', ...acting, place, principal: actor.arn, statements }] : [];
  }
  return [
    {
      step: 'change',
      ...acting,
      change: {
        change: 'new control policy',
        kind: 'scp',
        organization: organization.id,
        at: level.id,
        name: 'AllowEncryptedDatabases',
        document: { Version: '2012-10-17', Statement: [...statements] },
      },
    },
  ];
}

/**
 * The numbers of the organization's levels at which no SCP allows a call. Empty: no SCP is missing.
 */
export function levelsLacking({ decision }: DecidedCall): readonly number[] {
  if (!decision.lacking.includes('scp')) return [];
  const layers = decision.trace().filter(({ layer }) => layer === 'scp');
  return layers.flatMap(({ policies }, level) =>
    policies.some(({ statements }) =>
      statements.some(({ statement, matches }) => statement.effect === 'Allow' && matches === true),
    )
      ? []
      : [level],
  );
}

const fullAccess = 'FullAWSAccess';

/**
 * A grantee may have a grant that lacks only one operation. A grant cannot be changed, so a new one
 * is needed.
 */
function byGrant({ key, row, decision }: DecidedCall, actor: Principal): readonly Step[] {
  const grantee = identityArn(actor);
  const operation = row.action.replace(/^kms:/, '');
  const held = key?.key?.Grants?.find(
    ({ GranteePrincipal: holder, Operations: operations }) =>
      grantee !== undefined && holder === grantee && operations?.includes(operation) === false,
  );
  if (key === undefined || held === undefined || decision.decision !== 'denied') return [];
  const { Name: _, ...others } = held;
  const grant = { ...others, GrantId: 'of the fix', Operations: [...(held.Operations ?? []), operation] };
  return [
    {
      step: 'change',
      owner: 'key owner',
      account: key.account,
      change: { change: 'grant', key: key.arn, grant },
    },
  ];
}

/**
 * Narrows a Deny: it then exempts this principal, or one more Region if it lists Regions, or calls
 * through the service, or AWS services for a service's own calls.
 */
function exempting(call: DecidedCall, deny: StatementRef, actor: Principal, state: State): readonly Step[] {
  if (deny.policy === 'session') return exemptingInSession(call, deny, actor);
  const found = placeOfStatement(call, deny, actor, state.evidence);
  if (found === undefined) return [];
  const step = (exemption: Exemption): Step => ({
    step: 'exempt',
    ...found,
    deny,
    exemption,
  });
  if (call.row.kind === 'service') return [step({ key: 'aws:PrincipalIsAWSService', value: 'true' })];
  const services = servicesBetween(call).map(step);
  const document = documentObject(policyAt(state.evidence, found.place)) ?? {};
  const comparison = (key: Exemption['key']) => comparisonOf(document, deny.statement, key);
  const regions =
    comparison('aws:RequestedRegion') === 'exempts' ? [step({ key: 'aws:RequestedRegion', value: call.region })] : [];
  // If the only owner of an inline policy were exempt from its Deny, the Deny would have no effect.
  const isOwn = found.place.in === 'inline policy' && found.place.owner === identityArn(actor);
  if (isOwn && regions.length + services.length > 0) return [...regions, ...services];
  const principals = sparing(actor, state).map(step);
  // If a Deny of calls through a service exempted these calls, it would deny nothing. A Deny that
  // keeps out other organizations would let them in through the service.
  const isWide =
    comparison('kms:ViaService') === 'certain' || (principals.length > 0 && exemptsByOrigin(document, deny.statement));
  return [...principals, ...regions, ...(isWide ? [] : services)];
}

/**
 * Whoever opens the session chooses its policy: one whose Deny exempts the calls through the
 * service, or one without the Deny.
 */
function exemptingInSession(call: DecidedCall, deny: StatementRef, actor: Principal): readonly Step[] {
  return [...servicesBetween(call), undefined].map((exemption) => ({
    step: 'exempt in session',
    owner: 'caller',
    account: actor.account,
    deny,
    exemption,
  }));
}

/** The services through which a forwarded call on a key is made. */
function servicesBetween({ row, key, region }: DecidedCall): readonly Exemption[] {
  const through = row.kind === 'forwarded' && key !== undefined ? (row.through ?? ['rds']) : [];
  return through
    .filter((service) => service !== 'none')
    .map((service) => ({ key: 'kms:ViaService', value: viaService(service, region) }));
}

/**
 * The condition value that identifies a principal. For a root user that stands for its account,
 * this is the account.
 */
function sparing(actor: Principal, { bound }: State): readonly Exemption[] {
  if (actor.type === 'root')
    return bound.ownKeyAssumed
      ? [{ key: 'aws:PrincipalAccount', value: actor.account }]
      : [{ key: 'aws:PrincipalArn', value: actor.arn }];
  const principal = identityArn(actor);
  return principal === undefined ? [] : [{ key: 'aws:PrincipalArn', value: principal }];
}

type Place = Pick<Extract<Step, { readonly step: 'exempt' }>, 'place' | 'owner' | 'account'>;

/** Undefined: the statement is in no policy that can be edited. */
function placeOfStatement(
  { key }: DecidedCall,
  { policy, name }: StatementRef,
  actor: Principal,
  evidence: Evidence,
): Place | undefined {
  const own = { owner: "principal's account", account: actor.account } as const;
  switch (policy) {
    case 'identity':
    case 'boundary': {
      if (isAwsPolicyArn(name)) return undefined;
      if (isArn(name)) return { ...own, place: { in: 'managed policy', arn: name } };
      const owner = ownersOf(actor, evidence).find(
        (arn) => policyAt(evidence, { in: 'inline policy', owner: arn, name }) !== undefined,
      );
      return owner === undefined ? undefined : { ...own, place: { in: 'inline policy', owner, name } };
    }
    case 'resource':
      // Only Resource Access Manager changes the second policy of a key (iam-evaluation 14.22).
      return key === undefined || key.manager === 'AWS' || name !== key.arn
        ? undefined
        : { owner: 'key owner', account: key.account, place: { in: 'key policy', key: key.arn } };
    case 'scp':
    case 'rcp': {
      const account = policy === 'scp' ? actor.account : (key?.account ?? actor.account);
      const organization = evidence.accounts[account]?.organization;
      if (organization === null || organization === undefined) return undefined;
      const place = { in: policy, organization: organization.id, name } as const;
      if (!hasOneText(evidence, place)) return undefined;
      return { owner: 'organization', account: organization.managementAccountId ?? '', place };
    }
    default:
      return undefined;
  }
}

/**
 * If a control policy has several texts, it is unknown which one is current, so it is not edited.
 */
function hasOneText(evidence: Evidence, place: PolicyPlace): boolean {
  const [first, ...others] = policiesAt(evidence, place).map(documentObject);
  return others.every((one) => sameJson(one, first));
}

/**
 * The owners of the inline policies that a principal has: the principal itself, and the groups of a
 * user.
 */
function ownersOf(actor: Principal, evidence: Evidence): readonly string[] {
  const self = identityArn(actor);
  const iam = evidence.accounts[actor.account]?.iam;
  const groups = iam?.UserDetailList?.find(({ Arn }) => Arn === self)?.GroupList ?? [];
  const arns = (iam?.GroupDetailList ?? []).filter(({ GroupName }) => groups.includes(GroupName)).map(({ Arn }) => Arn);
  return self === undefined ? arns : [self, ...arns];
}
