import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import { compareStates, type DiffSettings, type Progress } from '../diff/diff.ts';
import type { VerdictDifference } from '../diff/differing.ts';
import { hypothesisText } from '../explain/hypotheses.ts';
import { verdictText } from '../explain/reasons.ts';
import { notCheckedText } from '../explain/unchecked.ts';
import { allInWords, inWords } from './in-words.ts';

/**
 * Compares two states of evidence and reports the verdicts that differ. It yields between
 * principals, so that it can be shown how far it is, and be ended. `version` is that of the tool.
 * Pure: the time is in the question.
 * @throws Failure if the two states have nothing in common to ask about
 */
export function* diff(question: DiffSettings, version: string): Generator<Progress, DiffReport> {
  const { before, after, assumed, evaluatedAt } = question;
  const worse: VerdictChange[] = [];
  const better: VerdictChange[] = [];
  const comparing = compareStates(question);
  let step = comparing.next();
  for (; step.done !== true; step = comparing.next()) {
    if ('done' in step.value) yield step.value;
    else (step.value.isWorse ? worse : better).push(changeOf(step.value));
  }
  const { verdict, summary, asked, unchecked, onlyBefore, onlyAfter } = step.value;
  return {
    diffVersion: 2,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    before: before.name,
    after: after.name,
    ...(assumed === undefined ? {} : { assumed: allInWords(assumed, hypothesisText) }),
    changes: [...worse, ...better],
    onlyBefore: { principals: [...onlyBefore.principals], targets: [...onlyBefore.targets] },
    onlyAfter: { principals: [...onlyAfter.principals], targets: [...onlyAfter.targets] },
    ...(asked > 0 ? {} : { notChecked: unchecked.map((one) => inWords(one, notCheckedText)) }),
    asked,
    summary,
    verdict,
  };
}

function changeOf({ principal, operation, target, before, after, reasons }: VerdictDifference): VerdictChange {
  return {
    principal,
    operation: operation.command,
    api: operation.api,
    target,
    before,
    after,
    reasons: allInWords(reasons, verdictText),
  };
}
