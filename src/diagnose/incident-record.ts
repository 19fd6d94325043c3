import * as v from 'valibot';
import { Failure } from '../base/failure.ts';
import { deepestNesting, isJson, isList, isTooDeep, type Json } from '../base/json.ts';
import { looseObject, typeFault } from '../base/objects.ts';
import { type InputReader, readBy, type Spot } from '../evidence/readers/reader.ts';
import { type BackupJob, isBackupEvent, isBackupJob, readBackupJob } from './backup-job.ts';
import { readError } from './error-text.ts';
import { recordsOfCsv, recordsOfQuery } from './query-results.ts';
import { parsedIfJson, type WrappedText, wrappedTexts } from './wrapped-texts.ts';

/*
 * The input of a diagnosis: a CloudTrail event, an RDS event, an export task, an AWS Backup job, or
 * just an error text. All except the error text are JSON in the formats of AWS's own tools. Few
 * fields are required, because the fields depend on the caller and the API.
 */

const optionalText = v.optional(v.nullable(v.string()));
const instant = v.pipe(
  v.string(),
  v.check(
    (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)),
    'is not a time such as 2026-11-02T03:14:07Z',
  ),
);

const userIdentity = looseObject({
  type: optionalText,
  arn: optionalText,
  principalId: optionalText,
  accessKeyId: optionalText,
  accountId: optionalText,
  invokedBy: optionalText,
  sessionContext: v.optional(
    v.nullable(
      looseObject({
        attributes: v.optional(looseObject({ mfaAuthenticated: optionalText, creationDate: optionalText })),
        sourceIdentity: optionalText,
        sessionIssuer: v.optional(v.nullable(looseObject({ arn: optionalText }))),
        webIdFederationData: v.optional(v.nullable(looseObject({ federatedProvider: optionalText }))),
      }),
    ),
  ),
});

const cloudTrailRecord = looseObject({
  eventSource: v.string(),
  eventName: v.string(),
  eventTime: instant,
  awsRegion: v.string(),
  userIdentity,
  eventID: optionalText,
  errorCode: optionalText,
  errorMessage: optionalText,
  sourceIPAddress: optionalText,
  userAgent: optionalText,
  vpcEndpointId: optionalText,
  requestParameters: v.optional(v.nullable(looseObject({}))),
  resources: v.optional(v.nullable(v.array(looseObject({ ARN: optionalText })))),
});

/**
 * An RDS event as EventBridge delivers it in `detail`. DescribeEvents prints the same fields,
 * except EventID.
 */
const rdsEvent = looseObject({
  Message: v.string(),
  SourceIdentifier: v.string(),
  SourceArn: optionalText,
  EventID: optionalText,
  Date: optionalText,
});

/** An RDS event as an RDS event subscription sends it through SNS. */
const rdsNotification = looseObject({
  'Event Message': v.string(),
  'Source ID': v.string(),
  'Source ARN': optionalText,
  'Event ID': optionalText,
  'Event Time': optionalText,
});

function ofNotification(event: v.InferOutput<typeof rdsNotification>): RdsEvent {
  return {
    Message: event['Event Message'],
    SourceIdentifier: event['Source ID'],
    SourceArn: event['Source ARN'],
    // The value is a link to the documentation of the event, such as `...#RDS-EVENT-0419`.
    EventID: event['Event ID']?.replace(/^.*#/, ''),
    Date: event['Event Time']?.replace(/^(\S+) (\S+)$/, '$1T$2Z'),
  };
}

const exportTask = looseObject({
  ExportTaskIdentifier: v.string(),
  SourceArn: v.string(),
  Status: v.string(),
  FailureCause: optionalText,
  S3Bucket: optionalText,
  IamRoleArn: optionalText,
  KmsKeyId: optionalText,
  TaskStartTime: optionalText,
});

export type CloudTrailRecord = v.InferOutput<typeof cloudTrailRecord>;
export type RdsEvent = v.InferOutput<typeof rdsEvent>;
export type ExportTask = v.InferOutput<typeof exportTask>;

export type IncidentRecord =
  | { readonly is: 'CloudTrail event'; readonly event: CloudTrailRecord }
  | { readonly is: 'RDS event'; readonly event: RdsEvent }
  | { readonly is: 'export task'; readonly task: ExportTask }
  | { readonly is: 'backup job'; readonly job: BackupJob }
  /** `code`: the error code next to the text. */
  | { readonly is: 'error text'; readonly text: string; readonly code?: string };

const expected =
  'give a CloudTrail record (alone, in `Records`, from `lookup-events`, or as `detail` of an EventBridge event), an RDS event, the output of `describe-export-tasks`, an AWS Backup job (`describe-copy-job`), or an error text';

/**
 * The record in a file. `from`: the name of the file in messages. `eventId`: chooses one of several
 * events.
 * @throws Failure if the format is unknown, or if the file has several events and none is chosen
 */
export function readIncident(from: string, text: string, eventId?: string): IncidentRecord {
  const plain = text.replace(/^\uFEFF/, '').trim();
  if (plain === '')
    throw new Failure('input', `${from}: the ${from === '--error' ? 'text' : 'file'} is empty`, expected);
  const json = jsonOf(from, plain);
  if (json === undefined) {
    if (eventId === undefined) return textAround(plain);
    throw new Failure('input', `${from}: an error text has no event \`${eventId}\``, 'leave out --event-id');
  }
  const wrapped = understood(wrappedTexts(json));
  if (wrapped !== undefined && !holdsRecord(json)) return { is: 'error text', ...wrapped };
  const items = unpacked(from, json, '');
  const meant = eventId === undefined ? items : items.filter(([, item]) => isCalled(item, eventId));
  const records = (meant.length === 0 ? items : meant).map(([path, item]) =>
    readBy(incidentReaders, notUnderstood, item, { from, path }),
  );
  const [only, ...others] = records;
  if (only === undefined) throw new Failure('input', `${from}: no event found`, expected);
  if (meant.length === 0)
    throw new Failure('input', `${from}: no event \`${eventId ?? ''}\``, `the file has ${listed(records)}`);
  if (others.length > 0) throw new Failure('input', `${from}: ${records.length} events found`, advice(records));
  return only;
}

/**
 * The JSON of a file, also from the lines of a log or from a query result. Undefined: the file is
 * plain text.
 */
function jsonOf(from: string, text: string): unknown {
  // A `[` is not always JSON: `[ERROR] ...` is a line of a log.
  if (!/^(?:\{|\[\s*[[{\]])/.test(text)) return recordsOfLog(text) ?? recordsOfCsv(text, from);
  const json = parsed(from, text);
  return recordsOfQuery(json, from) ?? json;
}

/**
 * The records of a log in the format of `aws logs tail`: each line has a time, the name of a
 * stream, and JSON.
 */
function recordsOfLog(text: string): readonly unknown[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = lines.map((line) =>
    parsedIfJson(/^\d{4}-\d\d-\d\dT\S+\s+(?:\S+\s+)?(\{.*\})\s*$/.exec(line)?.[1] ?? ''),
  );
  const isOfRecords = found.every((json) => json !== undefined && !isTooDeep(json) && holdsRecord(json));
  return isOfRecords ? found : undefined;
}

/** A program may print the error as JSON after its own words: `FAILED! => {"msg": ...}`. */
function textAround(text: string): IncidentRecord {
  const start = text.search(/[{[]\s*["{[]/);
  const inner = start < 0 ? undefined : parsedIfJson(text.slice(start));
  const wrapped = inner === undefined ? undefined : understood(wrappedTexts(inner));
  const isPlain = readError(start < 0 ? text : text.slice(0, start)) !== undefined;
  return wrapped === undefined || isPlain ? { is: 'error text', text } : { is: 'error text', ...wrapped };
}

/**
 * The first text that is an error. A text that is an error without its code comes before a text
 * that needs its code.
 */
function understood(texts: readonly WrappedText[]): WrappedText | undefined {
  const known = texts.filter(({ text, code }) => readError(text, codeBeside(code)) !== undefined);
  const found = known.find(({ text }) => readError(text) !== undefined) ?? known[0];
  if (found === undefined) return undefined;
  const code = readError(found.text)?.code === undefined ? codeBeside(found.code) : undefined;
  return { text: found.text, ...(code === undefined ? {} : { code }) };
}

/**
 * The error code next to a text. Undefined: the value is not an AWS error code, such as
 * ClientError.
 */
function codeBeside(code: string | undefined): string | undefined {
  return code !== undefined && readError(code) !== undefined ? readError(code)?.code : undefined;
}

/**
 * Whether JSON contains an AWS record. A record has more facts than an error text in the same JSON.
 */
function holdsRecord(json: unknown, depth = 0): boolean {
  if (depth > deepest) return false;
  if (isList(json)) return json.some((item) => holdsRecord(item, depth + 1));
  if (!isJson(json)) return false;
  if (isBackupEvent(json) || incidentReaders.some(({ recognizes }) => recognizes(json))) return true;
  if (Object.hasOwn(json, 'CloudTrailEvent') || recordIn(json, depth) !== undefined) return true;
  return envelopes.some((name) => holdsRecord(ownField(json, name), depth + 1));
}

function ownField(json: Json, name: string): unknown {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

/** Whether an item has an ID. The item is not validated yet. */
function isCalled(item: unknown, id: string): boolean {
  const names = ['eventID', 'EventID', 'ExportTaskIdentifier', 'CopyJobId', 'RestoreJobId', 'BackupJobId', 'id'];
  return isJson(item) && names.some((name) => ownField(item, name) === id);
}

const shown = 5;

function advice(records: readonly IncidentRecord[]): string {
  return records.every((record) => idOf(record) !== undefined)
    ? `choose one with --event-id: ${listed(records)}`
    : 'pass a file with one event';
}

/** Lists events for a message. If RDS refused any of the events, lists only these. */
function listed(records: readonly IncidentRecord[]): string {
  const refused = records.filter(
    (record) =>
      record.is === 'CloudTrail event' &&
      record.event.eventSource.startsWith('rds.') &&
      typeof record.event.errorCode === 'string',
  );
  const likely = refused.length > 0 ? refused : records;
  const more = records.length - Math.min(likely.length, shown);
  return `${likely.slice(0, shown).map(inWords).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function inWords(record: IncidentRecord): string {
  const id = idOf(record) ?? 'without id';
  if (record.is !== 'CloudTrail event') return id;
  const { eventName, eventTime, errorCode } = record.event;
  return `${id} (${eventName} at ${eventTime}${errorCode === undefined || errorCode === null ? '' : `, ${errorCode}`})`;
}

function idOf(record: IncidentRecord): string | undefined {
  switch (record.is) {
    case 'CloudTrail event':
      return record.event.eventID ?? undefined;
    case 'export task':
      return record.task.ExportTaskIdentifier;
    case 'RDS event':
      return record.event.EventID ?? undefined;
    case 'backup job':
      return record.job.id;
    case 'error text':
      return undefined;
  }
}

function parsed(from: string, text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const lines = recordsByLine(text);
    if (lines !== undefined) return lines;
    const says = error instanceof Error ? error.message : 'unreadable';
    throw new Failure('input', `${from}: not JSON (${says})`, 'check that the file is complete', error);
  }
  if (isTooDeep(json)) throw new Failure('input', `${from}: nested more than ${deepestNesting} levels deep`, expected);
  return json;
}

/** Several records, one per line. Undefined: a line is not JSON, or there is only one line. */
function recordsByLine(text: string): readonly unknown[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = lines.map(parsedIfJson).filter((json) => isJson(json) && !isTooDeep(json));
  return found.length > 1 && found.length === lines.length ? found : undefined;
}

/** The maximum depth of nested lists, envelopes and JSON texts. */
const deepest = 6;

/** Fields that hold one or many records. */
const envelopes: readonly string[] = [
  'Records',
  'Events',
  'ExportTasks',
  'CopyJob',
  'CopyJobs',
  'RestoreJobs',
  'BackupJobs',
  'detail',
  // CloudWatch Logs (`filter-log-events` and subscriptions), SNS and SQS.
  'events',
  'logEvents',
  'Sns',
  'Messages',
  // A row that the console of CloudWatch Logs Insights exports.
  '@message',
];

/** Fields that may hold a record as JSON text: logs, SNS and SQS. */
const recordTexts: readonly string[] = ['message', '@message', 'Message', 'body', 'Body'];

/** The record that a field of a log or message holds as JSON text, and the name of the field. */
function recordIn(json: Json, depth: number): readonly [name: string, record: unknown] | undefined {
  for (const name of recordTexts) {
    const text = ownField(json, name);
    const inner = typeof text === 'string' ? parsedIfJson(text) : undefined;
    if (inner !== undefined && holdsRecord(inner, depth + 1)) return [name, inner];
  }
  return undefined;
}

/** The items in lists and envelopes, each with its path. */
function unpacked(
  from: string,
  json: unknown,
  path: string,
  depth = 0,
): readonly (readonly [path: string, item: unknown])[] {
  if (depth > deepest) return [[path, json]];
  if (isList(json)) return json.flatMap((item, index) => unpacked(from, item, `${path}[${index}]`, depth + 1));
  if (!isJson(json) || isBackupEvent(json)) return [[path, json]];
  for (const name of envelopes) {
    const inner = ownField(json, name);
    if (isJson(inner) || isList(inner)) return unpacked(from, inner, path === '' ? name : `${path}.${name}`, depth + 1);
  }
  const held = recordIn(json, depth);
  if (held !== undefined) return unpacked(from, held[1], path === '' ? held[0] : `${path}.${held[0]}`, depth + 1);
  const inText = ownField(json, 'CloudTrailEvent');
  if (typeof inText !== 'string') return [[path, json]];
  const where = path === '' ? 'CloudTrailEvent' : `${path}.CloudTrailEvent`;
  return [[where, parsed(`${from}: \`${where}\``, inText)]];
}

/** The formats of input. Each has a field that no other format has. */
const incidentReaders: readonly InputReader<IncidentRecord>[] = [
  {
    recognizes: (json) => has(json, 'ExportTaskIdentifier'),
    read: (json, spot) => ({ is: 'export task', task: verified(spot, exportTask, json) }),
  },
  {
    recognizes: isBackupJob,
    read: (json, { from }) => ({ is: 'backup job', job: readBackupJob(json, from) }),
  },
  {
    recognizes: (json) => has(json, 'SourceIdentifier') && has(json, 'Message'),
    read: (json, spot) => ({ is: 'RDS event', event: verified(spot, rdsEvent, json) }),
  },
  {
    recognizes: (json) => has(json, 'Source ID') && has(json, 'Event Message'),
    read: (json, spot) => ({ is: 'RDS event', event: ofNotification(verified(spot, rdsNotification, json)) }),
  },
  {
    recognizes: (json) => has(json, 'eventName') || has(json, 'eventSource') || has(json, 'userIdentity'),
    read: (json, spot) => ({ is: 'CloudTrail event', event: verified(spot, cloudTrailRecord, json) }),
  },
];

function has(json: unknown, name: string): boolean {
  return isJson(json) && Object.hasOwn(json, name);
}

function notUnderstood(json: unknown, { from, path }: Spot): never {
  if (has(json, 'evidenceVersion'))
    throw new Failure('input', `${from}: this is an evidence file, not an event`, 'give the file with --evidence');
  if (has(json, 'DecodedMessage') || has(json, 'explicitDeny'))
    throw new Failure(
      'input',
      `${from}: this is a decoded authorization message, which shows neither the request nor its time`,
      'pass the CloudTrail event of the call that was denied: `context` of the message has its principal, action and resource',
    );
  if (has(json, 'insightDetails'))
    throw new Failure(
      'input',
      `${from}: an Insights event counts requests, and shows none of them`,
      'pass one of the requests: `aws cloudtrail lookup-events` lists them by their event name',
    );
  const what = path === '' ? 'this JSON' : `\`${path}\``;
  throw new Failure('input', `${from}: ${what} is not a known kind of event`, expected);
}

function verified<Schema extends v.GenericSchema>(
  { from, path }: Spot,
  schema: Schema,
  item: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, item);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const { message, received, path: inner } = issue;
  const keys = (inner ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const where = `${path}${keys}`.replace(/^\./, '');
  const says = received === 'undefined' ? 'is missing' : message.startsWith('is ') ? message : typeFault(issue);
  throw new Failure('input', `${from}: \`${where}\` ${says}`, expected);
}
