import { Failure } from '../base/failure.ts';
import { endpointServices } from '../base/service.ts';
import type { Region } from '../evidence/schema.ts';
import { toFailure } from './faults.ts';
import { isMissingPackage } from './missing-package.ts';
import type { Where } from './rds.ts';
import { allPages, type Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

type EndpointPolicies = NonNullable<Region['vpcEndpointPolicies']>;

/**
 * The client of EC2 is larger than all others together, so that it may be left out of an
 * installation.
 */
async function ec2() {
  try {
    return await import('@aws-sdk/client-ec2');
  } catch (error) {
    if (isMissingPackage(error)) return undefined;
    throw error;
  }
}

const notInstalled = '@aws-sdk/client-ec2 is not installed';

/** The Regions that the account has enabled. @throws Failure if they cannot be listed */
export async function enabledRegions(
  settings: ClientSettings,
  endpoint: string | undefined,
): Promise<readonly string[]> {
  const sdk = await ec2();
  if (sdk === undefined) throw new Failure('input', `--all-regions: ${notInstalled}`, 'name the Regions with --region');
  try {
    const client = new sdk.EC2Client(settings);
    const { Regions: regions } = await client.send(new sdk.DescribeRegionsCommand({}));
    return (regions ?? []).flatMap(({ RegionName: name }) => name ?? []).toSorted();
  } catch (error) {
    throw toFailure(error, 'ec2:DescribeRegions', endpoint);
  }
}

/**
 * The policies of the VPC endpoints by which RDS can be called in a Region. Undefined: not known.
 */
export async function endpointPolicies(
  settings: ClientSettings,
  where: Where,
  reader: Reader,
): Promise<EndpointPolicies | undefined> {
  const subject = { what: 'ec2:DescribeVpcEndpoints', ...where } as const;
  const sdk = await ec2();
  if (sdk === undefined) {
    reader.gap(subject, notInstalled);
    return undefined;
  }
  const client = new sdk.EC2Client({ ...settings, region: where.region });
  const names = endpointServices('rds', where.region);
  const found = await reader.read(subject, () =>
    allPages(
      () => sdk.paginateDescribeVpcEndpoints({ client }, { Filters: [{ Name: 'service-name', Values: [...names] }] }),
      (page) => page.VpcEndpoints,
    ),
  );
  return found?.flatMap(({ VpcEndpointId: name, PolicyDocument: document }) =>
    name === undefined || document === undefined ? [] : [{ name, document }],
  );
}
