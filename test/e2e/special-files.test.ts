import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { runHere } from '../cli.ts';

/*
 * Devices, sockets, pipes, links, sizes and encodings, and the signals that end the built program.
 */

const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const restore = ['restore', '--principal', 'role/operator', '--snapshot', 'orders-before-upgrade', '--evidence'];
const whole = JSON.stringify(demoEvidence);

/** A file with a hole: it takes no room on the disk. */
function sparse(name: string, megabytes: number): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  ftruncateSync(file, megabytes * 2 ** 20);
  closeSync(file);
  return path;
}

/** Evidence with so many roles that a comparison takes long. */
function manyRoles(): string {
  const evidence = structuredClone(demoEvidence);
  const roles = evidence.accounts['111122223333']?.iam?.RoleDetailList ?? [];
  const [role] = roles;
  if (role === undefined) throw new Error('the demo has no role');
  for (let number = 0; number < 3_000; number++)
    roles.push({ ...role, RoleName: `r${number}`, Arn: `arn:aws:iam::111122223333:role/r${number}` });
  return JSON.stringify(evidence);
}

const policyOf = (path: string): readonly string[] => ['restore', '--demo', '--session-policy', path];

describe('what is no file is refused at once', () => {
  test.each<[string, () => readonly string[], string]>([
    ['a device', () => [...restore, '/dev/zero'], '/dev/zero: this is a device'],
    ['the device without content', () => [...restore, '/dev/null'], '/dev/null: this is a device'],
    ['a device as a policy', () => policyOf('/dev/zero'), '/dev/zero: this is a device'],
    ['a device as an event', () => ['diagnose', '/dev/zero', '--demo'], '/dev/zero: this is a device'],
    ['a device to compare', () => ['diff', '/dev/zero', '/dev/zero'], '/dev/zero: this is a device'],
    ['a device to look into', () => ['evidence', 'check', '/dev/zero'], '/dev/zero: this is a device'],
    [
      'a link that leads back to itself',
      () => {
        symlinkSync('loop.json', join(folder, 'loop.json'));
        return [...restore, join(folder, 'loop.json')];
      },
      'loop.json: the link points to itself',
    ],
    [
      'a folder that holds itself',
      () => {
        mkdirSync(join(folder, 'circle'));
        symlinkSync('.', join(folder, 'circle', 'circle.json'));
        return [...restore, join(folder, 'circle')];
      },
      'circle.json: this is a folder',
    ],
    [
      'a folder that holds a device',
      () => {
        mkdirSync(join(folder, 'devices'));
        symlinkSync('/dev/zero', join(folder, 'devices', 'zero.json'));
        return [...restore, join(folder, 'devices')];
      },
      'zero.json: this is a device',
    ],
    ['a file that is too large', () => [...restore, sparse('large.json', 600)], 'large.json: larger than 512 MB'],
    ['a policy that is too large', () => policyOf(sparse('policy.json', 65)), 'policy.json: larger than 64 MB'],
  ])('%s', async (_, args, says) => {
    const start = Date.now();
    const { code, stdout, stderr } = await runHere(args());
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^error: [^\n]+\n {2}[^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 252, stdout: '' });
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  test('a socket', async () => {
    const path = join(folder, 'socket.json');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect((await runHere([...restore, path])).stderr).toContain('socket.json: this is a socket');
    await new Promise((resolve) => server.close(resolve));
  });

  test('what unpacks to more than a text can hold', async () => {
    const path = join(folder, 'bomb.json.gz');
    const blank = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '));
    writeFileSync(path, Buffer.concat(Array.from({ length: 9 }, () => blank)));
    const { code, stderr } = await runHere([...restore, path]);
    expect(stderr).toContain('bomb.json.gz, unpacked,: larger than 512 MB\n  split the file: a folder');
    expect(code).toBe(252);
  });
});

describe('a text is read in the encoding that it has', () => {
  const utf16 = Buffer.from(`\uFEFF${whole}`, 'utf16le');
  test.each<[string, Buffer]>([
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${whole}`)],
    ['UTF-16, as PowerShell writes it', utf16],
    ['UTF-16 with the other byte first', Buffer.from(utf16).swap16()],
    ['UTF-16 without a mark', utf16.subarray(2)],
    ['UTF-16, packed', gzipSync(utf16)],
  ])('%s', async (_, bytes) => {
    const path = join(folder, 'encoded.json');
    writeFileSync(path, bytes);
    expect(await runHere([...restore, path])).toMatchObject({ code: 1, stderr: '' });
  });

  test('a policy and an event, too', async () => {
    const policy = join(folder, 'utf16-policy.json');
    writeFileSync(policy, Buffer.from('\uFEFF{"Version":"2012-10-17","Statement":[]}', 'utf16le'));
    const session = 'arn:aws:sts::111122223333:assumed-role/operator/me';
    expect((await runHere([...policyOf(policy), '--principal', session])).code).toBe(1);
    const event = join(folder, 'utf16-event.txt');
    writeFileSync(event, Buffer.from('\uFEFFKMSKeyNotAccessibleFault: x', 'utf16le'));
    expect((await runHere(['diagnose', event])).code).toBe(2);
  });
});

describe.concurrent.each(['SIGINT', 'SIGTERM'] as const)('%s ends the program at once', (signal) => {
  // Made before, for nothing may keep this process busy while it waits for another to end.
  const fifos = ['evidence', 'policy', 'event'].map((name) => `${name}-${signal}`);
  const [evidence = '', policy = '', event = ''] = fifos;
  beforeAll(() => {
    execFileSync('sh', ['-c', 'mkfifo "$@"', 'sh', ...fifos], { cwd: folder });
    writeFileSync(join(folder, 'many-roles.json'), manyRoles());
  });

  /**
   * How the program ends, and whether at once, which takes seconds on a machine that has much to do.
   * `busy`: when the program does what it is to do.
   */
  async function ended(
    args: readonly string[],
    { input, busy = sleep(1_000) }: { readonly input?: string; readonly busy?: Promise<unknown> } = {},
  ): Promise<{ by: string | null; within: boolean }> {
    const env = { ...process.env, AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_PROFILE: '' };
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env,
      cwd: folder,
    });
    if (input !== undefined) child.stdin.write(input);
    const exit = new Promise<string | null>((resolve) => child.once('exit', (_, by) => resolve(by)));
    await Promise.race([busy, exit]);
    const start = Date.now();
    child.kill(signal);
    return { by: await exit, within: Date.now() - start < 20_000 };
  }

  test.each<[string, () => Promise<{ by: string | null; within: boolean }>]>([
    ['while it reads a pipe without a writer', () => ended([...restore, evidence])],
    ['while it reads a policy from such a pipe', () => ended(policyOf(policy))],
    ['while it reads an event from such a pipe', () => ended(['diagnose', event])],
    ['while standard input stays open', () => ended([...restore, '-'], { input: whole.slice(0, 100) })],
    ['while it computes', () => ended(['diff', 'many-roles.json', '--assume-key-state', 'alias/orders=Disabled'])],
  ])('%s', async (_, how) => {
    expect(await how()).toEqual({ by: signal, within: true });
  });

  test.each([
    ['a check', ['restore', '--principal', 'arn:aws:iam::111122223333:role/r', '--snapshot', 's']],
    ['collect', ['collect', 'never-written.json']],
    ['diagnose', ['diagnose', '--event-id', '0d9f6f0e-3c1b-4a57-9d0e-5f1f6a2b7c81']],
  ])('while AWS does not answer %s', async (_, args) => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const asked = new Promise((resolve) => server.once('connection', (socket) => socket.once('data', resolve)));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const where = ['--region', 'us-east-1', '--endpoint-url', `http://127.0.0.1:${port ?? 0}`];
    expect(await ended([...args, ...where], { busy: asked })).toEqual({ by: signal, within: true });
    server.close();
    expect(existsSync(join(folder, 'never-written.json'))).toBe(false);
  });
});
