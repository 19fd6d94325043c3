import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Failure } from '../src/base/failure.ts';
import { list } from '../src/base/wording.ts';
import type { Io } from '../src/cli/io.ts';
import { buildProgram } from '../src/cli/program.ts';
import { run } from '../src/cli/run.ts';
import type { AnswerKind } from '../src/report/format.ts';
import { formatNames, reportFormats } from '../src/report/format-rows.ts';
import { render } from '../src/report/formats.ts';
import { styleOf } from './style.ts';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** The kind of answer of each command. An operation command answers with a check. */
const kinds: Readonly<Record<string, AnswerKind>> = {
  diff: 'diff',
  audit: 'audit',
  'evidence check': 'inventory',
  operations: 'operations',
  permissions: 'policy',
  preflight: 'preflight',
  'preflight explain': 'preflight',
};

function recorder(): { readonly io: Io; readonly written: () => { stdout: string; stderr: string } } {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const io = { stdout: stream('stdout'), stderr: stream('stderr'), environment: {}, now: () => new Date(0) };
  return { io, written: () => written };
}

const program = await buildProgram(recorder().io, () => {});
const commands = program.commands.flatMap((command) => [
  { name: command.name(), command },
  ...command.commands.map((inner) => ({ name: `${command.name()} ${inner.name()}`, command: inner })),
]);
// collect writes evidence, which has one format and is not an answer.
const showing = commands.filter(
  ({ name, command }) => name !== 'collect' && command.options.some(({ long }) => long === '--output'),
);

describe('the registry of formats', () => {
  test('holds a row for each file of src/report/formats', () => {
    const files = readdirSync(`${src}/report/formats`).map((name) => name.replace(/\.ts$/, ''));
    const named = (['check', 'diff', 'inventory', 'operations', 'policy', 'failure'] as const).flatMap(formatNames);
    expect([...new Set([...named, ...reportFormats.map(({ name }) => name)])].toSorted()).toEqual(files.toSorted());
  });

  test('is what every command that shows an answer offers, and none has a list of its own', () => {
    expect(showing.length).toBeGreaterThan(20);
    for (const { name, command } of showing) {
      const option = command.options.find(({ long }) => long === '--output');
      const names = formatNames(name.startsWith('who-can ') ? 'whoCan' : (kinds[name] ?? 'check'));
      expect(option?.description, name).toBe(list(names, 'or'));
    }
    const lists = readdirSync(`${src}/cli`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .filter((path) => /'(text|markdown)'/.test(readFileSync(`${src}/cli/${path}`, 'utf8')));
    expect(lists).toEqual([]);
  });

  // One function makes all subcommands of who-can, so only the last one is tested.
  const isBelow = ({ name }: { readonly name: string }): boolean => name.startsWith('who-can ');
  const each = [...showing.filter((one) => !isBelow(one)), ...showing.filter(isBelow).slice(-1)];

  test.each(each.map(({ name }) => name))('shows the existing formats in the error of %s', async (name) => {
    const { io, written } = recorder();
    const code = await run([...name.split(' '), '--output', 'xml', 'x.json'], io);
    const names = list(formatNames(kinds[name] ?? 'check'), 'or');
    expect({ code, ...written() }).toEqual({
      code: 252,
      stdout: '',
      stderr: `error: --output: \`xml\` is not a valid value\n  give ${names}\n`,
    });
  });

  test('refuses a name that is none, also of what every object has', () => {
    const style = styleOf();
    for (const name of ['xml', 'toString', '__proto__', ''])
      expect(() => render('policy', {}, name, style)).toThrow(Failure);
    expect(render('policy', { a: 1 }, 'json', style)).toBe('{\n  "a": 1\n}\n');
  });

  test('shows errors in the format that is named last, if it can show them', async () => {
    const stderr = async (...args: readonly string[]): Promise<string> => {
      const { io, written } = recorder();
      await run(['operations', 'restor', ...args], io);
      return written().stderr.slice(0, 7);
    };
    expect(await stderr()).toBe('error: ');
    expect(await stderr('--output', 'json')).toBe('{"error');
    expect(await stderr('--output=json')).toBe('{"error');
    expect(await stderr('--output', 'markdown')).toBe('error: ');
    expect(await stderr('--output', 'json', '--output', 'text')).toBe('error: ');
  });
});
