import { drawnAsCases } from '../cases.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** JUnit with file and line, for GitLab, GitHub actions and other readers of test results. */
export const junit: Draws<ShownIn<'junit'>> = {
  ...drawnAsCases((report) => junitText(report, 'usual')),
  noAnswer: (failure) => junitFailure(harmless(failure)),
};
