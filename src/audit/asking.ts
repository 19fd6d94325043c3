import { accountOf, isAccountId, placeOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { lazily } from '../base/lazily.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { remembered } from '../base/remembered.ts';
import type { BulkSettings, BulkTarget } from '../bulk/bulk.ts';
import type { Directory } from '../evidence/directory.ts';
import { accountsSharing } from '../evidence/sharing.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import { distinctLacks, type ExpectationLack } from '../preflight/outcome.ts';
import { everybodyIn, type Outsiders, outsiders } from '../preflight/outsiders.ts';
import type { Outside } from './outside.ts';
import {
  type AccountAnswered,
  answersToAll,
  type StandingGroup,
  type StandingQuestion,
  type TargetAnswer,
} from './standings.ts';

/*
 * Checks everybody to whom a key policy, a grant or a share gives access, and remembers the
 * answers.
 */

/** Everybody's standing for something, and the principals that were not read. */
export interface EstateAnswer extends TargetAnswer {
  readonly lacks: readonly ExpectationLack[];
}

/** Everybody's standing for an action on a key, by its ARN. */
export interface KeyAnswer {
  readonly key: string;
  readonly groups: readonly StandingGroup[];
  readonly lacks: readonly ExpectationLack[];
}

export interface AskedTarget extends BulkTarget {
  /** ARN of the key for which a KMS action is checked. */
  readonly key?: string;
}

/** A question about everybody who has access to the targets. */
export interface EstateQuestion {
  /**
   * The name under which the answers are remembered. Questions about the same targets have the same
   * name.
   */
  readonly name: string;
  readonly targets: readonly AskedTarget[];
  /** Only users and roles of the account that owns the target, and its root user. */
  readonly ofOwners?: true;
  /** Denied principals are left out of the answers. */
  readonly asksForRights?: true;
}

export interface EstateAsking {
  /** The answers, which are remembered. */
  readonly ask: (question: EstateQuestion) => readonly EstateAnswer[];
  /**
   * Asks several questions, one account after the other, so each account is read once.
   * `afterAccount`: asks further questions about the account.
   */
  readonly askTogether: (
    questions: readonly EstateQuestion[],
    afterAccount?: (answered: AccountAnswered) => void,
  ) => void;
}

/**
 * Answers questions about everybody. `outside`: what accounts that were not read could do with
 * snapshots that are shared with them.
 */
export function asker(directory: Directory, settings: BulkSettings, outside: () => Outside): EstateAsking {
  const known = new Map<string, readonly EstateAnswer[]>();
  const letIn = lettingIn(directory, outside);
  const peopleIn = peopleOf(directory);
  const askTogether: EstateAsking['askTogether'] = (questions, afterAccount) => {
    const asked = questions
      .filter(({ name }) => !known.has(name))
      .map((question) => ({ name: question.name, ...questionOf(letIn, peopleIn, question) }));
    const answers = answersToAll(
      directory,
      { ...settings, decisionsAlone: true },
      asked.map(({ question }) => question),
      afterAccount,
    );
    for (const [index, { name, lacksOf }] of asked.entries())
      known.set(
        name,
        (answers[index] ?? []).map((answer): EstateAnswer => {
          const lacks = answer.targets.flatMap(lacksOf);
          return { ...answer, lacks: distinctLacks([...new Set(lacks)]) };
        }),
      );
  };
  return {
    askTogether,
    ask(question) {
      askTogether([question]);
      return known.get(question.name) ?? [];
    },
  };
}

/** The question about everybody who has access to some targets, and which of them were not read. */
function questionOf(
  letIn: (target: AskedTarget) => Outsiders,
  peopleIn: (account: string) => readonly string[],
  { targets, ofOwners, asksForRights }: EstateQuestion,
): { readonly question: StandingQuestion; readonly lacksOf: (target: BulkTarget) => readonly ExpectationLack[] } {
  const found = new Map<BulkTarget, Outsiders>(
    targets.map((target) => [target, ofOwners === true ? ownersOf(target) : letIn(target)]),
  );
  const accounts = new Set([...found.values()].flatMap((one) => one.accounts));
  // Federated users are in no list.
  const federated = groupBy([...new Set([...found.values()].flatMap((one) => one.federated))], accountOf);
  const principals: StandingQuestion['principals'] = {
    accounts: [...new Set([...accounts, ...federated.keys()])],
    in(account) {
      const others = federated.get(account);
      const people = accounts.has(account) ? peopleIn(account) : [];
      return others === undefined ? people : [...new Set([...people, ...others])];
    },
  };
  const byAccount = new Map<string, BulkTarget[]>();
  for (const [target, { accounts: some }] of found)
    for (const account of some) {
      const known = byAccount.get(account);
      if (known === undefined) byAccount.set(account, [target]);
      else known.push(target);
    }
  const targetsOf = (account: string): readonly BulkTarget[] => byAccount.get(account) ?? [];
  return {
    question: { principals, targets, targetsOf, asksForRights: asksForRights === true },
    lacksOf: (target) => found.get(target)?.lacks() ?? [],
  };
}

/** ARNs of the principals of an account that can be checked. */
function peopleOf(directory: Directory): (account: string) => readonly string[] {
  return remembered((account) => everybodyIn(directory, [account]).filter((arn) => !isServiceLinkedRole(arn)));
}

function ownersOf({ source }: AskedTarget): Outsiders {
  return { accounts: source === undefined ? [] : [source.account], federated: [], lacks: () => [] };
}

/**
 * The principals with access to a target. Targets with the same owner, key and share list give
 * access to the same outsiders.
 */
function lettingIn(directory: Directory, outside: () => Outside): (target: AskedTarget) => Outsiders {
  const known = new Map<string, Outsiders>();
  return (target) => {
    const { operation, source, region, key } = target;
    const account = source?.account ?? accountOf(key ?? '');
    const shared = source === undefined ? undefined : (accountsSharing(directory, source)?.join() ?? 'unread');
    const name = [
      ...[operation.api, key, account, region, source?.kmsKeyId, source?.type],
      ...(shared === undefined ? [] : [shared]),
    ].join('|');
    const before = known.get(name);
    if (before !== undefined) return before;
    const all = outsiders(directory, { place: { account, region }, targets: [target] });
    const found = { ...all, lacks: lazily(() => lacksThatMatter(all.lacks(), target, outside)) };
    known.set(name, found);
    return found;
  };
}

/**
 * Leaves out accounts that cannot use the key of a shared snapshot, because they get no access. It
 * is only inferred that a request for another key also needs this key. An audit assumes it.
 */
function lacksThatMatter(
  lacks: readonly ExpectationLack[],
  { source }: AskedTarget,
  outside: () => Outside,
): readonly ExpectationLack[] {
  return lacks.filter((lack) => {
    if (lack.code !== 'outside-account-unread' || lack.account === undefined || !isAccountId(lack.account)) return true;
    const { account } = lack;
    if (source?.type !== 'cluster-snapshot' && source?.type !== 'snapshot') return true;
    return outside().snapshotUse(source, { is: 'account', account }).holds !== 'no';
  });
}

/** The question of who has permission to call a KMS action on each of some keys. */
export function keyQuestion(action: `kms:${string}`, keys: readonly string[]): EstateQuestion {
  const targets = keys.map(
    (key): AskedTarget => ({
      operation: keyOperation(action, key),
      source: undefined,
      key,
      region: placeOf(key)?.region ?? '',
      parameters: {},
    }),
  );
  return { name: `${action} ${keys.join()}`, targets, asksForRights: true };
}

/** The answers to a question about keys, by key. */
export function keyAnswers({ ask }: EstateAsking, question: EstateQuestion): readonly KeyAnswer[] {
  // Remembered answers have the targets of the first question, so the key is read from these
  // targets.
  return ask(question).flatMap(({ targets: alike, groups, lacks }) =>
    alike.flatMap(({ operation }) => {
      const key = operation.calls[0]?.named;
      return key === undefined ? [] : [{ key, groups, lacks }];
    }),
  );
}
