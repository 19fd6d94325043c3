// Compares a live check of a role with ONE call of the AWS CLI. The endpoint runs in a process of
// its own and answers after 50 ms.
// usage: node scripts/bench-live.mjs [another checkout, to compare with]
import { fork, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyMetadata } from './generated-account.mjs';

const pairs = 15;
const latency = 50;
const account = '123456789012';
const region = 'us-east-1';
const keyArn = `arn:aws:kms:${region}:${account}:key/00000000-0000-4000-8000-000000000000`;
const policyArn = `arn:aws:iam::${account}:policy/restores`;
const document = encodeURIComponent(
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['rds:*', 'kms:*'], Resource: '*' }],
  }),
);

const self = fileURLToPath(import.meta.url);
if (process.argv[2] === 'endpoint') endpoint();
else await measure();

async function measure() {
  const checkouts = [resolve(import.meta.dirname, '..'), ...process.argv.slice(2).map((path) => resolve(path))];
  const server = fork(self, ['endpoint']);
  const port = await new Promise((found) => server.once('message', found));
  const at = ['--endpoint-url', `http://127.0.0.1:${port}`, '--region', region];
  const check = ['restore', '--snapshot', 's0', '--principal', 'role/r0', ...at];
  const call = ['rds', 'describe-db-cluster-snapshots', '--db-cluster-snapshot-identifier', 's0', ...at];
  const programs = [
    ['aws', call],
    ...checkouts.map((checkout) => [process.execPath, [resolve(checkout, 'bin/aurora-kms-check.js'), ...check]]),
  ];
  try {
    // The first runs fill the cache of compiled code.
    for (const [command, args] of programs) await timed(command, args);
    const taken = programs.map(() => []);
    for (let pair = 0; pair < pairs; pair += 1)
      for (const [index, [command, args]] of programs.entries()) taken[index].push(await timed(command, args));
    console.log(`Node ${process.version}; medians of ${pairs}, ms, and times of the AWS CLI`);
    for (const [index, [, args]] of programs.entries()) {
      const ratio = median(taken[index].map((own, pair) => own / taken[0][pair]));
      console.log(`${median(taken[index]).toFixed(0).padStart(5)} ${ratio.toFixed(2).padStart(6)}x  ${args[0]}`);
    }
  } finally {
    server.kill();
  }
}

/** Milliseconds that the program takes. @throws Error if the program fails */
async function timed(command, args) {
  const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_EC2_METADATA_DISABLED: 'true' };
  const start = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...credentials } });
  const code = await new Promise((ended) => child.once('close', ended));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}`);
  return performance.now() - start;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Answers the calls of the program and of the AWS CLI, in the formats of AWS. */
function endpoint() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const target = request.headers['x-amz-target'];
      const operation = target === undefined ? new URLSearchParams(body).get('Action') : target.split('.').at(-1);
      const text = target === undefined ? xml(operation) : JSON.stringify(json(operation, JSON.parse(body)));
      response.writeHead(200, { 'content-type': target === undefined ? 'text/xml' : 'application/x-amz-json-1.1' });
      setTimeout(() => response.end(text), latency);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

function xml(operation) {
  return `<${operation}Response><${operation}Result>${answers[operation] ?? ''}</${operation}Result></${operation}Response>`;
}

const answers = {
  GetCallerIdentity: `<Arn>arn:aws:iam::${account}:user/bench</Arn><Account>${account}</Account>`,
  GetRole: `<Role><Arn>arn:aws:iam::${account}:role/r0</Arn><RoleName>r0</RoleName><RoleId>AROA00000000000000000</RoleId><Path>/</Path><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument></Role>`,
  ListRolePolicies: '<PolicyNames><member>own</member></PolicyNames><IsTruncated>false</IsTruncated>',
  GetRolePolicy: `<RoleName>r0</RoleName><PolicyName>own</PolicyName><PolicyDocument>${document}</PolicyDocument>`,
  ListAttachedRolePolicies: `<AttachedPolicies><member><PolicyName>restores</PolicyName><PolicyArn>${policyArn}</PolicyArn></member></AttachedPolicies><IsTruncated>false</IsTruncated>`,
  GetPolicy: `<Policy><Arn>${policyArn}</Arn><PolicyName>restores</PolicyName><DefaultVersionId>v1</DefaultVersionId></Policy>`,
  GetPolicyVersion: `<PolicyVersion><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>${document}</Document></PolicyVersion>`,
  DescribeDBClusterSnapshots: `<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>s0</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>arn:aws:rds:${region}:${account}:cluster-snapshot:s0</DBClusterSnapshotArn><SnapshotType>manual</SnapshotType><Status>available</Status><Engine>aurora-postgresql</Engine><EngineVersion>16.6</EngineVersion><StorageEncrypted>true</StorageEncrypted><KmsKeyId>${keyArn}</KmsKeyId></DBClusterSnapshot></DBClusterSnapshots>`,
  DescribeDBClusterSnapshotAttributes:
    '<DBClusterSnapshotAttributesResult><DBClusterSnapshotAttributes/></DBClusterSnapshotAttributesResult>',
};

function json(operation, { PolicyName: policy }) {
  if (operation === 'DescribeKey') return { KeyMetadata: keyMetadata(keyArn) };
  if (operation === 'GetKeyPolicy') {
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
    ];
    return policy === 'default' ? { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) } : {};
  }
  return { Aliases: [], Grants: [], Tags: [], Policies: [], Truncated: false };
}
