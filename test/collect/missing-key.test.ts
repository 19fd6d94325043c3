import { describe, expect, test } from 'vitest';
import { makeHandler } from '../../src/collect/handler.ts';
import { kmsReads } from '../../src/collect/kms.ts';
import { makeReader } from '../../src/collect/reader.ts';
import { goneKeys } from '../../src/evidence/lookup.ts';
import { serve } from './local-service.ts';

const account = '111122223333';
const arn = `arn:aws:kms:eu-west-1:${account}:key/k1`;

/** Reads a key from a KMS server that answers every call with one error. */
async function read(code: string, tolerant: boolean) {
  const endpoint = await serve((_, response) => {
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: code, message: 'no' }));
  });
  const reader = makeReader({ endpoint: undefined, tolerant });
  const settings = { region: 'eu-west-1', endpoint, requestHandler: makeHandler(undefined) };
  const key = await kmsReads(settings, reader).key(arn, account);
  const gaps = reader.gaps();
  return { key, gaps, gone: [...goneKeys({ evidenceVersion: 1, accounts: {}, gaps })] };
}

describe.each([
  ['of one check', false],
  ['of an account', true],
] as const)('the reads %s', (_, tolerant) => {
  test('know that KMS does not have the key', async () => {
    const { key, gaps, gone } = await read('NotFoundException', tolerant);
    expect({ key, gone }).toEqual({ key: 'missing', gone: [arn] });
    expect(gaps.map(({ what, reason }) => [what, reason])).toEqual([['kms:DescribeKey', 'NotFoundException: no']]);
  });

  test('do not take a refusal for this', async () => {
    const { key, gone } = await read('AccessDeniedException', tolerant);
    expect({ key, gone }).toMatchObject({ key: { KeyMetadata: { Arn: arn } }, gone: [] });
  });
});
