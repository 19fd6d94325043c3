import { isJson, isList, type Json } from '../base/json.ts';
import type {
  ConfiguredCall,
  ConfiguredModule,
  ConfiguredResource,
  ResourceChange,
  StateModule,
  TerraformPlan,
} from './plan-file.ts';
import { knownAttributes, mayBeChosen, mayGive, type UnknownSource, unknownSources } from './unknown-sources.ts';

/*
 * The source of a value that the plan does not have, according to the plan's configuration
 * (infrastructure-plans 1.3).
 */

/** A call of a module: `key` is the instance, if the call has several. */
export interface ModuleScope {
  /** As addresses show it, such as `module.dr`; empty: the root. */
  readonly address: string;
  readonly module: ConfiguredModule;
  readonly call:
    | { readonly from: ModuleScope; readonly as: ConfiguredCall; readonly key: string | undefined }
    | undefined;
}

/** Where the value of an attribute comes from. */
export type Origin =
  /** `isPart`: a part of a known value, which the plan does not show and which may be null. */
  | { readonly is: 'known'; readonly value: unknown; readonly isPart?: true }
  /**
   * The configuration does not set the attribute, so AWS or the provider chooses the value. `local`: a
   * local or another expression that counts as null, because nothing is there from which it could have
   * a value.
   */
  | { readonly is: 'not given'; readonly local?: string }
  /**
   * Attributes of resources in the plan. More than one: the value may be built from them.
   * `isPerhaps`: there are other values too, for example in a conditional, so the value may be none
   * of them.
   */
  | {
      readonly is: 'attributes';
      readonly of: readonly Attribute[];
      readonly isPerhaps: boolean;
      /** The local that hides which of them it is. */
      readonly local?: string;
    }
  /**
   * `name`: the last name of the trail, such as `local.k`. `sources`: everything unknown that the value
   * can be built from, if the plan shows that.
   */
  | { readonly is: 'hidden'; readonly name: string; readonly sources?: readonly Attribute[] };

/** An attribute of a resource or data source, by its full address. */
export interface Attribute {
  /** With the address of its module, without the instance unless the reference names one. */
  readonly resource: string;
  readonly name: string;
}

const notGiven: Origin = { is: 'not given' };

/** A plan, with indexes for repeated look-ups. */
export interface ConfiguredPlan {
  readonly plan: TerraformPlan;
  /** Whether a resource, or an instance of it, exists before or after; by its address. */
  readonly isThere: (address: string) => boolean;
  /** The configuration of a resource by its address in a module. */
  readonly resourceIn: (module: ConfiguredModule, address: string) => ConfiguredResource | undefined;
  readonly unknownSources: readonly UnknownSource[];
  /** Whether the plan has the value of an attribute of a resource. */
  readonly isKnownAt: (resource: string, name: string) => boolean;
}

export function configuredPlan(plan: TerraformPlan): ConfiguredPlan {
  const there = addressesIn(plan);
  const byModule = new Map<ConfiguredModule, ReadonlyMap<string, ConfiguredResource>>();
  return {
    plan,
    isThere: (address) => there.has(address),
    resourceIn(module, address) {
      const byAddress = byModule.get(module) ?? new Map(module.resources.map((one) => [one.address, one]));
      byModule.set(module, byAddress);
      return byAddress.get(address);
    },
    unknownSources: unknownSources(plan),
    isKnownAt: knownAttributes(plan),
  };
}

/** The addresses before and after, with and without the instances that they end in. */
function addressesIn({ resource_changes: changes, prior_state: state }: TerraformPlan): ReadonlySet<string> {
  const found = new Set<string>();
  const add = ({ address }: { readonly address: string }): void => {
    found.add(address);
    for (let at = address.indexOf('['); at >= 0; at = address.indexOf('[', at + 1)) found.add(address.slice(0, at));
  };
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    resources.forEach(add);
    modules.forEach(visit);
  };
  changes.forEach(add);
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return found;
}

/** The scope of a module by its address. Undefined: the configuration has no such module. */
export function scopeAt({ configuration }: TerraformPlan, address: string): ModuleScope | undefined {
  let scope: ModuleScope = { address: '', module: configuration.root_module, call: undefined };
  for (const [text, name = '', key] of address.matchAll(
    /(?:^|\.)module\.([^.[\]"]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?/g,
  )) {
    const as = own(scope.module.module_calls, name);
    if (as === undefined) return undefined;
    scope = { address: `${scope.address}${text}`, module: as.module, call: { from: scope, as, key: unquoted(key) } };
  }
  return scope;
}

/** The configuration of a resource, by type, name and mode. */
export function configuredIn(
  { resourceIn }: ConfiguredPlan,
  { module }: ModuleScope,
  { type, name, mode }: { readonly type: string; readonly name: string; readonly mode: string },
): ConfiguredResource | undefined {
  const address = `${mode === 'data' ? 'data.' : ''}${type}.${name}`;
  return resourceIn(module, address);
}

/** The expression at a path of names and indexes in a block. Undefined: not configured. */
export function expressionAt(expressions: unknown, path: readonly (string | number)[]): unknown {
  let at = expressions;
  for (const step of path) {
    if (isList(at) && typeof step === 'number') at = at[step];
    else if (isJson(at) && typeof step === 'string' && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** Where the value of an expression comes from. `key`: the key of the resource's own instance. */
export function valueOrigin(plan: ConfiguredPlan, scope: ModuleScope, expression: unknown, resource: Asker): Origin {
  if (expression === undefined || expression === null) return notGiven;
  if (!isJson(expression)) return { is: 'hidden', name: 'the configuration' };
  if (Object.hasOwn(expression, 'constant_value')) return known(expression['constant_value']);
  const references = longest(expression['references']);
  // A plan has the value of a function of constants.
  if (references.length === 0) return { is: 'hidden', name: 'a function' };
  const instance = instanceOf(plan, scope, references, resource);
  if (instance !== undefined) return instance;
  const present = references.filter((reference) => !isAbsent(plan, scope, reference));
  const origins = present.map((reference) => originOfReference(plan, scope, reference, resource));
  const isCondition = isReference(resource.attribute) ? conditionsFor(plan, origins) : undefined;
  const values = origins.filter((_, at) => isCondition?.(scope, present[at] ?? '') !== true);
  return nullOf(plan, origins, present, resource) ?? together(values);
}

/**
 * The variables and locals that decide with `count` whether the only resource of an expression is there.
 * `var.create ? aws_kms_key.k[0].arn : null` is the key where it is there: for other values of
 * `var.create` it has no instance, so that Terraform would refuse the expression the other way round.
 */
function conditionsFor(plan: ConfiguredPlan, origins: readonly Origin[]) {
  const [only, ...others] = new Set(
    origins.flatMap((one) => (one.is === 'attributes' && one.local === undefined ? one.of : [])).map(addressOf),
  );
  const [, path = '', address = ''] =
    /^((?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*)(.+)$/.exec(only ?? '') ?? [];
  const scope = scopeAt(plan.plan, path.replace(/\.$/, ''));
  const counted = scope && plan.resourceIn(scope.module, address.replace(/\[.*$/, ''));
  if (scope === undefined || counted === undefined || others.length > 0) return undefined;
  const found = decidersOf(scope, counted.count_expression);
  return ({ address: at }: ModuleScope, reference: string): boolean => found.has(deciderNamed(at, reference));
}

function addressOf({ resource }: Attribute): string {
  return resource;
}

function deciderNamed(module: string, reference: string): string {
  return `${module} ${steps(reference).slice(0, 2).join('.')}`;
}

/** The variables and locals of a `count`, also of the modules around it, and what is given for the variables. */
function decidersOf({ address, call }: ModuleScope, expression: unknown): ReadonlySet<string> {
  const references = isJson(expression) ? longest(expression['references']) : [];
  const named = references.filter((one) => /^(?:var|local)\./.test(one)).map((one) => deciderNamed(address, one));
  if (call === undefined) return new Set(named);
  const given = references.flatMap((one) =>
    one.startsWith('var.') ? (own(call.as.expressions, steps(one)[1] ?? '') ?? []) : [],
  );
  return new Set([...named, ...[call.as.count_expression, ...given].flatMap((one) => [...decidersOf(call.from, one)])]);
}

/** Where an unknown value comes from. One that cannot be null is none of the known values. */
export function givenOrigin(plan: ConfiguredPlan, scope: ModuleScope, expression: unknown, asker: Asker): Origin {
  const origin = valueOrigin(plan, scope, expression, asker);
  return origin.is === 'attributes' && isRequired(asker.attribute) ? { ...origin, isPerhaps: false } : origin;
}

/**
 * A value that needs nothing unknown would be in the plan, unless it is null and AWS chooses the value:
 * `var.create ? aws_db_parameter_group.g[0].id : var.name`. Undefined: another expression.
 */
function nullOf(
  { isKnownAt }: ConfiguredPlan,
  origins: readonly Origin[],
  references: readonly string[],
  { attribute: asked }: Asker,
): Origin | undefined {
  const isKnown = (one: Origin): boolean =>
    one.is === 'known' ||
    one.is === 'not given' ||
    // The text of a policy may have a function around it.
    (one.is === 'attributes' && asked !== 'policy' && one.of.every(({ resource, name }) => isKnownAt(resource, name)));
  if (!mayBeChosen(asked) || !origins.every(isKnown)) return undefined;
  // Without a part that may be null, a function such as `uuid()` is left.
  const at = origins.findIndex((one) => one.is !== 'known' || isPartly(one));
  const only = origins.length === 1 && origins[0]?.is === 'not given';
  return at === -1 || only ? undefined : { is: 'not given', local: `the expression with ${references[at] ?? ''}` };
}

function isPartly({ value, isPart }: Extract<Origin, { readonly is: 'known' }>): boolean {
  return isPart === true || isJson(value) || isList(value);
}

/**
 * `aws_kms_key.k[each.key].arn` is printed as `aws_kms_key.k` and `each.key`: the plan shows the
 * instance, but not the attribute. Undefined: another expression.
 */
function instanceOf(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  references: readonly string[],
  { key, attribute: asked }: Asker,
): Origin | undefined {
  const [one = '', other = '', ...rest] = references;
  if (key === undefined || rest.length > 0) return undefined;
  const isIndex = (text: string): boolean => text === 'each.key' || text === 'count.index';
  const bare = isIndex(other) ? one : isIndex(one) ? other : '';
  if (/^module\.[\w-]+$/.test(bare)) return originOfModule(plan, scope, bare, { key, attribute: asked });
  const [first = ''] = bare.replace(/^data\./, '').split('.');
  if (!/^(?:data\.)?[a-z]\w*\.[\w-]+$/i.test(bare) || namespaces.has(first)) return undefined;
  const at = `${prefixOf(scope)}${bare}`;
  const resource = instanceAt(plan, at, key);
  return resource === undefined ? undefined : { is: 'attributes', of: [{ resource, name: '' }], isPerhaps: false };
}

/**
 * Everything unknown from which a value of a `dynamic` block can be built: the plan does not show the
 * expressions of such a block. Undefined: the plan does not show that either.
 */
export function dynamicSources(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  { mode, type, name }: ResourceChange,
  attribute: string,
): readonly Attribute[] | undefined {
  return sourcesIn(plan, scope, `${mode}.${type}.${name}`, attribute);
}

/**
 * The resource that has to be there first although the plan shows no reference: the only one whose key
 * a local can hold.
 */
export function hiddenSources(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  { expressions }: ConfiguredResource,
  { mode, type, name, index, change }: ResourceChange,
): readonly string[] {
  const { after_unknown: unknown } = change;
  const asker = {
    resource: `${mode}.${type}.${name}`,
    key: index === undefined || index === null ? undefined : String(index),
    forEach: undefined,
  };
  return Object.entries(expressions).flatMap(([attribute, expression]) => {
    if (!isReference(attribute) || !isJson(unknown) || unknown[attribute] !== true) return [];
    const origin = valueOrigin(plan, scope, expression, { ...asker, attribute });
    if (origin.is !== 'attributes' || origin.local === undefined) return [];
    // The key that the local holds is there first. That the others are there, too, makes no difference.
    return [...new Set(origin.of.map(addressOf))];
  });
}

/** The instance of a resource with a key, by its address. Undefined: there is none. */
function instanceAt(plan: ConfiguredPlan, resource: string, key: string): string | undefined {
  return [`${resource}[${quoted(key)}]`, `${resource}[${key}]`].find((address) => plan.isThere(address));
}

/** First words of references to something other than a managed resource. */
const namespaces = new Set(['var', 'local', 'each', 'count', 'path', 'terraform', 'self', 'module', 'data']);

/**
 * Whether a reference is to a resource or instance that does not exist, such as one with `count =
 * 0`: the value of the expression then comes from elsewhere. A plan that failed does not show this.
 */
function isAbsent(plan: ConfiguredPlan, scope: ModuleScope, reference: string): boolean {
  // With -target, a plan has everything that its changes refer to.
  const { errored, deferred_changes: deferred } = plan.plan;
  if (errored || deferred.length > 0) return false;
  const [, resource = '', index = ''] =
    /^((?:data\.)?[\w-]+\.[\w-]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?/.exec(reference) ?? [];
  const first = resource.split('.')[0] ?? '';
  if (resource === '' || (namespaces.has(first) && first !== 'data')) return false;
  if (plan.resourceIn(scope.module, resource) === undefined) return false;
  return !plan.isThere(`${prefixOf(scope)}${resource}${index}`);
}

function prefixOf({ address }: ModuleScope): string {
  return address === '' ? '' : `${address}.`;
}

/** The resource with the expression; `key` and `forEach` are for `each.value` and `count.index`. */
export interface Asker {
  /** Mode, type and name. A value of the resource cannot come from the resource itself. */
  readonly resource: string;
  readonly key: string | undefined;
  readonly forEach: unknown;
  /** The name of the attribute whose value is looked for. */
  readonly attribute: string;
}

/** For expressions that belong to no resource. */
export const noResource: Asker = { resource: '', key: undefined, forEach: undefined, attribute: '' };

function known(value: unknown): Origin {
  return value === null ? notGiven : { is: 'known', value };
}

/**
 * The source of a value with several references: the value may be one of them, or built from all.
 */
function together(origins: readonly Origin[]): Origin {
  const [first = notGiven, ...others] = origins;
  if (others.length === 0) return first;
  const hidden = origins.find(({ is }) => is === 'hidden');
  if (hidden?.is === 'hidden') return hiddenAs(hidden.name, origins);
  const attributes = origins.flatMap((one) => (one.is === 'attributes' ? one.of : []));
  if (attributes.length > 0) {
    // A null value adds nothing: `coalesce(var.key, aws_kms_key.k.arn)`.
    const isPerhaps = origins.some((one) => one.is === 'known' || (one.is === 'attributes' && one.isPerhaps));
    return { is: 'attributes', of: unique(attributes), isPerhaps };
  }
  return origins.every(({ is }) => is === 'not given') ? notGiven : { is: 'hidden', name: 'an expression' };
}

/** A hidden value that is built from several values. */
function hiddenAs(name: string, origins: readonly Origin[]): Origin {
  const all = origins.map(sourcesOf);
  const sources = all.flatMap((one) => one ?? []);
  return all.includes(undefined) ? { is: 'hidden', name } : { is: 'hidden', name, sources };
}

/** Everything unknown that a value can be built from. Undefined: the plan does not show that. */
function sourcesOf(origin: Origin): readonly Attribute[] | undefined {
  switch (origin.is) {
    case 'attributes':
      return origin.of;
    case 'hidden':
      return origin.sources;
    default:
      return [];
  }
}

/** Terraform prints `a.b.c`, then `a.b`: the shorter ones say nothing more. */
export function longest(given: unknown): readonly string[] {
  if (!isList(given)) return [];
  const texts = [...new Set(given.filter((one) => typeof one === 'string'))];
  return texts.filter(
    (text) => !texts.some((other) => other !== text && (other.startsWith(`${text}.`) || other.startsWith(`${text}[`))),
  );
}

function originOfReference(plan: ConfiguredPlan, scope: ModuleScope, reference: string, resource: Asker): Origin {
  const [first = '', second = '', ...rest] = steps(reference);
  switch (first) {
    case 'var':
      return partAt(originOfVariable(plan, scope, second, resource.attribute), reference.slice(`var.${second}`.length));
    case 'local':
      return localOrigin(plan, scope, `local.${second}`, resource);
    case 'each':
      return second === 'key' ? keyOf(resource.key) : eachValue(plan, scope, resource, rest.join('.'));
    case 'count':
      return keyOf(resource.key);
    case 'path':
    case 'terraform':
      return { is: 'known', value: undefined };
    case 'self':
      return { is: 'hidden', name: reference };
    case 'module':
      return originOfOutput(plan, scope, reference, resource.attribute);
    case 'data':
      return attributeOrigin(scope, `data.${second}.${rest[0] ?? ''}`, reference);
    default:
      return attributeOrigin(scope, `${first}.${second}`, reference);
  }
}

/** The source of a part of a variable, such as `["main"]`. Empty: of the whole. */
function partAt(origin: Origin, part: string): Origin {
  if (part === '' || origin.is !== 'known') return partOf(origin, part !== '');
  // A part that is not there is for `try(var.cluster.kms_key_id, null)`, and adds nothing.
  return known(expressionAt(origin.value, pathOf(part)) ?? null);
}

/**
 * The source of a part of a value. For an object, a plan prints only the references, not the part
 * that each belongs to: another part may be null.
 */
function partOf(origin: Origin, isPart: boolean): Origin {
  const isObject = origin.is === 'attributes' && origin.of.some(({ name }) => name !== '');
  return isPart && isObject ? { ...origin, isPerhaps: true } : origin;
}

function keyOf(key: string | undefined): Origin {
  return key === undefined ? { is: 'hidden', name: 'each.key' } : known(key);
}

/** `aws_kms_key.k["a"].arn`: the resource with its instance, and the attribute. */
function attributeOrigin(scope: ModuleScope, resource: string, reference: string): Origin {
  const rest = reference.slice(resource.length);
  const [index = ''] = /^\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/.exec(rest) ?? [];
  const name = rest.slice(index.length).replace(/^\./, '');
  const full = `${prefixOf(scope)}${resource}${index}`;
  return { is: 'attributes', of: [{ resource: full, name }], isPerhaps: false };
}

/** The parts of a reference, without the text in brackets. */
function steps(reference: string): readonly string[] {
  return reference.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, '').split('.');
}

function originOfVariable(plan: ConfiguredPlan, scope: ModuleScope, name: string, attribute: string): Origin {
  if (scope.call === undefined) {
    const given = own(plan.plan.variables, name);
    if (given !== undefined && Object.hasOwn(given, 'value')) return known(given.value);
    const declared = own(scope.module.variables, name);
    return declared !== undefined && Object.hasOwn(declared, 'default')
      ? known(declared.default)
      : hiddenVariable(name);
  }
  const { from, as, key } = scope.call;
  const expression = own(as.expressions, name);
  if (expression !== undefined)
    return valueOrigin(plan, from, expression, { resource: '', key, forEach: as.for_each_expression, attribute });
  const declared = own(scope.module.variables, name);
  return declared !== undefined && Object.hasOwn(declared, 'default') ? known(declared.default) : hiddenVariable(name);
}

function hiddenVariable(name: string): Origin {
  return { is: 'hidden', name: `var.${name}` };
}

/** `name`: the attribute of the value. Empty: the whole value. */
function eachValue(plan: ConfiguredPlan, scope: ModuleScope, asker: Asker, name: string): Origin {
  const { key, forEach } = asker;
  if (key === undefined || !isJson(forEach)) return { is: 'hidden', name: 'each.value' };
  const value = Object.hasOwn(forEach, 'constant_value') ? forEach['constant_value'] : undefined;
  if (isJson(value) && Object.hasOwn(value, key)) return partAt(known(value[key]), name);
  if (isList(value) && value.includes(key)) return known(key);
  const origin = partOf(valueOrigin(plan, scope, forEach, { ...asker, key: undefined, forEach: undefined }), true);
  const of = origin.is === 'known' ? origin.value : undefined;
  if (isJson(of) && Object.hasOwn(of, key)) return partAt(known(of[key]), name);
  if (isList(of) && of.includes(key)) return known(key);
  if (origin.is === 'known' || origin.is === 'not given') return { is: 'known', value: undefined, isPart: true };
  if (origin.is !== 'attributes') return hiddenAs('each.value', [origin]);
  // `for_each = aws_kms_key.k`: each value is the instance of the same key.
  const valueOf = (one: Attribute): Attribute =>
    one.name === '' ? { resource: instanceAt(plan, one.resource, key) ?? one.resource, name } : one;
  return { ...origin, of: origin.of.map(valueOf) };
}

/** `module.m.out` has the value of the output's expression inside the module. */
function originOfOutput(plan: ConfiguredPlan, scope: ModuleScope, reference: string, attribute: string): Origin {
  if (/^module\.[\w-]+$/.test(reference))
    return originOfModule(plan, scope, reference, { key: undefined, attribute }) ?? { is: 'hidden', name: reference };
  const match = /^module\.([^.[\]"]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.([^.[\]"]+)(.*)/.exec(reference);
  const [, name = '', key = '', output = '', part = ''] = match ?? [];
  const as = own(scope.module.module_calls, name);
  const declared = as === undefined ? undefined : own(as.module.outputs, output);
  if (as === undefined || declared === undefined) return { is: 'hidden', name: reference };
  const address = `${prefixOf(scope)}module.${name}${key}`;
  const within: ModuleScope = {
    address,
    module: as.module,
    call: { from: scope, as, key: unquoted(key === '' ? undefined : key.slice(1, -1)) },
  };
  return partOf(valueOrigin(plan, within, declared.expression, { ...noResource, attribute }), part !== '');
}

/**
 * `module.kms[each.key].key_arn` is printed without the output: the outputs of the instance that can be a
 * key. `key`: the instance, of all if it is undefined. Undefined: a plan does not show what they can be.
 */
function originOfModule(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  reference: string,
  { key, attribute: asked }: Pick<Asker, 'attribute'> & { readonly key: string | undefined },
): Origin | undefined {
  const call = `${prefixOf(scope)}${reference}`;
  const within = plan.unknownSources
    .flatMap(({ change: { module_address: module = '' } }) => module)
    .flatMap((module) => {
      const [instance = ''] = /^(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?=\.|$)/.exec(module.slice(call.length)) ?? [];
      const isOne = module.startsWith(call) && /^(?:[.[]|$)/.test(module.slice(call.length));
      const isAsked = key === undefined || instance === `[${quoted(key)}]` || instance === `[${key}]`;
      return isOne && isAsked ? [`${call}${instance}`] : [];
    });
  const origins = [...new Set(within)].flatMap((address) => {
    const inner = scopeAt(plan.plan, address);
    return Object.values(inner?.module.outputs ?? {}).flatMap(({ expression }) =>
      inner === undefined ? [] : [valueOrigin(plan, inner, expression, { ...noResource, attribute: asked })],
    );
  });
  const given = origins.filter((one) => one.is === 'attributes');
  const fitting = given
    .flatMap(({ of }) => of)
    // A whole resource is no key.
    .filter(({ resource, name }) => name !== '' && mayGive(asked, typeOf(resource), name))
    .filter(({ resource, name }) => !plan.isKnownAt(resource, name));
  const of = referencesAmong(plan, unique(fitting));
  const isHidden = origins.some(({ is }) => is === 'hidden');
  if (!isReference(asked) || isHidden || of.length === 0 || of.length > mostSources) return undefined;
  const isPerhaps =
    !isRequired(asked) && given.some((one) => one.isPerhaps && one.of.some((at) => fitting.includes(at)));
  return { is: 'attributes', of, isPerhaps };
}

/**
 * A plan does not have the values of a `local`. An unknown value needs an unknown source. If
 * neither the module nor its inputs have one, the value is not set (infrastructure-plans 1.3).
 */
function localOrigin(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  name: string,
  { resource, attribute: asked }: Asker,
): Origin {
  const sources = sourcesIn(plan, scope, resource, asked);
  const hidden = hiddenAs(name, [
    sources === undefined ? { is: 'hidden', name } : { is: 'attributes', of: sources, isPerhaps: true },
  ]);
  if (sources === undefined) return hidden;
  if (sources.length === 0) return mayBeChosen(asked) ? { is: 'not given', local: name } : hidden;
  const of = isReference(asked) ? referencesAmong(plan, sources) : [];
  return of.length === 0 || of.length > mostSources
    ? hidden
    : { is: 'attributes', of, isPerhaps: !isRequired(asked), local: name };
}

/** Each resource once, by its ID or its ARN. An alias of a new key means that key. */
function referencesAmong({ unknownSources: all }: ConfiguredPlan, sources: readonly Attribute[]): readonly Attribute[] {
  const hasOther = sources.some(({ resource }) => typeOf(resource) !== 'aws_kms_alias');
  const ofNewKey = new Set(
    all.flatMap(({ change: { address, type, change } }) =>
      type === 'aws_kms_alias' && isJson(change.after_unknown) && change.after_unknown['target_key_id'] === true
        ? [address]
        : [],
    ),
  );
  const once = [...new Map(sources.toReversed().map((one) => [one.resource, one])).values()].toReversed();
  return hasOther ? once.filter(({ resource }) => !ofNewKey.has(resource)) : once;
}

/** A local with more sources than this is not tried with each of them. */
const mostSources = 3;

/** Whether an attribute takes an ARN or ID as it is: no expression builds a text of it. */
function isReference(attribute: string): boolean {
  return /key_(?:id|arn)$|^policy_arn$|^permissions_boundary$/.test(attribute);
}

/** References that a resource cannot do without, so that they are never null. */
function isRequired(attribute: string): boolean {
  return ['key_id', 'target_key_id', 'policy_arn'].includes(attribute);
}

/**
 * The unknown attributes from which a local of a module may have a value of an attribute. Undefined:
 * the plan does not show them all.
 */
function sourcesIn(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  asking: string,
  asked: string,
): readonly Attribute[] | undefined {
  const { module, call, address } = scope;
  const inner = `${prefixOf(scope)}module.`;
  const within = plan.unknownSources.flatMap(({ change, names }) => {
    const place = change.module_address ?? '';
    const isSource =
      place === address ? `${change.mode}.${change.type}.${change.name}` !== asking : place.startsWith(inner);
    const all = names.length === 0 ? [''] : names;
    return isSource
      ? all.filter((name) => mayGive(asked, change.type, name)).map((name) => ({ resource: change.address, name }))
      : [];
  });
  const given =
    call === undefined
      ? []
      : Object.keys(module.variables).map((name) => sourcesOf(originOfVariable(plan, scope, name, asked)));
  if (within.some(({ name }) => name === '') || given.includes(undefined)) return undefined;
  const inputs = given
    .flatMap((one) => one ?? [])
    .filter(({ resource, name }) => mayGive(asked, typeOf(resource), name) && !plan.isKnownAt(resource, name));
  return unique([...within, ...inputs]);
}

function unique(all: readonly Attribute[]): readonly Attribute[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** `module.kms.data.aws_kms_key.k["a"]`: aws_kms_key */
export function typeOf(resource: string): string {
  return /(?:^|\.)([a-z]\w*)\.[\w-]+(?:\[.*\])?$/i.exec(resource)?.[1] ?? '';
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A key as addresses show it: they escape quotes and templates. */
function quoted(key: string): string {
  return JSON.stringify(key).replaceAll(/([$%])\{/g, '$1$1{');
}

function unquoted(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (!key.startsWith('"')) return key;
  const text: unknown = JSON.parse(key);
  return typeof text === 'string' ? text.replaceAll(/([$%])\1\{/g, '$1{') : undefined;
}

/** `master_user_secret[0].kms_key_id` as steps. */
export function pathOf(name: string): readonly (string | number)[] {
  return [...name.matchAll(/"(?:[^"\\]|\\.)*"|[^.[\]"]+/g)].map(([step]) =>
    /^\d+$/.test(step) ? Number(step) : (unquoted(step) ?? step),
  );
}

/** A property of a JSON object. */
export function propertyOf(json: Json | undefined, name: string): unknown {
  return json !== undefined && Object.hasOwn(json, name) ? json[name] : undefined;
}
