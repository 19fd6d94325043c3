import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readingPolicy } from '../../src/collect/permissions.ts';
import { demoIncident } from '../../src/diagnose/demo-incident.ts';
import { drRestore, keys, operator, run } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { type Fault, startProxy } from './proxy.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

const refused: Fault = { code: 'AccessDeniedException', status: 400 };
const eventId = '0d9f6f0e-3c1b-4a57-9d0e-5f1f6a2b7c81';

/** The CloudTrail event of the founding case. AWS does not say which key the event is about. */
const recorded = JSON.stringify(demoIncident.is === 'CloudTrail event' ? demoIncident.event : undefined)
  .replaceAll('111122223333', account)
  .replace(/ \[arn:aws:kms[^\]]*\]/, '');

/** The emulator does not know LookupEvents, so the proxy answers in the format of the API. */
function found(...events: readonly string[]): Fault {
  const answer = {
    Events: events.map((text) => ({
      EventId: eventId,
      EventName: 'RestoreDBClusterFromSnapshot',
      ReadOnly: 'false',
      EventTime: 1793502847,
      EventSource: 'rds.amazonaws.com',
      Username: 'on-call',
      Resources: [{ ResourceType: 'AWS::RDS::DBCluster', ResourceName: 'orders-restored' }],
      CloudTrailEvent: text,
    })),
  };
  return { code: '', status: 200, body: JSON.stringify(answer) };
}

async function diagnose(answer: Fault, args: readonly string[] = []) {
  const bodies: string[] = [];
  const proxy = await startProxy(moto.endpoint, (operation, body) => {
    if (operation !== 'cloudtrail:LookupEvents') return undefined;
    bodies.push(body);
    return answer;
  });
  try {
    const asked = ['diagnose', '--event-id', eventId, '--endpoint-url', proxy.endpoint, '--region', region, ...args];
    return { ...(await run(asked, { ...keys, AWS_MAX_ATTEMPTS: '1' })), asked: proxy.asked, bodies };
  } finally {
    await proxy.stop();
  }
}

describe('diagnose --event-id', () => {
  test('reads the event and what it is about, and agrees with AWS', async () => {
    const { code, stdout, stderr, bodies } = await diagnose(found(recorded));
    expect(stderr).toBe('');
    expect(stdout.split('\n')[0]).toBe('✗ restore failed as predicted: KMSKeyNotAccessibleFault');
    expect(stdout).toContain('Deny actions except AdminRole');
    expect(code).toBe(1);
    expect(bodies.map((body): unknown => JSON.parse(body))).toEqual([
      { LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: eventId }] },
    ]);
  });

  test('makes no call that its policy does not allow', async () => {
    const { asked } = await diagnose(found(recorded));
    const allowed = new Set(readingPolicy('diagnose', []).Statement.flatMap((statement) => statement.Action));
    expect(asked.filter((one) => one !== 'sts:GetCallerIdentity' && !allowed.has(one))).toEqual([]);
    expect(asked).toContain('cloudtrail:LookupEvents');
  });

  test('an event without an error', async () => {
    const event = recorded.replaceAll(/"error(Code|Message)":"[^"]*",?/g, '');
    const other = event
      .replaceAll('assumed-role/operator', 'assumed-role/dr-restore')
      .replace('orders-before-upgrade', 'ledger-monthly');
    const { code, stdout } = await diagnose(found(other), ['--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'succeeds', diagnosis: { agreement: 'agrees' } });
    expect(code).toBe(0);
  });

  test('no such event', async () => {
    const { code, stderr } = await diagnose(found());
    expect(stderr).toContain(`CloudTrail has no event \`${eventId}\` in ${region}`);
    expect(code).toBe(252);
  });

  test('a refused look-up leaves nothing to diagnose', async () => {
    const { code, stderr, stdout } = await diagnose({ code: 'AccessDeniedException', status: 400 });
    expect(stderr).toContain('cloudtrail:LookupEvents');
    expect({ code, stdout }).toEqual({ code: 254, stdout: '' });
  });

  test('a text with the other facts in flags is also checked on AWS', async () => {
    const proxy = await startProxy(moto.endpoint, () => undefined);
    const error =
      'KMSKeyNotAccessibleFault: Specified KMS key [None] does not exist, is not enabled or you do not have permissions to access it.';
    const flags = ['--operation', 'restore', '--principal', operator, '--snapshot', 'orders-before-upgrade'];
    const { code, stdout } = await run([
      'diagnose',
      '--error',
      error,
      ...flags,
      '--endpoint-url',
      proxy.endpoint,
      '--region',
      region,
    ]);
    await proxy.stop();
    expect(stdout).toContain('KMSKeyNotAccessibleFault');
    expect(code).toBe(1);
    expect(proxy.asked).toEqual(expect.arrayContaining(['iam:GetRolePolicy', 'rds:DescribeDBClusterSnapshots']));
    expect(proxy.asked).not.toContain('cloudtrail:LookupEvents');
  });
});

describe('a key that only the text names', () => {
  const kms = () => new KMSClient({ endpoint: moto.endpoint, region, credentials });
  const arnOf = async (KeyId: string): Promise<string> =>
    (await kms().send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn ?? '';
  const ask = async (error: string, faults: Readonly<Record<string, Fault>> = {}) => {
    const proxy = await startProxy(moto.endpoint, (operation) => faults[operation]);
    const flags = ['--operation', 'restore', '--principal', drRestore, '--snapshot', 'ledger-monthly'];
    const where = ['--endpoint-url', proxy.endpoint, '--region', region, '--output', 'json'];
    const { code, stdout, stderr } = await run(['diagnose', '--error', error, ...flags, ...where]);
    await proxy.stop();
    expect(stderr).toBe('');
    const report: unknown = JSON.parse(stdout);
    return { code, report };
  };
  const denied = (arn: string): string =>
    `User: arn:aws:sts::${account}:assumed-role/dr-restore/me is not authorized to perform: kms:CreateGrant on resource: ${arn} with an explicit deny in a resource-based policy`;

  test('is read, so that its policy decides', async () => {
    const { code, report } = await ask(denied(await arnOf('alias/orders')));
    expect({ code, report }).toMatchObject({
      code: 1,
      report: { verdict: 'fails', diagnosis: { agreement: 'agrees' } },
    });
    expect(JSON.stringify(report)).toContain('Deny actions except AdminRole');
  });

  test('by its alias, too', async () => {
    const { report } = await ask(
      `KMSKeyNotAccessibleFault: The source snapshot KMS key [arn:aws:kms:${region}:${account}:alias/orders] does not exist, is not enabled or you do not have permissions to access it.`,
    );
    expect(JSON.stringify(report)).toContain('alias/orders');
  });

  test.each([
    ['is not there', `arn:aws:kms:${region}:${account}:key/99999999-0000-0000-0000-000000000000`, {}],
    [
      'cannot be found',
      `arn:aws:kms:${region}:${account}:alias/nothing`,
      { 'kms:ListAliases': refused, 'kms:DescribeKey': refused },
    ],
    [
      'is of another account',
      `arn:aws:kms:${region}:444455556666:key/11111111-2222-3333-4444-555555555555`,
      { 'kms:DescribeKey': refused, 'kms:ListGrants': refused },
    ],
    ['is a pattern', `arn:aws:kms:${region}:${account}:key/*`, {}],
  ])('that %s is no error of usage', async (_, arn, faults) => {
    const { code } = await ask(denied(arn), faults);
    expect([1, 2]).toContain(code);
  });
});
