// @module-tag slow
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoIncident } from '../../src/diagnose/demo-incident.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { changed } from '../check-case.ts';
import { inTurn, run, runHere } from '../cli.ts';
import { blocksOf, commandsOf, pageUrl, rewrite, transcriptOf, userPages } from '../readme.ts';

const root = new URL('../../', import.meta.url);
const readme = pageUrl('README.md');
const exampleFiles = new URL('docs/examples', root);
const transcripts = new URL('transcripts.md', import.meta.url);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  writeFileSync(
    join(folder, 'evidence.json'),
    blocksOf(pageUrl('docs/evidence.md')).find(({ language }) => language === 'json')?.text ?? '',
  );
  cpSync(new URL('incidents', import.meta.url), folder, { recursive: true });
  cpSync(exampleFiles, join(folder, 'docs/examples'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Runs the built program for the commands of the README, and the program in this process for other
 * pages, whose output does not depend on a process.
 */
async function printed(command: string, url: URL): Promise<string> {
  const [program, ...args] = command.split(' ');
  expect(program).toBe('aurora-kms-check');
  const { stdout, stderr } = url === readme ? run(args, { cwd: folder }) : await runHere(args, { cwd: folder });
  return stdout + stderr;
}

function transcriptsOf(url: URL): readonly { readonly command: string; readonly output: string }[] {
  return blocksOf(url)
    .filter(({ language }) => language === 'console')
    .map(transcriptOf);
}

const showing = userPages.filter((page) => transcriptsOf(pageUrl(page)).length > 0);

describe.each([
  ...showing.map((page) => [page, page === 'README.md' ? readme : pageUrl(page)] as const),
  ['transcripts.md', transcripts] as const,
])('%s shows the output of the program', (_, url) => {
  const shown = transcriptsOf(url);

  test.runIf(process.env['UPDATE_TRANSCRIPTS'] !== undefined)('written again', async () => {
    const outputs = await inTurn(shown, async ({ command }) => [command, await printed(command, url)] as const);
    rewrite(url, new Map(outputs));
    expect(shown).not.toEqual([]);
  });

  test.skipIf(process.env['UPDATE_TRANSCRIPTS'] !== undefined).each(shown)('$command', async ({ command, output }) => {
    expect(await printed(command, url)).toBe(output);
  });
});

describe('README.md', () => {
  test('opens with two commands: the demo and the tests', () => {
    const [demo, tests] = blocksOf(readme)
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text.trim());
    expect([demo, tests]).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(new URL('package.json', root), 'utf8'),
    );
    const [node, script = ''] = (scripts['demo'] ?? '').split(' ');
    expect(node).toBe('node');
    const shown = execFileSync(process.execPath, [join(fileURLToPath(root), script)], { encoding: 'utf8' });
    // The contrast of the demo: the principal who takes the snapshots cannot restore one.
    expect(shown.split('\n').filter((line) => /^[✓✗?]/.test(line))).toEqual([
      '✓ role/operator can take a snapshot of cluster orders',
      '✗ role/operator cannot restore snapshot orders-before-upgrade',
    ]);
  });

  test('has 150 to 200 lines', () => {
    const lines = readFileSync(readme, 'utf8').split('\n').length;
    expect(lines).toBeGreaterThan(150);
    expect(lines).toBeLessThanOrEqual(201);
  });

  test('installs the file that npm pack makes', () => {
    const { name, version }: { name: string; version: string } = JSON.parse(
      readFileSync(new URL('package.json', root), 'utf8'),
    );
    const files = userPages.flatMap((page) => [...readFileSync(pageUrl(page), 'utf8').matchAll(/[\w./-]+\.tgz/g)]);
    expect(new Set(files.map(([file]) => file))).toEqual(new Set([`./${name}-${version}.tgz`]));
  });

  test('has the exit codes that --help has', async () => {
    const help = [...(await runHere(['--help'])).stdout.matchAll(/^ {2}(\d+) +\w/gm)].map(([, code]) => code);
    const codes = [...readFileSync(readme, 'utf8').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
    expect(help.length).toBeGreaterThan(4);
    expect(codes).toEqual(help);
  });
});

describe.each(userPages.filter((page) => blocksOf(pageUrl(page)).some(({ language }) => language === 'js')))(
  '%s shows library code',
  { tags: 'slow' },
  (page) => {
    const blocks = blocksOf(pageUrl(page));
    const outputs = blocks.filter(({ language }) => language === 'text');
    const codes = blocks.filter(({ language }) => language === 'js').map(({ text }, index) => [index, text] as const);

    test.each(codes)('that runs and prints what the page says: %i', (index, code) => {
      const script = join(fileURLToPath(root), 'dist', `readme-example-${index}.mjs`);
      writeFileSync(script, code);
      const output = execFileSync(process.execPath, [script], { encoding: 'utf8' });
      rmSync(script);
      expect(output).toBe(outputs[index]?.text);
    });
  },
);

/** Writes the files that commands of the pages name. */
function writeFiles(files: string): void {
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
  cpSync(exampleFiles, join(files, 'docs/examples'), { recursive: true });
  const expectations = blocksOf(pageUrl('docs/preflight.md')).find(({ language }) => language === 'yaml');
  writeFileSync(join(files, 'aurora-kms-check.yaml'), expectations?.text ?? '');
}

/**
 * The words of a command as a shell splits them, with the path of the data in place of a reader's
 * account.
 */
function offline(command: string): readonly string[] {
  const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1);
  const example = 'docs/examples/preflight/evidence.json';
  if (
    args.some((arg) => ['--demo', '--demo=estate', '--evidence', 'evidence.json', 'today.json', example].includes(arg))
  )
    return args;
  return args[0] === 'preflight' ? [...args, '--evidence', example] : [...args, '--demo'];
}

describe.each(userPages.filter((page) => commandsOf(page, 'on files').length > 0))(
  '%s shows commands',
  { tags: 'slow' },
  (page) => {
    test.each(commandsOf(page, 'on files').filter((one) => !one.includes('--event-id')))('%s', async (command) => {
      const files = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
      writeFiles(files);
      const ran = await runHere(offline(command), { cwd: files });
      rmSync(files, { recursive: true });
      expect({ stderr: ran.stderr, answered: [0, 1, 2].includes(ran.code ?? -1) }).toEqual({
        stderr: '',
        answered: true,
      });
    });
  },
);

describe('--help', { tags: 'slow' }, () => {
  beforeAll(() => {
    const evidence = changed(demoEvidence, {
      '/caller': { Arn: 'arn:aws:iam::111122223333:role/operator' },
      // The embedded evidence holds no DB snapshot.
      '/accounts/111122223333/regions/us-east-1/rds/DBSnapshots': [
        {
          DBSnapshotIdentifier: 'reports-monthly',
          DBSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:snapshot:reports-monthly',
        },
      ],
    });
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence));
  });

  // Several operations may share a command, so each command is tested once.
  test.each([...new Set(catalogue.map(({ command }) => command))])('%s: every example runs', async (command) => {
    const examples = [...(await runHere([command, '--help'])).stdout.matchAll(/^ {2}\$ aurora-kms-check (.*)$/gm)].map(
      (line) => line[1] ?? '',
    );
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      const ran = await runHere(example.split(' '), { cwd: folder });
      expect({ example, stderr: ran.stderr, answered: [0, 1, 2].includes(ran.code ?? -1) }).toEqual({
        example,
        stderr: '',
        answered: true,
      });
    }
  });
});
