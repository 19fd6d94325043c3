import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';

/*
 * The shape of a baseline, for readers of baselines: a JSON Schema is generated from it. The
 * program itself reads baselines with src/preflight/baseline.ts.
 */

const entry = strictObject({
  /** The ID of an expectation or of a finding. */
  id: v.string(),
  /** An ARN, an account ID, the ID of an organization, or `all`. Empty: nobody in particular. */
  who: v.string(),
  /**
   * The command or KMS action that was checked, or the code of the finding or of the missing thing.
   */
  operation: v.string(),
  /** An ARN, the name of a missing thing, or the subject of a finding. */
  source: v.string(),
  account: v.string(),
  region: v.string(),
  /** A finding that holds is `broken`, an undecided finding is `unproven`. */
  outcome: v.picklist(['broken', 'unproven']),
  /** Only for findings. */
  severity: v.optional(v.picklist(['critical', 'high', 'medium', 'note'])),
  /** Only for findings: what the finding affects or may affect, as ARNs and names. */
  names: v.optional(v.array(v.string())),
});

export const baselineSchema = strictObject({
  baselineVersion: v.literal(1),
  /** The command that wrote the baseline. */
  command: v.picklist(['audit', 'preflight']),
  reason: v.string(),
  /** The last day, `YYYY-MM-DD`, in UTC. */
  until: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  entries: v.array(entry),
});
