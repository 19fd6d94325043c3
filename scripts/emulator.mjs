import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const python = fileURLToPath(new URL('../.venv-moto/bin/python', import.meta.url));
const server = fileURLToPath(new URL('../test/emulator/server.py', import.meta.url));

let child;

/** Starts the server that gives each test file an emulator with a new account. */
export async function setup(project) {
  // Variables that are meant for our program confuse the emulator's own AWS client.
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  const started = spawn(python, [server], { stdio: ['ignore', 'pipe', 'ignore'], env });
  child = started;
  const port = await new Promise((resolve, reject) => {
    started.once('error', reject);
    started.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    started.stdout.once('data', (line) => resolve(Number(line.toString())));
  });
  project.provide('emulator', port);
}

export function teardown() {
  child?.kill();
}
