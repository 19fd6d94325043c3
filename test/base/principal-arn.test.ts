import { describe, expect, test } from 'vitest';
import { parseArn } from '../../src/base/arn.ts';
import { isServiceLinkedRole, parsePrincipalArn, sessionArn } from '../../src/base/principal-arn.ts';

describe('the ARN of a principal', () => {
  test.each([
    ['arn:aws:iam::111122223333:root', 'root', 'root', undefined],
    ['arn:aws:iam::111122223333:user/team/alice', 'user', 'alice', undefined],
    ['arn:aws-eusc:iam::111122223333:role/operator', 'role', 'operator', undefined],
    ['arn:aws:sts::111122223333:assumed-role/operator/on-call', 'session', 'operator', 'on-call'],
    ['arn:aws:sts::111122223333:federated-user/bob', 'federated user', 'bob', undefined],
  ])('%s is a %s named %s', (text, type, name, session) => {
    expect(parsePrincipalArn(text)).toMatchObject({ type, name, session, account: '111122223333', arn: { text } });
  });

  test.each([
    'operator',
    'arn:aws:iam::111122223333:group/admins',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role/team/',
    'arn:aws:iam::111122223333:role:operator',
    'arn:aws:iam::aws:policy/ReadOnlyAccess',
    'arn:aws:iam::1111:role/operator',
    'arn:aws:iam:us-east-1:111122223333:role/operator',
    'arn:aws:sts::111122223333:assumed-role/operator',
    'arn:aws:sts::111122223333:assumed-role//on-call',
    'arn:aws:sts::111122223333:assumed-role/team/operator/on-call',
    'arn:aws:sts::111122223333:role/operator',
    'arn:aws:rds:us-east-1:111122223333:role/operator',
  ])('%s names no principal that can act', (text) => {
    expect(parsePrincipalArn(text)).toBeUndefined();
  });
});

describe('roles', () => {
  test('the ARN of a session holds no path', () => {
    const role = parseArn('arn:aws-cn:iam::111122223333:role/team/operator');
    expect(role === undefined ? '' : sessionArn(role, 'on-call')).toBe(
      'arn:aws-cn:sts::111122223333:assumed-role/operator/on-call',
    );
  });

  test('those that a service owns', () => {
    const names = [
      'role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS',
      'role/operator',
      'user/aws-service-role/x',
    ];
    const linked = names.map((name) => isServiceLinkedRole(`arn:aws:iam::111122223333:${name}`));
    expect(linked).toEqual([true, false, false]);
  });
});
