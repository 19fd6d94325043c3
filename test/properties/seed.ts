import fc, { type Parameters } from 'fast-check';

/*
 * Every property starts from one seed, so that a run can be repeated: SEED=7 npx vitest run test/properties tries other input.
 * `npm run test:deep` sets DEEP and a fresh seed, which it prints. What a run finds is shrunk and becomes a case under
 * test/cases/policy.
 */
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 20_261_124) });

const isDeep = process.env['DEEP'] === '1';
const most = 300;

/** How often a property is tried: `full` times in `npm run test:deep`, and at most 300 times in `npm test`. */
export function runs(full: number): Pick<Parameters, 'numRuns'> {
  return { numRuns: isDeep ? full : Math.min(full, most) };
}

/** The part of `count`, which belongs to `full` runs, that the runs of today can reach. */
export function share(count: number, full: number): number {
  return (count * (isDeep ? full : Math.min(full, most))) / full;
}

export { fc };
