import type { Format } from '../format.ts';

/** One JSON document, its keys in the order of the contract, with a line break at the end. */
function document(answer: object): string {
  return `${JSON.stringify(answer, undefined, 2)}\n`;
}

export const json: Format = {
  name: 'json',
  draws: {
    check: document,
    diff: document,
    inventory: ({ inventory }) => document(inventory),
    operations: ({ operations }) => document(operations),
    policy: document,
    // One line, among others that a program may write to standard error.
    failure: (error) => `${JSON.stringify({ error })}\n`,
  },
};
