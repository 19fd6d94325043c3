import { expect, test } from 'vitest';
import { readPlan } from '../../src/plan/plan-file.ts';
import { type PlannedChange, plannedChanges } from '../../src/plan/planned-change.ts';
import { statesBetween } from '../../src/preflight/between.ts';
import { fc, runs } from './seed.ts';

const address = (at: number): string => `aws_iam_role.r${at}`;

/** Changes, each of which depends on some earlier ones. */
function changesOf(needs: readonly (readonly number[])[], isDeleted: boolean): readonly PlannedChange[] {
  const plan = {
    format_version: '1.2',
    resource_changes: needs.map((_, at) => ({
      address: address(at),
      type: 'aws_iam_role',
      name: `r${at}`,
      change: isDeleted
        ? { actions: ['delete'], before: { name: `r${at}` }, after: null, after_unknown: {} }
        : { actions: ['create'], before: null, after: { name: `r${at}` }, after_unknown: {} },
    })),
    configuration: {},
  };
  // A plan lists indirect dependencies as well.
  const all = needs.reduce<readonly ReadonlySet<number>[]>((known, own, at) => {
    const direct = own.filter((one) => one < at);
    return [...known, new Set([...direct, ...direct.flatMap((one) => [...(known[one] ?? [])])])];
  }, []);
  return plannedChanges(readPlan('plan.json', JSON.stringify(plan))).changes.map((change, at) => ({
    ...change,
    dependsOn: [...(all[at] ?? [])].map(address),
  }));
}

const graphs = fc.array(fc.array(fc.nat(6), { maxLength: 2 }), { minLength: 2, maxLength: 7 });

test('what a change depends on is applied before it, and deleted after it', () => {
  fc.assert(
    fc.property(graphs, fc.boolean(), (needs, isDeleted) => {
      const changes = changesOf(needs, isDeleted);
      for (const state of statesBetween(changes, changes)) {
        expect(state.length).toBeLessThan(changes.length);
        const applied = new Set(state.map(({ identity }) => identity));
        const earlier = isDeleted
          ? changes.filter(({ dependsOn }) => dependsOn.some((one) => applied.has(one))).map(({ identity }) => identity)
          : state.flatMap(({ dependsOn }) => dependsOn);
        expect(earlier.filter((one) => !applied.has(one))).toEqual([]);
      }
    }),
    runs(300),
  );
});

test('of two changes without an order, each is applied without the other in some state', () => {
  fc.assert(
    fc.property(graphs, (needs) => {
      const changes = changesOf(needs, false);
      const states = statesBetween(changes, changes);
      for (const one of changes)
        for (const other of changes.filter(
          ({ identity }) => identity !== one.identity && !one.dependsOn.includes(identity),
        ))
          expect(states.some((state) => state.includes(one) && !state.includes(other))).toBe(true);
    }),
    runs(300),
  );
});
