import { jsonPrintable } from '../../base/escape.ts';
import { type Case, type CaseOutcome, type CaseReport, drawnAsCases, fingerprintOf } from '../cases.ts';
import { shortened } from '../ci-escape.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { unplaced } from '../style.ts';

/** The severities of GitLab. */
const severities: Readonly<Record<Exclude<CaseOutcome, 'passes'>, string>> = {
  fails: 'critical',
  undetermined: 'major',
  exception: 'info',
  noted: 'info',
};

/** For findings that certainly hold: the worst ones count as much as a failure. */
const ofFindings: Readonly<Record<NonNullable<Case['severity']>, string>> = {
  critical: 'critical',
  high: 'major',
  medium: 'minor',
  note: 'info',
};

/** GitLab shows a description on one line. */
const longest = 1000;

/**
 * GitLab's Code Quality report: a list of failures and open questions, without a byte order mark.
 */
export const gitlab: Draws<ShownIn<'gitlab'>> = {
  ...drawnAsCases(issues),
  noAnswer: (failure) => {
    const { message, next, exitCode } = harmless(failure);
    return document([
      {
        description: shortened(next === undefined ? message : `${message}: ${next}`, longest),
        check_name: `exit-${exitCode}`,
        fingerprint: `exit-${exitCode}`,
        severity: 'blocker',
        location: locationOf(undefined),
      },
    ]);
  },
};

function issues(report: CaseReport): string {
  return document(report.cases.flatMap((one) => issueOf(one, report)));
}

function issueOf(one: Case, report: CaseReport): readonly object[] {
  const { outcome, says, details, code, place } = one;
  if (outcome === 'passes') return [];
  const description = details.length === 0 ? says : `${says}. ${details.join(' ')}`;
  return [
    {
      description: shortened(description, longest),
      check_name: code,
      fingerprint: fingerprintOf(one, report),
      severity: severityOf(one, outcome),
      location: locationOf(place),
    },
  ];
}

function severityOf({ severity }: Case, outcome: Exclude<CaseOutcome, 'passes'>): string {
  return severity === undefined || outcome === 'exception' || outcome === 'undetermined'
    ? severities[outcome]
    : ofFindings[severity];
}

function locationOf(place: Case['place']): object {
  const { file, line } = place ?? unplaced;
  return { path: file, lines: { begin: line } };
}

function document(all: readonly object[]): string {
  return `${jsonPrintable(JSON.stringify(all, undefined, 2))}\n`;
}
