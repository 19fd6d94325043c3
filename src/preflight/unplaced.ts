import { isJson, isList } from '../base/json.ts';
import { isOfIdentityCenter } from '../base/principal-arn.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { isDenied, isUnmet } from '../check/verdict.ts';
import type { Operation } from '../operations/operation.ts';
import { holdsTrue } from '../plan/configuration.ts';
import type { PlannedChange } from '../plan/planned-change.ts';
import type { PlannedState, UnplacedChange } from '../plan/planned-state.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Judge } from './judge.ts';
import { mostNamed } from './needed.ts';
import { type ExpectationLack, type Failing, type Judged, leftOpen, outcomeOfLack } from './outcome.ts';
import type { JudgedRequest } from './planned.ts';
import { unlessSourceUnplaced } from './unplaced-sources.ts';

/* Leaves outcomes open because of changes of which only the apply shows what they are about. */

export type Unplaced = Pick<PlannedState, 'unplaced' | 'unplacedSources'>;

/**
 * Leaves an outcome open if the plan does not show which resource a change is about, such as the
 * policy of a role whose name is known only after apply. A success may depend on the change, and
 * the change may allow what nothing else allows, or remove what denies. `judge`: the judge that
 * found the outcome.
 */
export function unlessUnplaced(given: Judged, { unplaced: all, unplacedSources }: Unplaced, judge: Judge): Judged {
  const judged = unlessSourceUnplaced(given, unplacedSources);
  const operations = judged.expectation.asked.flatMap((one) => ('operations' in one ? one.operations : []));
  const unplaced = concerning(all, operations);
  const namesOf = (changes: readonly UnplacedChange[]) =>
    changes.slice(0, mostNamed).map(({ change, ...fact }) => ({ ...fact, address: change.address }));
  if (unplaced.length === 0) return judged;
  if (judged.outcome === 'holds') {
    const { verb, isOnly } = judged.expectation;
    const able = verb === 'can' && !isOnly ? unplaced.filter((one) => !isOnlyAllowing(one)) : unplaced;
    if (able.length === 0) return judged;
    const lack = { code: 'plan-change-unplaced', changes: namesOf(able) } as const;
    return { ...judged, outcome: 'unproven', lacks: [...judged.lacks, lack] };
  }
  const making = unplaced.filter(({ change }) => change.type.startsWith('aws_kms_'));
  if (making.length > 0 && isOnlyKeyMissing(judged))
    return leftOpen(judged, { code: 'plan-change-may-make', changes: namesOf(making) });
  const broken = onlyBroken(judged);
  const isDoing = ({ code }: Failing): boolean => code === 'can-do' || code === 'stopped-elsewhere';
  if (broken === undefined) return judged;
  // Every change can deny something.
  if (broken.every(isDoing)) return leftOpen(judged, { code: 'plan-change-may-deny', changes: namesOf(unplaced) });
  const evaluator = judge.evaluatorOf(judged.expectation);
  const obstacles = broken.map(({ code, bound }) =>
    code === 'cannot-do' ? obstaclesIn(evaluator.evaluate(bound), bound.principal.arn) : undefined,
  );
  const lifting = liftingOf(obstacles, unplaced);
  return lifting.length === 0 ? judged : leftOpen(judged, { code: 'plan-change-may-allow', changes: namesOf(lifting) });
}

/**
 * Leaves the outcome of a request open in the same way. What stops the request at the end of the apply
 * may come after the request, so a change that may allow the request before that leaves it open, too.
 */
export function unlessUnplacedIn(one: JudgedRequest, all: Unplaced): Judged {
  const found = unlessUnplaced(one.judged, all, one.judge);
  if (all.unplaced.length === 0 || found.outcome !== 'broken' || !one.request.hasOthers) return found;
  for (const { judged, judge } of one.earlier()) {
    if (judged.outcome !== 'broken') continue;
    const lack = unlessUnplaced(judged, all, judge).lacks.at(-1);
    if (lack?.code === 'plan-change-may-allow') return leftOpen(found, lack);
  }
  return found;
}

/** Operations that use resources of a type alone. */
export type Narrow = 'exports' | 'AWS Backup jobs';

/**
 * Types of resources that concern only some operations. RDS calls S3 for an export alone, and the access
 * policy of a vault counts for calls to AWS Backup alone.
 */
const narrow: readonly (readonly [types: RegExp, about: Narrow])[] = [
  [/^aws_s3_/, 'exports'],
  [/^aws_backup_(?:(?:region|global)_settings|vault_policy)$/, 'AWS Backup jobs'],
];

const commandsOf: Readonly<Record<Narrow, RegExp>> = { exports: /^export-/, 'AWS Backup jobs': /-job$/ };

/** The only operations that a change can affect. Undefined: any operation. */
export function narrowness({ change: { type } }: UnplacedChange): Narrow | undefined {
  return narrow.find(([types]) => types.test(type))?.[1];
}

/** The changes that can affect one of the operations. */
export function concerning(
  unplaced: readonly UnplacedChange[],
  operations: readonly Pick<Operation, 'command'>[],
): readonly UnplacedChange[] {
  return unplaced.filter((one) => {
    const about = narrowness(one);
    return about === undefined || operations.some(({ command }) => commandsOf[about].test(command));
  });
}

/** Whether changes may let a principal do what policies stop. */
export function mayLetIn(unplaced: readonly UnplacedChange[], principal: string, evaluated: Evaluated): boolean {
  const concerned = concerning(unplaced, [evaluated.bound.operation]);
  return liftingOf([obstaclesIn(evaluated, principal)], concerned).length > 0;
}

/** The changes that may remove obstacles. Empty: they cannot remove all of them. */
function liftingOf(
  obstacles: readonly (readonly Obstacle[] | undefined)[],
  unplaced: readonly UnplacedChange[],
): readonly UnplacedChange[] {
  const lifting = unplaced.filter(({ change }) => obstacles.some((all) => all?.some((one) => lifts(change, one))));
  const isLifted = (one: Obstacle): boolean => lifting.some(({ change }) => lifts(change, one));
  return obstacles.every((all) => all?.every(isLifted)) ? lifting : [];
}

/** What stops a call of a principal in one layer: no policy allows the call, or a policy denies it. */
interface Obstacle {
  /** ARN. */
  readonly principal: string;
  readonly action: string;
  readonly layer: PolicyKind;
  readonly is: 'lacks an Allow' | 'has a Deny';
}

/** Everything that stops a request. Undefined: policies alone do not stop the request. */
function obstaclesIn({ calls, preconditions }: Evaluated, principal: string): readonly Obstacle[] | undefined {
  if (preconditions.some(isUnmet)) return undefined;
  return calls.filter(isDenied).flatMap(({ decision, row: { action } }): readonly Obstacle[] => {
    const denying = decision.decidedBy.flatMap((by) => ('policy' in by && by.effect === 'Deny' ? [by.policy] : []));
    return [
      ...[...new Set(decision.lacking)].map((layer) => ({ principal, action, layer, is: 'lacks an Allow' }) as const),
      ...[...new Set(denying)].map((layer) => ({ principal, action, layer, is: 'has a Deny' }) as const),
    ];
  });
}

/**
 * The layers that a change of a type can affect, first the more exact types. An Allow in the
 * policies of a principal or in the policy of a key can be enough without the other, so a change of
 * either counts for both.
 */
const layersOf: readonly (readonly [RegExp, Readonly<Record<Obstacle['is'], readonly PolicyKind[]>>])[] = [
  [/^aws_(?:organizations|controltower)_/, { 'lacks an Allow': ['scp', 'rcp'], 'has a Deny': ['scp', 'rcp'] }],
  [/^aws_vpc_/, { 'lacks an Allow': ['endpoint'], 'has a Deny': ['endpoint'] }],
  [
    /^aws_(?:iam|ssoadmin)_/,
    { 'lacks an Allow': ['identity', 'resource', 'boundary'], 'has a Deny': ['identity', 'boundary'] },
  ],
  [/^aws_kms_grant$/, { 'lacks an Allow': ['identity', 'resource'], 'has a Deny': [] }],
  [/^aws_kms_/, { 'lacks an Allow': ['identity', 'resource'], 'has a Deny': ['resource'] }],
  [
    /(?:)/,
    { 'lacks an Allow': ['identity', 'resource', 'boundary'], 'has a Deny': ['identity', 'resource', 'boundary'] },
  ],
];

/** Types of resources whose creation also removes or replaces policies that exist. */
const replacing =
  /_exclusive$|^aws_iam_(?:policy_attachment|group_membership)$|^aws_kms_key_policy$|^aws_vpc_endpoint_policy$|^aws_ssoadmin_permission/;

/** Types of resources of which a new one only adds a policy below those of the boundary. */
const adding = /^aws_iam_(?:role|user|group)_policy(?:_attachment)?$|^aws_iam_user_group_membership$/;

/** Whether a change may remove an obstacle. Permission sets are about the roles of IAM Identity Center alone. */
function lifts(change: PlannedChange, { principal, action, layer, is }: Obstacle): boolean {
  const { type, kind } = change;
  if (type.startsWith('aws_ssoadmin_') && !isOfIdentityCenter(principal)) return false;
  // A key policy and a grant are about the actions on a key alone.
  if (type.startsWith('aws_kms_') && !action.startsWith('kms:')) return false;
  if (type === 'aws_kms_grant' && !mayGrant(change, action)) return false;
  if (/^aws_backup_(?:region|global)_settings$/.test(type)) return false;
  // The policy of a vault or bucket is about calls to its own service alone.
  if (type === 'aws_backup_vault_policy' && !action.startsWith('backup:')) return false;
  if (type.startsWith('aws_s3_') && !action.startsWith('s3:')) return false;
  if (is === 'has a Deny' && kind === 'create' && !replacing.test(type)) return false;
  if (layer === 'boundary' && adding.test(type)) return false;
  return layersOf.find(([pattern]) => pattern.test(type))?.[1][is].includes(layer) === true;
}

/** Whether a change can only let somebody do more: a grant never denies (iam-evaluation 6.16). */
function isOnlyAllowing({ change: { type, kind } }: UnplacedChange): boolean {
  return type === 'aws_kms_grant' && kind === 'create';
}

/** Whether a grant that a plan creates may allow an action: a grant allows a list of operations. */
function mayGrant({ kind, after, unknown }: PlannedChange, action: string): boolean {
  const operations = after?.['operations'];
  if (kind !== 'create' || !isList(operations) || !isJson(unknown) || holdsTrue(unknown['operations'])) return true;
  return operations.includes(action.slice('kms:'.length));
}

/** Whether the only obstacle is that no key has a name. */
function isOnlyKeyMissing({ outcome, lacks, alike }: Judged): boolean {
  const breaking = lacks.filter((lack) => outcomeOfLack(lack) === 'broken');
  const isOfKey = (lack: ExpectationLack): boolean => lack.code === 'nothing-matched' && lack.what === 'key';
  return outcome === 'broken' && alike.length === 0 && breaking.length > 0 && breaking.every(isOfKey);
}

/**
 * The broken combinations. Undefined: only some of them were kept, or the expectation is also
 * broken for another reason.
 */
function onlyBroken({ outcome, lacks, alike, counts }: Judged): readonly Failing[] | undefined {
  const all = alike.filter(({ failing: [first] }) => first.outcome === 'broken');
  const broken = all.flatMap(({ failing }) => failing);
  const isOnly =
    outcome === 'broken' && broken.length === counts.broken && !lacks.some((lack) => outcomeOfLack(lack) === 'broken');
  return isOnly ? broken : undefined;
}
