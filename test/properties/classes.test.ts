import { describe, expect, test } from 'vitest';
import { differenceIn, type Tally } from './classes.ts';
import { estateOf } from './estates.ts';

/* A class answers for each of its members. */

const seed = Number(process.env['SEED'] ?? 20_261_127);

describe('classes', () => {
  test('answer what the single check answers for each of their members', () => {
    const tally: Tally = { pairs: 0, cells: 0, members: 0, verdicts: {} };
    const most = Number(process.env['PAIRS'] ?? 1_500);
    for (let at = 0; tally.pairs < most; at++) {
      const found = differenceIn(estateOf(seed + at), seed + at, tally);
      expect(found, `SEED=${seed + at}`).toBeUndefined();
    }
    // Classes are no single members.
    expect(tally.cells).toBeLessThan(tally.pairs);
  });
});
