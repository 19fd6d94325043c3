import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { ask, changed } from '../check-case.ts';
import { textsOf } from '../texts.ts';

const endpoint = 'vpce-0123456789abcdef0';
const at = '/accounts/111122223333/regions/us-east-1/vpcEndpointPolicies';

function withPolicy(effect: 'Allow' | 'Deny', action: string): Evidence {
  const statement = { Effect: effect, Principal: '*', Action: action, Resource: '*' };
  const policies = [{ name: endpoint, document: { Version: '2012-10-17', Statement: [statement] } }];
  return v.parse(evidenceSchema, changed(demoEvidence, { [at]: policies }));
}

/** A restore that goes through the VPC endpoint, and that no other policy stops. */
function restore(evidence: Evidence, context: Readonly<Record<string, string>> = { 'aws:SourceVpce': endpoint }) {
  const [result] = ask(evidence, {
    operation: 'restore',
    principal: 'arn:aws:iam::111122223333:role/dr-restore',
    snapshot: 'ledger-monthly',
    context,
  }).results;
  return {
    verdict: result?.verdict,
    assumptions: result?.assumptions.map(({ text }) => text),
    by: textsOf(result?.reasons),
  };
}

describe('the policy of the VPC endpoint by which the principal calls', () => {
  test('may block the operation', () => {
    expect(restore(withPolicy('Allow', 'rds:Describe*'))).toMatchObject({
      verdict: 'fails',
      by: expect.stringContaining('The VPC endpoint policy does not allow rds:RestoreDBClusterFromSnapshot'),
    });
  });

  test('does not apply to the calls that RDS makes', () => {
    expect(restore(withPolicy('Allow', 'rds:*'))).toMatchObject({ verdict: 'succeeds', assumptions: [] });
  });

  test('is assumed to allow everything if it was not read', () => {
    expect(restore(demoEvidence)).toMatchObject({
      verdict: 'succeeds',
      assumptions: [`the policy of VPC endpoint ${endpoint} allows the call (not read)`],
    });
  });

  test('does not apply to calls outside the endpoint', () => {
    expect(restore(withPolicy('Deny', '*'), {})).toMatchObject({ verdict: 'succeeds', assumptions: [] });
  });
});
