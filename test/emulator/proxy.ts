import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { freePort } from './moto.ts';

/** An answer in place of the emulator's: an error code with its HTTP status. */
export interface Fault {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  /** The whole answer, instead of code and message. */
  readonly body?: string;
  /** Break the connection instead. */
  readonly reset?: true;
}

export interface Proxy {
  readonly endpoint: string;
  /** The operations that were asked for, such as `kms:DescribeKey`. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

/** What stands in place of the emulator's answer to a request. */
export type Rewrite = (operation: string, asked: string, answer: string) => string;

/**
 * Is called when a request comes in; gives what is called once its answer is there, which goes out
 * when it resolves.
 */
export type Hold = (operation: string) => () => Promise<void>;

/** Each answer goes out so many milliseconds after it is there. */
export function slowed(latency: (operation: string) => number): Hold {
  return (operation) => () => new Promise((resolve) => setTimeout(resolve, latency(operation)));
}

/**
 * Stands before the emulator, answers chosen operations with faults, and may rewrite the other
 * answers.
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
        // AWS Backup answers in JSON, too, and is asked by paths.
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
          const told = answer.statusCode === 200 ? rewrite(operation, body.toString(), text) : text;
          void held().then(() => outgoing.end(told));
        });
      });
      // The emulator drops idle connections; the SDK tries again.
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
 * Whoever reads changes nothing. Throws where nobody catches, so that whatever test it happens in
 * fails. The name of an AWS managed key would create it (iam-evaluation 14.23).
 */
function refuseChanges(operation: string, asked: string): void {
  const isRead = /^[a-z0-9]+:(Get|List|Describe|Lookup|Simulate)/.test(operation) || operation === 'sts:AssumeRole';
  const creates = operation === 'kms:DescribeKey' && /alias\/aws\//.test(asked);
  if (!isRead || creates) throw new Error(`${operation} changes something: ${asked}`);
}

/** The AWS Backup lists, whose calls have no name but their path. */
const restNames: ReadonlyMap<string, string> = new Map([
  ['/backup-vaults/', 'ListBackupVaults'],
  ['/backup/plans/', 'ListBackupPlans'],
]);

/** A call of a REST API, as those of AWS Backup are, goes by its path, unless that has a name. */
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
