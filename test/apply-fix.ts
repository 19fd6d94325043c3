import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { list } from '../src/base/wording.ts';
import type { ReportedFixStep } from '../src/contract/report.ts';
import { fixFiles } from '../src/fix/fix-files.ts';

/* Runs the files of --fix-dir with a fake `aws` that returns the policies of the evidence. */

/**
 * The fake `aws`: answers each read once with the document next to the script, and records its
 * arguments. It is a shell function, because that needs no process. The parentheses make it a
 * subshell, so that it leaves the calling shell unchanged.
 */
const stub = `aws() (
set +eu
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
)
`;

export interface Applied {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly string[];
  /** The documents that commands received as files. */
  readonly written: readonly unknown[];
}

/** Runs `apply.sh`. `refuses`: a command that the fake AWS refuses. */
export function applied(files: ReadonlyMap<string, string>, refuses?: string): Applied {
  const surroundings = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  const folder = join(surroundings, "it's $(touch PWNED)");
  mkdirSync(folder);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  // For each step, the fake AWS has credentials of the account that apply.sh requires.
  const accounts = [...(files.get('apply.sh') ?? '').matchAll(/"\$account" != (\d{12}) /g)].map(
    ([, account]) => account,
  );
  writeFileSync(join(surroundings, 'accounts'), `${accounts.join('\n')}\n`);
  if (refuses !== undefined) writeFileSync(join(surroundings, 'refuses'), refuses);
  const env = { PATH: process.env['PATH'] ?? '', STUB: surroundings };
  const ran = spawnSync('sh', ['-c', `${stub}. "$0"`, join(folder, 'apply.sh')], { cwd: '/', env, encoding: 'utf8' });
  expect([...readdirSync(surroundings), ...readdirSync(folder)]).not.toContain('PWNED');
  const noted = (name: string): string =>
    existsSync(join(surroundings, name)) ? readFileSync(join(surroundings, name), 'utf8') : '';
  return {
    status: ran.status,
    stdout: ran.stdout,
    stderr: ran.stderr,
    calls: noted('calls').trim().split('\n'),
    written: noted('written')
      .split('\n;\n')
      .filter((text) => text.trim() !== '')
      .map((text): unknown => JSON.parse(text)),
  };
}

/** Expects that the files of a fix apply it in order. */
export function expectToApply(steps: readonly ReportedFixStep[]): void {
  const files = fixFiles(steps);
  // Every document arrives in full, even a long one.
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
  const printed = stdout.split('\n').filter((line) => /^\d+\. /.test(line));
  expect(printed).toEqual(steps.map(({ does }, index) => `${index + 1}. ${list(does.map(({ text }) => text))}`));
}
