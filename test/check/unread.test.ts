import { readdirSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { ask, type CheckCase, type CheckFile, changed, evidenceOf, isRecord, readCases } from '../check-case.ts';
import { type Chance, chanceOf } from '../properties/estates.ts';
import { comparisons, countOf, firstSeed } from '../properties/seed.ts';

/** Fields that AWS omits if they have no value, or that count as far as their value is known. */
const absentMeansNone: ReadonlySet<string> = new Set([
  'MasterUserSecret',
  'DBClusterIdentifier',
  'GlobalClusterIdentifier',
  'ReadReplicaSourceDBInstanceIdentifier',
  'ReplicationSourceIdentifier',
  'PerformanceInsightsKMSKeyId',
  'TdeCredentialArn',
  'PermissionsBoundary',
  'ValidTo',
  'StorageEncryptionType',
  'DBSubnetGroup',
  'OptionGroupName',
  'CopyTagsToSnapshot',
  // AWS may omit the value of a tag. Then the value is empty.
  'Value',
  'TagValue',
  // An unknown engine counts as an engine of RDS or Aurora.
  'Engine',
  // A quota counts only as far as the evidence shows its use.
  'AccountQuotas',
  'Used',
  'Max',
  'CloneGroupId',
  'DBClusterSnapshotAttributes',
  'DBSnapshotAttributes',
  'AttributeName',
  'AttributeValues',
]);

/**
 * Within these fields, an absent element has a meaning of its own, so its absence does not mean
 * "not read".
 */
const documents: ReadonlySet<string> = new Set(['Document', 'document', 'Policy', 'PolicyDocument', 'RamPolicy']);

interface Place {
  readonly given: CheckCase;
  readonly evidence: Evidence;
  readonly pointer: string;
}

function* placesIn(held: unknown, pointer: string): Generator<readonly [string, unknown]> {
  if (!isRecord(held)) return;
  for (const [name, value] of Object.entries(held)) {
    const place = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Array.isArray(held) && !absentMeansNone.has(name)) yield [place, value];
    if (!documents.has(name) && !name.endsWith('PolicyDocument')) yield* placesIn(value, place);
  }
}

/**
 * Equal fields with an equal word are one kind: enabled keys are one kind, disabled keys are
 * another.
 */
function kindOf(pointer: string, value: unknown): string {
  const field = pointer.replace(/(?<=regions\/)[^/]+/, '').replaceAll(/\/\d+(?=\/|$)/g, '/');
  return `${field} ${typeof value === 'boolean' || (typeof value === 'string' && /^[a-z]+$/i.test(value)) ? value : ''}`;
}

/** In these cases, the status of other snapshots uses up a quota. */
const isOfQuotas = /copies are in progress/;

const folders = ['../cases/check/', '../cases/field/'].map((folder) => new URL(folder, import.meta.url));

/** The places of one in `every` cases, by kind. */
function allPlaces(every: number): readonly (readonly Place[])[] {
  const kinds = new Map<string, Place[]>();
  for (const folder of folders)
    for (const name of readdirSync(folder).filter((one) => one !== 'kms-calls.json')) {
      const file: CheckFile = readCases(new URL(name, folder));
      for (const given of file.cases.filter((one, at) => at % every === 0 && !isOfQuotas.test(one.name))) {
        const evidence = evidenceOf(file, given);
        for (const [pointer, value] of placesIn(evidence, '')) {
          const kind = kindOf(pointer, value);
          const known = kinds.get(kind);
          if (known === undefined) kinds.set(kind, [{ given, evidence, pointer }]);
          else known.push({ given, evidence, pointer });
        }
      }
    }
  return [...kinds.values()];
}

const expectNoCertainty = (every: number): void => {
  const chance = chanceOf(firstSeed);
  const answers = new Map<CheckCase, string>();
  const faults: string[] = [];
  let [tried, compared] = [0, 0];
  for (const places of allPlaces(every))
    for (const { given, evidence, pointer } of pick(places, countOf(40, 2), chance)) {
      const question = { ...given.question, strict: true };
      const lacking = v.safeParse(evidenceSchema, changed(evidence, { [pointer]: null }));
      if (!lacking.success) continue;
      tried += 1;
      const answer = answerOf(() => ask(lacking.output, question).verdict);
      if (answer === 'refused' || answer === 'undetermined') continue;
      const before = answers.get(given) ?? answerOf(() => ask(evidence, question).verdict);
      answers.set(given, before);
      compared += 1;
      if (answer !== before) faults.push(`${given.name}: ${before}, and ${answer} without ${pointer}`);
    }
  expect(faults).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(comparisons);
  expect(compared).toBeGreaterThan(100);
};

test('missing facts never make an answer certain or different', () => expectNoCertainty(4));

test('missing facts of no kind make an answer certain or different', { tags: 'slow' }, () => expectNoCertainty(1));

function pick(places: readonly Place[], count: number, chance: Chance): readonly Place[] {
  if (places.length <= count) return places;
  const first = chance(places.length);
  return Array.from({ length: count }, (_, at) => {
    const place = places[(first + at * Math.floor(places.length / count)) % places.length];
    if (place === undefined) throw new Error('there is nothing to pick from');
    return place;
  });
}

/** The answer, or `refused` if the evidence no longer has the resource of the question. */
function answerOf(asking: () => string): string {
  try {
    return asking();
  } catch {
    return 'refused';
  }
}
