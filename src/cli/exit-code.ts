import type { FailureKind } from '../base/failure.ts';
import type { Verdict } from '../contract/report.ts';

/** Which verdicts make a run exit with another code than 0. */
export type FailOn = 'fails' | 'undetermined' | 'never';

export const failOnChoices: readonly FailOn[] = ['fails', 'undetermined', 'never'];

/** A defect of this program. */
export const defect = 255;
export const badUsage = 252;

const failures: Readonly<Record<FailureKind, number>> = { input: badUsage, setup: 253, aws: 254 };

/** What is not a verdict follows the AWS CLI. */
export function exitCodeOfFailure(kind: FailureKind): number {
  return failures[kind];
}

export function exitCodeOfVerdict(verdict: Verdict, failOn: FailOn): number {
  if (failOn === 'never' || verdict === 'succeeds') return 0;
  if (verdict === 'fails') return 1;
  return failOn === 'fails' ? 0 : 2;
}

const noVerdictHelp = `  130  interrupted by Ctrl-C, with nothing written
  252  a flag or an evidence file is wrong
  253  no credentials, expired or invalid ones, or no Region
  254  AWS refused or failed a read without which there is no verdict
  255  a defect of this program; run again with --debug`;

/** For `--help` of what checks. */
export const exitCodesHelp = `Exit codes:
  0    every check succeeds
  1    at least one check fails
  2    none fails, at least one is undetermined
${noVerdictHelp}`;

/** For `--help` of `diagnose`. */
export const diagnoseExitCodesHelp = `Exit codes:
  0    the operation would succeed now
  1    the check, or the text of the error itself, explains the refusal
  2    neither does, flags are missing, or the catalogue lacks the API
${noVerdictHelp}`;
