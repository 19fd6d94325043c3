import { nameOf, withoutPath } from '../base/arn.ts';
import type { PolicyWord } from '../contract/report.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallKind, CallRow, ErrorCode, Operation, PreconditionCode } from '../operations/operation.ts';
import { type KnownReading, knownTexts } from './known-texts.ts';

/** An error that AWS showed, as far as its text tells. */
export interface AwsError {
  /** Absent: the text shows none, as where a task fails later. */
  readonly code?: string;
  /** Without what a program put before it. */
  readonly message: string;
  readonly api?: string;
  readonly denied?: Denied;
  readonly key?: NamedKey;
  /** Which calls and preconditions it can be about, where its code does not tell. */
  readonly calls?: readonly CallKind[];
  readonly preconditions?: readonly PreconditionCode[];
  /** What the text tells a reader, in the order in which it is told. */
  readonly says: readonly ErrorReading[];
}

/** What a text of AWS tells. */
export type ErrorReading =
  | KnownReading
  | ({ readonly code: 'error-names-key' } & NamedKey)
  | { readonly code: 'kms-refusal-unspecified' }
  | { readonly code: 'denied-by-unnamed-policy'; readonly action: string; readonly resource?: string }
  | {
      readonly code: 'denied-by-named-policy';
      readonly action: string;
      readonly resource?: string;
      readonly policy: NamedPolicyKind;
      readonly denial: 'explicit' | 'implicit';
      /** The last part of its ARN. */
      readonly name?: string;
    }
  | { readonly code: 'key-policy-named-without-proof' }
  | { readonly code: 'one-policy-kind-named' }
  | { readonly code: 'denial-is-encoded' };

/** The kinds of policy that an error text can name. */
export type NamedPolicyKind = PolicyWord | 'resource policy' | 'role trust policy';

/** The text of a denial (rds-kms-operations 1.3). */
export interface Denied {
  readonly principal: string;
  readonly action: string;
  readonly resource?: string;
  readonly policy?: NamedPolicyKind;
  readonly denial?: 'explicit' | 'implicit';
  readonly policyArn?: string;
}

/** The word before `KMS key` tells which one failed (rds-kms-operations 2.2). */
export interface NamedKey {
  readonly which: 'source snapshot' | 'target' | 'specified';
  /** As the text has it; absent: it names none. */
  readonly name?: string;
}

const kmsFault = 'KMSKeyNotAccessibleFault';

const accessDenied = 'AccessDenied';

/**
 * Whether two error codes mean the same. Codes on the wire and names of shapes end differently
 * (rds-kms-operations 2.1), and CloudTrail puts `Client.` before some.
 */
export function sameCode(one: string, other: string): boolean {
  return bareCode(one) === bareCode(other);
}

function bareCode(code: string): string {
  const bare = code
    .replace(/^(?:Client|Server)\./, '')
    .replace(/(?:Fault|Exception)$/, '')
    .toLowerCase();
  return /^unauthorized(?:operation|access)$/.test(bare) ? accessDenied.toLowerCase() : bare;
}

/** The codes that a fault can show. */
function codesOf(fault: ErrorCode | undefined): readonly string[] {
  return fault === undefined ? [] : typeof fault === 'string' ? [fault] : Object.values(fault);
}

/** What of an operation shows itself with an error code. */
export interface Behind {
  readonly calls: readonly CallKind[];
  readonly preconditions: readonly PreconditionCode[];
}

const callKinds: readonly CallKind[] = ['caller', 'forwarded', 'service', 'role'];

/** Which calls and preconditions can be behind an error; `operations`: of which it is the error. */
export function behind({ code, calls, preconditions }: AwsError, operations: readonly Operation[]): Behind {
  if (calls !== undefined || preconditions !== undefined)
    return { calls: calls ?? [], preconditions: preconditions ?? [] };
  if (code === undefined) return { calls: [], preconditions: [] };
  const kinds = callKinds.filter((kind) =>
    operations.some(({ faults }) => codesOf(faults[kind]).some((fault) => sameCode(fault, code))),
  );
  const rows = operations.flatMap((operation) => operation.preconditions);
  const names = rows.filter(({ fault }) => codesOf(fault).some((one) => sameCode(one, code))).map((row) => row.code);
  return { calls: kinds, preconditions: [...new Set(names)] };
}

/** Whether a call is the one by which RDS makes its role, which has an error text of its own. */
export function makesRdsRole({ on }: CallRow): boolean {
  return on === 'role of rds';
}

const catalogued = new Set(
  catalogue
    .flatMap(({ faults, preconditions }) => [...Object.values(faults), ...preconditions.map(({ fault }) => fault)])
    .flatMap(codesOf)
    .map(bareCode),
);

/** What an error code looks like: one of the catalogue, or any that ends as they do. */
function isCode(word: string): boolean {
  return catalogued.has(bareCode(word)) || /^(?:Client\.)?[A-Z]\w+(?:Fault|Exception|Operation|Failure)$/.test(word);
}

/** How programs show an error of AWS. `code`, `api` and `message` as far as they tell. */
const frames: readonly RegExp[] = [
  // AWS CLI, boto3.
  /An error occurred \((?<code>[\w.]+)\) when calling the (?<api>\w+) operation[^:]*: (?<message>[^]*)/,
  // AWS SDK for Go 2, Terraform.
  /operation error RDS: (?<api>\w+),.*?\b(?!StatusCode|RequestID|HostID)(?<code>[A-Z][\w.]+): (?<message>[^]*)/,
  // AWS SDK for Java 1, CloudFormation.
  /^(?<message>[^]*?)\s?\(Service: [^;)]+; Status Code: \d+; Error Code: (?<code>[\w.]+)[^)]*\)/,
];

/** Undefined: the text is none that is understood. `code`: as the event tells it. */
export function readError(text: string, code?: string): AwsError | undefined {
  // Terraform frames what it shows, and terminals break lines.
  const plain = text
    .replaceAll(/^\s*[│╷╵]/gm, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const framed = framedBy(plain);
  const message = concealed(framed.message);
  const known = knownTexts.find((one) => one.text.test(plain));
  const denied = deniedBy(plain);
  const key = keyNamedBy(plain);
  const isEncoded = /Encoded authorization failure message/i.test(plain);
  const implied = key !== undefined ? kmsFault : denied !== undefined || isEncoded ? accessDenied : known?.code;
  const told = code ?? framed.code ?? implied;
  if (told === undefined && known === undefined) return undefined;
  const api = framed.api ?? apiOf(denied) ?? known?.api;
  return {
    ...(told === undefined ? {} : { code: told }),
    message,
    ...(api === undefined ? {} : { api }),
    ...(denied === undefined ? {} : { denied }),
    ...(key === undefined ? {} : { key }),
    ...(known?.calls === undefined ? {} : { calls: known.calls }),
    ...(known?.preconditions === undefined ? {} : { preconditions: known.preconditions }),
    says: [
      ...(known === undefined ? [] : [{ code: known.means }]),
      ...(key === undefined ? [] : keyReadings(key)),
      ...(denied === undefined ? [] : denialReadings(denied)),
      ...(isEncoded ? [{ code: 'denial-is-encoded' } as const] : []),
      ...(told !== undefined && key === undefined && sameCode(told, kmsFault) ? [unspecified] : []),
    ],
  };
}

interface Framed {
  readonly code?: string;
  readonly api?: string;
  readonly message: string;
}

function framedBy(text: string): Framed {
  for (const frame of frames) {
    const { code, api, message } = frame.exec(text)?.groups ?? {};
    if (code !== undefined) return { code, ...(api === undefined ? {} : { api }), message: (message ?? '').trim() };
  }
  // `KMSKeyNotAccessibleFault: The source ...`, with whatever a program puts before it.
  for (const found of text.matchAll(/(?<=^|[\s:(])[A-Z][\w.]+:\s/g)) {
    const start = (found.index ?? 0) + found[0].length;
    const code = found[0].trim().slice(0, -1);
    if (isCode(code)) return { code, message: text.slice(start).trim() };
  }
  return isCode(text) ? { code: text, message: '' } : { message: text };
}

/** What is encoded says nothing to the eye. */
function concealed(message: string): string {
  return message.replace(/(Encoded authorization failure message:\s*)([\w+/=-]{16})[\w+/=-]+/i, '$1$2...');
}

const policyNames: Readonly<Record<string, NonNullable<Denied['policy']>>> = {
  'identity-based': 'identity policy',
  'permissions boundary': 'permissions boundary',
  session: 'session policy',
  'service control': 'service control policy',
  'resource control': 'resource control policy',
  'resource-based': 'resource policy',
  'vpc endpoint': 'VPC endpoint policy',
  'role trust': 'role trust policy',
};

const anyPolicy = Object.keys(policyNames).join('|');
const decidedBy = new RegExp(
  `because no (?<silent>${anyPolicy})|explicit deny in(?: an?| the)? (?<denying>${anyPolicy})`,
  'i',
);

function deniedBy(text: string): Denied | undefined {
  const found =
    /User: (?<principal>\S+) is not authorized to perform: (?<action>[\w-]+:\w+)(?: on resource: (?<resource>\S+))?(?<rest>[^]*)/.exec(
      text,
    )?.groups;
  if (found === undefined) return undefined;
  const { principal = '', action = '', resource, rest = '' } = found;
  const { silent, denying } = decidedBy.exec(rest)?.groups ?? {};
  const word = (silent ?? denying)?.toLowerCase();
  const policyArn = /: (arn:[^\s,;)]+?)\.?(?=$|[\s,;)])/.exec(rest)?.[1];
  const policy = word === undefined ? undefined : policyOf(word, action);
  return {
    principal,
    action,
    ...(resource === undefined ? {} : { resource: resource.replace(/[.,]$/, '') }),
    ...(policy === undefined ? {} : { policy, denial: silent === undefined ? 'explicit' : 'implicit' }),
    ...(policyArn === undefined ? {} : { policyArn }),
  };
}

/** The only resource policies here are key policies. */
function policyOf(word: string, action: string): Denied['policy'] {
  return word === 'resource-based' && action.startsWith('kms:') ? 'key policy' : policyNames[word];
}

/**
 * An action that goes with many APIs, such as rds:AddTagsToResource, does not tell which was
 * called.
 */
function apiOf(denied: Denied | undefined): string | undefined {
  return catalogue.find(({ api }) => denied?.action === `rds:${api}`)?.api;
}

function keyNamedBy(text: string): NamedKey | undefined {
  const found =
    /(?<which>source snapshot|target|specified) KMS key(?: \[(?<name>[^\]]*)\])? does not exist, is not enabled or you do not have permissions? to access it/i.exec(
      text,
    )?.groups;
  if (found === undefined) return undefined;
  const { which = '', name } = found;
  const word = which.toLowerCase();
  return {
    which: word === 'source snapshot' || word === 'target' ? word : 'specified',
    ...(name === undefined || name === '' || name === 'None' || name === 'null' ? {} : { name }),
  };
}

/** RDS shows one error whatever KMS refuses (rds-kms-operations 0, point 5). */
const unspecified: ErrorReading = { code: 'kms-refusal-unspecified' };

function keyReadings(key: NamedKey): readonly ErrorReading[] {
  return [{ code: 'error-names-key', ...key }, unspecified];
}

function denialReadings({ action, resource, policy, denial, policyArn }: Denied): readonly ErrorReading[] {
  const what = { action, ...(resource === undefined ? {} : { resource }) };
  if (policy === undefined || denial === undefined) return [{ code: 'denied-by-unnamed-policy', ...what }];
  const name = policyArn === undefined ? undefined : withoutPath(nameOf(policyArn));
  return [
    { code: 'denied-by-named-policy', ...what, policy, denial, ...(name === undefined ? {} : { name }) },
    // rds-kms-operations 1.3. For KMS even the named kind may be wrong (iam-evaluation 0.8).
    policy === 'key policy' && denial === 'implicit'
      ? { code: 'key-policy-named-without-proof' }
      : { code: 'one-policy-kind-named' },
  ];
}

/** What can be behind an error, by the catalogue. */
export type Cause =
  /** `actions`: absent where several operations come into question and the actions differ. */
  | { readonly code: 'calls-denied'; readonly kind: CallKind; readonly actions?: readonly string[] }
  | { readonly code: 'preconditions-unmet'; readonly preconditions: readonly PreconditionCode[] };

/**
 * What can be behind an error of a code, by the catalogue.
 * `operations`: those of which the error may be.
 */
export function causesOf(error: AwsError, operations: readonly Operation[]): readonly Cause[] {
  const { calls, preconditions } = behind(error, operations);
  return [
    ...calls.map((kind): Cause => {
      const rows = operations.flatMap((operation) =>
        operation.calls.filter((row) => row.kind === kind && !makesRdsRole(row)),
      );
      // Rights of which AWS does not publish whether they are asked for would drown the others.
      const common = rows.filter(({ basis }) => basis !== 'unknown');
      const actions = [...new Set(common.map(({ action }) => action))];
      // What RDS calls with the principal's identity is much the same for all operations.
      const isTold = operations.length === 1 || kind === 'forwarded';
      return { code: 'calls-denied', kind, ...(isTold ? { actions } : {}) };
    }),
    ...(preconditions.length === 0 ? [] : [{ code: 'preconditions-unmet', preconditions } as const]),
  ];
}
