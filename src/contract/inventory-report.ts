import type { CodeOf } from './codes.ts';

/*
 * The shape of the output of `evidence check --output json`.
 */

export interface InventoryReport {
  readonly files: readonly DatedFile[];
  readonly accounts: readonly HeldAccountReport[];
  readonly missing: readonly MissingReport[];
  /** Reads that failed when the evidence was put together. */
  readonly gaps: readonly GapReport[];
  /**
   * Parts of policies that are not understood, or cannot have the effect that they seem to have.
   */
  readonly warnings: readonly WarningReport[];
}

export interface DatedFile {
  readonly from: string;
  /** As the file says; undefined: it does not say. */
  readonly collectedAt?: string | undefined;
  /** Absent: the file does not say, or says no time. */
  readonly ageInHours?: number;
}

interface HeldAccountReport {
  readonly account: string;
  /** Counts such as `3 roles`. Empty: nothing of IAM was read. */
  readonly iam: readonly string[];
  readonly organization: string;
  readonly regions: readonly { readonly region: string; readonly holds: readonly string[] }[];
}

export interface MissingReport {
  readonly what: string;
  readonly account: string;
  readonly region?: string;
  /** The commands that lack it, `audit` and `key-impact` among them. `all`: every command. */
  readonly operations: readonly string[] | 'all';
  /** What they do without it. */
  readonly effect: 'undetermined' | 'assumed' | 'not looked at' | 'refused';
  /**
   * The AWS CLI command that prints it. Absent: the account's own credentials cannot read it, or
   * no single command does.
   */
  readonly command?: string;
}

export interface WarningReport {
  readonly code: CodeOf<'warning'>;
  /** JSON path in the evidence. */
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
