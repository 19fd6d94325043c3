import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';

/** A rule of the rule book. `path`: the page in the package, with the anchor of the rule. */
export const rule = strictObject({ id: v.string(), title: v.string(), path: v.string() });

/**
 * A sentence, with a `code` of the registry (codes.ts) that means the same to a program. `source`:
 * the rule behind the sentence, if it has its own.
 */
export const worded = strictObject({ code: v.string(), text: v.string(), source: v.optional(rule) });

export type ReportedText = v.InferOutput<typeof worded>;
