import { describe, expect, test } from 'vitest';
import { makeHandler } from '../../src/collect/handler.ts';
import { kmsReads } from '../../src/collect/kms.ts';
import { makeReader } from '../../src/collect/reader.ts';
import { serve } from './local-service.ts';

const account = '111122223333';
const arn = `arn:aws:kms:eu-west-1:${account}:key/k1`;

/** A KMS server that gives every call the same answer. null: KMS refuses the call. */
async function lastUsage(answer: object | null, of = arn) {
  const asked: (string | string[] | undefined)[] = [];
  const endpoint = await serve((request, response) => {
    asked.push(request.headers['x-amz-target']);
    response
      .writeHead(answer === null ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer ?? { __type: 'AccessDeniedException', message: 'no' }));
  });
  const reader = makeReader({ endpoint: undefined, tolerant: true });
  const settings = { region: 'eu-west-1', endpoint, requestHandler: makeHandler(undefined) };
  const usage = await kmsReads(settings, reader).lastUsage(of, account);
  return { usage, asked, gaps: reader.gaps() };
}

describe('when a key was last used', () => {
  test('is read as KMS says it', async () => {
    const { usage, asked, gaps } = await lastUsage({
      KeyId: 'k1',
      KeyLastUsage: { Operation: 'Decrypt', Timestamp: 1_795_000_000 },
      TrackingStartDate: 1_776_900_000,
    });
    expect(asked).toEqual(['TrentService.GetKeyLastUsage']);
    expect(gaps).toEqual([]);
    expect(usage).toEqual({
      KeyLastUsage: { Operation: 'Decrypt', Timestamp: new Date(1_795_000_000_000).toISOString() },
      TrackingStartDate: new Date(1_776_900_000_000).toISOString(),
    });
  });

  test('is empty for a key that was never seen in use', async () => {
    const { usage } = await lastUsage({ KeyId: 'k1', KeyLastUsage: {} });
    expect(usage).toEqual({ KeyLastUsage: {} });
  });

  test('is unknown, without a gap, if the read is refused', async () => {
    expect(await lastUsage(null)).toMatchObject({ usage: undefined, gaps: [] });
  });

  test('is not read for a key of another account', async () => {
    const { usage, asked } = await lastUsage({}, 'arn:aws:kms:eu-west-1:444455556666:key/k1');
    expect({ usage, asked }).toEqual({ usage: undefined, asked: [] });
  });
});
