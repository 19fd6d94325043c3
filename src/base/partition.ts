/**
 * A group of Regions with accounts and domain names of its own. Nothing in one partition is visible
 * from another.
 */
export interface Partition {
  /** The second part of its ARNs. */
  readonly name: string;
  /** The names of its Regions, including Regions that AWS opens later. */
  readonly regions: RegExp;
  /**
   * The domain of its API endpoints. Names of service principals mostly end with `amazonaws.com` in
   * every partition.
   */
  readonly dnsSuffix: string;
}

/** From AWS's own table, which its SDKs and command line tools share (partitions.json). */
// biome-ignore format: a table
export const partitions: readonly Partition[] = [
  { name: 'aws',        regions: /^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d+$/, dnsSuffix: 'amazonaws.com' },
  { name: 'aws-cn',     regions: /^cn-[a-z]+-\d+$/,                           dnsSuffix: 'amazonaws.com.cn' },
  { name: 'aws-us-gov', regions: /^us-gov-[a-z]+-\d+$/,                       dnsSuffix: 'amazonaws.com' },
  { name: 'aws-eusc',   regions: /^eusc-[a-z]+-[a-z]+-\d+$/,                  dnsSuffix: 'amazonaws.eu' },
  { name: 'aws-iso',    regions: /^us-iso-[a-z]+-\d+$/,                       dnsSuffix: 'c2s.ic.gov' },
  { name: 'aws-iso-b',  regions: /^us-isob-[a-z]+-\d+$/,                      dnsSuffix: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e',  regions: /^eu-isoe-[a-z]+-\d+$/,                      dnsSuffix: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f',  regions: /^us-isof-[a-z]+-\d+$/,                      dnsSuffix: 'csp.hci.ic.gov' },
];

/** The names of Regions, including Regions that AWS opens later. */
export const regionNames = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

/**
 * The name of a Region's partition. A Region that fits no pattern counts as a Region of `aws`,
 * where AWS opens new areas.
 */
export function partitionOf(region: string): string {
  return partitionWith(region)?.name ?? 'aws';
}

/** The domain of the API endpoints in a Region. */
export function dnsSuffixOf(region: string): string {
  return partitionWith(region)?.dnsSuffix ?? 'amazonaws.com';
}

function partitionWith(region: string): Partition | undefined {
  return partitions.find(({ regions }) => regions.test(region));
}
