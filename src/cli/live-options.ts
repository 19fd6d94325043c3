import type { LiveOptions } from '../collect/settings.ts';
import type { Io } from './io.ts';

/** The flags that say how AWS is reached. */
export interface LiveFlags {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly debug?: boolean | undefined;
}

/** How to reach AWS: what the flags say, progress if somebody is watching, and each call with --debug. */
export function liveOptions(
  { profile, region, endpointUrl, debug }: LiveFlags,
  { environment, stderr }: Io,
): LiveOptions {
  return {
    environment,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(stderr.isTTY === true ? { progress: (line: string) => void stderr.write(`\r\u001b[K${line}`) } : {}),
    ...(debug === true ? { debug: (line: string) => void stderr.write(`${line}\n`) } : {}),
  };
}
