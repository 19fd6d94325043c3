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
  /** Answers to other readings of the same run. */
  readonly shared?: SharedAnswers;
}

/** The settings of every SDK client. */
export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly maxAttempts?: number;
  readonly retryMode?: string;
  /** Credentials of an assumed role. Absent: the default credential chain. */
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

/** The message if nothing names a Region. */
export const noRegion = 'no Region given';

/** Enough for a throttled account. A setting of the user takes precedence. */
const defaultAttempts = 8;

/**
 * Region, profile, endpoint and attempts, from flags, environment and profile, in this order.
 * AWS_DEFAULT_REGION counts as in the AWS CLI. The SDK itself ignores it.
 * @throws Failure if the profile or a Region is missing, or the endpoint or Region is not valid
 */
export async function settingsFrom(options: LiveOptions): Promise<ClientSettings> {
  const { profile, endpointUrl, environment } = options;
  const endpoint = endpointUrl === undefined ? {} : { endpoint: checkedUrl(endpointUrl) };
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const asked = profile ?? given(environment['AWS_PROFILE']);
  const name = asked ?? 'default';
  // For a missing profile, the SDK complains about credentials or the Region instead.
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
    // After AWS has throttled a client, this also slows down its further calls.
    ...(modeIsSet ? {} : { retryMode: 'adaptive' }),
    requestHandler: makeHandler(options.debug, options.shared),
  };
}

/** A variable that is set to an empty text counts as not set, as in the AWS CLI. */
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
    // The pattern is that of evidence/schema.ts.
    if (regionNames.test(value)) return value;
    throw new Failure('input', `${from}: \`${value}\` is not a Region name`, 'give a Region such as us-east-1');
  }
  throw new Failure('setup', noRegion, 'give --region, or set AWS_REGION');
}
