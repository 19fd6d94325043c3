import { groupBy } from '../../base/group.ts';
import type { EstateAnswer } from '../asking.ts';
import type { Estate } from '../estate.ts';
import { type Holders, holdersOf, openFactsOf, restoresBySource, supposedHolders } from '../restorable.ts';
import { originsOf } from '../ways-in.ts';
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

/**
 * The provider that is behind everybody who can restore. A root user has no provider, and is for
 * emergencies.
 */
function pathOf(estate: Pick<Estate, 'waysInto'>, answer: EstateAnswer): Path | undefined {
  for (const supposed of supposedHolders(holdersOf(answer))) {
    const path = pathOfAll(estate, supposed);
    if (path !== undefined) return path;
  }
  return undefined;
}

function pathOfAll({ waysInto }: Pick<Estate, 'waysInto'>, holders: Holders): Path | undefined {
  const found = new Set<string>();
  const unread: OpenFact[] = [];
  for (const arn of holders.people) {
    const origins = originsOf(waysInto, arn);
    for (const of of origins.unread) unread.push({ is: 'unread', unread: { code: 'ways-in-unread', of } });
    if (origins.isOther) return undefined;
    for (const one of origins.providers) found.add(one);
    if (found.size > 1) return undefined;
  }
  const [provider] = found;
  return provider === undefined
    ? undefined
    : { provider, holders: holders.people, facts: [...unread, ...openFactsOf(holders)] };
}
