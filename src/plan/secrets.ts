import { isArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { regionNames } from '../base/partition.ts';
import { remembered } from '../base/remembered.ts';
import { readPolicyText } from '../policy/parse.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import { finder, shortest } from './hidden.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';

/*
 * Finds the values that a plan marks as sensitive. Terraform marks a whole policy if one of its
 * values is sensitive. The values of its conditions are then secrets. Its other texts are names and
 * actions, which are secrets only if they contain a secret.
 */

/** A text, and whether Terraform would not show it. */
interface Leaf {
  readonly text: string;
  readonly isSensitive: boolean;
  /** The text is also a secret if it contains one. */
  readonly isPart?: boolean;
}

/** The sensitive values of a plan, without values that everybody may know. */
export function secretsIn(plan: TerraformPlan): readonly string[] {
  const [variables, resources] = [variablesIn(plan), valuesIn(plan)];
  if (![...variables, ...resources].some(({ mark }) => holdsTrue(mark))) return [];
  const values = [...variables.map(({ value, mark }) => leaves(value, mark)), ...resources.map(leavesOf)];
  // Most policies are in a plan three times: before, after and in the state.
  const shown = remembered((text) => policyTexts({ text, isSensitive: false }));
  const hidden = remembered((text) => policyTexts({ text, isSensitive: true }));
  const found = values
    .flat()
    .map((leaf) => ({ ...leaf, inPolicy: leaf.isSensitive ? hidden(leaf.text) : shown(leaf.text) }));
  const whole = found.filter(({ isSensitive, inPolicy }) => isSensitive && inPolicy === undefined);
  const secrets = unknownOf(whole);
  const tellingIn = finder(
    secrets.filter((text) => text.length >= shortest).map((text) => ({ lower: text.toLowerCase() })),
  );
  const parts = [...found.filter(({ isPart }) => isPart), ...found.flatMap(({ inPolicy = [] }) => inPolicy)];
  const isTelling = remembered((text) => tellingIn(text.toLowerCase()).length > 0);
  const isSecret = ({ text, isSensitive }: Leaf): boolean => isSensitive || isTelling(text);
  return [...new Set([...secrets, ...unknownOf(parts.filter(isSecret))])];
}

function unknownOf(all: readonly Leaf[]): readonly string[] {
  return [...new Set(all.map(({ text }) => text))].filter((text) => !isKnown(text));
}

/** Identifiers of AWS, which may be shown, and words that reveal nothing. */
function isKnown(text: string): boolean {
  return (
    text.trim() === '' ||
    (isArn(text) && !/\s/.test(text)) ||
    /^\d{12}$|^(?:true|false)$|^\*$|\.amazonaws\.com$/i.test(text) ||
    regionNames.test(text)
  );
}

interface Marked {
  readonly value: unknown;
  /** The shape of the value, with `true` where Terraform would not show it. */
  readonly mark: unknown;
}

function valuesIn({ resource_changes: changes, prior_state: state }: TerraformPlan): readonly Marked[] {
  const held: Marked[] = changes.flatMap(({ change }) => [
    { value: change.before, mark: change.before_sensitive },
    { value: change.after, mark: change.after_sensitive },
  ]);
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    held.push(...resources.map(({ values, sensitive_values: mark }) => ({ value: values, mark })));
    modules.forEach(visit);
  };
  const root = state?.values?.root_module;
  if (root !== undefined) visit(root);
  return held;
}

function variablesIn({ variables, configuration: { root_module: root } }: TerraformPlan): readonly Marked[] {
  return Object.entries(variables).flatMap(([name, { value }]) =>
    Object.hasOwn(root.variables, name) && root.variables[name]?.sensitive === true ? [{ value, mark: true }] : [],
  );
}

function leaves(value: unknown, mark: unknown): readonly Leaf[] {
  if (typeof value === 'string' || typeof value === 'number')
    return [{ text: String(value), isSensitive: mark === true }];
  if (isList(value)) return value.flatMap((one, index) => leaves(one, markAt(mark, index)));
  return isJson(value) ? Object.entries(value).flatMap(([name, one]) => leaves(one, markAt(mark, name))) : [];
}

function markAt(mark: unknown, step: string | number): unknown {
  if (mark === true) return true;
  if (isList(mark)) return typeof step === 'number' ? mark[step] : undefined;
  return isJson(mark) && typeof step === 'string' ? propertyOf(mark, step) : undefined;
}

/** The texts of a policy. Undefined: the leaf is not a policy. */
function policyTexts({ text, isSensitive }: Leaf): readonly Leaf[] | undefined {
  if (!/Statement/.test(text)) return undefined;
  const read = readPolicyText(text);
  if ('fault' in read || !isJson(read.value)) return undefined;
  const { Statement: given } = read.value;
  const statements = (isList(given) ? given : [given]).filter(isJson);
  return statements.flatMap((statement) =>
    Object.entries(statement).flatMap(([name, value]) => {
      if (wordsOfAws.has(name)) return [];
      if (name !== 'Condition') return leaves(value, false);
      return isJson(value) ? Object.values(value).flatMap((keys) => leaves(keys, isSensitive)) : [];
    }),
  );
}

/**
 * The texts of a resource. Tags and policies explain answers, so their texts are judged one by one.
 */
function leavesOf({ value, mark }: Marked): readonly Leaf[] {
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const marked = markAt(mark, name);
    const all = name === 'statement' || name === 'inline_policy' ? ofBlocks(one, marked) : leaves(one, marked);
    return partial.has(name) ? all.map((leaf) => ({ ...leaf, isPart: true })) : all;
  });
}

const partial: ReadonlySet<string> = new Set(['inline_policy', 'statement', 'tags', 'tags_all']);

/** Elements of a policy, and attributes of its blocks, that hold words of AWS alone. */
const wordsOfAws: ReadonlySet<string | number> = new Set([
  'Action',
  'Effect',
  'NotAction',
  'actions',
  'effect',
  'not_actions',
  'test',
  'type',
  'variable',
]);

/**
 * The texts of the blocks of a policy. If one value is sensitive, Terraform marks the whole set of
 * blocks. Then only the values of conditions and the policies are secrets.
 */
function ofBlocks(value: unknown, mark: unknown): readonly Leaf[] {
  if (!isJson(value) && !isList(value)) return leaves(value, mark);
  const entries: readonly (readonly [string | number, unknown])[] = isList(value)
    ? value.map((one, index) => [index, one] as const)
    : Object.entries(value);
  return entries.flatMap(([step, one]) => {
    const marked = markAt(mark, step);
    if (wordsOfAws.has(step)) return [];
    if (step === 'values' || step === 'policy') return leaves(one, marked);
    const isBlocks = isList(one) || isJson(one);
    return isBlocks ? ofBlocks(one, marked) : leaves(one, mark === true ? undefined : marked);
  });
}
