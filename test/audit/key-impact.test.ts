import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { keyImpactReport } from '../../src/answer/key-impact.ts';
import { dependentKinds, impactTable, keyActions } from '../../src/audit/impact-table.ts';
import { nameOf, shortName } from '../../src/base/arn.ts';
import {
  type KeyImpactReport,
  keyImpactReportSchema,
  type ReportedKeyImpact,
  type ReportedPolicyChange,
} from '../../src/contract/key-impact-report.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { render } from '../../src/report/formats.ts';
import { readTable } from '../case-table.ts';
import { runInProcess } from '../run-in-process.ts';
import { styleOf } from '../style.ts';

/* What depends on a key, what happens to it without the key, and what remains unknown. */

const anything = v.record(v.string(), v.unknown());
const verdict = v.nullable(v.picklist(['breaks', 'cannot tell', 'no loss found', 'no RDS dependent found']));
const people = v.strictObject({ can: v.array(v.string()), may: v.array(v.string()) });
const caseSchema = v.strictObject({
  name: v.string(),
  source: v.string(),
  rds: v.optional(anything, {}),
  backup: v.optional(anything, {}),
  key: v.optional(anything, {}),
  metadata: v.optional(anything, {}),
  accounts: v.optional(anything, {}),
  elsewhere: v.optional(anything, {}),
  iam: v.optional(anything, {}),
  newPolicy: v.optional(anything),
  otherKeys: v.optional(v.array(anything), []),
  alsoAsked: v.optional(v.array(v.string()), []),
  caller: v.optional(v.string()),
  withoutIam: v.optional(v.array(v.string()), []),
  without: v.optional(v.array(v.string()), []),
  withoutKey: v.optional(v.array(v.string()), []),
  withoutMetadata: v.optional(v.array(v.string()), []),
  expect: v.strictObject({
    verdicts: v.record(v.picklist(keyActions), verdict),
    overall: v.optional(v.string()),
    effects: v.optional(v.array(v.string())),
    count: v.optional(v.number()),
    refused: v.optional(v.record(v.string(), v.string())),
    codes: v.optional(v.array(v.string())),
    undo: v.optional(v.record(v.picklist(keyActions), v.array(v.string())), {}),
    inTheEnd: v.optional(v.record(v.picklist(keyActions), v.string()), {}),
    says: v.optional(v.array(v.string()), []),
    saysNot: v.optional(v.array(v.string()), []),
    notAsked: v.optional(v.array(v.string()), []),
    who: v.optional(v.record(v.string(), people)),
    selfGivers: v.optional(v.record(v.picklist(keyActions), people)),
    unreadPrincipals: v.optional(v.array(v.string())),
    change: v.optional(
      v.nullable(
        v.strictObject({
          losses: v.array(v.string()),
          gains: v.optional(v.array(v.string())),
          lockedOut: v.boolean(),
        }),
      ),
    ),
  }),
});
type ImpactCase = v.InferOutput<typeof caseSchema>;

const { cases } = v.parse(
  v.strictObject({ about: v.string(), cases: v.array(caseSchema) }),
  readTable(new URL('../cases/key-impact/cases.json', import.meta.url)),
);

const account = '111122223333';
const region = 'eu-west-1';
const arn = `arn:aws:kms:${region}:${account}:key/k`;

const rdsLists = [
  ...['DBClusters', 'DBClusterSnapshots', 'DBClusterAutomatedBackups', 'DBInstances', 'DBSnapshots'],
  ...['DBInstanceAutomatedBackups', 'ExportTasks', 'GlobalClusters', 'Integrations', 'DBProxies'],
];

function empty(names: readonly string[]): Record<string, readonly unknown[]> {
  return Object.fromEntries(names.map((name) => [name, []]));
}

function less(all: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
}

function evidenceOf(one: ImpactCase): Evidence {
  const metadata = {
    Arn: arn,
    KeyState: 'Enabled',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    Origin: 'AWS_KMS',
    MultiRegion: false,
    ...one.metadata,
  };
  const key = {
    KeyMetadata: less(metadata, one.withoutMetadata),
    Policy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    },
    RamPolicy: null,
    Grants: [],
    Aliases: [{ AliasName: 'alias/orders' }],
    Tags: [],
    ...one.key,
  };
  const here = {
    rds: less({ ...empty(rdsLists), ...one.rds }, one.without),
    backup: less({ ...empty(['BackupVaults', 'RecoveryPoints']), ...one.backup }, one.without),
    kms: { keys: [less(key, one.withoutKey), ...one.otherKeys] },
  };
  return v.parse(evidenceSchema, {
    evidenceVersion: 1,
    ...(one.caller === undefined ? {} : { caller: { Arn: one.caller } }),
    accounts: {
      [account]: {
        iam: less(
          { ...empty(['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies']), ...one.iam },
          one.withoutIam,
        ),
        organization: null,
        regions: { [region]: here, ...one.elsewhere },
      },
      ...one.accounts,
    },
  });
}

const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;

/** Several tests read the reports of all cases, so each report is made once. */
const reports = new Map<ImpactCase, KeyImpactReport>();

function reportOf(one: ImpactCase): KeyImpactReport {
  const report = reports.get(one) ?? newReport(one);
  reports.set(one, report);
  return report;
}

function newReport(one: ImpactCase): KeyImpactReport {
  const planned =
    one.newPolicy === undefined
      ? {}
      : { given: [arn], planned: evidenceOf({ ...one, key: { ...one.key, Policy: one.newPolicy } }) };
  return keyImpactReport(
    evidenceOf(one),
    { ...settings, keys: [arn, ...one.alsoAsked], actions: keyActions, ...planned },
    'test',
  );
}

function differenceWords({ principal, operation, target, before, after }: Difference): string {
  return `${shortName(principal)} ${operation} ${nameOf(target)}: ${before} -> ${after}`;
}

type Difference = ReportedPolicyChange['losses'][number];

/** Checks the texts of the report, and the undo step of each action. */
function expectWords({ expect: wanted }: ImpactCase, key: ReportedKeyImpact, all: string): void {
  for (const { action, effects, inTheEnd } of key.actions) {
    const { undo, inTheEnd: ends } = wanted;
    const undone = [...new Set(effects.map(({ keyUndo }) => keyUndo))];
    if (undo[action] !== undefined) expect({ action, undone }).toEqual({ action, undone: undo[action] });
    if (ends[action] !== undefined) expect(inTheEnd?.text).toContain(ends[action]);
  }
  for (const text of wanted.says) expect(all).toContain(text);
  for (const text of wanted.saysNot) expect(all).not.toContain(text);
  const asked = key.actions.flatMap(({ holders }) => holders.map(({ action }) => action));
  for (const action of wanted.notAsked) expect(asked).not.toContain(action);
}

/** Checks who may take each action, and the effect of a new policy. */
function expectPeople({ expect: wanted }: ImpactCase, key: ReportedKeyImpact): void {
  const { who = {}, selfGivers = {}, change, unreadPrincipals } = wanted;
  const holders = new Map(key.actions.flatMap((action) => action.holders.map((one) => [one.action, one])));
  for (const [action, { can, may }] of Object.entries(who))
    expect({ action, can: holders.get(action)?.can, may: holders.get(action)?.may }).toEqual({ action, can, may });
  for (const { action, selfGivers: given } of key.actions)
    if (selfGivers[action] !== undefined)
      expect({ action, ...given, notAsked: 0 }).toEqual({ action, ...selfGivers[action], notAsked: 0 });
  if (unreadPrincipals !== undefined) expect(key.principalsNotRead.map(({ code }) => code)).toEqual(unreadPrincipals);
  if (change === undefined) return;
  const found = key.actions.find(({ action }) => action === 'policy')?.change;
  if (change === null) return expect(found).toBeNull();
  expect(found?.isLockedOut).toBe(change.lockedOut);
  for (const side of ['losses', 'gains'] as const) {
    const words = found?.[side].map(differenceWords) ?? [];
    for (const one of change[side] ?? []) expect(words).toContain(one);
    if (change[side]?.length === 0) expect(words).toEqual([]);
  }
}

describe('key-impact', () => {
  test.each(cases)('$name', (one) => {
    const report = reportOf(one);
    expect(() => v.parse(keyImpactReportSchema, report)).not.toThrow();
    const [key] = report.keys;
    if (key === undefined) throw new Error('no key');
    const { verdicts, overall, effects, count, refused, codes } = one.expect;
    const byAction = new Map(key.actions.map((action) => [action.action, action]));
    const asked = keyActions.filter((action) => Object.hasOwn(verdicts, action));
    expect(Object.fromEntries(asked.map((action) => [action, byAction.get(action)?.verdict]))).toEqual(verdicts);
    const disabled = byAction.get('disable')?.effects ?? [];
    if (effects !== undefined)
      expect(disabled.map(({ kind, loss, when, repair }) => `${kind}: ${loss.code}, ${when}, ${repair}`)).toEqual(
        effects,
      );
    if (count !== undefined) expect(key.dependents).toBe(count);
    if (refused !== undefined)
      expect(
        Object.fromEntries(
          key.actions.flatMap(({ action, refused: why }) =>
            why === null || (action === 'delete-material' && !Object.hasOwn(refused, action))
              ? []
              : [[action, why.code]],
          ),
        ),
      ).toEqual(refused);
    if (codes !== undefined) {
      const said = [...key.pointers, ...key.notRead, ...key.notes].map(({ code }) => code);
      expect([...new Set(said)].toSorted()).toEqual(codes.toSorted());
    }
    if (overall !== undefined) expect(report.verdict).toBe(overall);
    expectWords(one, key, JSON.stringify(report));
    expectPeople(one, key);
  });

  test('never says that a key is safe', () => {
    for (const one of cases) expect(JSON.stringify(reportOf(one))).not.toMatch(/\bis safe\b|\bsafely\b/i);
  });

  test('marks a loss that is only possible as doubtful', () => {
    const lines = cases.flatMap((one) =>
      render('keyImpact', reportOf(one), 'text', styleOf({ width: 500 })).split('\n'),
    );
    const signs = lines.flatMap((line) => /^ *(\S) If RDS loses the key, /.exec(line)?.[1] ?? []);
    expect([...new Set(signs)]).toEqual(['?']);
  });

  test('marks a gain that is certain as notable, and one that is only possible as doubtful', () => {
    const lines = cases.flatMap((one) =>
      render('keyImpact', reportOf(one), 'text', styleOf({ width: 500 })).split('\n'),
    );
    const found = lines.flatMap((line) => {
      const [, sign, verb] = /^ *(\S) .* (gains|may gain) /.exec(line) ?? [];
      return sign === undefined ? [] : [`${sign} ${verb}`];
    });
    expect(new Set(found)).toEqual(new Set(['- gains', '? may gain']));
  });

  test('finds no dependent only where nothing was left out and nothing points elsewhere', () => {
    for (const one of cases) {
      const [key] = reportOf(one).keys;
      if (key?.verdict !== 'no RDS dependent found') continue;
      expect({ name: one.name, dependents: key.dependents, notRead: key.notRead, pointers: key.pointers }).toEqual({
        name: one.name,
        dependents: 0,
        notRead: [],
        pointers: [],
      });
    }
  });
});

test('no report says that nobody can disable a key whose account was not read', () => {
  const foreign = 'arn:aws:kms:eu-west-1:444455556666:key/x';
  const evidence: Evidence = { evidenceVersion: 1, accounts: { [account]: {} } };
  const [key] = keyImpactReport(evidence, { ...settings, keys: [foreign], actions: ['disable'] }, 'test').keys;
  expect(key?.verdict).toBe('cannot tell');
  expect(key?.principalsNotRead.map(({ code }) => code)).toEqual(['principals-unread']);
});

test.each([
  { state: 'Unavailable', undo: 'enable-key-and-connect-store' },
  { state: 'PendingDeletion', undo: 'cancel-deletion' },
  { state: 'PendingImport', undo: 'import-same-material' },
  { state: 'Disabled', undo: 'enable-key' },
])('a key in state $state is made usable again by $undo', ({ state, undo }) => {
  const one = cases.find(({ name }) => name === `a key in state ${state}`);
  const [key] = one === undefined ? [] : reportOf(one).keys;
  const disabled = key?.actions.find(({ action }) => action === 'disable');
  expect(disabled?.effects.map(({ keyUndo }) => keyUndo)).toEqual([undo]);
});

describe('the table of effects', () => {
  test('has a row for each kind and each action', () => {
    expect(impactTable).toHaveLength(dependentKinds.length * keyActions.length);
    expect(new Set(impactTable.map(({ kind, action }) => `${kind} ${action}`)).size).toBe(impactTable.length);
  });

  test.each(dependentKinds)('%s has a case', (kind) => {
    const shown = cases.flatMap(({ expect: { effects = [] } }) => effects);
    expect(shown.some((effect) => effect.startsWith(`${kind}: `))).toBe(true);
  });
});

describe('the command', () => {
  test.each([
    { args: ['alias/orders', '--demo'], code: 1, says: ['Cluster orders stops', 'Undo within 7 days'] },
    { args: ['alias/orders', '--demo', '--action', 'policy'], code: 2, says: ['add --assume-policy'] },
    { args: ['alias/orders', '--demo', '--fail-on', 'never'], code: 0, says: ['breaks 3 RDS resources'] },
    { args: ['alias/orders', 'alias/ledger', '--demo'], code: 1, says: ['Of 2 keys, 2 break RDS resources'] },
    {
      args: ['alias/aws/rds', '--demo=estate'],
      code: 2,
      says: [
        '? Nobody can disable, delete or change key alias/aws/rds: AWS manages the key. 2 RDS resources depend on the key',
      ],
    },
    {
      args: ['alias/aws/rds', '--demo'],
      code: 2,
      says: ['AWS manages the key. No RDS resource that depends on the key was found, but not everything was read'],
    },
    { args: ['alias/order', '--demo'], code: 252, says: ['no KMS key `alias/order`'] },
    { args: ['alias/orders', '--demo', '--action', 'remove'], code: 252, says: ['give disable, delete'] },
  ])('key-impact $args exits with $code', async ({ args, code, says }) => {
    const { code: exitCode, stdout, stderr } = await runInProcess(['key-impact', ...args]);
    expect({ exitCode, text: `${stdout}${stderr}` }).toEqual({ exitCode: code, text: expect.any(String) });
    for (const text of says) expect(`${stdout}${stderr}`.replaceAll(/\s+/g, ' ')).toContain(text);
  });
});
