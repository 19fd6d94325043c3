import { describe, expect, test } from 'vitest';
import { citedRule } from '../../src/base/rules.ts';
import { preconditionName } from '../../src/explain/precondition-names.ts';
import { catalogue, kebab, operationsNamed } from '../../src/operations/catalogue.ts';
import { inTurn, runHere } from '../cli.ts';

const commands = [...new Set(catalogue.map(({ command }) => command))];

describe('operations', () => {
  test('lists every operation with its API', async () => {
    const { stdout, code } = await runHere(['operations']);
    expect(code).toBe(0);
    const flat = stdout.replaceAll(/\s+/g, ' ');
    for (const { api, does } of catalogue) expect(flat).toContain(`${does} (${api})`.replaceAll(/\s+/g, ' '));
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}( |$)`, 'm'));
  });

  const isFirst = (command: string): boolean => command === 'restore' || command === 'copy-job';
  const called = '%s: text, Markdown and JSON hold every call and precondition';
  test.each(commands.filter(isFirst))(called, (command) => expectEverything(command));
  test.each(commands.filter((command) => !isFirst(command)))(called, { tags: 'slow' }, (command) =>
    expectEverything(command),
  );

  async function expectEverything(command: string): Promise<void> {
    const entries = catalogue.filter((operation) => operation.command === command);
    const [text, markdown, json] = await inTurn(
      ['text', 'markdown', 'json'],
      async (output) => (await runHere(['operations', command, '--output', output])).stdout,
    );
    expect(JSON.parse(json ?? '')).toMatchObject(
      entries.map(({ api, calls, preconditions }) => ({
        api,
        calls: calls.map(({ kind, action, on, basis, source }) => ({
          kind,
          action,
          on,
          basis,
          source: citedRule(source),
        })),
        preconditions: preconditions.map(({ code, basis, source }) => ({
          name: preconditionName(code),
          basis,
          source: citedRule(source),
        })),
      })),
    );
    const flat = (text ?? '').replaceAll(/\s+/g, ' ');
    for (const { calls, preconditions } of entries) {
      for (const { action, on } of calls) {
        expect(flat).toMatch(new RegExp(`${action}(?:, \\S+)* (?:on [^[]*\\[\\d+\\] )*?on [^:[]*\\b${on}\\b`));
        const rows = (markdown ?? '').split('\n').map((line) => line.split(' | '));
        const naming = rows.filter(([, actions = '']) => actions.split(', ').includes(`\`${action}\``));
        expect(naming.some(([, , resources = '']) => resources.split(', ').includes(on))).toBe(true);
      }
      for (const row of preconditions) expect(flat).toContain(preconditionName(row.code));
    }
    const cited = entries.flatMap(({ calls, preconditions }) => [...calls, ...preconditions]);
    for (const { id, title, path } of cited.map(({ source }) => citedRule(source))) {
      expect(flat).toContain(`${title} ${path}`);
      expect(markdown).toContain(`[${title}](${path})`);
      expect((text ?? '').replaceAll(path, '')).not.toContain(id);
    }
    for (const line of (text ?? '').split('\n')) expect(line).not.toMatch(/ $|^.{81}/);
  }

  test('accepts every name of an operation', async () => {
    const names = catalogue.flatMap(({ command, aliases, api }) => [command, ...aliases, api, kebab(api)]);
    for (const name of new Set(names)) expect(operationsNamed(name).length, name).toBeGreaterThan(0);
    expect((await runHere(['operations', 'RestoreDBInstanceFromDBSnapshot', '--output', 'json'])).stdout).toContain(
      '"instance-snapshot"',
    );
  });

  test('suggests the nearest name for an unknown operation', async () => {
    const { code, stderr } = await runHere(['operations', 'restor']);
    expect(code).toBe(252);
    expect(stderr).toContain('restore');
  });
});

describe('--explain', () => {
  test('names the rules of an answer once, by title and path, and no bare id', async () => {
    const explained = (await runHere(['restore', '--demo', '--snapshot', 'ledger-monthly', '--explain'])).stdout;
    const { title, path } = citedRule('rds-kms-operations 4.2');
    expect(explained).toContain(`\nRules\n`);
    expect(explained.split(`  ${title}\n    ${path}\n`)).toHaveLength(2);
    expect(explained).not.toMatch(/(iam-evaluation|rds-kms-operations(-2)?) \d/);
  });

  test('is required to see the rules', async () => {
    const verbose = (await runHere(['restore', '--demo', '--snapshot', 'ledger-monthly', '--verbose'])).stdout;
    expect(verbose).not.toContain('docs/rules');
  });
});

describe('a command by the name of its API', { tags: 'slow' }, () => {
  test.each([...new Set(catalogue.map(({ api }) => kebab(api)))])('%s', async (name) => {
    const { stdout, code } = await runHere([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: aurora-kms-check ${name} [options]`);
  });

  test('answers as the command does', { tags: 'slow' }, async () => {
    const args = ['--demo', '--snapshot', 'ledger-monthly'];
    expect((await runHere(['restore-db-cluster-from-snapshot', ...args])).stdout).toBe(
      (await runHere(['restore', ...args])).stdout,
    );
  });
});

describe('parameters that make no sense are refused', () => {
  test.each([
    ['restore --demo --tag team', 'give a tag and its value'],
    ['restore --demo --tag a=1 --tag a=2', 'give tag a once'],
    ['restore --demo --to 9lives', 'begins with a letter'],
    ['restore --demo --snapshot a --instance-snapshot b', 'cannot be used with'],
    [
      'restore --demo --instance-snapshot b --kms-key-id alias/orders',
      'RestoreDBInstanceFromDBSnapshot takes no --kms-key-id',
    ],
    ['share-snapshot --demo --with everybody', 'give an account ID of twelve digits'],
    [
      'export-snapshot --demo --snapshot ledger-monthly',
      'export-snapshot needs --s3-bucket, --iam-role and --kms-key-id',
    ],
    ['create-cluster --demo --master-user-secret-kms-key-id alias/orders', 'needs --manage-master-user-password'],
    ['backup-job --demo --principal arn:aws:iam::111122223333:user/administrator', 'a backup-job runs as a role'],
    ['restore --demo --region cn-north-1', 'is in partition aws, but Region cn-north-1 is in aws-cn'],
  ])('%s', async (line, says) => {
    const { code, stdout, stderr } = await runHere(line.split(' '));
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(stderr).toContain(says);
  });
});
