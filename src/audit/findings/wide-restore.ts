import { groupBy } from '../../base/group.ts';
import type { StatementRef } from '../../policy/statement-ref.ts';
import type { EstateAnswer } from '../asking.ts';
import { backupsByKey, holdersOf, openFactsOf } from '../restorable.ts';
import { nameKey } from '../standings.ts';
import { type FindingRow, nis2, nothing, pci } from './finding.ts';

/** Backups under one key that more principals can restore or copy than are expected. */
export interface WideRestore {
  readonly code: 'wide-restore';
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
  /** So many may be able to. */
  readonly most: number;
  /** The statements that allow it, with those who are allowed by each. */
  readonly grantedBy: readonly GrantingStatement[];
}

export interface GrantingStatement {
  readonly statement: StatementRef;
  readonly holders: number;
}

export const wideRestore: FindingRow<WideRestore> = {
  code: 'wide-restore',
  frameworks: [pci, nis2('4.2.2')],
  find(estate) {
    const { wideRestore: most } = estate.settings;
    if (most === undefined) return [];
    const snapshots = estate.backups.flatMap(({ source, isAvailable }) =>
      isAvailable && (source.type === 'cluster-snapshot' || source.type === 'snapshot') ? [source] : [],
    );
    const answers = groupBy(
      [...estate.restores(), ...estate.whoCan('copy-snapshot', snapshots)].flatMap((answer, number) =>
        answer.targets.flatMap(({ source }) => (source === undefined ? [] : [{ arn: source.arn, answer, number }])),
      ),
      ({ arn }) => arn,
    );
    const known = new Map<string, Reach>();
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      const found = backups.map(({ source }) => {
        const asked = answers.get(source.arn) ?? [];
        const name = asked.map(({ number }) => number).join();
        const reach = known.get(name) ?? reachOf(asked.map(({ answer }) => answer));
        known.set(name, reach);
        return { source, reach };
      });
      const certain = found.filter(({ reach }) => reach.able.size > most);
      const open = found.filter(
        ({ reach }) => reach.able.size <= most && (reach.able.size + reach.open > most || reach.isUnread),
      );
      if (certain.length + open.length === 0) return [];
      const reaches = [...new Set(certain.map(({ reach }) => reach))];
      return [
        {
          code: 'wide-restore',
          account,
          region,
          subject: key ?? `unencrypted ${region}`,
          severity: 'medium',
          affected:
            certain.length === 0
              ? nothing
              : {
                  backups: certain.map(({ source }) => source.arn),
                  principals: [...new Set(reaches.flatMap(({ able }) => [...able]))].toSorted(),
                },
          maybe: open.length === 0 ? nothing : { backups: open.map(({ source }) => source.arn) },
          dependsOn: [...new Set(open.map(({ reach }) => reach))].flatMap(({ answers: asked }) =>
            asked.flatMap((answer) => openFactsOf(holdersOf(answer))),
          ),
          statements: [],
          key,
          most,
          grantedBy: grantsIn(reaches),
        },
      ];
    });
  },
};

/** Who can do one of several things. */
interface Reach {
  readonly answers: readonly EstateAnswer[];
  readonly able: ReadonlySet<string>;
  /** How many more may be able to. */
  readonly open: number;
  /** Somebody who was not read may be able to. */
  readonly isUnread: boolean;
}

function reachOf(answers: readonly EstateAnswer[]): Reach {
  const all = answers.map(holdersOf);
  const able = new Set(all.flatMap(({ people }) => people));
  const open = new Set(all.flatMap((one) => one.open.flatMap(({ principals }) => principals)));
  return {
    answers,
    able,
    open: [...open].filter((arn) => !able.has(arn)).length,
    isUnread: all.some(({ lacks }) => lacks.length > 0),
  };
}

/**
 * What allows the call to RDS, the widest first. A statement of a policy that many have counts
 * once.
 */
function grantsIn(reaches: readonly Reach[]): readonly GrantingStatement[] {
  const allowing = reaches.flatMap(({ answers }) =>
    answers.flatMap(({ groups }) =>
      groups.flatMap(({ allowedBy }) =>
        allowedBy.flatMap(({ members, told }) => told.map((statement) => ({ statement, members }))),
      ),
    ),
  );
  const byStatement = groupBy(allowing, ({ statement }) => nameKey(statement));
  return [...byStatement.values()]
    .map((all) => ({
      statement: all[0].statement,
      holders: new Set(all.flatMap(({ members }) => members)).size,
    }))
    .toSorted((one, other) => other.holders - one.holders);
}
