import { AsyncLocalStorage } from 'node:async_hooks';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** What sends the requests of SDK clients. */
export type Handler = Pick<
  NodeHttpHandler,
  'metadata' | 'destroy' | 'handle' | 'updateHttpClientConfig' | 'httpHandlerConfigs'
>;

type HttpRequest = Parameters<NodeHttpHandler['handle']>[0];

/** What is being read: a call of the SDK does not tell its request what it was made for. */
export const nowReading = new AsyncLocalStorage<{ readonly what: string; readonly resource?: string }>();

/** In milliseconds. The SDK itself waits for ever. */
const patience = { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true };

/**
 * The HTTP of every client of a run, so that connections are shared and end together: whatever
 * would still be asked once it is destroyed (retries, calls that wait for their turn) fails at
 * once. `debug` gets a line for each attempt of each call.
 */
export function makeHandler(debug: ((line: string) => void) | undefined): Handler {
  const inner = new NodeHttpHandler(patience);
  let ended = false;
  return {
    metadata: inner.metadata,
    destroy: () => {
      ended = true;
      inner.destroy();
    },
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
    async handle(request, options) {
      if (ended) throw Object.assign(new Error('the reading has ended'), { name: 'AbortError' });
      const start = performance.now();
      const say = (outcome: string): void =>
        debug?.(
          `${subjectOf(request)}: ${outcome} in ${Math.round(performance.now() - start)} ms${attemptOf(request)}`,
        );
      try {
        const answer = await inner.handle(request, options);
        say(`HTTP ${answer.response.statusCode}`);
        return answer;
      } catch (error) {
        say(error instanceof Error ? error.message : 'no answer');
        throw error;
      }
    },
  };
}

/** `kms:DescribeKey alias/orders at kms.us-east-1.amazonaws.com`. */
function subjectOf({ hostname, port }: HttpRequest): string {
  const { what = 'credentials', resource } = nowReading.getStore() ?? {};
  return `${what}${resource === undefined ? '' : ` ${resource}`} at ${hostname}${port === undefined ? '' : `:${port}`}`;
}

/** The SDK says in a header which attempt this is. */
function attemptOf({ headers }: HttpRequest): string {
  const [, attempt = '1', max] = /attempt=(\d+)(?:; max=(\d+))?/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  return attempt === '1' ? '' : `, attempt ${attempt}${max === undefined ? '' : ` of ${max}`}`;
}
