import { connect, createServer } from 'node:net';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port of a server that starts an emulator for each test file. */
    readonly emulator: number;
  }
}

export interface Emulator {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** An emulator with a new account. It stops with this process, or when `stop` is called. */
export async function startMoto(): Promise<Emulator> {
  const connection = connect(inject('emulator'), '127.0.0.1');
  const ended = new Promise<void>((resolve) => connection.once('close', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    connection.once('error', reject);
    connection.once('end', () => reject(new Error('the emulator does not answer')));
    connection.once('data', (line) => resolve(line.toString().trim()));
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      connection.destroy();
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
