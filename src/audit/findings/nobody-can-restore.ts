import type { PreconditionCode } from '../../operations/operation.ts';
import { backupsByKey, holdersOf, nearestOf, openFactsOf, restoresBySource } from '../restorable.ts';
import { commonTo, fewStatements, type StandingGroup } from '../standings.ts';
import { type FindingRow, wellArchitected, worstOf } from './finding.ts';

/** Backups under one key that no principal can restore. */
export interface NobodyCanRestore {
  readonly code: 'nobody-can-restore';
  /** ARN. Undefined: the backups name no key. */
  readonly key: string | undefined;
  /** The number of principals that were checked for the backups. */
  readonly asked: number;
  /** Preconditions that stop everybody from restoring some of them. */
  readonly unmet: readonly PreconditionCode[];
  /** Whether a restore under another key is only inferred to fail. */
  readonly underAnotherKey: boolean;
  /**
   * The principal that needs the fewest changes to restore. Undefined: it is not certain that
   * nobody can.
   */
  readonly nearest: StandingGroup | undefined;
}

export const nobodyCanRestore: FindingRow<NobodyCanRestore> = {
  code: 'nobody-can-restore',
  frameworks: [wellArchitected('REL09-BP04')],
  find(estate) {
    const answers = restoresBySource(estate);
    return backupsByKey(estate).flatMap(({ account, region, key, backups }) => {
      const found = backups.flatMap((backup) => {
        const answer = answers.get(backup.source.arn);
        if (answer === undefined) return [];
        const holders = holdersOf(answer);
        if (holders.people.length + holders.roots.length > 0) return [];
        const facts = openFactsOf(holders);
        return [{ backup, answer, facts, isOpen: holders.open.length + holders.lacks.length > 0 }];
      });
      if (found.length === 0) return [];
      const certain = found.filter(({ isOpen }) => !isOpen);
      const open = found.filter(({ isOpen }) => isOpen);
      const decisive = [...new Set((certain.length > 0 ? certain : open).map(({ answer }) => answer))];
      const groups = decisive.flatMap((answer) => answer.groups);
      const isGone = (certain.length > 0 ? certain : open).map(({ backup }) => backup.isLive === false);
      return [
        {
          code: 'nobody-can-restore',
          account,
          region,
          subject: key ?? `unencrypted ${region}`,
          severity: worstOf(isGone.map((gone) => (gone ? 'critical' : 'high'))),
          affected: { backups: certain.map(({ backup }) => backup.source.arn) },
          maybe: { backups: open.map(({ backup }) => backup.source.arn) },
          dependsOn: open.flatMap(({ facts }) => facts),
          statements: fewStatements(groups.flatMap(({ denies }) => denies)),
          key,
          asked: new Set(groups.flatMap(({ principals }) => principals)).size,
          unmet: [...new Set(decisive.flatMap((answer) => commonTo(answer.groups.map(({ unmet }) => unmet))))],
          underAnotherKey: groups.some(({ standing, byAnotherRequest }) => standing === 'may' && byAnotherRequest),
          nearest: certain.length === 0 ? undefined : nearestOf(groups),
        },
      ];
    });
  },
};
