import { expect, test } from 'vitest';
import { isJson, isList, type Json } from '../../src/base/json.ts';
import { answersWith, planText } from '../plan-answers.ts';
import { planCases } from '../plan-case.ts';

/*
 * Two plans that say the same get the same answers: a plan has no order, the same resources may be in
 * the root module or in another module, and RDS does not distinguish capitals.
 */

/** The same value with some lists in reverse order, wherever they are. */
function reversed(value: unknown): unknown {
  if (isList(value)) return value.map(reversed);
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isList(one) && (name === 'resources' || name === 'resource_changes' || name === 'child_modules')
        ? one.map(reversed).toReversed()
        : reversed(one),
    ]),
  );
}

const module = 'module.m';
const inModule = (address: unknown): string => `${module}.${String(address)}`;

/** A module of the state with all addresses below another module. */
function moved({ resources, child_modules: modules, ...rest }: Json): Json {
  return {
    ...rest,
    ...(typeof rest['address'] === 'string' ? { address: inModule(rest['address']) } : {}),
    ...(isList(resources)
      ? {
          resources: resources.filter(isJson).map((one) => ({
            ...one,
            address: inModule(one['address']),
            ...(isList(one['depends_on']) ? { depends_on: one['depends_on'].map(inModule) } : {}),
          })),
        }
      : {}),
    ...(isList(modules) ? { child_modules: modules.filter(isJson).map(moved) } : {}),
  };
}

function at(value: unknown, ...path: readonly string[]): Json | undefined {
  const found = path.reduce<unknown>((held, name) => (isJson(held) ? held[name] : undefined), value);
  return isJson(found) ? found : undefined;
}

/** The plan with all resources in a module that gets each variable. Undefined: the plan has other providers. */
function wrapped(plan: Json): Json | undefined {
  const { configuration, resource_changes: changes } = plan;
  const providers = Object.values(at(configuration, 'provider_config') ?? {});
  const refersToResources = /"references":\s*\[\s*"(?!var\.)/.test(JSON.stringify(providers));
  const isOfModule = providers.some(
    (one) => at(one) !== undefined && isJson(one) && one['module_address'] !== undefined,
  );
  const root = at(configuration, 'root_module');
  if (root === undefined || !isList(changes) || refersToResources || isOfModule) return undefined;
  const { variables = {} } = root;
  const state = at(plan, 'prior_state');
  const old = at(state, 'values', 'root_module');
  const names = isJson(variables) ? Object.keys(variables) : [];
  return {
    ...plan,
    resource_changes: changes.filter(isJson).map((one) => ({
      ...one,
      address: inModule(one['address']),
      module_address: typeof one['module_address'] === 'string' ? inModule(one['module_address']) : module,
      ...(one['previous_address'] === undefined ? {} : { previous_address: inModule(one['previous_address']) }),
    })),
    ...(old === undefined
      ? {}
      : {
          prior_state: {
            ...state,
            values: { root_module: { child_modules: [{ ...moved(old), address: module }] } },
          },
        }),
    configuration: {
      ...at(configuration),
      root_module: {
        variables,
        module_calls: {
          m: {
            source: './m',
            expressions: Object.fromEntries(names.map((name) => [name, { references: [`var.${name}`] }])),
            module: root,
          },
        },
      },
    },
  };
}

const namesOfSources =
  /^(?:|final_|(?:source_|target_)?db_|(?:source_|target_)?db_cluster_)snapshot_identifier$|^db_(?:cluster|instance)_identifier$|^source_(?:cluster|db_instance)_identifier$|^replicat(?:e|ion)_source_/;

/** The plan with the names of databases and snapshots that its requests take in capitals. */
function inCapitals({ resource_changes: changes, ...plan }: Json): Json {
  const all = isList(changes) ? changes.filter(isJson) : [];
  return {
    ...plan,
    resource_changes: all.map((one) => ({
      ...one,
      change: capitals(one['change']),
    })),
  };
}

function capitals(value: unknown): unknown {
  if (isList(value)) return value.map(capitals);
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      typeof one === 'string' && namesOfSources.test(name) && !one.startsWith('arn:')
        ? one.toUpperCase()
        : capitals(one),
    ]),
  );
}

const kinds: readonly (readonly [what: string, of: (plan: Json) => unknown, address: (old: string) => string])[] = [
  ['lists in another order', reversed, (old) => old],
  ['resources in a module', wrapped, inModule],
  ['names in capitals, which RDS stores in lower case', inCapitals, (old) => old],
];

/** Compares one in `every` cases. Returns how many. */
function compared(every: number, make: (plan: Json) => unknown, address: (old: string) => string): number {
  const faults: string[] = [];
  let tried = 0;
  for (const [index, one] of planCases.filter(({ first }) => first.length === 0).entries()) {
    const plan: unknown = index % every === 0 ? JSON.parse(planText(one.plan)) : undefined;
    const other = isJson(plan) ? make(plan) : undefined;
    if (other === undefined) continue;
    tried += 1;
    const [before, after] = [answersWith(one, plan), answersWith(one, other)];
    for (const [id, answer] of before)
      if (after.get(address(id)) !== answer)
        faults.push(`${one.plan}: ${id} is ${answer}, and ${after.get(address(id)) ?? 'missing'} in the other plan`);
    if (after.size !== before.size) faults.push(`${one.plan}: ${after.size} requests instead of ${before.size}`);
  }
  expect(faults).toEqual([]);
  return tried;
}

test.each(kinds)('%s: some plans get the same answers', (_, make, address) => {
  expect(compared(15, make, address)).toBeGreaterThan(40);
});

test.each(kinds)('%s: all plans get the same answers', { tags: 'slow' }, (_, make, address) => {
  expect(compared(1, make, address)).toBeGreaterThan(300);
});
