import { type EvidenceFile, readEvidenceFiles } from './load.ts';
import { merge } from './merge.ts';
import { refuseFaults } from './policy-faults.ts';
import type { Evidence } from './schema.ts';

/**
 * Reads evidence files, or folders of them: one by one, and merged. `-` is standard input.
 * @throws Failure if one cannot be read or is malformed, if two contradict each other, or if AWS
 *   would not accept a policy in one
 */
export function readEvidence(paths: readonly string[]): {
  readonly evidence: Evidence;
  readonly files: readonly EvidenceFile[];
} {
  const files = readEvidenceFiles(paths);
  for (const { from, evidence } of files) refuseFaults(from, evidence);
  return { evidence: merge(files), files };
}
