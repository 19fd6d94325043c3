import { expect, test } from 'vitest';
import { operationsSwept } from '../../src/check/sweep.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

/* What a command checks when it checks everything in a Region. */

test.each(catalogue.filter(({ reads }) => reads === undefined))(
  '$command reads no source, and is checked once',
  (one) => {
    expect(operationsSwept([one], {})).toEqual({ operations: [one], unchecked: [] });
  },
);

test.each(catalogue.filter(({ isByNameOnly }) => isByNameOnly === true))('$command: $does only by name', (one) => {
  expect(operationsSwept([one], {}).unchecked).toContainEqual({ code: 'asked-by-name-only', operation: one });
});
