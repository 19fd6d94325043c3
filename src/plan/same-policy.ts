import { sameJson } from '../base/json.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';

/** Whether two policies have the same JSON, which may be text or URL-encoded text. */
export function isSamePolicy(one: PolicyDocument, other: PolicyDocument): boolean {
  return one === other || sameJson(jsonOf(one), jsonOf(other));
}

function jsonOf(document: PolicyDocument): unknown {
  if (typeof document !== 'string') return document;
  const read = readPolicyText(document);
  return 'fault' in read ? document : read.value;
}
