import { isJson, isList } from '../base/json.ts';
import { longest } from './configuration.ts';
import type { ConfiguredModule, ResourceChange, TerraformPlan } from './plan-file.ts';

/*
 * The order in which Terraform certainly applies changes. Edges are references and `depends_on`,
 * also through variables, outputs and data sources. The value of a `local` is not in the plan, so a
 * `local` makes no edge.
 */

/** Finds the identities of all changes on which a change depends, directly or through others. */
export function dependencies(plan: TerraformPlan): (change: ResourceChange) => readonly string[] {
  const edges = new Map<string, readonly string[]>();
  addModule(plan.configuration.root_module, '', [], edges);
  // A provider is configured before its resources.
  for (const [key, { expressions, module_address: module = '' }] of Object.entries(plan.configuration.provider_config))
    edges.set(
      providerNode(key),
      referencesIn(expressions).map((text) => `${prefixed(module)}${nodeNamed(text)}`),
    );
  const identities = new Map<string, string[]>();
  for (const change of plan.resource_changes) {
    const node = nodeOf(change);
    const known = identities.get(node);
    if (known === undefined) identities.set(node, [change.address]);
    else known.push(change.address);
  }
  const known = new Map<string, readonly string[]>();
  return (change) => {
    const node = nodeOf(change);
    const found = known.get(node) ?? reached(node, edges, identities);
    known.set(node, found);
    return found;
  };
}

/** The identities of all changes that edges reach from a node, directly or through others. */
function reached(
  from: string,
  edges: ReadonlyMap<string, readonly string[]>,
  identities: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const seen = new Set<string>([from]);
  const open = [...(edges.get(from) ?? [])];
  const found: string[] = [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const here = identities.get(node);
    if (here !== undefined) found.push(...here);
    open.push(...(edges.get(node) ?? []));
  }
  return found;
}

/** Instances of modules and resources share a node: Terraform orders whole resources. */
function nodeOf({ module_address: module = '', mode, type, name }: ResourceChange): string {
  return `${prefixed(withoutKeys(module))}${mode === 'data' ? 'data.' : ''}${type}.${name}`;
}

function providerNode(key: string): string {
  return `provider ${key}`;
}

function prefixed(module: string): string {
  return module === '' ? '' : `${module}.`;
}

/** An address without the keys of instances. */
export function withoutKeys(address: string): string {
  return address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, '');
}

/** Adds the edges of a module. `inherited`: nodes that all resources in the module wait for. */
function addModule(
  module: ConfiguredModule,
  address: string,
  inherited: readonly string[],
  edges: Map<string, readonly string[]>,
): void {
  const at = prefixed(address);
  const nodes = (value: unknown): readonly string[] => referencesIn(value).map((text) => `${at}${nodeNamed(text)}`);
  for (const { address: resource, provider_config_key: provider, depends_on: waits, ...rest } of module.resources)
    edges.set(`${at}${resource}`, [
      ...nodes(rest),
      ...waits.map((text) => `${at}${nodeNamed(text)}`),
      ...(provider === undefined ? [] : [providerNode(provider)]),
      ...inherited,
    ]);
  for (const [name, { expression, depends_on: waits }] of Object.entries(module.outputs))
    edges.set(`${at}output.${name}`, [...nodes(expression), ...waits.map((text) => `${at}${nodeNamed(text)}`)]);
  for (const [
    name,
    { expressions, for_each_expression: each, count_expression: count, depends_on: waits, module: within },
  ] of Object.entries(module.module_calls)) {
    const child = `${at}module.${name}`;
    const first = [...inherited, ...waits.map((text) => `${at}${nodeNamed(text)}`), ...nodes([each, count])];
    for (const [variable, expression] of Object.entries(expressions))
      edges.set(`${child}.var.${variable}`, nodes(expression));
    addModule(within, child, first, edges);
    const inside = [
      ...within.resources.map(({ address: one }) => `${child}.${one}`),
      ...Object.keys(within.module_calls).map((one) => `${child}.module.${one}`),
    ];
    edges.set(child, inside);
  }
}

/** Texts of `references`, at any depth. */
function referencesIn(value: unknown): readonly string[] {
  if (isList(value)) return value.flatMap(referencesIn);
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    // `module.m.out` is printed with `module.m`, which would be everything in the module.
    name === 'references' && isList(inner) ? longest(inner) : name === 'constant_value' ? [] : referencesIn(inner),
  );
}

/** The node of the resource, output, variable or module that a reference names. */
function nodeNamed(reference: string): string {
  const [first = '', second = '', third = ''] = withoutKeys(reference).split('.');
  if (first === 'module') return third === '' ? `module.${second}` : `module.${second}.output.${third}`;
  return first === 'data' ? `data.${second}.${third}` : `${first}.${second}`;
}
