import { countOf } from './findings/finding.ts';
import type { AnyFinding } from './findings/table.ts';

/* The order of findings: by the loss that cannot be undone and its date, not by the code. */

/** What is at stake, the worst first. */
const stakes = [
  /** The data ends at a date or by a call, and no copy was found. */
  'the only data, soon',
  /** Somebody outside can copy the data, and no copy can be taken back. */
  'secrecy from everybody',
  'secrecy from somebody',
  /** The same, but a copy under another key was read. */
  'data that is copied, soon',
  /** Nobody can use the data, and nobody can change the policy of the key. */
  'the only data, locked',
  /** Nobody can use the data, until somebody changes a policy or a state. */
  'the only data, for now',
  'anything else',
] as const;

export interface Urgency {
  /** 0 is the worst. */
  readonly rank: number;
  /** ISO time after which it may be too late. Undefined: no such time is known. */
  readonly deadline: string | undefined;
  /** Nobody can change the policy of the key that the finding is about. */
  readonly isLocked: boolean;
}

/** `locked`: the ARNs of keys whose policy nobody can change, for certain. */
export function urgencyOf(found: AnyFinding, locked: ReadonlySet<string>): Urgency {
  return {
    rank: stakes.indexOf(stakeOf(found, locked)),
    deadline: deadlineOf(found),
    isLocked: locked.has(found.subject),
  };
}

function stakeOf(found: AnyFinding, locked: ReadonlySet<string>): (typeof stakes)[number] {
  switch (found.code) {
    case 'key-at-risk':
      // What is lost can wait for what can still be saved.
      if (found.isGone && found.isLosing) return 'anything else';
      if (!found.isLosing) return 'the only data, for now';
      return found.onlyUnderIt.length > 0 ? 'the only data, soon' : 'data that is copied, soon';
    case 'exposed':
      return found.with === 'all' ? 'secrecy from everybody' : 'secrecy from somebody';
    case 'nobody-can-restore':
      return locked.has(found.subject) ? 'the only data, locked' : 'the only data, for now';
    default:
      return 'anything else';
  }
}

function deadlineOf(found: AnyFinding): string | undefined {
  if (found.code !== 'key-at-risk') return undefined;
  return [found.deletedAt, found.expiresAt].flatMap((time) => time ?? []).toSorted()[0];
}

/**
 * The order of two findings of one severity. Among losses that come soon, one without a date may
 * come first. Within one kind, a finding about more resources comes first.
 */
export function byUrgency(
  one: { readonly found: AnyFinding; readonly urgency: Urgency },
  other: { readonly found: AnyFinding; readonly urgency: Urgency },
): number {
  const { rank, deadline = '' } = one.urgency;
  const { rank: otherRank, deadline: otherDeadline = '' } = other.urgency;
  if (rank !== otherRank) return rank - otherRank;
  if (deadline !== otherDeadline) return deadline < otherDeadline ? -1 : 1;
  return rank === stakes.length - 1 ? 0 : countOf(other.found.affected) - countOf(one.found.affected);
}
