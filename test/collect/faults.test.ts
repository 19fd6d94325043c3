import { describe, expect, test } from 'vitest';
import { Failure, type FailureKind } from '../../src/base/failure.ts';
import {
  gapReason,
  helpFor,
  isMalformed,
  isMissing,
  isRefused,
  ofAnotherAccount,
  toFailure,
} from '../../src/collect/faults.ts';

/** An error as the SDK throws it. */
function thrown(name: string, fields: Readonly<Record<string, unknown>> = {}, message = 'The text of AWS.'): Error {
  return Object.assign(new Error(message), { name, ...fields });
}

interface Case {
  readonly error: unknown;
  readonly endpoint?: string;
  readonly kind: FailureKind;
  readonly message: string;
  readonly next: string | undefined;
}

const endpoint = 'http://127.0.0.1:5000';
const resolve = { code: 'ENOTFOUND', hostname: 'rds.nowhere-1.amazonaws.com' };
const bothFamilies = { code: 'ECONNREFUSED', errors: [{ address: '::1', port: 9 }] };
const renew = 'renew the credentials and run again';
const network = 'check your network and proxies';
const environment = 'check --endpoint-url or AWS_ENDPOINT_URL';
const keys =
  'check the access key, secret key, session token and clock, and whether the Region is enabled in the account';
const profile = 'check the profile in the AWS configuration';
const later = 'run again later, or set AWS_MAX_ATTEMPTS higher';
const optIn = 'check --region, and whether the Region is enabled in the account';
const refusesKeys = (name: string): string => `AWS refused the credentials (${name})`;
const notEnabled = (name: string): string => `the account cannot use this Region or service (${name})`;

const cases: Readonly<Record<string, Case>> = {
  'no credentials': {
    error: thrown('CredentialsProviderError', {}, 'Could not load credentials from any providers'),
    kind: 'setup',
    message: 'no AWS credentials found',
    next: 'add --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`. A check without AWS needs --evidence FILE',
  },
  'an SSO session that has ended': {
    error: thrown('CredentialsProviderError', {}, "Token is expired. To refresh this SSO session run 'aws sso login'."),
    kind: 'setup',
    message: "the SSO session has ended: Token is expired. To refresh this SSO session run 'aws sso login'",
    next: 'log in again with `aws sso login`',
  },
  'a credential_process that fails, whose command line is not repeated': {
    error: thrown('CredentialsProviderError', {}, 'Command failed: vault --token very-secret'),
    kind: 'setup',
    message: 'the credential_process of the profile failed',
    next: 'run the command of credential_process to see the error',
  },
  'a profile that leads nowhere': {
    error: thrown('CredentialsProviderError', {}, 'Could not resolve credentials using profile: [a].'),
    kind: 'setup',
    message: 'cannot load AWS credentials: Could not resolve credentials using profile: [a]',
    next: profile,
  },
  'a role of a profile that may not be assumed': {
    error: thrown('AccessDenied', {}, 'User: u is not authorized to perform: sts:AssumeRole on resource: r'),
    kind: 'setup',
    message:
      'cannot assume the role of the profile: User: u is not authorized to perform: sts:AssumeRole on resource: r',
    next: 'check role_arn and source_profile of the profile, and whether the trust policy of the role allows the source profile',
  },
  'a role of a web identity that may not be assumed': {
    error: thrown('AccessDenied', {}, 'Not authorized to perform sts:AssumeRoleWithWebIdentity'),
    kind: 'setup',
    message: 'cannot assume the role of the profile: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    next: 'check role_arn and source_profile of the profile, and whether the trust policy of the role allows the source profile',
  },
  'no Region': {
    error: thrown('Error', {}, 'Region is missing'),
    kind: 'setup',
    message: 'no Region given',
    next: 'give --region, or set AWS_REGION',
  },
  ExpiredToken: { error: thrown('ExpiredToken'), kind: 'setup', message: 'the credentials have expired', next: renew },
  ExpiredTokenException: {
    error: thrown('ExpiredTokenException'),
    kind: 'setup',
    message: 'the credentials have expired',
    next: renew,
  },
  RequestExpired: {
    error: thrown('RequestExpired'),
    kind: 'setup',
    message: 'the credentials have expired',
    next: renew,
  },
  InvalidClientTokenId: {
    error: thrown('InvalidClientTokenId'),
    kind: 'setup',
    message: refusesKeys('InvalidClientTokenId'),
    next: keys,
  },
  UnrecognizedClientException: {
    error: thrown('UnrecognizedClientException'),
    kind: 'setup',
    message: refusesKeys('UnrecognizedClientException'),
    next: keys,
  },
  SignatureDoesNotMatch: {
    error: thrown('SignatureDoesNotMatch'),
    kind: 'setup',
    message: refusesKeys('SignatureDoesNotMatch'),
    next: keys,
  },
  UnrecognizedClient: {
    error: thrown('UnrecognizedClient'),
    kind: 'setup',
    message: refusesKeys('UnrecognizedClient'),
    next: keys,
  },
  'keys that EC2 cannot validate': {
    error: thrown('AuthFailure', {}, 'AWS was not able to validate the provided access credentials'),
    kind: 'setup',
    message: refusesKeys('AuthFailure'),
    next: keys,
  },
  'an invalid token by its text': {
    error: thrown('AccessDeniedException', {}, 'The security token included in the request is invalid.'),
    kind: 'setup',
    message: refusesKeys('AccessDeniedException'),
    next: keys,
  },
  'an expired token by its text': {
    error: thrown('InvalidRequestException', {}, 'The security token included in the request is expired'),
    kind: 'setup',
    message: 'the credentials have expired',
    next: renew,
  },
  'a clock that is wrong': {
    error: thrown(
      'SignatureDoesNotMatch',
      {},
      'Signature expired: 20261126T000000Z is now earlier than 20261126T001000Z',
    ),
    kind: 'setup',
    message: 'the clock of this machine is wrong (SignatureDoesNotMatch)',
    next: 'set the clock and run again',
  },
  'a session of SSO that the portal does not know': {
    error: thrown('UnauthorizedException', {}, 'Session token not found or invalid'),
    kind: 'setup',
    message: 'the SSO session has ended: Session token not found or invalid',
    next: 'log in again with `aws sso login`',
  },
  InvalidIdentityToken: {
    error: thrown('InvalidIdentityToken'),
    kind: 'setup',
    message: 'AWS refused the web identity token (InvalidIdentityToken)',
    next: 'renew the token in AWS_WEB_IDENTITY_TOKEN_FILE, and check that the role trusts the issuer of the token',
  },
  OptInRequired: { error: thrown('OptInRequired'), kind: 'aws', message: notEnabled('OptInRequired'), next: optIn },
  AuthFailure: { error: thrown('AuthFailure'), kind: 'aws', message: notEnabled('AuthFailure'), next: optIn },
  'throttling, with the number of attempts': {
    error: thrown('Throttling', { $metadata: { attempts: 8 } }),
    kind: 'aws',
    message: 'AWS throttled the call 8 times',
    next: later,
  },
  ThrottlingException: {
    error: thrown('ThrottlingException'),
    kind: 'aws',
    message: 'AWS throttled the call',
    next: later,
  },
  'an endpoint that refuses connections': {
    error: thrown('Error', { code: 'ECONNREFUSED', address: '127.0.0.1', port: 5000 }),
    endpoint,
    kind: 'aws',
    message: 'http://127.0.0.1:5000 refused the connection',
    next: environment,
  },
  'an endpoint of the environment that refuses connections': {
    error: thrown('Error', { code: 'ECONNREFUSED', address: '127.0.0.1', port: 9 }),
    kind: 'aws',
    message: '127.0.0.1:9 refused the connection',
    next: environment,
  },
  'a host of several addresses that all refuse connections': {
    error: thrown('AggregateError', bothFamilies, ''),
    kind: 'aws',
    message: '::1:9 refused the connection',
    next: environment,
  },
  'a Region that does not exist': {
    error: thrown('Error', resolve),
    kind: 'aws',
    message: 'cannot resolve rds.nowhere-1.amazonaws.com',
    next: 'check the Region name and your network',
  },
  'no answer in time': {
    error: thrown('TimeoutError'),
    endpoint,
    kind: 'aws',
    message: 'http://127.0.0.1:5000 does not answer',
    next: network,
  },
  'a connection that breaks': {
    error: thrown('Error', { code: 'ECONNRESET' }),
    kind: 'aws',
    message: 'AWS does not answer',
    next: network,
  },
  'a certificate from an unknown authority': {
    error: thrown('Error', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
    kind: 'aws',
    message: 'no secure connection to AWS (SELF_SIGNED_CERT_IN_CHAIN)',
    next: 'set NODE_EXTRA_CA_CERTS to your certificate authority, or check the endpoint URL',
  },
  'an error of the operating system in the cause': {
    error: thrown('Error', { cause: { code: 'ETIMEDOUT' } }),
    kind: 'aws',
    message: 'AWS does not answer',
    next: network,
  },
  'a fault of the service': {
    error: thrown('InternalFailure', { $metadata: { httpStatusCode: 500 } }),
    kind: 'aws',
    message: 'AWS answered InternalFailure (HTTP 500): The text of AWS',
    next: 'run again later',
  },
  'an error that is in no row': {
    error: thrown('InvalidParameterValue', { $metadata: { httpStatusCode: 400 } }),
    kind: 'aws',
    message: 'AWS answered InvalidParameterValue (HTTP 400): The text of AWS',
    next: undefined,
  },
  'what is no error at all': { error: 'boom', kind: 'aws', message: 'AWS answered Error: boom', next: undefined },
};

describe('a read that fails is a failure', () => {
  test.each(Object.entries(cases))('%s', (_, { error, endpoint: called, kind, message, next }) => {
    const failure = toFailure(error, 'rds:DescribeDBClusters', called);
    expect({ kind: failure.kind, message: failure.message, next: failure.next }).toEqual({
      kind,
      message: `rds:DescribeDBClusters: ${message}`,
      next,
    });
    expect(failure.cause).toBe(error);
  });

  test('an existing failure stays unchanged', () => {
    const failure = new Failure('input', 'an earlier failure');
    expect(toFailure(failure, 'iam:GetRole', undefined)).toBe(failure);
  });
});

describe('a refusal is a gap', () => {
  const refusals = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'];

  test.each(refusals)('%s', (name) => expect(isRefused(thrown(name))).toBe(true));

  test.each(['ExpiredToken', 'Throttling', 'AuthFailure', 'NotFoundException'])('%s is none', (name) =>
    expect(isRefused(thrown(name))).toBe(false),
  );

  test('that says why', () => {
    expect(gapReason(thrown('AccessDenied', {}, 'no identity-based policy allows it'))).toBe(
      'AccessDenied: no identity-based policy allows it',
    );
  });
});

describe('a missing resource', () => {
  const missing = [
    'NotFoundException',
    'NoSuchEntity',
    'NoSuchEntityException',
    'DBClusterNotFoundFault',
    'DBClusterSnapshotNotFoundFault',
    'InvalidArnException',
  ];

  test.each(missing)('%s', (name) => expect(isMissing(thrown(name))).toBe(true));

  test('is distinguished from a refusal', () => expect(isMissing(thrown('AccessDenied'))).toBe(false));

  test('an identifier that nothing can have', () => {
    expect(isMalformed(thrown('InvalidParameterValue'))).toBe(true);
    expect(isMalformed(thrown('InvalidParameterValueException'))).toBe(false);
  });
});

describe('what helps against a gap', () => {
  test.each([
    ['AccessDeniedException', 'permission'],
    ['UnauthorizedOperation', 'permission'],
    ['Throttling', 'another try'],
    ['InternalFailure', 'another try'],
    ['UnreadableAnswer', 'another try'],
    ['NotFoundException', undefined],
    ['DBClusterSnapshotNotFoundFault', undefined],
  ])('%s: %s', (name, help) => expect(helpFor(gapReason(thrown(name)))).toBe(help));

  test('nothing against the read of another account', () => {
    expect(helpFor(ofAnotherAccount('111122223333', '444455556666'))).toBeUndefined();
  });
});
