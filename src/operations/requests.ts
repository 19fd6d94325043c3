import { isJson, isList } from '../base/json.ts';
import { catalogue } from './catalogue.ts';
import type { Operation } from './operation.ts';
import type { OperationParameters, ParameterKinds } from './parameters.ts';
import { allParameters, rowOf } from './request-parameters.ts';

/*
 * Reads a recorded request: its operation and its parameters. The catalog and the table of
 * parameters define the names.
 */

/**
 * The operation of a request. `text` is the value of a parameter; undefined: the request does not
 * have it. For a request that a service makes as a role, see `asRoleOf`.
 */
export function operationOfRequest(
  api: string,
  text: (parameter: string) => string | undefined,
): Operation | undefined {
  const sharing = catalogue.filter((one) => one.api === api && one.runsAsRole !== true);
  const conditional = sharing.find(
    ({ request: { when } }) => when !== undefined && text(when.parameter)?.includes(when.holds),
  );
  return conditional ?? sharing.find(({ request }) => request.when === undefined);
}

/**
 * The operation of the same API that a service such as AWS Backup runs as a role that it assumes.
 */
export function asRoleOf(service: string | undefined, { api }: Operation): Operation | undefined {
  return catalogue.find((one) => one.api === api && one.runsAsRole === true && one.assumedBy === service);
}

/** A field of a request. Records spell its name in their own way: `dBClusterIdentifier`. */
export function fieldOf(from: unknown, name: string): unknown {
  if (!isJson(from)) return undefined;
  const found = Object.entries(from).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

/** A field of a request, if it has a non-empty text. */
export function textOf(from: unknown, name: string): string | undefined {
  return readers.text(fieldOf(from, name));
}

/** The parameters of a recorded request that mean the same in every API. */
export function parametersOf(request: unknown): OperationParameters {
  const pairs = allParameters().flatMap((flag): readonly (readonly [string, unknown])[] => {
    const { property, kind, request: name, field } = rowOf(flag);
    const value = name === undefined ? undefined : readers[kind](fieldOf(request, name), field);
    return value === undefined ? [] : [[property, value]];
  });
  return Object.fromEntries(pairs);
}

/**
 * How to read each kind of parameter from a request. `field`: see ParameterRow. Undefined: the
 * value is not of this kind.
 */
const readers: {
  readonly [Kind in keyof ParameterKinds]: (value: unknown, field?: string) => ParameterKinds[Kind] | undefined;
} = {
  text: (value) =>
    typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined,
  switch: (value) => (typeof value === 'boolean' ? value : undefined),
  list: (value, field) => {
    if (!isList(value)) return undefined;
    const texts = field === undefined ? value.map(String) : value.flatMap((one) => textOf(one, field) ?? []);
    return texts.length > 0 ? texts : undefined;
  },
  tags: (value) => {
    if (!isList(value) || value.length === 0) return undefined;
    const pairs = value.flatMap((tag): readonly (readonly [string, string])[] => {
      const key = textOf(tag, 'key');
      return key === undefined ? [] : [[key, textOf(tag, 'value') ?? '']];
    });
    return Object.fromEntries(pairs);
  },
};
