import { CreateKeyCommand, DisableKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, run } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';

/* `key-impact` reads the account of the credentials, and the keys in the command. */

let moto: Emulator;
let unused = '';
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  const { KeyMetadata: made } = await kms().send(new CreateKeyCommand({}));
  unused = made?.Arn ?? '';
});
afterAll(() => moto.stop());

function kms(): KMSClient {
  return new KMSClient({ endpoint: moto.endpoint, region, credentials });
}

/** The emulator answers unknown calls with an error that the SDK would retry. */
const once = { ...keys, AWS_MAX_ATTEMPTS: '1' };
const impact = (...args: readonly string[]) =>
  run(['key-impact', ...args, '--endpoint-url', moto.endpoint, '--region', region], once);

describe('key-impact on AWS', () => {
  test('says what breaks, who could do it, and what was not read', async () => {
    const { code, stdout, stderr } = await impact('alias/orders');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('key alias/orders breaks');
    expect(stdout).toContain(`${region}, account ${account}, Enabled`);
    expect(stdout).toContain('Cluster orders stops as soon as RDS notices.');
    // The emulator does not know kms:GetKeyLastUsage.
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('the last use of the key (kms:GetKeyLastUsage)');
    expect(stdout).toMatch(/kms:DisableKey[^\n]*: .*user\/administrator/s);
  });

  test('reads a key that nothing of RDS uses, because it is named', async () => {
    const { code, stdout, stderr } = await impact(unused, '--action', 'delete');
    // The emulator refuses some lists, so the answer is undetermined.
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('Not read');
    expect(stdout).toContain('Not looked at');
  });

  test('a key that does not exist is an error', async () => {
    const { code, stderr } = await impact('alias/nothing');
    expect(code).toBe(252);
    expect(stderr).toContain('no KMS key `alias/nothing`');
  });

  test('a disabled key has begun to break', async () => {
    const { Aliases: aliases = [] } = await kms().send(new ListAliasesCommand({}));
    const id = aliases.find(({ AliasName: name }) => name === 'alias/orders')?.TargetKeyId;
    await kms().send(new DisableKeyCommand({ KeyId: id }));
    const { code, stdout } = await impact('alias/orders', '--action', 'disable');
    expect(code).toBe(1);
    expect(stdout).toContain('The key is already in state Disabled');
  });
});
