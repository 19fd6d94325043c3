import type { SourceType } from '../evidence/sources.ts';
import type { Gathered } from './gathered.ts';
import type { Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

/** What a check needs, so that only this is read. */
export interface ToRead {
  /**
   * An ARN, or a name in the account of the credentials. Absent: the principal of the credentials.
   */
  readonly principal?: string;
  /**
   * Other principals that take part: roles that are passed, by ARN or by name in the account of the
   * principal, and principals of accounts that something is shared with, by ARN.
   */
  readonly otherPrincipals: readonly string[];
  /**
   * The possible types of the source, with the likeliest first. Empty: the operation has no source.
   */
  readonly types: readonly SourceType[];
  /** An identifier, ARN or resource ID. Absent: all sources in the Region. */
  readonly target?: string;
  /** The Region of the source, if it is not the Region of the operation. */
  readonly sourceRegion?: string;
  /**
   * The operation is called in the Region of its result, and the ARN of its source may be in
   * another Region (rds-kms-operations-2 13.10). Absent: false.
   */
  readonly crosses?: boolean;
  /** ARNs of managed policies in addition to those of the principals. Absent: none. */
  readonly policyArns?: readonly string[];
  /** Key IDs, key ARNs, alias names or alias ARNs. */
  readonly kmsKeyIds: readonly string[];
  /** ARNs of further keys and aliases, which may not exist. Absent: none. */
  readonly mentionedKeys?: readonly string[];
  /**
   * Whether it matters which accounts snapshots are shared with. It always does if the principal
   * belongs to another account.
   */
  readonly sharing: boolean;
  /**
   * Whether the quotas of RDS count, in the principal's account and the Region of the operation.
   */
  readonly quotas: boolean;
}

/** The credentials of a reading, and where its results go. */
export interface LiveReading {
  readonly settings: ClientSettings;
  /** The account of the credentials. */
  readonly account: string;
  readonly reader: Reader;
  readonly gathered: Gathered;
}
