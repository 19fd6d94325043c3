import { kebab } from './catalogue.ts';
import type { Operation } from './operation.ts';
import { takesGrant, usableKey, withKmsFault } from './rows.ts';

/**
 * An API that the catalogue lacks, as far as its use of a key goes: what RDS calls on a key for a
 * principal is the same everywhere (rds-kms-operations 0.2). That this API makes these calls
 * is inferred.
 */
export function keyUseOf(api: string): Operation {
  return {
    command: kebab(api),
    aliases: [],
    api,
    does: 'use a key',
    phrase: 'use a key',
    targetKey: 'named',
    request: {},
    parameters: ['kms-key-id'],
    calls: takesGrant('target key', { basis: 'inferred', source: 'rds-kms-operations 3.1' }),
    preconditions: usableKey,
    faults: withKmsFault,
  };
}
