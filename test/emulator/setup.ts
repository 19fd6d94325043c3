import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port on which each file of tests gets an emulator. */
    readonly emulator: number;
  }
}

const python = fileURLToPath(new URL('../../.venv-moto/bin/python', import.meta.url));
const server = fileURLToPath(new URL('server.py', import.meta.url));

let child: ChildProcess | undefined;

/** Starts the emulator for all files. */
export async function setup(project: TestProject): Promise<void> {
  // Its own AWS client stumbles over variables that are meant for ours.
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  const started = spawn(python, [server], { stdio: ['ignore', 'pipe', 'ignore'], env });
  child = started;
  const port = await new Promise<number>((resolve, reject) => {
    started.once('error', reject);
    started.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    started.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
  });
  project.provide('emulator', port);
}

export function teardown(): void {
  child?.kill();
}
