import { Failure, type FailureKind } from '../failure.ts';

/** What is known of an error of the SDK. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  /** Of the operating system: ECONNREFUSED, ENOTFOUND, ... */
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly attempts: number | undefined;
}

function read(error: unknown): Thrown {
  if (typeof error !== 'object' || error === null) {
    return { name: 'Error', message: String(error), code: undefined, status: undefined, attempts: undefined };
  }
  const text = (key: string, from: object): string | undefined => {
    const value: unknown = Reflect.get(from, key);
    return typeof value === 'string' ? value : undefined;
  };
  const metadata: unknown = Reflect.get(error, '$metadata');
  const number = (key: string): number | undefined => {
    const value: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, key) : undefined;
    return typeof value === 'number' ? value : undefined;
  };
  const cause: unknown = Reflect.get(error, 'cause');
  return {
    name: text('name', error) ?? 'Error',
    message: text('message', error) ?? '',
    code: text('code', error) ?? (typeof cause === 'object' && cause !== null ? text('code', cause) : undefined),
    status: number('httpStatusCode'),
    attempts: number('attempts'),
  };
}

/** AWS says that the credentials may not read this: a gap, not a failure. */
export function isRefused(error: unknown): boolean {
  return /^(AccessDenied(Exception)?|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError(Exception)?)$/.test(
    read(error).name,
  );
}

/** AWS says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return /NotFound(Fault|Exception)?$|^NoSuchEntity(Exception)?$/.test(read(error).name);
}

/** `AccessDeniedException: not authorized to ...`, for a gap. */
export function reasonOf(error: unknown): string {
  const { name, message } = read(error);
  return `${name}: ${message}`;
}

interface Row {
  readonly when: (thrown: Thrown) => boolean;
  readonly kind: FailureKind;
  /** What happened; `endpoint` is the address that was called, or AWS. */
  readonly says: (thrown: Thrown, endpoint: string) => string;
  readonly next: string;
}

const named =
  (pattern: RegExp) =>
  ({ name }: Thrown): boolean =>
    pattern.test(name);
const coded =
  (...codes: readonly string[]) =>
  ({ code }: Thrown): boolean =>
    code !== undefined && codes.includes(code);

/** Each way in which a read can fail so that there is no verdict. The first row that fits counts. */
const rows: readonly Row[] = [
  {
    when: ({ message }) => /SSO session|aws sso login/i.test(message),
    kind: 'setup',
    says: ({ message }) => `the SSO session has ended: ${message}`,
    next: 'log in again with `aws sso login`',
  },
  {
    when: ({ message }) => /region is missing/i.test(message),
    kind: 'setup',
    says: () => 'there is no Region',
    next: 'give --region, or set AWS_REGION',
  },
  {
    when: (thrown) => thrown.name === 'CredentialsProviderError' || /could not load credentials/i.test(thrown.message),
    kind: 'setup',
    says: () => 'there are no AWS credentials',
    next: 'give --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`',
  },
  {
    when: named(/^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/),
    kind: 'aws',
    says: () => 'the credentials have expired',
    next: 'renew them and run again',
  },
  {
    when: named(
      /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken)$/,
    ),
    kind: 'aws',
    says: ({ name }) => `AWS does not accept the credentials (${name})`,
    next: 'check the access key, the secret key and the session token',
  },
  {
    when: named(/^(OptInRequired|AuthFailure|SubscriptionRequiredException)$/),
    kind: 'aws',
    says: ({ name }) => `the account cannot use this Region or service (${name})`,
    next: 'check --region',
  },
  {
    when: named(/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded/),
    kind: 'aws',
    says: ({ attempts }) => `AWS throttled the read${attempts === undefined ? '' : ` ${attempts} times`}`,
    next: 'run again later, or allow more attempts with AWS_MAX_ATTEMPTS',
  },
  {
    when: coded('ECONNREFUSED'),
    kind: 'aws',
    says: (_, endpoint) => `${endpoint} refuses the connection`,
    next: 'check --endpoint-url',
  },
  {
    when: coded('ENOTFOUND', 'EAI_AGAIN'),
    kind: 'aws',
    says: (_, endpoint) => `the address of ${endpoint} is not known`,
    next: 'is the Region right, and is there a network?',
  },
  {
    when: (thrown) => coded('ETIMEDOUT', 'ECONNRESET', 'EPIPE')(thrown) || thrown.name === 'TimeoutError',
    kind: 'aws',
    says: (_, endpoint) => `${endpoint} does not answer`,
    next: 'check the network and proxies',
  },
];

/** A failed read as a Failure. `what`: the IAM action of the read. `endpoint`: what --endpoint-url says. */
export function toFailure(error: unknown, what: string, endpoint: string | undefined): Failure {
  if (error instanceof Failure) return error;
  const thrown = read(error);
  const row = rows.find(({ when }) => when(thrown));
  const address = endpoint ?? 'AWS';
  if (row !== undefined) {
    return new Failure(row.kind, `${what}: ${row.says(thrown, address)}`, row.next, error);
  }
  const status = thrown.status === undefined ? '' : ` (HTTP ${thrown.status})`;
  return new Failure('aws', `${what}: ${address} answers ${thrown.name}${status}: ${thrown.message}`, undefined, error);
}
