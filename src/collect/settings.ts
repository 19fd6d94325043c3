import { Failure } from '../base/failure.ts';
import { regionNames } from '../base/partition.ts';
import { type Handler, makeHandler, type SharedAnswers } from './handler.ts';
import { loadSharedConfigFiles } from './sdk.ts';

/** How to reach AWS. */
export interface LiveOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress?: (line: string) => void;
  readonly debug?: (line: string) => void;
  /** What another reading of the same run has been answered. */
  readonly shared?: SharedAnswers;
}

/** What every SDK client is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly maxAttempts?: number;
  readonly retryMode?: string;
  /** Credentials of an assumed role. Absent: the ordinary chain. */
  readonly credentials?: () => Promise<SessionCredentials>;
  readonly requestHandler: Handler;
}

/** Credentials of an assumed role. They are never written anywhere. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
}

/** What is said where nothing names a Region. */
export const noRegion = 'no Region given';

/** Enough for a throttled account; what the user sets counts more. */
const defaultAttempts = 8;

/**
 * Region, profile, endpoint and attempts, from flags, environment and profile, in this order.
 * AWS_DEFAULT_REGION counts, as it does for the AWS CLI; the SDK itself does not look at it.
 * @throws Failure if the profile or a Region is missing, or the endpoint or Region cannot be one
 */
export async function settingsFrom(options: LiveOptions): Promise<ClientSettings> {
  const { profile, endpointUrl, environment } = options;
  const endpoint = endpointUrl === undefined ? {} : { endpoint: checkedUrl(endpointUrl) };
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const asked = profile ?? given(environment['AWS_PROFILE']);
  const name = asked ?? 'default';
  // What the SDK says of a profile that there is not speaks of credentials or the Region.
  if (asked !== undefined && configFile[name] === undefined && credentialsFile[name] === undefined) {
    const from = profile === undefined ? ' (of AWS_PROFILE)' : '';
    throw new Failure(
      'setup',
      `no profile \`${name}\`${from} in the AWS configuration`,
      'list the profiles with `aws configure list-profiles`',
    );
  }
  const known = { ...configFile[name], ...credentialsFile[name] };
  const attemptsAreSet = given(environment['AWS_MAX_ATTEMPTS']) !== undefined || known['max_attempts'] !== undefined;
  const modeIsSet = given(environment['AWS_RETRY_MODE']) !== undefined || known['retry_mode'] !== undefined;
  return {
    region: regionFrom(options, name, known['region']),
    ...(profile === undefined ? {} : { profile }),
    ...endpoint,
    ...(attemptsAreSet ? {} : { maxAttempts: defaultAttempts }),
    // Once AWS has throttled a client, this holds its further calls back as well.
    ...(modeIsSet ? {} : { retryMode: 'adaptive' }),
    requestHandler: makeHandler(options.debug, options.shared),
  };
}

/** A variable that is set to nothing counts as not set, as it does for the AWS CLI. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function checkedUrl(endpointUrl: string): string {
  if (/^https?:\/\/[^/]+/.test(endpointUrl) && URL.canParse(endpointUrl)) return endpointUrl;
  throw new Failure(
    'input',
    `--endpoint-url: \`${endpointUrl}\` is not a URL`,
    'give a URL such as http://127.0.0.1:5000',
  );
}

function regionFrom({ region, environment }: LiveOptions, profile: string, ofProfile: string | undefined): string {
  const sources: readonly (readonly [from: string, value: string | undefined])[] = [
    ['--region', region],
    ['AWS_REGION', environment['AWS_REGION']],
    ['AWS_DEFAULT_REGION', environment['AWS_DEFAULT_REGION']],
    [`profile \`${profile}\``, ofProfile],
  ];
  for (const [from, value] of sources) {
    if (value === undefined || value === '') continue;
    // As evidence/schema.ts wants it.
    if (regionNames.test(value)) return value;
    throw new Failure('input', `${from}: \`${value}\` is not a Region name`, 'give a Region such as us-east-1');
  }
  throw new Failure('setup', noRegion, 'give --region, or set AWS_REGION');
}
