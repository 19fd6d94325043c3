import { isArn, nameOf } from '../base/arn.ts';
import { madeBy } from '../plan/made.ts';
import { textIn } from '../plan/overlay-row.ts';
import type { UnplacedChange } from '../plan/planned-state.ts';
import type { Expectation, SourceItem } from './expectation.ts';
import { mostNamed } from './needed.ts';
import { type Judged, leftOpen, outcomeOfLack } from './outcome.ts';
import { patternOf } from './pattern.ts';
import type { Said } from './tree.ts';

/* Leaves outcomes open because of new databases and snapshots whose account, Region or name the plan does not show. */

/**
 * Leaves an outcome open if an expectation may be about a database or snapshot that a plan creates,
 * but that is not in the state after the apply, because the plan does not show where it is.
 */
export function unlessSourceUnplaced(judged: Judged, all: readonly UnplacedChange[]): Judged {
  const { expectation, outcome } = judged;
  const meant = all.filter((one) => mayBeSource(one, judged));
  if (meant.length === 0) return judged;
  const changes = meant.slice(0, mostNamed).map(({ change: { address }, what, isName }) => ({ what, isName, address }));
  if (outcome === 'holds')
    return {
      ...judged,
      outcome: 'unproven',
      lacks: [...judged.lacks, { code: 'plan-change-unplaced', changes }],
    };
  return outcome === 'broken' && isOnlySourceMissing(judged) && expectation.source !== undefined
    ? leftOpen(judged, { code: 'plan-change-may-create', changes })
    : judged;
}

/** Whether the only obstacle is that no database or snapshot has a name. */
function isOnlySourceMissing({ lacks, alike }: Judged): boolean {
  const breaking = lacks.filter((lack) => outcomeOfLack(lack) === 'broken');
  return (
    alike.every(({ failing: [first] }) => first.outcome !== 'broken') &&
    breaking.length > 0 &&
    breaking.every((lack) => lack.code === 'nothing-matched' && lack.what === 'source')
  );
}

function mayBeSource(one: UnplacedChange, { expectation, outcome, resolved }: Judged): boolean {
  const { change } = one;
  const { source } = expectation;
  const type = madeBy(change.type)?.of;
  if (source === undefined || source.field === 'key' || !isRead(expectation, type) || isElsewhere(one, expectation))
    return false;
  // RDS finds one source with a name, and a name that was found is not of a new source.
  const isFound = outcome === 'holds' && resolved.sources.length > 0;
  return source.items.some((item) =>
    source.field === 'backups-of' || item.is === 'newest'
      ? mayBeBackupOf(one, item.said.text)
      : item.is === 'name'
        ? !isFound && mayBeNamed(one, item)
        : mayBeNamed(one, item),
  );
}

function isRead({ asked }: Expectation, type: string | undefined): boolean {
  return asked.some(
    (one) =>
      'operations' in one && one.operations.some(({ reads }) => reads?.types.some((each) => each === type) === true),
  );
}

/** Whether the plan shows a Region that the expectation is not about. */
function isElsewhere({ change }: UnplacedChange, { regions }: Expectation): boolean {
  const region = textIn(change.after, 'region');
  return region !== undefined && regions.length > 0 && !regions.some(({ text }) => patternOf(text)(region));
}

/** Without a known name, a source may have any name. */
function mayBeNamed({ change }: UnplacedChange, item: Exclude<SourceItem, { readonly is: 'newest' }>): boolean {
  const identifier = madeBy(change.type)?.identifier;
  const name = identifier === undefined ? undefined : textIn(change.after, identifier);
  if (name === undefined || name === '') return true;
  const has = ({ text }: Said): boolean => text === change.address || patternOf(nameIn(text), true)(name);
  return has(item.said) && !item.not.some(has);
}

/** The name or pattern of names in a name, ARN or pattern. A pattern of ARNs may have a name of any length. */
function nameIn(text: string): string {
  const name = isArn(text) ? nameOf(text) : text;
  return name === '' ? '**' : name;
}

/** Whether a new snapshot may be one of a database. The plan may not show of which database it is. */
function mayBeBackupOf({ change: { type, after } }: UnplacedChange, database: string): boolean {
  if (madeBy(type)?.of !== 'cluster-snapshot' && madeBy(type)?.of !== 'snapshot') return false;
  const of = textIn(after, 'db_cluster_identifier') ?? textIn(after, 'db_instance_identifier');
  return of === undefined || isArn(of) || patternOf(database, true)(of);
}
