import { describe, expect, test } from 'vitest';
import type {
  ExpectationFix,
  PreflightReport,
  ReportedCause,
  ReportedExpectation,
} from '../../src/contract/preflight-report.ts';
import { casesOf } from '../../src/report/cases.ts';
import { afterFixes, countLines, expectationFixes, expectationNotes } from '../../src/report/expectation.ts';
import { piecesOf } from '../../src/report/format.ts';
import { drawPreflight } from '../../src/report/preflight.ts';
import { exampleEvidence, reportOn } from '../preflight-case.ts';
import { styleOf } from '../style.ts';

const restore = { can: 'restore', 'backups-of': 'orders' };
const who = ['role/app-orders', 'role/app-migrator', 'role/dr-restore', 'role/nightly-backup'];
const asked = { now: '2026-11-26T12:00:00Z' };
const report = reportOn(exampleEvidence(), [{ ...restore, who }], asked);
const base = reportOn(exampleEvidence(), [{ ...restore, who: who[0] }], asked).expectations[0];

function withFields(fields: Partial<ReportedExpectation>): ReportedExpectation {
  if (base === undefined) throw new Error('there is no expectation');
  const { fixes: _, withFixes: __, fixNotSought: ___, ...others } = base;
  return { ...others, causes: [], questions: 9, broken: 0, unproven: 0, id: 'e', ...fields };
}

function drawn(one: PreflightReport, style: Parameters<typeof styleOf>[0]): string {
  return [...piecesOf(drawPreflight({ report: one }, styleOf(style)))].join('');
}

const cause: ReportedCause = { code: 'cannot-do', outcome: 'broken', combinations: 1, reasons: [], statements: [] };
const one: ExpectationFix = { id: 'fix-1', after: 'succeeds', steps: ['do it'], repairs: 1 };
const holds = { outcome: 'holds', broken: 0, unproven: 0 } as const;
const left = { outcome: 'broken', broken: 1, unproven: 1 } as const;

test.each<[Partial<ReportedExpectation>, readonly string[]]>([
  [{ questions: 1, broken: 1 }, []],
  [{ broken: 1, causes: [cause] }, ['1 of 9 combinations does not hold']],
  [{ broken: 3, causes: [{ ...cause, combinations: 3 }] }, ['3 of 9 combinations do not hold, for 1 reason']],
  [{ broken: 3, causes: [cause] }, ['3 of 9 combinations do not hold']],
  [{ unproven: 2, causes: [cause, cause] }, ['2 of 9 combinations do not hold, for 2 reasons']],
  [{ broken: 1, unproven: 2 }, ['3 of 9 combinations do not hold (1 broken, 2 unproven)']],
])('what does not hold is counted: %o', (fields, lines) => {
  expect(countLines(withFields(fields))).toEqual(lines);
});

test.each<[string, Partial<ReportedExpectation>, readonly string[], readonly string[]]>([
  [
    'one that repairs all',
    { broken: 2, fixes: [one], withFixes: holds },
    ['Fix (re-checked: the expectation then holds)'],
    [],
  ],
  [
    'two that repair all',
    { broken: 2, fixes: [one, one], withFixes: holds },
    [
      'Fix for 1 of 2 combinations (re-checked: the operation then succeeds)',
      'Fix for 1 of 2 combinations (re-checked: the operation then succeeds)',
    ],
    ['With these fixes the expectation holds (re-checked)'],
  ],
  [
    'one of several',
    { broken: 3, fixes: [one], withFixes: left, fixNotSought: true },
    ['Fix for 1 of 3 combinations (re-checked: the operation then succeeds)'],
    ['With this fix 2 combinations still do not hold', 'For more fixes, make these changes and run preflight again'],
  ],
  [
    'what leaves doubt',
    {
      broken: 1,
      fixes: [{ ...one, after: 'undetermined' }],
      withFixes: { outcome: 'unproven', broken: 0, unproven: 1 },
    },
    ['Fix (re-checked: the operation is then undetermined)'],
    ['With this fix 1 combination still does not hold'],
  ],
  [
    'where something else is missing',
    { broken: 1, fixes: [one], withFixes: { outcome: 'broken', broken: 0, unproven: 0 } },
    ['Fix (re-checked: the operation then succeeds)'],
    ['Every combination then holds, but something is still missing: see above'],
  ],
  [
    'a request of a plan',
    { broken: 1, questions: 1, fixes: [one] },
    ['Fix (re-checked: the operation then succeeds)'],
    [],
  ],
  [
    'what could not be checked again',
    {
      broken: 5,
      fixes: [{ id: 'fix-1', after: 'succeeds', steps: ['do it'], isFor: 'A cannot do B' }],
      fixNotSought: true,
    },
    ['Fix for one combination (A cannot do B)'],
    ['For more fixes, make these changes and run preflight again'],
  ],
  [
    'a fix that cannot be re-checked',
    {
      broken: 3,
      fixes: [
        { ...one, after: 'denied' },
        { id: 'fix-2', after: 'denied', steps: ['x'] },
      ],
      withFixes: left,
    },
    ['Fix for 1 of 3 combinations (re-checked: the operation is then denied)', 'Fix (not re-checked)'],
    ['With the re-checked fixes 2 combinations still do not hold'],
  ],
  [
    'another request',
    {
      broken: 2,
      fixes: [{ id: 'fix-1', after: 'succeeds', steps: ['x'], isFor: 'A cannot do B', changesExpectation: true }],
    },
    ['Fix for one combination (A cannot do B), with a change of the expectation'],
    [],
  ],
  ['none', { broken: 1, causes: [cause], fixes: [] }, [], ['No fix was found']],
  ['none for a denial elsewhere', { broken: 1, causes: [{ ...cause, code: 'stopped-elsewhere' }], fixes: [] }, [], []],
  [
    'another request of a plan',
    {
      broken: 2,
      address: 'aws_rds_cluster.c',
      fixes: [{ id: 'fix-1', after: 'succeeds', steps: ['x'], isFor: 'A cannot do B', changesExpectation: true }],
    },
    ['Fix for one combination (A cannot do B), with a change of the configuration'],
    [],
  ],
  ['none', { broken: 1, causes: [cause], fixes: [] }, [], ['No fix was found']],
  ['none for a denial elsewhere', { broken: 1, causes: [{ ...cause, code: 'stopped-elsewhere' }], fixes: [] }, [], []],
  [
    'none because no search was made',
    { broken: 1, fixNotSought: true },
    [],
    ['For the fix: aurora-kms-check preflight explain e'],
  ],
  ['nothing broken', { unproven: 1 }, [], []],
])('a fix says how many combinations it repairs: %s', (_, fields, heads, lines) => {
  const expectation = withFields(fields);
  expect(expectationFixes(expectation).map(({ head }) => head)).toEqual(heads);
  expect(afterFixes(expectation)).toEqual(lines);
});

describe('where several combinations fail', () => {
  const counted = '12 of 16 combinations do not hold, for 4 reasons.';
  const fixed = ['app-orders', 'app-migrator', 'nightly-backup'];

  test('text has the count, each reason once, the fixes, and what is left', () => {
    const text = drawn(report, { width: 1000 });
    expect(text).toContain(counted);
    expect(text.match(/combinations for the same reason:/g)).toHaveLength(3);
    expect(text).toContain('Why (for the first): role/apps/app-orders calls rds:RestoreDBClusterFromSnapshot.');
    expect(text.match(/Fix for 3 of 12 combinations/g)).toHaveLength(3);
    expect(text).toContain('With these fixes 3 combinations still do not hold.');
  });

  test('so have the cases of CI systems', () => {
    const [first] = casesOf.preflight({ report }).cases;
    const details = first?.details.join('\n') ?? '';
    expect(first?.says).toBe(
      'e0: role/apps/app-orders cannot restore snapshot orders-2026-11-24, and 11 more combinations do not hold',
    );
    expect(details).toContain(counted);
    expect(details.match(/combinations for the same reason:/g)).toHaveLength(3);
    expect(
      details.match(/^Fix for 3 of 12 combinations .*$/gm)?.map((line) => fixed.find((name) => line.includes(name))),
    ).toEqual(fixed);
    expect(details).toContain('With these fixes 3 combinations still do not hold.');
  });

  test('no more than five reasons are listed, and the others are counted', () => {
    const many: PreflightReport = {
      ...report,
      expectations: report.expectations.map((each) => ({
        ...each,
        broken: 9,
        causes: Array.from({ length: 9 }, () => cause),
        failing: each.failing
          .slice(0, 9)
          .map((failing, index) => ({ ...failing, says: `reason ${index}`, cause: index })),
      })),
    };
    const text = drawn(many, {});
    const details = casesOf.preflight({ report: many }).cases[0]?.details.join('\n') ?? '';
    for (const each of [text, details]) {
      expect(each.match(/4 more combinations/g)).toHaveLength(1);
      expect(each.toLowerCase()).toContain('reason 4');
      expect(each.toLowerCase()).not.toContain('reason 5');
    }
    expect(drawn(many, { verbose: true })).toContain('Reason 8.');
  });
});

describe('the first line', () => {
  const judged = (counts: Partial<PreflightReport['summary']>, fields: Partial<ReportedExpectation>, of: number) => ({
    ...report,
    summary: { ...report.summary, holds: 0, broken: 0, unproven: 0, ...counts },
    expectations: Array.from({ length: of }, () => withFields(fields)),
  });
  const planned = { address: 'aws_rds_cluster.restored' };
  const losing = {
    ...planned,
    outcome: 'broken' as const,
    broken: 0,
    lacks: [{ code: 'key-goes-with-snapshot', text: 'The key goes.' }],
  } satisfies Partial<ReportedExpectation>;

  test.each([
    [{ holds: 1 }, {}, 1, 'The expectation holds'],
    [{ holds: 2 }, {}, 2, 'All 2 expectations hold'],
    [{ broken: 1, unproven: 2 }, {}, 3, '1 of 3 expectations is broken, and 2 are unproven'],
    [{ unproven: 1 }, {}, 1, 'The expectation is unproven'],
    [{ holds: 1 }, planned, 1, 'The only request of the plan succeeds'],
    [{ holds: 2 }, planned, 2, 'All 2 requests of the plan succeed'],
    [
      { broken: 1, unproven: 2 },
      planned,
      3,
      '1 of 3 requests of the plan makes the apply fail, and 2 may make the apply',
    ],
    [{ unproven: 1 }, planned, 1, 'The only request of the plan may make the apply fail'],
    [{ broken: 1 }, losing, 1, 'The only request of the plan leaves a final snapshot under a key'],
    [{ broken: 2 }, losing, 2, '2 of 2 requests of the plan leave final snapshots under keys that the apply'],
    [
      { broken: 3, unproven: 1 },
      losing,
      2,
      '1 of 2 requests of the plan makes the apply fail, 2 leave final snapshots',
    ],
  ])('%o %o of %i: %s', (counts, fields, of, line) => {
    expect(drawn(judged(counts, fields, of), {}).split('\n')[0]).toContain(line);
  });

  const loss: NonNullable<PreflightReport['effects']>[number] = {
    kind: 'loses',
    addresses: ['x'],
    how: 'each',
    principals: ['a'],
    operations: [],
    says: 'x',
  };
  test.each([
    [loss, 'succeeds, but 1 principal loses operations'],
    [{ ...loss, principals: ['a', 'b'] }, 'succeeds, but 2 principals lose operations'],
    [{ ...loss, kind: 'may-lose' as const }, 'succeeds\n'],
  ])('of a plan without a failure: %j: %s', (effect, line) => {
    const lossy = { ...judged({ holds: 1 }, planned, 1), effects: [effect] };
    expect(drawn(lossy, {})).toContain(`The only request of the plan ${line}`);
  });

  test('speaks of the plans if there are several', () => {
    const plan = { file: 'p', changes: 0, overlaid: 0, notUnderstood: [], others: 0, notChecked: [], notes: [] };
    const several = { ...judged({ holds: 2 }, planned, 2), plans: [plan, plan] };
    expect(drawn(several, {})).toContain('All 2 requests of the plans succeed');
    expect(drawn({ ...judged({}, {}, 0), plans: [plan, plan], verdict: 'succeeds' as const }, {})).toContain(
      'The plans send no request',
    );
  });

  test('counts expectations together with the requests of a plan', () => {
    const both = { ...judged({ broken: 1, holds: 1 }, {}, 1), expectations: [withFields(planned), withFields({})] };
    const lines = drawn(both, {}).split('\n');
    expect(lines[0]).toContain('1 of 2 expectations and requests is broken');
    expect(lines.join('\n')).toContain('2 expectations and requests: 1 holds, 1 broken');
  });
});

const todo = { code: 'why-is-todo', text: 'No reason is given yet: replace TODO in why.' } as const;

test.each<[string, readonly Partial<ReportedExpectation>[], readonly string[]]>([
  ['no note', [{}], []],
  ['one note', [{ id: 'a', notes: [todo] }, { id: 'b' }], [`a: ${todo.text}`]],
  [
    'one note of several expectations is said once',
    ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, notes: [todo] })),
    [`a, b, c and 2 more: ${todo.text}`],
  ],
])('%s', (_, expectations, notes) => {
  expect(expectationNotes(expectations.map(withFields))).toEqual(notes);
});

describe('the totals count an exception', () => {
  const exception = { reason: 'a move', until: '2027-01-31', isLive: true, covers: 1, needed: 1 };
  test.each([
    ['in effect where something fails without it', exception, '1 exception in effect'],
    ['as not needed where everything holds without it', { ...exception, needed: 0 }, '1 exception not needed'],
    ['not at all where it has ended', { ...exception, isLive: false }, '0 unproven.'],
  ])('%s', (_, given, text) => {
    const text80 = drawn({ ...report, expectations: [withFields({ exceptions: [given] })] }, {});
    const totals = text80.slice(text80.lastIndexOf('\n\n')).replace(/\s+/g, ' ');
    expect(totals).toContain(text);
    if (!text.includes('in effect')) expect(totals).not.toContain('in effect');
  });
});

describe('requests of a plan that are alike', () => {
  const lacks = [{ code: 'plan-value', text: 'The value of kms_key_id is known only after the plan is applied.' }];
  const requests = (count: number, fields: Partial<ReportedExpectation>): PreflightReport => ({
    ...report,
    expectations: Array.from({ length: count }, (_, number) =>
      withFields({ id: `aws_rds_cluster.x${number} Restore`, address: `aws_rds_cluster.x${number}`, ...fields }),
    ),
  });
  const unproven: Partial<ReportedExpectation> = { outcome: 'unproven', lacks, questions: 0 };

  test.each<[number, Partial<ReportedExpectation>, readonly string[]]>([
    [1, unproven, ['? aws_rds_cluster.x0 Restore: ']],
    [
      2,
      unproven,
      ['? aws_rds_cluster.x0 Restore: ', '? aws_rds_cluster.x1 Restore is unproven for the same reason (--list-all)'],
    ],
    [
      5,
      { ...unproven, outcome: 'broken', broken: 1 },
      [
        '✗ aws_rds_cluster.x0 Restore: ',
        '✗ aws_rds_cluster.x1 Restore, aws_rds_cluster.x2 Restore, aws_rds_cluster.x3 Restore and 1 more are broken for the same reason (--list-all)',
      ],
    ],
    [3, { ...unproven, lacks: [] }, ['? aws_rds_cluster.x0', '? aws_rds_cluster.x1', '? aws_rds_cluster.x2']],
    [2, { ...unproven, address: undefined }, ['? aws_rds_cluster.x0 Restore: ', '? aws_rds_cluster.x1 Restore: ']],
    [23, { outcome: 'holds' }, ['✓ aws_rds_cluster.x0', '✓ aws_rds_cluster.x19', '✓ and 3 more (--list-all)']],
  ])('%i of %o', (count, fields, lines) => {
    const made = requests(count, fields);
    const shown = drawn(made, { width: 1000 })
      .split('\n')
      .filter((line) => /^ {2}[?✗✓] /.test(line));
    const wanted = lines.length === 3 && fields.outcome === 'holds' ? [shown[0], shown[19], shown[20]] : shown;
    expect(wanted).toHaveLength(lines.length);
    for (const [at, line] of lines.entries()) expect(wanted[at]).toContain(line);
    for (const style of [{ listAll: true }, { verbose: true }])
      expect(drawn(made, style).match(/^ {2}[?✗✓] /gm)).toHaveLength(count);
  });

  test('and notes and changes of a plan name the first addresses', () => {
    const addresses = [1, 2, 3, 4, 5].map((number) => `aws_iam_policy.p${number}`);
    const each = (text: string) => addresses.map((address) => ({ address, code: 'policy-hidden', text }));
    const notChecked = addresses.map((address) => ({ address, api: 'CreateOptionGroup' }));
    const plan = { file: 'plan.json', changes: 9, overlaid: 4, others: 0, notChecked };
    const made = { ...report, plans: [{ ...plan, notUnderstood: each('No type.'), notes: each('Hidden.') }] };
    const all = 'aws_iam_policy.p1, aws_iam_policy.p2, aws_iam_policy.p3 and 2 more: ';
    for (const line of [`Not understood: ${all}No type.`, `Not checked: ${all}CreateOptionGroup`, `  ${all}Hidden.`])
      expect(drawn(made, { width: 1000 })).toContain(line);
    expect(drawn(made, { width: 1000, listAll: true })).toContain('p4 and aws_iam_policy.p5: Hidden.');
  });
});
