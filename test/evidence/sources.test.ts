import { expect, test } from 'vitest';
import { evidenceFile } from '../../src/evidence/readers/evidence-file.ts';
import { sourcesHeld } from '../../src/evidence/sources.ts';

/** An automated backup is a source by itself as soon as its database is deleted. */

const at = { account: '111122223333', region: 'eu-west-1' };
const arnOf = (type: string, name: string): string => `arn:aws:rds:${at.region}:${at.account}:${type}:${name}`;

interface Ids {
  readonly backup?: string;
  readonly live?: string;
}

function backupsBeside({ backup, live }: Ids): readonly string[] {
  const id = (one: string | undefined) => (one === undefined ? {} : { DbClusterResourceId: one });
  const evidence = evidenceFile.read(
    {
      evidenceVersion: 1,
      accounts: {
        [at.account]: {
          regions: {
            [at.region]: {
              rds: {
                DBClusters: [{ DBClusterIdentifier: 'orders', DBClusterArn: arnOf('cluster', 'orders'), ...id(live) }],
                DBClusterAutomatedBackups: [
                  { DBClusterAutomatedBackupsArn: arnOf('cluster-auto-backup', 'ab-1'), ...id(backup) },
                ],
              },
            },
          },
        },
      },
    },
    { from: 'a test', path: '' },
  );
  return sourcesHeld(evidence, at, ['cluster-auto-backup']).sources.map(({ arn }) => arn);
}

const kept = [arnOf('cluster-auto-backup', 'ab-1')];

test.each<readonly [string, Ids, readonly string[]]>([
  ['of a live cluster', { backup: 'cluster-A', live: 'cluster-A' }, []],
  ['of a deleted cluster', { backup: 'cluster-A', live: 'cluster-B' }, kept],
  ['without an ID, beside a cluster without one', {}, kept],
  ['without an ID, beside a cluster with one', { live: 'cluster-A' }, kept],
  ['with an ID, beside a cluster without one', { backup: 'cluster-A' }, kept],
])('an automated backup %s', (_, ids, expected) => {
  expect(backupsBeside(ids)).toEqual(expected);
});
