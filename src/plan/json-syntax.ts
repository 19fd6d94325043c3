import { isJson, isList } from '../base/json.ts';

/*
 * Configuration in JSON (`.tf.json`, such as CDK for Terraform writes it). For an expression in a text,
 * `"${aws_kms_key.k.arn}"`, Terraform prints the text as a constant beside its references.
 */

/** A part of a configuration without constants that are expressions. */
export function withoutExpressionTexts(configuration: unknown): unknown {
  return isInJson(configuration) ? mapped(configuration) : configuration;
}

/** Whether an expression has both a constant and references, which no other syntax leads to. */
function isInJson(value: unknown): boolean {
  if (isList(value)) return value.some(isInJson);
  return isJson(value) && (isReference(value) || Object.values(value).some(isInJson));
}

function isReference(value: Readonly<Record<string, unknown>>): boolean {
  const { references } = value;
  return Object.hasOwn(value, 'constant_value') && isList(references) && references.length > 0;
}

function mapped(value: unknown): unknown {
  if (isList(value)) return value.map(mapped);
  if (!isJson(value)) return value;
  const { constant_value: constant, ...others } = value;
  const isExpression = isReference(value) || (Object.hasOwn(value, 'constant_value') && hasTemplate(constant));
  return Object.fromEntries(
    Object.entries(isExpression ? others : value).map(([name, one]) => [
      name,
      name === 'constant_value' ? one : mapped(one),
    ]),
  );
}

/** Whether a text has an expression: `${...}` or `%{...}`. `$${` is the text `${`. */
function hasTemplate(value: unknown): boolean {
  if (typeof value === 'string') return /(?<!\$)\$\{|(?<!%)%\{/.test(value);
  if (isList(value)) return value.some(hasTemplate);
  return isJson(value) && Object.values(value).some(hasTemplate);
}
