import { placeOf } from '../../base/arn.ts';
import type { PreconditionCode } from '../../operations/operation.ts';
import { type Bound, type BoundKey, mustNameKey } from '../bind.ts';
import { type Answer, assumed, type Facts, met, type Test, unknown, unmet } from './answer.ts';

/** Preconditions of KMS keys (rds-kms-operations 5). */
export const keyTests = {
  'key-is-named': keyIsNamed,
  'key-is-in-the-region': onMainKey(({ bound }, key) => {
    if (key.region !== bound.region) return unmet(`the key is in ${key.region}, the operation in ${bound.region}`);
    const asked = placeOf(bound.parameters.kmsKeyId ?? '')?.region ?? bound.region;
    return asked === bound.region
      ? met(key.region)
      : unknown(
          `it is named by the ARN of its replica in ${asked}; whether RDS then takes the one in ${bound.region} is not published`,
        );
  }),
  'key-is-enabled': onMainKey((facts, key) =>
    facts.row.basis === 'unknown' ? stateOfHeldKey(key, facts.bound) : keyState(key),
  ),
  'key-is-symmetric': onMainKey((_, key) => symmetric(key)),
  'key-can-be-used-by-the-account': onMainKey(({ bound }, key) => ownManagedKey(key, bound)),
  'key-takes-another-grant': onMainKey((_, { key }) => {
    const grants = key?.Grants?.length;
    if (grants === undefined) return undefined;
    return grants < maximumGrants
      ? met(`${grants} of at most 50,000 grants`)
      : unmet(`${grants} grants, the most that a key can have`);
  }),
  'source-key-is-enabled': ({ bound }) => {
    const key = bound.keys['storage key'];
    if (key === undefined)
      return mayHaveKey(bound) ? unknown('the evidence names no key of what is read (KmsKeyId)') : undefined;
    return bound.keysDiffer ? keyState(key) : undefined;
  },
  'source-key-can-be-used-by-the-account': ({ bound }) => {
    const key = bound.keys['storage key'];
    return key === undefined || !bound.keysDiffer ? undefined : ownManagedKey(key, bound);
  },
  'secret-key-is-enabled': ({ bound }) => {
    const key = bound.keys['secret key'];
    return key === undefined ? undefined : keyState(key);
  },
  'default-key-exists': ({ bound }) => {
    const { kmsKeyId, storageEncrypted } = bound.parameters;
    const key = bound.keys['target key'];
    if (kmsKeyId !== undefined || storageEncrypted !== true || key === undefined) return undefined;
    return key.key === undefined
      ? unknown('the evidence does not hold alias/aws/rds; an account that never used it may not have it yet')
      : met('alias/aws/rds exists');
  },
} satisfies Partial<Record<PreconditionCode, Test>>;

const maximumGrants = 50_000;

/** The key of what is made, or else of what is read. */
function onMainKey(test: (facts: Facts, key: BoundKey) => Answer | undefined): Test {
  return (facts) => {
    const { bound } = facts;
    const key =
      bound.operation.targetKey === undefined || !bound.keysDiffer
        ? (bound.keys['target key'] ?? bound.keys['storage key'])
        : bound.keys['target key'];
    if (key !== undefined) return test(facts, key);
    return mayHaveKey(bound) && !bound.keysDiffer ? unknown('the evidence names no key (KmsKeyId)') : undefined;
  };
}

/** Encrypted under a key that the evidence does not name, as far as it tells. */
function mayHaveKey({ encryption, keys }: Bound): boolean {
  return (encryption === 'sse-kms' || encryption === 'unknown') && keys['storage key'] === undefined;
}

/** rds-kms-operations 4.5, 4.9. */
function keyIsNamed({ bound }: Facts): Answer | undefined {
  const { source, parameters, encryption, principal } = bound;
  if (source === undefined || !mustNameKey(bound, source)) return undefined;
  if (bound.ownKeyAssumed)
    return assumed(
      `account ${principal.account} has a key of its own for the copy`,
      'it is asked for here without one',
    );
  if (parameters.kmsKeyId !== undefined) return met(`--kms-key-id ${parameters.kmsKeyId}`);
  if (encryption === 'none' || encryption === 'none or sse-rds') return undefined;
  const replica = bound.operation.makes === 'cluster' || bound.operation.makes === 'db';
  const foreign = source.account !== principal.account;
  const whose = foreign ? `belongs to account ${source.account}` : `is in ${source.region}`;
  const why = `what is read ${whose}, so that what is made needs a key of its own: name one with --kms-key-id`;
  if (encryption !== 'sse-kms') return unknown(why);
  if (replica) return unmet(why, 'Cannot create a cross region unencrypted read replica from encrypted source.');
  return foreign ? unmet(why) : unmet(why, 'Must specify new KMS key for cross region encrypted snapshot copy.');
}

/** rds-kms-operations 5. */
function keyState({ key, arn, manager }: BoundKey): Answer {
  const state = key?.KeyMetadata.KeyState;
  if (state === undefined && manager === 'AWS') return met('AWS managed keys cannot be disabled');
  if (key === undefined) return unknown(`the evidence does not hold key ${arn}`);
  if (state === undefined) return unknown('KeyState is not in the evidence');
  if (state === 'Enabled' || state === 'Updating') return met(`KeyState is ${state}`);
  if (state !== 'Unavailable') return unmet(`KeyState is ${state}`);
  return unknown('KeyState is Unavailable: the calls of the caller pass, the use of the key fails later');
}

/**
 * What happens to a snapshot while the key is lost is not published (rds-kms-operations 4.1, 4.10). Where the state could not be read, a database
 * that is available speaks for the key: RDS stops one whose key it cannot use (8.1).
 */
function stateOfHeldKey(key: BoundKey, { source, operation }: Bound): Answer {
  const answer = keyState(key);
  const what = operation.command.startsWith('delete') ? 'a deletion' : 'a snapshot';
  if (answer.status === 'unmet') return unknown(`${answer.why}; what ${what} does then is not published`);
  const readable = key.key?.KeyMetadata.KeyState !== undefined;
  if (answer.status === 'met' || readable || source?.status?.toLowerCase() !== 'available') return answer;
  const noun = source.type === 'db' ? 'DB instance' : 'cluster';
  return assumed(`the key is enabled, for the ${noun} is available`, answer.why);
}

function symmetric({ key, manager }: BoundKey): Answer {
  const { KeySpec: spec, KeyUsage: usage } = key?.KeyMetadata ?? {};
  if (spec === undefined && manager === 'AWS') return met('AWS managed keys are symmetric');
  if (spec === undefined && (usage === undefined || usage === 'ENCRYPT_DECRYPT'))
    return unknown('KeySpec is not in the evidence');
  const fits = spec === 'SYMMETRIC_DEFAULT' && (usage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT';
  const says = [spec, usage].filter((one) => one !== undefined).join(', ');
  return fits ? met(says) : unmet(`${says}: RDS takes symmetric encryption keys only`);
}

/** An AWS managed key serves its own account only (rds-kms-operations 5). */
function ownManagedKey({ account, alias, manager }: BoundKey, { principal }: Bound): Answer | undefined {
  if (account === principal.account) return undefined;
  if (manager === undefined) return unknown(`who manages the key of account ${account} is not in the evidence`);
  return manager === 'AWS'
    ? unmet(`${alias ?? 'it'} is an AWS managed key, which only account ${account} can use`)
    : met(`a customer managed key of account ${account}`);
}
