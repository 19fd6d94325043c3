import type { AuditFinding } from '../audit/audit.ts';
import type { Exposed } from '../audit/findings/exposed.ts';
import type { FindingFields } from '../audit/findings/finding.ts';
import type { StandingGroup } from '../audit/standings.ts';
import { commandText } from '../base/command.ts';
import { digestOf } from '../base/digest.ts';
import { shellQuoted } from '../base/shell.ts';
import { evaluator } from '../check/evaluate.ts';
import type { AuditFix } from '../contract/audit-report.ts';
import { type Directory, directoryOf } from '../evidence/directory.ts';
import { endedShareText, fixStepText } from '../explain/fixes.ts';
import { sharingCommand } from '../fix/commands.ts';
import type { EndedShare } from '../fix/fix-step.ts';
import { type Fix, fixesUnder } from '../fix/fixes.ts';
import { ReadDocuments } from '../policy/policies.ts';
import { allInWords } from './in-words.ts';

/** What evaluates under changed evidence. */
type Settings = Parameters<typeof evaluator>[1];

/**
 * The fix of each finding that has one: what lets the nearest principal restore backups that nobody
 * can restore, and what ends the sharing of exposed snapshots. A key that cannot be used has the
 * fix of its backups, if only the key changes.
 */
export function auditFixes(
  findings: readonly AuditFinding[],
  directory: Directory,
  settings: Settings,
): ReadonlyMap<AuditFinding, AuditFix> {
  const read = new ReadDocuments();
  const fixes = fixesUnder(directory.evidence, (other, effort) =>
    evaluator(directoryOf(other), settings, read, effort),
  );
  const found = new Map<AuditFinding, AuditFix>();
  const byKey = new Map<string, AuditFix>();
  for (const finding of findings) {
    const { found: facts } = finding;
    if (facts.code !== 'nobody-can-restore' || facts.nearest === undefined) continue;
    const { evaluated, judgement } = facts.nearest;
    const fix = fixes.of(evaluated, judgement)?.find(isPossible);
    const reported = fix === undefined ? undefined : reportedFix(fix, facts.nearest);
    if (reported === undefined) continue;
    found.set(finding, reported);
    const changesKeyOnly = fix?.changes.every(({ steps }) => steps.every(({ code }) => code === 'enable-key')) === true;
    if (facts.key !== undefined && changesKeyOnly) byKey.set(facts.key, reported);
  }
  for (const finding of findings) {
    const { found: facts, isOpen } = finding;
    const fix =
      facts.code === 'key-at-risk'
        ? byKey.get(facts.key)
        : facts.code === 'exposed' && !isOpen
          ? endedSharing(facts)
          : undefined;
    if (fix !== undefined) found.set(finding, fix);
  }
  return found;
}

/** Whether the fix works for certain, and somebody may be able to carry out each of its steps. */
function isPossible({ verdict, doubts, changes }: Fix): boolean {
  return (
    verdict === 'succeeds' &&
    doubts.length === 0 &&
    changes.every(
      ({ doers }) => doers === undefined || !doers.isComplete || doers.principals.length + doers.perhaps.length > 0,
    )
  );
}

function reportedFix({ changes }: Fix, { evaluated }: StandingGroup): AuditFix | undefined {
  const { operation, principal, source, region } = evaluated.bound;
  if (source === undefined || operation.reads === undefined) return undefined;
  const words = [
    ...['aurora-kms-check', operation.command, `--${operation.reads.flag}`, source.arn],
    ...['--principal', principal.arn, '--region', region, '--fix'],
  ];
  const told = {
    principal: principal.arn,
    backup: source.arn,
    steps: changes.map(({ owner, account, steps }) => ({ owner, account, does: allInWords(steps, fixStepText) })),
    commands: [words.map(shellQuoted).join(' ')],
  };
  return { id: `fix-${digestOf(told)}`, ...told };
}

/** Ends the sharing of snapshots that are certainly exposed. */
function endedSharing({ account, affected, with: other }: Exposed & FindingFields): AuditFix | undefined {
  if (other === undefined) return undefined;
  const shares = (affected.backups ?? []).map(
    (snapshot): EndedShare => ({
      code: 'end-sharing',
      snapshot,
      account: other,
    }),
  );
  const told = {
    principal: null,
    backup: null,
    steps: [{ owner: 'snapshot owner' as const, account, does: allInWords(shares, endedShareText) }],
    commands: shares.map((share) => commandText(sharingCommand(share, '--values-to-remove'))),
  };
  return { id: `fix-${digestOf(told)}`, ...told };
}
