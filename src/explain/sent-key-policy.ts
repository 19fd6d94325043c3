import { shortName } from '../base/arn.ts';
import { capital, list } from '../base/wording.ts';
import type { ExpectationLack } from '../preflight/outcome.ts';
import { factText } from './facts.ts';
import { principalWords, statementLabel } from './names.ts';

/* Sentences about a key policy that the apply of a plan sends to KMS. */

/**
 * What KMS asks of a new key policy, in one sentence without a period. `applier`: undefined if not
 * known.
 */
export function sentKeyPolicyText(applier: string | undefined): string {
  return `${applier === undefined ? 'the principal that applies the plan' : shortName(applier)} must be able to change the new key policy again`;
}

type Refused = Extract<ExpectationLack, { readonly code: 'plan-key-policy-refused' }>;
type Nobody = Extract<ExpectationLack, { readonly code: 'plan-key-policy-names-nobody' }>;
type Unsure = Extract<ExpectationLack, { readonly code: 'plan-key-policy-unsure' }>;

/** Why KMS refuses a key policy or may refuse it, and the statement to change or to add. */
export function keyPolicyText(lack: Refused | Nobody | Unsure): string {
  switch (lack.code) {
    case 'plan-key-policy-refused':
      return refusedText(lack);
    case 'plan-key-policy-names-nobody':
      return nobodyText(lack);
    case 'plan-key-policy-unsure':
      return unsureText(lack);
  }
}

function nobodyText({ names }: Nobody): string {
  const [does, them] = names.length === 1 ? ['does', 'it'] : ['do', 'them'];
  return `KMS refuses the new key policy, because it names ${list(names)}, which ${does} not exist (MalformedPolicyDocumentException). Create ${them} first, or take ${them} out of the policy. The ARN of a role includes its path.`;
}

function refusedText(lack: Refused): string {
  const { account, principal } = lack;
  const who = principal === undefined ? 'nobody' : principalWords(principal, account);
  const verb = principal === undefined ? 'could' : 'could not';
  return `KMS refuses the new key policy, because ${who} ${verb} change the policy again (MalformedPolicyDocumentException). ${refusingText(lack, who)} If nobody should change the policy, set bypass_policy_lockout_safety_check = true.`;
}

function refusingText({ account, principal, by }: Refused, who: string): string {
  if (principal !== undefined && by.length > 0)
    return `${capital(list(by.map(statementLabel)))} ${by.length === 1 ? 'denies' : 'deny'} kms:PutKeyPolicy to ${who}: ${exemptText(principal, by)}.`;
  const whom = principal === undefined ? 'a user, a role or an account' : `${who} or to account ${account}`;
  return `No statement that applies allows kms:PutKeyPolicy to ${whom}: add a statement with actions = ["kms:PutKeyPolicy"], resources = ["*"] and the AWS principal ${principal ?? 'that applies the plan'}.`;
}

function exemptText(principal: string, by: Refused['by']): string {
  return `exempt ${principal} from ${by.length === 1 ? 'this statement' : 'these statements'}`;
}

function unsureText({ principal, dependsOn, by, isPlanner }: Unsure): string {
  const who = shortName(principal);
  if (isPlanner === true)
    return `${who} made the plan and could not change the new key policy again. KMS refuses the policy if ${who} also applies the plan: name the principal that applies the plan with --principal.`;
  const facts = list(dependsOn.map(factText));
  const next =
    by.length > 0
      ? `${capital(list(by.map(statementLabel)))} may deny kms:PutKeyPolicy: ${exemptText(principal, by)}.`
      : `To be sure, allow kms:PutKeyPolicy to ${principal} without a condition.`;
  return `KMS refuses the new key policy if ${who} could not change the policy again. This depends on ${facts}. ${next}`;
}
