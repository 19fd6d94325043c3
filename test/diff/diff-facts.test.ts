import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { boundTo } from '../../src/check/bind.ts';
import { decidePreconditions } from '../../src/check/preconditions/preconditions.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, findPrincipal, type Principal } from '../../src/evidence/principals.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { everySource } from '../../src/evidence/sources.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { changed } from '../check-case.ts';

/*
 * For each account, diff reads the facts of an operation once and uses them for all unchanged
 * principals. This is right only if keys and preconditions depend on nothing but the account and
 * the type of a principal.
 */

const at = '/accounts/111122223333/regions/us-east-1/rds';
const arn = (name: string): string => `arn:aws:rds:us-east-1:111122223333:${name}`;
const encrypted = { KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23' };
/** Sources of every type. */
const one = v.parse(
  evidenceSchema,
  changed(demoEvidence, {
    [`${at}/DBSnapshots`]: [
      { ...encrypted, DBSnapshotIdentifier: 's', DBSnapshotArn: arn('snapshot:s'), Encrypted: true, Engine: 'mysql' },
    ],
    [`${at}/DBClusterAutomatedBackups`]: [
      {
        ...encrypted,
        DBClusterAutomatedBackupsArn: arn('cluster-auto-backup:ab-1'),
        DBClusterIdentifier: 'gone',
        StorageEncrypted: true,
      },
    ],
    [`${at}/DBInstanceAutomatedBackups`]: [
      {
        ...encrypted,
        DBInstanceAutomatedBackupsArn: arn('auto-backup:ab-2'),
        DBInstanceIdentifier: 'gone',
        Encrypted: true,
      },
    ],
  }),
);
const [region = {}] = Object.values(one.accounts['111122223333']?.regions ?? {});
const two: Evidence = v.parse(
  evidenceSchema,
  changed(one, { '/accounts/444455556666': { regions: { 'us-east-1': renamed(region) } } }),
);

/** The same resources in another account. */
function renamed(json: object): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll('111122223333', '444455556666'));
}

/** A principal that records which of its properties are read. */
function watched(principal: Principal): { readonly principal: Principal; readonly read: ReadonlySet<string> } {
  const read = new Set<string>();
  const get = (of: Principal, name: string | symbol): unknown => {
    read.add(String(name));
    return Reflect.get(of, name);
  };
  return { principal: new Proxy(principal, { get }), read };
}

describe('what an operation reads', () => {
  const operations = catalogue.filter(
    ({ reads, requires = [], runsAsRole }) => reads !== undefined && requires.length === 0 && runsAsRole !== true,
  );

  test.each(operations)('depends on account and type of a principal alone: $command ($api)', (operation) => {
    const directory = directoryOf(two);
    const sources = everySource(two).filter(
      ({ type }) => operation.reads?.types.some((wanted) => wanted === type) === true,
    );
    for (const who of everyPrincipal(two)) {
      const { principal, read } = watched(findPrincipal(directory, who));
      for (const source of sources) {
        const asking = { operation, principal, region: source.region, parameters: {} };
        decidePreconditions(directory, boundTo(directory, asking, source), '2026-11-26T12:00:00Z');
      }
      expect([...read].filter((name) => name !== 'account' && name !== 'type')).toEqual([]);
    }
  });

  test('is asked about sources of every type, in the own account and in another one', () => {
    const types = new Set(operations.flatMap(({ reads }) => reads?.types ?? []));
    for (const account of ['111122223333', '444455556666'])
      expect(new Set(everySource(two).flatMap((source) => (source.account === account ? [source.type] : [])))).toEqual(
        types,
      );
  });
});
