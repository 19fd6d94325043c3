import type { Operation } from '../operations/operation.ts';

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
    preconditions: [],
    faults: { caller: 'AccessDeniedException' },
  };
}
