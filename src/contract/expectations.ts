import * as v from 'valibot';
import { record, strictObject } from '../base/objects.ts';

/*
 * The shape of a file of expectations, for editors: a JSON Schema is generated from it. The program
 * itself reads such files with src/preflight/, which reports faults with line and column. A test
 * compares the schema with that reader.
 */

const text = v.pipe(v.string(), v.minLength(1));

function oneOrMore<Schema extends v.GenericSchema>(schema: Schema) {
  return v.union([schema, v.pipe(v.array(schema), v.minLength(1))]);
}

const account = v.pipe(v.string(), v.regex(/^\d{12}$/));
const tags = v.union([text, v.array(text), record(v.string(), v.string())]);
const flag = v.union([v.string(), v.boolean(), v.array(v.string()), record(v.string(), v.string())]);

const who = v.union([
  text,
  strictObject({
    match: text,
    not: v.optional(oneOrMore(text)),
    tag: v.optional(tags),
    account: v.optional(account),
  }),
]);

const source = v.union([
  text,
  strictObject({ match: text, not: v.optional(oneOrMore(text)), tag: v.optional(tags) }),
  strictObject({
    'newest-of': text,
    'max-age': v.optional(v.pipe(v.string(), v.regex(/^\d{1,6}[mhd]$/))),
    region: v.optional(text),
    type: v.optional(v.picklist(['manual', 'automated', 'awsbackup'])),
  }),
]);

const call = v.union([
  text,
  strictObject({
    action: v.optional(text),
    layer: v.optional(v.picklist(['scp', 'rcp', 'boundary', 'identity', 'resource', 'session'])),
    sid: v.optional(text),
  }),
]);

const session = strictObject({
  mfa: v.optional(v.union([v.boolean(), v.picklist(['true', 'false'])])),
  'source-ip': v.optional(text),
  'vpc-endpoint': v.optional(text),
  tags: v.optional(tags),
  policy: v.optional(text),
  context: v.optional(record(v.string(), v.union([v.string(), v.array(v.string())]))),
});

const exception = strictObject({
  who: v.optional(oneOrMore(who)),
  source: v.optional(oneOrMore(text)),
  operation: v.optional(oneOrMore(text)),
  reason: text,
  /** The last day of the exception, in UTC. */
  until: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  ticket: v.optional(text),
});

const place = { account: v.optional(oneOrMore(account)), region: v.optional(oneOrMore(text)) };

const expectation = strictObject({
  id: text,
  why: text,
  who: v.optional(oneOrMore(who)),
  only: v.optional(oneOrMore(who)),
  can: v.optional(oneOrMore(text)),
  cannot: v.optional(oneOrMore(text)),
  cluster: v.optional(oneOrMore(source)),
  instance: v.optional(oneOrMore(source)),
  snapshot: v.optional(oneOrMore(source)),
  'instance-snapshot': v.optional(oneOrMore(source)),
  'in-cluster': v.optional(oneOrMore(source)),
  'backups-of': v.optional(oneOrMore(source)),
  key: v.optional(oneOrMore(source)),
  flags: v.optional(record(v.string(), flag)),
  ...place,
  session: v.optional(session),
  because: v.optional(oneOrMore(call)),
  'at-least': v.optional(
    v.union([v.pipe(v.number(), v.integer(), v.minValue(0)), v.pipe(v.string(), v.regex(/^\d+$/))]),
  ),
  except: v.optional(oneOrMore(exception)),
});

export const expectationsSchema = strictObject({
  $schema: v.optional(v.string()),
  version: v.union([v.literal(1), v.literal('1')]),
  defaults: v.optional(strictObject(place)),
  expectations: v.pipe(v.array(expectation), v.minLength(1)),
});
