import { describe, expect, test } from 'vitest';
import { endpointServices, serviceIn, servicePrefix, viaService } from '../../src/base/service.ts';

describe('names of services', () => {
  test.each([
    ['rds.amazonaws.com', 'rds'],
    ['export.rds.amazonaws.com', 'export.rds'],
    ['rds.amazonaws.com.cn', 'rds'],
    ['ec2.amazonaws.eu', 'ec2'],
    ['ec2.c2s.ic.gov', 'ec2'],
    ['ec2.sc2s.sgov.gov', 'ec2'],
    ['ec2.cloud.adc-e.uk', 'ec2'],
    ['ec2.csp.hci.ic.gov', 'ec2'],
    ['.amazonaws.com', undefined],
    ['amazonaws.com', undefined],
    ['RDS.amazonaws.com', undefined],
    ['rds.example.com', undefined],
    ['rds', undefined],
  ])('%s is the service %s', (text, service) => {
    expect(serviceIn(text)).toBe(service);
  });

  test('kms:ViaService ends with amazonaws.com in every partition', () => {
    expect(viaService('rds', 'cn-north-1')).toBe('rds.cn-north-1.amazonaws.com');
    expect(viaService('rds', 'eusc-de-east-1')).toBe('rds.eusc-de-east-1.amazonaws.com');
  });

  test('are the text before the first colon of actions and of names that services give', () => {
    expect(['kms:CreateGrant', 'rds:orders-2026', 'awsbackup:job-1', 'orders', ''].map(servicePrefix)).toEqual([
      'kms',
      'rds',
      'awsbackup',
      undefined,
      undefined,
    ]);
  });

  test('VPC endpoints name them by the domain backwards', () => {
    expect(endpointServices('rds', 'us-east-1')).toEqual(['com.amazonaws.us-east-1.rds']);
    expect(endpointServices('rds', 'cn-north-1')).toEqual([
      'com.amazonaws.cn-north-1.rds',
      'cn.com.amazonaws.cn-north-1.rds',
    ]);
    expect(endpointServices('rds', 'us-iso-east-1')).toContain('gov.ic.c2s.us-iso-east-1.rds');
  });
});
