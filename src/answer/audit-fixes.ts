import type { AuditFinding } from '../audit/audit.ts';
import { closingOf, type KeyEdit, openingOf } from '../audit/closing.ts';
import type { Estate } from '../audit/estate.ts';
import type { FindingFields } from '../audit/findings/finding.ts';
import type { ShareInert } from '../audit/findings/share-inert.ts';
import { ownCopiesOf } from '../audit/own-copies.ts';
import type { StandingGroup } from '../audit/standings.ts';
import { accountOf } from '../base/arn.ts';
import { type Command, commandText } from '../base/command.ts';
import { digestOf } from '../base/digest.ts';
import { shellQuoted } from '../base/shell.ts';
import { evaluator } from '../check/evaluate.ts';
import type { AuditFix } from '../contract/audit-report.ts';
import type { Code } from '../contract/codes.ts';
import { directoryOf } from '../evidence/directory.ts';
import { closingStepText, endedShareText, fixStepText } from '../explain/fixes.ts';
import { changeCommands, keyPolicyCommand, revokeGrantCommand, sharingCommand } from '../fix/commands.ts';
import type { EndedShare } from '../fix/fix-step.ts';
import { type Fix, fixesUnder } from '../fix/fixes.ts';
import { ReadDocuments } from '../policy/policies.ts';
import { allInWords } from './in-words.ts';

/** Evaluates under changed evidence. */
type Settings = Parameters<typeof evaluator>[1];

/**
 * The fix of each finding that has one. A fix lets the nearest principal restore backups that
 * nobody can restore, stops sharing snapshots, closes a key to outsiders, lets trusted accounts use
 * a key, or copies backups under a key of their own account. A key that cannot be used gets the fix
 * of its backups, if that changes only the key.
 */
export function auditFixes(
  findings: readonly AuditFinding[],
  estate: Estate,
  settings: Settings,
): ReadonlyMap<AuditFinding, AuditFix> {
  const { directory } = estate;
  const read = new ReadDocuments();
  const fixes = fixesUnder(directory.evidence, (other, effort) =>
    evaluator(directoryOf(other), settings, read, effort),
  );
  const found = new Map<AuditFinding, AuditFix>();
  const byKey = new Map<string, AuditFix>();
  for (const finding of findings) {
    const { found: facts } = finding;
    if (facts.code !== 'nobody-can-restore' || facts.nearest === undefined) continue;
    const { evaluated, judgment } = facts.nearest;
    const fix = fixes.of(evaluated(), judgment())?.find(isPossible);
    const reported = fix === undefined ? undefined : reportedFix(fix, facts.nearest);
    if (reported === undefined) continue;
    found.set(finding, reported);
    const changesKeyOnly = fix?.changes.every(({ steps }) => steps.every(({ code }) => code === 'enable-key')) === true;
    if (facts.key !== undefined && changesKeyOnly) byKey.set(facts.key, reported);
  }
  const changes = keyChanges(estate);
  for (const finding of findings) {
    const fix = finding.found.code === 'key-at-risk' ? byKey.get(finding.found.key) : fixFor(finding, changes);
    if (fix !== undefined) found.set(finding, fix);
  }
  return found;
}

/** The fix of a finding that holds, if the fix needs no principal. */
function fixFor({ found: facts, isOpen }: AuditFinding, changes: KeyChanges): AuditFix | undefined {
  if (isOpen) return undefined;
  switch (facts.code) {
    case 'exposed':
      return facts.with === undefined ? undefined : endedSharing(facts, facts.with);
    case 'key-open':
      return changes.closing(facts.key, facts.to);
    case 'share-inert':
      // An account that is not trusted gets no access. It cannot use the share anyway, so the fix
      // ends the share.
      return facts.isTrusted ? changes.opening(facts) : endedSharing(facts, facts.with);
    case 'foreign-key':
      return changes.copies(facts);
    default:
      return undefined;
  }
}

/** How many changes of keys the search may try for one report. */
const mostKeyChanges = 100;

/** Finds changes of keys that resolve a finding. */
interface KeyChanges {
  readonly closing: (key: string, to: string) => AuditFix | undefined;
  readonly opening: (facts: ShareInert & FindingFields) => AuditFix | undefined;
  /** Copies under another key. */
  readonly copies: (facts: FindingFields) => AuditFix | undefined;
}

function keyChanges(estate: Estate): KeyChanges {
  let asked = 0;
  const few = <T>(make: () => T | undefined): T | undefined => {
    asked += 1;
    return asked > mostKeyChanges ? undefined : make();
  };
  return {
    closing: (key, to) => few(() => changedKey(closingOf(estate, key, to), closingStepText)),
    opening: ({ key, with: account, affected: { backups = [] } }) =>
      few(() => {
        const [first, ...others] = estate.backups.filter(({ source }) => backups.includes(source.arn));
        if (first === undefined) return undefined;
        const share = { key, with: account, backups: [first, ...others] } as const;
        return changedKey(openingOf(estate, share), fixStepText);
      }),
    copies: ({ account, affected: { backups = [] } }) =>
      few(() => {
        const made = ownCopiesOf(estate, backups);
        if (made === undefined) return undefined;
        const does = allInWords(made.steps, fixStepText);
        return fixWith(
          { owner: 'snapshot owner', account, does },
          made.copies.flatMap((copy) => changeCommands(copy)),
        );
      }),
  };
}

function changedKey<Step extends { readonly code: Code }>(
  change: KeyEdit<Step> | undefined,
  text: (step: Step) => string,
): AuditFix | undefined {
  if (change === undefined) return undefined;
  const { key, steps, document, grants } = change;
  const commands = [
    ...(document === undefined ? [] : [keyPolicyCommand(key, document)]),
    ...grants.map((grant) => revokeGrantCommand(key, grant)),
  ];
  return fixWith({ owner: 'key owner', account: accountOf(key), does: allInWords(steps, text) }, commands);
}

/** A fix that lets nobody restore anything. */
function fixWith(step: AuditFix['steps'][number], commands: readonly Command[]): AuditFix {
  const parts = { principal: null, backup: null, steps: [step], commands: commands.map(commandText) };
  return { id: `fix-${digestOf(parts)}`, ...parts };
}

/** Whether the fix certainly works, and somebody may be able to carry out each of its steps. */
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
  const { operation, principal, source, region } = evaluated().bound;
  if (source === undefined || operation.reads === undefined) return undefined;
  const words = [
    ...['aurora-kms-check', operation.command, `--${operation.reads.flag}`, source.arn],
    ...['--principal', principal.arn, '--region', region, '--fix'],
  ];
  const parts = {
    principal: principal.arn,
    backup: source.arn,
    steps: changes.map(({ owner, account, steps }) => ({ owner, account, does: allInWords(steps, fixStepText) })),
    commands: [words.map(shellQuoted).join(' ')],
  };
  return { id: `fix-${digestOf(parts)}`, ...parts };
}

/** Ends the sharing of the snapshots that a finding certainly affects. */
function endedSharing({ account, affected }: FindingFields, other: string): AuditFix {
  const shares = (affected.backups ?? []).map(
    (snapshot): EndedShare => ({
      code: 'end-sharing',
      snapshot,
      account: other,
    }),
  );
  return fixWith(
    { owner: 'snapshot owner', account, does: allInWords(shares, endedShareText) },
    shares.map((share) => sharingCommand(share, '--values-to-remove')),
  );
}
