import { globOf, matches } from '../base/glob.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { PolicyDocument } from '../evidence/schema.ts';

/**
 * A session may be opened with tags, which take the place of those of its role, if the role's trust
 * policy allows that (iam-evaluation 5.20).
 */
export function anyTagsReader({ roles, rolesByName }: Directory): (principal: Principal) => Principal {
  const known = new Map<PolicyDocument, boolean>();
  return (principal) => {
    const { type, account, roleArn } = principal;
    if (type === 'user' || type === 'root' || type === 'federated user') return principal;
    const name = roleArn ?? principal.arn;
    const trust = (roles(account)?.get(name) ?? rolesByName(account)?.get(name))?.AssumeRolePolicyDocument;
    if (trust === undefined) return { ...principal, tags: undefined };
    const mayTag = known.get(trust) ?? mayAllowTags(trust);
    known.set(trust, mayTag);
    return mayTag ? { ...principal, tags: undefined } : principal;
  };
}

function mayAllowTags(trust: PolicyDocument): boolean {
  const text = typeof trust === 'string' ? trust : JSON.stringify(trust);
  const words = [...text.matchAll(/"([^"\\]*[*?:][^"\\]*)"/g)].flatMap(([, word]) => word ?? []);
  // An escaped character or NotAction may allow it too.
  return (
    text.includes('\\') ||
    /"notaction"/i.test(text) ||
    words.some((word) => matches(globOf(word.toLowerCase()), tagSession))
  );
}

const tagSession = 'sts:tagsession';
