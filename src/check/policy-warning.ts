import type { PolicyFault } from '../policy/policies.ts';

/** What is worth knowing of a policy, whatever the verdict is. */
export interface PolicyWarning {
  readonly code: 'policy-fault';
  readonly fault: PolicyFault;
}

/** Each fault once: many calls are decided under the same policies. */
export function distinctWarnings(faults: readonly PolicyFault[]): readonly PolicyWarning[] {
  const byText = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return [...byText.values()].map((fault) => ({ code: 'policy-fault', fault }));
}
