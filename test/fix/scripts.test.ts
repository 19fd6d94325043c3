// @module-tag slow
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PolicyPlace } from '../../src/evidence/change.ts';
import { policyScript } from '../../src/fix/scripts.ts';

/* Runs the printed scripts with a fake `aws` that records its arguments and has one policy. */

const hostile = `it's "$(touch PWNED)" \`touch PWNED\` \\ %s ; touch PWNED`;
const account = '111122223333';
const places: readonly PolicyPlace[] = [
  { in: 'key policy', key: `arn:aws:kms:us-east-1:${account}:key/${hostile}` },
  { in: 'inline policy', owner: `arn:aws:iam::${account}:role/x`, name: hostile },
  { in: 'inline policy', owner: `arn:aws:iam::${account}:user/path/${hostile}`, name: 'p' },
  { in: 'inline policy', owner: `arn:aws:iam::${account}:group/g`, name: hostile },
  {
    in: 'inline policy',
    owner: `arn:aws:iam::${account}:role/AWSReservedSSO_${hostile}_0123456789abcdef`,
    name: 'AwsSSOInlinePolicy',
  },
  { in: 'managed policy', arn: `arn:aws:iam::${account}:policy/${hostile}` },
  { in: 'scp', organization: 'o-1', name: hostile },
  { in: 'rcp', organization: 'o-1', name: hostile },
];

const before = {
  Version: '2012-10-17',
  Statement: [{ Sid: hostile, Effect: 'Allow', Action: ['a:B', 'c:D'], Resource: '*' }],
};
/** The same policy in another order and layout. */
const same = JSON.stringify(
  { Statement: [{ Resource: '*', Action: ['a:B', 'c:D'], Effect: 'Allow', Sid: hostile }], Version: '2012-10-17' },
  null,
  3,
);
const different = JSON.stringify({ ...before, Statement: [] });
const after = { ...before, Statement: [...before.Statement, { Effect: 'Deny', Action: hostile, Resource: '*' }] };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const stub = `#!/bin/sh
for one in "$@"; do printf '[%s]' "$one" >>"$STUB/calls"; done
printf '\\n' >>"$STUB/calls"
case "$1 $2" in
  'sts get-caller-identity') echo "\${ACCOUNT:-${account}}" ;;
  'organizations list-policies') echo p-1 ;;
  'sso-admin list-instances') echo arn:aws:sso:::instance/i ;;
  'iam get-policy') echo v3 ;;
  *' get-'* | *' describe-policy')
    if [ -f "$STUB/refused" ]; then cat "$STUB/refused" >&2; exit 254; fi
    cat "$STUB/policy" ;;
esac
`;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Calls that change something, each with its arguments in brackets. */
  readonly writes: readonly string[];
  /** The policy documents that the script saved in files. */
  readonly saved: readonly string[];
  readonly isHarmed: boolean;
}

interface Given {
  readonly policy?: string;
  readonly refused?: string;
  /** The account of the credentials. Absent: the account of the policies. */
  readonly account?: string;
}

function run(script: string, given: Given): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  folders.push(folder);
  writeFileSync(join(folder, 'aws'), stub, { mode: 0o755 });
  if (given.policy !== undefined) writeFileSync(join(folder, 'policy'), given.policy);
  if (given.refused !== undefined) writeFileSync(join(folder, 'refused'), given.refused);
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
    cwd: folder,
    env: { PATH, STUB: folder, ...(given.account === undefined ? {} : { ACCOUNT: given.account }) },
    encoding: 'utf8',
  });
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '';
  const names = readdirSync(folder);
  return {
    status,
    stdout,
    stderr,
    writes: calls
      .split('\n[')
      .filter((call) => /^\[?[\w-]+\]\[(?:put|create|update|delete|set|provision|attach)/.test(call)),
    saved: names
      .filter((name) => name.startsWith('policy-before.'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
    isHarmed: names.includes('PWNED'),
  };
}

const evidence = { evidenceVersion: 1 as const, accounts: {} };

describe.each(places.map((place, number) => [`${number} ${place.in}`, place] as const))(
  'the script of %s',
  (_, place) => {
    const script = policyScript(place, { before, after }, evidence);

    test('edits a policy that is the one that was read, saves it and prints what undoes the edit', () => {
      const { status, stdout, stderr, writes, saved, isHarmed } = run(script, { policy: same });
      expect({ status, stderr, isHarmed }).toEqual({ status: 0, stderr: '', isHarmed: false });
      expect(writes.length).toBeGreaterThan(0);
      expect(writes[0]).toContain(JSON.stringify(hostile).slice(1, -1));
      expect(saved).toEqual([same]);
      expect(stdout).toMatch(/^To undo this:\n/);
      // The undo command is tested like any other command.
      const undo = stdout.slice(stdout.indexOf('\n') + 1);
      const undone = run(undo, { policy: same });
      expect({ status: undone.status, stderr: undone.stderr, isHarmed: undone.isHarmed }).toEqual({
        status: 0,
        stderr: '',
        isHarmed: false,
      });
      expect(undone.writes.join('\n')).toMatch(/\[file:\/\/\.\/policy-before\.\w+\]|\[--version-id\]\[v3\]/);
    });

    test('stops where the policy is another one', () => {
      const { status, stderr, writes } = run(script, { policy: different });
      expect(status).toBe(1);
      expect(stderr).toContain('The policy changed after the check');
      expect(writes).toEqual([]);
    });

    test('stops with the credentials of another account that has a policy of that name, or finds no such thing there', () => {
      const { status, stderr, writes, saved } = run(script, { policy: same, account: '444455556666' });
      // A name of an IAM resource does not contain its account, so another account may have the
      // same name. A key, managed policy or control policy exists in one account only.
      if (place.in !== 'inline policy' || place.owner.includes('AWSReservedSSO')) {
        expect(status).toBe(0);
        return;
      }
      expect(status).toBe(1);
      expect(stderr).toContain(`The policy is in account ${account}`);
      expect(stderr).toContain('444455556666');
      expect({ writes, saved }).toEqual({ writes: [], saved: [] });
    });

    test('stops where the policy cannot be read', () => {
      const { status, writes } = run(script, { refused: 'AccessDenied' });
      expect(status).not.toBe(0);
      expect(writes).toEqual([]);
    });
  },
);

describe('the script of a policy that is not there yet', () => {
  const place: PolicyPlace = { in: 'inline policy', owner: `arn:aws:iam::${account}:role/x`, name: hostile };
  const script = policyScript(place, { before: undefined, after }, evidence);

  test('makes it, and prints what removes it', () => {
    const { status, stdout, writes, saved } = run(script, { refused: 'An error occurred (NoSuchEntity)' });
    expect(status).toBe(0);
    expect(writes).toHaveLength(1);
    expect(saved).toEqual([]);
    expect(run(stdout.slice(stdout.indexOf('\n') + 1), {}).writes[0]).toContain('[delete-role-policy]');
  });

  test.each([
    ['there is one by now', { policy: same }],
    ['that cannot be read', { refused: 'AccessDenied' }],
  ])('stops where %s', (_, given) => {
    const { status, writes } = run(script, given);
    expect(status).toBe(1);
    expect(writes).toEqual([]);
  });
});
