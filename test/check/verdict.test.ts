// @module-tag slow
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bind } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { evidenceOf, questionOf, readCases } from '../check-case.ts';

/*
 * A verdict can be computed with all calls and preconditions, or alone. The latter stops at the
 * first call or precondition that settles the verdict.
 */

const folder = new URL('../cases/check/', import.meta.url);

test.each(readdirSync(folder))('%s: the verdict alone equals the verdict of the report', (name) => {
  const file = readCases(new URL(name, folder));
  for (const given of file.cases) {
    const question = questionOf(given.question);
    const directory = directoryOf(evidenceOf(file, given));
    const { evaluate, verdict } = evaluator(directory, question);
    for (const bound of bind(directory, question)) expect(verdict(bound), given.name).toBe(evaluate(bound).verdict);
  }
});
