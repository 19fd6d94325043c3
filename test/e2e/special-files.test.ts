import { execFileSync, spawn, spawnSync } from 'node:child_process';
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
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { runHere } from '../cli.ts';

/*
 * Devices, sockets, pipes, links, large files and encodings as input, and signals that end the
 * built program.
 */

const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const restore = ['restore', '--principal', 'role/operator', '--snapshot', 'orders-before-upgrade', '--evidence'];
const whole = JSON.stringify(demoEvidence);

/** A sparse file, which takes no space on the disk. */
function sparse(name: string, megabytes: number): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  ftruncateSync(file, megabytes * 2 ** 20);
  closeSync(file);
  return path;
}

/** Evidence with enough roles to make a comparison take long. */
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

describe('what is no file is refused at once', { tags: 'slow' }, () => {
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
    [
      'a file that is too large',
      () => [...restore, sparse('large.json', 600)],
      'large.json: larger than 512 MB\n  split the file: a folder',
    ],
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

  test('what unpacks to more than such a file may hold', async () => {
    const path = join(folder, 'bomb.json.gz');
    writeFileSync(path, gzipSync(Buffer.alloc(65 * 2 ** 20, ' '), { level: 1 }));
    const { code, stderr } = await runHere(policyOf(path));
    expect(stderr).toContain('bomb.json.gz: larger than 64 MB when unpacked\n  ');
    expect(code).toBe(252);
  });
});

describe('a text is read in the encoding that it has', { tags: 'slow' }, () => {
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

test('a text in another encoding is refused, because two names in it could become the same', async () => {
  const path = join(folder, 'latin1.json');
  writeFileSync(path, Buffer.from('{\n  "evidenceVersion": 1,\n  "accounts": {}, "café": 1 }', 'latin1'));
  const { code, stderr } = await runHere([...restore, path]);
  expect(stderr).toContain('latin1.json: line 3 is not UTF-8\n  save the file as UTF-8');
  expect(code).toBe(252);
});

const full = '/dev/full';

test.skipIf(!existsSync(full))('an answer that cannot be written is an error', { tags: 'slow' }, () => {
  const output = openSync(full, 'w');
  const { status, stderr } = spawnSync(process.execPath, [bin, 'restore', '--demo'], {
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(output);
  expect(stderr).toBe('error: cannot write the answer: the disk is full\n  check where standard output goes\n');
  expect(status).toBe(252);
});

/*
 * The program handles no signals, so any signal ends the program at any moment. The tests send
 * SIGTERM at each moment, and SIGINT at one moment of each kind: a blocking read, a computation,
 * and a connection.
 */
describe('a signal ends the program at once', { tags: 'slow' }, () => {
  /**
   * How a process ends, and whether it ends at once. On a busy machine, "at once" may take seconds.
   */
  interface Ended {
    readonly by: string | null;
    readonly within: boolean;
  }

  /** `busy`: resolves when the program is at the moment in question. */
  async function ended(
    signal: NodeJS.Signals,
    args: readonly string[],
    busy: (input: Writable) => Promise<unknown>,
  ): Promise<Ended> {
    const env = { ...process.env, AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_PROFILE: '' };
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['pipe', 'ignore', 'ignore'], env, cwd: folder });
    const exit = new Promise<string | null>((resolve) => child.once('exit', (_, by) => resolve(by)));
    await Promise.race([busy(child.stdin), exit]);
    const start = Date.now();
    child.kill(signal);
    return { by: await exit, within: Date.now() - start < 20_000 };
  }

  /** A pipe opens for writing when another process opens the pipe for reading. */
  const reading =
    (name: string, args: readonly string[]) =>
    async (signal: NodeJS.Signals): Promise<Ended> => {
      const pipe = open(join(folder, name), 'w');
      const how = await ended(signal, args, () => pipe);
      void pipe.then((file) => file.close());
      return how;
    };

  /** Writes more than a pipe holds, so that the promise resolves only when the program reads. */
  const written = (input: Writable, text: string): Promise<unknown> =>
    new Promise((resolve) => void input.write(text, resolve));

  const unanswered =
    (args: readonly string[]) =>
    async (signal: NodeJS.Signals): Promise<Ended> => {
      const server = createServer(() => undefined);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const asked = new Promise((resolve) => server.once('connection', (socket) => socket.once('data', resolve)));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const where = ['--region', 'us-east-1', '--endpoint-url', `http://127.0.0.1:${port ?? 0}`];
      const how = await ended(signal, [...args, ...where], () => asked);
      server.close();
      return how;
    };

  const computing = ['diff', '-', '--assume-key-state', 'alias/orders=Disabled'];
  const fifos = ['evidence-SIGTERM', 'evidence-SIGINT', 'policy', 'event'];
  let many = '';
  beforeAll(() => {
    // Makes the pipes before the tests start, because this process must stay free while it waits
    // for another process to end.
    execFileSync('sh', ['-c', 'mkfifo "$@"', 'sh', ...fifos], { cwd: folder });
    many = manyRoles();
  });

  const [term, both] = [['SIGTERM'], ['SIGTERM', 'SIGINT']] as const;
  const places: readonly (readonly [string, readonly NodeJS.Signals[], (signal: NodeJS.Signals) => Promise<Ended>])[] =
    [
      [
        'it reads a pipe without a writer',
        both,
        (signal) => reading(`evidence-${signal}`, [...restore, `evidence-${signal}`])(signal),
      ],
      ['it reads a policy from such a pipe', term, reading('policy', policyOf('policy'))],
      ['it reads an event from such a pipe', term, reading('event', ['diagnose', 'event'])],
      [
        'standard input stays open',
        term,
        (signal) => ended(signal, [...restore, '-'], (input) => written(input, ' '.repeat(2 ** 20))),
      ],
      [
        'it computes',
        both,
        (signal) =>
          ended(signal, computing, async (input) => {
            await written(input, many);
            input.end();
            await sleep(300);
          }),
      ],
      [
        'AWS does not answer a check',
        term,
        unanswered(['restore', '--principal', 'arn:aws:iam::111122223333:role/r', '--snapshot', 's']),
      ],
      ['AWS does not answer collect', both, unanswered(['collect', 'never-written.json'])],
      [
        'AWS does not answer diagnose',
        term,
        unanswered(['diagnose', '--event-id', '0d9f6f0e-3c1b-4a57-9d0e-5f1f6a2b7c81']),
      ],
    ];

  test.concurrent.each(places.flatMap(([place, signals, how]) => signals.map((signal) => ({ signal, place, how }))))(
    '$signal while $place',
    async ({ signal, how }) => {
      expect(await how(signal)).toEqual({ by: signal, within: true });
      expect(existsSync(join(folder, 'never-written.json'))).toBe(false);
    },
  );
});
