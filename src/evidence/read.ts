import { type EvidenceFile, readEvidenceFiles } from './load.ts';
import { merge } from './merge.ts';
import { refuseFaultsIn } from './policy-faults.ts';
import type { Evidence } from './schema.ts';

/** Evidence files, individually and merged. */
export interface ReadFiles {
  readonly evidence: Evidence;
  readonly files: readonly EvidenceFile[];
}

/**
 * Reads evidence files, or folders of them. `-` is standard input.
 * @throws Failure if a file cannot be read or is malformed, if two contradict each other, or if AWS
 * would not accept a policy in one
 */
export function readEvidence(paths: readonly string[]): ReadFiles {
  const files = readEvidenceFiles(paths);
  refuseFaultsIn(files);
  return { evidence: merge(files), files };
}

/**
 * Reads evidence files without a check of their policies, because one question needs only a few
 * policies. Callers refuse faulty policies that take part: see refusingFaults.
 * @throws Failure if a file cannot be read or is malformed, or if two contradict each other
 */
export function readWithoutPolicies(paths: readonly string[]): ReadFiles {
  const files = readEvidenceFiles(paths);
  return { evidence: merge(files), files };
}
