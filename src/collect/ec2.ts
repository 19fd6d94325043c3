import { endpointServices } from '../base/service.ts';
import type { Region } from '../evidence/schema.ts';
import {
  DescribeRegionsCommand,
  DescribeVpcEndpointsCommand,
  ec2Client,
  type VpcEndpointsAnswer,
} from './ec2-client.ts';
import { toFailure } from './faults.ts';
import type { Where } from './rds.ts';
import { allPages, type Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

type EndpointPolicies = NonNullable<Region['vpcEndpointPolicies']>;

/** The Regions that the account has enabled. @throws Failure if they cannot be listed */
export async function enabledRegions(
  settings: ClientSettings,
  endpoint: string | undefined,
): Promise<readonly string[]> {
  try {
    const { Regions: regions } = await ec2Client(settings).send(new DescribeRegionsCommand({}));
    return (regions ?? []).flatMap(({ RegionName: name }) => name ?? []).toSorted();
  } catch (error) {
    throw toFailure(error, 'ec2:DescribeRegions', endpoint);
  }
}

/** The policies of the VPC endpoints for RDS in a Region. Undefined: not known. */
export async function endpointPolicies(
  settings: ClientSettings,
  where: Where,
  reader: Reader,
): Promise<EndpointPolicies | undefined> {
  const subject = { what: 'ec2:DescribeVpcEndpoints', ...where } as const;
  const client = ec2Client({ ...settings, region: where.region });
  const names = endpointServices('rds', where.region);
  const found = await reader.read(subject, () =>
    allPages(
      () => pagesOfEndpoints(client, names),
      (page) => page.VpcEndpoints,
    ),
  );
  return found?.flatMap(({ VpcEndpointId: name, PolicyDocument: document }) =>
    name === undefined || document === undefined ? [] : [{ name, document }],
  );
}

async function* pagesOfEndpoints(
  client: ReturnType<typeof ec2Client>,
  names: readonly string[],
): AsyncGenerator<VpcEndpointsAnswer> {
  const Filters = [{ Name: 'service-name', Values: [...names] }];
  let next: string | undefined;
  do {
    const page: VpcEndpointsAnswer = await client.send(
      new DescribeVpcEndpointsCommand({ Filters, ...(next === undefined ? {} : { NextToken: next }) }),
    );
    yield page;
    next = page.NextToken;
  } while (next !== undefined && next !== '');
}
