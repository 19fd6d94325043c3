import { accountOf, withoutPath } from '../base/arn.ts';
import { capital, list } from '../base/wording.ts';
import { servicePrincipalOf } from '../check/call-policies.ts';
import type { CallGroup, Reason } from '../check/judgment.ts';
import type { UnmetPrecondition } from '../check/preconditions/preconditions.ts';
import type { Parameter } from '../operations/parameters.ts';
import { rowOf } from '../operations/request-parameters.ts';
import { assumptionText } from './assumptions.ts';
import { allowedCallsText, callText } from './calls.ts';
import { groupWords } from './facts.ts';
import { keyWords, principalWords } from './names.ts';
import { nearMissText } from './near-misses.ts';
import { preconditionName } from './precondition-names.ts';
import { reasonText } from './preconditions.ts';

/** Why the verdict is what it is, in one or more sentences, the last one without a period. */
export function verdictText(reason: Reason): string {
  switch (reason.code) {
    case 'required-call-denied':
    case 'call-open':
      return groupText(reason.group);
    case 'group-not-named':
      return `${groupText(reason.group)}. ${leftOutText(reason.parameter)}`;
    case 'service-use-denied':
      // rds-kms-operations 6.2
      return `${groupText(reason.group)}. AWS warns that operations may fail even if a Deny exempts the principal. AWS does not publish when`;
    case 'role-permission-disputed':
      return `${groupText(reason.group)}. AWS pages disagree on whether the role needs ${these(reason.group, 'this permission', 'these permissions')}`;
    case 'inferred-permission-denied':
      return `${groupText(reason.group)}. AWS does not document ${these(reason.group, 'this requirement: it is', 'these requirements: they are')} inferred`;
    case 'unpublished-call-denied':
      return `${groupText(reason.group)}. AWS does not publish whether RDS makes ${these(reason.group, 'this call', 'these calls')}`;
    case 'inferred-call-denied':
      return `${groupText(reason.group)}. AWS does not document ${these(reason.group, 'this call: it is', 'these calls: they are')} inferred`;
    case 'precondition-unmet':
      return unmetText(reason.precondition);
    case 'inferred-precondition-unmet':
      return `${unmetText(reason.precondition)}. AWS does not document this requirement: it is inferred`;
    case 'precondition-unknown':
      return `precondition unknown: ${preconditionName(reason.precondition.row.code)}. ${capital(reasonText(reason.precondition.reason))}`;
    case 'assumption-needed':
      return `not known, and not assumed because of --strict: ${assumptionText(reason.assumption)}`;
    case 'forwarded-calls-allowed':
      return allowedText(reason.group);
    case 'key-used-by-grant':
      return "RDS makes no KMS call with the principal's identity. RDS uses the key through its own grant";
    case 'job-runs-as-the-role':
      return 'the principal has the AWS Backup and IAM permissions. AWS Backup does the rest as the role of the job';
    case 'no-key-used':
      return 'the principal has the RDS permissions. No KMS permission is needed';
  }
}

function these({ actions }: CallGroup, one: string, several: string): string {
  return actions.length === 1 ? one : several;
}

function leftOutText(parameter: Parameter): string {
  const { names } = rowOf(parameter);
  const word = names === undefined ? `--${parameter}` : groupWords[names];
  return `The request names no ${word}: add --${parameter}`;
}

function unmetText({ row, reason }: UnmetPrecondition): string {
  // The reason itself says what to do.
  if (row.code === 'key-is-named') return reasonText(reason);
  return `precondition not met: ${preconditionName(row.code)}. ${capital(reasonText(reason))}`;
}

function groupText({ actions, calls }: CallGroup): string {
  return `${introduction({ actions, calls })}. ${capital(callText(calls[0], actions))}${nearMissText(calls)}`;
}

/** Who calls what, as the beginning of a sentence. */
function introduction({ actions, calls }: CallGroup): string {
  const { row, key, actor } = calls[0].call;
  const what = list(actions);
  const on = key === undefined ? 'the key' : keyWords(key);
  switch (row.kind) {
    case 'caller':
      if (key === undefined) return `${principalWords(actor.arn, ownerOf(calls[0].call))} calls ${what}`;
      // With the role of a job, AWS Backup calls KMS.
      return row.on === 'vault key'
        ? `AWS Backup calls ${what} on ${on} as ${principalWords(actor.arn, ownerOf(calls[0].call))}`
        : `${principalWords(actor.arn, ownerOf(calls[0].call))} calls ${what} on ${on}`;
    case 'forwarded':
      return `RDS calls ${what}${key === undefined ? '' : ` on ${on}`} as ${identityOf(calls[0].call)}`;
    case 'service':
      return `${row.as === undefined ? 'RDS' : servicePrincipalOf(row)} calls ${what} on ${on} through its own grant`;
    case 'role':
      return `the export role calls ${what}${key === undefined ? '' : ` on ${on}`}`;
  }
}

/** The account of a call's resource. */
function ownerOf({ key, resource }: CallGroup['calls'][0]['call']): string {
  return key?.account ?? accountOf(resource);
}

/** The identity with which a service makes a forwarded call. */
function identityOf(call: CallGroup['calls'][0]['call']): string {
  return call.row.actor === undefined ? principalWords(call.actor.arn, ownerOf(call)) : actorName(call);
}

/** A role of another account than the principal's account. */
function actorName({ actor }: CallGroup['calls'][0]['call']): string {
  return `${withoutPath(actor.arn)} of account ${actor.account}`;
}

function allowedText({ actions, calls }: CallGroup): string {
  return `${introduction({ actions, calls })}. ${capital(allowedCallsText(calls, actions))}`;
}
