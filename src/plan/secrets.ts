import { isArn } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { regionNames } from '../base/partition.ts';
import { readPolicyText } from '../policy/parse.ts';
import { propertyOf } from './configuration.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';

/*
 * Values that a plan marks as sensitive, and that an answer could show: values of conditions, which
 * explain a decision, and values of tags. Everything else that an answer shows of a plan is a name
 * (infrastructure-plans 0.9).
 */

/** A text, and whether Terraform would not show it. */
interface Leaf {
  readonly text: string;
  readonly isSensitive: boolean;
}

/** The sensitive values of a plan that an answer could show. */
export function secretsIn(plan: TerraformPlan): readonly string[] {
  const values = valuesIn(plan);
  const all = values.flatMap(({ value, mark }) => leaves(value, mark));
  const sensitive = [...variablesIn(plan), ...all.filter(({ isSensitive }) => isSensitive).map(({ text }) => text)];
  const marks = [...new Set(sensitive)].filter((text) => text.length >= shortest);
  const shown = [...all.flatMap(conditionsIn), ...values.flatMap(({ value, mark }) => blocksAndTags(value, mark))];
  const secret = shown.filter(({ text, isSensitive }) => isSensitive || marks.some((one) => text.includes(one)));
  return [...new Set(secret.map(({ text }) => text))].filter((text) => !isName(text));
}

/** A shorter text stands in too many others. */
const shortest = 4;

/** Names may be shown, and hiding a word such as `true` would only spoil the answer. */
function isName(text: string): boolean {
  return (
    text.length < shortest ||
    isArn(text) ||
    /^\d{12}$|^(?:true|false)$|\.amazonaws\.com$/i.test(text) ||
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

function variablesIn({ variables, configuration: { root_module: root } }: TerraformPlan): readonly string[] {
  return Object.entries(variables).flatMap(([name, { value }]) =>
    Object.hasOwn(root.variables, name) && root.variables[name]?.sensitive === true
      ? leaves(value, true).map(({ text }) => text)
      : [],
  );
}

function leaves(value: unknown, mark: unknown): readonly Leaf[] {
  if (typeof value === 'string') return [{ text: value, isSensitive: mark === true }];
  if (isList(value)) return value.flatMap((one, index) => leaves(one, markAt(mark, index)));
  return isJson(value) ? Object.entries(value).flatMap(([name, one]) => leaves(one, markAt(mark, name))) : [];
}

function markAt(mark: unknown, step: string | number): unknown {
  if (mark === true) return true;
  if (isList(mark)) return typeof step === 'number' ? mark[step] : undefined;
  return isJson(mark) && typeof step === 'string' ? propertyOf(mark, step) : undefined;
}

/** The values of the conditions of a policy. */
function conditionsIn({ text, isSensitive }: Leaf): readonly Leaf[] {
  if (!/"Condition"/i.test(text)) return [];
  const read = readPolicyText(text);
  if ('fault' in read || !isJson(read.value)) return [];
  const { Statement: given } = read.value;
  const statements = (isList(given) ? given : [given]).filter(isJson);
  return statements.flatMap(({ Condition: tests }) =>
    isJson(tests) ? Object.values(tests).flatMap((keys) => leaves(keys, isSensitive)) : [],
  );
}

/** The values of the conditions of a data source that gives a policy, and the values of tags. */
function blocksAndTags(value: unknown, mark: unknown): readonly Leaf[] {
  if (!isJson(value)) return [];
  const tags = ['tags', 'tags_all'].flatMap((name) => leaves(propertyOf(value, name), markAt(mark, name)));
  const given = propertyOf(value, 'statement');
  const statements = isList(given) ? given : [];
  return [
    ...tags,
    ...statements.flatMap((one, index) => {
      const tests = isJson(one) ? propertyOf(one, 'condition') : undefined;
      const marks = markAt(markAt(markAt(mark, 'statement'), index), 'condition');
      return (isList(tests) ? tests : []).flatMap((test, at) =>
        isJson(test) ? leaves(propertyOf(test, 'values'), markAt(markAt(marks, at), 'values')) : [],
      );
    }),
  ];
}
