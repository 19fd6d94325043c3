import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { administrator, through } from './command.ts';
import { account, credentials, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import type { Fault } from './proxy.ts';
import { gapsOf, readFrom, refuse, regionOf, snapshots, times } from './reading.ts';

let moto: Emulator;
/** The ARN of alias/ledger. */
let arn = '';
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  const kms = new KMSClient({ endpoint: moto.endpoint, region, credentials });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/ledger' }));
  arn = KeyMetadata?.Arn ?? '';
});
afterAll(() => moto.stop());

const refused: Fault = { code: 'AccessDeniedException', status: 400 };
const id = (): string => arn.slice(arn.indexOf('/') + 1);
const names: readonly (readonly [form: string, name: () => string])[] = [
  ['an alias', () => 'alias/ledger'],
  ['an alias ARN', () => `arn:aws:kms:${region}:${account}:alias/ledger`],
  ['an id', id],
  ['a key ARN', () => arn],
];
const forms = names.map(([form, name]) => ({ form, name }));

describe('a key that --kms-key-id names', () => {
  const asked = ['restore', '--principal', administrator, '--snapshot', 'orders-before-upgrade', '--kms-key-id'];

  test.each(forms)('by $form, where kms:DescribeKey is refused, is found', async ({ name }) => {
    const { code, stdout, stderr } = await through(moto.endpoint, { 'kms:DescribeKey': refused }, [...asked, name()]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('alias/ledger');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `kms:DescribeKey on key/${id()} (account ${account}): AccessDeniedException`,
    );
    expect(stdout).toContain('Allow kms:DescribeKey to the principal that runs this program');
    expect(stdout).not.toContain('no KMS key');
  });

  test.each(forms)('by $form is read once, and its gap names the key', async ({ form, name }) => {
    const question = { ...snapshots(administrator, 'orders-before-upgrade'), kmsKeyIds: [name()] };
    const found = await readFrom(moto.endpoint, question, refuse('kms:DescribeKey'));
    const keys = regionOf(found)?.kms?.keys ?? [];
    expect(keys.map((key) => key.KeyMetadata.Arn).filter((one) => one === arn)).toEqual([arn]);
    expect(gapsOf(found).filter(({ resource }) => resource === arn)).toMatchObject([{ what: 'kms:DescribeKey' }]);
    // The snapshot has another key, which is one call. A refusal for the alias does not settle the
    // answer for the ARN, so the program asks again with the ARN.
    expect(times(found, 'kms:DescribeKey')).toBe(form.includes('alias') ? 3 : 2);
    // The two keys have two policies each.
    expect(times(found, 'kms:GetKeyPolicy')).toBe(4);
  });

  test.each(forms)('by $form needs no kms:ListAliases if kms:DescribeKey is allowed', async ({ name }) => {
    const { code } = await through(moto.endpoint, { 'kms:ListAliases': refused }, [...asked, name()]);
    expect(code).toBe(0);
  });

  test.each(forms)('by $form, where neither is allowed', async ({ form, name }) => {
    const faults = { 'kms:DescribeKey': refused, 'kms:ListAliases': refused };
    const { code, stdout, stderr } = await through(moto.endpoint, faults, [...asked, name()]);
    expect(stderr + stdout).not.toContain('no KMS key');
    if (!form.includes('alias')) {
      expect(code).toBe(2);
      return;
    }
    expect({ code, stdout, stderr }).toEqual({
      code: 254,
      stdout: '',
      stderr: `error: AWS refused kms:DescribeKey and kms:ListAliases, so the key of \`${name()}\` is not known
  allow kms:ListAliases to the principal that runs this program, or set --kms-key-id to the ARN of the key
`,
    });
  });

  test.each([
    ['alias/nothing', {}],
    ['alias/nothing', { 'kms:DescribeKey': refused }],
    ['99999999-0000-0000-0000-000000000000', {}],
  ])('that does not exist is reported as missing: %s, %j', async (name, faults) => {
    const { code, stderr } = await through(moto.endpoint, faults, [...asked, name]);
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining(`no KMS key \`${name}\``) });
  });

  test('in another account, by an alias', async () => {
    const name = `arn:aws:kms:${region}:444455556666:alias/shared`;
    const { code, stderr } = await through(moto.endpoint, { 'kms:DescribeKey': refused }, [...asked, name]);
    expect({ code, stderr }).toEqual({
      code: 254,
      stderr: `error: AWS refused kms:DescribeKey, so the key of \`${name}\` is not known
  ask account 444455556666 to allow this call, or set --kms-key-id to the ARN of the key
`,
    });
  });

  test('in another account, by ARN', async () => {
    const faults = { 'kms:DescribeKey': refused, 'kms:ListGrants': refused };
    const name = `arn:aws:kms:${region}:444455556666:key/11111111-2222-3333-4444-555555555555`;
    const { code, stdout } = await through(moto.endpoint, faults, [...asked, name]);
    expect(code).toBe(2);
    expect(stdout).toContain('kms:GetKeyPolicy');
    expect(stdout).toContain('444455556666');
  });
});

describe('the key of a source', () => {
  test('for which kms:DescribeKey is refused is known by its ARN, and the report names the refusal', async () => {
    const asked = ['restore', '--principal', administrator, '--snapshot', 'ledger-monthly'];
    const { code, stdout } = await through(moto.endpoint, { 'kms:DescribeKey': refused }, asked);
    expect(code).toBe(2);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`kms:DescribeKey on key/${id()}`);
  });
});

describe('an AWS managed key', () => {
  const create = ['create-cluster', '--principal', administrator, '--to', 'new', '--storage-encrypted'];

  test.each([
    ['as the default key', create],
    ['by its alias', [...create, '--kms-key-id', 'alias/aws/rds']],
    ['by the ARN of its alias', [...create, '--kms-key-id', `arn:aws:kms:${region}:${account}:alias/aws/rds`]],
  ])('%s is looked up in the list of aliases', async (_, asked) => {
    // The proxy throws if the program describes the key by its alias.
    const { code, asked: calls } = await through(moto.endpoint, {}, asked);
    expect([0, 2]).toContain(code);
    expect(calls).toContain('kms:ListAliases');
  });

  test('that may not be listed is a gap', async () => {
    const { code, stderr } = await through(moto.endpoint, { 'kms:ListAliases': refused }, create);
    expect({ code: code === 0 || code === 2, stderr }).toEqual({ code: true, stderr: '' });
  });
});
