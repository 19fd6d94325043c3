import type { Operation } from '../operations/operation.ts';
import { must } from '../operations/rows.ts';

/** What fails while the key is disabled, or waits for its deletion or its material. */
const needsUsableKey =
  /^kms:(?:CreateGrant|Decrypt|DeriveSharedSecret|Encrypt|Generate(?:DataKey\w*|Mac)|ReEncrypt(?:From|To)|Sign|Verify(?:Mac)?)$/;

/** An action of KMS on a key, asked about as operations are. */
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
        // The caller chooses what the call holds.
        isFree: true,
      },
    ],
    preconditions: needsUsableKey.test(action) ? [must('key-is-enabled', 'rds-kms-operations 5')] : [],
    faults: { caller: 'AccessDeniedException' },
  };
}
