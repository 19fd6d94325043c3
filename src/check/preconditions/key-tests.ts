import { type Place, placeOf } from '../../base/arn.ts';
import { withAddress } from '../../base/planned-name.ts';
import { aliasOf, keyIdOf, keyStateOf, keyStates, managerOf, regionAt } from '../../evidence/lookup.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import { type Bound, type BoundKey, isOpenTo, mustNameKey, secretOf } from '../bind.ts';
import { guardsHold } from '../rows.ts';
import { type Answer, assumed, type Facts, met, notKnown, type PreconditionTest, unmet } from './answer.ts';
import type { AffectedByKey, KeyStateUnread } from './reason.ts';

/** Preconditions of KMS keys (rds-kms-operations 5). */
export const keyTests = {
  'key-is-named': keyIsNamed,
  'key-is-in-the-region': onMainKey(({ bound }, key) => inRegion(key, bound.parameters.kmsKeyId, bound)),
  'key-is-enabled': (facts) => {
    if (facts.row.basis !== 'unknown') return onMainKey((_, key) => keyState(key, facts))(facts);
    const answer = onMainKey((_, key) => stateOfHeldKey(key, facts))(facts);
    // The request names no key: it is about the key of the source.
    return answer?.reason.code === 'key-id-unread' ? unreadState({ code: 'source-key-id-unread' }, facts) : answer;
  },
  'key-is-symmetric': onMainKey((_, key) => symmetric(key)),
  'key-can-be-used-by-the-account': onMainKey(({ bound }, key) => ownManagedKey(key, bound)),
  'key-takes-another-grant'(facts) {
    const answer = onMainKey((_, key) => takesGrant(key))(facts);
    return answer?.status === 'unmet' ? answer : (sourceKeyIsFull(facts.bound) ?? answer);
  },
  'source-key-is-enabled': (facts) => {
    const { bound } = facts;
    const key = bound.keys['storage key'];
    if (key === undefined) return mayHaveKey(bound) ? notKnown({ code: 'source-key-id-unread' }) : undefined;
    return bound.keysDiffer ? keyState(key, facts) : undefined;
  },
  'source-key-can-be-used-by-the-account': ({ bound }) => {
    const key = bound.keys['storage key'];
    return key === undefined || !bound.keysDiffer ? undefined : ownManagedKey(key, bound);
  },
  'secret-key-is-enabled': (facts) => {
    const { keys, parameters, source, operation } = facts.bound;
    const key = keys['secret key'];
    if (key === undefined) return undefined;
    const answer = usable(key, parameters.masterUserSecretKmsKeyId, facts);
    // A secret that exists keeps its key (rds-kms-operations-2 2).
    const isPresent = operation.makes === undefined && secretOf(source) !== undefined;
    return isPresent && answer.status === 'unmet'
      ? notKnown({ code: 'use-of-present-secret-key-unpublished' })
      : answer;
  },
  'insights-key-is-enabled': (facts) => {
    const { keys, parameters } = facts.bound;
    const key = keys['insights key'];
    if (key === undefined) return undefined;
    const answer = usable(key, parameters.performanceInsightsKmsKeyId, facts);
    const isUnread = key.key === undefined && key.alias === defaultKey;
    return isUnread && answer.status !== 'unmet' ? unreadDefaultKey() : answer;
  },
  'key-comes-with-encryption': ({ bound }) => {
    const { operation } = bound;
    const { kmsKeyId, storageEncrypted, engine } = bound.parameters;
    if (kmsKeyId === undefined) return undefined;
    if (storageEncrypted === true) return met({ code: 'encryption-comes-with-key' });
    if (storageEncrypted === false) return unmet({ code: 'key-needs-encryption' });
    if (isOpenTo('storage-encrypted', bound)) return notKnown({ code: 'encryption-is-left-out' });
    // A replica of an encrypted database asks for encryption with the key.
    if (operation.reads !== undefined) return undefined;
    // A request for a DB instance always has an engine. Without one, the question is not complete.
    if (operation.makes !== 'db' || engine === undefined)
      return assumed({ code: 'key-alone-asks-for-encryption' }, { code: 'encryption-is-left-out' });
    // RDS Custom always encrypts. Other DB instances are not encrypted by default.
    return engine.toLowerCase().startsWith('custom-') ? undefined : unmet({ code: 'key-needs-encryption' });
  },
  'default-key-exists': ({ bound }) => {
    const { kmsKeyId, storageEncrypted } = bound.parameters;
    const key = bound.keys['target key'];
    const isAsked = kmsKeyId === undefined ? storageEncrypted === true : key?.requestAlias === defaultKey;
    if (!isAsked || key === undefined) return undefined;
    return key.key === undefined ? unreadDefaultKey() : met({ code: 'default-key-is-held' });
  },
} satisfies Partial<Record<PreconditionCode, PreconditionTest>>;

function unreadDefaultKey(): Answer {
  return assumed({ code: 'default-key-is-there-or-created' }, { code: 'default-key-unread' });
}

/** RDS was seen to refuse this alias in an account that had never used the key. */
const defaultKey = 'alias/aws/rds';

/** The quota of a key, unless AWS has raised it (iam-evaluation 6.29). */
const usualMaximum = 50_000;

/** In milliseconds. An answer covers calls of one day. */
const covered = 24 * 60 * 60 * 1000;

/** Tests the key of the new resource, else the key of the source, else the key of a KMS action. */
function onMainKey(test: (facts: Facts, key: BoundKey) => Answer | undefined): PreconditionTest {
  return (facts) => {
    const { bound } = facts;
    const key =
      bound.operation.targetKey === undefined || !bound.keysDiffer
        ? (bound.keys['target key'] ?? bound.keys['storage key'] ?? bound.keys['named key'])
        : bound.keys['target key'];
    if (key !== undefined) return test(facts, key);
    return mayHaveKey(bound) && !bound.keysDiffer ? notKnown({ code: 'key-id-unread' }) : undefined;
  };
}

/** Whether the source is encrypted, or may be, with a key that the evidence does not name. */
function mayHaveKey({ encryption, keys }: Bound): boolean {
  return (encryption === 'sse-kms' || encryption === 'unknown') && keys['storage key'] === undefined;
}

/** rds-kms-operations 4.5, 4.9. */
function keyIsNamed({ bound, evidence }: Facts): Answer | undefined {
  const { source, parameters, encryption, principal } = bound;
  if (source === undefined || !mustNameKey(bound, source)) return undefined;
  if (bound.ownKeyAssumed)
    return assumed(
      { code: 'account-has-key-of-its-own', account: principal.account },
      { code: 'no-key-named-for-the-account' },
    );
  if (parameters.kmsKeyId !== undefined) return met({ code: 'request-names-key', key: parameters.kmsKeyId });
  if (encryption === 'none') return undefined;
  const replica = bound.operation.makes === 'cluster' || bound.operation.makes === 'db';
  const foreign = source.account !== principal.account;
  const elsewhere = foreign
    ? ({ in: 'account', name: source.account } as const)
    : ({ in: 'Region', name: source.region } as const);
  if (encryption !== 'sse-kms') return notKnown({ code: 'copy-may-need-key-of-its-own', elsewhere });
  const place = { region: bound.region, account: principal.account };
  const needed = { elsewhere, ...place, candidates: candidatesAt(evidence, place) };
  if (replica) return unmet({ code: 'replica-needs-key-of-its-own', ...needed });
  if (bound.operation.makes === 'auto-backup') return unmet({ code: 'replicated-backups-need-key', ...needed });
  return unmet({ code: foreign ? 'copy-across-accounts-needs-key' : 'copy-across-regions-needs-key', ...needed });
}

/** The keys of an account and Region that could encrypt a database, by alias or ID. */
function candidatesAt(evidence: Evidence, place: Place): readonly string[] {
  const keys = regionAt(evidence, place)?.kms?.keys ?? [];
  return keys
    .filter(
      (key) =>
        managerOf(key, aliasOf(key)) !== 'AWS' &&
        (keyStateOf(key) ?? 'Enabled') === 'Enabled' &&
        (key.KeyMetadata.KeySpec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT',
    )
    .map((key) => withAddress(aliasOf(key) ?? keyIdOf(key)))
    .toSorted();
}

/**
 * Whether a key that is not the one of the storage can be used: everything that the key of the storage needs.
 * `asked`: the name of the key in the request. Undefined: the request does not name it.
 */
function usable(key: BoundKey, asked: string | undefined, facts: Facts): Answer {
  const { bound } = facts;
  const state = keyState(key, facts);
  const others = [inRegion(key, asked, bound), symmetric(key), ownManagedKey(key, bound), takesGrant(key)];
  const answers = [...others, state].filter((one) => one !== undefined);
  return (
    answers.find(({ status }) => status === 'unmet') ??
    [state, ...answers].find(({ status }) => status === 'unknown') ??
    state
  );
}

/** rds-kms-operations 5. `asked`: the name of the key in the request. */
function inRegion(key: BoundKey, asked: string | undefined, { region }: Bound): Answer {
  if (key.region !== region) return unmet({ code: 'key-is-in-another-region', keyRegion: key.region, region });
  const replicaRegion = placeOf(asked ?? '')?.region ?? region;
  return replicaRegion === region
    ? met({ code: 'key-is-in-region', region })
    : notKnown({ code: 'key-is-named-by-its-replica', replicaRegion, region });
}

/** rds-kms-operations 5. Only customer managed keys have this quota (iam-evaluation 6.29). */
function takesGrant({ key, manager }: BoundKey): Answer | undefined {
  const grants = key?.Grants?.length;
  if (grants === undefined || manager === 'AWS') return undefined;
  if (grants < usualMaximum) return met({ code: 'grants-are-below-the-limit', grants });
  return grants === usualMaximum
    ? unmet({ code: 'grants-are-at-the-limit', grants })
    : notKnown({ code: 'grants-are-above-the-usual-limit', grants });
}

/**
 * RDS also makes a grant on the key of the source if the new resource has another key, which AWS does
 * not say of every operation.
 */
function sourceKeyIsFull(bound: Bound): Answer | undefined {
  const key = bound.keysDiffer ? bound.keys['storage key'] : undefined;
  const grants = key?.manager === 'AWS' ? 0 : (key?.key?.Grants?.length ?? 0);
  if (grants < usualMaximum) return undefined;
  const isGranted = bound.operation.calls.some(
    ({ action, on, when }) => action === 'kms:CreateGrant' && on === 'storage key' && guardsHold(when, bound, on),
  );
  return isGranted ? notKnown({ code: 'grants-of-source-key-are-at-the-limit', grants }) : undefined;
}

/** rds-kms-operations 5. */
function keyState({ key, arn, manager }: BoundKey, { evaluatedAt, directory }: Facts): Answer {
  const state = keyStateOf(key);
  if (state === undefined && manager === 'AWS') return met({ code: 'aws-managed-key-is-enabled' });
  if (key === undefined)
    return directory.isGone(arn)
      ? unmet({ code: 'key-does-not-exist', key: arn })
      : notKnown({ code: 'key-unread', key: arn });
  if (state === undefined) return notKnown({ code: 'key-state-unread' });
  if (state === 'Enabled' || state === 'Updating') {
    // If its imported key material has expired, the key is in PendingImport, whatever state was
    // read earlier.
    const validTo = instantOf(key.KeyMetadata.ValidTo);
    const left = validTo === undefined ? undefined : validTo.getTime() - Date.parse(evaluatedAt);
    if (validTo === undefined || left === undefined || left > covered)
      return met({ code: 'key-state-is-usable', state });
    const expiry = { validTo: validTo.toISOString() };
    return left > 0
      ? assumed(
          { code: 'key-is-used-before-its-material-expires', ...expiry },
          { code: 'key-material-expires-soon', ...expiry },
        )
      : unmet({ code: 'key-material-has-expired', ...expiry });
  }
  if (state === 'Unavailable') return notKnown({ code: 'key-state-is-unavailable' });
  // KMS may add states, and a key may be usable in a new one, as in Updating.
  return keyStates.includes(state)
    ? unmet({ code: 'key-state-is-not-usable', state })
    : notKnown({ code: 'key-state-is-not-listed', state });
}

/** AWS CLI version 1 shows times as seconds since 1970. The API and version 2 show ISO text. */
function instantOf(shown: string | number | undefined): Date | undefined {
  return shown === undefined ? undefined : new Date(typeof shown === 'number' ? shown * 1000 : shown);
}

function onWhat({ command, makes, reads }: Bound['operation']): AffectedByKey {
  if (command.startsWith('delete')) return 'deletion';
  if (command.startsWith('promote')) return 'promotion';
  if (command === 'modify-cluster' || command === 'modify-instance') return 'modification';
  if (makes !== undefined) return 'snapshot';
  return reads?.flag === 'instance-snapshot' ? 'upgrade' : 'reboot';
}

/**
 * AWS does not publish what happens to a snapshot while its key is lost (rds-kms-operations 4.1,
 * 4.10). If the state of the key could not be read, an available database indicates that the key
 * works, because RDS stops a database whose key it cannot use (8.1).
 */
function stateOfHeldKey(key: BoundKey, facts: Facts): Answer {
  const { source, operation } = facts.bound;
  const answer = keyState(key, facts);
  const { reason } = answer;
  const on = onWhat(operation);
  if (reason.code === 'key-state-is-not-usable')
    return notKnown({ code: 'effect-of-key-state-unpublished', state: reason.state, on });
  if (reason.code === 'key-does-not-exist') return notKnown({ code: 'effect-of-lost-key-unpublished', on });
  if (reason.code === 'key-material-has-expired')
    return notKnown({ code: 'effect-of-expired-key-material-unpublished', validTo: reason.validTo, on });
  if (reason.code !== 'key-unread' && reason.code !== 'key-state-unread') return answer;
  if (source?.status?.toLowerCase() !== 'available') return unreadState(reason, facts);
  const database = source.type === 'db' ? 'db' : 'cluster';
  return assumed({ code: 'available-database-has-its-key', database, because: reason }, reason);
}

/** AWS documents no use of the key for a modification or a promotion: only a lost key leaves them open. */
function unreadState(reason: KeyStateUnread, { bound }: Facts): Answer {
  const on = onWhat(bound.operation);
  return on === 'modification' || on === 'promotion'
    ? assumed({ code: 'unread-key-is-enabled', because: reason }, reason)
    : notKnown(reason);
}

function symmetric({ key, manager }: BoundKey): Answer {
  const { KeySpec, KeyUsage } = key?.KeyMetadata ?? {};
  const [spec, usage] = [KeySpec?.toUpperCase(), KeyUsage?.toUpperCase()];
  if (spec === undefined && manager === 'AWS') return met({ code: 'aws-managed-key-is-symmetric' });
  if (spec === undefined && (usage === undefined || usage === 'ENCRYPT_DECRYPT'))
    return notKnown({ code: 'key-spec-unread' });
  return spec === 'SYMMETRIC_DEFAULT' && (usage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT'
    ? met({ code: 'key-spec-is-symmetric', spec, usage })
    : unmet({ code: 'key-spec-is-not-symmetric', spec, usage });
}

/** An AWS managed key works only in its own account (rds-kms-operations 5). */
function ownManagedKey({ account, alias, manager }: BoundKey, { principal, destination }: Bound): Answer | undefined {
  if (account === (destination ?? principal).account) return undefined;
  if (manager === undefined) return notKnown({ code: 'manager-of-foreign-key-unread', account });
  return manager === 'AWS'
    ? unmet({ code: 'aws-managed-key-of-another-account', alias, account })
    : met({ code: 'key-is-managed-by-its-account', account });
}
