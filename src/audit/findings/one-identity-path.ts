import { groupBy } from '../../base/group.ts';
import type { EstateAnswer } from '../asking.ts';
import type { Estate } from '../estate.ts';
import { holdersOf, openFactsOf, restoresBySource } from '../restorable.ts';
import { waysInto } from '../ways-in.ts';
import { type FindingRow, wellArchitected } from './finding.ts';

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
    const providers = new Map<EstateAnswer, string | undefined>();
    const found = estate.backups.flatMap(({ source }) => {
      const answer = answers.get(source.arn);
      if (answer === undefined) return [];
      if (!providers.has(answer)) providers.set(answer, providerOf(estate, answer));
      const provider = providers.get(answer);
      return provider === undefined ? [] : [{ source, provider, holders: holdersOf(answer) }];
    });
    return [...groupBy(found, ({ source, provider }) => `${source.account} ${provider}`).values()].map((all) => {
      const [{ source, provider }] = all;
      const isOpen = ({ holders }: (typeof all)[number]): boolean => holders.open.length + holders.lacks.length > 0;
      const certain = all.filter((one) => !isOpen(one));
      const open = all.filter(isOpen);
      return {
        code: 'one-identity-path',
        account: source.account,
        region: undefined,
        subject: provider,
        severity: 'note',
        affected: { backups: certain.map((one) => one.source.arn) },
        maybe: { backups: open.map((one) => one.source.arn) },
        dependsOn: [...new Set(open.map(({ holders }) => holders))].flatMap(openFactsOf),
        statements: [],
        provider,
        holders: [...new Set(all.flatMap(({ holders }) => holders.people))].toSorted(),
      };
    });
  },
};

/** The provider behind everybody who can. A root user has no provider, and is for emergencies. */
function providerOf({ directory }: Pick<Estate, 'directory'>, answer: EstateAnswer): string | undefined {
  const found = new Set<string>();
  for (const arn of holdersOf(answer).people) {
    const ways = waysInto(directory, arn);
    if (ways === undefined) return undefined;
    for (const way of ways) {
      if (way.is !== 'provider') return undefined;
      found.add(way.provider);
    }
    if (found.size > 1) return undefined;
  }
  const [only] = found;
  return only;
}
