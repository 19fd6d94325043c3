import { describe, expect, test } from 'vitest';
import { partitionOf, partitions } from '../../src/base/partition.ts';

describe('the partition of a Region', () => {
  test.each([
    ['us-east-1', 'aws'],
    ['eu-central-1', 'aws'],
    ['ap-southeast-7', 'aws'],
    ['mx-central-1', 'aws'],
    ['il-central-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
  ])('%s lies in %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });

  test.each([
    ['eu-west-9', 'aws'],
    ['nz-south-1', 'aws'],
    ['cn-south-1', 'aws-cn'],
    ['us-gov-central-2', 'aws-us-gov'],
    ['eusc-fr-west-1', 'aws-eusc'],
    ['us-iso-south-3', 'aws-iso'],
  ])('%s, which does not exist yet, will lie in %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });

  test('no Region fits the patterns of two partitions', () => {
    const regions = ['us-east-1', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1'];
    const others = ['eu-isoe-west-1', 'us-isof-south-1'];
    for (const region of [...regions, ...others])
      expect(partitions.filter((one) => one.regions.test(region))).toHaveLength(1);
  });
});
