import { readFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { check } from '../src/answer/check.ts';
import { widthOf } from '../src/cli/io.ts';
import { run } from '../src/cli/run.ts';
import { demoEvidence } from '../src/evidence/demo.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import { colors } from '../src/report/colors.ts';
import { type FixView, plain } from '../src/report/style.ts';
import { reportText } from '../src/report/text.ts';
import { type CheckQuestion, evidenceOf, questionOf, readCases } from './check-case.ts';
import { styleOf } from './style.ts';

/*
 * The output that users read, on a terminal of 80 and of 100 columns and in color, is kept in
 * test/golden. `UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts` writes these files again. Read
 * the diff before you commit it.
 */

interface Scene {
  readonly evidence: Evidence;
  readonly question: CheckQuestion;
  readonly verbose?: boolean;
  readonly explain?: boolean;
  /** Absent: `steps`. */
  readonly fix?: FixView;
}

const operator = 'arn:aws:iam::111122223333:role/operator';
const remedies = readCases(new URL('cases/remedy/kinds.json', import.meta.url));
const misses = readCases(new URL('cases/near-misses/elements.json', import.meta.url));

function sceneOf(file: typeof remedies, name: string): Scene {
  const given = file.cases.find((one) => one.name === name);
  if (given === undefined) throw new Error(`no case \`${name}\``);
  return { evidence: evidenceOf(file, given), question: given.question };
}

const scenes: Readonly<Record<string, Scene>> = {
  'a deny and a missing allow': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' },
  },
  'with its commands': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' },
    fix: 'aws-cli',
  },
  'with every alternative': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' },
    fix: 'all',
  },
  'with every call': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' },
    verbose: true,
  },
  'with every statement': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' },
    explain: true,
  },
  'a success': {
    evidence: demoEvidence,
    question: {
      operation: 'restore',
      principal: 'arn:aws:iam::111122223333:role/dr-restore',
      snapshot: 'ledger-monthly',
    },
  },
  'everything in the Region': {
    evidence: demoEvidence,
    question: { operation: 'restore', principal: operator, snapshot: '' },
  },
  'two accounts': sceneOf(remedies, 'both accounts have to act for a foreign key'),
  terraform: {
    ...sceneOf(remedies, 'one fix enables a key and adds a missing permission'),
    fix: 'terraform',
  },
  'a deny that reaches RDS': sceneOf(remedies, 'a Deny that reaches RDS itself comes to spare AWS services'),
  'two denies': sceneOf(remedies, 'two Denies of two owners are both narrowed'),
  'the organization': sceneOf(remedies, 'a service control policy that denies spares the principal'),
  'copied first': sceneOf(remedies, 'a foreign snapshot under the default key has to be copied by its owner first'),
  'a near miss': sceneOf(misses, 'kms:GrantIsForAWSResource in a statement that also lists kms:DescribeKey'),
};

/** Commands whose answer is not a single check. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'a comparison': ['diff', '--demo', '--assume-key-state', 'alias/ledger=PendingDeletion'],
  'a comparison in full': ['diff', '--demo', '--assume-key-state', 'alias/ledger=PendingDeletion', '--list-all'],
  'who can': ['who-can', 'restore', '--demo', '--snapshot', 'orders-before-upgrade'],
  'who can as a gate': [
    ...['who-can', 'restore', '--demo', '--snapshot', 'ledger-monthly'],
    ...['--expect-only', 'role/dr-restore', '--verbose'],
  ],
  'an audit': ['audit', '--demo=estate'],
  'an audit of one account': ['audit', '--demo', '--exceptions', 'test/cases/audit/accepted.yaml', '--verbose'],
  'the loss of a key': ['key-impact', 'alias/orders', '--demo'],
  'the loss of a key in full': ['key-impact', 'alias/ledger', '--demo', '--verbose'],
  'a diagnosis': ['diagnose', '--demo'],
  'what evidence holds': ['evidence', 'check', 'test/cases/command-line/regions.json'],
  'the operations': ['operations'],
  'one operation': ['operations', 'create-snapshot'],
  'what could follow': [
    ...['share-snapshot', '--demo', '--snapshot', 'ledger-monthly'],
    ...['--with', '444455556666', '--principal', 'user/administrator'],
  ],
  'where to start': [],
};

const looks = [
  { file: '80', columns: 80, color: false },
  { file: '100', columns: 100, color: false },
  { file: '80.color', columns: 80, color: true },
  { file: '100.color', columns: 100, color: true },
] as const;

/**
 * A command runs once for each look, which takes longest. Only the slow tests run the commands for
 * the other looks.
 */
const fewest = looks.filter(({ file }) => file === '80');

/** A function that computes the result for equal arguments only once. */
function once<Given extends readonly unknown[], Made>(make: (...given: Given) => Made): (...given: Given) => Made {
  const made = new Map<string, Made>();
  return (...given) => {
    const key = JSON.stringify(given);
    const known = made.get(key) ?? make(...given);
    made.set(key, known);
    return known;
  };
}

const reportOn = once((evidence: Evidence, question: CheckQuestion, explain: boolean) =>
  check(evidence, { ...questionOf(question), fix: true, explain }, 'test'),
);

describe.each(Object.entries(scenes))('%s', (name, { evidence, question, explain = false, ...look }) => {
  const report = reportOn(evidence, question, explain);
  const drawn = (columns: number, color: boolean): string =>
    reportText(
      report,
      styleOf({
        paint: color ? colors : plain,
        width: widthOf({ write: () => true, isTTY: true, columns }, {}),
        ...look,
      }),
    );

  test.each(looks)('at $columns columns, color $color', ({ file, columns, color }) => {
    const url = new URL(`golden/${name.replaceAll(' ', '-')}.${file}.txt`, import.meta.url);
    const output = drawn(columns, color);
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(url, output);
    expect(output).toBe(readFileSync(url, 'utf8'));
  });

  test('fits: about 24 lines for one check, 36 where there is more to fix; the last line is no tick', () => {
    const lines = drawn(80, false).trimEnd().split('\n');
    if (report.verdict !== 'succeeds') expect(lines.at(-1)).not.toMatch(/^ *✓/);
    // Details that the user asked for have no limit of length.
    const isDetailed = look.verbose === true || explain || look.fix !== undefined;
    expect(lines.length).toBeLessThanOrEqual(isDetailed ? Infinity : name === 'a deny and a missing allow' ? 26 : 36);
  });

  test('color adds nothing but color', () => {
    expect(stripVTControlCharacters(drawn(80, true))).toBe(drawn(80, false));
  });
});

describe.each(Object.entries(commands))('%s', (name, args) => {
  async function drawn(columns: number, color: boolean): Promise<string> {
    let output = '';
    const stream = { write: (part: string) => (output += part), isTTY: true, columns };
    await run(args, {
      stdout: stream,
      // The progress line depends on the speed of the machine, so a terminal would make the output
      // vary.
      stderr: { ...stream, isTTY: false },
      environment: color ? {} : { NO_COLOR: '1' },
      now: () => new Date('2026-11-26T12:00:00Z'),
    });
    return output;
  }

  const goldenOf = (file: string) => new URL(`golden/${name.replaceAll(' ', '-')}.${file}.txt`, import.meta.url);
  const golden = (file: string): string => readFileSync(goldenOf(file), 'utf8');

  async function verify({ file, columns, color }: (typeof looks)[number]): Promise<void> {
    const output = await drawn(columns, color);
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(goldenOf(file), output);
    expect(output).toBe(golden(file));
  }

  const title = 'at $columns columns, color $color';
  test.each(fewest)(title, (look) => verify(look));
  test.each(looks.filter((look) => !fewest.includes(look)))(title, { tags: 'slow' }, (look) => verify(look));

  test('ends on no row of ticks, and color adds nothing but color', () => {
    const plainly = golden('80');
    expect(plainly.trimEnd().split('\n').at(-1)).not.toMatch(/^ *✓/);
    expect(stripVTControlCharacters(golden('80.color'))).toBe(plainly);
    expect(stripVTControlCharacters(golden('100.color'))).toBe(golden('100'));
  });
});
