/*
 * src/base/ values that every layer shares: ARNs, partitions, JSON, globs, shell arguments, and the
 * failure that ends a run without a verdict. This folder knows nothing about RDS, KMS or policies,
 * except how AWS writes names.
 */

/**
 * How a run can end without a verdict. The kind decides the exit code (cli/exit-code.ts). `input`:
 * a flag or a file is wrong. `setup`: credentials or the Region are missing. `aws`: AWS refused or
 * failed a read that every verdict needs.
 */
export type FailureKind = 'input' | 'setup' | 'aws';

/**
 * One sentence without a period that says what happened and where. `next` says what to do about it.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly next: string | undefined;

  constructor(kind: FailureKind, message: string, next?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.kind = kind;
    this.next = next;
  }
}
