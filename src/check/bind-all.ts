import { accountOf, type Place, placeOf } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { groupBy } from '../base/group.ts';
import { whatIsThere } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import type { Directory } from '../evidence/directory.ts';
import { rdsRows } from '../evidence/lists.ts';
import type { Evidence, Gap } from '../evidence/schema.ts';
import {
  listNotHeld,
  type Source,
  type SourceType,
  sourceNamed,
  sourcesHeld,
  sourcesNear,
} from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import {
  askedFor,
  type Bound,
  bind,
  leavesMembersOut,
  placeRead,
  type RequestedOperation,
  swept,
  sweptTypes,
  withFollowUps,
} from './bind.ts';
import type { Question } from './question.ts';

/** The parts of a question that a run did not check. */
export type Unchecked =
  /**
   * `types`: the types whose lists were read. `membersLeftOut`: instances of clusters were not
   * checked.
   */
  | {
      readonly code: 'nothing-of-the-kind';
      readonly place: Place;
      readonly types: readonly SourceType[];
      readonly membersLeftOut: boolean;
    }
  /** `gap`: the read that failed. Undefined: the evidence does not have the list. */
  | { readonly code: 'list-unread'; readonly place: Place; readonly type: SourceType; readonly gap: Gap | undefined }
  /** The number of combinations that were skipped, because their source is not in their Region. */
  | { readonly code: 'combinations-skipped'; readonly count: number }
  /** The request has a flag that the operation does not take. */
  | { readonly code: 'operation-left-out'; readonly operation: Operation; readonly flags: readonly string[] }
  /** Sources that the operation checks only if they are named. */
  | { readonly code: 'asked-by-name-only'; readonly operation: Operation }
  /** Sources that another command checks. */
  | { readonly code: 'asked-by-another-command'; readonly command: string };

/** The questions of one run on all their targets, in order. */
export interface BoundQuestions {
  readonly bound: readonly Bound[];
  readonly unchecked: readonly Unchecked[];
}

/**
 * Binds questions that differ in operation, principal, target or Region, each to all its targets.
 * If a target is named for several Regions, it counts in the Region where it is.
 * @throws Failure if the evidence does not contain something that the questions name
 */
export function bindAll(directory: Directory, questions: readonly Question[]): BoundQuestions {
  const found = questions.map((question) => {
    const same = questions.filter((other) => isElsewhereOf(question, other));
    return { question, ...(question.target === undefined || same.length === 0 ? alone : among)(directory, question) };
  });
  for (const alike of groupBy(found, nameOf).values()) refuseNowhere(directory.evidence, alike);
  const sweeps = found.flatMap(({ sweep }) => sweep ?? []);
  const byPlace = [...groupBy(sweeps, ({ place, who }) => JSON.stringify([place, who])).values()];
  const count = found.filter(({ skipped }) => skipped).length;
  const unchecked = [
    ...byPlace.flatMap((alike) => uncheckedAt(directory.evidence, alike)),
    ...found.flatMap(({ unread }) => unread),
    ...(count === 0 ? [] : [{ code: 'combinations-skipped', count } as const]),
  ];
  return {
    bound: found.flatMap(({ bound }) => bound),
    unchecked: [...new Map(unchecked.map((one) => [JSON.stringify(one), one])).values()],
  };
}

/** What binding one question gave. */
interface Answered {
  readonly bound: readonly Bound[];
  /** The sweep, if the question names no target. */
  readonly sweep?: Sweep;
  /** Lists that were not read and may have the target. */
  readonly unread: readonly Unchecked[];
  /** The target is not in the Region. */
  readonly skipped: boolean;
}

interface Sweep {
  readonly operation: Operation;
  readonly place: Place;
  readonly who: string;
  readonly sources: readonly Source[];
  readonly unread: readonly SourceType[];
}

type Found = Answered & { readonly question: Question };

/** Whether two questions differ only in the Region. */
function isElsewhereOf(one: Question, other: Question): boolean {
  return one !== other && nameOf({ question: one }) === nameOf({ question: other });
}

function nameOf({ question: { operation, principal, target } }: Pick<Found, 'question'>): string {
  return JSON.stringify([operation.api, operation.reads?.flag, principal, target]);
}

function alone(directory: Directory, question: Question): Answered {
  const { operation, target } = question;
  if (operation.reads === undefined || target !== undefined)
    return { bound: bind(directory, question), unread: [], skipped: false };
  const asking = askedFor(directory, question);
  const { sources, unread } = swept(directory.evidence, asking);
  const sweep: Sweep = { operation, place: placeRead(asking), who: question.principal, sources, unread };
  return {
    bound: sources.flatMap((source) => withFollowUps(directory, asking, source)),
    sweep,
    unread: [],
    skipped: false,
  };
}

/** Binds a question that is asked in several Regions: the target may be in another one. */
function among(directory: Directory, question: Question): Answered {
  const { operation, target = '', region } = question;
  const crosses = operation.parameters.includes('source-region');
  const named = placeOf(target)?.region;
  if (!crosses && named !== undefined && named !== region) return { bound: [], unread: [], skipped: true };
  const asking = askedFor(directory, question);
  const types = operation.reads?.types ?? [];
  const source = sourceNamed(sourcesNear(directory.sourcesOf, placeRead(asking), { types, name: target }), target);
  if (source !== undefined) return { bound: withFollowUps(directory, asking, source), unread: [], skipped: false };
  const unread = unreadAt(directory.evidence, asking, types.slice(0, 1));
  return { bound: [], unread, skipped: unread.length === 0 };
}

function unreadAt(evidence: Evidence, asking: RequestedOperation, types: readonly SourceType[]): readonly Unchecked[] {
  const place = placeRead(asking);
  return sourcesHeld(evidence, place, types).unread.map((type) => listUnread(evidence, place, type));
}

function listUnread(evidence: Evidence, place: Place, type: SourceType): Unchecked {
  return { code: 'list-unread', place, type, gap: gapOf(evidence, place, type) };
}

/** The read of a list that failed. */
function gapOf({ gaps = [] }: Evidence, { account, region }: Place, type: SourceType): Gap | undefined {
  const actions = rdsRows.flatMap(([, { action, use }]) => ('type' in use && use.type === type ? [action] : []));
  return gaps.find(
    (gap) =>
      actions.some((action) => action === gap.what) &&
      gap.account === account &&
      gap.region === region &&
      gap.resource === undefined,
  );
}

/** @throws Failure if a target is in none of the Regions of its questions */
function refuseNowhere(evidence: Evidence, alike: readonly Found[]): void {
  const [first] = alike;
  if (first === undefined || alike.length === 1 || alike.some(({ skipped }) => !skipped)) return;
  const { operation, target = '', principal } = first.question;
  const { types = [], flag = '' } = operation.reads ?? {};
  const regions = alike.flatMap(({ question: { region } }) => region ?? []);
  const account = placeOf(target)?.account ?? accountOf(principal);
  const there = regions.flatMap((region) => sourcesHeld(evidence, { account, region }, types).sources);
  throw new Failure(
    'input',
    `no \`${target}\` in Regions ${list(regions)} of account ${account}; ${whatIsThere(
      target,
      there.map(({ identifier }) => identifier),
    )}`,
    `check --${flag} and --region`,
  );
}

/** @throws Failure if the evidence has none of the lists that the sweeps need */
function uncheckedAt(evidence: Evidence, sweeps: readonly Sweep[]): readonly Unchecked[] {
  const [first] = sweeps;
  if (first === undefined) return [];
  const { place } = first;
  const unread = [...new Set(sweeps.flatMap((sweep) => sweep.unread))];
  const all = [...new Set(sweeps.flatMap(({ operation }) => sweptTypes(operation)))];
  const read = all.filter((type) => !unread.includes(type));
  const [missing] = unread;
  if (missing !== undefined && read.length === 0 && gapOf(evidence, place, missing) === undefined)
    throw listNotHeld(missing, evidence, place);
  const isEmpty = sweeps.every(({ sources }) => sources.length === 0);
  const membersLeftOut = sweeps.some(
    (sweep) => leavesMembersOut(sweep.operation) && sourcesHeld(evidence, place, ['db']).sources.length > 0,
  );
  return [
    ...(isEmpty && read.length > 0
      ? [{ code: 'nothing-of-the-kind', place, types: read, membersLeftOut } as const]
      : []),
    ...unread.map((type) => listUnread(evidence, place, type)),
  ];
}
