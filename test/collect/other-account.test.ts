import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { collectAccounts } from '../../src/collect/accounts.ts';
import { serve } from './local-service.ts';

/* Two accounts: the second one is read with a role, whose access key is ASIAOTHER. */

const [own, other] = ['111122223333', '444455556666'];
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${own}:user/me</Arn><UserId>AIDA</UserId><Account>${own}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const assumed = `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::${other}:assumed-role/reader/x</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIAOTHER</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const item = (name: string, status: string): string =>
  `<item><regionName>${name}</regionName><optInStatus>${status}</optInStatus></item>`;
const regions = `<DescribeRegionsResponse><regionInfo>${item('us-east-1', 'opt-in-not-required')}${item('af-south-1', 'opted-in')}</regionInfo></DescribeRegionsResponse>`;

/** The answer to a request. Undefined: AWS refuses the request. */
function answerTo({ headers }: IncomingMessage, body: string): string | undefined {
  const action = new URLSearchParams(body).get('Action');
  const isOther = headers.authorization?.includes('ASIAOTHER') === true;
  switch (action) {
    case 'GetCallerIdentity':
      return identity;
    case 'AssumeRole':
      return assumed;
    case 'DescribeRegions':
      return isOther ? undefined : regions;
    default:
      return undefined;
  }
}

async function twoAccounts(): Promise<string> {
  return serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const answer = answerTo(request, body);
      const refused =
        '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>';
      response.writeHead(answer === undefined ? 403 : 200, { 'content-type': 'text/xml' }).end(answer ?? refused);
    });
  });
}

describe('collect --all-regions', () => {
  test('reads the Regions that every account has, if another account does not list its Regions', async () => {
    const endpointUrl = await twoAccounts();
    const collected = await collectAccounts(
      { regions: [], allRegions: true, allKeys: false, roleArns: [`arn:aws:iam::${other}:role/reader`] },
      { endpointUrl, region: 'us-east-1', environment: process.env },
    );
    const regionsOf = (account: string) => {
      const { gaps = [] } = collected.find((one) => one.account === account)?.evidence ?? {};
      return {
        read: [...new Set(gaps.flatMap(({ region }) => region ?? []))],
        list: gaps.filter(({ what }) => what === 'ec2:DescribeRegions'),
      };
    };
    expect(regionsOf(own)).toEqual({ read: ['af-south-1', 'us-east-1'], list: [] });
    expect(regionsOf(other)).toEqual({
      read: ['us-east-1'],
      list: [{ what: 'ec2:DescribeRegions', account: other, reason: 'UnauthorizedOperation: no' }],
    });
  });
});
