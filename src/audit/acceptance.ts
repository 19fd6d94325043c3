import { parseArn, shortName } from '../base/arn.ts';
import type { Directory } from '../evidence/directory.ts';
import type { BaselineEntry, BaselineInUse, BaselineNote } from '../preflight/baseline.ts';
import { daysLeft, type ExceptionNote, exceptionNotes } from '../preflight/exception-notes.ts';
import type { AuditFinding } from './audit.ts';
import { type Acceptable, type FindingException, isAbout } from './exceptions.ts';
import { affectedKinds, severities } from './findings/finding.ts';

/** Why a finding is accepted, and the last day, `YYYY-MM-DD`, in UTC. */
export interface Accepted {
  readonly by: 'exception' | 'baseline';
  readonly reason: string;
  readonly until: string;
  readonly ticket?: string;
}

/** A note about an exception or the baseline. */
export type AcceptanceNote = BaselineNote | ExceptionNote<FindingException>;

export interface Acceptance {
  /** Undefined: nobody accepts the finding. */
  readonly of: (finding: AuditFinding) => Accepted | undefined;
  /** About exceptions that ended, end soon or accept nothing, and about a baseline that ended. */
  readonly notes: readonly AcceptanceNote[];
  /** Entries of the baseline that no finding matches any more. */
  readonly stale: readonly BaselineEntry[];
}

/** The exceptions and the baseline of an audit, and the time of the audit. */
export interface Acceptances {
  readonly exceptions: readonly FindingException[];
  readonly baseline: BaselineInUse | undefined;
  /** ISO time. */
  readonly now: string;
}

/** Finds which findings of an audit are accepted. Findings about unread data are never accepted. */
export function acceptanceOf(
  findings: readonly AuditFinding[],
  { exceptions, baseline, now }: Acceptances,
  directory: Directory,
): Acceptance {
  const accepted = new Map<AuditFinding, Accepted>();
  const used = exceptions.map((exception) => ({ exception, days: daysLeft(exception, now), needed: 0 }));
  for (const finding of findings.filter(({ found }) => found.code !== 'not-read')) {
    const about = aboutFinding(finding, directory);
    for (const one of used) {
      if (!isAbout(one.exception, about)) continue;
      one.needed += 1;
      const { reason, until, ticket } = one.exception;
      if (one.days >= 0 && !accepted.has(finding))
        accepted.set(finding, { by: 'exception', reason, until, ...(ticket === undefined ? {} : { ticket }) });
    }
    // Checked even if an exception accepts the finding, so that the entry does not count as stale.
    const isKnown = baseline?.accepts(entryOf(finding), (before) => isNoWorse(finding, before)) === true;
    if (baseline !== undefined && isKnown && !accepted.has(finding))
      accepted.set(finding, { by: 'baseline', reason: baseline.reason, until: baseline.until });
  }
  return {
    of: (finding) => accepted.get(finding),
    notes: [...used.flatMap(exceptionNotes), ...(baseline?.note === undefined ? [] : [baseline.note])],
    stale: baseline?.stale() ?? [],
  };
}

function aboutFinding({ id, found }: AuditFinding, directory: Directory): Acceptable {
  const { code, account, subject, principal, affected, maybe } = found;
  const namesOf = (arn: string): readonly string[] => {
    const key = directory.key(arn);
    const aliases = [...(key?.Aliases?.map(({ AliasName: name }) => name) ?? []), ...(key?.FoundAs ?? [])];
    return [arn, shortName(arn), ...[parseArn(arn)?.name].flatMap((name) => name ?? []), ...aliases];
  };
  const all = (kinds: readonly (typeof affectedKinds)[number][]): readonly string[] => [
    ...new Set(kinds.flatMap((kind) => [...(affected[kind] ?? []), ...(maybe[kind] ?? [])])),
  ];
  return {
    id,
    code,
    account,
    subjects: namesOf(subject),
    things: all(['backups', 'databases', 'keys', 'others']).map(namesOf),
    principals: [...new Set([...(principal === undefined ? [] : [principal]), ...all(['principals', 'accounts'])])],
  };
}

/** A finding as an entry of a baseline. */
export function entryOf({ id, found, isOpen }: AuditFinding): BaselineEntry {
  const { code, account, region, subject, principal, severity } = found;
  return {
    id,
    who: principal ?? '',
    operation: code,
    source: subject,
    account,
    region: region ?? '',
    outcome: isOpen ? 'unproven' : 'broken',
    severity,
    names: namesIn({ found }),
  };
}

function namesIn({ found: { affected, maybe } }: Pick<AuditFinding, 'found'>): readonly string[] {
  return [...new Set(affectedKinds.flatMap((kind) => [...(affected[kind] ?? []), ...(maybe[kind] ?? [])]))].toSorted();
}

/**
 * Whether a finding is no worse than the accepted one. A finding is worse if it became more severe,
 * or affects something else as well.
 */
function isNoWorse(finding: AuditFinding, { severity, names = [] }: BaselineEntry): boolean {
  const before = severities.findIndex((one) => one === severity);
  const known = new Set(names);
  const isKnown = before >= 0 && before <= severities.indexOf(finding.found.severity);
  return isKnown && namesIn(finding).every((name) => known.has(name));
}
