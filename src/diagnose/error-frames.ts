/*
 * How programs show an AWS error: what they put before, behind and around its message. Data, to
 * be extended by a row.
 */

/** What a program tells of an error besides its message. `code`, `api`: as far as it tells. */
export interface Framed {
  readonly code?: string;
  readonly api?: string;
  readonly message: string;
}

/** `code`, `api`, `service` and `message` as far as a frame tells. */
const frames: readonly RegExp[] = [
  // AWS CLI, boto3, Ansible.
  /An error occurred \((?<code>[\w.]+)\) when calling the (?<api>\w+) operation(?: \([^)]*\))?[^:]*?: (?<message>[^]*)/,
  // AWS SDK for Go 2, Terraform, Pulumi.
  /operation error (?<service>[\w ]+): (?<api>\w+),.*?\b(?!StatusCode|RequestID|HostID)(?<code>[A-Z][\w.]+): (?<message>[^]*)/,
  // What RDS itself answers.
  /<Code>(?<code>[\w.]+)<\/Code>\s*<Message>(?<message>[^]*?)<\/Message>/,
  // AWS SDK for Java 1, CloudFormation.
  /^(?<message>[^]*?)\s?\(Service: [^;)]+; Status Code: \d+; Error Code: (?<code>[\w.]+)[^)]*\)/,
  // What CloudFormation calls a denial, where its text has no code.
  /^(?<message>[^]*?)"? \(RequestToken: [\w-]+, HandlerErrorCode: (?<code>AccessDenied)\)/,
];

/** Services whose APIs are those of RDS. */
const likeRds: readonly string[] = ['rds', 'docdb', 'neptune'];

/**
 * The frame around an error, if it is known. `isCode`: whether a word looks like an error code.
 */
export function framedBy(text: string, isCode: (word: string) => boolean): Framed {
  for (const frame of frames) {
    const { code, api, service = 'rds', message = '' } = frame.exec(text)?.groups ?? {};
    if (code === undefined) continue;
    const isApi = api !== undefined && likeRds.includes(service.toLowerCase());
    return { code, ...(isApi ? { api } : {}), message: bare(message) };
  }
  // `KMSKeyNotAccessibleFault: The source ...`, with whatever a program puts before it.
  for (const found of text.matchAll(/(?<=^|[\s:("'])(?:[a-z][\w$]*\.)*(?<code>[A-Z][\w.$]*):\s/g)) {
    const start = (found.index ?? 0) + found[0].length;
    const code = found.groups?.['code']?.replace(/^.*\$/, '') ?? '';
    if (isCode(code)) return { code, message: bare(text.slice(start)) };
  }
  return isCode(text) ? { code: text, message: '' } : { message: bare(text) };
}

const escape = String.fromCharCode(27);
const bell = String.fromCharCode(7);
/** What colors a terminal, or names a window or a link. */
const steering = new RegExp(`${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?)`, 'g');

/** How much of a text is looked at: AWS's own texts are shorter, logs are longer. */
const longest = 16_000;
/** How much before an error may belong to it: what a program puts before the code. */
const before = 2000;

/** Words by which an AWS error is found in a log. */
const telltale =
  /An error occurred \(|KMSKeyNotAccessible|KMS key \[|not authorized to perform|\bAccessDenied|AccessDeniedException|\(Service: |operation error |<Code>|RequestToken: |RDS-EVENT-\d|[a-z](?:Fault|Exception|NotFound|AlreadyExists|QuotaExceeded): /;

/** The part of a long text, such as a log, that holds the first error. */
function telling(text: string): string {
  if (text.length <= longest) return text;
  const start = Math.max(0, text.search(telltale) - before);
  return text.slice(start, start + longest);
}

/** What the logs of CI systems put before each line: the time, and a mark of their own. */
const logged =
  /^[ \t]*(?:\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]+)?(?:##\[\w+\]|::(?:error|warning)[^:\n]*::|##vso\[[^\]\n]*\])?/gm;

/** The text on one line, without colors and frames. */
export function plainText(text: string): string {
  return telling(text)
    .replaceAll(steering, '')
    .replaceAll(/\[\d{1,3}(?:;\d{1,3})*m/g, '')
    .replaceAll(logged, '')
    .replaceAll(/^\s*[│╷╵]/gm, ' ')
    .replaceAll(/\\[nrt]/g, ' ')
    .replaceAll(/\\+(["'])/g, '$1')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** Where a message ends and what a program adds begins. */
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
  /\s*<(?:\?xml|!--|\/?[A-Z]\w*[^>]*>)/,
  /[,;]?\s*\(?(?:reached max(?:imum)? )?(?:retry(?: count)?|retries|attempts?|attempt count)[ :=]+#?\d+(?: ?(?:of|\/) ?\d+)?\)?/i,
  /[,;:]?\s*\(?(?:giving up )?after \d+ (?:retries|retry|attempts?|tries)\b/i,
];

/** A message without what a program puts around it. What is not a message keeps its words. */
function bare(text: string): string {
  const start = text
    .replace(/^[^]*?Resource handler returned message: "/, '')
    .replace(/^(?:[\w$]+\.)+[A-Z]\w*(?:Exception|Fault|Error): /, '')
    .replace(/^"/, '');
  const ends = tails.map((tail) => start.search(tail)).filter((end) => end > 0);
  const end = Math.min(start.length, ...ends);
  return unescaped(start.slice(0, end))
    .trim()
    .replace(/^([^"]*)"$/, '$1');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML writes some characters by name. */
function unescaped(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}
