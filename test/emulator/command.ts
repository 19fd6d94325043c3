import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { codeCache } from '../cli.ts';
import { account, credentials, region } from './founding-case.ts';
import { type Fault, startProxy } from './proxy.ts';

const bin = fileURLToPath(new URL('../../bin/aurora-kms-check.js', import.meta.url));
/** The credentials as environment variables. */
export const keys = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
export const operator = `arn:aws:iam::${account}:role/operator`;
export const drRestore = `arn:aws:iam::${account}:role/recovery/dr-restore`;
export const administrator = `arn:aws:iam::${account}:user/administrator`;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built program. spawnSync would block the proxy with the faults, which runs in this
 * process.
 */
export function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = keys,
  cwd: string = process.cwd(),
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        ...codeCache,
        HOME: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * Runs the built program against `target` through a proxy. The proxy answers some operations with a
 * fault.
 */
export async function through(
  target: string,
  faults: Readonly<Record<string, Fault | undefined>>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran & { readonly asked: readonly string[] }> {
  const proxy = await startProxy(target, (operation) => faults[operation]);
  try {
    const ran = await run([...args, '--endpoint-url', proxy.endpoint, '--region', region], { ...keys, ...env });
    return { ...ran, asked: proxy.asked };
  } finally {
    await proxy.stop();
  }
}
