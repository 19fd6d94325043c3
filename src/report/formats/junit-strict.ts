import { checkCases, diffCases, preflightCases } from '../cases.ts';
import type { Format } from '../format.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** The same without file and line, which the schema of Jenkins does not know. */
export const junitStrict: Format = {
  name: 'junit-strict',
  use: 'file',
  draws: {
    check: (report, { places }) => junitText(checkCases(report, places), 'strict'),
    diff: (report, { places }) => junitText(diffCases(report, places), 'strict'),
    preflight: (answer, { places }) => junitText(preflightCases(answer, places), 'strict'),
    noAnswer: (failure) => junitFailure(harmless(failure)),
  },
};
