import type { ReportedPlan } from '../contract/plan-report.ts';
import type { ReportedText } from '../contract/worded.ts';
import type { Evidence } from '../evidence/schema.ts';
import { notOverlaidText, type PlanDoubt, planDoubtText, planNoteText, wholeNoteText } from '../explain/plan.ts';
import {
  type NamedPlan,
  type PlannedRequest,
  type PlannedState,
  type PlanRead,
  plannedState,
} from '../plan/planned-state.ts';
import { allInWords } from './in-words.ts';

/** What plans come to, as reports of other commands than `preflight` have it. */
export interface AppliedPlans {
  readonly plans: ReportedPlan[];
  /** What keeps every answer open. Absent: nothing. */
  readonly doubts?: ReportedText[];
}

/** The evidence with plans laid over it, to be asked in place of the evidence as it was read. */
export interface Applied extends AppliedPlans {
  /** The evidence with what the plans have read, and with nothing applied. */
  readonly before: Evidence;
  readonly after: Evidence;
}

/**
 * Lays plans over the evidence, in the order given. `region`: where things are that neither the plan
 * nor the evidence places.
 */
export function applied(evidence: Evidence, plans: readonly NamedPlan[], region: string | undefined): Applied {
  const state = plannedState(evidence, plans, { region, principal: undefined });
  const doubts = doubtsOf(state);
  return {
    before: state.before,
    after: state.evidence,
    plans: state.plans.map((one) => {
      // Nothing is asked of RDS, so that it does not matter who applies.
      const { notes, ...rest } = reportedPlan(one, []);
      return { ...rest, notes: notes.filter(({ code }) => code !== 'applied-by-planner') };
    }),
    ...(doubts.length === 0 ? {} : { doubts: allInWords(doubts, planDoubtText) }),
  };
}

/** What keeps every answer about a planned state open. Empty: nothing. */
export function doubtsOf({ plans, unplaced }: PlannedState): readonly PlanDoubt[] {
  const changes = unplaced.map(({ address }) => address);
  return [
    ...(changes.length === 0 ? [] : [{ code: 'plan-change-unplaced', changes } as const]),
    ...plans.flatMap(({ whole }) => whole.filter((note) => note.code === 'plan-errored')),
  ];
}

/** Services that decide who may do what with encrypted databases. */
const concerned = /^aws_(?:kms|iam|rds|db|docdb|neptune|organizations|ssoadmin|backup|vpc_endpoint)/;

/** What a plan came to, for the report. `requests`: those of all plans. */
export function reportedPlan(read: PlanRead, requests: readonly PlannedRequest[]): ReportedPlan {
  const own = requests.filter(({ from }) => from === read.from);
  const asked = new Set(own.map(({ change }) => change.identity));
  const left = read.notOverlaid.filter(
    ({ change, why }) =>
      why.code !== 'type-not-known' || (change.isAws && concerned.test(change.type) && !asked.has(change.identity)),
  );
  return {
    file: read.from,
    changes: read.changes,
    overlaid: read.overlaid.length,
    notUnderstood: left.map(({ change, why }) => ({
      address: change.address,
      code: why.code,
      text: notOverlaidText(why),
    })),
    others: read.changes - read.overlaid.length - left.length,
    notChecked: own
      .filter(({ operation }) => operation === undefined)
      .map(({ change, api }) => ({ address: change.address, api })),
    notes: [
      ...read.notes.map(({ change, note }) => ({ address: change.address, code: note.code, text: planNoteText(note) })),
      ...read.whole.map((note) => ({ address: '', code: note.code, text: wholeNoteText(note) })),
    ],
  };
}
