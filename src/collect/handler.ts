import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { unreadable } from './faults.ts';
import { NodeHttpHandler } from './sdk.ts';

/** Sends the requests of SDK clients. */
export type Handler = Pick<
  NodeHttpHandler,
  'metadata' | 'destroy' | 'handle' | 'updateHttpClientConfig' | 'httpHandlerConfigs'
>;

type HttpRequest = Parameters<NodeHttpHandler['handle']>[0];

/** The present read. The SDK does not tell a request which read it belongs to. */
export const nowReading = new AsyncLocalStorage<{ readonly what: string; readonly resource?: string }>();

/** In milliseconds. The SDK itself waits forever. */
const patience = { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true };

/**
 * The HTTP handler of every client of a run, so that connections are shared and end together. After
 * it is destroyed, retries and queued calls fail at once. `debug` receives a line for each attempt
 * of each call. `shared`: answers of other readings.
 */
export function makeHandler(debug: ((line: string) => void) | undefined, shared?: SharedAnswers): Handler {
  const inner = new NodeHttpHandler(patience);
  let ended = false;
  const send: Send = async (request, options) => {
    const start = performance.now();
    const say = (outcome: string): void =>
      debug?.(`${subjectOf(request)}: ${outcome} in ${Math.round(performance.now() - start)} ms${attemptOf(request)}`);
    try {
      const answer = await inner.handle(request, options);
      say(`HTTP ${answer.response.statusCode}`);
      return await ofAws(request, answer);
    } catch (error) {
      say(error instanceof Error ? error.message : 'no answer');
      throw error;
    }
  };
  return {
    metadata: inner.metadata,
    destroy: () => {
      ended = true;
      inner.destroy();
    },
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
    async handle(request, options) {
      if (ended) throw Object.assign(new Error('the read has ended'), { name: 'AbortError' });
      return shared === undefined ? send(request, options) : shared(request, () => send(request, options));
    },
  };
}

type Send = NodeHttpHandler['handle'];
type HttpAnswer = Awaited<ReturnType<Send>>;

/** The answer to a request: of an equal request that was sent before, or from `send`. */
export type SharedAnswers = (request: HttpRequest, send: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** Answers that several readings of one run share, so that no request is sent twice. */
export function sharedAnswers(): SharedAnswers {
  const known = new Map<string, Promise<Kept>>();
  const sendAs = async (name: string, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const sent = send().then(kept);
    known.set(name, sent);
    try {
      const answer = await sent;
      // An answer that may differ next time is not kept.
      if (!isLasting(answer)) known.delete(name);
      return answered(answer);
    } catch (error) {
      known.delete(name);
      throw error;
    }
  };
  return async (request, send) => {
    const name = nameOf(request);
    const before = known.get(name);
    if (before === undefined) return sendAs(name, send);
    try {
      return answered(await before);
    } catch {
      // The other reading ended before its answer arrived.
      return sendAs(name, send);
    }
  };
}

interface Kept {
  readonly response: HttpAnswer['response'];
  readonly body: Uint8Array;
}

async function kept({ response }: HttpAnswer): Promise<Kept> {
  const chunks: Uint8Array[] = [];
  const body: unknown = response.body;
  if (body instanceof Readable) for await (const chunk of body) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return { response, body: Buffer.concat(chunks) };
}

function answered({ response: { statusCode, reason, headers }, body }: Kept): HttpAnswer {
  return {
    response: { statusCode, headers, body: Readable.from([body]), ...(reason === undefined ? {} : { reason }) },
  };
}

/**
 * Returns the answer if AWS gave it. The SDK reads a page of a proxy, or of a network that requires
 * a sign-in, as an empty list or as "not found". If the next try may succeed, the answer is left to
 * the SDK, which tries again.
 */
async function ofAws(request: HttpRequest, answer: HttpAnswer): Promise<HttpAnswer> {
  const { statusCode: status, headers } = answer.response;
  const begin = beginningOf(request, status);
  if (begin === undefined || status >= 500 || status === 429) return answer;
  const whole = await kept(answer);
  if (headers['x-amzn-errortype'] !== undefined || begin.test(Buffer.from(whole.body).toString('utf8', 0, 2_000)))
    return answered(whole);
  const { name, message } = unreadable(status);
  throw Object.assign(new Error(message), { name });
}

/** How an answer of AWS begins. Undefined: the request does not show the format. */
function beginningOf({ headers, body }: HttpRequest, status: number): RegExp | undefined {
  if (headers['x-amz-target'] !== undefined) return /^\s*\{/;
  const [, action] = typeof body === 'string' ? (/(?:^|&)Action=(\w+)/.exec(body) ?? []) : [];
  if (action === undefined) return undefined;
  return status < 300 ? new RegExp(`<${action}Response\\b`) : /<Code>/;
}

/**
 * Whether an answer stays the same: a success, or a refusal. KMS and Organizations refuse with HTTP
 * 400.
 */
function isLasting({ response: { statusCode: status }, body }: Kept): boolean {
  return status === 200 || status === 403 || (status === 400 && Buffer.from(body).includes('AccessDenied'));
}

/** The identity of a request: everything except its time and the signature. */
function nameOf({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest): string {
  const [scope] = /Credential=[^,]+/.exec(headers['authorization'] ?? '') ?? [];
  return JSON.stringify([method, protocol, hostname, port, path, query, headers['x-amz-target'], scope, textOf(body)]);
}

/** The SDK warns if its bytes are used as a text. */
function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);
}

/** Such as `kms:DescribeKey alias/orders at kms.us-east-1.amazonaws.com`. */
function subjectOf({ hostname, port }: HttpRequest): string {
  const { what = 'credentials', resource } = nowReading.getStore() ?? {};
  return `${what}${resource === undefined ? '' : ` ${resource}`} at ${hostname}${port === undefined ? '' : `:${port}`}`;
}

/** The SDK says in a header which attempt this is. */
function attemptOf({ headers }: HttpRequest): string {
  const [, attempt = '1', max] = /attempt=(\d+)(?:; max=(\d+))?/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  return attempt === '1' ? '' : `, attempt ${attempt}${max === undefined ? '' : ` of ${max}`}`;
}
