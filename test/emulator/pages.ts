import type { Rewrite } from './proxy.ts';

/**
 * The lists that the program reads, by operation: the element of one item in XML, or the field in
 * JSON. The emulator returns most of them on one page.
 */
export const lists: Readonly<Record<string, string>> = {
  'rds:DescribeDBClusters': 'DBCluster',
  'rds:DescribeDBClusterSnapshots': 'DBClusterSnapshot',
  'iam:ListUserPolicies': 'member',
  'iam:ListAttachedUserPolicies': 'member',
  'iam:ListGroupsForUser': 'member',
  'iam:ListGroupPolicies': 'member',
  'iam:ListAttachedGroupPolicies': 'member',
  'iam:ListRolePolicies': 'member',
  'iam:ListAttachedRolePolicies': 'member',
  'kms:ListGrants': 'Grants',
  'kms:ListAliases': 'Aliases',
  'kms:ListResourceTags': 'Tags',
};

/** Reduces a list in an answer to the one item that the marker of the request names. */
export const onePerPage: Rewrite = (operation, asked, answer) => {
  const item = lists[operation];
  if (item === undefined) return answer;
  return operation.startsWith('kms:') ? jsonPage(item, asked, answer) : xmlPage(operation, { item, asked, answer });
};

function jsonPage(item: string, asked: string, answer: string): string {
  const request: unknown = JSON.parse(asked);
  const whole: unknown = JSON.parse(answer);
  if (typeof request !== 'object' || request === null || typeof whole !== 'object' || whole === null) return answer;
  const items: unknown = Reflect.get(whole, item);
  const index = Number(Reflect.get(request, 'Marker') ?? 0);
  if (!Array.isArray(items)) return answer;
  const more = index + 1 < items.length;
  return JSON.stringify({
    [item]: items.slice(index, index + 1),
    Truncated: more,
    ...(more ? { NextMarker: String(index + 1) } : {}),
  });
}

interface XmlList {
  readonly item: string;
  readonly asked: string;
  readonly answer: string;
}

function xmlPage(operation: string, { item, asked, answer }: XmlList): string {
  const index = Number(new URLSearchParams(asked).get('Marker') ?? 0);
  const items = [...answer.matchAll(new RegExp(`<${item}>.*?</${item}>`, 'gs'))].map(([text]) => text);
  if (items.length < 2) return answer;
  const [first, last] = [answer.indexOf(items[0] ?? ''), answer.lastIndexOf(`</${item}>`) + item.length + 3];
  const more = index + 1 < items.length;
  const truncated = operation.startsWith('iam:') ? `<IsTruncated>${more}</IsTruncated>` : '';
  const marker = more ? `<Marker>${index + 1}</Marker>` : '';
  const result = `</${operation.slice(4)}Result>`;
  return `${answer.slice(0, first)}${items[index] ?? ''}${answer.slice(last)}`
    .replace(/<IsTruncated>\w+<\/IsTruncated>|<Marker>.*?<\/Marker>|<Marker ?\/>/g, '')
    .replace(result, `${truncated}${marker}${result}`);
}
