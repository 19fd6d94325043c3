import { kebab } from './catalogue.ts';
import type { Operation } from './operation.ts';
import { takesGrant, usableNamedKey, withKmsFault } from './rows.ts';

/**
 * Stands for an API that the catalog does not have, as far as its use of a key goes. RDS makes the
 * same calls on a key for a principal everywhere (rds-kms-operations 0.2). It is inferred that this
 * API makes them.
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
    preconditions: usableNamedKey,
    faults: withKmsFault,
  };
}
