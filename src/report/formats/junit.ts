import { checkCases, diffCases, preflightCases } from '../cases.ts';
import type { Format } from '../format.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** For GitLab, GitHub actions and whatever reads test results; with file and line. */
export const junit: Format = {
  name: 'junit',
  use: 'file',
  draws: {
    check: (report, { places }) => junitText(checkCases(report, places), 'usual'),
    diff: (report, { places }) => junitText(diffCases(report, places), 'usual'),
    preflight: (answer, { places }) => junitText(preflightCases(answer, places), 'usual'),
    noAnswer: (failure) => junitFailure(harmless(failure)),
  },
};
