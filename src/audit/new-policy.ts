import { parseArn, rootArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import { boundTo } from '../check/bind.ts';
import { evaluator } from '../check/evaluate.ts';
import { compareStates } from '../diff/diff.ts';
import type { VerdictDifference } from '../diff/differing.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { findKey } from '../evidence/lookup.ts';
import { findOtherPrincipal } from '../evidence/principals.ts';
import type { Evidence, Key, KeyGrant } from '../evidence/schema.ts';
import type { CallRow } from '../operations/operation.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import type { ExpectationLack } from '../preflight/outcome.ts';
import { outsiders } from '../preflight/outsiders.ts';
import { type DecidingPart, holdersOn, type KeyHolders } from './key-holders.ts';
import { isGrantOfRds } from './key-pointers.ts';
import { outsideUses, ranks } from './key-uses.ts';
import { type Outsider, outsideOf } from './outside.ts';
import { couldBeUnlocked } from './unlocking.ts';

/* Who loses and who gains operations if the policy, grants, tags or aliases of a key change. */

/** The effects of a new key policy, or of other grants, tags or aliases of a key. */
export interface PolicyChange {
  /** What changes. */
  readonly of: readonly [DecidingPart, ...DecidingPart[]];
  /** Operations that succeeded and no longer succeed for certain. */
  readonly losses: readonly VerdictDifference[];
  readonly gains: readonly VerdictDifference[];
  /** The number of questions that were asked before and after the change. */
  readonly asked: number;
  /** Who may change the policy again. */
  readonly changers: KeyHolders;
  /** Those who may use the key after the change, but were not read. They may lose operations. */
  readonly usersUnread: readonly ExpectationLack[];
  /**
   * Nobody can change the policy again, and all principals were read. Only AWS Support can help
   * then.
   */
  readonly isLockedOut: boolean;
  /**
   * Whether the new policy denies the key to RDS itself. RDS can then not use its grants, although
   * the policy does not change them (rds-kms-operations-2 15.4).
   */
  readonly stopsGrants: 'yes' | 'maybe' | 'no';
  /** The grants that the key no longer has. */
  readonly revoked: readonly KeyGrant[];
  /** Those outside the account who could not use the key, or only perhaps, and now can, or may. */
  readonly admitted: readonly Admitted[];
}

/** Somebody outside the account of a key who can use the key after a change, or may. */
export interface Admitted {
  readonly outsider: Outsider;
  readonly isCertain: boolean;
  /** Whether the evidence has the account. The users and roles of such an account are compared. */
  readonly isRead: boolean;
}

/**
 * Whether a grant of RDS is revoked. RDS may lose the database (rds-kms-operations-2 15.4,
 * inferred).
 */
export function revokesGrantOfRds({ revoked }: Pick<PolicyChange, 'revoked'>): boolean {
  return revoked.some(isGrantOfRds);
}

/** Whether somebody certainly could not do something before, and certainly can afterwards. */
function isCertainGain({ before, after }: Pick<VerdictDifference, 'before' | 'after'>): boolean {
  return before === 'fails' && after === 'succeeds';
}

/** Whether somebody could certainly do something before, and certainly cannot afterwards. */
export function isCertainLoss({ before, after }: Pick<VerdictDifference, 'before' | 'after'>): boolean {
  return before === 'succeeds' && after === 'fails';
}

/** One effect of a change. */
export type PolicyEffect =
  | { readonly code: DifferenceCode; readonly differences: Differences }
  | { readonly code: 'policy-admits-outsider' | 'policy-may-admit-outsider'; readonly admitted: Admitted }
  | { readonly code: 'policy-stops-grants' | 'policy-may-stop-grants' | 'revokes-grant-of-rds' | 'policy-locks-out' }
  | { readonly code: 'policy-can-be-changed'; readonly changers: KeyHolders };

type DifferenceCode =
  | 'policy-takes-operations'
  | 'policy-may-take-operations'
  | 'policy-gives-operations'
  | 'policy-may-give-operations';

type Differences = readonly [VerdictDifference, ...VerdictDifference[]];

/** The effects of a change, in the order in which a report shows them. */
export function policyEffects({
  of,
  losses,
  gains,
  changers,
  isLockedOut,
  stopsGrants,
  revoked,
  admitted,
}: PolicyChange): readonly PolicyEffect[] {
  const stops = { yes: ['policy-stops-grants'], maybe: ['policy-may-stop-grants'], no: [] } as const;
  return [
    ...stops[stopsGrants].map((code): PolicyEffect => ({ code })),
    ...(revokesGrantOfRds({ revoked }) ? [{ code: 'revokes-grant-of-rds' } as const] : []),
    ...byPrincipal(losses).map(
      (differences): PolicyEffect => ({
        code: isCertainLoss(differences[0]) ? 'policy-takes-operations' : 'policy-may-take-operations',
        differences,
      }),
    ),
    ...byPrincipal(gains).map(
      (differences): PolicyEffect => ({
        code: isCertainGain(differences[0]) ? 'policy-gives-operations' : 'policy-may-give-operations',
        differences,
      }),
    ),
    ...admitted.map(
      (one): PolicyEffect => ({
        code: one.isCertain ? 'policy-admits-outsider' : 'policy-may-admit-outsider',
        admitted: one,
      }),
    ),
    ...(isLockedOut ? [{ code: 'policy-locks-out' } as const] : []),
    ...(of.includes('policy') && !isLockedOut ? [{ code: 'policy-can-be-changed', changers } as const] : []),
  ];
}

/** Groups differences by principal. Certain and possible ones are in different groups. */
function byPrincipal(all: readonly VerdictDifference[]): readonly Differences[] {
  return [...groupBy(all, ({ principal, before, after }) => `${principal} ${before} ${after}`).values()].map(
    ([first, ...others]): Differences => [first, ...others],
  );
}

/**
 * Compares who can run which RDS operations before and after a change of a key. `after`: the
 * evidence with the change; `of`: what changes.
 */
export function policyChange(
  { evidence: before }: Directory,
  { after, of }: { readonly after: Evidence; readonly of: PolicyChange['of'] },
  arn: string,
  settings: BulkSettings,
): PolicyChange {
  const changers = holdersOn(directoryOf(after), arn, settings)('kms:PutKeyPolicy');
  const { can, may, lacks } = changers;
  const differences: VerdictDifference[] = [];
  let asked = 0;
  if (Object.keys(before.accounts).length > 0) {
    const states = { before: { evidence: before, name: '' }, after: { evidence: after, name: '' } };
    const comparing = compareStates({ ...settings, ...states, rootsAlone: true, allowEmpty: true });
    let step = comparing.next();
    for (; step.done !== true; step = comparing.next()) {
      if ('done' in step.value) continue;
      // Computed now, because the function would keep the decisions in memory.
      const reasons = step.value.reasons();
      differences.push({ ...step.value, reasons: () => reasons });
    }
    ({ asked } = step.value);
  }
  return {
    of,
    losses: differences.filter(({ isWorse }) => isWorse),
    gains: differences.filter(({ isWorse }) => !isWorse),
    asked,
    changers,
    usersUnread: usersUnread(directoryOf(after), arn),
    isLockedOut:
      of.includes('policy') &&
      can.length + may.length + lacks.length === 0 &&
      !couldBeUnlocked(directoryOf(after), arn, settings),
    stopsGrants: stoppingGrants(before, after, arn, settings),
    revoked: revokedGrants(findKey(before, arn), findKey(after, arn)),
    admitted: admittedBy(before, after, arn, settings),
  };
}

/** What was not read about those who may use a key. */
function usersUnread(directory: Directory, arn: string): readonly ExpectationLack[] {
  const { account = '', region = '' } = parseArn(arn) ?? {};
  const operation = keyOperation('kms:CreateGrant', arn);
  const targets = [{ operation, source: undefined, key: arn }];
  return outsiders(directory, { place: { account, region }, targets }).lacks();
}

/** Those outside the account of a key to whom a change gives the key, certainly or perhaps. */
function admittedBy(before: Evidence, after: Evidence, arn: string, settings: BulkSettings): readonly Admitted[] {
  const directory = directoryOf(after);
  const then = outsideOf(directoryOf(before), settings);
  return outsideUses(directory, outsideOf(directory, settings), arn)
    .filter(({ outsider, use }) => ranks[use.holds] > ranks[then.keyUse(arn, outsider).holds])
    .map(({ outsider, use }) => ({
      outsider,
      isCertain: use.holds === 'yes',
      isRead: outsider.is === 'account' && after.accounts[outsider.account] !== undefined,
    }));
}

/** The grants that a key no longer has. */
export function revokedGrants(then: Key | undefined, now: Key | undefined): readonly KeyGrant[] {
  const left = new Set(now?.Grants?.map(({ GrantId: id }) => id));
  return now?.Grants === undefined ? [] : (then?.Grants ?? []).filter(({ GrantId: id }) => !left.has(id));
}

/**
 * Whether a change stops the calls that RDS makes through grants. A Deny that applies to calls of
 * services also applies to these calls.
 */
function stoppingGrants(
  before: Evidence,
  after: Evidence,
  arn: string,
  settings: BulkSettings,
): PolicyChange['stopsGrants'] {
  const now = useByGrant(after, arn, settings);
  if (now === 'allowed' || now === useByGrant(before, arn, settings)) return 'no';
  return now === 'denied' ? 'yes' : 'maybe';
}

/** Whether RDS may use a key through a grant. Checks the calls that open a volume. */
function useByGrant(evidence: Evidence, arn: string, settings: BulkSettings) {
  const directory = directoryOf(evidence);
  const { decide } = evaluator(directory, settings);
  const { region = '', account = '', partition = '' } = parseArn(arn) ?? {};
  const principal = findOtherPrincipal(directory, rootArn(partition, account));
  const decisions = (['kms:Decrypt', 'kms:GenerateDataKey'] as const).map((action) => {
    const row: CallRow = {
      kind: 'service',
      action,
      on: 'named key',
      named: arn,
      basis: 'inferred',
      source: 'rds-kms-operations 3.2',
    };
    const operation = { ...keyOperation(action, arn), calls: [row] };
    const bound = boundTo(directory, { operation, principal, region, parameters: {} }, undefined);
    return decide(row, bound).decision.decision;
  });
  if (decisions.includes('denied')) return 'denied';
  return decisions.includes('depends') ? 'depends' : 'allowed';
}
