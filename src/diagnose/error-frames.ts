/*
 * How programs show an AWS error: the text before, after and around its message. These are data:
 * add a row for another program.
 */

/**
 * What a program shows together with the message of an error. `code` and `api` are absent if the
 * program does not show them.
 */
export interface Framed {
  readonly code?: string;
  readonly api?: string;
  readonly message: string;
}

/** One pattern for each kind of text. The groups are `code`, `api`, `service` and `message`. */
const frames: readonly RegExp[] = [
  // AWS CLI, boto3, Ansible.
  /An error occurred \((?<code>[\w.]+)\) when calling the (?<api>\w+) operation(?: \([^)]*\))?[^:]*?: (?<message>[^]*)/,
  // AWS SDK for Go 2, Terraform, Pulumi.
  /operation error (?<service>[\w ]+): (?<api>\w+),.*?\b(?!StatusCode|RequestID|HostID)(?<code>[A-Z][\w.]+): (?<message>[^]*)/,
  // AWS SDK for PHP.
  /Error executing "(?<api>\w+)" on "https?:\/\/(?<service>\w+)[^]*? (?<code>[A-Z]\w+) \((?:client|server)\): (?<message>[^]*)/,
  // The XML response of RDS.
  /<Code>(?<code>[\w.]+)<\/Code>\s*<Message>(?<message>[^]*?)<\/Message>/,
  // AWS SDK for Java 1, CloudFormation.
  /^(?<message>[^]*?)\s?\(Service: [^;)]+; Status Code: \d+; Error Code: (?<code>[\w.]+)[^)]*\)/,
  // CloudFormation, for a denial whose text has no code.
  /^(?<message>[^]*?)"? \(RequestToken: [\w-]+, HandlerErrorCode: (?<code>AccessDenied)\)/,
];

/** What Terraform and Crossplane say they were doing, for texts that do not name the API. */
const activities: readonly (readonly [says: RegExp, api: string])[] = [
  [/creating RDS Cluster \(restore from snapshot\)/, 'RestoreDBClusterFromSnapshot'],
  [/creating RDS Cluster \(restore to point-in-time\)/, 'RestoreDBClusterToPointInTime'],
  [/creating RDS DB Instance \(restore from snapshot\)/, 'RestoreDBInstanceFromDBSnapshot'],
  [/creating RDS DB Instance \(restore to point-in-time\)/, 'RestoreDBInstanceToPointInTime'],
  [/creating RDS DB Instance \(read replica\)/, 'CreateDBInstanceReadReplica'],
  [/creating RDS DB Cluster Snapshot Copy/, 'CopyDBClusterSnapshot'],
  [/creating RDS DB Snapshot Copy/, 'CopyDBSnapshot'],
  [/deleting RDS Cluster \(/, 'DeleteDBCluster'],
  [/deleting RDS DB Instance \(/, 'DeleteDBInstance'],
  [/cannot create DBCluster in AWS/, 'CreateDBCluster'],
];

/** Services that share APIs with RDS. */
const likeRds: readonly string[] = ['rds', 'docdb', 'neptune'];

/** The error code, API and message in a text. `isCode`: whether a word looks like an error code. */
export function framedBy(text: string, isCode: (word: string) => boolean): Framed {
  const framed = inFrame(text, isCode);
  const activity = framed.api === undefined ? activities.find(([says]) => says.test(text)) : undefined;
  return activity === undefined ? framed : { ...framed, api: activity[1] };
}

function inFrame(text: string, isCode: (word: string) => boolean): Framed {
  for (const frame of frames) {
    const { code, api, service = 'rds', message = '' } = frame.exec(text)?.groups ?? {};
    if (code === undefined) continue;
    const isApi = api !== undefined && likeRds.includes(service.toLowerCase());
    return { code, ...(isApi ? { api } : {}), message: bare(message) };
  }
  // `KMSKeyNotAccessibleFault: The source ...`, after any other text.
  for (const found of text.matchAll(/(?<=^|[\s:("'])(?:[a-z][\w$]*\.)*(?<code>[A-Z][\w.$]*):\s/g)) {
    const start = (found.index ?? 0) + found[0].length;
    const code = found.groups?.['code']?.replace(/^.*\$/, '') ?? '';
    if (isCode(code)) return { code, message: bare(text.slice(start)) };
  }
  return isCode(text) ? { code: text, message: '' } : { message: bare(text) };
}

const escape = String.fromCharCode(27);
const bell = String.fromCharCode(7);
/** Terminal escapes that set colors, the title of a window, or a link. */
const terminalEscapes = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?)`,
  'g',
);

/** The maximum length of a text to read: AWS's own texts are shorter, logs are longer. */
const longest = 16_000;
/** How many characters before an error may belong to the error. */
const before = 2000;

/** Words that show an AWS error in a log. */
const errorSigns =
  /An error occurred \(|KMSKeyNotAccessible|KMS key \[|not authorized to perform|\bAccessDenied|AccessDeniedException|\(Service: |operation error |<Code>|RequestToken: |RDS-EVENT-\d|[a-z](?:Fault|Exception|NotFound|AlreadyExists|QuotaExceeded): /;

/** The part of a long text, such as a log, that holds the first error. */
function aroundFirstError(text: string): string {
  if (text.length <= longest) return text;
  const start = Math.max(0, text.search(errorSigns) - before);
  return text.slice(start, start + longest);
}

/** The prefix of each line in logs of CI systems: the time, and a mark of the system. */
const logged =
  /^[ \t]*(?:\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]+)?(?:##\[\w+\]|::(?:error|warning)[^:\n]*::|##vso\[[^\]\n]*\])?/gm;

/** The text on one line, without colors and frames. */
export function plainText(text: string): string {
  return aroundFirstError(text)
    .replaceAll(terminalEscapes, '')
    .replaceAll(/\[\d{1,3}(?:;\d{1,3})*m/g, '')
    .replaceAll(logged, '')
    .replaceAll(/^\s*[│╷╵]/gm, ' ')
    .replaceAll(/\\[nrt]/g, ' ')
    .replaceAll(/\\+(["'])/g, '$1')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** Where a message ends and a program's additions begin. */
const tails: readonly RegExp[] = [
  /\s*\(Service: [\w ]+[;,]/,
  /\s*\(SDK Attempt Count/,
  /"?\s*\(RequestToken: /,
  /[,;]?\s*\(?status code: \d{3}\b/i,
  /[,;]?\s*\(?request ?id: [\w-]{4,}/i,
  / with (?:module\.|data\.)*[\w.[\]"-]*\baws_\w+\.[\w.[\]"-]+, on \S+ line \d+/,
  / on \S+\.tf(?:\.json)? line \d+/,
  /:? provider=\w+@[\w.-]+/,
  / Traceback \(most recent call last\)/,
  / at (?:async |new )?[\w$.<>/]+ ?\([^)]*:\d+(?::\d+)?\)/,
  /\s*(?:=>\s*)?\{\s*["'][^]*$/,
  / ---> \w+(?:\.\w+)+: /,
  / At line:\d+ char:\d+/,
  /\.? Please refer to Automation Service Troubleshooting Guide/,
  /\s*\[\]\}\]/,
  / - <ErrorResponse /,
  /\s*<(?:\?xml|!--|\/?[A-Z]\w*[^>]*>)/,
  /[,;]?\s*\(?(?:reached max(?:imum)? )?(?:retry(?: count)?|retries|attempts?|attempt count)[ :=]+#?\d+(?: ?(?:of|\/) ?\d+)?\)?/i,
  /[,;:]?\s*\(?(?:giving up )?after \d+ (?:retries|retry|attempts?|tries)\b/i,
];

/** A message without the text that a program adds before and after it. */
function bare(text: string): string {
  const start = text
    .replace(/^[^]*?Resource handler returned message: "/, '')
    .replace(/^(?:[\w$]+\.)+[A-Z]\w*(?:Exception|Fault|Error): /, '')
    .replace(/^[A-Z]\w+-RDS\w+ : /, '')
    .replace(/^"/, '');
  const ends = tails.map((tail) => start.search(tail)).filter((end) => end > 0);
  const end = Math.min(start.length, ...ends);
  return unescaped(start.slice(0, end))
    .trim()
    .replace(/^([^"]*)"$/, '$1');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Replaces the entities of XML by the characters that they stand for. */
function unescaped(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}
