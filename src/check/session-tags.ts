import { globOf, matches } from '../base/glob.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { PolicyDocument } from '../evidence/schema.ts';
import { readDocument } from '../policy/parse.ts';

/**
 * If the role's trust policy allows it, a session may have tags, which replace those of its role
 * (iam-evaluation 5.20).
 */
export function anyTagsReader(directory: Directory): (principal: Principal) => Principal {
  const known = new Map<PolicyDocument, boolean>();
  return (principal) => {
    const { type } = principal;
    if (type === 'user' || type === 'root' || type === 'federated user') return principal;
    const trust = trustOf(directory, principal);
    if (trust === undefined) return { ...principal, tags: undefined };
    const mayTag = known.get(trust) ?? mayAllow(trust, 'sts:TagSession');
    known.set(trust, mayTag);
    return mayTag ? { ...principal, tags: undefined } : principal;
  };
}

/** Whether the trust policy of a role may allow a session to start with what the action sets. */
export function mayOpenWith(directory: Directory, action: string, role: Principal): boolean {
  const trust = trustOf(directory, role);
  return trust === undefined || mayAllow(trust, action);
}

function trustOf({ roles, rolesByName }: Directory, { account, arn, roleArn }: Principal): PolicyDocument | undefined {
  const name = roleArn ?? arn;
  return (roles(account)?.get(name) ?? rolesByName(account)?.get(name))?.AssumeRolePolicyDocument;
}

function mayAllow(trust: PolicyDocument, action: string): boolean {
  const read = readDocument(trust);
  // What a policy says that cannot be read is not known.
  if ('fault' in read) return true;
  const text = JSON.stringify(read.value);
  // The strings of the document one after the other, so that the end of one is not read as the
  // start of the next.
  const words = [...text.matchAll(/"([^"\\]*)"/g)].flatMap(([, word]) => word ?? []);
  // An escaped character or NotAction may also allow the action.
  return (
    text.includes('\\') ||
    /"notaction"/i.test(text) ||
    words.some((word) => matches(globOf(word.toLowerCase()), action.toLowerCase()))
  );
}
