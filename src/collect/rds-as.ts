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
 * The client of RDS with the protocol, name and endpoints of another service. It signs requests,
 * tries again and reads the same environment variables. The SDK's own client of that service would
 * be one more file to load for a few calls that only read.
 */

/** A service that the RDS client is used for. */
interface OtherService {
  readonly serviceId: string;
  readonly protocol: NonNullable<RDSClientConfig['protocol']>;
  readonly protocolSettings: NonNullable<RDSClientConfig['protocolSettings']>;
  /** The service name in signatures. */
  readonly signingName: string;
  readonly host: (region: string, fips: boolean, dualStack: boolean) => string;
}

/** A client for the commands of `commandsOf`. */
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
      // Without this, the client would sign for RDS.
      properties: { authSchemes: [{ name: 'sigv4', signingName, signingRegion: region, properties: {} }] },
    }),
  });
}

/** The suffix of the hosts in a Region, according to the rules of the SDK. */
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

/** The answer of a command. */
export type AnswerOf<T> = T & Pick<ServiceOutputTypes, '$metadata'>;
