import type { RDSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-rds';
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { dnsSuffixOf } from '../base/partition.ts';
import { AwsEc2QueryProtocol, getEndpointPlugin, makeBuilder, partition, RDSClient } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/*
 * The two calls of EC2 that are made. The SDK's client of EC2 is larger than all others together;
 * the client of RDS does the same with the protocol, the name and the endpoints of EC2: it signs,
 * tries again and reads the same environment.
 */

const names = {
  Region: { type: 'builtInParams', name: 'region' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
} as const;

const namespace = 'com.amazonaws.ec2';

/** A client that is sent the commands below. */
export function ec2Client(settings: ClientSettings): RDSClient {
  return new RDSClient({
    ...settings,
    serviceId: 'EC2',
    protocol: AwsEc2QueryProtocol,
    protocolSettings: {
      defaultNamespace: namespace,
      xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
      version: '2016-11-15',
      serviceTarget: 'AmazonEC2',
      errorTypeRegistries: [],
    },
    endpointProvider: ({ Region: region = '', Endpoint: given, UseFIPS: fips, UseDualStack: dualStack }) => ({
      url: new URL(given ?? `https://${ec2Host(region, fips === true, dualStack === true)}`),
      // It would sign for RDS.
      properties: { authSchemes: [{ name: 'sigv4', signingName: 'ec2', signingRegion: region, properties: {} }] },
    }),
  });
}

/** The host of EC2 in a Region, by the rules of the SDK's own client of EC2. */
export function ec2Host(region: string, fips: boolean, dualStack: boolean): string {
  const suffix = dualStack ? partition(region).dualStackDnsSuffix : dnsSuffixOf(region);
  // All endpoints of GovCloud are FIPS endpoints.
  const isNamed = fips && (dualStack || partition(region).name !== 'aws-us-gov');
  return `ec2${isNamed ? '-fips' : ''}.${region}.${suffix}`;
}

// Schemas in the form of the SDK: kind (0 text, 1 list, 3 structure, 9 operation), namespace, name,
// traits, members.
const text = 0;
const texts = (xmlName: string): StaticListSchema => [1, namespace, 'Texts', 0, [text, { xmlName }]];
const filter: StaticStructureSchema = [
  3,
  namespace,
  'Filter',
  0,
  ['Name', 'Values'],
  [text, [texts('item'), { xmlName: 'Value' }]],
];
const filters: StaticListSchema = [1, namespace, 'FilterList', 0, [filter, { xmlName: 'Filter' }]];
const region: StaticStructureSchema = [3, namespace, 'Region', 0, ['RegionName'], [[text, { xmlName: 'regionName' }]]];
const regions: StaticListSchema = [1, namespace, 'RegionList', 0, [region, { xmlName: 'item' }]];
const endpoint: StaticStructureSchema = [
  3,
  namespace,
  'VpcEndpoint',
  0,
  ['VpcEndpointId', 'PolicyDocument'],
  [
    [text, { xmlName: 'vpcEndpointId' }],
    [text, { xmlName: 'policyDocument' }],
  ],
];
const endpoints: StaticListSchema = [1, namespace, 'VpcEndpointSet', 0, [endpoint, { xmlName: 'item' }]];

const describeRegions: StaticOperationSchema = [
  9,
  namespace,
  'DescribeRegions',
  0,
  [3, namespace, 'DescribeRegionsRequest', 0, [], []],
  [3, namespace, 'DescribeRegionsResult', 0, ['Regions'], [[regions, { xmlName: 'regionInfo' }]]],
];
const describeVpcEndpoints: StaticOperationSchema = [
  9,
  namespace,
  'DescribeVpcEndpoints',
  0,
  [3, namespace, 'DescribeVpcEndpointsRequest', 0, ['Filters', 'NextToken'], [[filters, { xmlName: 'Filter' }], text]],
  [
    3,
    namespace,
    'DescribeVpcEndpointsResult',
    0,
    ['VpcEndpoints', 'NextToken'],
    [
      [endpoints, { xmlName: 'vpcEndpointSet' }],
      [text, { xmlName: 'nextToken' }],
    ],
  ],
];

type Answer<T> = T & Pick<ServiceOutputTypes, '$metadata'>;

interface RegionsAnswer {
  readonly Regions?: readonly { readonly RegionName?: string }[];
}

interface VpcEndpointsQuestion {
  readonly Filters: { readonly Name: string; readonly Values: string[] }[];
  readonly NextToken?: string;
}

export interface VpcEndpointsAnswer {
  readonly VpcEndpoints?: readonly { readonly VpcEndpointId?: string; readonly PolicyDocument?: string }[];
  readonly NextToken?: string;
}

const command = makeBuilder<RDSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>(
  names,
  'AmazonEC2',
  'RDSClient',
  getEndpointPlugin,
);

export const DescribeRegionsCommand = command<object, Answer<RegionsAnswer>>(
  {},
  () => [],
  'DescribeRegions',
  describeRegions,
);
export const DescribeVpcEndpointsCommand = command<VpcEndpointsQuestion, Answer<VpcEndpointsAnswer>>(
  {},
  () => [],
  'DescribeVpcEndpoints',
  describeVpcEndpoints,
);
