import fc from 'fast-check';

/*
 * Every property starts from one seed, so that a run can be repeated: SEED=7 npx vitest run test/properties tries other input. What a run finds is
 * shrunk and becomes a case under test/cases/policy.
 */
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 20_261_124) });

export { default as fc } from 'fast-check';
