import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';

/*
 * The shape of a file of exceptions for `audit`, for editors: a JSON Schema is generated from it.
 * The program itself reads such files with src/audit/exceptions.ts, which reports faults with line
 * and column.
 */

const text = v.pipe(v.string(), v.minLength(1));
const texts = v.union([text, v.pipe(v.array(text), v.minLength(1))]);
const account = v.pipe(v.string(), v.regex(/^\d{12}$/));

const exception = strictObject({
  /** The code of a finding. */
  code: v.optional(texts),
  /** The name, ARN or alias of the key, backup or database. `*` and `?` are wildcards. */
  subject: v.optional(texts),
  /** The name or ARN of a user or role, an account ID, the ID of an organization, or `all`. */
  principal: v.optional(texts),
  /** The account of the finding. */
  account: v.optional(v.union([account, v.pipe(v.array(account), v.minLength(1))])),
  /** The ID of a finding. */
  id: v.optional(texts),
  reason: text,
  /** The last day of the exception, in UTC. */
  until: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  ticket: v.optional(text),
});

export const exceptionsSchema = strictObject({
  $schema: v.optional(v.string()),
  version: v.union([v.literal(1), v.literal('1')]),
  exceptions: v.union([exception, v.pipe(v.array(exception), v.minLength(1))]),
});
