/*
 * src/plan/ reads the plan of an infrastructure tool: what the plan changes, and what is known of
 * that before the apply. It applies the changes to the evidence, and derives the requests to RDS
 * that the apply sends. The plans are those of Terraform and OpenTofu.
 */

import * as v from 'valibot';
import { Failure } from '../base/failure.ts';
import { isJson, isTooDeep } from '../base/json.ts';
import { looseObject, record, typeWords } from '../base/objects.ts';
import { placesOfName, repeatedNames } from '../base/repeated-names.ts';
import { withoutExpressionTexts } from './json-syntax.ts';

/*
 * The JSON of `terraform show -json PLAN`. Only the fields that the program reads are checked,
 * because a newer minor version may have more.
 */

const change = looseObject({
  actions: v.array(v.string()),
  before: v.optional(v.unknown()),
  after: v.optional(v.unknown()),
  after_unknown: v.optional(v.unknown()),
  before_sensitive: v.optional(v.unknown()),
  after_sensitive: v.optional(v.unknown()),
  importing: v.optional(v.unknown()),
});

const resourceChange = looseObject({
  address: v.string(),
  previous_address: v.optional(v.string()),
  module_address: v.optional(v.string()),
  mode: v.optional(v.string(), 'managed'),
  type: v.string(),
  name: v.string(),
  index: v.optional(v.union([v.string(), v.number(), v.null()])),
  provider_name: v.optional(v.string(), ''),
  deposed: v.optional(v.string()),
  change,
});

const configuredResource = looseObject({
  address: v.string(),
  mode: v.optional(v.string(), 'managed'),
  provider_config_key: v.optional(v.string()),
  expressions: v.optional(record(v.string(), v.unknown()), {}),
  for_each_expression: v.optional(v.unknown()),
  count_expression: v.optional(v.unknown()),
  depends_on: v.optional(v.array(v.string()), []),
});

interface Module {
  readonly resources: readonly v.InferOutput<typeof configuredResource>[];
  readonly module_calls: Readonly<Record<string, ModuleCall>>;
  /** `ephemeral`: in plans of OpenTofu only. */
  readonly variables: Readonly<
    Record<string, { readonly default?: unknown; readonly sensitive?: unknown; readonly ephemeral?: unknown }>
  >;
  readonly outputs: Readonly<Record<string, { readonly expression?: unknown; readonly depends_on: readonly string[] }>>;
}

interface ModuleCall {
  readonly expressions: Readonly<Record<string, unknown>>;
  readonly for_each_expression?: unknown;
  readonly count_expression?: unknown;
  readonly depends_on: readonly string[];
  readonly module: Module;
}

const configuredModule: v.GenericSchema<unknown, Module> = looseObject({
  resources: v.optional(v.array(configuredResource), []),
  module_calls: v.optional(
    record(
      v.string(),
      looseObject({
        expressions: v.optional(record(v.string(), v.unknown()), {}),
        for_each_expression: v.optional(v.unknown()),
        count_expression: v.optional(v.unknown()),
        depends_on: v.optional(v.array(v.string()), []),
        module: v.optional(
          v.lazy(() => configuredModule),
          {},
        ),
      }),
    ),
    {},
  ),
  variables: v.optional(
    record(
      v.string(),
      looseObject({
        default: v.optional(v.unknown()),
        sensitive: v.optional(v.unknown()),
        ephemeral: v.optional(v.unknown()),
      }),
    ),
    {},
  ),
  outputs: v.optional(
    record(
      v.string(),
      looseObject({ expression: v.optional(v.unknown()), depends_on: v.optional(v.array(v.string()), []) }),
    ),
    {},
  ),
});

const providerConfig = looseObject({
  name: v.optional(v.string(), ''),
  full_name: v.optional(v.string()),
  alias: v.optional(v.string()),
  module_address: v.optional(v.string()),
  expressions: v.optional(record(v.string(), v.unknown()), {}),
});

interface StateModule {
  /** Undefined: the root. */
  readonly address?: string | undefined;
  readonly resources: readonly StateResource[];
  readonly child_modules: readonly StateModule[];
}

const stateResource = looseObject({
  address: v.string(),
  mode: v.optional(v.string(), 'managed'),
  type: v.string(),
  name: v.optional(v.string()),
  index: v.optional(v.union([v.string(), v.number(), v.null()])),
  provider_name: v.optional(v.string(), ''),
  depends_on: v.optional(v.array(v.string()), []),
  deposed_key: v.optional(v.string()),
  values: v.optional(v.unknown()),
  sensitive_values: v.optional(v.unknown()),
});

type StateResource = v.InferOutput<typeof stateResource>;

const stateModule: v.GenericSchema<unknown, StateModule> = looseObject({
  address: v.optional(v.string()),
  resources: v.optional(v.array(stateResource), []),
  child_modules: v.optional(v.array(v.lazy(() => stateModule)), []),
});

const planSchema = looseObject({
  format_version: v.string(),
  terraform_version: v.optional(v.string()),
  timestamp: v.optional(v.string()),
  variables: v.optional(record(v.string(), looseObject({ value: v.optional(v.unknown()) })), {}),
  resource_changes: v.optional(v.array(resourceChange), []),
  /** What was changed outside of the tool since the state was last written. */
  resource_drift: v.optional(v.array(resourceChange), []),
  deferred_changes: v.optional(
    v.array(looseObject({ reason: v.optional(v.string()), resource_change: v.unknown() })),
    [],
  ),
  action_invocations: v.optional(v.array(v.unknown()), []),
  prior_state: v.optional(
    looseObject({ values: v.optional(looseObject({ root_module: v.optional(stateModule, {}) }), {}) }),
  ),
  configuration: looseObject({
    provider_config: v.optional(record(v.string(), providerConfig), {}),
    root_module: v.optional(configuredModule, {}),
  }),
  checks: v.optional(v.array(v.unknown()), []),
  complete: v.optional(v.boolean()),
  applyable: v.optional(v.boolean()),
  errored: v.optional(v.boolean(), false),
});

export type TerraformPlan = v.InferOutput<typeof planSchema>;
export type ResourceChange = v.InferOutput<typeof resourceChange>;
export type ConfiguredResource = v.InferOutput<typeof configuredResource>;
export type ConfiguredModule = Module;
export type ConfiguredCall = ModuleCall;
export type { StateModule, StateResource };

const show = 'run `terraform show -json PLAN > plan.json` (or `tofu show -json PLAN`), and name plan.json';

const makeAndShow = `make a plan first (\`terraform plan -out PLAN\`), then ${show}`;

/**
 * A plan from the text of its file. `from`: the name of the file in messages.
 * @throws Failure that says which other kind of file this is, or names the JSON path of the fault.
 * No value of the plan is shown, because plans hold secrets.
 */
export function readPlan(from: string, text: string): TerraformPlan {
  const fault = (what: string, next: string, cause?: unknown) => new Failure('input', `${from}: ${what}`, next, cause);
  if (text.trim() === '') throw fault('the file is empty', show);
  if (text.startsWith('PK\u0003\u0004')) throw fault('this is the binary Terraform plan, not its JSON', show);
  const json = jsonOf(text, (what, cause) =>
    /\.(?:tf|tofu)$/i.test(from)
      ? fault('this is configuration, not a plan', makeAndShow)
      : /^(?:version|expectations):/m.test(text)
        ? fault('this is a file of expectations, not a plan', 'name the file without --plan', cause)
        : fault(what, isBegun(text) ? `check that the file is complete. To write it again, ${show}` : show, cause),
  );
  if (json === 'wrapped')
    throw fault(
      'the file begins with a line of hashicorp/setup-terraform',
      `set terraform_wrapper: false for that action, then ${show}`,
    );
  if (json === 'lines')
    throw fault('this is the log of `terraform plan -json`, not a plan', `save the plan with -out, then ${show}`);
  if (isTooDeep(json)) throw fault('the JSON is nested too deeply for a plan', show);
  if (!isJson(json)) throw fault('this is not a plan: the JSON is not an object', show);
  refuseOthers(json, fault);
  const [twice] = repeatedNames(text, json);
  if (twice !== undefined) throw fault(`an object has the same name twice (${placesOfName(twice, text)})`, show);
  // Few plans have such a text, and the configuration of a plan can be large.
  const hasTexts = /[$%]\{/.test(text);
  const plan = hasTexts ? { ...json, configuration: withoutExpressionTexts(json['configuration']) } : json;
  const result = v.safeParse(planSchema, plan);
  if (result.success) {
    refuseParts(result.output, fault);
    return result.output;
  }
  const [issue] = result.issues;
  throw fault(
    `not a plan that this program reads: ${v.getDotPath(issue) ?? 'the file'} is not as Terraform writes it (expected ${typeWords(issue.expected ?? 'another value')})`,
    show,
  );
}

/** Whether a text that is not JSON begins like JSON. */
function isBegun(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** The output of `show -json` for an empty state. A file of a state has a `lineage`. */
const ofState: ReadonlySet<string> = new Set(['format_version', 'terraform_version', 'checks']);

type Fault = (what: string, next: string) => Failure;

/** Refuses files that are not plans, by their fields. @throws Failure */
function refuseOthers(json: Readonly<Record<string, unknown>>, fault: Fault): void {
  const has = (name: string): boolean => Object.hasOwn(json, name);
  const version = has('format_version') ? json['format_version'] : undefined;
  if (has('encrypted_data')) throw fault('OpenTofu has encrypted this file', show);
  if (has('evidenceVersion'))
    throw fault(
      'this is an evidence file, not a plan',
      'give evidence with --evidence (to `diff`: as an argument), and the plan with --plan',
    );
  const isShown =
    has('values') || (typeof version === 'string' && Object.keys(json).every((name) => ofState.has(name)));
  const isState = has('lineage') || (isShown && !has('configuration'));
  if (isState) throw fault('this is a state, not a plan', makeAndShow);
  if (typeof version !== 'string')
    throw has('AWSTemplateFormatVersion') || has('Changes') || has('Resources')
      ? fault('this is a CloudFormation file, and only plans of Terraform and OpenTofu are read', show)
      : fault('this is not a plan of Terraform or OpenTofu: it has no format_version', show);
  const major = version.split('.')[0] ?? '';
  if (major !== '0' && major !== '1')
    throw fault(
      `plans of format ${/^[\d.]{1,12}$/.test(version) ? version : 'unknown'} are not known to this release`,
      'update aurora-kms-check; this release reads formats 0 and 1',
    );
  if (!has('configuration'))
    throw has('planned_values') || has('resource_changes')
      ? fault('the plan is not complete: it has no configuration', show)
      : fault('this is another output of Terraform or OpenTofu, not a plan', show);
}

/**
 * Refuses a plan of which something was left out, so that an unknown value would count as a value
 * that is not given. @throws Failure
 */
function refuseParts({ resource_changes: changes }: TerraformPlan, fault: Fault): void {
  const without = changes.find(({ change: { actions, before, after, after_unknown: unknown } }) => {
    const isMade = actions.some((action) => action === 'create' || action === 'update' || action === 'read');
    const isHeld = [before, after].every((one) => one === undefined || one === null || isJson(one));
    return !isHeld || (isMade && !(isJson(after) && (isJson(unknown) || typeof unknown === 'boolean')));
  });
  if (without !== undefined)
    throw fault(`the plan is not complete: before, after or after_unknown of ${without.address} is missing`, show);
}

/**
 * The JSON of a file. `lines`: the text has several JSON values, one on each line, as in a log.
 * `wrapped`: the first line names the command that a wrapper ran.
 */
function jsonOf(text: string, fault: (what: string, cause: unknown) => Failure): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [first = ''] = text.trimStart().split('\n', 1);
    try {
      const line: unknown = JSON.parse(first);
      if (isJson(line) && Object.hasOwn(line, '@level')) return 'lines';
    } catch {
      // The text is not a log either.
    }
    if (first.startsWith('[command]')) return 'wrapped';
    // The message of the parser would quote the file, which may hold secrets.
    throw fault(`the file is not ${isBegun(text) ? 'complete ' : ''}JSON`, error instanceof Error ? undefined : error);
  }
}
