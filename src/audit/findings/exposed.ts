import type { Estate } from '../estate.ts';
import { unusableStateOf } from '../key-states.ts';
import { keyUses } from '../key-uses.ts';
import {
  backupsOfUnreadSharing,
  encryptionOpen,
  isTrusted,
  openOfUses,
  type ShareAnswer,
  shareAnswers,
} from '../sharing.ts';
import {
  type Affected,
  type FindingFields,
  type FindingRow,
  nist,
  nothing,
  type OpenFact,
  securityHub,
} from './finding.ts';

/** Snapshots that are shared with somebody who is not trusted and who can use them. */
export interface Exposed {
  readonly code: 'exposed';
  /** ARN. Undefined: the snapshots name no key. */
  readonly key: string | undefined;
  /** An account ID, or `all`. Undefined: the share list of the snapshots was not read. */
  readonly with: string | undefined;
  /** The state of the key because of which nobody can use the key for now. */
  readonly keyState: string | undefined;
}

export const exposed: FindingRow<Exposed> = {
  code: 'exposed',
  frameworks: [securityHub('RDS.1'), nist('AC-3')],
  find: (estate) => [...shareAnswers(estate).flatMap((one) => exposedTo(estate, one)), ...perhapsShared(estate)],
};

type ExposedFound = FindingFields & Exposed;

function exposedTo(estate: Estate, { shared, answers }: ShareAnswer): readonly ExposedFound[] {
  const { account, region, key, with: other } = shared;
  const trusted = other === 'all' ? false : isTrusted(estate, other);
  if (trusted === true) return [];
  const usable = answers.filter(({ use }) => use.holds === 'yes');
  const open = answers.filter(({ use }) => use.holds === 'maybe');
  if (usable.length + open.length === 0) return [];
  const certain = trusted === false ? usable : [];
  const uncertain = trusted === false ? open : [...usable, ...open];
  const things = (all: typeof answers): Affected =>
    all.length === 0 ? nothing : { backups: all.map(({ backup }) => backup.source.arn), accounts: [other] };
  const unread: readonly OpenFact[] = [
    ...(trusted === undefined
      ? [{ is: 'unread', unread: { code: 'account-membership-unread', account: other } } as const]
      : []),
    ...open.flatMap(({ backup, use }) => (openOfUses([use]).length > 0 ? [] : [encryptionOpen(backup)])),
  ];
  return [
    {
      code: 'exposed',
      account,
      region,
      subject: key ?? shared.backups[0].source.arn,
      principal: other,
      severity: 'critical',
      affected: things(certain),
      maybe: things(uncertain),
      dependsOn: [...unread, ...openOfUses(open.map(({ use }) => use))],
      statements: (certain.length > 0 ? certain : uncertain).flatMap(({ use }) => use.statements),
      key,
      with: other,
      keyState: key === undefined ? undefined : unusableStateOf(estate.directory.key(key)),
    },
  ];
}

/**
 * Findings about snapshots whose share list was not read. A snapshot that nobody outside could
 * decrypt is not exposed.
 */
function perhapsShared(estate: Estate): readonly ExposedFound[] {
  const open = backupsOfUnreadSharing(estate);
  const uses = keyUses(estate);
  const subjects = new Map<string, typeof open>();
  for (const backup of open) {
    const { source, key } = backup;
    const isClosed = key !== undefined && uses(key).every(({ isTrusted: trusted }) => trusted === true);
    const isOwnKey = key !== undefined && source.encrypted !== false;
    if (isClosed && isOwnKey) continue;
    const subject = key ?? source.arn;
    subjects.set(subject, [...(subjects.get(subject) ?? []), backup]);
  }
  return [...subjects].flatMap(([subject, backups]) => {
    const [first] = backups;
    if (first === undefined) return [];
    const arns = backups.map(({ source }) => source.arn);
    return [
      {
        code: 'exposed',
        account: first.source.account,
        region: first.source.region,
        subject,
        severity: 'critical',
        affected: nothing,
        maybe: { backups: arns },
        dependsOn: arns.map((of) => ({ is: 'unread', unread: { code: 'backup-sharing-unread', of } }) as const),
        statements: [],
        key: first.key,
        with: undefined,
        keyState: undefined,
      },
    ];
  });
}
