import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { settingsFrom } from '../../src/collect/settings.ts';

/** The SDK caches the contents of these files, so all tests use the same files. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const config = ['[profile night]', 'region = eu-west-1', 'max_attempts = 3', '[profile odd]', 'region = Nowhere'];
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
  writeFileSync(join(folder, 'credentials'), '[keys]\naws_access_key_id = test\n');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the Region', () => {
  test.each([
    ['--region', { region: 'us-west-2', environment: { AWS_REGION: 'us-east-1' } }, 'us-west-2'],
    ['AWS_REGION', { environment: { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-2' } }, 'us-east-1'],
    ['AWS_DEFAULT_REGION', { profile: 'night', environment: { AWS_DEFAULT_REGION: 'us-east-2' } }, 'us-east-2'],
    [
      'an empty AWS_REGION does not count',
      { environment: { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-2' } },
      'us-east-2',
    ],
    ['the profile', { profile: 'night', environment: {} }, 'eu-west-1'],
    ['the profile of AWS_PROFILE', { environment: { AWS_PROFILE: 'night' } }, 'eu-west-1'],
  ])('%s', async (_, options, region) => {
    expect(await settingsFrom(options)).toMatchObject({ region });
  });

  test('is missing', async () => {
    await expect(settingsFrom({ environment: {} })).rejects.toMatchObject({
      kind: 'setup',
      message: 'no Region given',
    });
  });

  test.each([
    ['--region', { region: 'us_east_1', environment: {} }],
    ['AWS_DEFAULT_REGION', { environment: { AWS_DEFAULT_REGION: 'us-east-1a' } }],
    ['profile `odd`', { profile: 'odd', environment: {} }],
  ])('that cannot exist names %s', async (from, options) => {
    await expect(settingsFrom(options)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringMatching(`^${from}: .* is not a Region name$`),
    });
  });
});

describe('the profile', () => {
  const inUse = { AWS_REGION: 'us-east-1' };

  test('may be in the credentials file alone', async () => {
    expect(await settingsFrom({ profile: 'keys', environment: inUse })).toMatchObject({ profile: 'keys' });
  });

  test.each([
    ['--profile', { profile: 'nobody', environment: inUse }, 'no profile `nobody` in'],
    ['AWS_PROFILE', { environment: { ...inUse, AWS_PROFILE: 'nobody' } }, 'no profile `nobody` (of AWS_PROFILE)'],
  ])('that is unknown is named: %s', async (_, options, message) => {
    await expect(settingsFrom(options)).rejects.toMatchObject({
      kind: 'setup',
      message: expect.stringContaining(message),
    });
  });
});

describe('the attempts', () => {
  const region = 'us-east-1';

  test('are eight', async () => {
    expect(await settingsFrom({ region, environment: {} })).toMatchObject({ maxAttempts: 8, retryMode: 'adaptive' });
  });

  test.each([
    ['AWS_MAX_ATTEMPTS', { region, environment: { AWS_MAX_ATTEMPTS: '2' } }],
    ['the profile', { region, profile: 'night', environment: {} }],
  ])('are left to %s', async (_, options) => {
    expect(await settingsFrom(options)).not.toHaveProperty('maxAttempts');
  });
});

describe('the endpoint', () => {
  test('is passed on', async () => {
    const endpointUrl = 'http://127.0.0.1:5000';
    expect(await settingsFrom({ region: 'us-east-1', endpointUrl, environment: {} })).toMatchObject({
      endpoint: endpointUrl,
    });
  });

  test.each(['localhost', 'ftp://127.0.0.1', 'http://', 'http://127.0.0.1:port'])(
    '%s is no URL',
    async (endpointUrl) => {
      await expect(settingsFrom({ endpointUrl, environment: {} })).rejects.toMatchObject({ kind: 'input' });
    },
  );
});
