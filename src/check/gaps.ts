import { parseArn } from '../base/arn.ts';
import { isForNoCheck, rdsRows } from '../evidence/lists.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Gap } from '../evidence/schema.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import type { Evaluated } from './evaluate.ts';
import { assumptionsOf } from './verdict.ts';

/** What a verdict leaves open or assumes. */
interface Open {
  readonly facts: readonly Fact[];
  /** The ARNs of the keys whose grants are among the facts. */
  readonly grantsOf: readonly string[];
  readonly unknown: readonly PreconditionCode[];
  /** Whether the decision depends on control policies that are assumed to be silent. */
  readonly assumes: boolean;
  /** The users, roles or sessions whose policies count. */
  readonly actors: readonly Principal[];
}

/** A failed read that affects the verdict. */
export interface DecisiveGap {
  /**
   * `read-decides`: the failed read leaves the verdict open. `read-assumed`: the verdict assumes
   * what the read would have shown.
   */
  readonly code: 'read-decides' | 'read-assumed';
  readonly gap: Gap;
}

/** A failed read that affects no verdict. */
export interface IdleRead {
  readonly code: 'read-without-effect';
}

type Bears = (gap: Gap, open: Open) => boolean;

const onContext =
  (keys: RegExp): Bears =>
  (_, { facts }) =>
    facts.some((fact) => fact.fact === 'context' && keys.test(fact.key));
const onPrecondition =
  (...codes: readonly PreconditionCode[]): Bears =>
  (_, { unknown }) =>
    unknown.some((code) => codes.includes(code));
const onPolicy =
  (...kinds: readonly PolicyKind[]): Bears =>
  (_, { facts }) =>
    facts.some((fact) => fact.fact === 'policy' && kinds.includes(fact.kind));
/** Whether the gap is why a policy of the actors was not read, if the verdict needs that policy. */
const givenAsReason: Bears = ({ what }, { facts, actors }) =>
  actors
    .flatMap(policiesOf)
    .some(
      (policy) =>
        'gap' in policy &&
        policy.gap?.what === what &&
        facts.some((fact) => fact.fact === 'policy' && fact.of === policy.name),
    );
/** Whether the gap is about the policy that a fact names. */
const namedInFact: Bears = ({ resource }, { facts }) =>
  facts.some((fact) => fact.fact === 'policy' && fact.of === resource);
const ofAnActor: Bears = ({ resource = '' }, { actors }) =>
  !['user', 'role', 'assumed-role'].includes(parseArn(resource)?.type ?? '') ||
  actors.some(({ arn, roleArn }) => [arn, roleArn].some((one) => one !== undefined && names(resource, one)));
const any =
  (...all: readonly Bears[]): Bears =>
  (gap, open) =>
    all.some((bears) => bears(gap, open));
const never: Bears = () => false;

function policiesOf({ identity, boundary = [] }: Principal): readonly PolicyText[] {
  return [...identity, ...boundary];
}

/** A gap names a resource by its ARN. The name of one of its policies may follow the ARN. */
function names(resource: string, arn: string): boolean {
  return resource === arn || resource.startsWith(`${arn} `);
}

const aboutRole = onPrecondition(
  'role-exists',
  'role-trusts-the-service',
  'role-is-in-the-callers-account',
  'monitoring-role-exists',
  'monitoring-role-trusts-the-service',
  'attached-roles-exist',
);
const aboutDefaultKey = onPrecondition('default-key-exists');
const aboutKey = onPrecondition(
  'snapshot-can-be-restored-under-the-key',
  'snapshot-can-be-copied-under-the-key',
  'source-can-be-restored-under-the-key',
  'source-can-be-replicated-under-the-key',
  'key-is-named',
  'key-is-in-the-region',
  'key-is-enabled',
  'key-is-symmetric',
  'key-can-be-used-by-the-account',
  'key-takes-another-grant',
  'source-key-is-enabled',
  'source-key-can-be-used-by-the-account',
  'secret-key-is-enabled',
  'secret-key-stays',
  'insights-key-is-enabled',
  'insights-key-stays',
  'default-key-exists',
);
const aboutSharingOrQuotas = onPrecondition(
  'snapshot-is-shared-with-the-account',
  'shared-snapshot-is-copied-first',
  'snapshot-can-be-shared',
  'snapshot-is-not-shared',
  'cluster-is-shared-with-the-account',
  'copies-in-progress-are-below-the-quota',
  'manual-snapshots-are-below-the-quota',
  'clusters-are-below-the-quota',
  'instances-are-below-the-quota',
  'export-tasks-are-below-the-quota',
  'accounts-are-below-the-quota',
  'clones-are-below-the-quota',
);

/** Reads of lists that no check needs. */
const forNoCheck = new RegExp(
  `^(backup:.*|${rdsRows.flatMap(([, { use, action }]) => (isForNoCheck(use) ? [action] : [])).join('|')})$`,
);

/**
 * The purpose of each read. A gap matters to a verdict if the verdict leaves that purpose open. The
 * first matching row counts.
 */
const rows: readonly (readonly [read: RegExp, bears: Bears])[] = [
  [/^(sts:GetCallerIdentity|ec2:.*|iam:SimulatePrincipalPolicy)$/, never],
  [/^iam:GetPolicy(Version)?$/, namedInFact],
  [
    /^iam:Get(User|Role)$/,
    (gap, open) =>
      ofAnActor(gap, open) &&
      any(givenAsReason, onPolicy('boundary'), onContext(/^aws:(PrincipalTag\/|userid)/i), aboutRole, (_, { facts }) =>
        facts.some(({ fact }) => fact === 'principal'),
      )(gap, open),
  ],
  [/^iam:/, (gap, open) => ofAnActor(gap, open) && any(givenAsReason, onPolicy('identity', 'boundary'))(gap, open)],
  [/^kms:GetKeyPolicy$/, namedInFact],
  [/^kms:ListGrants$/, ({ resource }, { grantsOf }) => grantsOf.some((arn) => arn === resource)],
  [/^kms:ListAliases$/, any(onContext(/^kms:Re(source|quest)Alias/i), aboutDefaultKey)],
  [/^kms:ListResourceTags$/, onContext(/^aws:ResourceTag\//i)],
  [/^kms:/, any(onContext(/^kms:/i), aboutKey, onPolicy('resource'))],
  [/^organizations:/, any(onPolicy('scp', 'rcp'), onContext(/Org(ID|Paths)$/i), (_, { assumes }) => assumes)],
  [forNoCheck, never],
  [/^rds:Describe.*Attributes$/, aboutSharingOrQuotas],
  [/^rds:/, (_, { unknown }) => unknown.length > 0],
];

/**
 * The failed reads that the verdict depends on. With `strict`, this includes what an assumption
 * leaves open. If a read is not in the table, everything open may depend on it.
 */
export function decisiveGaps(
  gaps: readonly Gap[],
  { bound, calls, preconditions, verdict, strict }: Evaluated,
): readonly DecisiveGap[] {
  const { principal, role } = bound;
  if (verdict === 'fails') return [];
  const assumes = assumptionsOf(calls, preconditions).some(({ code }) => code === 'control-policies-unread');
  if (verdict === 'succeeds')
    return gaps.flatMap((gap) =>
      assumes && gap.what.startsWith('organizations:') ? [{ code: 'read-assumed', gap }] : [],
    );
  const depending = calls.filter(({ decision }) => decision.decision === 'depends');
  const open: Open = {
    assumes: strict && assumes,
    facts: depending.flatMap(({ decision }) => decision.dependsOn),
    grantsOf: depending.flatMap(({ decision, key }) =>
      key !== undefined && decision.dependsOn.some(({ fact }) => fact === 'grants') ? [key.arn] : [],
    ),
    unknown: preconditions.flatMap(({ row, status }) => (status === 'unknown' ? [row.code] : [])),
    actors: [principal, ...(role === undefined ? [] : [role])],
  };
  return gaps
    .filter((gap) => rows.find(([read]) => read.test(gap.what))?.[1](gap, open) ?? true)
    .map((gap) => ({ code: 'read-decides', gap }));
}
