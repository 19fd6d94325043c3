import { accountOf, isRootArn, parseArn } from '../base/arn.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import { boundTo } from '../check/bind.ts';
import { evaluator } from '../check/evaluate.ts';
import type { Directory } from '../evidence/directory.ts';
import { findOtherPrincipal } from '../evidence/principals.ts';
import type { Key } from '../evidence/schema.ts';
import { withAllRights } from '../fix/could-hold.ts';
import { type DirectCalls, directCalls } from '../fix/direct-calls.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import { distinctLacks, type ExpectationLack } from '../preflight/outcome.ts';
import { asker, keyAnswers, keyQuestion } from './asking.ts';
import type { KeyAction } from './impact-table.ts';
import { outsideOf } from './outside.ts';

/* Who could take a key out of use, and who could undo it. */

type KmsAction = `kms:${string}`;
type BesideAction = KmsAction | `ram:${string}`;

interface ActionCalls {
  /** The calls that carry out the action. */
  readonly does: readonly KmsAction[];
  /** All calls that are needed to undo the action. */
  readonly undoes: readonly KmsAction[];
}

/**
 * What decides who may use a key, in the order in which the report shows changes (iam-evaluation
 * 6.1, 6.41, 6.42).
 */
export const decidingParts = ['policy', 'grants', 'tags', 'aliases'] as const;

export type DecidingPart = (typeof decidingParts)[number];

const partCalls: Readonly<Record<DecidingPart, readonly KmsAction[]>> = {
  policy: ['kms:PutKeyPolicy'],
  grants: ['kms:RevokeGrant', 'kms:RetireGrant'],
  tags: ['kms:TagResource', 'kms:UntagResource'],
  aliases: ['kms:UpdateAlias'],
};

/** The calls behind each action (rds-kms-operations-2 1). */
const calls: Readonly<Record<KeyAction, ActionCalls>> = {
  disable: { does: ['kms:DisableKey'], undoes: ['kms:EnableKey'] },
  delete: { does: ['kms:ScheduleKeyDeletion'], undoes: ['kms:CancelKeyDeletion', 'kms:EnableKey'] },
  'delete-material': { does: ['kms:DeleteImportedKeyMaterial'], undoes: ['kms:ImportKeyMaterial'] },
  policy: {
    does: [...partCalls.policy, ...partCalls.grants, ...partCalls.aliases],
    undoes: [],
  },
};

/**
 * An action on a key. `of`: the parts that a known change changes. Undefined: all that the action
 * may change.
 */
export interface KeyActionAsked {
  readonly action: KeyAction;
  readonly of: readonly DecidingPart[] | undefined;
}

function callsOf({ action, of }: KeyActionAsked): ActionCalls {
  return of === undefined || of.includes('policy')
    ? calls[action]
    : { does: of.flatMap((part) => partCalls[part]), undoes: [] };
}

/** Who may call a KMS action on a key. ARNs. */
export interface KeyHolders {
  readonly action: BesideAction;
  readonly isUndo: boolean;
  readonly can: readonly string[];
  /**
   * The principals for which something unknown decides, or which also need a permission on another
   * resource.
   */
  readonly may: readonly string[];
  readonly lacks: readonly ExpectationLack[];
}

/** Finds the principals with a permission. Each action is checked once. */
export type HoldersOf = (action: KmsAction, isUndo?: boolean) => KeyHolders;

/** Finds who may call KMS actions on a key. `arn`: the ARN of the key. */
export function holdersOn(directory: Directory, arn: string, settings: BulkSettings): HoldersOf {
  const asking = asker(directory, settings, () => outsideOf(directory, settings));
  const known = new Map<KmsAction, Omit<KeyHolders, 'isUndo'>>();
  return (action, isUndo = false) => {
    const before = known.get(action);
    if (before !== undefined) return { ...before, isUndo };
    const answers = keyAnswers(asking, keyQuestion(action, [arn]));
    const groups = answers.flatMap((one) => one.groups);
    const of = (standing: 'can' | 'may'): readonly string[] =>
      groups.filter((group) => group.standing === standing).flatMap(({ principals }) => principals);
    const [able, perhaps] = [of('can'), of('may')];
    // The permission on the alias or on the replica key, which is also needed, is not checked
    // (iam-evaluation 6.14).
    const isPart = action === 'kms:UpdateAlias' || action === 'kms:UpdatePrimaryRegion';
    const holders = {
      action,
      can: isPart ? [] : able.toSorted(),
      may: (isPart ? [...able, ...perhaps] : perhaps).toSorted(),
      // If no principal is known, none could be checked.
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
export function holdersFor(asked: KeyActionAsked, holdersOf: HoldersOf): readonly KeyHolders[] {
  const { does, undoes } = callsOf(asked);
  return [...does.map((one) => holdersOf(one)), ...undoes.map((one) => holdersOf(one, true))];
}

interface BesideCall {
  readonly action: BesideAction;
  readonly of: KeyAction;
  readonly isUndo: boolean;
  /**
   * The resource of the call. `any`: the call names no resource. `unnamed`: the name of the
   * resource is not known.
   */
  readonly on: 'key' | 'any' | 'unnamed';
  readonly applies: (key: Key) => boolean;
}

const inStore = ({ KeyMetadata: { Origin: origin = '' } }: Key): boolean =>
  ['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'].includes(origin.toUpperCase());

/** Calls that take only some keys out of use, or end the share of a key. */
const besides: readonly BesideCall[] = [
  { action: 'kms:DisconnectCustomKeyStore', of: 'disable', isUndo: false, on: 'any', applies: inStore },
  { action: 'kms:ConnectCustomKeyStore', of: 'disable', isUndo: true, on: 'any', applies: inStore },
  {
    // Afterwards this key is a replica key, whose deletion waits for no other key.
    action: 'kms:UpdatePrimaryRegion',
    of: 'delete',
    isUndo: false,
    on: 'key',
    applies: ({ KeyMetadata: { MultiRegion: isMultiRegion, MultiRegionConfiguration: configuration } }) =>
      isMultiRegion === true && configuration?.MultiRegionKeyType?.toUpperCase() !== 'REPLICA',
  },
  {
    // AWS Resource Access Manager then removes the second key policy (iam-evaluation 14.22).
    action: 'ram:DisassociateResourceShare',
    of: 'policy',
    isUndo: false,
    on: 'unnamed',
    applies: ({ RamPolicy: policy }) => policy !== undefined && policy !== null,
  },
];

/** Finds who could take a key away by a call that does not exist for every key. */
export function holdersBesides(
  directory: Directory,
  arn: string,
  settings: BulkSettings,
  principals: readonly string[],
): (asked: KeyActionAsked, holdersOf: HoldersOf) => readonly KeyHolders[] {
  const key = directory.key(arn);
  return ({ action: asked, of }, holdersOf) =>
    besides
      .filter((one) => one.of === asked && of === undefined && key !== undefined && one.applies(key))
      .map(({ action, isUndo, on }) => {
        if (on === 'key' && isOfKms(action)) return holdersOf(action, isUndo);
        const direct = directFor(directory, arn, settings, principals);
        const decisions = principals.map((one) =>
          direct?.decide(direct.find(one), action, on === 'any' ? { arn: '*' } : {}),
        );
        return {
          action,
          isUndo,
          can: principals.filter((_, at) => decisions[at] === 'allowed').toSorted(),
          may: principals.filter((_, at) => decisions[at] === 'depends').toSorted(),
          lacks: holdersOf('kms:DisableKey').lacks,
        };
      });
}

function isOfKms(action: BesideAction): action is KmsAction {
  return action.startsWith('kms:');
}

function directFor(
  directory: Directory,
  arn: string,
  settings: BulkSettings,
  [who]: readonly string[],
): DirectCalls | undefined {
  if (who === undefined) return undefined;
  const operation = keyOperation('kms:DisableKey', arn);
  const region = parseArn(arn)?.region ?? '';
  const asked = { operation, principal: findOtherPrincipal(directory, who), region, parameters: {} };
  return directCalls(evaluator(directory, settings), boundTo(directory, asked, undefined));
}

/** Principals that do not have a permission, but could give it to themselves. ARNs. */
export interface SelfGivers {
  readonly can: readonly string[];
  readonly may: readonly string[];
  /** How many principals were not checked because there were too many. */
  readonly notAsked: number;
}

/**
 * The maximum number of principals for which to check whether they could give themselves a
 * permission.
 */
const mostAsked = 2000;

/**
 * Which principals could give themselves permission for an action: through the key policy
 * (iam-evaluation 6.9), or through their own policy, if the key policy delegates to the account.
 */
export function selfGivers(
  directory: Directory,
  arn: string,
  settings: BulkSettings,
  asked: KeyActionAsked & { readonly principals: readonly string[]; readonly holdersOf: HoldersOf },
): SelfGivers {
  const { principals, holdersOf } = asked;
  const [right] = callsOf(asked).does;
  if (right === undefined) return { can: [], may: [], notAsked: 0 };
  const { can: able } = holdersOf(right);
  const changers = right === 'kms:PutKeyPolicy' ? undefined : holdersOf('kms:PutKeyPolicy');
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
      direct.decide({ ...withAllRights(principal), boundary: principal.boundary }, right, { key: arn }),
    ];
    if (giving === 'denied' || having === 'denied') return 'denied';
    return giving === 'allowed' && having === 'allowed' ? 'allowed' : 'depends';
  };
}

function strongest(decisions: readonly Decision[]): Decision {
  if (decisions.includes('allowed')) return 'allowed';
  return decisions.includes('depends') ? 'depends' : 'denied';
}
