import { describe, expect, test } from 'vitest';
import {
  accountOf,
  arnWith,
  iamArn,
  isArn,
  isClusterSnapshotArn,
  isKeyArn,
  kmsArn,
  nameOf,
  parseArn,
  placeOf,
  rdsArn,
  regionalArn,
  rootArn,
  shortName,
  withoutPath,
} from '../../src/base/arn.ts';
import { fc, runs } from '../properties/seed.ts';

const place = { account: '111122223333', region: 'us-east-1' };

describe('an ARN', () => {
  test.each([
    ['arn:aws:iam::111122223333:role/team/operator', 'role', 'team/operator'],
    ['arn:aws:iam::111122223333:root', 'root', ''],
    ['arn:aws:rds:us-east-1:111122223333:cluster-snapshot:rds:orders-2026', 'cluster-snapshot', 'rds:orders-2026'],
    ['arn:aws:kms:us-east-1:111122223333:key/mrk-1', 'key', 'mrk-1'],
    ['arn:aws:kms:us-east-1:111122223333:alias/aws/rds', 'alias', 'aws/rds'],
    ['arn:aws:s3:::exports', 'exports', ''],
    ['arn:aws:backup:us-east-1:111122223333:recovery-point:a/b', 'recovery-point', 'a/b'],
    ['arn:aws:rds:::', '', ''],
  ])('%s has type %s and name %s', (text, type, name) => {
    expect(parseArn(text)).toMatchObject({ text, type, name });
  });

  test('has six parts, the last one with all further colons', () => {
    expect(parseArn('arn:aws-cn:rds:cn-north-1:111122223333:pg:a:b')).toMatchObject({
      partition: 'aws-cn',
      service: 'rds',
      region: 'cn-north-1',
      account: '111122223333',
      resource: 'pg:a:b',
    });
  });

  test.each(['', 'arn', 'arn:aws:iam::111122223333', 'ARN:aws:iam::111122223333:root', '*', 'role/operator'])(
    '%j is not an ARN',
    (text) => {
      expect(parseArn(text)).toBeUndefined();
      expect([accountOf(text), nameOf(text), placeOf(text), shortName(text)]).toEqual(['', '', undefined, text]);
    },
  );

  test('cannot be changed', () => {
    expect(Object.isFrozen(parseArn('arn:aws:iam::111122223333:root'))).toBe(true);
  });

  test('is put together again as it was', () => {
    const part = fc.stringMatching(/^[a-z0-9-]{0,8}$/);
    const text = fc.tuple(part, part, part, part, fc.string()).map((parts) => ['arn', ...parts].join(':'));
    fc.assert(
      fc.property(text, (written) => {
        const arn = parseArn(written);
        return arn !== undefined && arnWith(arn, {}) === written && arn.resource.startsWith(arn.type);
      }),
      runs(500),
    );
  });
});

describe('parts', () => {
  test('account and Region are those of RDS and KMS', () => {
    expect(placeOf(rdsArn(place, 'cluster:orders'))).toEqual(place);
    expect(placeOf(kmsArn(place, 'key/1'))).toEqual(place);
    expect(placeOf('arn:aws:ec2:us-east-1:111122223333:vpc/v')).toBeUndefined();
    expect(placeOf('arn:aws:rds:us-east-1:aws:cluster:c')).toBeUndefined();
    expect(placeOf('arn:aws:rds::111122223333:global-cluster:g')).toBeUndefined();
  });

  test('kinds of resource', () => {
    expect(['key/1', 'alias/key/1'].map((one) => isKeyArn(kmsArn(place, one)))).toEqual([true, false]);
    expect(['cluster-snapshot:a', 'snapshot:a'].map((one) => isClusterSnapshotArn(rdsArn(place, one)))).toEqual([
      true,
      false,
    ]);
    expect(['arn:aws:iam::111122223333:root', 'alias/arn:x'].map(isArn)).toEqual([true, false]);
  });

  test('names', () => {
    expect(shortName('arn:aws:iam::111122223333:role/team/operator')).toBe('role/team/operator');
    expect(nameOf(rdsArn(place, 'cluster-snapshot:rds:a'))).toBe('rds:a');
    expect(withoutPath('team/operator')).toBe('operator');
    expect(withoutPath('operator')).toBe('operator');
    expect(accountOf('arn:aws:iam::aws:policy/ReadOnlyAccess')).toBe('aws');
  });
});

describe('ARNs are built', () => {
  test('in the partition of their Region', () => {
    expect(rdsArn({ account: '111122223333', region: 'cn-north-1' }, 'cluster:c')).toBe(
      'arn:aws-cn:rds:cn-north-1:111122223333:cluster:c',
    );
    expect(kmsArn({ account: '111122223333', region: 'eusc-de-east-1' }, 'alias/a')).toBe(
      'arn:aws-eusc:kms:eusc-de-east-1:111122223333:alias/a',
    );
    expect(regionalArn('backup', place, 'backup-vault:v')).toBe('arn:aws:backup:us-east-1:111122223333:backup-vault:v');
  });

  test('for IAM', () => {
    expect(iamArn('aws-iso', '111122223333', 'role/r')).toBe('arn:aws-iso:iam::111122223333:role/r');
    expect(rootArn('aws', '111122223333')).toBe('arn:aws:iam::111122223333:root');
  });

  test('from another, with parts replaced', () => {
    const key = parseArn('arn:aws:kms:us-east-1:111122223333:key/mrk-1');
    expect(key === undefined ? '' : arnWith(key, { region: 'eu-west-1' })).toBe(
      'arn:aws:kms:eu-west-1:111122223333:key/mrk-1',
    );
  });
});
