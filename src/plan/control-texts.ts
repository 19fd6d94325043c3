import { isJson, isList, type Json } from '../base/json.ts';
import { catalogue } from '../operations/catalogue.ts';
import { readPolicyText } from '../policy/parse.ts';

/** The services that operations call; a session of a role begins with a call of STS. */
const services: ReadonlySet<string> = new Set([
  'sts',
  ...catalogue.flatMap(({ calls }) => calls.map(({ action }) => serviceOf(action))),
]);

/**
 * Whether a control policy may have a statement with an effect that concerns a call of an operation.
 * `content`: undefined if the text is not known.
 */
export function mayHave(effect: 'Allow' | 'Deny', content: string | undefined): boolean {
  const read = content === undefined ? undefined : readPolicyText(content);
  if (read === undefined || 'fault' in read || !isJson(read.value)) return true;
  const { Statement: given } = read.value;
  return (isList(given) ? given : [given]).some(
    (one) => !isJson(one) || (one['Effect'] === effect && concernsOperations(one)),
  );
}

function concernsOperations({ Action: given }: Json): boolean {
  // A NotAction covers nearly all actions.
  return given === undefined || (isList(given) ? given : [given]).some(mayBeOfOperation);
}

function mayBeOfOperation(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return true;
  const service = serviceOf(pattern);
  return service.includes('*') || service.includes('?') || services.has(service);
}

function serviceOf(action: string): string {
  return action.slice(0, Math.max(action.indexOf(':'), 0)).toLowerCase() || action;
}
