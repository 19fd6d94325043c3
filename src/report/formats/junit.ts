import { drawnAsCases } from '../cases.ts';
import type { Format } from '../format.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** For GitLab, GitHub actions and whatever reads test results; with file and line. */
export const junit: Format = {
  name: 'junit',
  use: 'file',
  draws: {
    ...drawnAsCases((report) => junitText(report, 'usual')),
    noAnswer: (failure) => junitFailure(harmless(failure)),
  },
};
