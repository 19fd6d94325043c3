import { kebab } from './catalogue.ts';
import type { Operation } from './operation.ts';
import type { Parameter } from './parameters.ts';
import { rowOf } from './request-parameters.ts';
import type { SourceFlag } from './source-flags.ts';

/*
 * The names that the AWS CLI has for our flags. The AWS CLI takes its names from the API's
 * parameters. So they follow from the request of each operation and from the table of parameters.
 */

/** An option of the AWS CLI, without dashes, and our flag of the same meaning. */
export type ApiName =
  | { readonly name: string; readonly source: SourceFlag }
  | { readonly name: string; readonly parameter: Parameter };

/**
 * The options of the AWS CLI for the operations. A name that has different meanings in two of the
 * operations is left out.
 */
export function apiNames(operations: readonly Operation[]): readonly ApiName[] {
  const all = operations.flatMap(namesOf);
  const names = [...new Set(all.map(({ name }) => name))];
  return names.flatMap((name) => {
    const [first, ...others] = all.filter((one) => one.name === name);
    return first !== undefined && others.every((other) => meaning(other) === meaning(first)) ? [first] : [];
  });
}

/** The flag of ours, without dashes. */
export function meaning(name: ApiName): SourceFlag | Parameter {
  return 'source' in name ? name.source : name.parameter;
}

function namesOf({ reads, request, parameters }: Operation): readonly ApiName[] {
  const sources = reads === undefined ? [] : (request.source ?? []);
  const named = parameters.flatMap((parameter): readonly ApiName[] => {
    const own = parameter === 'to' ? request.to : rowOf(parameter).request;
    return own === undefined ? [] : [{ name: kebab(own), parameter }];
  });
  return [
    ...sources.flatMap((source) => (reads === undefined ? [] : [{ name: kebab(source), source: reads.flag }])),
    ...named.filter((one) => one.name !== meaning(one)),
  ];
}
