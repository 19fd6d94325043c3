import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { type AuditSettings, estateOf } from '../../src/audit/estate.ts';
import { affectedKinds, countOf } from '../../src/audit/findings/finding.ts';
import { type AnyFinding, findingRows } from '../../src/audit/findings/table.ts';
import { accountOf, shortName } from '../../src/base/arn.ts';
import { groupBy } from '../../src/base/group.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { readTable } from '../case-table.ts';
import { changed, isRecord } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/*
 * Estates and the findings of an audit in each. A line has the severity or the word "undecided",
 * the subject, what is affected, the outside accounts, and the principals:
 *
 *   "critical key/orders: cluster-snapshot:orders-monthly with 999999999999"
 *   "undecided key/orders by role/burner"
 *   "note administrators of key/orders: root, user/breakglass"
 *
 * An expected line of quiet-estate.json may be shorter: then only that part is compared. In
 * odd-estates.json and mixed-estates.json each line begins with its code, and findings that only
 * concern administrators are left out.
 */

const estates = {
  flags: v.optional(
    v.strictObject({
      'allow-account': v.optional(v.array(v.string())),
      'allow-org': v.optional(v.array(v.string())),
      'wide-restore': v.optional(v.number()),
    }),
  ),
  /** New values by place or JSON pointer; null removes the value. */
  with: v.optional(v.record(v.string(), v.unknown()), {}),
  source: v.optional(v.string()),
  expect: v.array(v.string()),
};
const places = v.record(v.string(), v.string());
const table = v.strictObject({
  about: v.string(),
  places,
  evidence: v.unknown(),
  cases: v.array(v.strictObject({ name: v.string(), finding: v.string(), ...estates })),
});
const oddTable = v.strictObject({
  about: v.string(),
  places,
  cases: v.array(v.strictObject({ name: v.string(), ...estates })),
});

function read(name: string): unknown {
  return readTable(new URL(`../cases/audit/${name}.json`, import.meta.url));
}

const quiet = v.parse(table, read('quiet-estate'));
const odd = v.parse(oddTable, read('odd-estates'));
const mixed = v.parse(oddTable, read('mixed-estates'));

const numbers = v.parse(
  v.strictObject({ about: v.string(), cases: v.array(v.strictObject({ name: v.string(), ...estates })) }),
  read('numbers'),
);

type Estate = Pick<(typeof odd.cases)[number], 'flags' | 'with'>;

function evidenceOf(change: Readonly<Record<string, unknown>>) {
  return parseEvidence('evidence.json', JSON.stringify(changed(quiet.evidence, pointersOf(change, quiet.places))));
}

function settingsOf({ flags = {} }: Pick<Estate, 'flags'>): AuditSettings {
  const { 'allow-account': allowAccounts = [], 'allow-org': allowOrgs = [], 'wide-restore': wideRestore } = flags;
  const asked = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' };
  return { ...asked, allowAccounts, allowOrgs, ...(wideRestore === undefined ? {} : { wideRestore }) };
}

function audited(estate: Estate) {
  return audit(directoryOf(evidenceOf(estate.with)), settingsOf(estate)).findings;
}

/** Many tests use the same estate, so the findings of each estate are computed once. */
const answered = new Map<string, ReturnType<typeof audited>>();

function findingsOf({ flags, with: change }: Estate) {
  const name = JSON.stringify([flags, change]);
  const known = answered.get(name) ?? audited({ flags, with: change });
  answered.set(name, known);
  return known;
}

function isOpen({ affected, code }: AnyFinding): boolean {
  return code !== 'not-read' && countOf(affected) === 0;
}

/** Whether the finding is about principals who can do everything anyway. */
function isOfAdministrators(found: AnyFinding): boolean {
  return found.code === 'build-and-burn'
    ? found.ofAdministrators
    : found.code === 'key-killers' && found.key === undefined;
}

function lineOf(found: AnyFinding): string {
  const { subject, severity, affected, maybe } = found;
  const things = isOpen(found) ? maybe : affected;
  const list = (names: readonly string[] = []): string => names.map(shortName).toSorted().join(', ');
  const about = [...(things.backups ?? []), ...(things.databases ?? [])].filter((arn) => arn !== subject);
  const who = things.principals ?? [];
  const start = isOpen(found) ? 'undecided' : severity;
  if (isOfAdministrators(found)) return `${start} administrators of ${list(things.keys)}: ${list(who)}`;
  return [
    `${start} ${shortName(subject)}`,
    about.length === 0 ? '' : `: ${list(about)}`,
    things.accounts === undefined ? '' : ` with ${list(things.accounts)}`,
    who.length === 0 ? '' : ` by ${list(who)}`,
  ].join('');
}

/**
 * The part of a line that an expected line covers. The expected line may omit what is affected, and
 * even the subject.
 */
function asFarAs(expected: string, line: string): string {
  const [first = line] = line.split(/(?=: | by | with )/);
  const [severity = line] = line.split(' ');
  return [first, severity].find((start) => start === expected) ?? line;
}

function wayOf({ name, expect: lines }: (typeof quiet.cases)[number]): string {
  const others = lines.filter((line) => !line.includes(' administrators of '));
  if (name.startsWith('false positive')) return 'false positive';
  if (others.length === 0) return 'absent';
  return others.some((line) => line.startsWith('undecided')) ? 'undecided' : 'present';
}

describe('the findings of an audit', () => {
  test('have a case for each possible result', () => {
    for (const { code } of findingRows) {
      const ways = new Set(quiet.cases.filter(({ finding }) => finding === code).map(wayOf));
      expect([...ways].toSorted(), code).toEqual(
        code === 'not-read' ? ['absent', 'present'] : ['absent', 'false positive', 'present', 'undecided'],
      );
    }
  });

  function verify({ finding, expect: expected, ...estate }: (typeof quiet.cases)[number]): void {
    // Computes only the finding of this case, because a whole audit takes longest.
    const asked = estateOf(directoryOf(evidenceOf(estate.with)), settingsOf(estate));
    const found = findingRows.flatMap((row): readonly AnyFinding[] => (row.code === finding ? row.find(asked) : []));
    const lines = found.map(lineOf).toSorted();
    if (expected.includes('*')) expect(lines.length).toBeGreaterThan(0);
    else expect(lines.map((line, index) => asFarAs(expected[index] ?? ' ', line))).toEqual(expected.toSorted());
    for (const one of found.filter(isOpen)) expect(one.dependsOn, lineOf(one)).not.toEqual([]);
  }

  const all = quiet.cases.filter(({ finding }) => findingRows.some(({ code }) => code === finding));
  // npm test checks the first case of each possible result.
  const first = new Set([...groupBy(all, (one) => `${one.finding} ${wayOf(one)}`).values()].map(([one]) => one));
  test.each(all.filter((one) => first.has(one)))('$finding: $name', verify);
  test.each(all.filter((one) => !first.has(one)))('$finding: $name', { tags: 'slow' }, verify);

  const codes = new Set([
    'exposed',
    'share-inert',
    'key-open',
    'foreign-key',
    'build-and-burn',
    'key-killers',
    'key-locked-out',
    'stack-owned-key',
  ]);

  test.each(odd.cases)('$name', { tags: 'slow' }, ({ expect: expected, ...estate }) => {
    const found = findingsOf(estate).filter((one) => codes.has(one.found.code) && !isOfAdministrators(one.found));
    expect(found.map((one) => `${one.found.code}: ${lineOf(one.found)}`).toSorted()).toEqual(expected.toSorted());
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });

  test.each(mixed.cases)('$name', { tags: 'slow' }, ({ expect: expected, ...estate }) => {
    const found = findingsOf(estate)
      .map((one) => one.found)
      .filter((one) => one.code !== 'not-read' && !isOfAdministrators(one));
    expect(found.map((one) => `${one.code}: ${lineOf(one)}`).toSorted()).toEqual(expected.toSorted());
    for (const one of found.filter(isOpen)) expect(one.dependsOn, lineOf(one)).not.toEqual([]);
  });
});

/** Parts that evidence may lack, by place. */
const masks: readonly string[] = [
  'prod iam',
  'prod users',
  'prod roles',
  'new role/RolePolicyList',
  'key/Policy',
  'key/Grants',
  'key/RamPolicy',
  'key/KeyMetadata/Origin',
  'key/KeyMetadata/KeyManager',
  'key/Tags',
  'new key/Policy',
  'kms',
  'sharing',
  'sharing/0',
  'organization',
  'rds',
  'rds/DBClusters',
  'rds/DBInstances',
  'rds/DBClusterSnapshots',
  'monthly/KmsKeyId',
  'monthly/SnapshotType',
  'monthly/StorageEncrypted',
  'cluster/TagList',
  'cluster/DeletionProtection',
  'cluster/DBClusterMembers',
  'backup',
  'dr',
  'dr rds',
  'dr key',
  'dr backup',
];

type Audited = ReturnType<typeof findingsOf>[number];

function thingsIn({ found: { affected, maybe, subject } }: Audited): ReadonlySet<string> {
  return new Set([subject, ...affectedKinds.flatMap((kind) => [...(affected[kind] ?? []), ...(maybe[kind] ?? [])])]);
}

/** Whether two findings report the same fault of a common resource. */
function isAbout(one: Audited, other: Audited): boolean {
  const things = thingsIn(other);
  return one.found.code === other.found.code && [...thingsIn(one)].some((thing) => things.has(thing));
}

/** Estates with many faults at once. */
const loud: readonly string[] = ['everything is open', 'everything can be destroyed'];

/** Undefined: the place does not exist in the evidence. */
function withoutPlace(change: Readonly<Record<string, unknown>>, mask: string): unknown {
  const [place = ''] = Object.keys(pointersOf({ [mask]: null }, quiet.places));
  const whole = changed(quiet.evidence, pointersOf(change, quiet.places));
  let held: unknown = whole;
  for (const part of place.slice(1).split('/')) held = isRecord(held) ? held[part] : undefined;
  return held === undefined ? undefined : changed(whole, { [place]: null });
}

describe('what was not read', { tags: 'slow' }, () => {
  test.each(masks)('never hides a finding, and never makes one certain: %s', (mask) => {
    const vanished: string[] = [];
    const invented: string[] = [];
    for (const estate of odd.cases.filter(({ name }) => loud.includes(name))) {
      const before = findingsOf(estate);
      const masked = withoutPlace(estate.with, mask);
      if (masked === undefined) continue;
      const evidence = parseEvidence('evidence.json', JSON.stringify(masked));
      const after = audit(directoryOf(evidence), settingsOf(estate)).findings;
      for (const one of before) {
        const { code, account } = one.found;
        // The evidence has no facts about an account that no policy names.
        const isGone = evidence.accounts[account] === undefined;
        if (code === 'not-read' || isGone || after.some((other) => isAbout(one, other))) continue;
        if (!after.some(({ found }) => found.code === 'not-read' && found.weakens.includes(code)))
          vanished.push(`${estate.name}: ${code} ${lineOf(one.found)}`);
      }
      for (const one of after)
        if (!one.isOpen && one.found.code !== 'not-read' && one.weakenedBy.length === 0)
          if (!before.some((other) => !other.isOpen && isAbout(one, other)))
            invented.push(`${estate.name}: ${one.found.code} ${lineOf(one.found)}`);
    }
    expect({ vanished, invented }).toEqual({ vanished: [], invented: [] });
  });
});

describe('a list that was refused in a Region of another account', () => {
  const gap = { what: 'rds:DescribeDBClusterSnapshots', account: '444455556666', region: 'eu-central-1' };
  const change = { 'dr rds/DBClusterSnapshots': [], gaps: [{ ...gap, reason: 'AccessDenied' }] };

  test('is named by a finding that a copy would end', () => {
    const found = findingsOf({ with: change });
    const unread = found.filter((one) => one.found.code === 'not-read').map(({ id }) => id);
    const alone = found.filter((one) => one.found.code === 'same-domain');
    expect(unread).toHaveLength(1);
    expect(alone.map(({ weakenedBy }) => weakenedBy)).toEqual([unread]);
  });
});

describe('the page of the audit', () => {
  const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');

  test.each(findingRows.map(({ code }) => code))('has a heading for %s', (code) => {
    expect(page).toContain(`\n## ${code}\n`);
  });
});

describe('the numbers of an audit', { tags: 'slow' }, () => {
  test.each(numbers.cases)('say what they leave out: $name', ({ expect: expected, ...estate }) => {
    const { holdouts } = audit(directoryOf(evidenceOf(estate.with)), settingsOf(estate));
    expect(holdouts.map(({ code, accounts }) => `${code} of ${accounts.join(', ')}`).toSorted()).toEqual(expected);
  });
});

describe('the ID of a finding', { tags: 'slow' }, () => {
  const elsewhere: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'another policy': { 'dba/RolePolicyList/1': { PolicyName: 'more', PolicyDocument: statement('s3:GetObject') } },
    'a policy of another account': { 'dr iam/RoleDetailList/0/RolePolicyList': [] },
    'the policy of another key': { 'dr key/Policy/Statement/0/Sid': 'Renamed' },
    'a boundary': { 'prod iam/Policies': [] },
  };

  function statement(action: string) {
    return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
  }

  test.each(Object.entries(elsewhere))('does not change when other resources change: %s', (_, change) => {
    for (const estate of odd.cases.filter(({ name }) => loud.includes(name))) {
      const after = new Set(findingsOf({ ...estate, with: { ...estate.with, ...change } }).map(({ id }) => id));
      const lost = findingsOf(estate).filter(({ id }) => !after.has(id));
      expect(lost.map(({ found }) => `${found.code} ${lineOf(found)}`)).toEqual([]);
    }
  });
});

describe('the statements behind a finding', { tags: 'slow' }, () => {
  const ofPeople = ['build-and-burn', 'key-killers'];
  const withPeople = quiet.cases.filter(({ finding }) => ofPeople.includes(finding));

  test.each(withPeople)('are in the policies of the principals that the finding names: $name', (estate) => {
    const { accounts } = evidenceOf(estate.with);
    const sidsOf = (arn: string): readonly unknown[] => {
      const { UserDetailList: users = [], RoleDetailList: roles = [] } = accounts[accountOf(arn)]?.iam ?? {};
      const entry = [...users, ...roles].find((one) => one.Arn === arn);
      return JSON.stringify(entry ?? {}).match(/(?<="Sid":")[^"]*/g) ?? [];
    };
    for (const { found } of findingsOf(estate)) {
      if (!ofPeople.includes(found.code)) continue;
      const people = found.affected.principals ?? found.maybe.principals ?? [];
      const known = people.flatMap(sidsOf);
      const own = found.statements.filter(({ policy, sid }) => policy === 'identity' && sid !== undefined);
      expect(own.map(({ sid }) => sid).filter((sid) => !known.includes(sid))).toEqual([]);
    }
  });
});
