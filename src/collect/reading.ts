import type { SourceType } from '../evidence/sources.ts';
import type { Gathered } from './gathered.ts';
import type { Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

/** What a check is going to ask, so only this is read. */
export interface ToRead {
  /** ARN, or name in the account of the credentials; absent: the caller of the credentials. */
  readonly principal?: string;
  /**
   * Other principals that take part: roles that are passed, by ARN or by name in the account of the
   * principal, and principals of accounts that something is shared with, by ARN.
   */
  readonly otherPrincipals: readonly string[];
  /** What the source may be, the likeliest first; empty: the operation reads none. */
  readonly types: readonly SourceType[];
  /** Identifier, ARN or resource id; absent: all in the Region. */
  readonly target?: string;
  /** Where the source is, if not where the operation happens. */
  readonly sourceRegion?: string;
  /**
   * The operation is called where its result is to be, and the ARN of its source may lie in another
   * Region (rds-kms-operations-2 13.10). Absent: false.
   */
  readonly crosses?: boolean;
  /** ARNs of managed policies in addition to those of the principals. Absent: none. */
  readonly policyArns?: readonly string[];
  /** Key ids, key ARNs, alias names or alias ARNs. */
  readonly kmsKeyIds: readonly string[];
  /** ARNs of further keys and aliases, which may not exist. Absent: none. */
  readonly mentionedKeys?: readonly string[];
  /**
   * Whether it matters with whom snapshots are shared. It always does where the principal is of
   * another account.
   */
  readonly sharing: boolean;
  /**
   * Whether the quotas of RDS count, in the account of the principal where the operation happens.
   */
  readonly quotas: boolean;
}

/** Whose credentials read, and where what they read goes. */
export interface LiveReading {
  readonly settings: ClientSettings;
  /** The account of the credentials. */
  readonly account: string;
  readonly reader: Reader;
  readonly gathered: Gathered;
}
