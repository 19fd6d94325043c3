import type { Operation } from '../operations/operation.ts';
import { must } from '../operations/rows.ts';

/** The actions that fail while the key is disabled, pending deletion or pending import. */
const needsUsableKey =
  /^kms:(?:CreateGrant|Decrypt|DeriveSharedSecret|Encrypt|Generate(?:DataKey\w*|Mac)|ReEncrypt(?:From|To)|Sign|Verify(?:Mac)?)$/;

/** A KMS action on a key, in the form of an operation. */
export function keyOperation(action: `kms:${string}`, key: string): Operation {
  return {
    command: action,
    aliases: [],
    api: action.slice('kms:'.length),
    does: `call ${action}`,
    phrase: `call ${action} on SOURCE`,
    request: {},
    parameters: [],
    calls: [
      {
        kind: 'caller',
        action,
        on: 'named key',
        named: key,
        basis: 'documented',
        source: 'rds-kms-operations 6',
        // The caller chooses the parameters of the call.
        isFree: true,
      },
    ],
    preconditions: needsUsableKey.test(action) ? [must('key-is-enabled', 'rds-kms-operations 5')] : [],
    faults: { caller: 'AccessDeniedException' },
  };
}
