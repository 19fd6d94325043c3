import { digestOf } from '../base/digest.ts';
import { remembered } from '../base/remembered.ts';
import type { Directory } from '../evidence/directory.ts';
import { type AuditSettings, type Estate, estateOf } from './estate.ts';
import { burningQuestions } from './findings/build-and-burn.ts';
import { countOf, severities } from './findings/finding.ts';
import { mayHoldCopies, type NotReadKind } from './findings/not-read.ts';
import { type AnyFinding, findingRows } from './findings/table.ts';
import { takingOutQuestions } from './findings/wide-restore.ts';
import { keysKilledBy, killingActions } from './killers.ts';
import { backupsByKey, holdersOf, type KeyedBackups, restoresBySource } from './restorable.ts';
import { byUrgency, type Urgency, urgencyOf } from './urgency.ts';

/** A finding with its name, and the unread data that may make the finding wrong. */
export interface AuditFinding {
  /**
   * Made from the code, account, Region, subject and principal, so the ID is the same in every run.
   */
  readonly id: string;
  readonly found: AnyFinding;
  /** Whether the finding as a whole depends on something unknown. */
  readonly isOpen: boolean;
  /** Ids of findings `not-read` that may make this finding wrong or incomplete. */
  readonly weakenedBy: readonly string[];
  readonly urgency: Urgency;
}

/** Counts of backups. */
export interface BackupCounts {
  readonly backups: number;
  /** Somebody can restore them. */
  readonly restorable: number;
  /** Restorable, but only by a root user. */
  readonly byRootOnly: number;
  /** Nobody can restore them. */
  readonly byNobody: number;
  /** It depends on something unknown whether somebody can restore them. */
  readonly undecided: number;
  /** RDS cannot restore them in their present state. */
  readonly notAvailable: number;
}

/** Backups under one key, and who can restore them. */
export interface KeyLine extends KeyedBackups {
  readonly counts: BackupCounts;
  /** ARNs of those who can restore at least one of them. */
  readonly holders: readonly string[];
}

/** What the numbers of an audit leave out, and the accounts for which they do. */
export interface Holdout {
  readonly code:
    | 'numbers-assume-no-control-policies'
    | 'numbers-lack-backups'
    | 'numbers-lack-exposures'
    | 'numbers-lack-principals';
  readonly accounts: readonly string[];
}

export interface Audit {
  readonly estate: Estate;
  /**
   * Unread data first, then findings that hold, then undecided findings. Within each of these, the
   * worst severity comes first. Of one severity, the loss that cannot be undone and comes soonest
   * is first.
   */
  readonly findings: readonly AuditFinding[];
  readonly counts: BackupCounts;
  /** The number of principals that were checked for restores. */
  readonly asked: number;
  readonly keys: readonly KeyLine[];
  readonly holdouts: readonly Holdout[];
}

/**
 * Finds what is wrong with an estate.
 * @throws Failure if the evidence is broken
 */
export function audit(directory: Directory, settings: AuditSettings): Audit {
  const estate = estateOf(directory, settings);
  // Nearly all findings ask these questions. If they are asked together, the principals of each
  // account are read only once.
  estate.askTogether({
    sources: [['create-snapshot', estate.databases]],
    keys: killingActions.map((action) => [action, keysKilledBy(estate, action)]),
    questions: [
      ...Object.values(burningQuestions(estate)),
      ...(settings.wideRestore === undefined ? [] : Object.values(takingOutQuestions(estate))),
    ],
  });
  const found = findingRows.flatMap((row): readonly AnyFinding[] => row.find(estate));
  const locked = new Set(found.flatMap((one) => (one.code === 'key-locked-out' && isCertain(one) ? [one.key] : [])));
  const unread = found.flatMap((one) => (one.code === 'not-read' ? [{ ...one, id: idOf(one) }] : []));
  const unreadFor = remembered((account) =>
    unread.filter((other) => other.account === account || other.what === 'account'),
  );
  const holdingCopies = remembered((code) => unread.filter((other) => mayHoldCopies(other, code)));
  const findings = found.map((one): AuditFinding => {
    const isOpen = !isCertain(one);
    const here = unreadFor(one.account).filter(
      (other) =>
        other.weakens.includes(one.code) &&
        (other.region === undefined || one.region === undefined || other.region === one.region),
    );
    const weakens = [...new Set([...here, ...holdingCopies(one.code)])];
    return {
      id: idOf(one),
      found: one,
      isOpen,
      weakenedBy: weakens.map(({ id }) => id),
      urgency: urgencyOf(one, locked),
    };
  });
  const keys = keyLines(estate);
  return {
    estate,
    findings: findings.toSorted(inOrder),
    counts: sumOf(keys.map(({ counts }) => counts)),
    asked: new Set(estate.restores().flatMap(({ groups }) => groups.flatMap(({ principals }) => principals))).size,
    keys,
    holdouts: holdoutsOf(found),
  };
}

/** What the numbers leave out, according to the findings about their accounts and Regions. */
export function holdoutsOf(found: readonly AnyFinding[]): readonly Holdout[] {
  const accountsWithout = (...kinds: readonly NotReadKind[]): readonly string[] => [
    ...new Set(
      found.flatMap((one) =>
        one.code === 'not-read' && one.kinds.some((kind) => kinds.includes(kind)) ? [one.account] : [],
      ),
    ),
  ];
  const all: readonly Holdout[] = [
    { code: 'numbers-lack-backups', accounts: accountsWithout('rds-lists', 'regions') },
    { code: 'numbers-lack-exposures', accounts: accountsOfOpenExposure(found) },
    { code: 'numbers-lack-principals', accounts: accountsWithout('principals', 'account') },
    { code: 'numbers-assume-no-control-policies', accounts: accountsWithout('organization') },
  ];
  return all.filter(({ accounts }) => accounts.length > 0);
}

/** Accounts with backups that may be exposed, or whose share lists were not read. */
function accountsOfOpenExposure(found: readonly AnyFinding[]): readonly string[] {
  const open = found.filter(({ code, maybe }) => code === 'exposed' && countOf(maybe) > 0);
  return [...new Set(open.map(({ account }) => account))];
}

function idOf({ code, account, region, subject, principal }: AnyFinding): string {
  return digestOf([code, account, region ?? '', subject, principal ?? '']);
}

function isCertain({ code, affected }: AnyFinding): boolean {
  return code === 'not-read' || countOf(affected) > 0;
}

function inOrder(one: AuditFinding, other: AuditFinding): number {
  return rankOf(one) - rankOf(other) || byUrgency(one, other);
}

function rankOf({ found, isOpen }: AuditFinding): number {
  if (found.code === 'not-read') return -1;
  return severities.indexOf(found.severity) + (isOpen ? severities.length : 0);
}

function keyLines(estate: Estate): readonly KeyLine[] {
  const answers = restoresBySource(estate);
  return backupsByKey(estate).map((keyed): KeyLine => {
    const tally = { restorable: 0, byRootOnly: 0, byNobody: 0, undecided: 0, notAvailable: 0 };
    const here = new Map(
      [...new Set(keyed.backups.flatMap(({ source }) => answers.get(source.arn) ?? []))].map((answer) => [
        answer,
        holdersOf(answer),
      ]),
    );
    for (const { source } of keyed.backups) {
      const answer = answers.get(source.arn);
      const holders = answer === undefined ? undefined : here.get(answer);
      if (holders === undefined) tally.notAvailable += 1;
      else if (holders.people.length > 0) tally.restorable += 1;
      else if (holders.roots.length > 0) {
        tally.restorable += 1;
        tally.byRootOnly += 1;
      } else if (holders.open.length + holders.lacks.length > 0) tally.undecided += 1;
      else tally.byNobody += 1;
    }
    const able = [...here.values()].flatMap(({ people, roots }) => [...people, ...roots]);
    return { ...keyed, counts: { backups: keyed.backups.length, ...tally }, holders: [...new Set(able)].toSorted() };
  });
}

/** Counts of several keys together. */
export function sumOf(all: readonly BackupCounts[]): BackupCounts {
  const sum = (of: (one: BackupCounts) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    backups: sum(({ backups }) => backups),
    restorable: sum(({ restorable }) => restorable),
    byRootOnly: sum(({ byRootOnly }) => byRootOnly),
    byNobody: sum(({ byNobody }) => byNobody),
    undecided: sum(({ undecided }) => undecided),
    notAvailable: sum(({ notAvailable }) => notAvailable),
  };
}
