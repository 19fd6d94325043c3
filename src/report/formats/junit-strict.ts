import { drawnAsCases } from '../cases.ts';
import type { Format } from '../format.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** The same without file and line, which the schema of Jenkins does not know. */
export const junitStrict: Format = {
  name: 'junit-strict',
  use: 'file',
  draws: {
    ...drawnAsCases((report) => junitText(report, 'strict')),
    noAnswer: (failure) => junitFailure(harmless(failure)),
  },
};
