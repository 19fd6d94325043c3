import { Failure, type FailureKind } from '../base/failure.ts';

/** What is known about an error of the SDK. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  /** The error code of the operating system: ECONNREFUSED, ENOTFOUND, ... */
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly attempts: number | undefined;
  /** The host that could not be reached. */
  readonly host: string | undefined;
}

/** A field of an unknown value. */
function field(from: unknown, key: string): unknown {
  return typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;
}

function text(from: unknown, key: string): string | undefined {
  const value = field(from, key);
  return typeof value === 'string' ? value : undefined;
}

function number(from: unknown, key: string): number | undefined {
  const value = field(from, key);
  return typeof value === 'number' ? value : undefined;
}

function read(error: unknown): Thrown {
  if (typeof error !== 'object' || error === null) {
    const message = String(error);
    return { name: 'Error', message, code: undefined, status: undefined, attempts: undefined, host: undefined };
  }
  const cause = field(error, 'cause');
  const metadata = field(error, '$metadata');
  const name = text(error, 'name') ?? 'Error';
  // Our messages end without a period.
  const message = (text(error, 'message') ?? '').trim().replace(/\.$/, '');
  const status = number(metadata, 'httpStatusCode');
  return {
    ...(isUnread(name, message) && status !== undefined ? unreadable(status) : { name, message }),
    code: text(error, 'code') ?? text(cause, 'code'),
    status,
    attempts: number(metadata, 'attempts'),
    host: hostOf(error),
  };
}

/** Whether the SDK could not read the response. */
function isUnread(name: string, message: string): boolean {
  return /^(Unknown(Error)?|SyntaxError)$/.test(name) || /XML parse error/.test(message);
}

/** An error for a response that does not come from AWS, but from something in between. */
export function unreadable(status: number): { readonly name: string; readonly message: string } {
  return { name: 'UnreadableAnswer', message: `the answer does not come from AWS (HTTP ${status})` };
}

/**
 * Node reports the name if it could not be resolved, else the address. Several tries (IPv6, IPv4)
 * have separate errors.
 */
function hostOf(error: unknown): string | undefined {
  const tries = field(error, 'errors');
  const first: unknown = Array.isArray(tries) ? tries[0] : error;
  const [address, port] = [text(first, 'address'), number(first, 'port')];
  return text(error, 'hostname') ?? (address === undefined || port === undefined ? address : `${address}:${port}`);
}

const refusals = /^(AccessDenied(Exception)?|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError(Exception)?)$/;

/** AWS says that the credentials may not read this. That is a gap, not a failure. */
export function isRefused(error: unknown): boolean {
  return refusals.test(read(error).name);
}

const missing = /NotFound(Fault|Exception)?$|^NoSuchEntity(Exception)?$|^InvalidArnException$/;

/**
 * What helps against a gap, by its reason: a permission, or another try. Undefined: neither does,
 * because the resource is missing or belongs to another account.
 */
export function helpFor(reason: string): 'permission' | 'another try' | undefined {
  const [, name = ''] = /^(\w+): /.exec(`${reason} `) ?? [];
  if (refusals.test(name)) return 'permission';
  return name === '' || missing.test(name) ? undefined : 'another try';
}

/** The role of a profile or of a web identity may not be assumed, so there are no credentials. */
export function isLoginRefused(error: unknown): boolean {
  return isRefused(error) && refusesRole.test(read(error).message);
}

const refusesRole = /not authorized to perform:? ?["']?sts:AssumeRole/i;

/** AWS says that the resource does not exist, or that its name is not valid. */
export function isMissing(error: unknown): boolean {
  return missing.test(read(error).name);
}

/** RDS says that the identifier is not valid. */
export function isMalformed(error: unknown): boolean {
  return /^InvalidParameter(Value|Combination)$/.test(read(error).name);
}

/** The account is in no organization. */
export function isNoOrganization(error: unknown): boolean {
  return read(error).name === 'AWSOrganizationsNotInUseException';
}

/** The organization has not enabled this type of policy. */
export function isTypeNotEnabled(error: unknown): boolean {
  return read(error).name === 'PolicyTypeNotEnabledException';
}

/**
 * AWS no longer knows the token of the next page of a list: the token has expired, or its place is
 * gone.
 */
export function isStalePage(error: unknown): boolean {
  const { name, message } = read(error);
  if (/^(InvalidMarker|InvalidNextToken|InvalidPaginationToken|ExpiredNextToken|PaginationTokenExpired)/.test(name))
    return true;
  return (
    /^(InvalidParameterValue|InvalidInput|ValidationError|InvalidInputException)$/.test(name) &&
    /marker|token/i.test(message)
  );
}

/**
 * Whether all further reads would fail in the same way: the credentials are invalid, or nothing can
 * be reached.
 */
export function endsTheRun(error: unknown): boolean {
  if (error instanceof Failure) return true;
  const thrown = read(error);
  return rows.find(({ when }) => when(thrown))?.endsTheRun === true;
}

/** `AccessDeniedException: not authorized to ...`, for a gap. */
export function gapReason(error: unknown): string {
  const { name, message } = read(error);
  // If the response does not come from AWS, the message may contain an HTML page and the SDK's
  // advice for programmers.
  return `${name}: ${message.split('\n')[0] ?? ''}`;
}

/** How to read two accounts and check them together. */
export const bothAccounts = '`aurora-kms-check collect --role-arn ROLE` for --evidence';

/** Why a read was not even tried, and how to read the data, for a gap. */
export function ofAnotherAccount(account: string, own: string): string {
  return `the credentials belong to account ${own}, but the read needs account ${account}: read both accounts with ${bothAccounts}`;
}

interface Row {
  readonly when: (thrown: Thrown) => boolean;
  readonly kind: FailureKind;
  /** What happened. `address`: the called address as far as it is known, or AWS. */
  readonly says: (thrown: Thrown, address: string) => string;
  readonly next: string;
  /** All further reads would fail in the same way. */
  readonly endsTheRun?: true;
}

const named =
  (pattern: RegExp) =>
  ({ name }: Thrown): boolean =>
    pattern.test(name);
const coded =
  (...codes: readonly string[]) =>
  ({ code }: Thrown): boolean =>
    code !== undefined && codes.includes(code);

/** Each failure of a read after which there is no verdict. The first matching row counts. */
const rows: readonly Row[] = [
  {
    when: ({ message }) => refusesRole.test(message),
    kind: 'setup',
    says: ({ message }) => `cannot assume the role of the profile: ${message}`,
    next: 'check role_arn and source_profile of the profile, and whether the trust policy of the role allows the source profile',
    endsTheRun: true,
  },
  {
    when: ({ message }) => /SSO session|aws sso login/i.test(message),
    kind: 'setup',
    says: ({ message }) => `the SSO session has ended: ${message}`,
    next: 'log in again with `aws sso login`',
    endsTheRun: true,
  },
  {
    when: ({ message }) => /region is missing/i.test(message),
    kind: 'setup',
    says: () => 'no Region given',
    next: 'give --region, or set AWS_REGION',
    endsTheRun: true,
  },
  {
    // The message repeats the command line, which may contain a secret.
    when: ({ name, message }) => name === 'CredentialsProviderError' && /command failed/i.test(message),
    kind: 'setup',
    says: () => 'the credential_process of the profile failed',
    next: 'run the command of credential_process to see the error',
    endsTheRun: true,
  },
  {
    when: ({ message }) => /could not load credentials/i.test(message),
    kind: 'setup',
    says: () => 'no AWS credentials found',
    next: 'add --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`. A check without AWS needs --evidence FILE',
    endsTheRun: true,
  },
  {
    when: named(/^(CredentialsProviderError|TokenProviderError)$/),
    kind: 'setup',
    says: ({ message }) => `cannot load AWS credentials: ${message}`,
    next: 'check the profile in the AWS configuration',
    endsTheRun: true,
  },
  {
    // The SSO portal answers this to a token that it no longer knows.
    when: named(/^UnauthorizedException$/),
    kind: 'setup',
    says: ({ message }) => `the SSO session has ended: ${message}`,
    next: 'log in again with `aws sso login`',
    endsTheRun: true,
  },
  {
    when: named(/^(InvalidIdentityToken|IDPRejectedClaim|IDPCommunicationError)(Exception)?$/),
    kind: 'setup',
    says: ({ name }) => `AWS refused the web identity token (${name})`,
    next: 'renew the token in AWS_WEB_IDENTITY_TOKEN_FILE, and check that the role trusts the issuer of the token',
    endsTheRun: true,
  },
  {
    when: ({ name, message }) =>
      name.startsWith('RequestTimeTooSkewed') ||
      (/^(SignatureDoesNotMatch|InvalidSignature)/.test(name) && /signature (expired|not yet current)/i.test(message)),
    kind: 'setup',
    says: ({ name }) => `the clock of this machine is wrong (${name})`,
    next: 'set the clock and run again',
    endsTheRun: true,
  },
  {
    when: ({ name, message }) =>
      /^(ExpiredToken|RequestExpired|TokenRefreshRequired)(Exception)?$/.test(name) ||
      /security token included in the request is expired/i.test(message),
    kind: 'setup',
    says: () => 'the credentials have expired',
    next: 'renew the credentials and run again',
    endsTheRun: true,
  },
  {
    when: ({ name, message }) =>
      /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|InvalidToken)(Exception)?$/.test(
        name,
      ) ||
      /security token included in the request is invalid/i.test(message) ||
      (name === 'AuthFailure' && /validate the provided access credentials/i.test(message)),
    kind: 'setup',
    says: ({ name }) => `AWS refused the credentials (${name})`,
    // A Region that is not enabled gives the same answer.
    next: 'check the access key, secret key, session token and clock, and whether the Region is enabled in the account',
    endsTheRun: true,
  },
  {
    when: named(/^(OptInRequired|AuthFailure|SubscriptionRequiredException|RegionDisabledException)$/),
    kind: 'aws',
    says: ({ name }) => `the account cannot use this Region or service (${name})`,
    next: 'check --region, and whether the Region is enabled in the account',
  },
  {
    when: named(/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded/),
    kind: 'aws',
    says: ({ attempts }) => `AWS throttled the call${attempts === undefined ? '' : ` ${attempts} times`}`,
    next: 'run again later, or set AWS_MAX_ATTEMPTS higher',
  },
  {
    when: named(/^UnreadableAnswer$/),
    kind: 'aws',
    says: ({ message }, address) => `${address}: ${message}`,
    next: 'check --endpoint-url, proxies and whether the network needs a sign-in, then run again',
  },
  {
    when: coded('ECONNREFUSED'),
    kind: 'aws',
    says: (_, address) => `${address} refused the connection`,
    next: 'check --endpoint-url or AWS_ENDPOINT_URL',
    endsTheRun: true,
  },
  {
    when: coded('ENOTFOUND', 'EAI_AGAIN'),
    kind: 'aws',
    says: (_, address) => `cannot resolve ${address}`,
    next: 'check the Region name and your network',
    endsTheRun: true,
  },
  {
    when: (thrown) => coded('ETIMEDOUT', 'ECONNRESET', 'EPIPE')(thrown) || thrown.name === 'TimeoutError',
    kind: 'aws',
    says: (_, address) => `${address} does not answer`,
    next: 'check your network and proxies',
  },
  {
    when: ({ code }) => code !== undefined && /CERT|TLS|SSL|EPROTO|UNABLE_TO_VERIFY/.test(code),
    kind: 'aws',
    says: ({ code }, address) => `no secure connection to ${address} (${code ?? ''})`,
    next: 'set NODE_EXTRA_CA_CERTS to your certificate authority, or check the endpoint URL',
  },
];

/**
 * A failed read as a Failure. `what`: the IAM action of the read. `endpoint`: the value of
 * --endpoint-url. No message repeats a secret.
 */
export function toFailure(error: unknown, what: string, endpoint: string | undefined): Failure {
  if (error instanceof Failure) return error;
  const thrown = read(error);
  const row = rows.find(({ when }) => when(thrown));
  const address = endpoint ?? thrown.host ?? 'AWS';
  if (row !== undefined) {
    return new Failure(row.kind, `${what}: ${row.says(thrown, address)}`, row.next, error);
  }
  const status = thrown.status === undefined ? '' : ` (HTTP ${thrown.status})`;
  const next = thrown.status !== undefined && thrown.status >= 500 ? 'run again later' : undefined;
  return new Failure('aws', `${what}: ${address} answered ${thrown.name}${status}: ${thrown.message}`, next, error);
}
