import { Failure } from '../base/failure.ts';
import type { EvidenceFile } from '../evidence/load.ts';
import { policyFaults } from '../evidence/policy-faults.ts';
import type { Evidence } from '../evidence/schema.ts';

/** Evidence files, one by one and as one. @throws Failure if one is malformed or AWS would not accept a policy in it */
export async function readFiles(
  paths: readonly string[],
): Promise<{ readonly evidence: Evidence; readonly files: readonly EvidenceFile[] }> {
  const { readEvidenceFiles } = await import('../evidence/load.ts');
  const { merge } = await import('../evidence/merge.ts');
  const files = readEvidenceFiles(paths);
  for (const { from, evidence } of files) refuseFaults(from, evidence);
  return { evidence: merge(files), files };
}

/** @throws Failure naming the first policy that AWS would not accept */
export function refuseFaults(from: string, evidence: Evidence): void {
  const faults = policyFaults(evidence);
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new Failure(
    'input',
    `${from}: \`${first.path}\` ${first.says}${more}`,
    'AWS would not accept this policy; correct it in the evidence',
  );
}
