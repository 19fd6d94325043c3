import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { list } from '../../src/base/wording.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { fixFiles } from '../../src/fix/fix-files.ts';
import { evidenceOf, questionOf, readCases } from '../check-case.ts';
import { runInProcess as ran } from '../run-in-process.ts';

/* What --fix-dir writes is run with an `aws` that holds the policies that were read. */

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/**
 * Answers reads with the documents that stand beside the script, each once, and notes what it is
 * asked.
 */
const stub = `#!/bin/sh
held() {
  for one in *-$1.before.json; do
    if [ -f "$one" ] && ! [ -f "$STUB/seen-$one" ]; then touch "$STUB/seen-$one"; cat "$one"; return; fi
  done
  echo 'An error occurred (NoSuchEntity)' >&2
  exit 254
}
for one in "$@"; do
  printf '[%s]' "$one" >>"$STUB/calls"
  case "$one" in file://*) cat "\${one#file://}" >>"$STUB/written"; echo ';' >>"$STUB/written" ;; esac
done
echo >>"$STUB/calls"
[ ! -f "$STUB/refuses" ] || ! grep -q "$2" "$STUB/refuses" || exit 254
case "$1 $2" in
  'sts get-caller-identity') head -n 1 "$STUB/accounts"; sed -i 1d "$STUB/accounts" ;;
  'organizations list-policies') echo p-1 ;;
  'sso-admin list-instances') echo arn:aws:sso:::instance/i ;;
  'iam get-policy') echo v3 ;;
  'kms get-key-policy') held key-policy ;;
  'iam get-policy-version') held managed-policy ;;
  'iam get-'*-policy | 'sso-admin get-'*) held inline-policy ;;
  'organizations describe-policy') held '[sr]cp' ;;
esac
`;

interface Applied {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly string[];
  /** The documents that commands were given by file. */
  readonly written: readonly unknown[];
}

function applied(files: ReadonlyMap<string, string>, refuses?: string): Applied {
  const surroundings = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  folders.push(surroundings);
  const folder = join(surroundings, "it's $(touch PWNED)");
  mkdirSync(folder);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  writeFileSync(join(surroundings, 'aws'), stub, { mode: 0o755 });
  // Each step with the credentials that it needs.
  const accounts = [...(files.get('apply.sh') ?? '').matchAll(/"\$account" != (\d{12}) /g)].map(
    ([, account]) => account,
  );
  writeFileSync(join(surroundings, 'accounts'), `${accounts.join('\n')}\n`);
  if (refuses !== undefined) writeFileSync(join(surroundings, 'refuses'), refuses);
  const PATH = `${surroundings}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { PATH, STUB: surroundings };
  const { status, stdout, stderr } = spawnSync('sh', [join(folder, 'apply.sh')], { cwd: '/', env, encoding: 'utf8' });
  expect([...readdirSync(surroundings), ...readdirSync(folder)]).not.toContain('PWNED');
  const noted = (name: string): string =>
    existsSync(join(surroundings, name)) ? readFileSync(join(surroundings, name), 'utf8') : '';
  return {
    status,
    stdout,
    stderr,
    calls: noted('calls').trim().split('\n'),
    written: noted('written')
      .split('\n;\n')
      .filter((text) => text.trim() !== '')
      .map((text): unknown => JSON.parse(text)),
  };
}

const kinds = readCases(new URL('../cases/remedy/kinds.json', import.meta.url));
const operator = 'arn:aws:iam::111122223333:role/operator';
const demo = { operation: 'restore', principal: operator, snapshot: 'orders-before-upgrade' };
const fixes = [
  { name: 'the demo', evidence: demoEvidence, question: demo },
  ...kinds.cases.map((one) => ({ name: one.name, evidence: evidenceOf(kinds, one), question: one.question })),
].flatMap(({ name, evidence, question }) => {
  const { results, fixes: all } = check(evidence, { ...questionOf(question), mend: true }, 'test');
  const own = all.filter(({ id }) => results[0]?.fixes.includes(id));
  return own.map(({ steps }, index) => ({ name: `${name}, fix ${index + 1}`, steps }));
});

describe('the files of a fix', () => {
  test('are there for many kinds of fixes', () => {
    expect(fixes.length).toBeGreaterThan(30);
  });

  test.each(fixes)('apply it in order: $name', ({ steps }) => {
    const files = fixFiles(steps);
    // None is lost, however long.
    const documents = steps.flatMap(({ policy }) => (policy === null ? [] : [policy.after]));
    const isOpen = steps.some(({ commands }) =>
      commands.some((command) => command.arguments.some((word) => typeof word === 'string' && /^<.*>$/.test(word))),
    );
    const { status, stdout, stderr, written } = applied(files);
    if (isOpen) {
      expect({ status, written }).toEqual({ status: 1, written: [] });
      expect(stderr).toMatch(/^Replace </);
      return;
    }
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const document of documents) expect(written).toContainEqual(document);
    const told = stdout.split('\n').filter((line) => /^\d+\. /.test(line));
    expect(told).toEqual(steps.map(({ does }, index) => `${index + 1}. ${list(does.map(({ text }) => text))}`));
  });

  test('stop at the first step that fails', () => {
    const [first] = fixes;
    const { status, calls } = applied(fixFiles(first?.steps ?? []), 'put-key-policy');
    expect(status).toBe(254);
    expect(calls.at(-1)).toContain('[put-key-policy]');
  });

  test('stop where the policy is another one', () => {
    const [first] = fixes;
    const files = new Map(fixFiles(first?.steps ?? []));
    files.set('00-key-policy.before.json', '{"Version":"2012-10-17","Statement":[]}');
    const { status, stderr, written } = applied(files);
    expect({ status, written }).toEqual({ status: 1, written: [] });
    expect(stderr).toContain('The policy changed after the check');
  });
});

describe('--fix-dir', () => {
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    folders.push(folder);
    return folder;
  };
  const asked = ['restore', '--demo', '--snapshot', 'orders-before-upgrade'];

  test('writes the fix into a folder that it makes, and refuses files that are there', async () => {
    const folder = join(newFolder(), 'new', 'fix');
    const { code, stderr, stdout } = await ran([...asked, '--fix-dir', folder]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `wrote ${join(folder, 'apply.sh')} and 3 documents\n` });
    expect(stdout).toContain('cannot restore');
    const names = ['01-key-policy.before.json', '01-key-policy.json', '02-inline-policy.json', 'apply.sh'];
    expect(readdirSync(folder).toSorted()).toEqual(names);
    const again = await ran([...asked, '--fix-dir', folder]);
    expect(again).toEqual({ code: 252, stdout: '', stderr: expect.stringContaining('apply.sh exists') });
  });

  test('overwrites no document, and writes nothing besides', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, '02-inline-policy.json'), 'mine');
    const { code, stdout } = await ran([...asked, '--fix-dir', folder]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(readdirSync(folder)).toEqual(['02-inline-policy.json']);
    expect(readFileSync(join(folder, '02-inline-policy.json'), 'utf8')).toBe('mine');
  });

  test.each([
    ['a file in place of the folder', [...asked, '--fix-dir', import.meta.filename], /is a file/],
    ['several checks', ['restore', '--demo', '--fix-dir', '/nonexistent/x'], /this run has 3/],
  ])('refuses %s', async (_, args, says) => {
    expect(await ran(args)).toEqual({ code: 252, stdout: '', stderr: expect.stringMatching(says) });
  });

  test('says that there is no fix where the check succeeds', async () => {
    const folder = join(newFolder(), 'fix');
    const args = ['create-snapshot', '--demo', '--cluster', 'orders', '-q', '--fix-dir', folder];
    expect(await ran(args)).toEqual({ code: 0, stdout: '', stderr: 'note: there is no fix to write\n' });
    expect(existsSync(folder)).toBe(false);
  });
});
