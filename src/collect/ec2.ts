import { endpointServices } from '../base/service.ts';
import type { Region } from '../evidence/schema.ts';
import {
  DescribeRegionsCommand,
  DescribeVpcEndpointsCommand,
  ec2Client,
  type VpcEndpointsAnswer,
} from './ec2-client.ts';
import type { Where } from './rds.ts';
import { allPages, type Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

type EndpointPolicies = NonNullable<Region['vpcEndpointPolicies']>;

/** A Region that an account has enabled. `byDefault`: every account has it, without opting in. */
export interface EnabledRegion {
  readonly name: string;
  readonly byDefault: boolean;
}

/** The Regions that the account has enabled, by name. */
export async function enabledRegions(settings: ClientSettings): Promise<readonly EnabledRegion[]> {
  const { Regions: regions = [] } = await ec2Client(settings).send(new DescribeRegionsCommand({}));
  return regions
    .flatMap(({ RegionName: name, OptInStatus: status }) =>
      name === undefined ? [] : [{ name, byDefault: status === 'opt-in-not-required' }],
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
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
