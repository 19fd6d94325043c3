import { shortName } from '../base/arn.ts';
import { article, list } from '../base/wording.ts';
import type { PolicyWord } from '../contract/report.ts';
import { preconditionName } from '../explain/preconditions.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallKind, Fault, Operation, PreconditionCode, Source } from '../operations/operation.ts';

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
  /** What the text says, in plain words, and what to do with it. */
  readonly says: readonly string[];
}

/** The text of a denial (rds-kms-operations 1.3). */
export interface Denied {
  readonly principal: string;
  readonly action: string;
  readonly resource?: string;
  readonly policy?: PolicyWord | 'resource policy' | 'role trust policy';
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

/** A text that has been seen or is documented, other than those of a key and of a denial. */
interface KnownText {
  readonly text: RegExp;
  /** What AWS shows with it, where the text stands alone. */
  readonly code?: string;
  readonly api?: string;
  readonly means: string;
  readonly calls?: readonly CallKind[];
  readonly preconditions?: readonly PreconditionCode[];
  readonly source: Source;
}

const exportFails = { api: 'StartExportTask', source: 'rds-kms-operations 2.2' } as const;

export const knownTexts: readonly KnownText[] = [
  {
    text: /Must specify new KMS key for cross region encrypted snapshot copy/i,
    code: 'InvalidParameterValue',
    means: 'a copy from another Region needs a key of the Region that it goes to: name one with --kms-key-id',
    preconditions: ['key-is-named'],
    source: 'rds-kms-operations 4.5',
  },
  {
    text: /Sharing snapshots encrypted with the default service key for RDS is currently not supported/i,
    means: 'a snapshot under the AWS managed key aws/rds cannot be shared: copy it under a customer key first',
    preconditions: ['snapshot-can-be-shared'],
    source: 'rds-kms-operations 4.6',
  },
  {
    text: /The specified instance is a member of a cluster and a snapshot cannot be created directly/i,
    code: 'InvalidParameterValue',
    api: 'CreateDBSnapshot',
    means: 'the instance belongs to an Aurora cluster, and it is the cluster that a snapshot is taken of',
    preconditions: ['instance-is-no-member-of-a-cluster'],
    source: 'rds-kms-operations 4.1',
  },
  {
    text: /Cluster cannot be deleted, it still contains DB instances in non-deleting state/i,
    code: 'InvalidDBClusterStateFault',
    api: 'DeleteDBCluster',
    means: 'the instances of the cluster have to be deleted first',
    preconditions: ['cluster-holds-no-instances'],
    source: 'rds-kms-operations 4.10',
  },
  {
    text: /You can't create an encrypted DB cluster from an unencrypted DB snapshot without an AWS KMS key/i,
    means: 'CloudFormation itself refuses it: an unencrypted snapshot is restored encrypted only where a key is named',
    source: 'rds-kms-operations 2.2',
  },
  {
    text: /Encryption must be enabled when restoring a DB cluster snapshot/i,
    means: 'CloudFormation itself refuses it: a restore cannot turn encryption off',
    source: 'rds-kms-operations 2.2',
  },
  {
    text: /Verify that you have permission to create service linked role/i,
    means:
      'the first time RDS is used in an account, its service-linked role is made, and that takes iam:CreateServiceLinkedRole, which is not checked here',
    calls: [],
    source: 'rds-kms-operations 1.2',
  },
  {
    ...exportFails,
    text: /KMS key check failed\. Check the credentials on your KMS key/i,
    means:
      "the export has started, and the export key cannot be used: it is not enabled, or its policy denies the service export.rds.amazonaws.com or the principal's grant",
    calls: ['forwarded', 'service', 'role'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
  },
  {
    ...exportFails,
    text: /The RDS export failed to write the export task's metadata to the S3 bucket/i,
    means:
      'the export role cannot write to the bucket under the export key: the error code in the text tells whether S3 or KMS refused, or the key is not enabled',
    calls: ['role', 'service'],
    preconditions: ['key-is-enabled', 'role-exists', 'role-trusts-the-service', 'bucket-is-in-the-region'],
  },
  {
    ...exportFails,
    text: /The IAM role .+ isn't authorized to call .+ on the S3 bucket|S3 credential check failed/i,
    means: 'the export role is not allowed what the export does with the bucket',
    calls: ['role'],
    preconditions: ['role-exists', 'role-trusts-the-service'],
  },
  {
    ...exportFails,
    text: /The S3 bucket .+ isn't (?:valid|located in the current AWS Region)/i,
    means: 'the bucket has to exist, and to be in the Region of the snapshot',
    calls: [],
    preconditions: ['bucket-is-in-the-region'],
  },
  {
    text: /RDS-EVENT-0419|unable to access the KMS (?:encryption )?key for/i,
    means:
      'RDS cannot use the key by its own grant, mostly because the key is not enabled: the database stops, and for seven days enabling the key and starting the database brings it back; after that it is restored to a point in time, for which the key has to be enabled too',
    calls: ['service'],
    preconditions: ['key-is-enabled', 'source-key-is-enabled'],
    source: 'rds-kms-operations 8.1',
  },
];

const accessDenied = 'AccessDenied';

/** Wire codes and the names of shapes differ in their ends (rds-kms-operations 2.1), and CloudTrail puts `Client.` before some. */
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
function codesOf(fault: Fault | undefined): readonly string[] {
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
      ...(known === undefined ? [] : [known.means]),
      ...(key === undefined ? [] : keyWords(key)),
      ...(denied === undefined ? [] : deniedWords(denied)),
      ...(isEncoded ? [encodedWords] : []),
      ...(told !== undefined && key === undefined && sameCode(told, kmsFault) ? [whateverKmsRefuses] : []),
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

const encodedWords =
  'the message is encoded, and whoever may call sts:DecodeAuthorizationMessage can read it: `aws sts decode-authorization-message --encoded-message ...`; it names the policy that decided';

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

/** An action that goes with many APIs, such as rds:AddTagsToResource, does not tell which was called. */
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

/** rds-kms-operations 0, point 5. */
const whateverKmsRefuses =
  'RDS shows this error whatever KMS refuses: there is no such key in the Region, it is not enabled, or the principal may not call kms:DescribeKey or kms:CreateGrant on it through RDS';

const keysInWords: Readonly<Record<NamedKey['which'], string>> = {
  'source snapshot': 'the key that the snapshot is encrypted with',
  target: 'the key for what is made',
  specified: 'the key that the request names, or else the key of what is read',
};

function keyWords({ which, name }: NamedKey): readonly string[] {
  return [
    `AWS means ${keysInWords[which]}${name === undefined ? ' and does not say which one that is' : `, ${shortName(name)}`}`,
    whateverKmsRefuses,
  ];
}

function deniedWords({ action, resource, policy, denial, policyArn }: Denied): readonly string[] {
  const what = `${action}${resource === undefined ? '' : ` on ${shortName(resource)}`}`;
  if (policy === undefined) return [`AWS denies ${what} and does not say which policy decided`];
  const which = policyArn === undefined ? '' : ` (${policyArn.split('/').at(-1) ?? ''})`;
  const decided = denial === 'explicit' ? `a Deny in ${article(policy)}${which} decided` : `no ${policy} allows it`;
  return [
    `AWS denies ${what}: ${decided}`,
    // rds-kms-operations 1.3; of KMS even that may be wrong (iam-evaluation 0.8).
    policy === 'key policy' && denial === 'implicit'
      ? 'for KMS the named kind is no proof: an identity policy can be what is missing'
      : 'AWS names one kind of policy only, even if several deny',
  ];
}

/** What can be behind an error of a code, by the catalogue. `operations`: of which it may be the error. */
export function causesOf(error: AwsError, operations: readonly Operation[]): readonly string[] {
  const { calls, preconditions } = behind(error, operations);
  const actions = (kind: CallKind): string =>
    list([
      ...new Set(
        operations
          .flatMap((operation) => operation.calls.filter((row) => row.kind === kind))
          .map(({ action }) => action),
      ),
    ]);
  const whole = operations.length === 1;
  const sentences: Readonly<Record<CallKind, string>> = {
    caller: `the principal is not allowed ${whole ? actions('caller') : 'the action'}`,
    forwarded: `what RDS calls with the principal's identity is denied: ${actions('forwarded')}`,
    service: 'the key policy denies what RDS does with the key by its own grant',
    role: `the role is not allowed ${whole ? actions('role') : 'what the service does with it'}`,
  };
  return [
    ...calls.map((kind) => sentences[kind]),
    ...(preconditions.length === 0
      ? []
      : [
          `${preconditions.length === 1 ? 'a precondition' : 'one of these preconditions'} is not met: ${list(preconditions.map(preconditionName))}`,
        ]),
  ];
}
