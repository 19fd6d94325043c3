import type { ReportedPlan } from '../contract/preflight-report.ts';
import { notOverlaidText, planNoteText, wholeNoteText } from '../explain/plan.ts';
import type { PlannedRequest, PlanRead } from '../plan/planned-state.ts';

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
