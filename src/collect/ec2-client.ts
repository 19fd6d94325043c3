import type { RDSClient } from '@aws-sdk/client-rds';
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { type AnswerOf, commandsOf, hostSuffix, rdsClientAs } from './rds-as.ts';
import { AwsEc2QueryProtocol, partition } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/*
 * The two calls of EC2 that the program makes. The SDK's client of EC2 is larger than all other
 * clients together.
 */

const namespace = 'com.amazonaws.ec2';

/** A client for the commands below. */
export function ec2Client(settings: ClientSettings): RDSClient {
  return rdsClientAs(
    {
      serviceId: 'EC2',
      signingName: 'ec2',
      host: ec2Host,
      protocol: AwsEc2QueryProtocol,
      protocolSettings: {
        defaultNamespace: namespace,
        xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
        version: '2016-11-15',
        serviceTarget: 'AmazonEC2',
        errorTypeRegistries: [],
      },
    },
    settings,
  );
}

/** The host of EC2 in a Region, according to the rules of the SDK's own client of EC2. */
export function ec2Host(region: string, fips: boolean, dualStack: boolean): string {
  // All endpoints of GovCloud are FIPS endpoints.
  const isNamed = fips && (dualStack || partition(region).name !== 'aws-us-gov');
  return `ec2${isNamed ? '-fips' : ''}.${region}.${hostSuffix(region, dualStack)}`;
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
const region: StaticStructureSchema = [
  3,
  namespace,
  'Region',
  0,
  ['RegionName', 'OptInStatus'],
  [
    [text, { xmlName: 'regionName' }],
    [text, { xmlName: 'optInStatus' }],
  ],
];
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

interface RegionsAnswer {
  readonly Regions?: readonly { readonly RegionName?: string; readonly OptInStatus?: string }[];
}

interface VpcEndpointsQuestion {
  readonly Filters: { readonly Name: string; readonly Values: string[] }[];
  readonly NextToken?: string;
}

export interface VpcEndpointsAnswer {
  readonly VpcEndpoints?: readonly { readonly VpcEndpointId?: string; readonly PolicyDocument?: string }[];
  readonly NextToken?: string;
}

const command = commandsOf('AmazonEC2');

export const DescribeRegionsCommand = command<object, AnswerOf<RegionsAnswer>>(
  {},
  () => [],
  'DescribeRegions',
  describeRegions,
);
export const DescribeVpcEndpointsCommand = command<VpcEndpointsQuestion, AnswerOf<VpcEndpointsAnswer>>(
  {},
  () => [],
  'DescribeVpcEndpoints',
  describeVpcEndpoints,
);
