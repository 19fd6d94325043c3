import { type Accepted, acceptanceOf, entryOf } from '../audit/acceptance.ts';
import { type Audit, type AuditFinding, audit, holdoutsOf, type KeyLine, sumOf } from '../audit/audit.ts';
import type { AuditSettings } from '../audit/estate.ts';
import type { FindingException } from '../audit/exceptions.ts';
import { type Affected, affectedKinds, type OpenFact, type Severity, severities } from '../audit/findings/finding.ts';
import { type FindingKind, findingRows } from '../audit/findings/table.ts';
import { personTest } from '../audit/who-can.ts';
import { placeOf, shortName } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { AuditedKey, AuditFix, AuditReport, ReportedFinding } from '../contract/audit-report.ts';
import type { Verdict } from '../contract/report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { ageWarning } from '../evidence/age.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { aliasOf } from '../evidence/lookup.ts';
import { noAccount } from '../evidence/not-held.ts';
import type { Evidence } from '../evidence/schema.ts';
import { ageWarningText } from '../explain/evidence-age.ts';
import {
  acceptanceNoteText,
  auditAnswerText,
  auditFindingText,
  decidingTexts,
  estateUnreadText,
  findingDetails,
  holdoutText,
  type Words,
} from '../explain/findings.ts';
import { firstStepText } from '../explain/first-step.ts';
import { statementName } from '../explain/names.ts';
import { lackText } from '../explain/preflight.ts';
import { verdictText } from '../explain/reasons.ts';
import type { BaselineEntry, BaselineInUse } from '../preflight/baseline.ts';
import { everybodyIn } from '../preflight/outsiders.ts';
import { auditFixes } from './audit-fixes.ts';
import { allInWords, factInWords, inWords } from './in-words.ts';

/** The settings of an audit, and the findings to show. */
export interface AuditAsked extends AuditSettings {
  /** The lowest severity that counts as a failure. */
  readonly severity: Severity;
  /** Shows only these findings. Empty: all. */
  readonly codes: readonly FindingKind[];
  /** Shows only findings about these principals, by name or pattern. Empty: all. */
  readonly people: readonly string[];
  /**
   * Shows and counts only these Regions, and resources without a Region. Copies in other Regions
   * still count as copies. Absent: all.
   */
  readonly regions?: readonly string[];
  /** In hours. The report warns about older evidence. Absent: the age does not matter. */
  readonly maxAge?: number;
  readonly exceptions?: readonly FindingException[];
  /** The ISO time for exceptions and the baseline. Absent: `evaluatedAt`. */
  readonly acceptedAt?: string;
  readonly baseline?: BaselineInUse;
  /** Receives each finding that is shown and not accepted, as an entry of a baseline. */
  readonly record?: (entry: BaselineEntry) => void;
}

/**
 * The evidence with its accounts in the order of their IDs. A finding about several accounts has the
 * account of its first backup or database. So the order of the files does not change its ID.
 */
function inOrder(evidence: Evidence): Evidence {
  const accounts = Object.entries(evidence.accounts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { ...evidence, accounts: Object.fromEntries(accounts) };
}

/**
 * The report of an audit. `version`: the version of the tool.
 * @throws Failure if the evidence is broken or has no account
 */
export function auditReport(read: Evidence, asked: AuditAsked, version: string): AuditReport {
  const evidence = inOrder(read);
  if (Object.keys(evidence.accounts).length === 0) throw noAccount();
  const directory = directoryOf(evidence);
  const audited = audit(directory, asked);
  const { estate, findings, keys, holdouts, asked: principals } = inRegions(audited, asked.regions);
  const counts = sumOf(keys.map((one) => one.counts));
  const keyName = (arn: string): string => aliasOf(directory.key(arn)) ?? shortName(arn);
  const { exceptions = [], baseline, record, acceptedAt = asked.evaluatedAt } = asked;
  const acceptance = acceptanceOf(audited.findings, { exceptions, baseline, now: acceptedAt }, directory);
  const shown = findings.filter((one) => isShown(one, asked));
  refuseNobody(asked.people, audited, directory);
  for (const one of shown)
    if (one.found.code !== 'not-read' && acceptance.of(one) === undefined) record?.(entryOf(one));
  const fixes = auditFixes(shown, audited.estate, asked);
  const reported = shown
    .map((one) =>
      reportedFinding(one, { keyName, isOpen: one.isOpen, accepted: acceptance.of(one), fix: fixes.get(one) }),
    )
    .toSorted((one, other) => Number(one.state === 'accepted') - Number(other.state === 'accepted'));
  const exposed = new Set(
    findings.flatMap(({ found }) => (found.code === 'exposed' ? (found.affected.backups ?? []) : [])),
  ).size;
  const counted = reported.filter(({ code }) => code !== 'not-read');
  return {
    auditVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt: asked.evaluatedAt,
    evidenceAt: evidence.collectedAt ?? null,
    severity: asked.severity,
    answer: auditAnswerText({
      ...counts,
      exposed,
      holding: counted.filter(({ state }) => state === 'holds').map(({ severity }) => severity),
      undecided: counted.filter(({ state }) => state === 'undecided').length,
      accepted: counted.filter(({ state }) => state === 'accepted').length,
    }),
    first: firstOf(shown, reported, keyName),
    numbers: {
      accounts: estate.accounts.length,
      regions: new Set(estate.places.map(({ region }) => region)).size,
      keys: estate.keys.length,
      databases: estate.databases.length,
      principals,
      ...counts,
      exposed,
    },
    leavesOut: allInWords(holdouts, holdoutText),
    findings: reported,
    fixes: [...new Map([...fixes.values()].map((one) => [one.id, one])).values()],
    keys: keys.map((one) => reportedKey(one, directory)),
    warnings: [...ageOf(evidence, asked), ...allInWords(acceptance.notes, acceptanceNoteText)],
    ...(baseline === undefined
      ? {}
      : { stale: acceptance.stale.map(({ id, operation: code, source: subject }) => ({ id, code, subject })) }),
    verdict: verdictOf(findings, reported, asked),
  };
}

/** The first step for the worst finding that holds, else for the worst undecided one. */
function firstOf(
  shown: readonly AuditFinding[],
  reported: readonly ReportedFinding[],
  keyName: (arn: string) => string,
): AuditReport['first'] {
  const worst = reported.filter(({ code, severity }) => code !== 'not-read' && severity !== 'note');
  const worstFinding = worst.find(({ state }) => state === 'holds') ?? worst.find(({ state }) => state === 'undecided');
  const finding = shown.find(({ id }) => id === worstFinding?.id);
  if (worstFinding === undefined || finding === undefined) return null;
  const { found, urgency } = finding;
  const text = firstStepText(found, {
    keyName,
    says: worstFinding.says,
    settles:
      worstFinding.state === 'holds'
        ? undefined
        : decidingTexts(worstFinding.dependsOn.slice(0, 1), (facts) => `It depends on ${list(facts)}.`)[0],
    isLocked: urgency.isLocked,
  });
  const where = `Account ${worstFinding.account}${worstFinding.region === null ? '' : `, ${worstFinding.region}`}.`;
  return { finding: worstFinding.id, text: `${text} ${where}`, deadline: urgency.deadline ?? null };
}

function reportedKey({ account, region, key, counts, holders }: KeyLine, directory: Directory): AuditedKey {
  const keyAlias = key === undefined ? null : (aliasOf(directory.key(key)) ?? null);
  return { account, region, key: key ?? null, keyAlias, ...counts, holders: [...holders] };
}

/** @throws Failure if nothing was read in a Region */
function inRegions(audited: Audit, regions: readonly string[] | undefined): Audit {
  if (regions === undefined) return audited;
  const { estate } = audited;
  const read = [...new Set(estate.places.map(({ region }) => region))];
  const known = [...read, ...audited.findings.flatMap(({ found }) => found.region ?? [])];
  const unread = regions.find((region) => !known.includes(region));
  if (unread !== undefined)
    throw new Failure(
      'input',
      `nothing of Region ${unread} was read; Regions that were read: ${list(read)}`,
      'check --region, or read the Region with aurora-kms-check collect',
    );
  const isIn = ({ region }: { readonly region?: string | undefined }): boolean =>
    region === undefined || regions.includes(region);
  const findings = audited.findings.filter(({ found }) => isIn(found));
  return {
    ...audited,
    holdouts: holdoutsOf(findings.map(({ found }) => found)),
    estate: {
      ...estate,
      places: estate.places.filter(isIn),
      databases: estate.databases.filter(isIn),
      keys: estate.keys.filter((arn) => isIn(placeOf(arn) ?? {})),
    },
    findings,
    keys: audited.keys.filter(isIn),
  };
}

/**
 * If a name is misspelled, the absence of findings must not look like a clean estate.
 * @throws Failure
 */
function refuseNobody(names: readonly string[], { estate, findings }: Audit, directory: Directory): void {
  const { accounts } = estate;
  if (names.length === 0 || accounts.some((account) => directory.listed(account).unread.length > 0)) return;
  const everybody = [...everybodyIn(directory, accounts), ...findings.flatMap(peopleIn)];
  for (const name of names)
    if (!everybody.some(personTest(name)))
      throw new Failure(
        'input',
        `no principal matches \`${name}\``,
        'check --principal; `*` stops at a slash, and `**` does not',
      );
}

function ageOf({ collectedAt }: Evidence, { maxAge, evaluatedAt }: AuditAsked): AuditReport['warnings'] {
  const warning = maxAge === undefined ? undefined : ageWarning(collectedAt, evaluatedAt, maxAge);
  return warning === undefined ? [] : [inWords(warning, ageWarningText)];
}

/** The principals in a finding: ARNs, and IDs of accounts and organizations. */
function peopleIn({ found: { principal, affected, maybe } }: AuditFinding): readonly string[] {
  return [...(principal === undefined ? [] : [principal]), ...(affected.principals ?? []), ...(maybe.principals ?? [])];
}

/** A finding about unread data is shown if it weakens a finding that is shown. */
function isShown(one: AuditFinding, { codes, people }: Pick<AuditAsked, 'codes' | 'people'>): boolean {
  const { found } = one;
  const about = peopleIn(one);
  const isAsked = people.length === 0 || people.map(personTest).some((is) => about.some(is));
  if (found.code !== 'not-read' && !isAsked) return false;
  if (codes.length === 0 || codes.includes(found.code)) return true;
  return found.code === 'not-read' && codes.some((code) => found.weakens.includes(code));
}

/** Findings below the severity do not count. Unread lists may hide further findings. */
function verdictOf(
  findings: readonly AuditFinding[],
  reported: readonly ReportedFinding[],
  { severity, codes, people }: AuditAsked,
): Verdict {
  const least = severities.indexOf(severity);
  const counts = reported.filter((one) => one.code !== 'not-read' && severities.indexOf(one.severity) <= least);
  if (counts.some(({ state }) => state === 'holds')) return 'fails';
  const isHidden = findings.some(
    (one) => one.found.code === 'not-read' && one.found.hides && isShown(one, { codes, people }),
  );
  return isHidden || counts.some(({ state }) => state === 'undecided') ? 'undetermined' : 'succeeds';
}

function reportedFinding(
  finding: AuditFinding,
  { accepted, fix, ...words }: Words & { readonly accepted: Accepted | undefined; readonly fix: AuditFix | undefined },
): ReportedFinding {
  const { id, found, isOpen, weakenedBy } = finding;
  const { code, severity, account, region, subject, principal, affected, maybe, dependsOn, statements } = found;
  return {
    id,
    code,
    severity,
    state: accepted !== undefined ? 'accepted' : isOpen ? 'undecided' : 'holds',
    account,
    region: region ?? null,
    subject,
    principal: principal ?? null,
    says: auditFindingText(found, words),
    details: [...findingDetails(found)],
    affected: reportedThings(affected),
    maybe: reportedThings(maybe),
    dependsOn: distinct(dependsOn.map(openInWords)),
    statements: [...new Set(statements.map(statementName))],
    weakenedBy: [...weakenedBy],
    ...(accepted === undefined ? {} : { accepted: { ...accepted } }),
    ...(found.code === 'not-read' ? { hides: found.hides, weakens: [...found.weakens] } : {}),
    frameworks: findingRows.flatMap((row) => (row.code === code ? row.frameworks : [])).map((one) => ({ ...one })),
    page: `docs/audit.md#${code}`,
    fixes: fix === undefined ? [] : [fix.id],
  };
}

function reportedThings(things: Affected): ReportedFinding['affected'] {
  return affectedKinds.flatMap((kind) => {
    const names = things[kind] ?? [];
    return names.length === 0 ? [] : [{ kind, count: names.length, names: [...names] }];
  });
}

function distinct(texts: readonly ReportedText[]): ReportedText[] {
  return [...new Map(texts.map((one) => [one.text, one])).values()];
}

function openInWords(open: OpenFact): ReportedText {
  switch (open.is) {
    case 'fact':
      return factInWords(open.fact);
    case 'reason':
      return inWords(open.reason, verdictText);
    case 'lack':
      return inWords(open.lack, lackText);
    case 'unread':
      return inWords(open.unread, estateUnreadText);
  }
}
