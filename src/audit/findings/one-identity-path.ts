import { groupBy } from '../../base/group.ts';
import { parsePrincipalArn } from '../../base/principal-arn.ts';
import type { Directory } from '../../evidence/directory.ts';
import type { EstateAnswer } from '../asking.ts';
import type { Estate } from '../estate.ts';
import { holdersOf, openFactsOf, restoresBySource } from '../restorable.ts';
import { waysInto } from '../ways-in.ts';
import { type FindingRow, type OpenFact, wellArchitected } from './finding.ts';

/** Backups that nobody can restore without one identity provider. */
export interface OneIdentityPath {
  readonly code: 'one-identity-path';
  /** ARN, or the name of a provider of web identities. */
  readonly provider: string;
  /** ARNs of all who can restore some of the backups. */
  readonly holders: readonly string[];
}

export const oneIdentityPath: FindingRow<OneIdentityPath> = {
  code: 'one-identity-path',
  frameworks: [wellArchitected('SEC03-BP03')],
  find(estate) {
    const answers = restoresBySource(estate);
    const paths = new Map<EstateAnswer, Path | undefined>();
    const found = estate.backups.flatMap(({ source }) => {
      const answer = answers.get(source.arn);
      if (answer === undefined) return [];
      if (!paths.has(answer)) paths.set(answer, pathOf(estate, answer));
      const path = paths.get(answer);
      return path === undefined ? [] : [{ source, path }];
    });
    return [...groupBy(found, ({ source, path }) => `${source.account} ${path.provider}`).values()].map((all) => {
      const [
        {
          source,
          path: { provider },
        },
      ] = all;
      const certain = all.filter(({ path }) => path.facts.length === 0);
      const open = all.filter(({ path }) => path.facts.length > 0);
      return {
        code: 'one-identity-path',
        account: source.account,
        region: undefined,
        subject: provider,
        severity: 'note',
        affected: { backups: certain.map((one) => one.source.arn) },
        maybe: { backups: open.map((one) => one.source.arn) },
        dependsOn: [...new Set(open.map(({ path }) => path))].flatMap(({ facts }) => facts),
        statements: [],
        provider,
        holders: [...new Set(all.flatMap(({ path }) => path.holders))].toSorted(),
      };
    });
  },
};

interface Path {
  readonly provider: string;
  /** ARNs of everybody who can. */
  readonly holders: readonly string[];
  /** The facts that decide whether nobody else can in another way. */
  readonly facts: readonly OpenFact[];
}

/** The provider behind everybody who can. A root user has no provider, and is for emergencies. */
function pathOf({ directory }: Pick<Estate, 'directory'>, answer: EstateAnswer): Path | undefined {
  const holders = holdersOf(answer);
  const found = new Set<string>();
  const unread: OpenFact[] = [];
  for (const arn of holders.people) {
    const roots = rootsOf(directory, arn);
    for (const of of roots.unread) unread.push({ is: 'unread', unread: { code: 'ways-in-unread', of } });
    if (roots.isOther) return undefined;
    for (const one of roots.providers) found.add(one);
    if (found.size > 1) return undefined;
  }
  const [provider] = found;
  return provider === undefined
    ? undefined
    : { provider, holders: holders.people, facts: [...unread, ...openFactsOf(holders)] };
}

interface Roots {
  readonly providers: readonly string[];
  /** ARNs of roles whose trust policies were not read. */
  readonly unread: readonly string[];
  /** Somebody gets in without a provider. */
  readonly isOther: boolean;
}

/** Where every way to act as a principal begins. Roles that assume roles are followed. */
function rootsOf(directory: Directory, arn: string, seen: ReadonlySet<string> = new Set()): Roots {
  const ways = waysInto(directory, arn);
  if (ways === undefined) return { providers: [], unread: [arn], isOther: false };
  const all = ways.map((way): Roots => {
    if (way.is === 'provider') return { providers: [way.provider], unread: [], isOther: false };
    const isRole = way.is === 'principal' && parsePrincipalArn(way.arn)?.type === 'role';
    if (!isRole) return { providers: [], unread: [], isOther: true };
    // A role that reaches itself adds no way.
    if (way.arn === arn || seen.has(way.arn)) return { providers: [], unread: [], isOther: false };
    return rootsOf(directory, way.arn, new Set([...seen, arn]));
  });
  return {
    providers: all.flatMap(({ providers }) => providers),
    unread: all.flatMap(({ unread }) => unread),
    isOther: all.some(({ isOther }) => isOther),
  };
}
