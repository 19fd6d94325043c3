import { type Arn, accountOf, isRootArn, parseArn, shortName } from './arn.ts';
import { groupBy } from './group.ts';
import { list, numberText } from './wording.ts';

/*
 * Lists of resource names. Resources of several Regions, accounts or types can have the same name,
 * so a list distinguishes them.
 */

/**
 * The names of resources, each once. If several resources share a name, the Region and account that
 * distinguish them follow, or the full ARN replaces the name. `nameOf`: names one resource.
 */
export function distinctNames(arns: readonly string[], nameOf: (arn: string) => string = shortName): readonly string[] {
  const distinct = [...new Set(arns)];
  const alike = groupBy(distinct, nameOf);
  return distinct.map((arn) => {
    const name = nameOf(arn);
    const others = (alike.get(name) ?? []).filter((one) => one !== arn);
    return others.length === 0 ? name : placedName(arn, name, others);
  });
}

/**
 * Names principals by their ARNs, for readers who think of the principals of one account. Another
 * account can have a principal of the same name.
 */
export function namesSeenFrom(home: string): (arn: string) => string {
  return (arn) => {
    const account = accountOf(arn);
    if (account === home || account === '') return shortName(arn);
    return `${isRootArn(arn) ? 'the root user' : shortName(arn)} of account ${account}`;
  };
}

/** At most this many names of resources, and the number of the others: `a, b and 3 more`. */
export function someNames(arns: readonly string[], most: number, nameOf?: (arn: string) => string): string {
  const distinct = [...new Set(arns)];
  const more = distinct.length - most;
  const names = distinctNames(distinct.slice(0, most), nameOf);
  return list(more > 0 ? [...names, `${numberText(more)} more`] : names);
}

/** `others`: the other resources with this name. */
function placedName(arn: string, name: string, others: readonly string[]): string {
  const own = parseArn(arn);
  const places = others.map(parseArn);
  if (own === undefined) return arn;
  const differs = (part: 'region' | 'account', from: Arn | undefined): boolean => from?.[part] !== own[part];
  if (places.some((place) => !differs('region', place) && !differs('account', place))) return arn;
  const region = places.some((place) => differs('region', place)) && own.region !== '' ? ` in ${own.region}` : '';
  const account = places.some((place) => differs('account', place)) ? ` of account ${own.account}` : '';
  return `${name}${region}${account}`;
}
