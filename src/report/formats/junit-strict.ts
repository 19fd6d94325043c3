import { drawnAsCases } from '../cases.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { junitFailure, junitText } from '../junit.ts';

/** JUnit without file and line, which the schema of Jenkins does not accept. */
export const junitStrict: Draws<ShownIn<'junit-strict'>> = {
  ...drawnAsCases((report) => junitText(report, 'strict')),
  noAnswer: (failure) => junitFailure(harmless(failure)),
};
