import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { Failure } from '../failure.ts';

/** How to reach AWS. */
export interface LiveOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress?: (line: string) => void;
  readonly debug?: (line: string) => void;
}

/** What every SDK client is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly maxAttempts?: number;
}

/** Enough for a throttled account; what the user sets counts more. */
const defaultAttempts = 8;

/**
 * Region, profile, endpoint and attempts, from flags, environment and profile, in this order. AWS_DEFAULT_REGION counts, as it does for the AWS
 * CLI; the SDK itself does not look at it.
 * @throws Failure if the profile or a Region is missing, or the endpoint is no URL
 */
export async function settingsFrom({
  profile,
  region,
  endpointUrl,
  environment,
}: LiveOptions): Promise<ClientSettings> {
  if (endpointUrl !== undefined && !/^https?:\/\/[^/]+/.test(endpointUrl)) {
    throw new Failure(
      'input',
      `--endpoint-url: \`${endpointUrl}\` is not a URL`,
      'give one such as http://127.0.0.1:5000',
    );
  }
  const name = profile ?? environment['AWS_PROFILE'] ?? 'default';
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = { ...configFile[name], ...credentialsFile[name] };
  if (profile !== undefined && configFile[name] === undefined && credentialsFile[name] === undefined) {
    throw new Failure(
      'setup',
      `there is no profile \`${profile}\` in the AWS configuration`,
      'see `aws configure list-profiles`',
    );
  }
  const found = region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? known['region'];
  if (found === undefined || found === '')
    throw new Failure('setup', 'there is no Region', 'give --region, or set AWS_REGION');
  const attemptsAreSet = environment['AWS_MAX_ATTEMPTS'] !== undefined || known['max_attempts'] !== undefined;
  return {
    region: found,
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(attemptsAreSet ? {} : { maxAttempts: defaultAttempts }),
  };
}
