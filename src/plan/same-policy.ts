import { sameJson } from '../base/json.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { readDocument } from '../policy/parse.ts';

/** Whether two policies have the same JSON, which may be text or URL-encoded text. */
export function isSamePolicy(one: PolicyDocument, other: PolicyDocument): boolean {
  return one === other || sameJson(jsonOf(one), jsonOf(other));
}

function jsonOf(document: PolicyDocument): unknown {
  const read = readDocument(document);
  return 'fault' in read ? document : read.value;
}
