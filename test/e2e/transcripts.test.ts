import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoIncident } from '../../src/diagnose/demo-incident.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { run } from '../cli.ts';
import { aboutFiles, blocksOf, commandsOf, rewrite, transcriptOf } from '../readme.ts';

const root = new URL('../../', import.meta.url);
const readme = new URL('README.md', root);
const transcripts = new URL('transcripts.md', import.meta.url);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  writeFileSync(
    join(folder, 'evidence.json'),
    blocksOf(readme).find(({ language }) => language === 'json')?.text ?? '',
  );
  cpSync(new URL('incidents', import.meta.url), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

function printed(command: string): string {
  const [program, ...args] = command.split(' ');
  expect(program).toBe('aurora-kms-check');
  const { stdout, stderr } = run(args, { cwd: folder });
  return stdout + stderr;
}

describe.each([
  ['README.md', readme],
  ['transcripts.md', transcripts],
])('%s shows what is printed', (_, url) => {
  const shown = blocksOf(url)
    .filter(({ language }) => language === 'console')
    .map(transcriptOf);

  test.runIf(process.env['UPDATE_TRANSCRIPTS'] !== undefined)('written anew', () => {
    rewrite(url, new Map(shown.map(({ command }) => [command, printed(command)])));
    expect(shown).not.toEqual([]);
  });

  test.skipIf(process.env['UPDATE_TRANSCRIPTS'] !== undefined).each(shown)('$command', ({ command, output }) => {
    expect(printed(command)).toBe(output);
  });
});

describe('README.md', () => {
  const blocks = blocksOf(readme);

  test('opens with two commands: the demo and the tests', () => {
    const [demo, tests] = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text.trim());
    expect([demo, tests]).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(new URL('package.json', root), 'utf8'),
    );
    const [node, script = ''] = (scripts['demo'] ?? '').split(' ');
    expect(node).toBe('node');
    const shown = execFileSync(process.execPath, [join(fileURLToPath(root), script)], { encoding: 'utf8' });
    // The contrast: who takes the snapshots cannot restore one.
    expect(shown.split('\n').filter((line) => /^[✓✗?]/.test(line))).toEqual([
      '✓ role/operator can take a snapshot of cluster orders',
      '✗ role/operator cannot restore snapshot orders-before-upgrade',
    ]);
  });

  const examples = blocks.filter(({ language }) => language === 'js');
  const outputs = blocks.filter(({ language, section }) => language === 'text' && section === 'As a library');

  test.each(examples.map(({ text }, index) => [index, text] as const))(
    'shows library code that runs and prints what it says: %i',
    (index, code) => {
      const script = join(fileURLToPath(root), 'dist', `readme-example-${index}.mjs`);
      writeFileSync(script, code);
      const output = execFileSync(process.execPath, [script], { encoding: 'utf8' });
      rmSync(script);
      expect(output).toBe(outputs[index]?.text);
    },
  );

  test.each(commandsOf(readme, (section) => aboutFiles.includes(section)).filter((one) => !one.includes('--event-id')))(
    '%s',
    (command) => {
      const files = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
      const caller = { Arn: 'arn:aws:iam::111122223333:role/operator' };
      const held = { ...demoEvidence, collectedAt: new Date().toISOString(), caller };
      const allowing = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' } };
      const open = { ...allowing, Statement: { ...allowing.Statement, Principal: { AWS: '*' } } };
      for (const [name, json] of Object.entries({
        'evidence.json': held,
        'yesterday.json': held,
        'today.json': held,
        'event.json': demoIncident.is === 'CloudTrail event' ? demoIncident.event : undefined,
        'key-policy.json': open,
        'inline-policy.json': allowing,
      }))
        writeFileSync(join(files, name), JSON.stringify(json));
      // As a shell splits it.
      const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1);
      const offline = args.some((arg) => ['--demo', '--evidence', 'evidence.json', 'today.json'].includes(arg));
      const ran = run(offline ? args : [...args, '--demo'], { cwd: files });
      rmSync(files, { recursive: true });
      expect({ stderr: ran.stderr, answered: [0, 1, 2].includes(ran.code ?? -1) }).toEqual({
        stderr: '',
        answered: true,
      });
    },
  );

  test('has only exit codes that --help has', () => {
    const help = run(['--help']).stdout;
    const codes = [...readFileSync(readme, 'utf8').matchAll(/^\| ([\d, ]+) \|/gm)].flatMap((row) =>
      (row[1] ?? '').split(', '),
    );
    expect(codes.length).toBeGreaterThan(4);
    for (const code of codes) expect(help).toMatch(new RegExp(`^ {2}${code.trim()} +\\w`, 'm'));
  });
});

describe('--help', () => {
  test.each(catalogue.map(({ command }) => command))('%s: every example runs', (command) => {
    writeFileSync(
      join(folder, 'evidence.json'),
      JSON.stringify({ ...demoEvidence, caller: { Arn: 'arn:aws:iam::111122223333:role/operator' } }),
    );
    const examples = [...run([command, '--help']).stdout.matchAll(/^ {2}\$ aurora-kms-check (.*)$/gm)].map(
      (line) => line[1] ?? '',
    );
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      const ran = run(example.split(' '), { cwd: folder });
      expect({ example, stderr: ran.stderr, answered: [0, 1, 2].includes(ran.code ?? -1) }).toEqual({
        example,
        stderr: '',
        answered: true,
      });
    }
  });
});
