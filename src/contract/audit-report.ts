import * as v from 'valibot';
import { strictObject } from '../base/objects.ts';
import { worded } from './worded.ts';

/*
 * The shape of the report of `audit`. Code imports only its types. The schema is for readers of
 * reports (a JSON Schema is generated from it) and for the tests.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const severity = v.picklist(['critical', 'high', 'medium', 'note']);

/** Things of one kind: how many there are, and their ARNs or names. */
const affected = strictObject({
  kind: v.picklist(['backups', 'databases', 'keys', 'principals', 'accounts', 'others']),
  count,
  names: v.array(v.string()),
});

const finding = strictObject({
  /** The same in every run: a hash of code, account, Region, subject and principal. */
  id: v.string(),
  /** A stable word code, such as `nobody-can-restore`. */
  code: v.string(),
  severity,
  /**
   * `holds`: certain. `undecided`: `dependsOn` decides. `accepted`: an exception or the baseline
   * accepts the finding.
   */
  state: v.picklist(['holds', 'undecided', 'accepted']),
  account: v.string(),
  region: v.nullable(v.string()),
  /**
   * The subject of the finding: the ARN of a key, a backup or a principal, or another stable name.
   */
  subject: v.string(),
  /**
   * The principal or account in the finding: an ARN, an account ID, the ID of an organization, or
   * `all`.
   */
  principal: v.nullable(v.string()),
  /** In one sentence without a period. */
  says: v.string(),
  /** Further notes, in sentences. */
  details: v.array(v.string()),
  /** What the finding certainly affects. */
  affected: v.array(affected),
  /** What the finding may affect in addition. */
  maybe: v.array(affected),
  /** Facts that decide whether the finding also affects these. */
  dependsOn: v.array(worded),
  /** The statements behind the finding. */
  statements: v.array(v.string()),
  /** IDs of `not-read` findings, because of which this finding may be wrong or incomplete. */
  weakenedBy: v.array(v.string()),
  /**
   * Only for `not-read` findings: complete databases, backups or keys may be missing from the
   * audit.
   */
  hides: v.optional(v.boolean()),
  /** Only for accepted findings. */
  accepted: v.optional(
    strictObject({
      by: v.picklist(['exception', 'baseline']),
      reason: v.string(),
      /** The last day, `YYYY-MM-DD`, in UTC. */
      until: v.string(),
      ticket: v.optional(v.string()),
    }),
  ),
  /** Only for `not-read` findings: the codes of the findings that may be wrong or incomplete. */
  weakens: v.optional(v.array(v.string())),
  /** Standards that auditors quote. */
  frameworks: v.array(strictObject({ name: v.string(), section: v.string() })),
  /** The page that explains the code, in the package. */
  page: v.string(),
  /** IDs of `fixes`. */
  fixes: v.array(v.string()),
});

/** A change that resolves a finding. */
const fix = strictObject({
  id: v.string(),
  /** The ARN of the principal that can restore with the fix. null: the fix lets nobody restore. */
  principal: v.nullable(v.string()),
  /** The ARN of a backup that this principal can then restore. null: there is no such principal. */
  backup: v.nullable(v.string()),
  steps: v.array(
    strictObject({
      owner: v.picklist(['caller', "principal's account", 'key owner', 'snapshot owner', 'organization']),
      account: v.string(),
      does: v.array(worded),
    }),
  ),
  /**
   * AWS CLI commands that carry out the steps. If the fix lets a principal restore: a command of
   * this program that prints them, with what else the fix allows, and alternatives.
   */
  commands: v.array(v.string()),
});

const counts = {
  backups: count,
  /** At least one principal can restore them. */
  restorable: count,
  /** Restorable, but only by a root user. */
  byRootOnly: count,
  /** No principal can restore them. */
  byNobody: count,
  /** It depends on an unknown fact. */
  undecided: count,
  /** RDS cannot restore them in their present state. */
  notAvailable: count,
};

const key = strictObject({
  account: v.string(),
  region: v.string(),
  /** ARN. null: the backups name no key. */
  key: v.nullable(v.string()),
  keyAlias: v.nullable(v.string()),
  ...counts,
  /** The ARNs of the principals that can restore at least one of the backups. */
  holders: v.array(v.string()),
});

export const auditReportSchema = strictObject({
  auditVersion: v.literal(1),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /** When the evidence was read. null: it does not say. */
  evidenceAt: v.nullable(v.string()),
  /** The lowest severity that counts as a failure. */
  severity,
  /** In one sentence without a period. */
  answer: v.string(),
  /** What to do first, about the worst finding. null: no finding is worse than a note. */
  first: v.nullable(
    strictObject({
      /** The ID of the finding. */
      finding: v.string(),
      /** What to do, why, until when, and where, in sentences. */
      text: v.string(),
      /** The ISO time after which it may be too late. null: no such time is known. */
      deadline: v.nullable(v.string()),
    }),
  ),
  numbers: strictObject({
    accounts: count,
    /** Regions with data that was read. */
    regions: count,
    keys: count,
    databases: count,
    /** How many principals were checked for restores. */
    principals: count,
    ...counts,
    /** Backups that an outside account can use. */
    exposed: count,
  }),
  /** What the numbers do not include, in sentences. */
  leavesOut: v.array(worded),
  /**
   * Unread data first, then findings that hold, then undecided ones, then accepted ones. Among
   * these, the worst severity first. Within a severity, losses that cannot be undone come first,
   * the soonest at the top.
   */
  findings: v.array(finding),
  /** Findings refer to them by ID. */
  fixes: v.array(fix),
  /** Backups by key. */
  keys: v.array(key),
  warnings: v.array(worded),
  /** Entries of the baseline that no longer match a finding. Absent: there is no baseline. */
  stale: v.optional(v.array(strictObject({ id: v.string(), code: v.string(), subject: v.string() }))),
  /**
   * `fails`: a finding with this severity or a worse one holds. `undetermined`: such a finding is
   * undecided.
   */
  verdict: v.picklist(['succeeds', 'fails', 'undetermined']),
});

export type AuditReport = v.InferOutput<typeof auditReportSchema>;
export type ReportedFinding = AuditReport['findings'][number];
export type AuditFix = AuditReport['fixes'][number];
export type AuditedKey = v.InferOutput<typeof key>;
