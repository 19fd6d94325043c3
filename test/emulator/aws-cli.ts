import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const python = fileURLToPath(new URL('../../.venv-moto/bin/python', import.meta.url));
const server = fileURLToPath(new URL('aws_cli.py', import.meta.url));

export interface AwsCli {
  /**
   * Writes the command `aws` into the folder. The AWS CLI has no single variable for the endpoint
   * of every service.
   */
  readonly write: (endpoint: string) => void;
  readonly stop: () => void;
}

/** Starts the AWS CLI, which a script finds as `aws` in the folder. */
export async function startAwsCli(folder: string): Promise<AwsCli> {
  const path = join(folder, 'aws.socket');
  const child = spawn(python, [server, path], { stdio: ['pipe', 'pipe', 'inherit'], env: { HOME: '/nonexistent' } });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server of the AWS CLI ended with ${code}`)));
    child.stdout.once('data', () => resolve());
  });
  return {
    write: (endpoint) => {
      const client = `#!${python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(${JSON.stringify(path)})
    socket.send_fds(server, [b" "], [0, 1, 2])
    asked = ["--endpoint-url", ${JSON.stringify(endpoint)}, *sys.argv[1:]]
    server.sendall(json.dumps([asked, dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(16) or 255))
`;
      writeFileSync(join(folder, 'aws'), client, { mode: 0o755 });
    },
    stop: () => child.stdin.end(),
  };
}
