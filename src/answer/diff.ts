import { rememberedOf } from '../base/remembered.ts';
import { withoutStop } from '../base/wording.ts';
import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import type { Verdict } from '../contract/report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { comparedOperations, compareStates, type DiffSettings, type Progress } from '../diff/diff.ts';
import type { VerdictDifference } from '../diff/differing.ts';
import { hypothesisText } from '../explain/hypotheses.ts';
import { verdictText } from '../explain/reasons.ts';
import { notComparedText } from '../explain/unchecked.ts';
import type { Operation } from '../operations/operation.ts';
import { allInWords, inWords } from './in-words.ts';
import type { AppliedPlans } from './plan.ts';

/** Two states of evidence to compare. `applied`: the plans that are applied in the second state. */
export interface DiffQuestion extends DiffSettings {
  readonly applied?: AppliedPlans;
}

/**
 * Compares two states of evidence and reports the verdicts that differ. It yields between
 * principals, so that the caller can show progress or stop. `version`: the version of the tool.
 * Pure: the time is in the question.
 * @throws Failure if the two states have no principals in common
 */
export function* diff(question: DiffQuestion, version: string): Generator<Progress, DiffReport> {
  const { before, after, assumed, evaluatedAt, applied } = question;
  const { mayLetIn = () => false } = applied ?? {};
  const doubtsAbout = (operations: readonly Operation[]): readonly ReportedText[] =>
    applied?.doubtsAbout?.(operations) ?? applied?.doubts ?? [];
  const doubts = doubtsAbout(comparedOperations(question.operations));
  const doubtsOf = rememberedOf((operation: Operation) => (doubts.length === 0 ? doubts : doubtsAbout([operation])));
  const worse: VerdictChange[] = [];
  const better: VerdictChange[] = [];
  const comparing = compareStates(question);
  let step = comparing.next();
  for (; step.done !== true; step = comparing.next()) {
    if ('done' in step.value) {
      yield step.value;
      continue;
    }
    const own = doubtsOf(step.value.operation);
    const change = own.length === 0 ? verdictChange(step.value) : withDoubts(step.value, own, mayLetIn);
    if (change !== undefined) (step.value.isWorse ? worse : better).push(change);
  }
  const { verdict, asked, unchecked, onlyBefore, onlyAfter } = step.value;
  const lost = (now: Verdict): number => worse.filter((one) => one.before === 'succeeds' && one.after === now).length;
  const summary = {
    worse: worse.length,
    fails: lost('fails'),
    undetermined: lost('undetermined'),
    better: better.length,
  };
  return {
    diffVersion: 2,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    before: before.name,
    after: after.name,
    ...(assumed === undefined ? {} : { assumed: allInWords(assumed, hypothesisText) }),
    ...(applied === undefined ? {} : { plans: applied.plans }),
    ...(doubts.length === 0 ? {} : { doubts: [...doubts] }),
    changes: [...worse, ...better],
    onlyBefore: { principals: [...onlyBefore.principals], targets: [...onlyBefore.targets] },
    onlyAfter: { principals: [...onlyAfter.principals], targets: [...onlyAfter.targets] },
    ...(asked > 0 && unchecked.length === 0
      ? {}
      : { notChecked: unchecked.map((one) => inWords(one, notComparedText)) }),
    asked,
    summary,
    verdict: summary.fails > 0 || doubts.length === 0 ? verdict : 'undetermined',
  };
}

/**
 * The change if no success is certain, and no failure that `mayLetIn` may reverse. Undefined: then
 * nothing changes.
 */
function withDoubts(
  difference: VerdictDifference,
  doubts: readonly ReportedText[],
  mayLetIn: Required<AppliedPlans>['mayLetIn'],
): VerdictChange | undefined {
  const change = verdictChange(difference);
  const { after, principal } = change;
  if (after === 'undetermined' || (after === 'fails' && !mayLetIn(principal, difference.now()))) return change;
  return change.before === 'undetermined'
    ? undefined
    : {
        ...change,
        after: 'undetermined',
        reasons: [...doubts.map(({ code, text }) => ({ code, text: withoutStop(text) })), ...change.reasons],
      };
}

/** A difference, with its reasons in words. */
export function verdictChange(difference: VerdictDifference): VerdictChange {
  const { principal, operation, target, before, after, reasons } = difference;
  return {
    principal,
    operation: operation.command,
    api: operation.api,
    target,
    before,
    after,
    reasons: allInWords(reasons(), verdictText),
  };
}
