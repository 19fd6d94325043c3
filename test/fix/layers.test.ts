// @module-tag slow
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { changed, evidenceOf, questionOf, readCases } from '../check-case.ts';

/*
 * Layers of policies that allow nothing, in every combination. If only Allows are missing, Allows
 * can fix the check, however many layers lack one. So the search always finds a fix.
 */

const statements = (...actions: readonly string[]) => [{ Effect: 'Allow', Action: actions, Resource: '*' }];
const policyOf = (all: unknown) => ({ Version: '2012-10-17', Statement: all });

const silent = statements('s3:*');
const onlyRds = statements('rds:*');
const everything = statements('*');
const onKey = (principal: unknown) => [{ Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' }];

const layers = {
  identity: { silent, everything },
  boundary: { none: undefined, silent, onlyRds },
  session: { none: undefined, silent, onlyRds },
  scp: { silent, everything },
  key: {
    account: onKey({ AWS: 'arn:aws:iam::111122223333:root' }),
    anybody: onKey('*'),
    nobody: onKey({ AWS: 'arn:aws:iam::111122223333:role/KeyAdmin' }),
  },
} as const;

type Layers = { readonly [Layer in keyof typeof layers]: keyof (typeof layers)[Layer] };

function keysOf<Key extends string>(one: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(one).filter((key): key is Key => key in one);
}

const combinations: readonly Layers[] = keysOf(layers.key).flatMap((key) =>
  keysOf(layers.identity).flatMap((identity) =>
    keysOf(layers.boundary).flatMap((boundary) =>
      keysOf(layers.session).flatMap((session) =>
        keysOf(layers.scp).map((scp) => ({ key, identity, boundary, session, scp })),
      ),
    ),
  ),
);

const base = evidenceOf(readCases(new URL('../cases/check/requests.json', import.meta.url)), {});
const question = questionOf({
  operation: 'restore',
  snapshot: 'snapshot-k',
  principal: 'arn:aws:sts::111122223333:assumed-role/Restorer/alice',
  region: 'eu-west-1',
});
const boundaryArn = 'arn:aws:iam::111122223333:policy/boundary';

function fixed(of: Layers) {
  const boundary = layers.boundary[of.boundary];
  const session = layers.session[of.session];
  const role = '/accounts/111122223333/iam/RoleDetailList/1';
  const evidence = changed(base, {
    [`${role}/RolePolicyList/0/PolicyDocument/Statement`]: layers.identity[of.identity],
    ...(boundary === undefined
      ? {}
      : {
          [`${role}/PermissionsBoundary`]: { PermissionsBoundaryArn: boundaryArn, PermissionsBoundaryType: 'Policy' },
          '/accounts/111122223333/iam/Policies/0': {
            Arn: boundaryArn,
            PolicyVersionList: [{ IsDefaultVersion: true, Document: policyOf(boundary) }],
          },
        }),
    '/accounts/111122223333/organization/path/1/scps': [{ name: 'guard', document: policyOf(layers.scp[of.scp]) }],
    '/accounts/111122223333/regions/eu-west-1/kms/keys/0/Policy/Statement': layers.key[of.key],
  });
  const asked = {
    ...question,
    fix: true,
    ...(session === undefined ? {} : { sessionPolicy: { name: '--session-policy', document: policyOf(session) } }),
  };
  return check(v.parse(evidenceSchema, evidence), asked, 'test');
}

test('every combination has a fix', { timeout: 120_000 }, () => {
  const without: string[] = [];
  for (const one of combinations) {
    const { verdict, fixes } = fixed(one);
    if (verdict !== 'succeeds' && !fixes.some((fix) => fix.verdict === 'succeeds'))
      without.push(`${verdict} ${JSON.stringify(one)}`);
  }
  expect(without).toEqual([]);
});
