import { createServer } from 'node:http';
import { expect, test, vi } from 'vitest';
import { collect } from '../../src/collect/collect.ts';

const account = '123456789012';
const caller = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/a</Arn><UserId>x</UserId><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const snapshot = `<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult><DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>s</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>arn:aws:rds:us-east-1:${account}:cluster-snapshot:s</DBClusterSnapshotArn><StorageEncrypted>true</StorageEncrypted><KmsKeyId>arn:aws:kms:us-east-1:${account}:key/11111111-1111-1111-1111-111111111111</KmsKeyId></DBClusterSnapshot></DBClusterSnapshots></DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>`;
const refused = '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>';
const usual: Readonly<Record<string, readonly [status: number, body: string]>> = {
  sts: [200, caller],
  rds: [200, snapshot],
  iam: [403, refused],
  kms: [400, '{"__type":"AccessDeniedException","message":"no"}'],
};

/** The result of a check when another server answers in place of one service. */
async function readWhere(service: string, status: number, body: string): Promise<unknown> {
  const server = createServer((request, response) => {
    request.resume();
    const asked = /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [code, text] = asked === service ? [status, body] : (usual[asked] ?? [500, '']);
    response.writeHead(code, { 'content-type': 'text/html' }).end(text);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpointUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  const question = { principal: 'user/a', otherPrincipals: [], kmsKeyIds: [], sharing: false, quotas: false };
  try {
    const wanted = { ...question, types: ['cluster-snapshot'] as const, target: 's' };
    return await collect(wanted, { region: 'us-east-1', endpointUrl, environment: { AWS_MAX_ATTEMPTS: '1' } });
  } finally {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  }
}

const pages: readonly (readonly [status: number, body: string])[] = [
  // A network that asks for a sign-in. The SDK would take this page for an empty list.
  [200, '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Portal</body></html>'],
  [200, '<html><title>Sign in</p></html>'],
  [200, ''],
  [200, 'not xml'],
  [200, '{"Keys": '],
  [200, '[]'],
  [200, 'null'],
  [200, '<OtherResponse/>'],
  [302, ''],
  [403, '<html>Forbidden by the proxy</html>'],
  // The SDK would take this page as the answer that the principal, key or snapshot does not exist.
  [404, '<html>nothing here</html>'],
  [407, 'Proxy Authentication Required'],
  [500, '{'],
  [502, '<html><h1>502 Bad Gateway</h1></html>'],
];

const services = ['rds', 'kms', 'sts', 'iam'] as const;

/** Each page in place of the answers of one service, and each in place of those of the others. */
const [one, others] = [true, false].map((isFirst) =>
  pages.flatMap((page, at) =>
    services
      .filter((_, number) => (number === at % services.length) === isFirst)
      .map((service) => [...page, service] as const),
  ),
);

async function isNoAnswer(status: number, body: string, service: string): Promise<void> {
  await expect(readWhere(service, status, body)).rejects.toMatchObject({
    kind: 'aws',
    message: expect.stringMatching(
      new RegExp(`^${service}:\\w+: http://127.0.0.1:\\d+: the answer does not come from AWS \\(HTTP ${status}\\)$`),
    ),
    next: expect.stringContaining('--endpoint-url'),
  });
}

test.each(one ?? [])('HTTP %i %j for %s is no answer of AWS', isNoAnswer);

test.each(others ?? [])('HTTP %i %j for %s is no answer of AWS', { tags: 'slow' }, isNoAnswer);

test('refusals by AWS are gaps', async () => {
  expect(await readWhere('', 200, '')).toMatchObject({ principal: `arn:aws:iam::${account}:user/a` });
});
