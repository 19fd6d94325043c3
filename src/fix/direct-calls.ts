import { arnWith, bucketArn, iamArn, parseArn, regionalArn } from '../base/arn.ts';
import { partitionOf } from '../base/partition.ts';
import { servicePrefix } from '../base/service.ts';
import { type Bound, boundKey } from '../check/bind.ts';
import type { Evaluator } from '../check/evaluate.ts';
import type { BoundResource } from '../check/resources.ts';
import { findOtherPrincipal, type Principal } from '../evidence/principals.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Decision } from '../policy/authorize.ts';
import { actorArn } from './step.ts';

/* Calls that principals make themselves, without RDS. */

/**
 * The resource of a call. `key`: the ARN of a key. `arn`: the ARN of another resource. Neither: a
 * resource of the service in the principal's account. `isBeginning`: the text is only the start of
 * the ARN.
 */
export interface CalledOn {
  readonly key?: string | undefined;
  readonly arn?: string;
  readonly isBeginning?: boolean;
}

export interface DirectCalls {
  /** By the ARN of a user, role or root user. */
  readonly find: (arn: string) => Principal;
  readonly decide: (principal: Principal, action: CallRow['action'], on: CalledOn) => Decision['decision'];
}

/**
 * Calls in one state of the evidence. `asked`: the question with the principal whose session policy
 * counts.
 */
export function directCalls({ directory, decideOn }: Evaluator, asked: Bound): DirectCalls {
  const known = new Map<string, Principal>();
  return {
    find(arn) {
      const held = known.get(arn);
      if (held !== undefined) return held;
      const isAsker = arn === actorArn(asked.principal);
      const found = findOtherPrincipal(directory, isAsker ? asked.principal.arn : arn);
      const { session } = asked.principal;
      // A session policy limits only the session in the question.
      const meant = isAsker && session !== undefined ? { ...found, session } : found;
      known.set(arn, meant);
      return meant;
    },
    decide(principal, action, { key, arn, isBeginning = false }) {
      const storage = key === undefined ? undefined : boundKey(directory, key);
      const bound: Bound = {
        ...asked,
        principal,
        region: storage?.region ?? asked.region,
        parameters: {},
        source: undefined,
        encryption: 'none',
        keys: storage === undefined ? {} : { 'storage key': storage },
        keysDiffer: false,
        sharedWith: undefined,
        role: undefined,
        ownKeyAssumed: false,
      };
      const row: CallRow = {
        kind: 'caller',
        action,
        on: storage === undefined ? 'role' : 'storage key',
        basis: 'documented',
        source: 'rds-kms-operations 6',
        isFree: true,
      };
      const { account } = principal;
      const resource: Pick<BoundResource, 'arn' | 'account' | 'nameUnknown'> =
        storage !== undefined
          ? { arn: storage.arn, account: storage.account, nameUnknown: false }
          : arn === undefined
            ? { arn: beginningOf(action, bound), account, nameUnknown: true }
            : { arn, account, nameUnknown: isBeginning };
      return decideOn({ ...resource, tags: undefined }, row, bound).decision.decision;
    },
  };
}

const withoutRegion: ReadonlySet<string> = new Set(['iam', 'organizations', 'sts']);

/** The start of the ARNs of a service's resources in the principal's account. */
function beginningOf(action: string, { principal: { account }, region }: Bound): string {
  const service = servicePrefix(action) ?? '';
  const partition = partitionOf(region);
  if (service === 's3') return bucketArn(partition, '');
  if (!withoutRegion.has(service)) return regionalArn(service, { account, region }, '');
  const own = parseArn(iamArn(partition, account, service === 'sts' ? 'role/' : ''));
  return own === undefined || service === 'sts' ? iamArn(partition, account, 'role/') : arnWith(own, { service });
}
