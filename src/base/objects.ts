import * as v from 'valibot';

/*
 * Schemas of JSON objects. Valibot accepts a list as an object (`[]` as one without entries). A
 * file with a list in place of an object would then look empty.
 */

export function looseObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return noList(v.looseObject(entries));
}

export function strictObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return noList(v.strictObject(entries));
}

export function record<
  const Key extends v.BaseSchema<string, string | number | symbol, v.BaseIssue<unknown>>,
  const Value extends v.GenericSchema,
>(key: Key, value: Value) {
  return noList(v.record(key, value));
}

function noList<Schema extends v.GenericSchema>(schema: Schema): Schema {
  return {
    ...schema,
    '~run'(dataset, config) {
      const { value } = dataset;
      return Array.isArray(value)
        ? { typed: false, value, issues: [isListIssue(schema, value)] }
        : schema['~run'](dataset, config);
    },
  };
}

function isListIssue({ type, expects }: v.GenericSchema, input: unknown): v.BaseIssue<unknown> {
  return { kind: 'schema', type, input, expected: expects, received: 'Array', message: 'must not be a list' };
}

/** The text of an issue about the type of a value: `is a list, but must be an object`. */
export function typeFault({ received, expected }: Pick<v.BaseIssue<unknown>, 'received' | 'expected'>): string {
  return `is ${typeWords(received)}, but must be ${typeWords(expected ?? 'unknown')}`;
}

/** Valibot's name of one or several types (`(Object | null)`) in plain words. */
export function typeWords(type: string): string {
  const plain: Readonly<Record<string, string>> = {
    Array: 'a list',
    Object: 'an object',
    string: 'a string',
    number: 'a number',
    boolean: 'true or false',
  };
  const names = /^\(.* \| .*\)$/.test(type) ? type.slice(1, -1).split(' | ') : [type];
  return names.map((name) => plain[name] ?? name).join(' or ');
}
