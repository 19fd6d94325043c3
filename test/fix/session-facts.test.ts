import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { list } from '../../src/base/wording.ts';
import type { ReportedFix } from '../../src/contract/report.ts';
import { type CheckCase, evidenceOf, questionOf, readCases } from '../check-case.ts';
import { askedAfter, evidenceAfter } from '../remedy-case.ts';

const file = readCases(new URL('../cases/remedy/fixture.json', import.meta.url));
const roles = '/accounts/111122223333/iam/RoleDetailList';
const users = '/accounts/111122223333/iam/UserDetailList';
const [dba, alice] = ['arn:aws:iam::111122223333:role/restorer', 'arn:aws:iam::111122223333:user/alice'];
const anyTrust = {
  [`${roles}/1/AssumeRolePolicyDocument`]: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:*' }],
  },
};

const mayTag = {
  [`${roles}/1/RolePolicyList/0/PolicyDocument/Statement/0/Action`]: [
    'rds:RestoreDBClusterFromSnapshot',
    'rds:AddTagsToResource',
  ],
};

const mayCreate = {
  [`${roles}/1/RolePolicyList/0/PolicyDocument/Statement/0/Action`]: 'rds:*',
  [`${roles}/1/RolePolicyList/0/PolicyDocument/Statement/1/Action`]: ['kms:*', 'secretsmanager:*'],
};

interface Row {
  readonly condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /**
   * Absent: deny all calls of the principal. `Allow`: allow its calls to KMS, or its calls to RDS.
   */
  readonly effect?: 'Allow';
  readonly action?: 'rds:*';
  /** Other fields of the question. */
  readonly question?: Readonly<Record<string, unknown>>;
  readonly principal?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  /** The first step of the first fix. Undefined: the step edits a policy. */
  readonly fix: string | undefined;
  /** The only fix. A policy that revokes sessions must not be edited. */
  readonly isOnly?: true;
}

const mfa = 'aws:MultiFactorAuthPresent';

const table: Readonly<Record<string, Row>> = {
  'MFA is not known': {
    condition: { BoolIfExists: { [mfa]: 'false' } },
    verdict: 'undetermined',
    fix: 'assume role/restorer with MFA',
  },
  'there is no MFA': {
    condition: { Bool: { [mfa]: 'false' } },
    context: { [mfa]: 'false' },
    verdict: 'fails',
    fix: 'assume role/restorer with MFA',
  },
  'a user has no MFA': {
    condition: { BoolIfExists: { [mfa]: 'false' } },
    principal: alice,
    context: { [mfa]: 'false' },
    verdict: 'fails',
    fix: 'sign in with MFA',
  },
  'an Allow wants MFA': {
    condition: { Bool: { [mfa]: 'true' } },
    effect: 'Allow',
    context: { [mfa]: 'false' },
    verdict: 'fails',
    fix: 'assume role/restorer with MFA',
  },
  'an Allow wants MFA and a tag': {
    condition: { Bool: { [mfa]: 'true' }, StringEquals: { 'aws:PrincipalTag/team': 'dba' } },
    effect: 'Allow',
    context: { [mfa]: 'false' },
    with: anyTrust,
    verdict: 'fails',
    fix: 'assume role/restorer with MFA and with session tag team=dba',
  },
  'an Allow requires MFA, and a fact that the principal cannot choose': {
    condition: { Bool: { [mfa]: 'true' }, StringEquals: { 'aws:PrincipalOrgID': 'o-other' } },
    effect: 'Allow',
    context: { [mfa]: 'false' },
    verdict: 'fails',
    fix: undefined,
  },
  'MFA was used long ago': {
    condition: { NumericGreaterThan: { 'aws:MultiFactorAuthAge': '3600' } },
    context: { 'aws:MultiFactorAuthAge': '7200' },
    verdict: 'fails',
    fix: 'assume role/restorer again with MFA',
  },
  'a Deny wants MFA to be absent': {
    condition: { Bool: { [mfa]: 'true' } },
    context: { [mfa]: 'true' },
    verdict: 'fails',
    fix: undefined,
  },
  'IAM Identity Center reports no MFA': {
    condition: { BoolIfExists: { [mfa]: 'false' } },
    principal:
      'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operators_0123456789abcdef',
    context: { [mfa]: 'false' },
    verdict: 'fails',
    fix: undefined,
  },
  'the address is not known': {
    condition: {
      NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '198.51.100.7'] },
      Bool: { 'aws:ViaAWSService': 'false' },
    },
    verdict: 'undetermined',
    fix: 'send the request from 203.0.113.0/24 (checked with 203.0.113.0)',
  },
  'the first range is closed elsewhere': {
    condition: {
      NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '198.51.100.7'] },
      Bool: { 'aws:ViaAWSService': 'false' },
    },
    context: { 'aws:SourceIp': '192.0.2.9' },
    with: {
      [`${roles}/1/RolePolicyList/1`]: {
        PolicyName: 'closed',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Deny',
            Action: '*',
            Resource: '*',
            Condition: {
              IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
              Bool: { 'aws:ViaAWSService': 'false' },
            },
          },
        },
      },
    },
    verdict: 'fails',
    fix: 'send the request from 198.51.100.7',
  },
  'the address is closed': {
    condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' }, Bool: { 'aws:ViaAWSService': 'false' } },
    context: { 'aws:SourceIp': '192.0.2.9' },
    verdict: 'fails',
    fix: 'send the request from outside 192.0.2.0/24 (checked with 198.51.100.1)',
  },
  'the request comes by another network': {
    condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-0abc' }, Bool: { 'aws:ViaAWSService': 'false' } },
    context: { 'aws:SourceIp': '192.0.2.9' },
    verdict: 'fails',
    fix: 'send the request through VPC endpoint vpce-0abc',
  },
  'the request comes from a closed VPC': {
    condition: { StringEquals: { 'aws:SourceVpc': 'vpc-test' } },
    context: { 'aws:SourceVpc': 'vpc-test' },
    verdict: 'fails',
    fix: 'send the request from outside VPC vpc-test',
  },
  'RDS does not pass the endpoint on': {
    condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-0abc' } },
    verdict: 'fails',
    fix: 'exempt calls made through rds.us-east-1.amazonaws.com from Statement[0] of inline policy facts of role/restorer and send the request through VPC endpoint vpce-0abc',
  },
  'the session is old': {
    condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-01T00:00:00Z' } },
    context: { 'aws:TokenIssueTime': '2026-10-01T00:00:00Z' },
    verdict: 'fails',
    fix: 'assume role/restorer again',
  },
  'the session may be old': {
    condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-23T10:00:00Z' } },
    verdict: 'undetermined',
    fix: 'assume role/restorer again',
    isOnly: true,
  },
  'a session tag is missing': {
    condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'dba' } },
    with: anyTrust,
    verdict: 'fails',
    fix: 'assume role/restorer with session tag team=dba',
  },
  'the trust policy lets no session have tags': {
    condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'dba' } },
    verdict: 'fails',
    fix: undefined,
  },
  'a user has no session tags': {
    condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'dba' } },
    principal: alice,
    verdict: 'fails',
    fix: undefined,
  },
  'the source identity is missing': {
    condition: { Null: { 'aws:SourceIdentity': 'true' } },
    context: { 'aws:SourceIdentity': '' },
    with: anyTrust,
    verdict: 'fails',
    fix: 'assume role/restorer with source identity',
  },
  'a tag is missing': {
    action: 'rds:*',
    with: mayTag,
    condition: { StringNotEquals: { 'aws:RequestTag/cost': ['a', 'b'] } },
    verdict: 'fails',
    fix: 'send the request with tag cost=a (--tag)',
  },
  'a tag is missing that the principal may not add': {
    action: 'rds:*',
    condition: { Null: { 'aws:RequestTag/cost': 'true' } },
    verdict: 'fails',
    fix: 'allow role/restorer rds:AddTagsToResource in a new inline policy allow-restore of role/restorer and send the request with tag cost (--tag)',
  },
  'a tag of any value is missing': {
    action: 'rds:*',
    with: mayTag,
    condition: { Null: { 'aws:RequestTag/cost': 'true' } },
    verdict: 'fails',
    fix: 'send the request with tag cost (--tag)',
  },
  'an Allow wants a tag': {
    action: 'rds:*',
    with: mayTag,
    condition: { StringLike: { 'rds:req-tag/env': 'dev-*' }, Null: { 'rds:req-tag/env': 'false' } },
    effect: 'Allow',
    verdict: 'fails',
    fix: 'send the request with tag env=dev-* (checked with dev-x) (--tag)',
  },
  'one of several tags is missing': {
    action: 'rds:*',
    with: mayTag,
    condition: { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['cost', 'owner'] } },
    verdict: 'fails',
    fix: 'send the request with tag cost (--tag)',
  },
  'the request has no tag at all': {
    action: 'rds:*',
    with: mayTag,
    condition: { Null: { 'aws:TagKeys': 'true' } },
    verdict: 'fails',
    fix: 'send the request with a tag (checked with example=any) (--tag)',
  },
  'the request has no tag at all, and takes none': {
    action: 'rds:*',
    condition: { Null: { 'aws:TagKeys': 'true' } },
    question: { operation: 'share-snapshot', parameters: { with: ['444455556666'] } },
    verdict: 'fails',
    fix: undefined,
  },
  'an Allow wants some tag': {
    action: 'rds:*',
    with: mayTag,
    condition: { Null: { 'aws:TagKeys': 'false' } },
    effect: 'Allow',
    verdict: 'fails',
    fix: 'send the request with a tag (checked with example=any) (--tag)',
  },
  'an Allow wants a tag by its name and its value': {
    action: 'rds:*',
    with: mayTag,
    condition: {
      'ForAnyValue:StringEquals': { 'aws:TagKeys': 'env' },
      StringEquals: { 'aws:RequestTag/env': 'dev' },
    },
    effect: 'Allow',
    verdict: 'fails',
    fix: 'send the request with tag env=dev (--tag)',
  },
  'a tag is forbidden, whatever the case of its name': {
    action: 'rds:*',
    condition: { StringEquals: { 'aws:RequestTag/env': 'prod' } },
    question: { parameters: { tags: { Env: 'prod' } } },
    verdict: 'fails',
    fix: 'send the request without tag env=prod',
  },
  'a tag is missing in a request that takes none': {
    action: 'rds:*',
    condition: { Null: { 'aws:RequestTag/cost': 'true' } },
    question: { operation: 'share-snapshot', parameters: { with: ['444455556666'] } },
    verdict: 'fails',
    fix: undefined,
  },
  'the request does not ask to encrypt': {
    action: 'rds:*',
    condition: { Bool: { 'rds:StorageEncrypted': 'false' } },
    with: mayCreate,
    question: { operation: 'create-cluster', snapshot: undefined, parameters: { engine: 'aurora-postgresql' } },
    verdict: 'undetermined',
    fix: 'send the request with --storage-encrypted',
  },
  'the request must say whether to encrypt, in either way': {
    action: 'rds:*',
    condition: { Null: { 'rds:StorageEncrypted': 'true' } },
    with: mayCreate,
    question: { operation: 'create-cluster', snapshot: undefined, parameters: { engine: 'aurora-postgresql' } },
    verdict: 'undetermined',
    fix: undefined,
  },
  'the password is to be managed': {
    action: 'rds:*',
    condition: { BoolIfExists: { 'rds:ManageMasterUserPassword': 'false' } },
    with: mayCreate,
    question: { operation: 'create-cluster', snapshot: undefined, parameters: { engine: 'aurora-postgresql' } },
    verdict: 'fails',
    fix: 'send the request with --manage-master-user-password',
  },
  'an Allow wants an instance that is not public': {
    action: 'rds:*',
    condition: { Bool: { 'rds:PubliclyAccessible': 'false' } },
    effect: 'Allow',
    with: mayCreate,
    question: {
      operation: 'create-instance',
      snapshot: undefined,
      parameters: { engine: 'postgres', publiclyAccessible: true },
    },
    verdict: 'fails',
    fix: 'send the request with --no-publicly-accessible',
  },
  'a restore does not ask to encrypt': {
    action: 'rds:*',
    condition: { Bool: { 'rds:StorageEncrypted': 'true' } },
    effect: 'Allow',
    verdict: 'fails',
    fix: undefined,
  },
  'a call that RDS makes has no tags': {
    condition: { StringEquals: { 'aws:RequestTag/env': 'dev' } },
    effect: 'Allow',
    verdict: 'fails',
    fix: undefined,
  },
  'the request is not encrypted': {
    condition: { Bool: { 'aws:SecureTransport': 'false' } },
    context: { 'aws:SecureTransport': 'false' },
    verdict: 'fails',
    fix: 'send the request over TLS',
  },
};

/** The check of the case with a statement for the principal, and the first fix of the check. */
function asked({ condition, effect, action, question: own = {}, principal = dba, context = {}, with: more = {} }: Row) {
  const isUser = principal === alice;
  const number = principal.includes('AWSReservedSSO') ? 5 : 1;
  const policies = isUser ? `${users}/0/UserPolicyList` : `${roles}/${number}/RolePolicyList`;
  const deny = { Effect: 'Deny', Action: action ?? '*', Resource: '*', Condition: condition };
  const change =
    effect === 'Allow'
      ? { [`${policies}/0/PolicyDocument/Statement/${action === undefined ? 1 : 0}/Condition`]: condition }
      : {
          [`${policies}/${isUser ? 0 : `${roles}/1/RolePolicyList/1` in more ? 2 : 1}`]: {
            PolicyName: 'facts',
            PolicyDocument: { Version: '2012-10-17', Statement: [deny] },
          },
        };
  const given: CheckCase = {
    name: '',
    source: '',
    question: { operation: 'restore', principal, snapshot: 'orders-1', region: 'us-east-1', context, ...own },
    with: { ...more, ...change },
    expect: { verdict: '' },
  };
  const evidence = evidenceOf(file, given);
  const question = { ...questionOf(given.question), fix: true };
  const report = check(evidence, question, 'test');
  return { evidence, question, report };
}

const texts = ({ steps }: ReportedFix): string => list(steps.flatMap(({ does }) => does.map(({ text }) => text)));

describe('what a condition requires of the session or the request', () => {
  test.each(Object.entries(table))('%s', (_, row) => {
    const { evidence, question, report } = asked(row);
    const [fix, ...others] = report.fixes;
    expect(report.results[0]?.verdict).toBe(row.verdict);
    if (row.fix === undefined) {
      expect(report.fixes.filter(isOfSession).map(texts)).toEqual([]);
      return;
    }
    expect(fix && texts(fix)).toBe(row.fix);
    expect(others.length > 0, 'an edit of a policy is an alternative').toBe(row.isOnly !== true);
    expect(others.filter(isOfSession).map(texts), 'the same is said once').toEqual([]);
    for (const one of report.fixes)
      expect(check(evidenceAfter(evidence, one), askedAfter(question, one), 'test').verdict, texts(one)).toBe(
        one.verdict,
      );
  });
});

function isOfSession({ steps }: ReportedFix): boolean {
  return steps.some(({ other }) => other?.change === 'session facts');
}
