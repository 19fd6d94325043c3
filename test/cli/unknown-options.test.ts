import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { runInProcess } from '../run-in-process.ts';

/* If a command does not have an option, the error names the option exactly as the user typed it. */

const nowhere = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  environment: {},
  now: () => new Date(0),
};
const program = await buildProgram(nowhere, () => {});
/** A subcommand also takes the options of its parent command. */
const commands = program.commands.flatMap((command) => [
  { path: [command.name()], options: command.options },
  ...command.commands.map((inner) => ({
    path: [command.name(), inner.name()],
    options: [...command.options, ...inner.options],
  })),
]);

/** The options that take a value or none. */
const special = new Set(
  commands.flatMap(({ options }) =>
    options.flatMap(({ long, optional, presetArg }) =>
      long != null && (optional || presetArg !== undefined) ? [long] : [],
    ),
  ),
);

test('the options with and without a value are known', () => {
  expect([...special].toSorted()).toEqual(['--demo=estate', '--fix']);
});

const typed = [
  '--fix',
  '--fix=aws-cli',
  '--fix=all',
  '--fix=',
  '--demo',
  '--demo=estate',
  '--demo=other',
  '--demo-estate',
];

/**
 * If many commands lack an option, each command is tested with two of the spellings, to save time.
 */
const [many, turns] = [12, typed.length / 2];

test.each(typed)('%s is named as it was typed by commands that do not have it', { tags: 'slow' }, async (option) => {
  const turn = typed.indexOf(option) % turns;
  const has = ({ options }: (typeof commands)[number]): boolean =>
    options.some(({ long, optional }) => long === option || (optional && option.startsWith(`${long ?? ''}=`)));
  const all = commands.filter((one) => !has(one));
  const others = all.length > many ? all.filter((_, at) => at % turns === turn) : all;
  expect(others.length).toBeGreaterThan(2);
  const found = [];
  for (const { path } of others) {
    const { code, stderr } = await runInProcess([...path, option]);
    const [first, next = ''] = stderr.split('\n');
    // The next step may be the help or a command with this option, but never the command that just
    // failed.
    const isSent = next.includes(`such as \`aurora-kms-check ${path.join(' ')} `);
    found.push({ path, code, first, isSent });
  }
  const first = `error: unknown option '${option}'`;
  expect(found).toEqual(others.map(({ path }) => ({ path, code: 252, first, isSent: false })));
});

test.each([
  { name: 'no value', args: ['--principal', '--fix'], says: '`--fix`' },
  { name: 'a value', args: ['--principal', '--fix=all'], says: '`--fix=all`' },
  { name: 'a switch with a value', args: ['--principal', '--demo=estate'], says: '`--demo=estate`' },
])('as the value of another option, an option with $name is what was typed', async ({ args, says }) => {
  const { code, stderr } = await runInProcess(['restore', '--demo', '--snapshot', 'ledger-monthly', ...args]);
  expect({ code, isTyped: stderr.includes(says) }, stderr).toEqual({ code: 252, isTyped: true });
});

test('an optional value is not the argument that follows', async () => {
  const { stderr } = await runInProcess(['restore', '--demo', '--fix', 'terraform']);
  expect(stderr).toContain("too many arguments for 'restore': `terraform`");
});

const owned = [
  ...['--plan', '--baseline', '--write-baseline', '--exceptions', '--severity', '--code', '--action'],
  ...['--expect-only', '--expect-none', '--operation', '--event-id', '--error'],
  ...['--anonymize', '--all-keys', '--all-regions'],
];

test.each(owned)('an error about %s names the commands that have this option', async (option) => {
  const having = commands.flatMap(({ path: [name = ''], options }) =>
    options.some(({ long }) => long === option) ? [name] : [],
  );
  const { code, stderr } = await runInProcess(['stop-cluster', option]);
  expect(code).toBe(252);
  const [, named = ''] = /stop-cluster has no \S+: (.*) ha(?:s|ve) it/.exec(stderr) ?? [];
  expect(new Set(named.split(/, | and /))).toEqual(new Set(having));
});
