import type {
  RDSClientConfig,
  RDSClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-rds';
import { dnsSuffixOf } from '../base/partition.ts';
import { getEndpointPlugin, makeBuilder, partition, RDSClient } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/*
 * The client of RDS with the protocol, the name and the endpoints of another service: it signs,
 * tries again and reads the same environment. The SDK's own client of the service would be one more
 * file to load for a few calls that only read.
 */

/** A service for which the RDS client is used. */
interface OtherService {
  readonly serviceId: string;
  readonly protocol: NonNullable<RDSClientConfig['protocol']>;
  readonly protocolSettings: NonNullable<RDSClientConfig['protocolSettings']>;
  /** The service that requests are signed for. */
  readonly signingName: string;
  readonly host: (region: string, fips: boolean, dualStack: boolean) => string;
}

/** A client that is sent the commands of `commandsOf`. */
export function rdsClientAs(
  { signingName, host, serviceId, protocol, protocolSettings }: OtherService,
  settings: ClientSettings,
): RDSClient {
  return new RDSClient({
    ...settings,
    serviceId,
    protocol,
    protocolSettings,
    endpointProvider: ({ Region: region = '', Endpoint: given, UseFIPS: fips, UseDualStack: dualStack }) => ({
      url: new URL(given ?? `https://${host(region, fips === true, dualStack === true)}`),
      // It would sign for RDS.
      properties: { authSchemes: [{ name: 'sigv4', signingName, signingRegion: region, properties: {} }] },
    }),
  });
}

/** The end of the hosts of a Region, by the rules of the SDK. */
export function hostSuffix(region: string, dualStack: boolean): string {
  return dualStack ? partition(region).dualStackDnsSuffix : dnsSuffixOf(region);
}

const names = {
  Region: { type: 'builtInParams', name: 'region' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
} as const;

/** Makes the commands of a service. `target`: the name of the service in its API model. */
export function commandsOf(target: string) {
  return makeBuilder<RDSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>(
    names,
    target,
    'RDSClient',
    getEndpointPlugin,
  );
}

/** What a command answers. */
export type AnswerOf<T> = T & Pick<ServiceOutputTypes, '$metadata'>;
