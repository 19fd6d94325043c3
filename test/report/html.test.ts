// @module-tag slow
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { matricesOf } from '../../src/report/html/matrix.ts';
import { drawPage } from '../../src/report/html/page.ts';
import { type PageAnswer, pageContent } from '../../src/report/html/page-content.ts';
import type { AnsweredRow, ReportRow } from '../../src/report/row.ts';
import { runInProcess } from '../run-in-process.ts';
import { account, answerWith, finding, keyArn, roleArn, row } from './page-answers.ts';

/*
 * `--report html`: what a page contains, that the page says what it leaves out, and that no name
 * becomes code.
 */

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});

async function pageOf(args: readonly string[]): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'page.html');
  await runInProcess([...args, '--quiet', '--report', `html=${path}`]);
  return readFileSync(path, 'utf8');
}

const sweep = ['restore', '--demo', '--principal', 'role/operator', '--principal', 'role/dr-restore'];

const drawn = (answer: PageAnswer): string => drawPage(pageContent(answer));

interface Data {
  readonly texts: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

function dataIn(page: string): Data {
  const found = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page);
  const data: Data = JSON.parse(found?.[1] ?? '');
  return data;
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('a page', () => {
  const expectations =
    'version: 1\nexpectations:\n  - { id: first, who: role/operator, can: restore, snapshot: orders-before-upgrade, why: runbook }\n';
  test.each([
    { name: 'a sweep', args: sweep, says: '5 fail and 1 succeeds' },
    { name: 'one check', args: ['restore', '--demo'], says: 'role/operator' },
    {
      name: 'who-can',
      args: ['who-can', 'restore', '--demo'],
      says: 'At least one principal can restore each of the 3',
    },
    {
      name: 'a comparison',
      args: ['diff', '--demo', '--assume-key-state', 'alias/ledger=PendingDeletion', '--operation', 'restore'],
      says: 'became worse',
    },
    { name: 'preflight', args: ['preflight', 'expectations.yaml', '--demo'], says: '1 broken' },
  ])('shows $name', async ({ args, says }) => {
    writeFileSync(join(folder, 'expectations.yaml'), expectations);
    const page = await pageOf(args.map((one) => (one === 'expectations.yaml' ? join(folder, one) : one)));
    expect(/<h1>(.*?)<\/h1>/.exec(page)?.[1]).toContain(says);
    expect(page).not.toMatch(/ style=| on[a-z]+=|<link|<img|<iframe|src=|url\(|https?:/);
    for (const part of ['</html>', '<main>', '</main>', 'id="legend"']) expect(count(page, part), part).toBe(1);
  });

  test('of who can has numbers that agree with its headline, and a line for each backup, the worst first', async () => {
    const page = await pageOf(['who-can', 'restore', '--demo=estate']);
    expect(page).toContain('<h1>No principal can restore 1 of the 10 snapshots, and perhaps 2 more.');
    const counts = /<ul class="counts">.*?<\/ul>/s.exec(page)?.[0] ?? '';
    for (const one of [
      '10</strong> asked about',
      '7</strong> ✓ somebody',
      '2</strong> ? perhaps',
      '1</strong> ✗ nobody',
    ])
      expect(counts).toContain(one);
    const rows = /id="targets".*?<\/section>/s.exec(page)?.[0].match(/<td data-label="Backup or database">.*?<\/tr>/gs);
    expect(rows).toHaveLength(9);
    expect(rows?.[0]).toMatch(/ledger-monthly.*✗ nobody/s);
    expect(rows?.[1]).toMatch(/archive-2019.*archive-2020.*\? perhaps somebody.*data-label="Who can"[^>]*>not known</s);
  });

  test('of a key shows for each action whether it can be undone', async () => {
    const page = await pageOf(['key-impact', 'alias/orders', '--demo=estate']);
    const cells = [...page.matchAll(/data-label="Can it be undone\?"[^>]*>(.*?)<\/td>/gs)].map(([, text = '']) => text);
    expect(cells.map((text) => /[✗◐✓–][^<]*/.exec(text)?.[0])).toEqual([
      '✗ cannot be undone in the end',
      '◐ can be undone in part, or for some days',
      '✓ can be undone',
      '– does not apply',
    ]);
    expect(page).toContain('Cannot be undone in the end: Delete</strong>');
  });

  test.each([
    { name: 'old', at: '2026-01-01T00:00:00Z', says: '! Old data:</strong>' },
    { name: 'new', at: '2026-01-09T12:00:00Z', says: undefined },
  ])('says how old its data is: $name', ({ at, says }) => {
    const answer = answerWith([], [row({})]);
    const page = drawn({
      ...answer,
      evidenceAt: at,
      report: { ...answer.report, evaluatedAt: '2026-01-10T00:00:00Z' },
    });
    expect(page).toContain('Data read from AWS on');
    expect(page.includes('Old data')).toBe(says !== undefined);
    if (says !== undefined) expect(page).toContain('9 days before this page was made');
  });

  test('lets nothing run but its own style and script', () => {
    const page = drawn(answerWith([finding('the finding')], [row({})]));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hash = (text = ''): string => `&apos;sha256-${createHash('sha256').update(text).digest('base64')}&apos;`;
    expect(policy).toContain(
      `default-src &apos;none&apos;; style-src ${hash(/<style>(.*?)<\/style>/s.exec(page)?.[1])}`,
    );
    expect(policy).toContain(`script-src ${hash(/<script>(.*?)<\/script>/s.exec(page)?.[1])};`);
    expect(count(page, '<script')).toBe(2);
  });

  test('shows first what was not read, then what is wrong', () => {
    const page = drawn(answerWith([finding('the finding')], [row({})], ['The list was not read.']));
    const at = ['an answer', 'The list was not read.', 'the finding', 'All answers', 'How to read'].map((part) =>
      page.lastIndexOf(part),
    );
    expect(at).toEqual(at.toSorted((one, other) => one - other));
  });

  test('names the evidence by its hash', async () => {
    const file = 'test/cases/findings/rich20.json';
    const page = await pageOf(['restore', '--evidence', file, '--max-age', '9999d', '--principal', 'role/r']);
    expect(page).toContain(`<dd>${createHash('sha256').update(readFileSync(file)).digest('hex')}</dd>`);
  });

  const hostile = '</script><img src=x onerror=alert(1)>"&\'';
  test('shows a name that is HTML as it is', () => {
    const named = { principal: roleArn(hostile), target: null, key: keyArn(hostile), findingId: hostile };
    const page = drawn(answerWith([finding(hostile, [hostile])], [row(named, hostile), row({}, 'why')], [hostile]));
    expect(page).not.toContain('<img');
    expect(count(page, '</script>')).toBe(2);
    expect(dataIn(page).texts).toContain(hostile);
  });
});

describe('a page of an audit', () => {
  let page = '';
  beforeAll(async () => {
    page = await pageOf(['audit', '--demo=estate']);
  });

  test('begins with its numbers and everything that was not read, and has the backups of each key', () => {
    const part = (id: string): string => new RegExp(`<section id="${id}".*?</section>`, 's').exec(page)?.[0] ?? '';
    const order = ['class="counts"', 'id="unread"', 'id="findings"', 'id="keys"'].map((one) => page.indexOf(one));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    const counts = /<ul class="counts">.*?<\/ul>/s.exec(page)?.[0] ?? '';
    for (const one of ['21</strong> backups', '5</strong> ✗ nobody can restore', '4</strong> ✗ critical findings'])
      expect(counts).toContain(one);
    expect(part('unread')).toContain('rds:DescribeDBClusterSnapshots (account 333344445555, eu-central-1)');
    expect(part('findings')).not.toContain('rds:DescribeDBClusterSnapshots');
    expect(part('findings')).toContain('✗ critical</span>None of 30 principals');
    expect(part('keys')).toMatch(/alias\/ledger<\/td>.*?nobody<\/td>/s);
  });

  test('shows first what to do, and its first finding is the same', () => {
    const callout = /id="first">.*?<\/p>/s.exec(page)?.[0] ?? '';
    expect(callout).toContain('Do this first</strong> Cancel the deletion of key alias/ledger before');
    expect(page.indexOf(callout)).toBeLessThan(page.indexOf('class="counts"'));
    const [first = ''] = /<details.*?<\/summary>/s.exec(page.slice(page.indexOf('id="findings"'))) ?? [];
    expect(first).toContain('KMS deletes key alias/ledger on 2026-11-20');
  });

  test('folds findings that are alike, as text does, and keeps the order', () => {
    const groups = [...page.matchAll(/<details class="group"><summary>(.*?)<\/summary>/g)].map(([, says = '']) => says);
    expect(groups[0]).toContain(
      '✗ high</span>role/deployer can delete databases, and also their keys or all their backups',
    );
    expect(groups[0]).toContain('(8 findings)');
    expect(count(page, '<details class="finding">')).toBe(45);
    const order = [...page.matchAll(/class="badge \w+">. (critical|high|medium|note)</g)].map(([, one = '']) => one);
    const rank = ['critical', 'high', 'medium', 'note'];
    expect(order).toEqual(order.toSorted((one, other) => rank.indexOf(one) - rank.indexOf(other)));
  });
});

const rowsOf = (length: number, why: (at: number) => string = () => 'why'): readonly AnsweredRow[] =>
  Array.from({ length }, (_, at) => row({ principal: roleArn(`r-${at}`) }, why(at)));

describe('what a page shows at once', () => {
  test('few critical findings that are alike at once, and folds many', () => {
    const alike = (length: number): string =>
      drawn(
        answerWith(
          Array.from({ length }, (_, at) => ({ ...finding(`f ${at}`), severity: 'critical' as const, group: 'alike' })),
          [row({})],
        ),
      );
    expect(alike(3)).not.toContain('class="group"');
    expect(alike(10)).toContain('<details class="group" open>');
    expect(alike(11)).toContain('<details class="group">');
  });

  test('the first 200 rows, and its data have all rows', () => {
    const page = drawn(answerWith([], rowsOf(250)));
    expect(count(page, '<td data-label="Principal"')).toBe(200);
    expect(page).toContain('Showing 200 of 250 answers.');
    const { rows: kept, texts } = dataIn(page);
    expect(kept).toHaveLength(250);
    expect(kept.at(-1)?.map((at) => texts[at])).toContain('role/r-249');
  });
});

describe('what a page holds', () => {
  test('100,000 rows and 1,000 findings; it says how many are left out', () => {
    const cases = Array.from({ length: 1003 }, (_, at) => finding(`finding ${at}`));
    const some = rowsOf(1000);
    const page = drawn(
      answerWith(
        cases,
        Array.from({ length: 100_007 }, (_, at) => some[at % 1000] ?? row({})),
      ),
    );
    expect(dataIn(page).rows).toHaveLength(100_000);
    expect(page).toContain('Showing 200 of 100,007 answers.');
    expect(page).toContain('This page holds 100,000 of them');
    expect(count(page, '<details class="finding"><summary><span class="badge bad">')).toBe(1000);
    expect(page).toContain('3 more findings are left out of this page');
    expect(page.length).toBeLessThan(20_000_000);
  });

  test('at most 20 MB of long texts', () => {
    const content = pageContent(
      answerWith(
        [],
        rowsOf(30_000, (at) => `${at} ${'x'.repeat(900)}`),
      ),
    );
    expect(Buffer.byteLength(drawPage(content))).toBeLessThan(20_000_000);
    expect(content.rows.length).toBeGreaterThan(10_000);
    expect(content.rowsLeftOut).toBe(30_000 - content.rows.length);
  });

  test('a principal that is itself an account is named without an account', () => {
    const outsider = row({ principal: '555566667777', principalAccount: null });
    const page = drawn(answerWith([], [row({}), outsider]));
    expect(page).toContain('555566667777');
    expect(page).not.toContain('account null');
  });

  test('no column that is empty or the same in every row', () => {
    const { columns, alike } = pageContent(
      answerWith([], [row({}, 'one reason'), row({ principal: roleArn('two'), verdict: 'succeeds' }, 'another')]),
    );
    expect(columns.map(({ name }) => name)).toEqual(['Principal', 'Result', 'Why']);
    expect(alike).toContainEqual(['Account', account]);
    expect(alike).not.toContainEqual(['Backups alike', '1']);
  });
});

describe('a matrix', () => {
  const one = (
    principal: string,
    key: string,
    verdict: ReportRow['verdict'],
    more: Partial<ReportRow> = {},
  ): AnsweredRow => row({ principal: roleArn(principal), key: keyArn(key), verdict, ...more });

  test('puts principals with the same answers on one line, the largest class first', () => {
    const [matrix, ...others] = matricesOf(
      [
        one('lone', 'a', 'succeeds'),
        one('app-1', 'a', 'fails'),
        one('app-1', 'b', 'undetermined'),
        one('app-2', 'a', 'fails'),
        one('app-2', 'b', 'undetermined'),
      ],
      new Map([[keyArn('a'), 'alias/a']]),
    );
    expect(others).toEqual([]);
    expect(matrix).toMatchObject({
      operation: 'restore',
      account,
      columns: ['alias/a', 'key/b'],
      lines: [
        {
          principals: [roleArn('app-1'), roleArn('app-2')],
          cells: [
            { succeeds: 0, fails: 1, undetermined: 0 },
            { succeeds: 0, fails: 0, undetermined: 1 },
          ],
        },
        { principals: [roleArn('lone')], cells: [{ succeeds: 1 }, { succeeds: 0, fails: 0, undetermined: 0 }] },
      ],
    });
  });

  test('says how many of several answers succeed', () => {
    const rows = [
      one('x', 'a', 'succeeds', { count: 3 }),
      one('x', 'a', 'fails'),
      one('y', 'a', 'fails', { count: 2 }),
    ];
    const page = drawn(answerWith([], rows));
    expect(page).toContain('◐ 3 of 4 succeed');
    expect(page).toContain('✗ fails');
  });

  test('is not drawn where the rows list only what is wrong', async () => {
    const page = await pageOf(['audit', '--demo']);
    expect(page).not.toContain('Who can run restore, by key');
    expect(await pageOf(['who-can', 'restore', '--demo'])).toContain('Who can run restore, by key of account');
  });

  test('is drawn for each operation and for the keys of each account', () => {
    const foreign = { key: `arn:aws:kms:us-east-1:444455556666:key/f`, keyAccount: '444455556666' };
    const matrices = matricesOf(
      [one('x', 'a', 'fails'), one('x', 'a', 'fails', { operation: 'clone' }), one('x', 'a', 'fails', foreign)],
      new Map(),
    );
    expect(matrices.map(({ operation, account: owner }) => [operation, owner])).toEqual([
      ['restore', account],
      ['clone', account],
      ['restore', '444455556666'],
    ]);
  });

  test('has at most 5,000 cells and says what is left out', () => {
    const rows = Array.from({ length: 150 }, (_, at) =>
      Array.from({ length: 120 }, (__, key) => one(`r-${at}`, `k-${key}`, key === at % 100 ? 'fails' : 'succeeds')),
    ).flat();
    const [matrix] = matricesOf(rows, new Map());
    const cells = matrix?.lines.flatMap((line) => line.cells) ?? [];
    expect(cells.length).toBeLessThanOrEqual(5000);
    expect(matrix).toMatchObject({ columnsLeftOut: 20, linesLeftOut: 50 });
    expect(drawn(answerWith([], rows))).toContain('50 more lines and 20 more keys left out of this page');
  });
});

describe('a folder of pages', () => {
  const folderArgs = (): readonly string[] => ['--report', `html=${join(folder, 'pages')}/`];
  const index = (): string => readFileSync(join(folder, 'pages', 'index.html'), 'utf8');

  test('has an index and a page for each account with a finding', async () => {
    await runInProcess([...sweep, ...folderArgs()]);
    expect(readdirSync(join(folder, 'pages')).toSorted()).toEqual([`account-${account}.html`, 'index.html']);
    expect(index()).toMatch(
      new RegExp(`<a href="account-${account}.html">Account ${account}</a></th><td [^>]+>5</td><td [^>]+>1</td>`),
    );
    expect(readFileSync(join(folder, 'pages', `account-${account}.html`), 'utf8')).toContain(
      'role/operator cannot restore snapshot orders-before-upgrade',
    );
  });

  test('has no page for an account where nothing is wrong', async () => {
    await runInProcess(['who-can', 'restore', '--demo', ...folderArgs()]);
    expect(readdirSync(join(folder, 'pages'))).toEqual(['index.html']);
    expect(index()).not.toContain('<a ');
  });

  test('begins with the account of the worst finding, and counts on each page what is of its account', async () => {
    await runInProcess(['audit', '--demo=estate', ...folderArgs()]);
    const [production, backup] = [`account-${account}.html`, 'account-222233334444.html'];
    expect(index().indexOf(production)).toBeLessThan(index().indexOf(backup));
    expect(index()).toContain('Do this first');
    expect(index()).toMatch(/111122223333<\/a>.*?KMS deletes key alias\/ledger/s);
    const page = (name: string): string => readFileSync(join(folder, 'pages', name), 'utf8');
    expect(page(production)).toContain('Do this first');
    expect(page(backup)).not.toContain('Do this first');
    expect(page(backup)).toMatch(/<strong class="strong">1<\/strong> backup</);
    expect(page(backup)).not.toContain('alias/ledger');
  });

  test('loses the pages of an earlier run and nothing else', async () => {
    mkdirSync(join(folder, 'pages'));
    writeFileSync(join(folder, 'pages', 'account-9.html'), 'somebody wrote this');
    await runInProcess(['restore', '--demo', ...folderArgs()]);
    expect(existsSync(join(folder, 'pages', `account-${account}.html`))).toBe(true);
    await runInProcess(['restore', '--demo', '--snapshot', 'no-such', ...folderArgs()]);
    expect(index()).toContain('✗ no answer');
    expect(existsSync(join(folder, 'pages', `account-${account}.html`))).toBe(false);
    expect(existsSync(join(folder, 'pages', 'account-9.html'))).toBe(true);
  });

  test('names no account that is to be redacted', async () => {
    await runInProcess([...sweep, '--redact-accounts', ...folderArgs()]);
    const names = readdirSync(join(folder, 'pages'));
    expect(names).toHaveLength(2);
    for (const name of names)
      expect(`${name} ${readFileSync(join(folder, 'pages', name), 'utf8')}`).not.toContain(account);
    const [page = ''] = names.filter((name) => name !== 'index.html');
    expect(index()).toContain(`href="${page}"`);
  });
});
