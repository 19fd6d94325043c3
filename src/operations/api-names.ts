import { kebab } from './catalogue.ts';
import type { Operation } from './operation.ts';
import type { Parameter } from './parameters.ts';
import { rowOf } from './request-parameters.ts';
import type { SourceFlag } from './source-flags.ts';

/*
 * The AWS CLI's names of our flags. The AWS CLI takes its names from the parameters of the API, so
 * they follow from the request of each operation and from the table of parameters.
 */

/** An option of the AWS CLI, without dashes, and our flag with the same meaning. */
export type ApiName =
  | { readonly name: string; readonly source: SourceFlag }
  | { readonly name: string; readonly parameter: Parameter };

/**
 * The options of the AWS CLI for these operations. A name that means different things in two
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

/** Our flag, without dashes. */
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
