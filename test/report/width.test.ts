import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { wrap } from '../../src/report/style.ts';

/* The width of the text on a terminal, with COLUMNS, and in a pipe. */

interface Seen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly COLUMNS?: string;
}

const commands: readonly (readonly string[])[] = [
  ['restore', '--demo'],
  ['restore', '--demo', '--snapshot', 'orders-before-upgrade', '--verbose'],
  ['diagnose', '--demo'],
  ['diff', '--demo', '--assume-key-state', 'alias/ledger=PendingDeletion'],
  ['operations', 'restore'],
  ['--help'],
  ['restore', '--help'],
];

async function printed(args: readonly string[], { COLUMNS, ...stream }: Seen): Promise<string> {
  let stdout = '';
  await run(args, {
    stdout: { write: (part) => (stdout += part), ...stream },
    stderr: { write: () => true },
    environment: { NO_COLOR: '1', ...(COLUMNS === undefined ? {} : { COLUMNS }) },
    now: () => new Date('2026-11-26T12:00:00Z'),
  });
  return stdout;
}

async function widest(args: readonly string[], seen: Seen): Promise<number> {
  const lines = (await printed(args, seen)).split('\n');
  // Lines with a single word or with a command are skipped, because they cannot be wrapped.
  return Math.max(...lines.filter((line) => /^ *[^ $]\S* +\S/.test(line)).map((line) => line.length));
}

describe.each(commands)('%s %s %s %s', { tags: 'slow' }, (...args) => {
  test.each<[string, Seen, number]>([
    ['a terminal of 80 columns', { isTTY: true, columns: 80 }, 80],
    ['a terminal of 100 columns', { isTTY: true, columns: 100 }, 100],
    ['a terminal of 200 columns', { isTTY: true, columns: 200 }, 100],
    ['a terminal of unknown width', { isTTY: true }, 80],
    ['a pipe, COLUMNS=90', { COLUMNS: '90' }, 90],
    ['a terminal of 80 columns, COLUMNS=120', { isTTY: true, columns: 80, COLUMNS: '120' }, 120],
  ])('%s', async (_, seen, width) => {
    expect(await widest(args, seen)).toBeLessThanOrEqual(width);
  });

  test('a pipe: no wrapping', async () => {
    const whole = (text: string): string => text.replaceAll(/\s+/g, ' ');
    const unbroken = await printed(args, {});
    const broken = await printed(args, { isTTY: true, columns: 80 });
    expect(whole(unbroken)).toBe(whole(broken));
    expect(unbroken.split('\n').length).toBeLessThan(broken.split('\n').length);
  });
});

// The command line library draws the help, and the program draws the other texts.
test.each(
  ['', '0', 'wide'].flatMap((COLUMNS) => [['--help'], ['operations', 'restore']].map((args) => ({ COLUMNS, args }))),
)('COLUMNS=$COLUMNS is no width: $args', async ({ COLUMNS, args }) => {
  expect(await printed(args, { COLUMNS })).toBe(await printed(args, {}));
});

test('COLUMNS=60 is honored in a pipe', async () => {
  const asked = ['restore', '--demo', '--snapshot', 'orders-before-upgrade'];
  expect(await widest(asked, { COLUMNS: '60' })).toBeLessThanOrEqual(60);
  expect(await widest(asked, {})).toBeGreaterThan(100);
});

test.each([[], ['who-can'], ['evidence']])('COLUMNS=60 wraps the list of commands in help: %s', async (...command) => {
  const [, list = ''] = (await printed([...command, '--help'], { COLUMNS: '60' })).split(
    /^(?:Operations|Commands):\n/m,
  );
  const lines = (list.split(/^Examples/m)[0] ?? '').split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
});

test('a command of an audit in a text of 60 columns can be copied', { tags: 'slow' }, async () => {
  const args = ['audit', '--demo=estate', '--verbose'];
  const { fixes }: { readonly fixes: readonly { readonly commands: readonly string[] }[] } = JSON.parse(
    await printed([...args, '--output', 'json'], {}),
  );
  const lines = (await printed(args, { COLUMNS: '60' })).split('\n').map((one) => one.trim());
  const all = fixes.flatMap((fix) => fix.commands);
  expect(all.length).toBeGreaterThan(4);
  expect(all.filter((command) => !lines.includes(command))).toEqual([]);
});

test('a long name stays beside the sign of its line', () => {
  const name = `role/${'a'.repeat(30)}`;
  expect(wrap(`- ${name} can do this`, 24, '  ')).toBe(`  - ${name}\n  can do this`);
});
