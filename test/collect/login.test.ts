// @module-tag slow
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

/* A server in place of AWS. It refuses every sts:AssumeRole, and knows no role. */

const user = 'arn:aws:iam::111122223333:user/u';
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${user}</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

function fault(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

async function actionOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += String(part);
  return new URLSearchParams(body).get('Action') ?? '';
}

function answerTo(action: string): readonly [status: number, body: string] {
  if (action === 'GetCallerIdentity') return [200, identity];
  if (action === 'GetRole') return [404, fault('NoSuchEntity', 'The role with name gone cannot be found.')];
  const words = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r`;
  return [403, fault('AccessDenied', action === 'AssumeRole' ? words : `not authorized to perform: ${action}`)];
}

let server: Server;
let folder = '';
let environment: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  server = createServer((request, response) => {
    void actionOf(request).then((action) => {
      const [status, body] = answerTo(action);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  writeFileSync(
    join(folder, 'config'),
    '[profile base]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=x\n[profile r]\nrole_arn=arn:aws:iam::111122223333:role/r\nsource_profile=base\n',
  );
  environment = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_MAX_ATTEMPTS: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  Object.assign(process.env, environment);
});

afterAll(() => {
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  server.close();
  rmSync(folder, { recursive: true });
});

const ran = (args: readonly string[]) => runInProcess(args, environment);

test.each([
  ['a check', ['restore', '--principal', 'arn:aws:iam::111122223333:role/x']],
  ['a check by name', ['restore', '--principal', 'role/x']],
  ['a collection', ['collect', 'OUT']],
])('a profile whose role may not be assumed is no log-in: %s', async (_, args) => {
  const given = args.map((one) => (one === 'OUT' ? join(folder, 'out.json') : one));
  const { code, stdout, stderr } = await ran([...given, '--profile', 'r', '--region', 'us-east-1']);
  expect({ code, stdout }, stderr).toEqual({ code: 253, stdout: '' });
  expect(stderr).toContain('cannot assume the role of the profile');
});

test('a collection into a new folder that may not log in makes no folder', async () => {
  const into = join(folder, 'new', 'evidence/');
  const { code } = await ran(['collect', into, '--profile', 'r', '--region', 'us-east-1']);
  expect(code).toBe(253);
  expect(existsSync(join(folder, 'new'))).toBe(false);
});

test('a principal that IAM does not know is what diagnose finds', async () => {
  const text =
    'User: arn:aws:sts::111122223333:assumed-role/gone/x is not authorized to perform: rds:StopDBCluster on resource: arn:aws:rds:us-east-1:111122223333:cluster:orders because no identity-based policy allows the rds:StopDBCluster action';
  const { code, stdout } = await ran(['diagnose', text, '--profile', 'base', '--region', 'us-east-1']);
  expect(code).toBe(2);
  expect(stdout).toContain('IAM has no principal');
});

test('an unknown principal in the command is a usage error', async () => {
  const { code, stderr } = await ran([
    'restore',
    '--principal',
    'role/gone',
    '--profile',
    'base',
    '--region',
    'us-east-1',
  ]);
  expect(code, stderr).toBe(252);
});
