import type { CodeOf } from './codes.ts';

/*
 * The shape of the output of `evidence check --output json`.
 */

export interface InventoryReport {
  readonly files: readonly DatedFile[];
  readonly accounts: readonly HeldAccountReport[];
  readonly missing: readonly MissingReport[];
  /** Reads that failed when the evidence was collected. */
  readonly gaps: readonly GapReport[];
  /**
   * Parts of policies that are not understood, or cannot have the effect that they appear to have.
   */
  readonly warnings: readonly WarningReport[];
}

export interface DatedFile {
  readonly from: string;
  /** As in the file. Undefined: the file has no time. */
  readonly collectedAt?: string | undefined;
  /** Absent: the file has no time, or an unreadable one. */
  readonly ageInHours?: number;
}

interface HeldAccountReport {
  readonly account: string;
  /** Counts such as `3 roles`. Empty: no IAM data was read. */
  readonly iam: readonly string[];
  readonly organization: string;
  readonly regions: readonly { readonly region: string; readonly holds: readonly string[] }[];
}

export interface MissingReport {
  readonly what: string;
  readonly account: string;
  readonly region?: string;
  /**
   * The commands that need the missing data, including `audit` and `key-impact`. `all`: every
   * command.
   */
  readonly operations: readonly string[] | 'all';
  /** What these commands do without the data. */
  readonly effect: 'undetermined' | 'assumed' | 'not looked at' | 'refused';
  /**
   * The AWS CLI command that prints the data. Absent: the account's own credentials cannot read it,
   * or no single command does.
   */
  readonly command?: string;
}

export interface WarningReport {
  readonly code: CodeOf<'warning'>;
  /** The JSON path in the evidence. */
  readonly path: string;
  /** Completes the path. */
  readonly text: string;
}

interface GapReport {
  readonly what: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly resource?: string | undefined;
  readonly reason: string;
}
