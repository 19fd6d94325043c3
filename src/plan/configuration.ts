import { groupBy } from '../base/group.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import type {
  ConfiguredCall,
  ConfiguredModule,
  ConfiguredResource,
  ResourceChange,
  StateModule,
  TerraformPlan,
} from './plan-file.ts';

/* Finds the source of a value that the plan does not have, in the configuration of the plan. */

/** A call of a module: `key` is the instance, if the call has several. */
export interface ModuleScope {
  /** The address, such as `module.dr`. Empty: the root module. */
  readonly address: string;
  readonly module: ConfiguredModule;
  readonly call:
    | { readonly from: ModuleScope; readonly as: ConfiguredCall; readonly key: string | undefined }
    | undefined;
}

/** Where the value of an attribute comes from. */
export type Origin =
  | { readonly is: 'known'; readonly value: unknown }
  /**
   * The configuration does not set the attribute, so AWS or the provider chooses the value.
   * `local`: a local value that counts as null, because nothing in the module could give it an
   * unknown value.
   */
  | { readonly is: 'not given'; readonly local?: string }
  /**
   * Attributes of resources in the plan. If there are several, the value may be built from them.
   * `isPerhaps`: the value may also be none of them, for example in a conditional. `isElseNull`: then
   * the value is null or empty. `mayBeNull`: an
   * attribute that AWS chooses if it is null may also be null, as in `var.region != null ?
   * aws_kms_key.k.arn : null`. `texts`: known texts that the value may be instead, because only an
   * unknown attribute can decide. `instead`: the value is of the instance with the key of the asking
   * resource, but may be of one of these instances. `again`: attributes that the expression names
   * more than once, for each further time.
   */
  | {
      readonly is: 'attributes';
      readonly of: readonly Attribute[];
      readonly isPerhaps: boolean;
      readonly isElseNull?: boolean;
      readonly mayBeNull?: boolean;
      readonly texts?: readonly string[];
      readonly instead?: readonly Origin[];
      readonly again?: readonly Attribute[];
    }
  /**
   * `name`: the last name on the way to the value, such as `local.k`. `isKnownOrNull`: every
   * reference of the expression is known, and one is null. The plan would have any value but null,
   * unless a function such as `uuid()` makes the value. `hasText`: one of the known values is more
   * than a Boolean or a number, so such a function may make a text of it.
   */
  | { readonly is: 'hidden'; readonly name: string; readonly isKnownOrNull?: true; readonly hasText?: boolean };

/** An attribute of a resource or data source, by its full address. */
export interface Attribute {
  /** With the address of its module, without the instance unless the reference names one. */
  readonly resource: string;
  readonly name: string;
  /**
   * Present if the expression names a whole module, such as `one(module.kms[*].key_arn)`: the plan
   * does not show which output gives the value, so each output gives an attribute. `isPerhaps`: as
   * in Origin.
   */
  readonly output?: { readonly isPerhaps: boolean };
}

const notGiven: Origin = { is: 'not given' };

/** A plan, with indexes for repeated look-ups. */
export interface ConfiguredPlan {
  readonly plan: TerraformPlan;
  /** Whether a resource or a module, or an instance of it, exists before or after the apply. */
  readonly isThere: (address: string) => boolean;
  /** The addresses of the instances of a resource or a module. */
  readonly instancesOf: (address: string) => readonly string[];
  /** The configuration of a resource by its address in a module. */
  readonly resourceIn: (module: ConfiguredModule, address: string) => ConfiguredResource | undefined;
  /** Changes with a value that is known only after apply. */
  readonly withUnknown: readonly ResourceChange[];
}

/** Indexes the configuration of a plan. */
export function configuredPlan(plan: TerraformPlan): ConfiguredPlan {
  const there = addressesIn(plan);
  const instances = lazily(() => groupBy([...there].filter(isInstance), withoutLastKey));
  const byModule = new Map<ConfiguredModule, ReadonlyMap<string, ConfiguredResource>>();
  return {
    plan,
    isThere: (address) => there.has(address),
    instancesOf: (address) => instances().get(address) ?? [],
    resourceIn(module, address) {
      const byAddress = byModule.get(module) ?? new Map(module.resources.map((one) => [one.address, one]));
      byModule.set(module, byAddress);
      return byAddress.get(address);
    },
    withUnknown: plan.resource_changes.filter(({ change }) => holdsTrue(change.after_unknown)),
  };
}

/**
 * The addresses of resources and modules before and after the apply, each with all keys and with
 * fewer.
 */
function addressesIn({ resource_changes: changes, prior_state: state }: TerraformPlan): ReadonlySet<string> {
  const found = new Set<string>();
  const add = ({ address }: { readonly address: string }): void => {
    // The state has most resources of the changes again.
    if (found.has(address)) return;
    for (const name of withFewerKeys(address)) found.add(name);
    for (const [, end] of modulesIn(address)) {
      const module = address.slice(0, end);
      // Many resources share a module.
      if (!found.has(module)) for (const name of withFewerKeys(module)) found.add(name);
    }
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

const lastKey = /\[(?:"(?:[^"\\]|\\.)*"|\d+)\]$/;

function isInstance(address: string): boolean {
  return lastKey.test(address);
}

function withoutLastKey(address: string): string {
  return address.replace(lastKey, '');
}

/** An address with all of its keys, and with fewer of them. */
export function withFewerKeys(address: string): readonly string[] {
  return [...address.matchAll(/[^"[\]]+|\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g)].reduce<readonly string[]>(
    (before, [part]) => before.flatMap((one) => (part.startsWith('[') ? [one, `${one}${part}`] : [`${one}${part}`])),
    [''],
  );
}

/**
 * The modules in an address, each with its key and with the position where its part of the address
 * ends.
 */
function modulesIn(address: string): readonly (readonly [name: string, end: number, key: string | undefined])[] {
  const found: (readonly [string, number, string | undefined])[] = [];
  let at = 0;
  for (;;) {
    const [text, name = '', key] =
      /^\.?module\.([^.[\]"]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?/.exec(address.slice(at)) ?? [];
    if (text === undefined) return found;
    at += text.length;
    found.push([name, at, key]);
  }
}

/** The scope of a module by its address. Undefined: the configuration has no such module. */
export function scopeAt({ configuration }: TerraformPlan, address: string): ModuleScope | undefined {
  let scope: ModuleScope = { address: '', module: configuration.root_module, call: undefined };
  for (const [name, end, key] of modulesIn(address)) {
    const as = own(scope.module.module_calls, name);
    if (as === undefined) return undefined;
    scope = { address: address.slice(0, end), module: as.module, call: { from: scope, as, key: unquoted(key) } };
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

/**
 * Finds where the value of an expression comes from. `resource`: the resource that has the
 * expression.
 */
export function valueOrigin(plan: ConfiguredPlan, scope: ModuleScope, expression: unknown, resource: Asker): Origin {
  if (expression === undefined || expression === null) return notGiven;
  if (!isJson(expression)) return { is: 'hidden', name: 'the configuration' };
  if (Object.hasOwn(expression, 'constant_value')) return known(expression['constant_value']);
  const references = separate(plan, scope, expression['references']);
  // A plan has the value of a function of constants.
  if (references.length === 0) return ofConstants;
  const instance = instanceOf(plan, scope, references, resource);
  if (instance !== undefined) return instance;
  const origins = references.map((reference) =>
    // A resource that does not exist adds nothing, as null: the plan would have any other value.
    isAbsent(plan, scope, reference) ? notGiven : originOfReference(plan, scope, reference, resource),
  );
  const origin = together(origins);
  if (origin.is !== 'attributes') return origin;
  const isPerhaps = origin.isPerhaps && !isSwitched(scope, references, origins);
  const mayBeNull = origin.mayBeNull === true || hasGuard(scope, references, origins);
  const again = printed(expression['references']).flatMap((reference, at, all) => {
    const one = all.indexOf(reference) < at ? origins[references.indexOf(reference)] : undefined;
    return one?.is === 'attributes' ? one.of : [];
  });
  return { ...origin, isPerhaps, mayBeNull, again: [...(origin.again ?? []), ...again] };
}

/** The value of a function of constants, which a plan does not have if a module takes the value. */
const ofConstants: Origin = { is: 'hidden', name: 'a function' };

/**
 * Whether a null value of an expression may decide that the expression is null, too. A null value
 * that names the same kind of thing adds nothing, as in `coalesce(var.kms_key_id,
 * aws_kms_key.k.arn)`, and neither does the switch of a resource that exists. But a value such as
 * `var.key_region` is no key: `var.key_region != null ? aws_kms_key.k.arn : null`.
 */
function hasGuard(scope: ModuleScope, references: readonly string[], origins: readonly Origin[]): boolean {
  const from = references.filter((_, at) => origins[at]?.is === 'attributes');
  const words = new Set(from.flatMap(wordsOf));
  return references.some(
    (reference, at) =>
      origins[at]?.is === 'not given' &&
      !namesKind(wordsOf(reference), words) &&
      !from.some((one) => switchesOf(scope, one).includes(reference)),
  );
}

/**
 * Whether the words of a name say that its value is of the kind that other words name: `kms_key` is
 * a key, and `key_region` is none.
 */
function namesKind(words: readonly string[], kind: ReadonlySet<string>): boolean {
  const last = words.at(-1) ?? '';
  return kind.has(last) && !words.some((word) => switching.has(word));
}

/** Words in the names of switches. */
const switching = new Set(['create', 'disable', 'enable', 'has', 'is', 'manage', 'skip', 'use', 'with']);

const anyKind = new Set(['var', 'local', 'data', 'module', 'each', 'value', 'aws', 'arn', 'id', 'name']);

/** The words of a reference that say what it names. The name of a resource is left out. */
function wordsOf(reference: string): readonly string[] {
  const [first = '', ...rest] = steps(reference.replace(/^data\./, ''));
  const named = namespaces.has(first) ? rest : [first, ...rest.slice(1)];
  return named.flatMap((one) => one.toLowerCase().split(/[_-]/)).filter((word) => !anyKind.has(word));
}

/**
 * The origin of a value such as `aws_kms_key.k[each.key].arn`, which is printed as `aws_kms_key.k`
 * and `each.key`: the plan shows the instance, but not the attribute. Undefined: another
 * expression.
 */
function instanceOf(
  plan: ConfiguredPlan,
  scope: ModuleScope,
  references: readonly string[],
  asker: Asker,
): Origin | undefined {
  const [one = '', other = '', ...rest] = references;
  if (rest.length > 0) return undefined;
  const keyOfIndex = (text: string): string | undefined => keyIn(plan, scope, text, asker);
  const [bare, key] = keyOfIndex(other) === undefined ? [other, keyOfIndex(one)] : [one, keyOfIndex(other)];
  const [first = ''] = bare.replace(/^data\./, '').split('.');
  const isModule = /^module\.[\w-]+$/.test(bare);
  if (key === undefined || !(isModule || (/^(?:data\.)?[a-z]\w*\.[\w-]+$/i.test(bare) && !namespaces.has(first))))
    return undefined;
  const all = `${prefixOf(scope)}${bare}`;
  const instance = instanceAt(plan, all, key);
  if (instance === undefined) return undefined;
  const originOf = (address: string): Origin =>
    isModule
      ? originOfModule(plan, scope, address.slice(prefixOf(scope).length))
      : { is: 'attributes', of: [{ resource: address, name: '' }], isPerhaps: false };
  const origin = originOf(instance);
  const instead = neighborsOf(instance, plan.instancesOf(all));
  return origin.is === 'attributes' && instead.length > 0 ? { ...origin, instead: instead.map(originOf) } : origin;
}

/**
 * The next instances and the previous ones. All others are left out, because each is checked for
 * each request.
 */
function neighborsOf(instance: string, all: readonly string[]): readonly string[] {
  const at = all.indexOf(instance);
  const others = [...all.slice(at + 1), ...all.slice(0, at)];
  return others.length <= mostInstead ? others : [...others.slice(0, mostInstead - 1), ...others.slice(-1)];
}

/** The maximum number of other instances that a value may be of. */
const mostInstead = 5;

/** The key of an instance, from a reference in brackets. Undefined: the reference gives no key. */
function keyIn(plan: ConfiguredPlan, scope: ModuleScope, reference: string, asker: Asker): string | undefined {
  if (reference === 'each.key' || reference === 'count.index') return asker.key;
  if (!/^(?:each\.value|var\.)/.test(reference)) return undefined;
  const origin = originOfReference(plan, scope, reference, asker);
  return origin.is === 'known' && typeof origin.value === 'string' ? origin.value : undefined;
}

/** The instance of a resource with a key, by its address. Undefined: there is none. */
function instanceAt(plan: ConfiguredPlan, resource: string, key: string): string | undefined {
  return [`${resource}[${quoted(key)}]`, `${resource}[${key}]`].find((address) => plan.isThere(address));
}

/**
 * Whether one switch decides both whether a resource exists and whether an expression takes its
 * value, as in `var.create ? aws_kms_key.k[0].arn : null` with `count = var.create ? 1 : 0`. If the
 * resource exists, the expression takes its value: with the other value of the switch, there would
 * be no resource to refer to.
 */
function isSwitched(scope: ModuleScope, references: readonly string[], origins: readonly Origin[]): boolean {
  const from = references.filter((_, at) => origins[at]?.is === 'attributes');
  const [only = '', ...others] = from;
  const origin = origins[references.indexOf(only)];
  if (others.length > 0 || origin?.is !== 'attributes' || origin.isPerhaps) return false;
  const [existence, ...more] = switchesOf(scope, only);
  // With a second switch, the resource may exist while the expression does not take its value.
  if (more.length > 0) return false;
  return references.every((reference, at) => {
    const one = origins[at];
    if (reference === only || one?.is === 'not given') return true;
    // A number may decide both in different ways: `var.keys > 3 ? aws_kms_key.k[0].arn : null`.
    return one?.is === 'known' && typeof one.value === 'boolean' && reference === existence;
  });
}

/** The references in the `count` or `for_each` that decides whether an instance exists. */
function switchesOf({ module }: ModuleScope, reference: string): readonly string[] {
  // `one(aws_kms_key.k[*].arn)` is printed without an instance.
  const [, name = ''] = /^((?:data\.)?[\w-]+\.[\w-]+)(?:\[|$)/.exec(reference) ?? [];
  const as = name.startsWith('module.')
    ? own(module.module_calls, name.slice('module.'.length))
    : module.resources.find(({ address }) => address === name);
  return [as?.count_expression, as?.for_each_expression].flatMap((one) =>
    isJson(one) ? longest(one['references']) : [],
  );
}

/** First words of references to something other than a managed resource. */
const namespaces = new Set(['var', 'local', 'each', 'count', 'path', 'terraform', 'self', 'module', 'data']);

/**
 * Whether a reference is to a resource or instance that does not exist, such as one with `count =
 * 0`. The value of the expression then comes from elsewhere. A plan of some resources (`-target`)
 * has all resources that these refer to. A plan that ended early does not show this.
 */
function isAbsent(plan: ConfiguredPlan, scope: ModuleScope, reference: string): boolean {
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

/**
 * The resource that has an expression. `key` and `forEach` give `each.value` and `count.index`
 * their values.
 */
export interface Asker {
  /** Mode, type and name. A value of the resource cannot come from the resource itself. */
  readonly resource: string;
  readonly key: string | undefined;
  readonly forEach: unknown;
}

/** For expressions that belong to no resource. */
export const noResource: Asker = { resource: '', key: undefined, forEach: undefined };

function known(value: unknown): Origin {
  return value === null ? notGiven : { is: 'known', value };
}

/**
 * The source of a value with several references: the value may be one of them, or built from all.
 */
function together(origins: readonly Origin[]): Origin {
  const [first = notGiven, ...others] = origins;
  if (others.length === 0) return first;
  const hidden = origins.find((one) => one.is === 'hidden' && one.isKnownOrNull !== true);
  if (hidden !== undefined) return hidden;
  const attributes = origins.flatMap((one) => (one.is === 'attributes' ? one.of : []));
  if (attributes.length > 0) {
    // A null value adds nothing: `coalesce(var.key, aws_kms_key.k.arn)`.
    const isPerhaps = origins.some(
      (one) => one.is === 'known' || one.is === 'hidden' || (one.is === 'attributes' && one.isPerhaps),
    );
    const mayBeNull = origins.some((one) => one.is === 'attributes' && one.mayBeNull === true);
    const isElseNull = origins.every(addsNoText);
    const again = origins.flatMap((one) => (one.is === 'attributes' ? (one.again ?? []) : []));
    return { is: 'attributes', of: attributes, isPerhaps, isElseNull, mayBeNull, texts: textsBeside(origins), again };
  }
  if (origins.every(({ is }) => is === 'not given')) return notGiven;
  const name = 'an expression';
  return origins.every(({ is }) => is === 'known')
    ? { is: 'hidden', name }
    : { is: 'hidden', name, isKnownOrNull: true, hasText: origins.some(hasText) };
}

/** Whether a part of an expression gives no text of its own: it is null, empty, a switch or an attribute. */
function addsNoText(origin: Origin): boolean {
  if (origin.is === 'attributes') return !origin.isPerhaps || origin.isElseNull === true;
  return origin.is === 'not given' || (origin.is === 'known' && (isSwitch(origin.value) || origin.value === ''));
}

/**
 * The known texts that an expression may have although a plan does not have its value: an unknown
 * attribute may decide, as in `aws_kms_key.a.key_id == "" ? aws_kms_key.a.arn : var.other`. If a
 * known switch and one attribute are there, the switch decides, and the plan would have a known
 * text.
 */
function textsBeside(origins: readonly Origin[]): readonly string[] {
  const ofAttributes = origins.filter((one) => one.is === 'attributes');
  const isDecided = ofAttributes.length === 1 && origins.some((one) => one.is === 'known' && isSwitch(one.value));
  const given = origins.flatMap((one) => (one.is === 'known' && typeof one.value === 'string' ? [one.value] : []));
  return [...(isDecided ? [] : given), ...ofAttributes.flatMap(({ texts = [] }) => texts)];
}

/** Whether a known value may be a part of a text. */
function hasText(origin: Origin): boolean {
  if (origin.is === 'known') return !isSwitch(origin.value);
  return origin.is === 'hidden' && origin.hasText === true;
}

/** Whether a value can only choose between other values. */
export function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number';
}

/** The longest references. Terraform prints `a.b.c` and then `a.b`, which adds nothing. */
export function longest(given: unknown): readonly string[] {
  if (!isList(given)) return [];
  const texts = [...new Set(given.filter((one) => typeof one === 'string'))];
  return texts.filter((text) => !texts.some((other) => isBeginning(text, other)));
}

/**
 * The longest references, and the references to a whole beside references to its parts, as in
 * `try(values(aws_kms_key.k)[0].arn, aws_kms_key.k["a"].arn)`. Any part may then give the value.
 */
function separate(plan: ConfiguredPlan, scope: ModuleScope, given: unknown): readonly string[] {
  const parts = longest(given);
  const wholes = printed(given).filter((text) => !parts.includes(text) && hasParts(plan, scope, text));
  return [...parts, ...new Set(wholes)];
}

/**
 * The references of an expression, each as often as it is in the expression. Terraform prints each
 * reference with its beginnings after it.
 */
function printed(given: unknown): readonly string[] {
  const texts = isList(given) ? given.filter((one) => typeof one === 'string') : [];
  return texts.filter((text, at) => !isBeginning(text, texts[at - 1] ?? ''));
}

function isBeginning(text: string, of: string): boolean {
  return of.startsWith(`${text}.`) || of.startsWith(`${text}[`);
}

/** Whether a reference is to all instances of a resource that has several, or to all outputs of a module. */
function hasParts({ instancesOf }: ConfiguredPlan, scope: ModuleScope, reference: string): boolean {
  const count = instancesOf(`${prefixOf(scope)}${reference}`).length;
  return count > 1 || (count === 0 && /^module\.[\w-]+(?:\[.*\])?$/.test(reference));
}

function originOfReference(plan: ConfiguredPlan, scope: ModuleScope, reference: string, resource: Asker): Origin {
  const [first = '', second = '', ...rest] = steps(reference);
  switch (first) {
    case 'var':
      return partAt(originOfVariable(plan, scope, second), reference.slice(`var.${second}`.length));
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
      return originOfOutput(plan, scope, reference);
    case 'data':
      return attribute(scope, `data.${second}.${rest[0] ?? ''}`, reference);
    default:
      return attribute(scope, `${first}.${second}`, reference);
  }
}

/** The source of a part of a variable, such as `["main"]`. Empty: of the whole. */
function partAt(origin: Origin, part: string): Origin {
  if (part === '' || origin.is !== 'known') return partOf(origin, part !== '');
  const value = expressionAt(origin.value, pathOf(part));
  return value === undefined ? { is: 'hidden', name: 'a variable' } : known(value);
}

/**
 * The source of a part of a value. For an object, a plan prints only the references, not the part
 * that each belongs to: another part may be null.
 */
function partOf(origin: Origin, isPart: boolean): Origin {
  const isObject = origin.is === 'attributes' && origin.of.some(({ name }) => name !== '');
  return isPart && isObject ? { ...origin, isPerhaps: true, isElseNull: addsNoText(origin) } : origin;
}

function keyOf(key: string | undefined): Origin {
  return key === undefined ? { is: 'hidden', name: 'each.key' } : known(key);
}

/** `aws_kms_key.k["a"].arn`: the resource with its instance, and the attribute. */
function attribute(scope: ModuleScope, resource: string, reference: string): Origin {
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

function originOfVariable(plan: ConfiguredPlan, scope: ModuleScope, name: string): Origin {
  if (scope.call === undefined) {
    const declared = own(scope.module.variables, name);
    // A plan has the default of an ephemeral variable, not the value that was given.
    if (declared?.ephemeral === true) return hiddenVariable(name);
    const given = own(plan.plan.variables, name);
    if (given !== undefined && Object.hasOwn(given, 'value')) return known(given.value);
    return declared !== undefined && Object.hasOwn(declared, 'default')
      ? known(declared.default)
      : hiddenVariable(name);
  }
  const { from, as, key } = scope.call;
  const expression = own(as.expressions, name);
  if (expression !== undefined)
    return valueOrigin(plan, from, expression, { resource: '', key, forEach: as.for_each_expression });
  const declared = own(scope.module.variables, name);
  return declared !== undefined && Object.hasOwn(declared, 'default') ? known(declared.default) : hiddenVariable(name);
}

function hiddenVariable(name: string): Origin {
  return { is: 'hidden', name: `var.${name}` };
}

/** `name`: the attribute of the value. Empty: the whole value. */
function eachValue(plan: ConfiguredPlan, scope: ModuleScope, { key, forEach }: Asker, name: string): Origin {
  if (key === undefined || !isJson(forEach)) return { is: 'hidden', name: 'each.value' };
  const value = Object.hasOwn(forEach, 'constant_value') ? forEach['constant_value'] : undefined;
  const held = heldAt(value, key, name);
  if (held !== undefined) return held;
  const [only = '', ...others] = separate(plan, scope, forEach['references']);
  // With `for_each = module.kms`, each value is an instance of the module, and `each.value.arn` is
  // an output.
  if (/^module\.[\w-]+$/.test(only) && others.length === 0 && name !== '')
    return originOfOutput(plan, scope, `${only}[${quoted(key)}].${name}`);
  // `{ for k, v in var.instances : k => v if var.create }`
  const references = [only, ...others].filter((one) => !isChoosing(plan, scope, one));
  const whole = references.length === 1 ? { references } : forEach;
  const origin = partOf(valueOrigin(plan, scope, whole, noResource), true);
  const given = origin.is === 'known' ? heldAt(origin.value, key, name) : undefined;
  if (given !== undefined) return given;
  if (origin === ofConstants) return partKnownOrNull;
  if (origin.is !== 'attributes') return { is: 'hidden', name: 'each.value' };
  // `for_each = aws_kms_key.k`: each value is the instance of the same key.
  const valueOf = (one: Attribute): Attribute =>
    one.name === '' ? { resource: instanceAt(plan, one.resource, key) ?? one.resource, name } : one;
  return { ...origin, of: origin.of.map(valueOf) };
}

/**
 * The value of a key in the collection of a `for_each`, or the part with a name. Undefined: there is no such key.
 * A part that the configuration leaves out is null if the type of the variable has it.
 */
function heldAt(all: unknown, key: string, name: string): Origin | undefined {
  if (isList(all) && all.includes(key)) return known(key);
  if (!isJson(all) || !Object.hasOwn(all, key)) return undefined;
  const part = name === '' ? all[key] : expressionAt(all[key], pathOf(name));
  return name !== '' && (part === undefined || part === null) ? partKnownOrNull : known(part);
}

/** A part of `each.value` that nothing known only after apply decides. */
const partKnownOrNull: Origin = { is: 'hidden', name: 'each.value', isKnownOrNull: true };

/** Whether a reference is a variable whose value can only choose between other values: `var.create`. */
function isChoosing(plan: ConfiguredPlan, scope: ModuleScope, reference: string): boolean {
  const origin = reference.startsWith('var.') ? originOfReference(plan, scope, reference, noResource) : undefined;
  return origin?.is === 'known' && isSwitch(origin.value);
}

/** The origin of `module.m.out`: that of the output's expression inside the module. */
function originOfOutput(plan: ConfiguredPlan, scope: ModuleScope, reference: string): Origin {
  const { within, output, part } = moduleNamed(scope, reference);
  if (output === '') return originOfModule(plan, scope, reference);
  const declared = within === undefined ? undefined : own(within.module.outputs, output);
  if (within === undefined || declared === undefined) return { is: 'hidden', name: reference };
  return partOf(valueOrigin(plan, within, declared.expression, noResource), part !== '');
}

/**
 * The origin of a whole module: its outputs with an unknown value. The plan has the known outputs.
 */
function originOfModule(plan: ConfiguredPlan, scope: ModuleScope, reference: string): Origin {
  const { within } = moduleNamed(scope, reference);
  if (within === undefined) return { is: 'hidden', name: reference };
  const origins = Object.values(within.module.outputs).map(({ expression }) =>
    valueOrigin(plan, within, expression, noResource),
  );
  const of = origins.flatMap((origin) =>
    origin.is === 'attributes' ? origin.of.map((one) => ({ ...one, output: { isPerhaps: isSeveral(origin) } })) : [],
  );
  if (origins.length > 0 && origins.every(({ is }) => is === 'not given')) return notGiven;
  return of.length === 0 || origins.some(({ is }) => is === 'hidden')
    ? { is: 'hidden', name: reference }
    : { is: 'attributes', of, isPerhaps: false };
}

/** Whether a value may be another value than that of one certain attribute. */
function isSeveral(origin: Extract<Origin, { readonly is: 'attributes' }>): boolean {
  return origin.isPerhaps || origin.of.length > 1;
}

/**
 * The module that a reference names, with the output and the part of it. `within`: undefined if the
 * configuration has no such module.
 */
function moduleNamed(scope: ModuleScope, reference: string) {
  const match = /^module\.([^.[\]"]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.([^.[\]"]+)(.*))?/.exec(reference);
  const [, name = '', key = '', output = '', part = ''] = match ?? [];
  const as = own(scope.module.module_calls, name);
  const within: ModuleScope | undefined = as && {
    address: `${prefixOf(scope)}module.${name}${key}`,
    module: as.module,
    call: { from: scope, as, key: unquoted(key === '' ? undefined : key.slice(1, -1)) },
  };
  return { within, output, part };
}

/**
 * A plan does not have the values of a `local`. An unknown value needs an unknown source. If
 * neither the module nor its inputs have such a source, the value is null.
 */
function localOrigin(plan: ConfiguredPlan, scope: ModuleScope, name: string, { resource }: Asker): Origin {
  return mayHoldUnknown(plan, scope, resource) ? { is: 'hidden', name } : { is: 'not given', local: name };
}

/** Whether a value in a module may come from a value that is known only after apply. */
function mayHoldUnknown(plan: ConfiguredPlan, scope: ModuleScope, asking: string): boolean {
  const { module, call, address } = scope;
  const inner = `${prefixOf(scope)}module.`;
  const isSource = (one: ResourceChange): boolean => {
    const place = one.module_address ?? '';
    return place === address ? `${one.mode}.${one.type}.${one.name}` !== asking : place.startsWith(inner);
  };
  if (plan.withUnknown.some(isSource)) return true;
  return (
    call !== undefined &&
    Object.keys(module.variables).some((name) => {
      const { is } = originOfVariable(plan, scope, name);
      return is === 'attributes' || is === 'hidden';
    })
  );
}

/** Whether any part of a value is known only after apply. */
export function holdsTrue(unknown: unknown): boolean {
  if (isList(unknown)) return unknown.some(holdsTrue);
  return isJson(unknown) ? Object.values(unknown).some(holdsTrue) : unknown === true;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A key as it is in an address, where quotes and templates are escaped. */
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
