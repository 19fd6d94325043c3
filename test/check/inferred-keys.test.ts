import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../../src/evidence/schema.ts';
import { conditionKey } from '../../src/policy/condition-keys.ts';
import { ask, type CheckQuestion, changed, evidenceOf, readCases } from '../check-case.ts';

/*
 * Condition keys of a forwarded call whose presence is only inferred (iam-evaluation 7.4, 7B,
 * 14.17, rds-kms-operations 3.1, 4.9). No certain answer may rest on such a key. The test uses each
 * key in a Deny and in the only Allow. The answer may be certain only if it is the same in all
 * states that the rules leave open. Otherwise the answer must be undetermined, or a success with a
 * named assumption.
 */

const restore: Omit<CheckQuestion, 'context'> = {
  operation: 'restore',
  snapshot: 'snapshot-k',
  principal: 'arn:aws:iam::111122223333:role/Restorer',
  region: 'eu-west-1',
};
const copy: CheckQuestion = {
  ...restore,
  operation: 'copy-snapshot',
  region: 'eu-central-1',
  parameters: {
    kmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-00000000000d',
    sourceRegion: 'eu-west-1',
  },
};
const sourceKey = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-00000000000a';

/** A state of the key that the rules leave open: its value, or undefined if the key is absent. */
type State = string | undefined;

interface Row {
  readonly key: string;
  readonly question: CheckQuestion;
  readonly states: readonly [State, State, ...State[]];
}

/** The principal's own call has the key. Whether RDS passes the key on is not known. */
function given(key: string, value: string): Row {
  return { key, question: { ...restore, context: { [key]: value } }, states: [value, undefined] };
}

const rows: readonly Row[] = [
  {
    key: 'kms:ViaService',
    question: copy,
    states: ['rds.eu-west-1.amazonaws.com', 'rds.eu-central-1.amazonaws.com'],
  },
  { key: 'aws:RequestedRegion', question: copy, states: ['eu-west-1', 'eu-central-1'] },
  { key: 'aws:CalledViaFirst', question: restore, states: ['rds.amazonaws.com', undefined] },
  { key: 'aws:CalledViaLast', question: restore, states: ['rds.amazonaws.com', undefined] },
  given('aws:SourceVpcArn', 'arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0example'),
  given('aws:VpceAccount', '111122223333'),
  given('aws:VpceOrgID', 'o-example1234'),
  { key: 'aws:VpceOrgID', question: restore, states: ['o-example1234', 'another', undefined] },
  given('aws:Ec2InstanceSourceVpc', 'vpc-0example'),
  given('ec2:SourceInstanceArn', 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0example'),
  given('ec2:RoleDelivery', '2.0'),
  given('lambda:SourceFunctionArn', 'arn:aws:lambda:eu-west-1:111122223333:function:f'),
  given('identitystore:UserId', 'u-1'),
  given('aws:SignInSessionArn', 'arn:aws:signin:eu-west-1:111122223333:session/s'),
  given('aws:ViaAWSMCPService', 'true'),
  given('aws:CalledViaAWSMCP', 'mcp.amazonaws.com'),
  given('aws:IsMcpServiceAction', 'true'),
  given('aws:ChatbotSourceArn', 'arn:aws:chatbot::111122223333:chat-configuration/slack-channel/c'),
  given('aws:ViaCustomerDomain', 'db.example.com'),
  { key: 'kms:GrantConstraintType', question: restore, states: ['EncryptionContextSubset', undefined] },
];

/** Inferred by the rules, but without a row above, and why. */
const notTried: Readonly<Record<string, string>> = {
  'aws:SecureTransport': 'the endpoints of AWS take no other connection',
  'aws:PrincipalTag/<k>': 'the mark is on calls of service principals, which alone never make an operation fail',
  'aws:Ec2InstanceSourcePrivateIPv4': 'an address, which texts do not compare',
  'aws:VpceOrgPaths': 'holds several values',
  'aws:CalledVia': 'holds several values',
};

const file = readCases(new URL('../cases/check/requests.json', import.meta.url));
const base = evidenceOf(file, {});

interface Test {
  readonly operator: 'StringEquals' | 'StringNotEquals' | 'Null';
  readonly value: string;
}

function holds({ operator, value }: Test, state: State): boolean {
  if (operator === 'Null') return (state === undefined) === (value === 'true');
  return operator === 'StringEquals' ? state === value : state !== value;
}

function testsOf(states: readonly State[]): readonly Test[] {
  const values = [...states.flatMap((state) => state ?? []), 'another'];
  return [
    ...values.flatMap((value): readonly Test[] => [
      { operator: 'StringEquals', value },
      { operator: 'StringNotEquals', value },
    ]),
    { operator: 'Null', value: 'true' },
    { operator: 'Null', value: 'false' },
  ];
}

const effects = ['Deny', 'Allow'] as const;

/**
 * The answer if kms:CreateGrant on the key of the source is denied, or allowed, exactly if the test
 * holds.
 */
function answerTo({ key, question }: Row, effect: (typeof effects)[number], { operator, value }: Test) {
  const statement = {
    Effect: effect,
    Principal: '*',
    Action: 'kms:CreateGrant',
    Resource: '*',
    Condition: { [operator]: { [key]: value } },
  };
  const account = { AWS: 'arn:aws:iam::111122223333:root' };
  const allowing = { Effect: 'Allow', Principal: account, Action: 'kms:*', Resource: '*' };
  const others = { Effect: 'Allow', Principal: account, NotAction: 'kms:CreateGrant', Resource: '*' };
  const changes = {
    '/accounts/111122223333/regions/eu-west-1/kms/keys/0/Policy/Statement': [
      statement,
      effect === 'Deny' ? allowing : others,
    ],
  };
  return ask(v.parse(evidenceSchema, changed(base, changes)), question);
}

describe.each(rows)('$key, given as $question.context', (row) => {
  test.each(effects)('%s', (effect) => {
    for (const one of testsOf(row.states)) {
      const { results } = answerTo(row, effect, one);
      const [result] = results;
      const isAssumed = result?.assumptions.some(({ code }) => /^(?:inferred-key-holds|called-via-filled)$/.test(code));
      const allowed = new Set(row.states.map((state) => holds(one, state) === (effect === 'Allow')));
      const found = `${result?.verdict ?? ''}${isAssumed === true ? ', assumed' : ''}`;
      const right =
        allowed.size > 1 ? ['undetermined', 'succeeds, assumed'] : allowed.has(true) ? ['succeeds'] : ['fails'];
      expect(right, `${one.operator} ${one.value}: ${found}`).toContain(found);
    }
  });
});

test('every inferred key in the table of calls is tested here', () => {
  const page = readFileSync(new URL('../../docs/rules/service-calls.md', import.meta.url), 'utf8');
  const marked = page
    .split('\n')
    .filter((line) => line.startsWith('| `') && /inferred/.test(line))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, key = '']) => key))
    .filter((key) => !key.startsWith('…'));
  expect(marked.length).toBeGreaterThan(15);
  const tried = new Set(rows.map(({ key }) => key));
  expect(marked.filter((key) => !tried.has(key) && !Object.hasOwn(notTried, key))).toEqual([]);
  expect(Object.keys(notTried).filter((key) => !marked.includes(key))).toEqual([]);
  expect(rows.filter(({ key }) => conditionKey(key.toLowerCase()) === undefined)).toEqual([]);
});

test('the tested calls are on the key of the source', () => {
  for (const question of [restore, copy]) {
    const calls = ask(base, question).results.flatMap((result) => result.calls);
    expect(calls.filter(({ action, resource }) => action === 'kms:CreateGrant' && resource === sourceKey)).toHaveLength(
      1,
    );
  }
});
