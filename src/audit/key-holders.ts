import { accountOf, isRootArn, parseArn } from '../base/arn.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import { boundTo } from '../check/bind.ts';
import { evaluator } from '../check/evaluate.ts';
import type { Directory } from '../evidence/directory.ts';
import { findOtherPrincipal } from '../evidence/principals.ts';
import { type DirectCalls, directCalls } from '../fix/direct-calls.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import { distinctLacks, type ExpectationLack } from '../preflight/outcome.ts';
import { asker, keyAnswers, keyQuestion } from './asking.ts';
import type { KeyAction } from './impact-table.ts';

/* Who could take a key out of use, and who could undo it. */

type KmsAction = `kms:${string}`;

interface ActionCalls {
  /** What carries out the action. */
  readonly does: readonly KmsAction[];
  /** All that is needed to undo it. */
  readonly undoes: readonly KmsAction[];
}

/** The calls behind each action (rds-kms-operations-2 1). */
const calls: Readonly<Record<KeyAction, ActionCalls>> = {
  disable: { does: ['kms:DisableKey'], undoes: ['kms:EnableKey'] },
  delete: { does: ['kms:ScheduleKeyDeletion'], undoes: ['kms:CancelKeyDeletion', 'kms:EnableKey'] },
  'delete-material': { does: ['kms:DeleteImportedKeyMaterial'], undoes: ['kms:ImportKeyMaterial'] },
  policy: {
    does: ['kms:PutKeyPolicy', 'kms:RevokeGrant', 'kms:RetireGrant', 'kms:UpdateAlias'],
    undoes: [],
  },
};

/** Who may call an action of KMS on a key. ARNs. */
export interface KeyHolders {
  readonly action: KmsAction;
  readonly isUndo: boolean;
  readonly can: readonly string[];
  /** Something unknown decides, or a right on something else is needed as well. */
  readonly may: readonly string[];
  readonly lacks: readonly ExpectationLack[];
}

/** Who has a right, by one question that is asked once for all. */
export type HoldersOf = (action: KmsAction, isUndo?: boolean) => KeyHolders;

export function holdersOn(directory: Directory, arn: string, settings: BulkSettings): HoldersOf {
  const asking = asker(directory, settings);
  const known = new Map<KmsAction, Omit<KeyHolders, 'isUndo'>>();
  return (action, isUndo = false) => {
    const before = known.get(action);
    if (before !== undefined) return { ...before, isUndo };
    const answers = keyAnswers(asking, keyQuestion(action, [arn]));
    const groups = answers.flatMap((one) => one.groups);
    const of = (standing: 'can' | 'may'): readonly string[] =>
      groups.filter((group) => group.standing === standing).flatMap(({ principals }) => principals);
    const [able, perhaps] = [of('can'), of('may')];
    // The right on the alias, which is needed as well, is not asked for (iam-evaluation 6.14).
    const isPart = action === 'kms:UpdateAlias';
    const holders = {
      action,
      can: isPart ? [] : able.toSorted(),
      may: (isPart ? [...able, ...perhaps] : perhaps).toSorted(),
      // Where nobody is known, nobody could be asked.
      lacks:
        answers.length === 0
          ? [{ code: 'principals-unread' as const, account: accountOf(arn) }]
          : distinctLacks(answers.flatMap(({ lacks }) => lacks)),
    };
    known.set(action, holders);
    return { ...holders, isUndo };
  };
}

/** Who could carry out an action, and who could undo it. */
export function holdersFor(action: KeyAction, holdersOf: HoldersOf): readonly KeyHolders[] {
  const { does, undoes } = calls[action];
  return [...does.map((one) => holdersOf(one)), ...undoes.map((one) => holdersOf(one, true))];
}

/** Those who have not got a right, and could give it to themselves. ARNs. */
export interface SelfGivers {
  readonly can: readonly string[];
  readonly may: readonly string[];
  /** How many principals there were too many of to ask. */
  readonly notAsked: number;
}

/** So many principals are asked whether they could give themselves a right. */
const mostAsked = 2000;

/**
 * Who of some principals could give themselves the right to carry out an action: by the key policy
 * (iam-evaluation 6.9), or by a policy of their own, where the key policy leaves it to them.
 */
export function selfGivers(
  directory: Directory,
  arn: string,
  settings: BulkSettings,
  asked: { readonly action: KeyAction; readonly principals: readonly string[]; readonly holdersOf: HoldersOf },
): SelfGivers {
  const { action, principals, holdersOf } = asked;
  const [right] = calls[action].does;
  if (right === undefined) return { can: [], may: [], notAsked: 0 };
  const { can: able } = holdersOf(right);
  const changers = action === 'policy' ? undefined : holdersOf('kms:PutKeyPolicy');
  const others = principals.filter(
    (one) => !able.includes(one) && !isRootArn(one) && accountOf(one) === accountOf(arn),
  );
  const asking = others.slice(0, mostAsked);
  const decideSelf = byOwnPolicy(directory, arn, settings, right);
  const decisions = asking.map((one) => {
    if (changers?.can.includes(one) === true) return 'allowed';
    const own = decideSelf(one);
    return own === 'denied' && changers?.may.includes(one) === true ? 'depends' : own;
  });
  return {
    can: asking.filter((_, at) => decisions[at] === 'allowed'),
    may: asking.filter((_, at) => decisions[at] === 'depends'),
    notAsked: others.length - asking.length,
  };
}

type Decision = ReturnType<DirectCalls['decide']>;

/** The actions by which a principal gives itself a policy. */
const ownPolicies = {
  user: ['iam:PutUserPolicy', 'iam:AttachUserPolicy'],
  role: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
} as const;

const everything = {
  name: 'all',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};

function byOwnPolicy(directory: Directory, arn: string, settings: BulkSettings, right: KmsAction) {
  const deciding = evaluator(directory, settings);
  const region = parseArn(arn)?.region ?? '';
  let direct: DirectCalls | undefined;
  return (who: string): Decision => {
    const type = parsePrincipalArn(who)?.type;
    if (type !== 'user' && type !== 'role') return 'denied';
    direct ??= directCalls(
      deciding,
      boundTo(
        directory,
        { operation: keyOperation(right, arn), principal: findOtherPrincipal(directory, who), region, parameters: {} },
        undefined,
      ),
    );
    const principal = direct.find(who);
    const [giving, having] = [
      strongest(ownPolicies[type].map((action) => direct?.decide(principal, action, { arn: who }) ?? 'depends')),
      direct.decide({ ...principal, identity: [everything] }, right, { key: arn }),
    ];
    if (giving === 'denied' || having === 'denied') return 'denied';
    return giving === 'allowed' && having === 'allowed' ? 'allowed' : 'depends';
  };
}

function strongest(decisions: readonly Decision[]): Decision {
  if (decisions.includes('allowed')) return 'allowed';
  return decisions.includes('depends') ? 'depends' : 'denied';
}
