import { withoutPath } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import { servicePrincipalOf } from '../check/call-policies.ts';
import type { CallGroup, Reason } from '../check/judgement.ts';
import type { UnmetPrecondition } from '../check/preconditions/preconditions.ts';
import type { Parameter } from '../operations/parameters.ts';
import { rowOf } from '../operations/request-parameters.ts';
import { assumptionText } from './assumptions.ts';
import { callText } from './calls.ts';
import { groupWords } from './facts.ts';
import { keyWords } from './names.ts';
import { nearMissText } from './near-misses.ts';
import { preconditionName, reasonText } from './preconditions.ts';

/** Why a verdict is what it is, as a sentence without full stop. */
export function verdictText(reason: Reason): string {
  switch (reason.code) {
    case 'required-call-denied':
    case 'call-open':
      return groupText(reason.group);
    case 'group-not-named':
      return `${groupText(reason.group)}. ${leftOutText(reason.parameter)}`;
    case 'service-use-denied':
      // rds-kms-operations 6.2
      return `${groupText(reason.group)}. AWS warns that operations may then fail even though the principal is spared, and does not publish when`;
    case 'role-right-disputed':
      return `${groupText(reason.group)}. AWS documents both that the role needs this right and that it does not`;
    case 'inferred-right-denied':
      return `${groupText(reason.group)}. That RDS asks for this right is inferred, not documented`;
    case 'unpublished-call-denied':
      return `${groupText(reason.group)}. AWS does not publish whether RDS makes this call`;
    case 'inferred-call-denied':
      return `${groupText(reason.group)}. That RDS makes this call is inferred, not documented`;
    case 'precondition-unmet':
      return unmetText(reason.precondition);
    case 'inferred-precondition-unmet':
      return `${unmetText(reason.precondition)}. That RDS asks for this is inferred, not documented`;
    case 'precondition-unknown':
      return `whether the ${preconditionName(reason.precondition.row.code)} is not known: ${reasonText(reason.precondition.reason)}`;
    case 'assumption-needed':
      return `assumed otherwise: ${assumptionText(reason.assumption)}`;
    case 'forwarded-calls-allowed':
      return allowedText(reason.group);
    case 'key-used-by-grant':
      return "RDS makes no call to KMS with the principal's identity; it uses the key by its own grant";
    case 'no-key-used':
      return 'the principal has the RDS permissions, and no KMS permission is needed';
  }
}

function leftOutText(parameter: Parameter): string {
  const { names } = rowOf(parameter);
  const word = names === undefined ? `--${parameter}` : groupWords[names];
  return `The request names no ${word}: name the one that you will use with --${parameter}`;
}

function unmetText({ row, reason }: UnmetPrecondition): string {
  // It says what to do.
  if (row.code === 'key-is-named') return reasonText(reason);
  return `not met: ${preconditionName(row.code)} (${reasonText(reason)})`;
}

function groupText({ actions, calls }: CallGroup): string {
  const nearMisses = calls.flatMap((call) => call.nearMisses);
  return `${introduction({ actions, calls })}: ${callText(calls[0], actions)}${nearMissText(nearMisses)}`;
}

/** Who calls what, as the beginning of a sentence. */
function introduction({ actions, calls }: CallGroup): string {
  const { row, key } = calls[0].call;
  const what = list(actions);
  const on = key === undefined ? 'the key' : keyWords(key);
  switch (row.kind) {
    case 'caller':
      // Of the keys, a job's role itself is asked about none but the one of AWS Backup.
      return key === undefined
        ? `the principal calls ${what}`
        : `AWS Backup calls ${what} on ${on} with the principal's identity`;
    case 'forwarded':
      return `RDS calls ${what}${key === undefined ? '' : ` on ${on}`} with ${identityOf(calls[0].call)}`;
    case 'service':
      return `${row.as === undefined ? 'RDS' : servicePrincipalOf(row)} calls ${what} on ${on} itself, by its grant`;
    case 'role':
      return `the export role calls ${what}${key === undefined ? '' : ` on ${on}`}`;
  }
}

/** With whose identity a call is made that is forwarded. */
function identityOf(call: CallGroup['calls'][0]['call']): string {
  return call.row.actor === undefined ? "the principal's identity" : `the identity of ${actorName(call)}`;
}

/** A role of another account than the principal's. */
function actorName({ actor }: CallGroup['calls'][0]['call']): string {
  return `${withoutPath(actor.arn)} of account ${actor.account}`;
}

function allowedText({ actions, calls }: CallGroup): string {
  const are = calls.length > 1 ? 'are' : 'is';
  return `${list(actions)} with ${identityOf(calls[0].call)} ${are} allowed: ${callText(calls.at(-1) ?? calls[0])}`;
}
