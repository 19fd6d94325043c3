import { expect, test } from 'vitest';
import { isJson, isList, type Json, sameJson } from '../../src/base/json.ts';
import { answersOfVariants, type PlanVariant } from '../plan-answers.ts';
import { planCases } from '../plan-case.ts';

/*
 * A plan that somebody has shortened, or that comes from another version of the provider, may leave out
 * an attribute. If the attribute is null, or an update does not change it, this means the same as before.
 */

/**
 * Attributes that this law leaves out: names, which a request needs, and what the state of a plan shows
 * better than older evidence.
 */
const telling =
  /identifier|^name$|arn$|^id$|_id$|^region$|^engine|_name$|^role$|^user$|^group$|^replicate_source_db$|^(?:is_)?enabled$|^deletion_protection$|^skip_final_snapshot$|^key_material/;

/** The answer without its reasons. */
const outcomeIn = (answer: string): string => answer.split(' ', 1).join();

const changesIn = ({ resource_changes: list }: Json): readonly Json[] => (isList(list) ? list.filter(isJson) : []);

function keeping(state: unknown, isKept: (name: string, value: unknown) => boolean): unknown {
  return isJson(state)
    ? Object.fromEntries(Object.entries(state).filter(([name, value]) => isKept(name, value)))
    : state;
}

/** The plan without some attributes of its changes. */
function withStates(plan: Json, isKept: (one: Json, name: string, value: unknown) => boolean): Json {
  const changes = changesIn(plan).map((one) => {
    const { change } = one;
    if (!isJson(change)) return one;
    const part = (state: unknown): unknown => keeping(state, (name, value) => isKept(one, name, value));
    return { ...one, change: { ...change, before: part(change['before']), after: part(change['after']) } };
  });
  return { ...plan, resource_changes: changes };
}

/** The plan without its null attributes, and without each attribute that an update leaves as it is, in turn. */
function* shortened(plan: Json): Generator<PlanVariant> {
  yield { what: 'null attributes', plan: withStates(plan, (_, __, value) => value !== null) };
  for (const one of changesIn(plan)) {
    const { address, change, mode } = one;
    if (mode !== 'managed' || !isJson(change) || !sameJson(change['actions'], ['update'])) continue;
    const { before, after } = change;
    if (!isJson(before) || !isJson(after)) continue;
    for (const [name, value] of Object.entries(after))
      if (value !== null && !telling.test(name) && sameJson(value, before[name]))
        yield {
          what: `${String(address)} ${name}`,
          plan: withStates(plan, (other, attribute) => other !== one || attribute !== name),
        };
  }
}

const cases = planCases.filter(({ first }) => first.length === 0);

/** Compares shortened plans with the whole ones. Returns how many. */
function compared(some: typeof cases): number {
  const faults: string[] = [];
  let tried = 0;
  for (const { of, what, known, found } of answersOfVariants(some, shortened)) {
    tried += 1;
    for (const [id, answer] of known) {
      const now = outcomeIn(found.get(id) ?? 'not asked');
      if (now !== outcomeIn(answer) && now !== 'unproven')
        faults.push(`${of}: ${id} is ${answer}, and ${now} without ${what}`);
    }
  }
  expect(faults).toEqual([]);
  return tried;
}

test('attributes that some plans leave out make no other answer certain', () => {
  expect(compared(cases.filter((_, index) => index % 10 === 0))).toBeGreaterThan(100);
});

test('attributes that a plan leaves out make no other answer certain', { tags: 'slow' }, () => {
  expect(compared(cases)).toBeGreaterThan(1_500);
});
