import { encryptionOpen, isTrusted, mayNameKey, openOfUses, shareAnswers } from '../sharing.ts';
import { type Affected, type FindingRow, nothing, wellArchitected } from './finding.ts';

/** Snapshots that are shared with somebody who cannot use their key. */
export interface ShareInert {
  readonly code: 'share-inert';
  /** ARN. Undefined: the snapshots are encrypted, but their key was not read. */
  readonly key: string | undefined;
  /** An account ID, or `all`. */
  readonly with: string;
  /** The account was read or is trusted, so the sharing was probably intended. */
  readonly isOurs: boolean;
  readonly isTrusted: boolean;
}

export const shareInert: FindingRow<ShareInert> = {
  code: 'share-inert',
  frameworks: [wellArchitected('REL09-BP04')],
  find: (estate) =>
    shareAnswers(estate).flatMap(({ shared, answers }) => {
      const { account, region, key, with: other } = shared;
      const inert = answers.filter(({ use }) => use.holds === 'no');
      // RDS shares no encrypted snapshot with everybody (rds-kms-operations 4.6). Such a share is
      // for nobody in particular, so only exposure is a risk.
      const open = (other === 'all' ? [] : answers).filter(
        ({ use, backup }) => use.holds === 'maybe' && (openOfUses([use]).length > 0 || mayNameKey(backup)),
      );
      if (inert.length + open.length === 0) return [];
      const isAllowed = isTrusted(estate, other) === true;
      const isOurs = isAllowed || estate.evidence.accounts[other] !== undefined;
      const things = (all: typeof answers): Affected =>
        all.length === 0 ? nothing : { backups: all.map(({ backup }) => backup.source.arn), accounts: [other] };
      return [
        {
          code: 'share-inert',
          account,
          region,
          subject: key ?? shared.backups[0].source.arn,
          principal: other,
          severity: isOurs ? 'high' : 'medium',
          affected: things(inert),
          maybe: things(open),
          dependsOn: [
            ...openOfUses(open.map(({ use }) => use)),
            ...open.flatMap(({ use, backup }) => (openOfUses([use]).length > 0 ? [] : [encryptionOpen(backup)])),
          ],
          statements: inert.flatMap(({ use }) => use.statements),
          key,
          with: other,
          isOurs,
          isTrusted: isAllowed,
        },
      ];
    }),
};
