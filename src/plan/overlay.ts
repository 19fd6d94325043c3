import type { Evidence } from '../evidence/schema.ts';
import { controlRows } from './controls.ts';
import { databaseRows } from './databases.ts';
import { decisiveRows, isDecisive } from './decisive.ts';
import { grantRows, plannedKeyRows } from './keys.ts';
import {
  type Laid,
  type NotOverlaid,
  type OverlayContext,
  type OverlayRow,
  type PlanNote,
  thingNotKnown,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { principalRows } from './principals.ts';
import { withoutReplacedRoles } from './replaced-roles.ts';

/** Evidence with a plan laid over it. */
export interface Overlaid {
  readonly evidence: Evidence;
  readonly overlaid: readonly PlannedChange[];
  readonly notOverlaid: readonly { readonly change: PlannedChange; readonly why: NotOverlaid }[];
  readonly notes: readonly { readonly change: PlannedChange; readonly note: PlanNote }[];
}

/** By type, in the order in which changes are laid over the evidence. */
const rows: Readonly<Record<string, OverlayRow>> = {
  ...plannedKeyRows,
  ...principalRows,
  ...grantRows,
  ...controlRows,
  ...databaseRows,
  ...decisiveRows,
};

/**
 * The evidence as it is once changes are applied (infrastructure-plans 2.2). The order is that of
 * the table, not that of the plan, which has none.
 */
export function overlay(
  evidence: Evidence,
  changes: readonly PlannedChange[],
  context: Omit<OverlayContext, 'note'>,
): Overlaid {
  const notes: { readonly change: PlannedChange; readonly note: PlanNote }[] = [];
  const overlaid: PlannedChange[] = [];
  const notOverlaid: { readonly change: PlannedChange; readonly why: NotOverlaid }[] = [];
  let after = withoutReplacedRoles(evidence, changes);
  for (const change of inOrder(changes)) {
    const result = lay(after, change, { ...context, note: (note) => void notes.push({ change, note }) });
    if ('why' in result) {
      notOverlaid.push({ change, why: result.why });
      continue;
    }
    overlaid.push(change);
    after = result.evidence;
  }
  return { evidence: after, overlaid, notOverlaid, notes };
}

function lay(evidence: Evidence, change: PlannedChange, context: OverlayContext): Laid {
  const row = Object.hasOwn(rows, change.type) && change.isAws ? rows[change.type] : undefined;
  if (row !== undefined) return row(evidence, change, context);
  return isDecisive(change)
    ? thingNotKnown(`what a change of type ${change.type} comes to`)
    : { why: { code: 'type-not-known', type: change.type } };
}

const order = new Map(Object.keys(rows).map((type, index) => [type, index]));

/** What is attached to a thing is deleted before the thing, and made after it. */
function inOrder(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  const rank = ({ type, kind }: PlannedChange): number => {
    const at = order.get(type) ?? order.size;
    return kind === 'delete' ? -at - 1 : at;
  };
  return changes.toSorted((one, other) => rank(one) - rank(other));
}
