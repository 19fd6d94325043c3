import { Failure } from '../base/failure.ts';
import { type Hypothesis, type Hypothetical, suppose } from '../evidence/hypothesis.ts';
import type { Evidence } from '../evidence/schema.ts';
import { hypothesisText } from '../explain/hypotheses.ts';

/**
 * The evidence with hypotheses applied, used instead of the evidence that was read.
 * @throws Failure if a hypothesis is about something that the evidence does not contain, if a
 * policy is faulty, or if two hypotheses are about the same thing
 */
export function assume(evidence: Evidence, hypotheses: readonly Hypothesis[]): Hypothetical {
  const supposed = suppose(evidence, hypotheses);
  if (!('contradiction' in supposed)) return supposed;
  const [one, other] = supposed.contradiction;
  throw new Failure(
    'input',
    `two assumptions contradict each other: ${hypothesisText(one)}, and ${hypothesisText(other)}`,
    'give one of them',
  );
}
