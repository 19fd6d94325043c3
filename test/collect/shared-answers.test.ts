import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { makeHandler, sharedAnswers } from '../../src/collect/handler.ts';

/** An STS server that answers with each of the statuses in turn, and with 200 after the last. */
async function counted(statuses: readonly number[]): Promise<{ readonly asked: number; readonly accounts: unknown }> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(statuses[asked] ?? 200, { 'content-type': 'text/xml' });
    asked += 1;
    response.end(
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shared = sharedAnswers();
  const ask = async () => {
    const client = new STSClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
      requestHandler: makeHandler(undefined, shared),
    });
    return (await client.send(new GetCallerIdentityCommand({}))).Account;
  };
  const accounts = [...(await Promise.all([ask(), ask()])), await ask()];
  server.close();
  return { asked, accounts };
}

test('readings of one run share one call', async () => {
  expect(await counted([])).toEqual({ asked: 1, accounts: Array.from({ length: 3 }, () => '111122223333') });
});

test('a call that failed temporarily is repeated', async () => {
  const { asked, accounts } = await counted([500]);
  expect(accounts).toEqual(Array.from({ length: 3 }, () => '111122223333'));
  expect(asked).toBeLessThanOrEqual(3);
});
