import { readFileSync } from 'node:fs';
import * as v from 'valibot';

/*
 * Tables of plans. An import of these files would give each case its own type, which would take the
 * compiler half as long as the whole source.
 */

function read(name: string): readonly unknown[] {
  const table: readonly unknown[] = JSON.parse(
    readFileSync(new URL(`cases/plan/${name}.json`, import.meta.url), 'utf8'),
  );
  return table;
}

/**
 * The result of a request: the outcome, the first code, and the reason if it is not the name of the
 * case. For example `broken: nothing-matched - the evidence does not have the snapshot`.
 */
const planAnswer = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const [, outcome, code = ''] = /^(holds|broken|unproven)(?:: ([\w-]+))?(?: - .+)?$/.exec(value) ?? [];
    if (outcome !== undefined) return [outcome, code];
    addIssue({ message: `not an outcome with a code and a reason: ${value}` });
    return NEVER;
  }),
);

/** A plan, who applies it, and the result of each request. */
const planTable = v.array(
  v.strictObject({
    name: v.string(),
    plan: v.string(),
    /** Plans that are given before this one. */
    first: v.optional(v.array(v.string()), []),
    principal: v.optional(v.string()),
    /** New values in the example's evidence by JSON pointer. */
    change: v.optional(v.record(v.string(), v.unknown())),
    requests: v.record(v.string(), planAnswer),
    /** True: the test ignores other requests of the plan. */
    some: v.optional(v.boolean(), false),
    /** Exactly the requests that the catalog does not have. */
    notChecked: v.optional(v.array(v.string())),
    counts: v.optional(v.looseObject({ notUnderstood: v.array(v.string()) })),
    notes: v.optional(v.array(v.string())),
    /** Whether assumptions count as unknown. */
    strict: v.optional(v.boolean(), false),
    /** Exactly the assumed instances by request: `attribute: instance`. */
    assumed: v.optional(v.record(v.string(), v.array(v.string()))),
    verdict: v.optional(v.string()),
    /** The first sentences about a request that does not hold. */
    says: v.optional(v.record(v.string(), v.string()), {}),
  }),
);

export const planCases = v.parse(planTable, [...read('answers'), ...read('written')]);

/**
 * The resource with this ARN after the plan is applied, or the endpoint or the level of the
 * organization with this ID.
 */
const overlayTable = v.array(
  v.strictObject({
    plan: v.string(),
    arn: v.string(),
    /** New values in the example's evidence by JSON pointer. */
    change: v.optional(v.record(v.string(), v.unknown())),
    has: v.optional(v.record(v.string(), v.unknown())),
    /** Exactly these inline policies. */
    names: v.optional(v.object({ RolePolicyList: v.array(v.string()) })),
    texts: v.optional(v.string()),
    /** Fields whose value must be unknown. */
    lacks: v.optional(v.array(v.string()), []),
    gone: v.optional(v.boolean()),
    why: v.string(),
  }),
);

export const overlayCases = v.parse(overlayTable, read('overlay'));

/** What KMS does with the key policies of a plan. A policy without an answer is not reported. */
const keyPolicyTable = v.array(
  v.strictObject({
    name: v.string(),
    plan: v.string(),
    principal: v.optional(v.string()),
    strict: v.optional(v.boolean(), false),
    answers: v.record(v.string(), planAnswer),
    /** True: the test ignores other key policies of the plan, except those in `lacks`. */
    some: v.optional(v.boolean(), false),
    /** Key policies without an answer. */
    lacks: v.optional(v.array(v.string()), []),
    /** The sentences of an answer. */
    says: v.optional(v.record(v.string(), v.string()), {}),
  }),
);

export const keyPolicyCases = v.parse(keyPolicyTable, read('key-policies'));
