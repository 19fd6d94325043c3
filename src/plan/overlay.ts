import type { Evidence } from '../evidence/schema.ts';
import { streamRows } from './activity-streams.ts';
import { vaultRows } from './backup.ts';
import { bucketRows } from './buckets.ts';
import { propertyOf } from './configuration.ts';
import { controlRows } from './controls.ts';
import { databaseRows } from './databases.ts';
import { decisiveRows, isDecisive } from './decisive.ts';
import { globalClusterRows } from './global-clusters.ts';
import { grantRows, plannedKeyRows } from './keys.ts';
import {
  factNotKnown,
  isGone,
  isMade,
  type Laid,
  type NotOverlaid,
  type OverlayContext,
  type OverlayRow,
  type PlanNote,
  type PolicyTaken,
  textIn,
} from './overlay-row.ts';
import type { PlannedChange } from './planned-change.ts';
import { principalRows } from './principals.ts';
import {
  identitiesThatGo,
  nounOfIdentity,
  rolesRemade,
  type WithoutReplaced,
  withoutReplacedRoles,
} from './replaced-roles.ts';
import { replicaSteps } from './replicas.ts';
import { replicationRows } from './replicated-backups.ts';
import { inOrderOf, type Part, type Rivals } from './rivals.ts';
import { touchedNames } from './touched.ts';
import { withUnchanged } from './unchanged.ts';

/** Evidence with a plan applied. */
export interface Overlaid {
  readonly evidence: Evidence;
  readonly overlaid: readonly PlannedChange[];
  readonly notOverlaid: readonly { readonly change: PlannedChange; readonly why: NotOverlaid }[];
  readonly notes: readonly { readonly change: PlannedChange; readonly note: PlanNote | PolicyTaken }[];
}

/** By type, in the order in which changes are applied to the evidence. */
const rows: Readonly<Record<string, OverlayRow>> = {
  ...plannedKeyRows,
  ...principalRows,
  ...grantRows,
  ...controlRows,
  ...vaultRows,
  ...bucketRows,
  ...databaseRows,
  ...streamRows,
  ...globalClusterRows,
  ...replicationRows,
  ...decisiveRows,
};

type Context = Omit<OverlayContext, 'note' | 'rivals' | 'contested' | 'remade'> & {
  readonly rivals: Rivals;
  /**
   * The parts in which changes are applied. A part is always the same object, because caches use it
   * as a key.
   */
  readonly partsOf: typeof parts;
  /** Whether the evidence was read after the plan was made. */
  readonly isNewer: boolean;
};

/** Receives the names of the resources that a change touches, once for each step. */
type NoteTouched = (change: PlannedChange, names: readonly string[]) => void;

/** Applies changes to the evidence. The order is that of the table, because a plan has no order. */
export function overlay(evidence: Evidence, changes: readonly PlannedChange[], context: Context): Overlaid {
  return overlays(context)(evidence, changes);
}

/**
 * Applies several lists of changes, one list after the other, each to the evidence that is given
 * with it. If two lists in a row differ only in databases that are created or changed, the rows
 * before databases are applied once. `noteTouched` is called for each step.
 */
export function overlays(
  context: Context,
): (evidence: Evidence, changes: readonly PlannedChange[], noteTouched?: NoteTouched) => Overlaid {
  let last: { readonly from: Evidence; readonly parts: readonly Part[]; readonly laid: LaidParts } | undefined;
  let without: { readonly of: Evidence; readonly arns: string; readonly is: WithoutReplaced } | undefined;
  return (evidence, changes, noteTouched) => {
    const going = identitiesThatGo(changes);
    const arns = [...going].join(' ');
    if (without?.of !== evidence || without.arns !== arns)
      without = { of: evidence, arns, is: withoutReplacedRoles(evidence, going, context.namedIn) };
    const { evidence: from, namedBy, ids } = without.is;
    const remade = rolesRemade({ ids, makers: makersOf(changes, ids, context) }, context.namedIn);
    const knowing = { ...context, remade };
    if (noteTouched !== undefined)
      for (const change of changes)
        for (const arn of identitiesThatGo([change])) noteTouched(change, namedBy.get(arn) ?? []);
    const all = inOrderOf(context.rivals, inOrder(changes.flatMap(context.partsOf)));
    const found = all.findIndex(({ part }) => rankOf(part) >= firstDatabase);
    const before = found < 0 ? all.length : found;
    const [first, rest] = [all.slice(0, before), all.slice(before)];
    if (noteTouched !== undefined || last?.from !== from || !areSame(last.parts, first)) {
      const nothing = { evidence: from, notOverlaid: [], notes: [] };
      last = { from, parts: first, laid: layParts(nothing, first, knowing, noteTouched) };
    }
    const laid = layParts(last.laid, rest, knowing, noteTouched);
    const left = new Set(laid.notOverlaid.map(({ change }) => change));
    const overlaid = [...new Set(all.map(({ change }) => change))].filter((change) => !left.has(change));
    return { ...laid, overlaid, notes: [...laid.notes, ...remadeNotes(overlaid, context)] };
  };
}

/** The changes that create roles and users, by ARN, of those that `ids` has. */
function makersOf(
  changes: readonly PlannedChange[],
  ids: ReadonlyMap<string, string>,
  { places }: Context,
): ReadonlyMap<string, PlannedChange> {
  if (ids.size === 0) return new Map();
  const making = changes.filter((change) => nounOfIdentity(change) !== undefined && isMade(change));
  return new Map(
    making.flatMap((change) => {
      const arn = places.arnOf(change);
      return arn === undefined || !ids.has(arn) ? [] : [[arn, change] as const];
    }),
  );
}

/** Notes about roles and users that the plan deletes and creates again under the same name. */
function remadeNotes(changes: readonly PlannedChange[], { places }: Context): Overlaid['notes'] {
  const those = changes.flatMap((change) => {
    const noun = nounOfIdentity(change);
    return noun === undefined ? [] : [{ change, noun }];
  });
  const gone = new Map(
    those.flatMap(({ change: { kind, before, address } }) => {
      const arn = kind === 'delete' ? textIn(before, 'arn') : undefined;
      return arn === undefined ? [] : [[arn, address] as const];
    }),
  );
  return those.flatMap(({ change, noun }): Overlaid['notes'] => {
    if (change.kind === 'replace') return [{ change, note: { code: 'role-replaced', noun } }];
    const from = change.kind === 'create' ? gone.get(places.arnOf(change) ?? '') : undefined;
    return from === undefined ? [] : [{ change, note: { code: 'role-remade', noun, from } }];
  });
}

/** The result of some parts, one after the other. */
type LaidParts = Pick<Overlaid, 'evidence' | 'notOverlaid' | 'notes'>;

function layParts(
  before: LaidParts,
  all: readonly Part[],
  context: Context & Pick<OverlayContext, 'remade'>,
  noteTouched?: NoteTouched,
): LaidParts {
  let { evidence } = before;
  const notes = [...before.notes];
  const notOverlaid = [...before.notOverlaid];
  const left = new Set(notOverlaid.map(({ change }) => change));
  const { open } = context.rivals;
  const there = open.size === 0 ? new Set() : new Set(all);
  for (const one of all) {
    const { change, part } = one;
    const found = (open.get(one) ?? []).filter((other) => there.has(other.part));
    const rivals = [...new Set(found.map((other) => other.part.change.address))];
    const contested = new Set(found.map(({ owner }) => owner));
    const result = lay(evidence, part, {
      ...context,
      rivals,
      contested,
      note: (note) => void notes.push({ change, note }),
    });
    if ('why' in result) {
      if (!left.has(change)) notOverlaid.push({ change, why: result.why });
      left.add(change);
      continue;
    }
    const after = keptIn(evidence, part, result.evidence, context);
    noteTouched?.(change, touchedNames(evidence, after));
    evidence = after;
  }
  return { evidence, notOverlaid, notes };
}

/** The evidence after a change, with the newer values of the evidence for what an update does not change. */
function keptIn(
  evidence: Evidence,
  part: PlannedChange,
  now: Evidence,
  context: Context & Pick<OverlayContext, 'remade'>,
): Evidence {
  if (!context.isNewer || part.kind !== 'update' || part.before === undefined) return now;
  const same = { ...part, after: part.before, unknown: {} };
  const old = lay(evidence, same, { ...context, rivals: [], contested: new Set(), note: () => undefined });
  return 'why' in old ? now : withUnchanged(evidence, old.evidence, now);
}

function areSame(some: readonly Part[], others: readonly Part[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ change, part }, at) => change === others[at]?.change && part.kind === others[at].part.kind)
  );
}

/**
 * The parts in which a change is applied. A replacement has two parts: the old resource is deleted,
 * whatever it was attached to, and a new resource is created.
 */
export function parts(change: PlannedChange): readonly Part[] {
  if (change.kind !== 'replace') return [{ change, part: change }];
  return [
    { change, part: { ...change, kind: 'delete', after: undefined } },
    { change, part: { ...change, kind: 'create', before: undefined } },
  ];
}

function lay(evidence: Evidence, change: PlannedChange, context: OverlayContext): Laid {
  // With `skip_destroy`, Terraform only forgets the resource, and AWS keeps it.
  if (isGone(change) && propertyOf(change.before, 'skip_destroy') === true) return { evidence };
  const row = Object.hasOwn(rows, change.type) && change.isAws ? rows[change.type] : undefined;
  if (row !== undefined && !change.isUnderstood) return factNotKnown('what the change does');
  if (row !== undefined) return row(evidence, change, context);
  return isDecisive(change)
    ? factNotKnown(`what a change of type ${change.type} does`)
    : { why: { code: 'type-not-known', type: change.type } };
}

const order = new Map(Object.keys(rows).map((type, index) => [type, index]));

const firstDatabase = Math.min(...Object.keys(databaseRows).map((type) => order.get(type) ?? order.size));

/** The position of a change in the order of the table. Deletions come before everything else. */
function rankOf({ type, kind }: PlannedChange): number {
  const at = order.get(type) ?? order.size;
  return kind === 'delete' ? -at - 1 : at;
}

/**
 * An attachment is deleted before the resource that it is attached to, and created after it. A
 * database or snapshot is created after its source. The source of a replica is there before it.
 */
function inOrder(changes: readonly Part[]): readonly Part[] {
  const databases = changes.map(({ part }) => part).filter(isDatabase);
  const depthOf = depths(databases.filter(isMade));
  const stepsOf = replicaSteps(databases);
  return changes.toSorted(
    (one, other) =>
      (isDatabase(one.part) && isDatabase(other.part)
        ? depthOf(one.part) - depthOf(other.part) || stepsOf(one.part) - stepsOf(other.part)
        : 0) || rankOf(one.part) - rankOf(other.part),
  );
}

function isDatabase({ type }: PlannedChange): boolean {
  return Object.hasOwn(databaseRows, type);
}

/**
 * Finds the length of the longest chain of changes in the list that have to be applied before a
 * change.
 */
function depths(changes: readonly PlannedChange[]): (change: PlannedChange) => number {
  const all = new Map(changes.map((change) => [change.identity, change]));
  const known = new Map<PlannedChange, number>();
  const depthOf = (change: PlannedChange): number => {
    const found = known.get(change);
    if (found !== undefined) return found;
    // A circle of dependencies ends here.
    known.set(change, 0);
    const depth = 1 + Math.max(-1, ...change.dependsOn.flatMap((one) => all.get(one) ?? []).map(depthOf));
    known.set(change, depth);
    return depth;
  };
  return (change) => (all.get(change.identity) === change ? depthOf(change) : -1);
}
