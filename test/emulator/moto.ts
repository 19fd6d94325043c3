import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const python = fileURLToPath(new URL('../../.venv-moto/bin/python', import.meta.url));
const server = fileURLToPath(new URL('server.py', import.meta.url));

export interface Emulator {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** Starts the emulator on a free loopback port and waits until it answers. */
export async function startMoto(): Promise<Emulator> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  // Its own AWS client stumbles over variables that are meant for ours.
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  const child = spawn(python, [server, '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore', env });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await answers(endpoint, child);
  return {
    endpoint,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}`);
    try {
      await fetch(`${endpoint}/moto-api/data.json`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  child.kill();
  throw new Error('moto_server does not answer');
}
