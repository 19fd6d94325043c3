import type { Grant } from '../../src/policy/grants.ts';
import type { NamedPolicy, Policies } from '../../src/policy/policies.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import { fc } from './seed.ts';

/*
 * Requests and policies come from a small vocabulary over all elements and operators, so that they
 * often match. For each context key, `completions` has one value of every class that the policy
 * values of the vocabulary can distinguish. So a result for these completions is the result for all
 * values.
 */

const accountA = '111122223333';
const accountB = '444455556666';
const key = `arn:aws:kms:us-east-1:${accountA}:key/K`;

type Value = string | readonly string[];

interface KeyWords {
  readonly operators: readonly string[];
  /** What policies compare the key with. */
  readonly policy: readonly string[];
  readonly completions: readonly Value[];
}

const text = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
];
const comparisons = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const withIfExists = (names: readonly string[]): readonly string[] => [
  ...names,
  ...names.map((name) => `${name}IfExists`),
];
const operations = ['Decrypt', 'Encrypt', 'Dexy', 'Sign', 'De*'];

/** Policies compare two tags with each other, so both tags have the same values. */
const tagValues = ['c', 'C', 'cd', 'd', 'AAAA', 'AQID', 'BBBB', 'aaaa', 'aqid', 'bbbb', '*', 'c*', 'K', ''];

const vocabulary: Readonly<Record<string, KeyWords>> = {
  'kms:ViaService': {
    operators: withIfExists(text),
    policy: ['rds.us-east-1.amazonaws.com', 'rds.*.amazonaws.com', 'RDS.us-east-1.amazonaws.com', '*', 'ec2.*'],
    completions: [
      ...[
        'rds.us-east-1.amazonaws.com',
        'RDS.us-east-1.amazonaws.com',
        'Rds.us-east-1.amazonaws.com',
        'rds.eu-west-1.amazonaws.com',
      ],
      ...['rds.*.amazonaws.com', 'RDS.*.amazonaws.com', 'ec2.x', 'ec2.*', 'EC2.*', '*', 'other'],
    ],
  },
  'aws:SourceIp': {
    operators: withIfExists(['IpAddress', 'NotIpAddress']),
    policy: ['203.0.113.0/24', '203.0.113.128/25', '2001:db8::/32', '198.51.100.1'],
    completions: ['203.0.113.7', '203.0.113.200', '198.51.100.1', '192.0.2.1', '2001:db8::1', '2001:ffff::1'],
  },
  'aws:MultiFactorAuthAge': {
    operators: withIfExists(comparisons.map((name) => `Numeric${name}`)),
    policy: ['60', '3600', '60.0'],
    completions: ['59', '60', '61', '3600', '3601'],
  },
  'aws:TokenIssueTime': {
    operators: withIfExists(comparisons.map((name) => `Date${name}`)),
    policy: ['2026-01-01T00:00:00Z', '1767225600', '2026-06-01'],
    completions: [
      '2025-12-31T23:59:59Z',
      '2026-01-01T00:00:00Z',
      '2026-03-01T00:00:00Z',
      '2026-06-01T00:00:00Z',
      '2026-06-02T00:00:00Z',
    ],
  },
  'aws:MultiFactorAuthPresent': {
    operators: withIfExists(['Bool']),
    policy: ['true', 'false'],
    completions: ['true', 'false'],
  },
  'aws:SourceArn': {
    operators: withIfExists(['ArnLike', 'ArnNotLike', 'ArnEquals', 'ArnNotEquals']),
    policy: ['arn:aws:rds:*:111122223333:cluster:*', 'arn:aws:rds:us-east-1:*:cluster:a'],
    completions: [
      ...['arn:aws:rds:us-east-1:111122223333:cluster:a', 'arn:aws:rds:eu-west-1:111122223333:cluster:a'],
      ...['arn:aws:rds:us-east-1:999999999999:cluster:a', 'arn:aws:s3:::bucket'],
    ],
  },
  'aws:PrincipalTag/name': {
    operators: withIfExists(text),
    policy: ['c', 'c*', '${aws:PrincipalTag/blob}', "${aws:PrincipalTag/blob, 'c'}", '${*}'],
    completions: tagValues,
  },
  'aws:PrincipalTag/blob': {
    operators: withIfExists(['BinaryEquals']),
    policy: ['AAAA', 'AQID'],
    completions: tagValues,
  },
  'kms:GrantOperations': {
    operators: [
      ...[
        'ForAllValues:StringEquals',
        'ForAnyValue:StringEquals',
        'ForAllValues:StringNotEquals',
        'ForAnyValue:StringNotEquals',
      ],
      ...['ForAllValues:StringLike', 'ForAnyValue:StringLike', 'ForAllValues:StringEqualsIfExists'],
    ],
    policy: ['Decrypt', 'Encrypt', 'De*'],
    completions: [1, 2, 3, 4].flatMap((size) => subsets(operations, size)),
  },
};

function subsets(from: readonly string[], size: number): readonly (readonly string[])[] {
  if (size === 0) return [[]];
  return from.flatMap((first, index) => subsets(from.slice(index + 1), size - 1).map((rest) => [first, ...rest]));
}

export const keyNames: readonly string[] = Object.keys(vocabulary);

const principals: readonly Pick<RequestInput, 'principal' | 'roleArn' | 'federatingUser'>[] = [
  { principal: `arn:aws:iam::${accountA}:user/Eve` },
  { principal: `arn:aws:iam::${accountA}:role/App` },
  { principal: `arn:aws:sts::${accountA}:assumed-role/App/s1`, roleArn: `arn:aws:iam::${accountA}:role/App` },
  { principal: `arn:aws:iam::${accountA}:root` },
  { principal: `arn:aws:sts::${accountA}:federated-user/x`, federatingUser: `arn:aws:iam::${accountA}:user/Eve` },
  { principal: `arn:aws:iam::${accountB}:role/Guest` },
  { principal: `arn:aws:iam::${accountA}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS` },
  { principal: 'rds.amazonaws.com' },
];

const actions = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'secretsmanager:GetSecretValue',
  'rds:RestoreDBClusterFromSnapshot',
];

function resourceOf(action: string): RequestInput['resource'] {
  if (action.startsWith('kms:')) return { arn: key, account: accountA };
  if (action.startsWith('rds:')) return { arn: `arn:aws:rds:us-east-1:${accountA}:cluster:c`, account: accountA };
  return { arn: `arn:aws:secretsmanager:us-east-1:${accountA}:secret:s`, account: accountA };
}

type JsonStatement = Readonly<Record<string, unknown>>;

const some = <T>(from: readonly T[], most = 2): fc.Arbitrary<readonly T[]> =>
  fc.subarray([...from], { minLength: 1, maxLength: Math.min(most, from.length) });

const conditionTest: fc.Arbitrary<readonly [string, string, readonly string[]]> = fc
  .constantFrom(...keyNames)
  .chain((name) => {
    const words = vocabulary[name] ?? { operators: [], policy: [], completions: [] };
    const compared = fc.tuple(fc.constantFrom(...words.operators), fc.constant(name), some(words.policy));
    const presence = fc.tuple(fc.constant('Null'), fc.constant(name), some(['true', 'false'], 1));
    return fc.oneof({ weight: 5, arbitrary: compared }, { weight: 1, arbitrary: presence });
  });

const condition = fc.array(conditionTest, { maxLength: 2 }).map((tests) => {
  const block: Record<string, Record<string, readonly string[]>> = {};
  for (const [operator, name, values] of tests) block[operator] = { ...block[operator], [name]: values };
  return block;
});

const action = fc.oneof(
  some(actions),
  fc.constantFrom(['kms:*'], ['*'], ['kms:Create*', 'rds:Restore*'], ['kms:de?rypt']),
);
const resource = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['*']) },
  {
    weight: 1,
    arbitrary: some([
      key,
      'arn:aws:kms:*:111122223333:key/*',
      'arn:aws:rds:*:*:cluster:*',
      `arn:aws:kms:us-east-1:${accountB}:key/K`,
      'arn:aws:secretsmanager:*:*:secret:?',
      'arn:aws:rds:*:*:cluster:${aws:PrincipalTag/name}',
      "arn:aws:kms:*:*:key/${aws:PrincipalTag/name, 'K'}",
    ]),
  },
);
const role = `arn:aws:iam::${accountA}:role/App`;
const session = `arn:aws:sts::${accountA}:assumed-role/App/s1`;
const user = `arn:aws:iam::${accountA}:user/Eve`;
const guest = `arn:aws:iam::${accountB}:role/Guest`;
const principal = fc.oneof(
  fc.constantFrom<unknown>('*', { AWS: accountA }, { AWS: `arn:aws:iam::${accountB}:root` }, { AWS: role }),
  fc.constantFrom<unknown>(
    { AWS: [user, `arn:aws:sts::${accountA}:federated-user/x`] },
    { AWS: session },
    { Service: 'rds.amazonaws.com' },
    { AWS: guest },
    { AWS: 'AROADELETED' },
  ),
);

/** NotPrincipal occurs only with Deny, and lists principals. */
function whom(parts: {
  readonly effect: string;
  readonly notPrincipal: number;
  readonly principal: unknown;
}): JsonStatement {
  const listed = parts.effect === 'Deny' && parts.notPrincipal === 0 && parts.principal !== '*';
  return { [listed ? 'NotPrincipal' : 'Principal']: parts.principal };
}

/** A statement. With `withPrincipal`: a statement of a resource policy. */
function statement(effects: readonly ('Allow' | 'Deny')[], withPrincipal: boolean): fc.Arbitrary<JsonStatement> {
  const one = {
    effect: fc.constantFrom(...effects),
    action,
    notAction: fc.nat(6),
    resource,
    notResource: fc.nat(6),
    notPrincipal: fc.nat(6),
    condition,
    principal,
  };
  return fc.record(one).map((parts) => ({
    Effect: parts.effect,
    ...(withPrincipal ? whom(parts) : {}),
    [parts.notAction === 0 ? 'NotAction' : 'Action']: parts.action,
    [parts.notResource === 0 ? 'NotResource' : 'Resource']: parts.resource,
    ...(Object.keys(parts.condition).length === 0 ? {} : { Condition: parts.condition }),
  }));
}

const both = ['Allow', 'Allow', 'Deny'] as const;

function policy(
  name: string,
  withPrincipal = false,
  effects: readonly ('Allow' | 'Deny')[] = both,
): fc.Arbitrary<NamedPolicy> {
  return fc
    .array(statement(effects, withPrincipal), { minLength: 1, maxLength: 3 })
    .map((statements) => ({ name, document: { Version: '2012-10-17', Statement: statements } }));
}

/** RCPs have neither NotAction nor NotPrincipal. */
function withoutNotAction({ name, document }: NamedPolicy): NamedPolicy {
  const json: unknown = JSON.parse(JSON.stringify(document).replaceAll(/"Not(Action|Principal)"/g, '"$1"'));
  return { name, document: json };
}

const delegation: NamedPolicy = {
  name: 'resource',
  document: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: accountA }, Action: '*', Resource: '*' },
      { Effect: 'Allow', Principal: { AWS: accountB }, Action: 'kms:*', Resource: '*' },
    ],
  },
};

const grant: fc.Arbitrary<Grant> = fc.record({
  GrantId: fc.constantFrom('g1', 'g2'),
  GranteePrincipal: fc.constantFrom(role, session, user, 'rds.amazonaws.com'),
  Operations: some(['Decrypt', 'DescribeKey'], 2),
});

const level = fc.array(policy('scp'), { minLength: 1, maxLength: 2 });
const fullAccess: NamedPolicy = {
  name: 'full',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};
const rcps = fc.array(fc.array(policy('rcp', true, ['Deny']).map(withoutNotAction), { minLength: 1, maxLength: 1 }), {
  minLength: 1,
  maxLength: 1,
});

export const policies: fc.Arbitrary<Policies> = fc
  .record({
    identity: fc.array(policy('identity'), { maxLength: 2 }),
    wide: fc.boolean(),
    boundary: fc.option(policy('boundary'), { freq: 4, nil: undefined }),
    session: fc.option(policy('session'), { freq: 4, nil: undefined }),
    endpoint: fc.option(policy('endpoint', true), { freq: 6, nil: undefined }),
    resource: fc.oneof(policy('resource', true), fc.constant(delegation)),
    scps: fc.option(fc.array(fc.oneof(level, fc.constant([fullAccess])), { minLength: 1, maxLength: 2 }), {
      freq: 3,
      nil: undefined,
    }),
    rcps: fc.option(rcps, { freq: 4, nil: undefined }),
    grants: fc.array(grant, { maxLength: 2 }),
  })
  .map((made) => ({
    identity: made.wide ? [...made.identity, fullAccess] : made.identity,
    ...(made.boundary === undefined ? {} : { boundary: [made.boundary] }),
    ...(made.session === undefined ? {} : { session: [made.session] }),
    ...(made.endpoint === undefined ? {} : { endpoint: [made.endpoint] }),
    ...(made.scps === undefined ? {} : { scps: made.scps }),
    ...(made.rcps === undefined ? {} : { rcps: made.rcps }),
    resource: made.resource,
    grants: made.grants,
  }));

const context = fc
  .record(
    Object.fromEntries(
      keyNames.map((name) => [
        name,
        fc.option(fc.constantFrom(...(vocabulary[name]?.completions ?? [])), { freq: 2, nil: undefined }),
      ]),
    ),
  )
  .map((values) =>
    Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  );

/** A request without unknown facts. */
export const request: fc.Arbitrary<RequestInput> = fc
  .record({ who: fc.constantFrom(...principals), asked: fc.constantFrom(...actions), context })
  .map(({ who, asked, context: known }) => ({ ...who, action: asked, resource: resourceOf(asked), context: known }));

/** The request with some keys unknown. */
export function forgetting(complete: RequestInput, keys: readonly string[]): RequestInput {
  const kept = Object.entries(complete.context ?? {}).filter(([name]) => !keys.includes(name));
  return { ...complete, context: Object.fromEntries(kept), unknownKeys: keys };
}

/** Every possible form of the unknown keys. */
export function completionsOf(complete: RequestInput, keys: readonly string[]): readonly RequestInput[] {
  return keys.reduce<readonly RequestInput[]>(
    (requests, name) =>
      requests.flatMap((one) => {
        const without = Object.fromEntries(Object.entries(one.context ?? {}).filter(([other]) => other !== name));
        const values = vocabulary[name]?.completions ?? [];
        return [
          { ...one, context: without },
          ...values.map((value) => ({ ...one, context: { ...without, [name]: value } })),
        ];
      }),
    [complete],
  );
}
