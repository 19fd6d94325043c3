import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/answer/inventory.ts';
import { commandText } from '../../src/base/command.ts';
import { printable } from '../../src/base/escape.ts';
import { isJson } from '../../src/base/json.ts';
import { shellQuoted } from '../../src/base/shell.ts';
import type { PolicyPlace } from '../../src/evidence/change.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { changeCommands, policyCommands } from '../../src/fix/commands.ts';
import { policyScript } from '../../src/fix/scripts.ts';

/*
 * A shell runs the printed commands. The names in these commands try to run commands of their own.
 * A stub replaces each program and records its arguments.
 */

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bin = join(folder, 'bin');
const cwd = join(folder, 'here');
const scripts = join(folder, 'scripts');
const noted = join(folder, 'noted');
const env = { PATH: `${bin}:/usr/bin:/bin` };
mkdirSync(bin);
mkdirSync(cwd);
mkdirSync(scripts);
/** The code of a stub that records its arguments. */
const noting = (program: string): string =>
  `{ printf '${program}\\0'; printf '%s\\0' "$@"; printf '\\1\\0'; } >>'${noted}'
if [ "\${1-}" = sts ]; then echo 111122223333; else echo '{}'; fi`;
const programs = ['aws', 'aurora-kms-check', 'touch', 'id'];
for (const program of programs) writeFileSync(join(bin, program), `#!/bin/sh\n${noting(program)}\n`, { mode: 0o755 });

/**
 * The stubs as shell functions, which need no process, for programs whose names may name a
 * function.
 */
const functions = programs
  .filter((program) => !program.includes('-'))
  .map((program) => `${program}() {\n${noting(program)}\n}\n`)
  .join('');

/** The arguments of each program that a script runs, in the order in which the programs end. */
function calls(script: string): readonly (readonly string[])[] {
  rmSync(noted, { force: true });
  execFileSync('sh', ['-c', functions + script], { cwd, env, stdio: 'pipe' });
  expect(readdirSync(cwd)).toEqual([]);
  const text = existsSync(noted) ? readFileSync(noted, 'utf8') : '';
  return text
    .split('\u0001\0')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1));
}

const names = [
  '$(touch pwned)',
  '`touch pwned`',
  ';id>x;',
  '&& touch pwned #',
  "it's",
  `"double" and 'single'`,
  '$HOME ${PATH} !! ~ *',
  '-x',
  '--policy-document',
  'a\nb\n::error::c',
  "'\ntouch pwned\n'",
  '::error file=a::pwned',
  '##vso[task.complete]',
  'a\\nb\\',
  '\u001b[31m\u202e\u0085',
  '{"a":1}',
  '123',
  'ä🦊',
];

const arn = (name: string): string => `arn:aws:kms:us-east-1:111122223333:key/${name}`;
const roleNamed = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const snapshot = (name: string): string => `arn:aws:rds:us-east-1:111122223333:cluster-snapshot:${name}`;
const document = (name: string) => ({ Version: '2012-10-17', Id: name, Statement: [] });

const places: readonly ((name: string) => PolicyPlace)[] = [
  (name) => ({ in: 'key policy', key: arn(name) }),
  (name) => ({ in: 'inline policy', owner: roleNamed(name), name }),
  (name) => ({ in: 'inline policy', owner: roleNamed(`AWSReservedSSO_${name}_0123456789abcdef`), name }),
  (name) => ({ in: 'managed policy', arn: `arn:aws:iam::111122223333:policy/${name}` }),
  (name) => ({ in: 'scp', organization: 'o-1', name }),
  (name) => ({ in: 'rcp', organization: 'o-1', name }),
];

type Other = Parameters<typeof changeCommands>[0];
const changes: readonly ((name: string) => Other)[] = [
  (name) => ({
    change: 'new control policy',
    kind: 'scp',
    organization: 'o-1',
    at: name,
    name,
    document: document(name),
  }),
  (name) => ({ change: 'key state', key: arn(name), state: 'Disabled' }),
  (name) => ({
    change: 'grant',
    key: arn(name),
    grant: {
      GrantId: 'g',
      GranteePrincipal: name,
      RetiringPrincipal: name,
      Operations: ['CreateGrant'],
      Constraints: { EncryptionContextEquals: { [name]: name } },
    },
  }),
  (name) => ({ change: 'sharing', snapshot: snapshot(name), account: name }),
  (name) => ({ change: 'copy', of: snapshot(name), arn: snapshot(name), key: name }),
];

/** Whether an argument contains a name, as plain text or inside JSON. */
function holds(argument: string, name: string): boolean {
  if (argument.includes(name)) return true;
  try {
    const json: unknown = JSON.parse(argument);
    return isJson(json) && JSON.stringify(json).includes(JSON.stringify(name).slice(1, -1));
  } catch {
    return false;
  }
}

const commandsFor = (name: string) => [
  ...places.flatMap((place) => policyCommands(place(name), document(name), demoEvidence)),
  ...changes.flatMap((change) => changeCommands(change(name), 'PendingDeletion')),
];

describe.each(names.map((name, index) => [name, index === 0] as const))(
  'with the name %j',
  { tags: 'slow' },
  (name, isFirst) => {
    test('commands of fixes call aws alone, with the name in one argument', () => {
      const texts = commandsFor(name).map(commandText);
      expect(texts.length).toBeGreaterThan(12);
      const called = calls(texts.join('\n'));
      expect(new Set(called.map(([program]) => program))).toEqual(new Set(['aws']));
      const withName = called.filter((words) => words.some((word) => holds(word, name)));
      // The ARNs and the instance of Identity Center are unknown, so its commands do not contain a
      // name.
      expect(withName.length).toBeGreaterThan(11);
      // An argument with a leading hyphen must be an option of the program, never a name.
      for (const word of called.flat().filter((one) => one.startsWith('-'))) expect(word).toMatch(/^--[a-z-]+(?:=-|$)/);
    });

    test('scripts that edit a policy run nothing else', () => {
      for (const place of places) {
        const texts = { before: document(name), after: document(name) };
        const script = policyScript(place(name), texts, demoEvidence);
        expect(printable(script)).toBe(script);
        // The stub prints another policy, so the script stops. Node compares the files but receives
        // no name, so one run of Node for each place is enough.
        const stubs = isFirst ? '' : `${functions}node() {\nreturn 1\n}\n`;
        const { stderr } = spawnSync('sh', ['-c', stubs + script], { cwd: scripts, env, encoding: 'utf8' });
        expect(stderr).not.toMatch(/[Ss]yntax|unexpected|not found/);
        expect(readdirSync(scripts).filter((file) => !file.startsWith('policy-before.'))).toEqual([]);
      }
    });

    test('what is printed holds nothing that a terminal or a CI system obeys', () => {
      for (const text of commandsFor(name).map(commandText)) expect(printable(text)).toBe(text);
    });
  },
);

test.each(names)('an argument of the program itself is %j to a shell', (name) => {
  expect(calls(`aurora-kms-check restore --snapshot ${shellQuoted(name)}`)).toEqual([
    ['aurora-kms-check', 'restore', '--snapshot', name],
  ]);
});

test('the commands that read what is missing name keys and Regions for a shell', () => {
  const region = 'us-east-1$(touch pwned)';
  const evidence = structuredClone(demoEvidence);
  const regions = evidence.accounts['111122223333']?.regions ?? {};
  const there = regions['us-east-1'] ?? {};
  for (const one of there.kms?.keys ?? []) {
    delete one.Aliases;
    one.KeyMetadata.Arn = `arn:aws:kms:${region}:111122223333:key/;id>x;`;
  }
  regions[region] = { ...there, rds: {} };
  const { missing } = takeInventory(evidence, [{ from: 'a.json' }], '2026-11-01T12:00:00Z');
  const printed = missing.flatMap(({ command }) => command ?? []).map((command) => command.replace(/ \.\.\.$/, ''));
  expect(printed.some((command) => command.includes('touch pwned'))).toBe(true);
  expect(printed.some((command) => command.includes(';id>x;'))).toBe(true);
  expect(new Set(calls(printed.join('\n')).map(([program]) => program))).toEqual(new Set(['aws']));
});
