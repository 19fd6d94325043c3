import { isRootArn } from '../base/arn.ts';
import { digestOf } from '../base/digest.ts';
import { groupBy } from '../base/group.ts';
import type { Json } from '../base/json.ts';
import type { DecidedCall } from '../check/decide.ts';
import { judge } from '../check/judgment.ts';
import type { ExpectationFix, ReportedExpectation } from '../contract/preflight-report.ts';
import type { ReportedFix } from '../contract/report.ts';
import { type Change, policyAt, withChange } from '../evidence/change.ts';
import { everyPrincipal, type Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { fixStepText, plannedFixStepText } from '../explain/fixes.ts';
import { denyOthersText, denyText, failingText, nameRootText } from '../explain/preflight.ts';
import { documentObject, withStatements } from '../fix/documents.ts';
import type { Fix, Fixes } from '../fix/fixes.ts';
import { identityArn } from '../fix/step.ts';
import type { Judge } from '../preflight/judge.ts';
import type { Failing, Judged } from '../preflight/outcome.ts';
import { allowingCalls } from './preflight-causes.ts';

/*
 * Finds the fixes of an expectation. The search for each fix uses the evidence with the earlier
 * fixes applied, and the expectation is checked again with each fix.
 */

/** An expectation and its result under some evidence. */
export interface JudgedUnder {
  readonly evidence: Evidence;
  readonly judged: Judged;
  readonly judges: Judge;
}

export interface Repairing {
  /** Checks the expectation again under other evidence. Undefined: that would take too long. */
  readonly again: (evidence: Evidence) => JudgedUnder | undefined;
  readonly fixesOf: (evidence: Evidence) => Fixes;
  /** Puts a fix into words. */
  readonly reporting: (fix: Fix) => ReportedFix;
  /** The most fixes to find. */
  readonly most: number;
}

export interface Repairs {
  /** In the order in which to make them. */
  readonly fixes: ExpectationFix[];
  /** For each combination: the ID of the re-checked fix that works for it. */
  readonly fixOf: (failing: Failing) => string | undefined;
  /** Undefined: no fix was re-checked. */
  readonly withFixes: ReportedExpectation['withFixes'];
  /** Whether the search stopped early. */
  readonly isCut: boolean;
}

/** The fixes of a broken expectation, as far as they were found. */
export function repairsOf(start: JudgedUnder, repairing: Repairing): Repairs {
  const { again, most } = repairing;
  const fixes: ExpectationFix[] = [];
  const fixFor = new Map<string, string>();
  const given = new Set<string>();
  let standing = start;
  let isCut = false;
  for (let sought = 0; !isCut; sought += 1) {
    const open = openIn(standing.judged).filter((one) => !given.has(nameOf(one)));
    const [first] = open;
    if (first === undefined) break;
    const found =
      sought === most
        ? undefined
        : first.code === 'can-do'
          ? denying(open, standing, again)
          : allowing(first, open, standing, repairing);
    fixes.push(...(found?.fixes ?? []));
    for (const one of found?.given ?? []) given.add(nameOf(one));
    for (const [one, id] of found === undefined ? [] : fixedBy(found, open)) fixFor.set(nameOf(one), id);
    // Without a second check, it is unknown what is left.
    isCut = found === undefined || (found.isUnchecked === true && open.length > 1);
    if (found?.isUnchecked === true) break;
    standing = found?.standing ?? standing;
  }
  const { outcome, counts } = standing.judged;
  return {
    fixes,
    fixOf: (one) => fixFor.get(nameOf(one)),
    withFixes: standing === start ? undefined : { outcome, broken: counts.broken, unproven: counts.unproven },
    isCut,
  };
}

/** The combinations that a re-checked fix repairs, each with the ID of the fix. */
function fixedBy({ fixes, standing, given }: Found, open: readonly Failing[]): readonly (readonly [Failing, string])[] {
  const alone = fixes.find(({ isFor }) => isFor !== undefined);
  if (alone !== undefined) return given.map((one) => [one, alone.id]);
  const checked = fixes.find(({ repairs }) => repairs !== undefined);
  if (checked === undefined || standing === undefined) return [];
  const left = new Set(openIn(standing.judged).map(nameOf));
  return open.flatMap((one) => (left.has(nameOf(one)) ? [] : [[one, checked.id]]));
}

/** The fixes that were found, and their results. */
interface Found {
  readonly fixes: readonly ExpectationFix[];
  /**
   * The result of the expectation with these fixes. Undefined: the expectation was not checked
   * again, or its result is the same.
   */
  readonly standing: JudgedUnder | undefined;
  /** No other fix is searched for these combinations. */
  readonly given: readonly Failing[];
  /** Set if a second check would take too long. */
  readonly isUnchecked?: true;
}

/** The broken combinations for which the program can search for a fix. */
function openIn({ alike }: Judged): readonly Failing[] {
  return alike
    .flatMap(({ failing }) => failing)
    .filter(({ code, outcome }) => outcome === 'broken' && (code === 'cannot-do' || code === 'can-do'));
}

function nameOf({ bound: { principal, operation, source, keys, region } }: Failing): string {
  const on = source?.arn ?? keys['named key']?.arn;
  return JSON.stringify([principal.arn, operation.command, operation.api, on, region]);
}

/** A fix that lets somebody do what the expectation says. Undefined: there was no search. */
function allowing(
  first: Failing,
  open: readonly Failing[],
  { evidence, judged, judges }: JudgedUnder,
  { fixesOf, again, reporting }: Repairing,
): Found | undefined {
  const { evaluate } = judges.evaluatorOf(judged.expectation);
  const { isSent = false } = judged.expectation;
  const known = fixesOf(evidence);
  const fixesFor = (one: Failing): readonly Fix[] | undefined => {
    const evaluated = evaluate(one.bound);
    return known.of(evaluated, judge(evaluated));
  };
  const all = fixesFor(first);
  if (all === undefined) return undefined;
  const isFor = failingText(first);
  const turning = all.filter(({ verdict }) => verdict !== 'fails');
  const [best] = turning;
  // As in a check, facts of the session or the request come before edits of policies. Other changes
  // of the request are used only if there is no edit.
  const changing = best !== undefined && meetsCondition(best) ? [] : turning.filter((fix) => !changesRequest(fix));
  for (const fix of changing) {
    const reported = reportedFix(fix, first, reporting, isSent);
    if (reported === undefined) continue;
    const standing = again(fix.after);
    if (standing === undefined) return { fixes: [{ ...reported, isFor }], standing, given: [first], isUnchecked: true };
    const repairs = repairedBy(judged, standing.judged, fix.verdict);
    if (repairs > 0) return { fixes: [{ ...reported, repairs }], standing, given: [] };
  }
  const [other] = turning.filter(changesRequest);
  const reported = other && reportedFix(other, first, reporting, isSent);
  if (other === undefined || reported === undefined) return { fixes: [], standing: undefined, given: [first] };
  // One search is enough for combinations of a principal that fail for the same reasons.
  const given = open.filter(
    (one) => one === first || (hasPrincipalOf(one, first) && fixesFor(one)?.includes(other) === true),
  );
  return {
    fixes: [
      { ...reported, isFor, ...(given.length === 1 ? {} : { isForAll: given.length }), changesExpectation: true },
    ],
    standing: undefined,
    given,
  };
}

function hasPrincipalOf({ bound: one }: Failing, { bound: other }: Failing): boolean {
  return one.principal.arn === other.principal.arn;
}

/** How many combinations the fix repairs. */
function repairedBy({ counts: before }: Judged, { counts: after }: Judged, to: Fix['verdict']): number {
  return to === 'succeeds' && after.broken <= before.broken ? after.holds - before.holds : before.broken - after.broken;
}

const inRequest: ReadonlySet<string> = new Set([
  'name-another-key',
  'name-new-resource',
  'allow-in-session-policy',
  'narrow-deny-of-session-policy',
  'copy-snapshot-first',
  'meet-condition',
]);

/** Whether a fix changes the request. The expectation is about the request without the change. */
function changesRequest({ changes }: Fix): boolean {
  return changes.some(({ steps }) => steps.some(({ code }) => inRequest.has(code)));
}

/** Whether a fix consists only of facts of the session or the request. */
function meetsCondition({ changes }: Fix): boolean {
  return changes.every(({ steps }) => steps.every(({ code }) => code === 'meet-condition'));
}

/** `isSent`: whether the fix is for a request of a plan. */
function reportedFix(
  fix: Fix,
  { bound: { principal } }: Failing,
  reporting: Repairing['reporting'],
  isSent: boolean,
): ExpectationFix | undefined {
  const { verdict, changes } = fix;
  if (verdict === 'fails') return undefined;
  return {
    id: reporting(fix).id,
    after: verdict,
    steps: changes.map(({ owner, account, steps }) => {
      const does = steps.map(isSent ? plannedFixStepText : fixStepText).join(' and ');
      return account === principal.account ? does : `${ownerWords[owner]} (account ${account}): ${does}`;
    }),
  };
}

const ownerWords = {
  caller: 'you',
  "principal's account": "the principal's account",
  'key owner': 'the key owner',
  'snapshot owner': 'the snapshot owner',
  organization: 'the organization',
} as const;

/** The most principals for which a fix says how to deny the operation. */
const mostDenied = 10;

/** A fix that denies an operation to everybody who can run it. */
function denying(open: readonly Failing[], standing: JudgedUnder, again: Repairing['again']): Found {
  const { evidence, judged, judges } = standing;
  const { isOnly } = judged.expectation;
  const evaluate = judges.evaluatorOf(judged.expectation).evaluate;
  const able = groupBy(
    open.filter(({ code }) => code === 'can-do'),
    ({ bound }) => bound.principal.arn,
  );
  const asked = [...able.values()]
    .slice(0, mostDenied)
    .flatMap((own) => own.map((failing) => ({ failing, calls: allowingCalls(evaluate(failing.bound)) })));
  const given = asked.map(({ failing }) => failing);
  const textsOf = (some: typeof asked): string[] => [
    ...new Set(some.flatMap(({ calls }) => calls.map((call) => denyText(call, isOnly)))),
  ];
  const under = (some: typeof asked): JudgedUnder | undefined =>
    some.length === 0 ? standing : again(some.flatMap(({ calls }) => calls).reduce(withDeny, evidence));
  const deniable = asked.filter(({ calls }) => calls.some((call) => withDeny(evidence, call) !== evidence));
  const attempt = under(deniable);
  const still = new Set(attempt?.judged.alike.flatMap(({ failing }) => failing.map(nameOf)));
  const denied = deniable.filter(({ failing }) => !still.has(nameOf(failing)));
  const after = attempt === undefined || denied.length === deniable.length ? attempt : under(denied);
  if (after === undefined) {
    const isAll = able.size <= mostDenied && judged.counts.broken <= open.length;
    const steps = isAll ? textsOf(asked) : [...textsOf(asked), denyOthersText];
    return { fixes: [{ id: idOf(steps), after: 'denied', steps }], standing: undefined, given, isUnchecked: true };
  }
  const unchecked = textsOf(asked.filter((one) => !deniable.includes(one)));
  // An SCP does not apply to the management account.
  const isRootLeft = deniable.some(
    ({ failing }) => still.has(nameOf(failing)) && isRootArn(failing.bound.principal.arn),
  );
  const repairs = after.judged.counts.holds - judged.counts.holds;
  const fix = (steps: string[], more: Partial<ExpectationFix>): readonly ExpectationFix[] =>
    steps.length === 0 ? [] : [{ id: idOf(steps), after: 'denied', steps, ...more }];
  return {
    fixes: [
      ...fix(textsOf(denied), { repairs }),
      ...fix(unchecked, {}),
      ...fix(isRootLeft && isOnly ? [nameRootText] : [], { changesExpectation: true }),
    ],
    standing: after,
    given: given.filter((one) => denied.every(({ failing }) => failing !== one)),
  };
}

/** The report shows only the steps of such a fix. */
function idOf(steps: readonly string[]): string {
  return `fix-${digestOf(steps)}`;
}

/**
 * The evidence with a Deny of a call for the principal that makes it. If the evidence has no place
 * for the Deny, it is returned unchanged.
 */
function withDeny(evidence: Evidence, { row: { action }, actor }: DecidedCall): Evidence {
  const deny = { Effect: 'Deny', Action: action, Resource: '*' };
  const change = isRootArn(actor.arn) ? denyingRoot(evidence, actor, deny) : denyingOwner(evidence, actor, deny);
  return change === undefined ? evidence : withChange(evidence, change);
}

function denyingRoot(evidence: Evidence, { arn, account }: Principal, deny: Json): Change | undefined {
  const { id: organization, path } = evidence.accounts[account]?.organization ?? {};
  const level = path?.find(({ id }) => id === account);
  if (organization === undefined || level?.scps === undefined) return undefined;
  const statement = { ...deny, Condition: { StringEquals: { 'aws:PrincipalArn': arn } } };
  const name = `deny-${level.scps.length}`;
  return {
    change: 'new control policy',
    kind: 'scp',
    organization,
    at: account,
    name,
    document: withStatements(undefined, [statement]),
  };
}

function denyingOwner(evidence: Evidence, actor: Principal, deny: Json): Change | undefined {
  const owner = identityArn(actor);
  if (owner === undefined || !everyPrincipal(evidence).includes(owner)) return undefined;
  const place = { in: 'inline policy', owner, name: 'aurora-kms-check-deny' } as const;
  return { change: 'policy', place, document: withStatements(documentObject(policyAt(evidence, place)), [deny]) };
}
