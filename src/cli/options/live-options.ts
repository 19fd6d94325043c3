import { oneLine } from '../../base/escape.ts';
import type { LiveOptions } from '../../collect/settings.ts';
import { clearLine, type Io } from '../io.ts';

/** The flags that say how to reach AWS. */
export interface LiveFlags {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly debug?: boolean | undefined;
}

/**
 * How to reach AWS: with the values of the flags, with progress on a terminal, and with a line for
 * each call with --debug.
 */
export function liveOptions(
  { profile, region, endpointUrl, debug }: LiveFlags,
  { environment, stderr }: Io,
): LiveOptions {
  const progress = (line: string): void => {
    clearLine(stderr);
    // A line that wraps could not be cleared.
    stderr.write(oneLine(line).slice(0, (stderr.columns ?? 80) - 1));
  };
  const say = (line: string): void => {
    clearLine(stderr);
    stderr.write(`${oneLine(line)}\n`);
  };
  return {
    environment,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(stderr.isTTY === true ? { progress } : {}),
    ...(debug === true ? { debug: say } : {}),
  };
}
