import { isAliasArn, placeOf } from '../../base/arn.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import {
  type BoundKey,
  boundKey,
  clusterReplication,
  describedKey,
  insightsOf,
  isMember,
  isOtherService,
  isReplica,
  keyNameOf,
  mayBeManaged,
  mayBeReplica,
  replicasOf,
  replicasOfCluster,
  requestedKey,
  secretOf,
} from '../bind.ts';
import { type Answer, engineAssumed, type Facts, met, notKnown, type PreconditionTest, unmet } from './answer.ts';
import type { PasswordRefusal } from './reason.ts';

/**
 * Preconditions of changes to a database: its state, its managed password, its Performance
 * Insights.
 */
export const modificationTests = {
  'source-can-be-modified': ({ bound: { source, parameters } }) => {
    if (source?.type !== 'cluster' && source?.type !== 'db') return undefined;
    const { status } = source;
    if (status === undefined) return notKnown({ code: 'status-unread' });
    if (status.toLowerCase() === 'available') return met({ code: 'status-is-suitable', status });
    if (source.type !== 'db' || status.toLowerCase() !== 'stopped')
      return notKnown({ code: 'effect-of-status-unpublished', status });
    // The page that says that a stopped instance cannot be modified also says that it gets other
    // groups.
    const { dbParameterGroupName, optionGroupName } = parameters;
    return dbParameterGroupName === undefined && optionGroupName === undefined
      ? unmet({ code: 'status-is-unsuitable', status })
      : notKnown({ code: 'change-of-stopped-instance-is-contradicted' });
  },
  'password-can-be-managed': manageable,
  'source-password-is-managed': ({ bound: { source } }) => {
    const secret = secretOf(source);
    if (secret === undefined) return unmet({ code: 'has-no-managed-password' });
    return mayBeManaged(secret)
      ? notKnown({ code: 'password-management-comes-with-plan' })
      : met({ code: 'has-a-managed-password' });
  },
  'rotation-is-immediate': ({ bound: { parameters } }) =>
    parameters.applyImmediately === true ? undefined : unmet({ code: 'rotation-has-to-be-immediate' }),
  'secret-key-comes-with-management': ({ bound: { parameters } }) =>
    parameters.masterUserSecretKmsKeyId === undefined || parameters.manageMasterUserPassword === true
      ? undefined
      : unmet({ code: 'secret-key-needs-management' }),
  'secret-key-stays': (facts) => {
    const { source, parameters } = facts.bound;
    const secret = secretOf(source);
    const { masterUserSecretKmsKeyId: asked } = parameters;
    if (secret === undefined || asked === undefined) return undefined;
    if (secret.KmsKeyId === undefined) return notKnown({ code: 'secret-key-unread' });
    const held = boundKey(facts.directory, described(facts, secret.KmsKeyId));
    const wanted = asksFor(facts, asked);
    if (held.arn === wanted) return met({ code: 'secret-key-is-the-same' });
    return mayBeBehind(wanted, held)
      ? notKnown({ code: 'secret-key-unread' })
      : unmet({ code: 'secret-key-cannot-be-changed', key: keyNameOf(held) });
  },
  'insights-key-comes-with-insights': ({ bound: { source, parameters, operation } }) => {
    const { performanceInsightsKmsKeyId: key, enablePerformanceInsights: enable } = parameters;
    if (key === undefined || enable === true || parameters.databaseInsightsMode === 'advanced') return undefined;
    const enabled = operation.makes === undefined ? insightsOf(source)?.PerformanceInsightsEnabled : false;
    if (enable === false || enabled === false) return unmet({ code: 'insights-key-needs-insights' });
    return enabled === undefined ? notKnown({ code: 'insights-unread' }) : undefined;
  },
  'insights-key-stays': insightsKeyStays,
} satisfies Partial<Record<PreconditionCode, PreconditionTest>>;

/** The ARN of the key that the request names. */
function asksFor({ bound: { principal, region }, evidence }: Facts, name: string): string {
  return requestedKey(evidence, { account: principal.account, region }, name);
}

/** The ARN of a key that RDS describes. */
function described({ bound: { principal, region }, evidence }: Facts, name: string): string {
  return describedKey(evidence, { account: principal.account, region }, name);
}

/**
 * Whether a key may be the one behind an alias of AWS that the evidence shows at no key. Both are of
 * one account and Region, and a customer managed key has no such alias.
 */
function mayBeBehind(wanted: string, { account, region, alias, manager }: BoundKey): boolean {
  const place = placeOf(wanted);
  return (
    isAliasArn(wanted) &&
    place?.account === account &&
    place.region === region &&
    alias === undefined &&
    manager !== 'CUSTOMER'
  );
}

/** Without the engine of the source, a refusal is not certain. */
function manageable(facts: Facts): Answer | undefined {
  const answer = manageableByRules(facts);
  const { source } = facts.bound;
  if (source === undefined || source.engine !== undefined) return answer;
  if (answer === undefined) return engineAssumed();
  return answer.status === 'unmet' ? notKnown({ code: 'engine-unread' }) : answer;
}

/** rds-kms-operations-2 2. */
function manageableByRules({ bound: { source, operation, parameters } }: Facts): Answer | undefined {
  const refused = (because: PasswordRefusal): Answer => unmet({ code: 'managed-password-is-not-supported', because });
  const engine = source?.engine ?? parameters.engine?.toLowerCase();
  if (engine?.startsWith('custom-') === true) return unmet({ code: 'is-of-rds-custom', engine });
  // No member of a global cluster has a managed password, the first one included.
  if (parameters.globalClusterIdentifier !== undefined) return refused('global cluster');
  if (engine === 'neptune') return notKnown({ code: 'password-rules-of-engine-not-established', engine });
  if (source === undefined || isOtherService(source)) return undefined;
  if (operation.makes !== undefined) {
    if (engine === undefined) return notKnown({ code: 'engine-unread' });
    return engine.startsWith('oracle-') ? undefined : refused('restored engine');
  }
  if (source.type === 'cluster') {
    const { GlobalClusterIdentifier: global, EngineMode: mode } = source.entry;
    if (global !== undefined && global !== '') return refused('global cluster');
    const replication = clusterReplication(source.entry);
    if (replication === 'replica') return refused('replica cluster');
    if (mode?.toLowerCase() === 'serverless') return refused('serverless v1');
    const { replicas, mayCome } = replicasOfCluster(source.entry);
    if (replicas.length > 0) return notKnown({ code: 'managed-password-beside-replicas-unpublished' });
    return replication === 'may be' || mayCome ? notKnown({ code: 'source-of-replica-comes-with-plan' }) : undefined;
  }
  if (source.type !== 'db') return undefined;
  if (isMember(source)) return notKnown({ code: 'password-is-the-clusters' });
  if (source.entry.MultiTenant === true) return refused('multi-tenant');
  const { replicas, mayCome } = replicasOf(source);
  const isSqlServer = engine?.startsWith('sqlserver-') === true;
  if (replicas.length > 0 && !isSqlServer) return refused('source of replicas');
  if (isReplica(source) || mayBeReplica(source)) return notKnown({ code: 'managed-password-of-replica-unpublished' });
  if (mayCome && !isSqlServer) return notKnown({ code: 'source-of-replica-comes-with-plan' });
  const mayBeMultiTenant = source.entry.MultiTenant === undefined && /^oracle-.*-cdb$/.test(engine ?? '');
  return mayBeMultiTenant ? notKnown({ code: 'multi-tenant-unread' }) : undefined;
}

/** The answer to a request that names a key. */
function insightsKeyAsked(held: BoundKey, wanted: string): Answer {
  if (held.arn === wanted) return met({ code: 'insights-key-is-the-same' });
  return mayBeBehind(wanted, held)
    ? notKnown({ code: 'manager-of-insights-key-unread', key: keyNameOf(held) })
    : unmet({ code: 'insights-key-cannot-be-changed', key: keyNameOf(held) });
}

/**
 * The Performance Insights key never changes. A request that leaves out a customer managed key was
 * observed to count as a request for the default key (rds-kms-operations-2 2).
 */
function insightsKeyStays(facts: Facts): Answer | undefined {
  const { source, parameters } = facts.bound;
  const { performanceInsightsKmsKeyId: asked, enablePerformanceInsights: enable } = parameters;
  const { databaseInsightsMode: mode, performanceInsightsRetentionPeriod: days } = parameters;
  if (asked === undefined && enable !== true && mode === undefined && days === undefined) return undefined;
  const entry = insightsOf(source);
  const name = entry?.PerformanceInsightsKMSKeyId;
  // A database without such a key takes any key. RDS describes the key of a database that has one.
  if (name === undefined || name === '')
    return entry?.PerformanceInsightsEnabled === undefined ? notKnown({ code: 'insights-unread' }) : undefined;
  const held = boundKey(facts.directory, described(facts, name));
  if (asked !== undefined) return insightsKeyAsked(held, asksFor(facts, asked));
  if (held.manager === 'AWS') return met({ code: 'insights-key-is-the-default' });
  return held.manager === undefined
    ? notKnown({ code: 'manager-of-insights-key-unread', key: keyNameOf(held) })
    : unmet({ code: 'insights-key-is-left-out', key: keyNameOf(held) });
}
