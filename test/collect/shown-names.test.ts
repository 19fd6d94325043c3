import { expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';
import { serve } from './local-service.ts';

/* What is asked of RDS if a source has the name that answers show. */

const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
const refused = '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>';

/** The first request to RDS. The service refuses every request to RDS. */
async function firstRequest(args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const requests: URLSearchParams[] = [];
  const endpoint = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const asked = new URLSearchParams(body);
      const isIdentity = asked.get('Action') === 'GetCallerIdentity';
      if (asked.get('Action')?.startsWith('DescribeDB') === true) requests.push(asked);
      response.writeHead(isIdentity ? 200 : 403, { 'content-type': 'text/xml' }).end(isIdentity ? identity : refused);
    });
  });
  const credentials = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };
  await runInProcess([...args, '--endpoint-url', endpoint, '--region', 'us-east-1'], credentials);
  return Object.fromEntries(requests[0] ?? []);
}

const id = 'orders-1';

test.each([
  [`restore --snapshot cluster-snapshot:${id}`, 'DescribeDBClusterSnapshots', { DBClusterSnapshotIdentifier: id }],
  [`restore --snapshot snapshot:${id}`, 'DescribeDBSnapshots', { DBSnapshotIdentifier: id }],
  [`create-snapshot --cluster cluster:${id}`, 'DescribeDBClusters', { DBClusterIdentifier: id }],
  [`create-snapshot --instance db:${id}`, 'DescribeDBInstances', { DBInstanceIdentifier: id }],
])('%s', async (command, Action, named) => {
  expect(await firstRequest(command.split(' '))).toMatchObject({ Action, ...named });
});
