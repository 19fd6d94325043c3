/*
 * src/cli/options/ the options that commands share, and how their values are read.
 */

import { InvalidArgumentError } from 'commander';
import { isJson, isList } from '../../base/json.ts';
import { parsePrincipalArn } from '../../base/principal-arn.ts';
import { regionComplaint } from '../../operations/parameters.ts';

/** Collects the values of an option that may be repeated. */
export function more(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path];
}

/**
 * Reads a list in the forms of the AWS CLI: words, or JSON. `field`: the wanted field of a
 * structure (`RoleArn=...,FeatureName=...`, or JSON). Without it, the items are texts.
 * @throws InvalidArgumentError
 */
export function listItems(text: string, field?: string): readonly string[] {
  if (!/^[[{]/.test(text)) return [field === undefined ? text : fieldIn(text, field)];
  const json = jsonOf(text);
  const items = (isList(json) ? json : [json]).map((one) => (field !== undefined && isJson(one) ? one[field] : one));
  if (items.every((one) => typeof one === 'string')) return items;
  throw new InvalidArgumentError(
    field === undefined
      ? 'give a list of strings, such as ["111122223333"]'
      : `give a list of structures, such as [{"${field}": "..."}]`,
  );
}

/**
 * The field of a structure in the AWS CLI's shorthand. A text that is not a structure is the value
 * itself.
 */
function fieldIn(text: string, field: string): string {
  const [, first, second] = new RegExp(String.raw`(?:^|,)${field}=(?:"([^"]*)"|([^,]*))`).exec(text) ?? [];
  const found = first ?? second;
  if (found !== undefined) return found;
  if (!/^[A-Z]\w*=/.test(text)) return text;
  throw new InvalidArgumentError(`give ${field} in each structure, such as ${field}=...`);
}

/** @throws InvalidArgumentError */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('write the value as JSON');
  }
}

/** The value of --region. */
export function regionName(text: string): string {
  const complaint = regionComplaint(text);
  if (complaint === undefined) return text;
  throw new InvalidArgumentError(complaint);
}

/** A value of --region, if it may be repeated. */
export function regionNamed(text: string, before: readonly string[] = []): readonly string[] {
  return more(regionName(text), before);
}

/** A value of --role-arn, which may be repeated. */
export function roleArnValue(text: string, before: readonly string[] = []): readonly string[] {
  if (parsePrincipalArn(text)?.type === 'role') return more(text, before);
  throw new InvalidArgumentError('give the ARN of a role, such as arn:aws:iam::444455556666:role/reader');
}

/** The embedded example: an account, or an organization that has every finding of an audit. */
export type DemoName = true | 'estate';
