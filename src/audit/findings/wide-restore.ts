import { isRootArn } from '../../base/arn.ts';
import { groupBy } from '../../base/group.ts';
import type { StatementRef } from '../../policy/statement-ref.ts';
import type { EstateAnswer, EstateQuestion } from '../asking.ts';
import type { Estate } from '../estate.ts';
import { backupsByKey, holdersOf, openFactsOf } from '../restorable.ts';
import { targetsOn } from '../rights.ts';
import { nameKey, type StandingGroup } from '../standings.ts';
import { type FindingRow, nis2, nothing, type OpenFact, pci } from './finding.ts';

/**
 * Backups under one key that more principals can restore or copy than are expected. Exports count
 * as well, but whether an export succeeds depends on values that only a request names.
 */
export interface WideRestore {
  readonly code: 'wide-restore';
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
  /** The maximum number of principals that are expected to be able to. */
  readonly most: number;
  /** The statements that allow it, and how many principals each of them allows. */
  readonly grantedBy: readonly GrantingStatement[];
  /** The number of other principals that may be able to export. */
  readonly exporting: number;
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
    const { copying, exporting } = takingOutQuestions(estate);
    const exports = estate.answersTo(exporting);
    const answers = groupBy(
      [...estate.restores(), ...estate.answersTo(copying), ...exports].flatMap((answer, number) =>
        answer.targets.flatMap(({ source }) => (source === undefined ? [] : [{ arn: source.arn, answer, number }])),
      ),
      ({ arn }) => arn,
    );
    const areExports = new Set(exports);
    const known = new Map<string, Reach>();
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      const found = backups.map(({ source }) => {
        const asked = answers.get(source.arn) ?? [];
        const name = asked.map(({ number }) => number).join();
        const all = asked.map(({ answer }) => answer);
        const reach =
          known.get(name) ??
          reachOf(
            all.filter((one) => !areExports.has(one)),
            all.filter((one) => areExports.has(one)),
          );
        known.set(name, reach);
        return { source, reach };
      });
      const certain = found.filter(({ reach }) => reach.able.size > most);
      const open = found.filter(
        ({ reach }) => reach.able.size <= most && (reach.able.size + reach.open > most || reach.isUnread),
      );
      if (certain.length + open.length === 0) return [];
      const reaches = [...new Set(certain.map(({ reach }) => reach))];
      const able = new Set(reaches.flatMap((reach) => [...reach.able]));
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
                  principals: [...able].toSorted(),
                },
          maybe: open.length === 0 ? nothing : { backups: open.map(({ source }) => source.arn) },
          dependsOn: [...new Set(open.map(({ reach }) => reach))].flatMap(openFactsIn),
          statements: [],
          key,
          most,
          grantedBy: grantsIn(reaches),
          exporting: new Set(reaches.flatMap(({ exporters }) => [...exporters].filter((arn) => !able.has(arn)))).size,
        },
      ];
    });
  },
};

/** The questions of who can get the data out of backups. */
export function takingOutQuestions({
  backups,
}: Pick<Estate, 'backups'>): Readonly<Record<'copying' | 'exporting', EstateQuestion>> {
  const sources = backups.flatMap(({ source, isAvailable }) => (isAvailable ? [source] : []));
  return {
    copying: { name: 'copies', targets: targetsOn('copy-snapshot', sources) },
    exporting: { name: 'exports', targets: targetsOn('export-snapshot', sources) },
  };
}

/** Who can do one of several things. */
interface Reach {
  /** The answers about restores and copies. */
  readonly answers: readonly EstateAnswer[];
  readonly able: ReadonlySet<string>;
  /** Who may be able to export. */
  readonly exporters: ReadonlySet<string>;
  /** Groups whose export depends on more than the request. */
  readonly openExports: readonly StandingGroup[];
  /** How many others may be able to do one of the things. */
  readonly open: number;
  /** Somebody who was not read may be able to. */
  readonly isUnread: boolean;
}

/**
 * The principals that can get data out, by the answers. Whoever can start an export may be able to:
 * the role, the bucket and the key that the request names decide (rds-kms-operations 4.7).
 */
function reachOf(answers: readonly EstateAnswer[], exports: readonly EstateAnswer[]): Reach {
  const all = answers.map(holdersOf);
  const able = new Set(all.flatMap(({ people }) => people));
  const exporting = exports.map(holdersOf);
  const exporters = new Set(
    exporting.flatMap(({ people, open }) => [
      ...people,
      ...open.flatMap(({ principals }) => principals.filter((arn) => !isRootArn(arn))),
    ]),
  );
  const open = all.flatMap((one) => one.open.flatMap(({ principals }) => principals));
  return {
    answers,
    able,
    exporters,
    openExports: exporting.flatMap((one) => one.open.filter(({ byAnotherRequest }) => !byAnotherRequest)),
    open: [...new Set([...open, ...exporters])].filter((arn) => !able.has(arn)).length,
    isUnread: all.some(({ lacks }) => lacks.length > 0),
  };
}

function openFactsIn({ answers, able, exporters, openExports }: Reach): readonly OpenFact[] {
  const exportsCount = [...exporters].some((arn) => !able.has(arn));
  return [
    ...answers.flatMap((answer) => openFactsOf(holdersOf(answer))),
    ...(exportsCount ? [{ is: 'unread', unread: { code: 'export-request-open' } } as const] : []),
    ...openFactsOf({ open: openExports, lacks: [] }),
  ];
}

/**
 * The statements that allow the call to RDS, those that allow most principals first. A statement of
 * a policy that several principals have counts once.
 */
function grantsIn(reaches: readonly Reach[]): readonly GrantingStatement[] {
  const allowing = reaches.flatMap(({ answers }) =>
    answers.flatMap(({ groups }) =>
      groups.flatMap(({ allowedBy }) =>
        allowedBy.flatMap(({ members, items }) => items.map((statement) => ({ statement, members }))),
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
