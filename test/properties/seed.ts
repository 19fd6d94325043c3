import fc, { type Arbitrary, type Parameters } from 'fast-check';

/*
 * Every property starts from one seed, so that a run can be repeated. `SEED=7 npx vitest run
 * test/properties` tries other input. `npm run test:deep` sets DEEP and a fresh seed, which it
 * prints. If a run fails, reduce the failure and add it as a case under test/cases/policy.
 */
export const firstSeed = Number(process.env['SEED'] ?? 20_261_124);
fc.configureGlobal({ seed: firstSeed });

/** Whether `npm run test:deep` runs, from a fresh seed. */
export const isDeep = process.env['DEEP'] === '1';

/**
 * How often `npm test` tries a property. A law over random estates makes at least as many
 * comparisons: one estate is good for hundreds. Tests of the same law over more estates are slow.
 */
export const comparisons = 300;

/**
 * How often a property is tried: `full` times in `npm run test:deep`, and at most 300 times in
 * `npm test`.
 */
export function runs(full: number): Pick<Parameters, 'numRuns'> {
  return { numRuns: countOf(full) };
}

/**
 * How often each property is tried if at least eight differ only in the operator. Together, `npm
 * test` tries them at least 300 times.
 */
export function runsOfEach(full: number): Pick<Parameters, 'numRuns'> {
  return { numRuns: countOf(full, 40) };
}

/** The same number, for code that is not a property of fast-check. */
export function countOf(full: number, most = comparisons): number {
  return isDeep ? full : Math.min(full, most);
}

/** Seeds without end, for a law that takes estates until it has made enough comparisons. */
export function* seeds(): Generator<number> {
  for (let seed = firstSeed; ; seed++) yield seed;
}

/** The part of `count` that this number of runs can reach, if `full` runs reach all of it. */
export function share(count: number, full: number): number {
  return (count * (runs(full).numRuns ?? full)) / full;
}

/**
 * Values that take long to make or to examine. All runs of `npm test` share `most` of them, and look
 * at different parts. In `npm run test:deep`, each run has a value of its own.
 */
export function shared<T>(values: Arbitrary<T>, most: number): Arbitrary<T> {
  return isDeep ? values : fc.constantFrom(...fc.sample(values, most));
}

export { fc };
