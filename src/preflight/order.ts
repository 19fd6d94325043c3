import type { Evidence } from '../evidence/schema.ts';
import { goes } from '../plan/deletions.ts';
import type { ChangeKind, PlannedChange } from '../plan/planned-change.ts';
import { type PlannedRequest, removes } from '../plan/planned-state.ts';
import { mayTake, stagesOf, statesBetween } from './between.ts';
import { principalNames } from './causes.ts';
import type { Expectation } from './expectation.ts';
import type { Judge } from './judge.ts';
import { mostNamed, neededOf, withoutSpare } from './needed.ts';
import { type ExpectationLack, type ExpectationOutcome, type Judged, leftOpen } from './outcome.ts';

/*
 * A plan has no order, so a request is judged in several states: with everything applied, with only
 * what certainly comes first, and between two changes.
 */

/**
 * The outcome with everything applied. A plan has no order, so the outcome is compared with the
 * outcome after only the changes that are certainly applied before the request. If the two differ,
 * the deciding changes need a dependency that puts them before or after the request. What is
 * certainly deleted after a delete request does not count.
 */
export function inOrder(
  expectation: Expectation,
  request: PlannedRequest,
  judgeOf: (evidence: Evidence) => Judge,
): Judged {
  const outcomeUnder = (evidence: Evidence): ExpectationOutcome => judgedUnder(expectation, judgeOf(evidence)).outcome;
  const { whenSooner, isOfOld } = request;
  const judgedLast = judgedUnder(expectation, judgeOf(request.whenAll));
  // What is certainly created later leaves nothing open. If the answer is open at first, something else does.
  const mayClose = judgedLast.outcome === 'unproven' && !isOfOld && whenSooner !== undefined;
  const judged =
    mayClose && outcomeUnder(request.whenFirst()) !== 'unproven'
      ? judgedUnder(expectation, judgeOf(whenSooner()))
      : judgedLast;
  const { outcome } = judged;
  if (outcome === 'unproven' || (!request.hasOthers && whenSooner === undefined)) return judged;
  const first = request.whenFirst();
  const atFirst = first === request.whenAll ? outcome : outcomeUnder(first);
  const nearOf = (...evidences: readonly Evidence[]) =>
    request.others(evidences.map(judgeOf).flatMap((judge) => namesAsked(expectation, judge)));
  if (atFirst === outcome) return unlessBetween(judged, request, () => nearOf(request.whenAll, first), outcomeUnder);
  if (whenSooner !== undefined) {
    const sooner = judgedUnder(expectation, judgeOf(whenSooner()));
    if (sooner.outcome === atFirst)
      return unlessBetween(sooner, request, () => nearOf(request.whenAll, first), outcomeUnder);
  }
  const { near, all } = nearOf(request.whenAll, first);
  const isSame = (others: readonly PlannedChange[]): boolean =>
    others.length > 0 && outcomeUnder(request.whenAlso(others)) === outcome;
  // A failure needs each change that is enough for it to come later, not only one of them.
  const isAtFirstWithout = (others: readonly PlannedChange[]): boolean =>
    outcomeUnder(request.whenAlso(near.filter((one) => !others.includes(one)))) === atFirst;
  const searched = outcome === 'holds' ? isSame : isAtFirstWithout;
  const deciding = isSame(near) ? withoutSpare(neededOf(near, searched), searched) : all();
  const shown = deciding.slice(0, mostNamed);
  return outcome === 'holds'
    ? { ...judged, outcome: 'unproven', lacks: [orderOf(request, shown)] }
    : leftOpen(judged, { code: 'plan-order-after', after: shown.map(addressOf), ...waiting(request, deciding) });
}

/** `needed`: what has to come before the request. `taking`: the changes after which the request needs it. */
function orderOf(
  request: PlannedRequest,
  needed: readonly PlannedChange[],
  taking: readonly PlannedChange[] = [],
): ExpectationLack {
  const { address } = request.change;
  const [first, gone] = [needed.map(addressOf), needed.filter(({ kind }) => kind === 'delete').map(addressOf)];
  const cannotWait = isDeletedFirst(request);
  const apart = first.filter((one) => !gone.includes(one) && (cannotWait || request.isCircular(address, one)));
  const after = taking.length === 0 ? {} : { between: taking.map(addressOf) };
  return { code: 'plan-order', of: address, first, gone, apart, ...after };
}

/** Like `orderOf`, but `needed` may have only parts of changes: what an apply does first. */
function gapOf(
  request: PlannedRequest,
  needed: readonly PlannedChange[],
  whole: readonly PlannedChange[],
): ExpectationLack {
  const parts = needed.filter((one) => !whole.includes(one));
  if (parts.length === 0) return orderOf(request, needed);
  const addressesOf = (kind: ChangeKind): readonly string[] => parts.filter((one) => one.kind === kind).map(addressOf);
  const first = needed.filter((one) => whole.includes(one)).map(addressOf);
  return { code: 'plan-order-gap', remade: addressesOf('delete'), updated: addressesOf('update'), first };
}

/**
 * Whether the request deletes an old resource before anything else happens to the resource. A dependency
 * that the configuration adds does not count for the deletion.
 */
function isDeletedFirst({ change, isOfOld }: PlannedRequest): boolean {
  return isOfOld && goes(change) && !change.makesFirst;
}

/**
 * Leaves an outcome open that some of the other changes would alter, although all of them together do
 * not: something is deleted and something else replaces it, or one change takes away what another one
 * gives. The request may come between the two.
 */
function unlessBetween(
  judged: Judged,
  request: PlannedRequest,
  nearOf: () => ReturnType<PlannedRequest['others']>,
  outcomeUnder: (evidence: Evidence) => ExpectationOutcome,
): Judged {
  const { own, near } = nearOf();
  const isOwn = ({ identity }: PlannedChange): boolean => own.some((one) => one.identity === identity);
  const holdsAfter = (changes: readonly PlannedChange[]): boolean =>
    outcomeUnder(request.whenAlso(changes)) === 'holds';
  if (judged.outcome === 'broken') {
    const isOpenAfter = (changes: readonly PlannedChange[]): boolean =>
      outcomeUnder(request.whenAlso(changes)) !== 'broken';
    const between = statesBetween(own, near).find(isOpenAfter);
    return between === undefined ? judged : leftOpen(judged, gapOf(request, neededOf(between, isOpenAfter), near));
  }
  const going = request.mayBeBetween
    ? near
        .filter(removes)
        .slice(0, mostRemoved)
        .map((one) => [stagesOf(one)[0] ?? one])
    : [];
  // Only some changes are taken, so those that may make the request fail come first.
  const inTurn = [...own.filter(mayTake), ...own.filter((one) => !mayTake(one))];
  const states = statesBetween(inTurn, near).filter((some) => some.some((one) => isOwn(one) && mayTake(one)));
  const isOpenAfter = (some: readonly PlannedChange[]): boolean => !holdsAfter(some);
  const removed = going.find(isOpenAfter);
  const between = removed ?? states.find(isOpenAfter);
  if (between === undefined) return judged;
  const others = near.filter((one) => !between.includes(one));
  const needed = neededOf(others, (some) => holdsAfter([...between, ...some])).slice(0, mostNamed);
  const rest = between.filter((one) => !own.includes(one) || !mayTake(one));
  const taking =
    removed === undefined
      ? withoutSpare(
          own.filter((one) => between.includes(one) && mayTake(one)),
          (some) => !holdsAfter([...rest, ...some]),
        )
      : [];
  const isInSteps = ({ identity }: PlannedChange): boolean =>
    between.some((one) => one.identity === identity && one.kind === 'update' && !near.includes(one));
  const during = needed.every(isInSteps) ? { during: needed.map(addressOf) } : {};
  const lack = orderOf(request, needed, taking.slice(0, mostNamed));
  return { ...judged, outcome: 'unproven', lacks: [{ ...lack, ...during }] };
}

/** See `earlier` of JudgedRequest. */
export function* judgedBefore(
  expectation: Expectation,
  request: PlannedRequest,
  judgeOf: (evidence: Evidence) => Judge,
): Generator<{ readonly judged: Judged; readonly judge: Judge }> {
  const under = (evidence: Evidence) => {
    const judge = judgeOf(evidence);
    return { judged: judgedUnder(expectation, judge), judge };
  };
  const first = request.whenFirst();
  yield under(first);
  const names = [request.whenAll, first].flatMap((evidence) => namesAsked(expectation, judgeOf(evidence)));
  const { own, near } = request.others(names);
  for (const some of statesBetween(own, near)) yield under(request.whenAlso(some));
}

/** The maximum number of deletions that are checked for a request. */
const mostRemoved = 20;

/**
 * The names of everything that a request depends on: its sender, the source, the keys and the
 * values of its parameters.
 */
function namesAsked(expectation: Expectation, { directory, resolve }: Judge): readonly string[] {
  const given = Object.values(expectation.parameters).filter((value) => typeof value === 'string');
  const asked = resolve(expectation).groups.flatMap(({ principals, targets }) => [
    ...principals.flatMap(({ arn, roleArn }) => principalNames(directory, roleArn ?? arn)),
    ...targets.flatMap(({ source, key }) => [source?.arn ?? [], source?.kmsKeyId ?? [], key ?? []].flat()),
  ]);
  return [...given, ...(expectation.source?.items ?? []).map(({ said }) => said.text), ...asked];
}

/**
 * The address on which changes have to depend, so that they are applied after the request. Absent
 * if a change deletes something first: no configuration can make the deletion of a resource wait for
 * a request.
 */
function waiting({ change, isOfOld, isCircular }: PlannedRequest, changes: readonly PlannedChange[]) {
  const deletesFirst = ({ kind, makesFirst }: PlannedChange): boolean =>
    kind === 'delete' || (kind === 'replace' && !makesFirst);
  const canWait = !isOfOld && changes.every((one) => !deletesFirst(one) && !isCircular(one.address, change.address));
  return canWait ? { waitFor: change.address } : {};
}

function addressOf({ address }: PlannedChange): string {
  return address;
}

/** The outcome in the state of the evidence that a judge has. */
export function judgedUnder(expectation: Expectation, judge: Judge): Judged {
  return judge.judge(expectation, judge.resolve(expectation));
}
