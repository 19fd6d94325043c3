// Measures `collect` on a large account. The endpoint runs in a process of its own and answers at
// once. The script prints figures and never fails because of a figure.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const size = { roles: 5_000, policies: 2_000, snapshots: 500, keys: 200, grants: 1_000 };
const account = '123456789012';
const region = 'us-east-1';
const latency = 20;

const self = fileURLToPath(import.meta.url);
const part = process.argv[2];
if (part === 'endpoint') endpoint();
else if (part === 'collect') await collect(process.argv[3], process.argv[4]);
else await measure();

/** The whole bench: starts the endpoint, then the program. */
async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  const server = fork(self, ['endpoint']);
  const port = await new Promise((resolve) => server.once('message', resolve));
  try {
    for (const name of ['evidence.json', 'evidence.json.gz']) {
      const path = join(folder, name);
      const child = fork(self, ['collect', `http://127.0.0.1:${port}`, path], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const { seconds, megabytes } = await new Promise((resolve) => child.once('message', resolve));
      const written = (statSync(path).size / 2 ** 20).toFixed(1);
      console.log(
        `${name}: ${seconds.toFixed(1)} s, at most ${Math.round(megabytes)} MB of memory, ${written} MB written`,
      );
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Runs the program in this process and reports the time and memory that the run took. */
async function collect(url, path) {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  process.argv = [process.argv[0], 'aurora-kms-check', 'collect', '--endpoint-url', url, '--region', region, path];
  const { main } = createRequire(import.meta.url)('../dist/cli/main.cjs');
  const start = performance.now();
  process.exitCode = await main();
  process.send({ seconds: (performance.now() - start) / 1_000, megabytes: process.resourceUsage().maxRSS / 1024 });
  process.disconnect();
}

/** Answers the program's calls page by page, in the formats of AWS. */
function endpoint() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const target = request.headers['x-amz-target'];
      const asked = new URLSearchParams(body);
      const operation = target === undefined ? asked.get('Action') : target.slice(target.indexOf('.') + 1);
      const text = target === undefined ? xml(operation, asked) : JSON.stringify(json(operation, JSON.parse(body)));
      response.writeHead(200, { 'content-type': target === undefined ? 'text/xml' : 'application/x-amz-json-1.1' });
      setTimeout(() => response.end(text), latency);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

function statements(count) {
  const Statement = Array.from({ length: count }, (_, index) => ({
    Sid: `S${index}`,
    Effect: 'Allow',
    Action: ['rds:Describe*', 'kms:DescribeKey', `s3:Get${index}*`],
    Resource: [`arn:aws:rds:*:${account}:cluster:team-${index}-*`, `arn:aws:kms:*:${account}:key/*`],
    Condition: { StringLike: { 'kms:ViaService': 'rds.*.amazonaws.com' } },
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
const short = encodeURIComponent(statements(3));
const long = encodeURIComponent(statements(15));

const keyArn = (index) =>
  `arn:aws:kms:${region}:${account}:key/00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const indexOf = (arn) => Number(arn.slice(-12));

/** One page of a list: its items and the marker of the next page. */
function paged(total, perPage, marker, item) {
  const from = Number(marker ?? 0);
  const to = Math.min(from + perPage, total);
  return {
    items: Array.from({ length: to - from }, (_, index) => item(from + index)),
    next: to < total ? String(to) : undefined,
  };
}

function xml(operation, asked) {
  const answer = xmlAnswers[operation]?.(asked) ?? '';
  return `<${operation}Response><${operation}Result>${answer}</${operation}Result></${operation}Response>`;
}

const xmlAnswers = {
  GetCallerIdentity: () => `<Arn>arn:aws:iam::${account}:user/bench</Arn><Account>${account}</Account>`,
  GetAccountAuthorizationDetails: (asked) => {
    const { items, next } = paged(size.roles + size.policies, 500, asked.get('Marker'), (index) =>
      index < size.roles ? { role: roleXml(index) } : { policy: policyXml(index - size.roles) },
    );
    const roles = items.map(({ role }) => role ?? '').join('');
    const policies = items.map(({ policy }) => policy ?? '').join('');
    const more = next === undefined ? '' : `<Marker>${next}</Marker>`;
    return `<RoleDetailList>${roles}</RoleDetailList><Policies>${policies}</Policies><IsTruncated>${next !== undefined}</IsTruncated>${more}`;
  },
  DescribeDBClusterSnapshots: (asked) => {
    const { items, next } = paged(size.snapshots, 100, asked.get('Marker'), snapshotXml);
    return `<DBClusterSnapshots>${items.join('')}</DBClusterSnapshots>${next === undefined ? '' : `<Marker>${next}</Marker>`}`;
  },
  DescribeDBClusterSnapshotAttributes: () =>
    '<DBClusterSnapshotAttributesResult><DBClusterSnapshotAttributes/></DBClusterSnapshotAttributesResult>',
};

function roleXml(index) {
  const inline = `<member><PolicyName>inline</PolicyName><PolicyDocument>${short}</PolicyDocument></member>`;
  const attached = [index, index + 1, index + 2]
    .map(
      (one) =>
        `<member><PolicyName>p${one % size.policies}</PolicyName><PolicyArn>arn:aws:iam::${account}:policy/p${one % size.policies}</PolicyArn></member>`,
    )
    .join('');
  return `<member><Arn>arn:aws:iam::${account}:role/r${index}</Arn><RoleName>r${index}</RoleName><RoleId>AROA${String(index).padStart(17, '0')}</RoleId><Path>/</Path><AssumeRolePolicyDocument>${short}</AssumeRolePolicyDocument><RolePolicyList>${inline}</RolePolicyList><AttachedManagedPolicies>${attached}</AttachedManagedPolicies></member>`;
}

function policyXml(index) {
  const versions = [1, 2, 3]
    .map(
      (id) =>
        `<member><VersionId>v${id}</VersionId><IsDefaultVersion>${id === 3}</IsDefaultVersion><Document>${long}</Document></member>`,
    )
    .join('');
  return `<member><Arn>arn:aws:iam::${account}:policy/p${index}</Arn><PolicyName>p${index}</PolicyName><DefaultVersionId>v3</DefaultVersionId><PolicyVersionList>${versions}</PolicyVersionList></member>`;
}

function snapshotXml(index) {
  const arn = `arn:aws:rds:${region}:${account}:cluster-snapshot:s${index}`;
  return `<DBClusterSnapshot><DBClusterSnapshotIdentifier>s${index}</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>${arn}</DBClusterSnapshotArn><SnapshotType>manual</SnapshotType><Status>available</Status><Engine>aurora-postgresql</Engine><StorageEncrypted>true</StorageEncrypted><KmsKeyId>${keyArn(index % size.keys)}</KmsKeyId></DBClusterSnapshot>`;
}

function json(operation, input) {
  const arn = input.KeyId ?? keyArn(0);
  const metadata = {
    KeyId: arn.split('/')[1],
    Arn: arn,
    KeyState: 'Enabled',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
  };
  if (operation === 'DescribeKey') return { KeyMetadata: metadata };
  if (operation === 'GetKeyPolicy') return input.PolicyName === 'default' ? { Policy: statements(10) } : {};
  if (operation === 'ListGrants') {
    const { items, next } = paged(indexOf(arn) === 0 ? size.grants : 3, 100, input.Marker, (index) => ({
      GrantId: String(index).padStart(64, '0'),
      GranteePrincipal: `arn:aws:iam::${account}:role/r${index}`,
      Operations: ['Decrypt', 'CreateGrant', 'DescribeKey'],
      Constraints: { EncryptionContextSubset: { 'aws:rds:dbc-id': `cluster-${index}` } },
    }));
    return { Grants: items, Truncated: next !== undefined, ...(next === undefined ? {} : { NextMarker: next }) };
  }
  if (operation === 'DescribeOrganization') return { Organization: { Id: 'o-bench12345' } };
  if (operation === 'ListParents') return { Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] };
  return { Aliases: [], Tags: [], Policies: [], Truncated: false };
}
