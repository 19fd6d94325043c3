import { describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, findPrincipal, roleExists } from '../../src/evidence/principals.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { fc, runs } from '../properties/seed.ts';

/* A lookup in a directory finds the same item as a search through the lists. */

const [one, other, unknown] = ['111122223333', '444455556666', '777788889999'];
const region = 'us-east-1';

const name = fc.constantFrom('a', 'b', 'c');
const account = fc.constantFrom(one, other);
const policyArn = fc.oneof(
  fc.tuple(account, name).map(([id, given]) => `arn:aws:iam::${id}:policy/${given}`),
  name.map((given) => `arn:aws:iam::aws:policy/${given}`),
);
const maybe = <T>(list: fc.Arbitrary<readonly T[]>) => fc.option(list, { nil: undefined });

/**
 * Lists in which names occur twice, so that the order matters. `mark` distinguishes items with
 * equal names.
 */
function accountOf(id: string): fc.Arbitrary<Record<string, unknown>> {
  const role = fc.record({ given: name, path: fc.constantFrom('', 'x/'), mark: fc.nat(9) }).map((it) => ({
    Arn: `arn:aws:iam::${id}:role/${it.path}${it.given}`,
    RoleName: it.given,
    RoleId: `AROA${it.mark}`,
    RolePolicyList: [],
    AttachedManagedPolicies: [],
  }));
  const policy = fc.record({ arn: policyArn, mark: fc.nat(9) }).map(({ arn, mark }) => ({
    Arn: arn,
    PolicyVersionList: [{ IsDefaultVersion: true, Document: `text ${mark}` }],
  }));
  const key = fc.record({ given: name, mark: fc.nat(9) }).map(({ given, mark }) => ({
    KeyMetadata: { Arn: `arn:aws:kms:${region}:${id}:key/${given}`, KeyState: `state ${mark}` },
    Policy: `text ${mark}`,
  }));
  const shared = fc.record({ given: name, mark: fc.nat(9) }).map(({ given, mark }) => ({
    DBClusterSnapshotIdentifier: given,
    DBClusterSnapshotAttributes: [{ AttributeName: 'restore', AttributeValues: [String(mark)] }],
  }));
  return fc
    .record({
      RoleDetailList: maybe(fc.array(role, { maxLength: 5 })),
      Policies: maybe(fc.array(policy, { maxLength: 5 })),
      keys: maybe(fc.array(key, { maxLength: 4 })),
      DBClusterSnapshotAttributes: maybe(fc.array(shared, { maxLength: 4 })),
    })
    .map(({ keys, DBClusterSnapshotAttributes, ...iam }) => ({
      iam,
      regions: { [region]: { kms: { keys }, rds: { DBClusterSnapshotAttributes } } },
    }));
}

const evidences = fc
  .tuple(accountOf(one), accountOf(other))
  .map(([first, second]): Evidence => ({ evidenceVersion: 1, accounts: { [one]: first, [other]: second } }));

describe('a directory', () => {
  test('finds roles by ARN and by name', () => {
    fc.assert(
      fc.property(evidences, fc.constantFrom(one, other, unknown), name, (evidence, id, given) => {
        const { roles, rolesByName } = directoryOf(evidence);
        const listed = evidence.accounts[id]?.iam?.RoleDetailList;
        const arn = `arn:aws:iam::${id}:role/${given}`;
        expect(roles(id)?.get(arn)).toBe(listed?.find((role) => role.Arn === arn));
        expect(rolesByName(id)?.get(given)).toBe(listed?.find((role) => role.RoleName === given));
        expect(roleExists(directoryOf(evidence), arn)).toBe(listed?.some((role) => role.Arn === arn));
      }),
      runs(300),
    );
  });

  test('finds a managed policy in the account first, and then anywhere', () => {
    fc.assert(
      fc.property(evidences, fc.constantFrom(one, other, unknown), policyArn, (evidence, id, arn) => {
        const all = [id, one, other].flatMap((place) => evidence.accounts[place]?.iam?.Policies ?? []);
        const document = all.find((policy) => policy.Arn === arn)?.PolicyVersionList?.[0]?.Document;
        const directory = directoryOf(evidence);
        expect(directory.managedPolicy(id, arn)).toMatchObject(
          document === undefined ? { name: arn, unread: expect.any(String) } : { name: arn, document },
        );
        expect(directory.managedPolicy(id, arn)).toBe(directory.managedPolicy(id, arn));
      }),
      runs(300),
    );
  });

  test('finds keys, their policies, and with whom snapshots are shared', () => {
    fc.assert(
      fc.property(evidences, fc.constantFrom(one, other, unknown), name, (evidence, id, given) => {
        const there = evidence.accounts[id]?.regions?.[region];
        const keyArn = `arn:aws:kms:${region}:${id}:key/${given}`;
        const key = there?.kms?.keys?.find(({ KeyMetadata }) => KeyMetadata.Arn === keyArn);
        const directory = directoryOf(evidence);
        expect(directory.key(keyArn)).toBe(key);
        expect(directory.keyPolicy(keyArn)).toMatchObject(
          key === undefined ? { unread: 'not read' } : { name: keyArn, document: key.Policy },
        );
        const attributes = there?.rds?.DBClusterSnapshotAttributes?.find(
          ({ DBClusterSnapshotIdentifier: listed }) => listed === given,
        );
        expect(directory.sharedWith(`arn:aws:rds:${region}:${id}:cluster-snapshot:${given}`)).toEqual(
          attributes?.DBClusterSnapshotAttributes?.[0]?.AttributeValues,
        );
      }),
      runs(300),
    );
  });

  test('knows each principal of the evidence', () => {
    const directory = directoryOf(demoEvidence);
    for (const arn of everyPrincipal(demoEvidence)) expect(findPrincipal(directory, arn).arn).toBe(arn);
  });
});
