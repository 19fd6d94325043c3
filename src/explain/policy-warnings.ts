import type { PolicyWarning } from '../check/policy-warning.ts';
import { policyWords } from '../contract/policy-words.ts';

/** What is worth knowing of a policy and where in it, without full stop. */
export function policyWarningText({ fault }: PolicyWarning): string {
  const { policy, name, path, says } = fault;
  return `${policyWords[policy]} ${name}: ${path}: ${says}`;
}
