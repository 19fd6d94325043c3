import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { Failure } from '../../src/base/failure.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { policyFaults } from '../../src/evidence/policy-faults.ts';
import { restoreCluster } from '../../src/operations/restores.ts';
import { authorize } from '../../src/policy/authorize.ts';
import { InvalidRequest } from '../../src/policy/caller.ts';
import { parse } from '../../src/policy/parse.ts';
import { InvalidPolicies } from '../../src/policy/policies.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';
import { fc, runs, share } from '../properties/seed.ts';

/**
 * Parts that may appear in a damaged document: wrong types, missing and repeated elements, deep
 * nesting, large values, prototypes, odd text.
 */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '*',
    '${',
    '${}',
    '${aws:username',
    '\uFEFF',
    '\r\n',
    'ä🦊',
    [],
    {},
    [[]],
    [null],
  ),
  fc.constant('a'.repeat(100_000)),
  fc.constant('*a'.repeat(2_000)),
  fc.constant('?'.repeat(5_000)),
  fc.constant(JSON.parse('{"__proto__": {"Effect": "Allow"}, "constructor": 1, "toString": 2}')),
  fc.constant(JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)),
  fc.jsonValue(),
);

type Step = {
  readonly at: number;
  readonly how: 'replace' | 'delete' | 'double' | 'rename' | 'wrap';
  readonly by: unknown;
};

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    how: fc.constantFrom('replace', 'delete', 'double', 'rename', 'wrap'),
    by: strange,
  }),
  { minLength: 1, maxLength: 4 },
);

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function placesIn(value: unknown, found: Place[] = []): readonly Place[] {
  if (!isHolder(value)) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value, key });
    placesIn(value[key], found);
  }
  return found;
}

/** The document after some random changes. */
function mutated(document: unknown, mishaps: readonly Step[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const { at, how, by } of mishaps) {
    const places = placesIn(copy);
    const place = places[at % Math.max(1, places.length)];
    if (place === undefined) continue;
    const { holder, key } = place;
    if (how === 'replace') holder[key] = structuredClone(by);
    else if (how === 'delete') delete holder[key];
    else if (how === 'double') holder[`${key}2`] = holder[key];
    else if (how === 'wrap') holder[key] = [holder[key]];
    else {
      holder[key.toLowerCase()] = holder[key];
      delete holder[key];
    }
  }
  return copy;
}

const limit = 200;

/**
 * Runs `act`. Only a value or a named error is accepted as its end. A slow first run may include
 * compilation, so a second run is allowed.
 */
function ends(act: () => unknown, named: (error: unknown) => boolean): void {
  if (timed(act, named) > limit) expect(timed(act, named)).toBeLessThan(limit);
}

/** CPU time in milliseconds, because other processes do not lengthen it. */
function timed(act: () => unknown, named: (error: unknown) => boolean): number {
  const start = process.cpuUsage();
  try {
    act();
  } catch (error) {
    if (!named(error)) throw error;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const account = '111122223333';
const arn = `arn:aws:kms:us-east-1:${account}:key/K`;
const rich = {
  Version: '2012-10-17',
  Id: 'x',
  Statement: [
    {
      Sid: 'a',
      Effect: 'Allow',
      Principal: { AWS: [`arn:aws:iam::${account}:root`, '*'], Service: 'rds.amazonaws.com' },
      Action: ['kms:*', 'kms:Create*'],
      Resource: ['*', `arn:aws:kms:*:${account}:key/\${aws:PrincipalTag/x, 'y'}`],
    },
    {
      Sid: 'b',
      Effect: 'Deny',
      NotPrincipal: { AWS: `arn:aws:iam::${account}:role/App` },
      NotAction: 'kms:Decrypt',
      NotResource: arn,
      Condition: {
        StringNotEqualsIfExists: { 'aws:PrincipalArn': ['x', '${aws:username}'] },
        NumericLessThan: { 'aws:MultiFactorAuthAge': 60 },
        DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
        IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] },
        'ForAllValues:StringLike': { 'kms:GrantOperations': ['De*'] },
        Null: { 'kms:ViaService': false },
        Bool: { 'aws:SecureTransport': true },
        ArnLike: { 'aws:SourceArn': 'arn:aws:rds:*:*:cluster:*' },
        BinaryEquals: { 'aws:PrincipalTag/b': 'AAAA' },
      },
    },
  ],
};
const kinds: readonly PolicyKind[] = ['identity', 'boundary', 'session', 'endpoint', 'resource', 'scp', 'rcp'];
const request = {
  principal: `arn:aws:iam::${account}:role/App`,
  action: 'kms:CreateGrant',
  resource: { arn, account },
  unknownKeys: ['aws:SourceIp'],
};

describe('nothing but a decision or a named error', () => {
  test('follows from a mutated policy document', () => {
    let decided = 0;
    fc.assert(
      fc.property(steps, fc.constantFrom(...kinds), fc.boolean(), (mishaps, kind, asText) => {
        const document = mutated(rich, mishaps);
        const given = asText ? JSON.stringify(document) : document;
        ends(
          () => {
            const parsed = parse(kind, 'p', given);
            if ('faults' in parsed)
              expect(parsed.faults.every(({ path, says }) => typeof path === 'string' && says !== '')).toBe(true);
            authorize(request, {
              identity: [
                {
                  name: 'i',
                  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
                },
              ],
              resource: { name: 'k', document: given },
            });
            decided++;
          },
          (error) => error instanceof InvalidPolicies,
        );
      }),
      runs(8_000),
    );
    expect(decided).toBeGreaterThan(share(500, 8_000));
  });

  test('follows from a mutated evidence file', () => {
    let answered = 0;
    const question = {
      operation: restoreCluster,
      principal: `arn:aws:iam::${account}:role/operator`,
      context: {},
      strict: false,
      evaluatedAt: '2026-11-23T00:00:00Z',
      explain: false,
      fix: false,
    };
    fc.assert(
      fc.property(steps, fc.nat(20), (mishaps, cut) => {
        const whole = JSON.stringify(mutated(demoEvidence, mishaps));
        const text =
          cut === 0
            ? whole.slice(0, Math.floor(whole.length / 2))
            : cut === 1
              ? `\uFEFF${whole.replaceAll(',', ',\r\n')}`
              : whole;
        ends(
          () => {
            const evidence = parseEvidence('evidence.json', text);
            if (policyFaults(evidence).length > 0) return;
            check(evidence, question, 'test');
            answered++;
          },
          (error) => error instanceof Failure && error.kind === 'input',
        );
      }),
      runs(2_000),
    );
    expect(answered).toBeGreaterThan(share(200, 2_000));
  });

  test('follows from a strange request', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('', '*', 'arn:', 'arn:aws:iam::1:role/x', `arn:aws:iam::${account}:role/`, 'kms', ':'),
    );
    fc.assert(
      fc.property(text, text, text, (principal, action, resource) => {
        ends(
          () =>
            authorize(
              { principal, action, resource: { arn: resource, account } },
              { identity: [], resource: { name: 'k', document: rich } },
            ),
          (error) => error instanceof InvalidRequest,
        );
      }),
      runs(2_000),
    );
  });
});
