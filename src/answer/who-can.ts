import type { Standing, StandingGroup, TargetAnswer } from '../audit/standings.ts';
import { expectedNobody, personMeant, type WhoCan, type WhoCanQuestion, whoCan } from '../audit/who-can.ts';
import { accountOf, isArn } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { withoutStop } from '../base/wording.ts';
import type { Verdict } from '../contract/report.ts';
import type { WhoCanGroup, WhoCanReport, WhoCanTarget } from '../contract/who-can-report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { ageWarning } from '../evidence/age.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';
import type { Evidence } from '../evidence/schema.ts';
import { assumptionText } from '../explain/assumptions.ts';
import { ageWarningText } from '../explain/evidence-age.ts';
import { factText } from '../explain/facts.ts';
import { hypothesisText } from '../explain/hypotheses.ts';
import { decidingName } from '../explain/names.ts';
import { callReasonText, lackText } from '../explain/preflight.ts';
import { verdictText } from '../explain/reasons.ts';
import { notCheckedText } from '../explain/unchecked.ts';
import {
  afterApplyText,
  denyName,
  expectedNobodyText,
  otherRequestText,
  severalTargetsText,
  standingsText,
  standingText,
} from '../explain/who-can.ts';
import { type Extent, extentOfAny } from '../preflight/pattern.ts';
import { allInWords, inWords } from './in-words.ts';
import type { AppliedPlans } from './plan.ts';

/** Who can run an operation, and who should be able to. */
export interface WhoCanAsked extends WhoCanQuestion {
  /**
   * Names and patterns of principals that may run the operation. Empty: nobody. Absent: anybody.
   */
  readonly expected?: readonly string[];
  readonly assumed?: readonly HypotheticalChange[];
  readonly applied?: AppliedPlans;
  /** In hours. The report warns about older evidence. Absent: the age does not matter. */
  readonly maxAge?: number;
}

/**
 * A report on who can run an operation. `version`: the version of the tool.
 * @throws Failure if the evidence does not contain something that the question names
 */
export function whoCanReport(evidence: Evidence, asked: WhoCanAsked, version: string): WhoCanReport {
  const { expected, assumed, evaluatedAt, people, applied } = asked;
  const doubts = {
    texts: applied?.doubtsAbout?.(asked.operations) ?? applied?.doubts ?? [],
    mayLetIn: applied?.mayLetIn ?? (() => false),
  };
  const found = whoCan(directoryOf(evidence), asked);
  const reach = expected === undefined ? undefined : reachOfAny(expected);
  const targets = found.answers.map((answer) => reportedTarget(answer, reach, doubts));
  const notRead = found.lacks.map((lack) => inWords(lack, lackText));
  const notChecked = [...allInWords(found.withoutKey, lackText), ...allInWords(found.unchecked, notCheckedText)];
  // Somebody could still make a key of that name, so a gate is open.
  const isOpen = expected !== undefined && found.withoutKey.length > 0;
  const isUnread = notRead.length > 0 || found.unchecked.some(({ code }) => code === 'list-unread');
  return {
    whoCanVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    evidenceAt: evidence.collectedAt ?? null,
    ...(assumed === undefined || assumed.length === 0 ? {} : { assumed: allInWords(assumed, hypothesisText) }),
    ...(applied === undefined ? {} : { plans: applied.plans }),
    ...(doubts.texts.length === 0 ? {} : { doubts: [...doubts.texts] }),
    people: [...people],
    ...(expected === undefined ? {} : { expected: [...expected] }),
    targets,
    assumptions: assumptionsOf(found.answers),
    notRead: [...new Map(notRead.map((one) => [one.text, one])).values()],
    ...(notChecked.length === 0 ? {} : { notChecked }),
    asked: found.asked,
    serviceLinked: found.serviceLinked,
    warnings: [
      ...ageOf(evidence, asked),
      ...allInWords(
        expectedNobody(
          found,
          targets.map(({ account }) => account),
          expected ?? [],
        ),
        expectedNobodyText,
      ),
    ],
    answer: answerOf(found.answers, targets, {
      open: isUnread ? openText(found) : '',
      isApplied: applied !== undefined,
    }),
    verdict: verdictOf(targets, isUnread || isOpen || doubts.texts.length > 0),
  };
}

/**
 * What the answers about principals assume. Principals that cannot run the operation are left out,
 * because the data that was read denies them.
 */
function assumptionsOf(answers: readonly TargetAnswer[]): WhoCanReport['assumptions'] {
  const assumed = answers
    .flatMap(({ groups }) => groups)
    .flatMap(({ standing, assumptions }) => (standing === 'can' || standing === 'may' ? assumptions : []));
  return allInWords(assumed, assumptionText);
}

/** Whether a principal is expected to run an operation on something that `account` owns. */
type Expected = (arn: string, account: string) => Extent;

/**
 * A name or pattern without an account means principals of the owner: a role of another account that
 * has the same name is somebody else.
 */
function reachOfAny(patterns: readonly string[]): Expected {
  const tests = patterns.map((text) => ({ reach: personMeant(text), isAnywhere: isArn(text) }));
  return (arn, account) =>
    extentOfAny(
      tests.flatMap(({ reach, isAnywhere }) => (isAnywhere || accountOf(arn) === account ? [reach(arn)] : [])),
    );
}

function ageOf({ collectedAt }: Evidence, { maxAge, evaluatedAt }: WhoCanAsked): WhoCanReport['warnings'] {
  const warning = maxAge === undefined ? undefined : ageWarning(collectedAt, evaluatedAt, maxAge);
  return warning === undefined ? [] : [inWords(warning, ageWarningText)];
}

/**
 * The answer is open if nobody was checked, or if a principal that could get access was not
 * checked.
 */
function verdictOf(targets: readonly WhoCanTarget[], isIncomplete: boolean): Verdict {
  if (targets.some(({ unexpected }) => (unexpected?.can.length ?? 0) > 0)) return 'fails';
  const isOpen = targets.length === 0 || targets.some(({ unexpected }) => (unexpected?.may.length ?? 0) > 0);
  return isOpen || isIncomplete ? 'undetermined' : 'succeeds';
}

interface Answered {
  /** What is open about the list of principals, as a sentence without a period. Empty: nothing. */
  readonly open: string;
  /** Whether the answer is about the evidence with plans applied. */
  readonly isApplied: boolean;
}

function answerOf(
  answers: readonly TargetAnswer[],
  targets: readonly WhoCanTarget[],
  { open, isApplied }: Answered,
): string {
  const [first, ...others] = targets;
  const phrase = answers[0]?.targets[0].operation.phrase;
  if (first === undefined || phrase === undefined) return 'Nothing was checked';
  const says = others.length === 0 ? first.says : severalTargetsText(phrase, targets);
  const text = isApplied ? afterApplyText(says) : says;
  return open === '' ? text : `${text}. ${open}`;
}

/** A principal that was read is not checked if the keys of its account were not read. */
function openText({ lacks, unchecked }: WhoCan): string {
  const isOnlyOfKeys =
    lacks.every(({ code }) => code === 'keys-unread') && unchecked.every(({ code }) => code !== 'list-unread');
  return `Some principals were not ${isOnlyOfKeys ? 'checked' : 'read'}`;
}

function reportedTarget(
  { targets, groups }: TargetAnswer,
  expected: Expected | undefined,
  doubts: Doubts,
): WhoCanTarget {
  const [{ operation, source, region }] = targets;
  const keys = groups[0]?.evaluated().bound.keys ?? {};
  const key = keys['target key'] ?? keys['storage key'];
  const sources = targets.flatMap((one) => one.source?.arn ?? []);
  const reported = groups.flatMap((group) =>
    doubts.texts.length === 0 ? [reportedGroup(group)] : doubtedGroups(group, doubts),
  );
  const of = (standing: Standing): readonly string[] =>
    reported.flatMap((group) => (group.standing === standing ? group.principals : []));
  const summary = {
    can: of('can').length,
    may: of('may').length,
    nearly: of('nearly').length,
    cannot: of('cannot').length,
  };
  const account = source?.account ?? groups[0]?.evaluated().bound.principal.account ?? '';
  const those = (all: readonly string[], reach: Extent): string[] =>
    all.filter((arn) => expected?.(arn, account) === reach);
  // A state stops these principals at the moment. Policies do not deny every request.
  const stopped = reported.flatMap((group) =>
    group.standing === 'nearly' && (group.missing.length === 0 || group.byAnotherRequest === true)
      ? group.principals
      : [],
  );
  return {
    operation: operation.command,
    api: operation.api,
    sources,
    account,
    region: source?.region ?? region,
    key: key?.arn ?? null,
    keyAlias: key?.alias ?? null,
    summary,
    says: standingsText({ summary, phrase: operation.phrase, sources }),
    groups: reported,
    ...(expected === undefined
      ? {}
      : {
          unexpected: {
            can: those(of('can'), 'none'),
            // A principal that may be named is perhaps expected.
            may: [
              ...those([...of('may'), ...stopped], 'none'),
              ...those([...of('can'), ...of('may'), ...stopped], 'some'),
            ],
          },
        }),
  };
}

/** Why no answer is certain. */
interface Doubts extends Required<Pick<AppliedPlans, 'mayLetIn'>> {
  readonly texts: readonly ReportedText[];
}

/**
 * The group if no success is certain, and no failure that a change may reverse. A failure that rests
 * on a state stays.
 */
function doubtedGroups(group: StandingGroup, { texts, mayLetIn }: Doubts): readonly WhoCanGroup[] {
  const { standing, principals, evaluated } = group;
  if (standing === 'may') return [reportedGroup(group)];
  const open = standing === 'can' ? principals : principals.filter((one) => mayLetIn(one, evaluated()));
  const closed = principals.filter((one) => !open.includes(one));
  const reasons = texts.map(({ code, text }) => ({ code, text: withoutStop(text) }));
  return [
    ...groupOf({ ...group, standing: 'may' }, open).map((one) => ({ ...reportedGroup(one), reasons })),
    ...groupOf(group, closed).map(reportedGroup),
  ];
}

function groupOf(group: StandingGroup, [first, ...others]: readonly string[]): readonly StandingGroup[] {
  return first === undefined ? [] : [{ ...group, principals: [first, ...others] }];
}

/** Groups principals with the same deciding facts. */
function decidedByEach({ decidedBy }: StandingGroup): WhoCanGroup['decidedBy'] {
  const named = decidedBy.map(({ members, items }) => ({ members, by: [...new Set(items.map(decidingName))] }));
  return [...groupBy(named, ({ by }) => by.join('\n')).values()].map((alike) => ({
    principals: alike.flatMap(({ members }) => members).toSorted(),
    by: alike[0].by,
  }));
}

function reportedGroup(group: StandingGroup): WhoCanGroup {
  const { standing, principals, byAnotherRequest, judgment, missing, open, dependsOn } = group;
  const another = open.map((call) => ({ code: 'not-denied-for-certain', text: callReasonText(call) }));
  const texts = [...(byAnotherRequest ? another : []), ...allInWords(judgment().reasons, verdictText)];
  return {
    standing,
    principals: [...principals],
    ...(byAnotherRequest ? { byAnotherRequest } : {}),
    says: standingText(group),
    reasons: [...new Map(texts.map((one) => [one.text, one])).values()],
    missing: missing.map(({ action, owner, denies, lacks }) => ({
      action,
      owner,
      denies: [...new Set(denies.map((one) => denyName(one, principals.length === 1)))],
      lacks: [...lacks],
    })),
    decidedBy: decidedByEach(group),
    dependsOn:
      standing === 'may' || standing === 'nearly'
        ? [
            ...new Set(
              byAnotherRequest ? open.flatMap(otherRequestText) : dependsOn.flatMap(({ items }) => items.map(factText)),
            ),
          ]
        : [],
  };
}
