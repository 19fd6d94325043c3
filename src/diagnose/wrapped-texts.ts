import { isJson, isList } from '../base/json.ts';

/*
 * Finds error texts in JSON that programs print: Lambda, Step Functions, Ansible, boto3, the SDK
 * for JavaScript, CloudFormation, Systems Manager, and logs.
 */

/** A text that may be an error, and the code next to it. */
export interface WrappedText {
  readonly text: string;
  readonly code?: string;
}

/** Fields that hold an error text, the most likely first. */
const textNames: readonly string[] = [
  'errormessage',
  'cause',
  'statusmessage',
  'resourcestatusreason',
  'statusreason',
  'failurecause',
  'failuremessage',
  'message',
  'msg',
  'reason',
  'module_stderr',
  'stderr',
  'exception',
  'log',
];

/** Fields that hold an error code. */
const codeNames: readonly string[] = ['errorcode', 'code', 'errortype', 'error_code', '__type', 'name', 'error'];

/** Fields that hold an object or list with an error text, or JSON as a text. */
const wrapperNames: readonly string[] = [
  'error',
  'errors',
  'response',
  'responsepayload',
  'payload',
  'body',
  'detail',
  'output',
  'result',
  'results',
  'record',
  'data',
  'diagnostic',
  'diagnostics',
  'stackevents',
  'operationevents',
  // Kubernetes, where AWS controllers report errors.
  'items',
  'status',
  'conditions',
  'events',
  'taskfailedeventdetails',
  'executionfailedeventdetails',
  'lambdafunctionfailedeventdetails',
  'automationexecution',
  'stepexecutions',
];

const deepest = 8;
const most = 200;

/** The possible error texts in JSON, the most likely first. */
export function wrappedTexts(json: unknown, depth = 0): readonly WrappedText[] {
  if (depth > deepest) return [];
  if (isList(json)) return json.slice(0, most).flatMap((item) => wrappedTexts(item, depth + 1));
  if (!isJson(json)) return [];
  const fields = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]));
  const code = codeNames.map((name) => fields.get(name)).find((value) => typeof value === 'string');
  const own = textNames.flatMap((name) => ofField(fields.get(name), code, depth));
  const inner = wrapperNames.flatMap((name) => ofField(fields.get(name), undefined, depth));
  return [...own, ...inner].slice(0, most);
}

function ofField(value: unknown, code: unknown, depth: number): readonly WrappedText[] {
  if (typeof value !== 'string') return wrappedTexts(value, depth + 1);
  const nested = parsedIfJson(value);
  if (nested !== undefined) return wrappedTexts(nested, depth + 1);
  return [{ text: value, ...(typeof code === 'string' ? { code } : {}) }];
}

/** The object or list in a JSON text. Undefined: the text is not JSON, or is another JSON value. */
export function parsedIfJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return isJson(json) || isList(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
