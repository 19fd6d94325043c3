import * as v from 'valibot';

/*
 * Schemas of JSON objects. Valibot takes a list for an object (`[]` for one without entries); a
 * file that holds a list where an object is due would then say that nothing is there.
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

/** What an issue says of a value of another type: `is a list, but must be an object`. */
export function typeFault({ received, expected }: Pick<v.BaseIssue<unknown>, 'received' | 'expected'>): string {
  return `is ${typeWords(received)}, but must be ${typeWords(expected ?? 'unknown')}`;
}

/** Valibot's name of a type, of a value or of one of several (`(Object | null)`), in plain words. */
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
