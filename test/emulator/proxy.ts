import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { freePort } from './moto.ts';

/** An answer that replaces the emulator's answer: an error code with its HTTP status. */
export interface Fault {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  /** The complete answer, instead of code and message. */
  readonly body?: string;
  /** Break the connection instead. */
  readonly reset?: true;
}

export interface Proxy {
  readonly endpoint: string;
  /** The operations that were called, such as `kms:DescribeKey`. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

/** Makes the answer that replaces the emulator's answer to a request. */
export type Rewrite = (operation: string, asked: string, answer: string) => string;

/**
 * Called when a request comes in. Returns a function that is called when the answer has arrived.
 * The answer is sent when that function's promise resolves.
 */
export type Hold = (operation: string) => () => Promise<void>;

/** Delays each answer by this many milliseconds. */
export function slowed(latency: (operation: string) => number): Hold {
  return (operation) => () => new Promise((resolve) => setTimeout(resolve, latency(operation)));
}

/**
 * Starts a proxy in front of the emulator. It answers chosen operations with faults and may rewrite
 * other answers.
 */
export async function startProxy(
  target: string,
  faultFor: (operation: string, asked: string) => Fault | undefined,
  rewrite: Rewrite = (_operation, _asked, answer) => answer,
  hold: Hold = () => async () => undefined,
): Promise<Proxy> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const operation = operationOf(incoming, body.toString());
      asked.push(operation);
      refuseChanges(operation, body.toString());
      const held = hold(operation);
      const fault = faultFor(operation, body.toString());
      if (fault?.reset === true) {
        incoming.socket.resetAndDestroy();
        return;
      }
      if (fault !== undefined) {
        // AWS Backup also answers in JSON. Its calls are identified by their paths.
        const json = incoming.headers['x-amz-target'] !== undefined || operation.startsWith('backup:');
        outgoing.writeHead(fault.status, { 'content-type': json ? 'application/x-amz-json-1.1' : 'text/xml' });
        void held().then(() => outgoing.end(fault.body ?? (json ? jsonFault(fault) : xmlFault(fault))));
        return;
      }
      const { method, url, headers } = incoming;
      const onward = forward(`${target}${url ?? '/'}`, { method, headers }, (answer) => {
        const answered: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => answered.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(answered).toString();
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 500, rest);
          const sent = answer.statusCode === 200 ? rewrite(operation, body.toString(), text) : text;
          void held().then(() => outgoing.end(sent));
        });
      });
      // The emulator drops idle connections, and the SDK tries again.
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Refuses calls that change something, because the program only reads. It throws where nothing
 * catches, so that the test fails. Describing an AWS managed key by its alias would create it
 * (iam-evaluation 14.23).
 */
function refuseChanges(operation: string, asked: string): void {
  const isRead = /^[a-z0-9]+:(Get|List|Describe|Lookup|Simulate)/.test(operation) || operation === 'sts:AssumeRole';
  const creates = operation === 'kms:DescribeKey' && /alias\/aws\//.test(asked);
  if (!isRead || creates) throw new Error(`${operation} changes something: ${asked}`);
}

/** The AWS Backup lists, whose calls are named only by their path. */
const restNames: ReadonlyMap<string, string> = new Map([
  ['/backup-vaults/', 'ListBackupVaults'],
  ['/backup/plans/', 'ListBackupPlans'],
]);

/**
 * The operation of a call. A call of a REST API, such as AWS Backup, is named by its path, unless
 * the path has a name.
 */
function operationOf({ headers, method = '', url = '' }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  const service = /\/([a-z0-9]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (typeof target === 'string') return `${service}:${target.slice(target.indexOf('.') + 1)}`;
  const action = new URLSearchParams(body).get('Action') ?? restNames.get(url.replace(/\?.*/, ''));
  return `${service}:${action ?? `${method === 'GET' ? 'Get' : method}${url}`}`;
}

function jsonFault({ code, message = 'refused by the test' }: Fault): string {
  return JSON.stringify({ __type: code, message });
}

function xmlFault({ code, message = 'refused by the test' }: Fault): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
