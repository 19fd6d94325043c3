/*
 * src/base/ values that every layer shares: ARNs, partitions, JSON, globs, shell arguments, and
 * the failure that ends a run without a verdict. Nothing here knows RDS, KMS or a policy, apart
 * from how AWS writes names.
 */

/**
 * What a run can end with other than a verdict. The kind decides the exit code (cli/exit-code.ts):
 * `input` a flag or a file is wrong, `setup` credentials or Region are missing, `aws` AWS refused
 * or failed a read without which no verdict is possible.
 */
export type FailureKind = 'input' | 'setup' | 'aws';

/**
 * One sentence without a period saying what happened and where; `next` says what to do about it.
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
