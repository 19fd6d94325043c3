import { describe, expect, test, vi } from 'vitest';
import { enabledRegions, endpointPolicies } from '../../src/collect/ec2.ts';
import { ec2Host } from '../../src/collect/ec2-client.ts';
import { makeHandler } from '../../src/collect/handler.ts';
import { makeReader } from '../../src/collect/reader.ts';
import { serve } from './local-service.ts';

const regions = ['us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'];

describe('the host of EC2 is that of the SDK', { tags: 'slow' }, () => {
  test.each(
    regions.flatMap((region) => [false, true].flatMap((fips) => [false, true].map((dual) => ({ region, fips, dual })))),
  )('$region, FIPS $fips, dual stack $dual', async ({ region, fips, dual }) => {
    // Only these tests need this client, which takes long to load.
    const { EC2Client } = await import('@aws-sdk/client-ec2');
    const { endpointProvider } = new EC2Client({ region }).config;
    let theirs: string;
    try {
      theirs = endpointProvider({ Region: region, UseFIPS: fips, UseDualStack: dual }).url.hostname;
    } catch {
      // A partition without such an endpoint has no such host, so the name does not resolve.
      return;
    }
    expect(ec2Host(region, fips, dual)).toBe(theirs);
  });
});

interface Asked {
  readonly authorization: string;
  readonly form: Readonly<Record<string, string>>;
}

/** An EC2 server that returns these answers in turn. */
async function ec2(answers: readonly (readonly [status: number, body: string])[]) {
  const asked: Asked[] = [];
  const endpoint = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const [status, text] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, ''];
      asked.push({
        authorization: request.headers.authorization ?? '',
        form: Object.fromEntries(new URLSearchParams(body)),
      });
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
  });
  const settings = { region: 'eu-west-1', requestHandler: makeHandler(undefined) };
  return { asked, endpoint, settings };
}

const where = { account: '123456789012', region: 'cn-north-1' };
const page = (id: string, token?: string): string =>
  `<DescribeVpcEndpointsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><vpcEndpointSet><item><vpcEndpointId>${id}</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><policyDocument>{&quot;Statement&quot;:[]}</policyDocument></item></vpcEndpointSet>${token === undefined ? '' : `<nextToken>${token}</nextToken>`}</DescribeVpcEndpointsResponse>`;
const error = (code: string): string =>
  `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>`;

describe('EC2', () => {
  test('reads the enabled Regions, signed for EC2, at the endpoint of the environment', async () => {
    const body =
      '<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><regionEndpoint>x</regionEndpoint></item><item><regionName>eu-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>';
    const { asked, endpoint, settings } = await ec2([[200, body]]);
    vi.stubEnv('AWS_ENDPOINT_URL_EC2', endpoint);
    expect(await enabledRegions(settings)).toEqual([
      { name: 'eu-west-1', byDefault: true },
      { name: 'us-east-1', byDefault: false },
    ]);
    expect(asked).toEqual([
      {
        authorization: expect.stringContaining('/eu-west-1/ec2/aws4_request'),
        form: { Action: 'DescribeRegions', Version: '2016-11-15' },
      },
    ]);
  });

  test('returns endpoint policies page by page, and a failed call is retried', async () => {
    const { asked, endpoint, settings } = await ec2([
      [503, error('Unavailable')],
      [200, page('vpce-1', 'more')],
      [200, page('vpce-2')],
    ]);
    const reader = makeReader({ endpoint, tolerant: true });
    expect(await endpointPolicies({ ...settings, endpoint }, where, reader)).toEqual([
      { name: 'vpce-1', document: '{"Statement":[]}' },
      { name: 'vpce-2', document: '{"Statement":[]}' },
    ]);
    expect(asked.map(({ form }) => form)).toMatchObject([
      { 'Filter.1.Name': 'service-name', 'Filter.1.Value.1': 'com.amazonaws.cn-north-1.rds' },
      { 'Filter.1.Value.2': 'cn.com.amazonaws.cn-north-1.rds' },
      { NextToken: 'more' },
    ]);
    expect(asked[2]?.authorization).toContain('/cn-north-1/ec2/aws4_request');
  });

  test.each([
    [[[403, error('UnauthorizedOperation')]], 'UnauthorizedOperation: no'],
    [[[200, page('vpce-1', 'more')]], 'RepeatedPageToken: two pages of the list have the same token'],
    [[[200, '<html']], 'UnreadableAnswer: the answer does not come from AWS (HTTP 200)'],
  ] as const)('leaves a gap: %j', async (answers, reason) => {
    const { endpoint, settings } = await ec2(answers);
    const reader = makeReader({ endpoint, tolerant: true });
    expect(await endpointPolicies({ ...settings, endpoint }, where, reader)).toBeUndefined();
    expect(reader.gaps()).toEqual([{ what: 'ec2:DescribeVpcEndpoints', ...where, reason }]);
  });
});
