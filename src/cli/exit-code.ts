import type { FailureKind } from '../base/failure.ts';
import type { Verdict } from '../contract/report.ts';

/** The verdicts for which a run exits with a code other than 0. */
export type FailOn = 'fails' | 'undetermined' | 'never';

export const failOnChoices: readonly FailOn[] = ['fails', 'undetermined', 'never'];

/** A defect of this program. */
export const defect = 255;
export const badUsage = 252;

const failures: Readonly<Record<FailureKind, number>> = { input: badUsage, setup: 253, aws: 254 };

/** Exit codes of runs without a verdict are those of the AWS CLI. */
export function exitCodeOfFailure(kind: FailureKind): number {
  return failures[kind];
}

export function exitCodeOfVerdict(verdict: Verdict, failOn: FailOn): number {
  if (failOn === 'never' || verdict === 'succeeds') return 0;
  if (verdict === 'fails') return 1;
  return failOn === 'fails' ? 0 : 2;
}

/** Exit codes of runs without a verdict, for `--help`. */
export function failureCodesHelp(): string {
  return `${badInputHelp}
  253  no Region, or credentials are missing, expired or invalid
  254  AWS refused a read that every verdict needs, or the read failed
${defectHelp}`;
}

/** The same for a command that only reads files. */
export function fileFailureCodesHelp(): string {
  return `${badInputHelp}\n${defectHelp}`;
}

const badInputHelp = `  130  interrupted by Ctrl-C; nothing was written
  252  a flag or an input file is wrong, or an output cannot be written`;

const defectHelp = '  255  a defect in this program: run again with --debug';

/** For `--help` of `collect`. */
export const collectExitCodesHelp = `Exit codes:
  0    the file was written, with a list of the reads that failed
${badInputHelp}
  253  no Region, or credentials are missing, expired or invalid
  254  no read succeeded, so nothing was written; or with --fail-on-gaps, a
       read failed
${defectHelp}`;

/** For `--help` of `evidence check`. */
export const inventoryExitCodesHelp = `Exit codes:
  0    the evidence was read, also if something is missing or old
${fileFailureCodesHelp()}`;

/** For `--help` of commands that check. */
export const exitCodesHelp = `Exit codes:
  0    every check succeeds
  1    at least one check fails
  2    no check fails, at least one is undetermined
${failureCodesHelp()}`;

/** For `--help` of `diagnose`. */
export const diagnoseExitCodesHelp = `Exit codes:
  0    the operation would succeed now
  1    the check or the error text explains the error
  2    neither explains the error, flags are missing, or the API is not known
${failureCodesHelp()}`;
