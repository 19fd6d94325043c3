import { shortName } from '../../base/arn.ts';
import { managerOf } from '../../evidence/lookup.ts';
import { copiesAmong } from '../copies.ts';
import type { Estate } from '../estate.ts';
import { backupsByKey } from '../restorable.ts';
import { type FindingRow, nothing, wellArchitected } from './finding.ts';

/** Backups that cannot leave the account, because AWS manages their key. */
export interface AwsManagedKey {
  readonly code: 'aws-managed-key';
  readonly key: string;
}

export const awsManagedKey: FindingRow<AwsManagedKey> = {
  code: 'aws-managed-key',
  frameworks: [wellArchitected('REL09-BP02')],
  find(estate) {
    const copiesOf = copiesAmong(
      estate,
      ({ key, isAvailable }) => isAvailable && key !== undefined && managerFor(estate, key) === 'CUSTOMER',
    );
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      if (key === undefined) return [];
      const manager = managerFor(estate, key);
      const left = backups.filter((backup) => copiesOf(backup).length === 0).map(({ source }) => source.arn);
      if (manager === 'CUSTOMER' || left.length === 0) return [];
      const isKnown = manager !== undefined;
      return [
        {
          code: 'aws-managed-key',
          account,
          region,
          subject: key,
          severity: 'medium',
          affected: isKnown ? { backups: left } : nothing,
          maybe: isKnown ? nothing : { backups: left },
          dependsOn: isKnown ? [] : [{ is: 'unread', unread: { code: 'key-description-unread', of: key } }],
          statements: [],
          key,
        },
      ];
    });
  },
};

function managerFor({ directory }: Pick<Estate, 'directory'>, key: string): string | undefined {
  return managerOf(directory.key(key), shortName(key));
}
