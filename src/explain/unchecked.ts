import { list, numberText } from '../base/wording.ts';
import type { Unchecked } from '../check/bind-all.ts';
import type { Comparison } from '../diff/diff.ts';
import { sourceNouns } from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';

/** What two states of the evidence leave open, as sentences with periods. */
export function notComparedText(unchecked: Comparison['unchecked'][number]): string {
  return unchecked.code === 'principal-list-unread'
    ? `The ${unchecked.type}s of account ${unchecked.account} were not compared (the list was not read).`
    : notCheckedText(unchecked);
}

/** What was not checked, as sentences with periods. */
export function notCheckedText(unchecked: Unchecked): string {
  switch (unchecked.code) {
    case 'nothing-of-the-kind': {
      const { types, place, membersLeftOut } = unchecked;
      const nouns = types.map((type) => `${sourceNouns[type]}s`);
      const outside = membersLeftOut && types.includes('db') ? ' outside of clusters' : '';
      return `No ${list(nouns, 'or')}${outside} in ${placeText(place)}. Nothing was checked.`;
    }
    case 'list-unread': {
      const { type, place, gap } = unchecked;
      const why = gap === undefined ? 'the list was not read' : `${gap.what}: ${gap.reason}`;
      return `The ${sourceNouns[type]}s in ${placeText(place)} were not checked (${why}).`;
    }
    case 'combinations-skipped': {
      const { count } = unchecked;
      return count === 1
        ? '1 combination was skipped: the source is not in that Region.'
        : `${numberText(count)} combinations were skipped: the sources are not in those Regions.`;
    }
    case 'operation-left-out': {
      const { operation, flags } = unchecked;
      return `${kindsText(operation)} were not checked: ${operation.api} takes no ${list(flags.map((flag) => `--${flag}`))}.`;
    }
    case 'asked-by-name-only':
      return `${kindsText(unchecked.operation)} were not checked. Name one to check it.`;
    case 'asked-by-another-command':
      return `${others[unchecked.command] ?? unchecked.command} were not checked.`;
  }
}

/**
 * The command that checks what was left out, without the other arguments of the run. Undefined:
 * there is none.
 */
export function commandFor(unchecked: Unchecked): string | undefined {
  switch (unchecked.code) {
    case 'operation-left-out':
    case 'asked-by-name-only':
      return `aurora-kms-check ${unchecked.operation.command} ${sourceFlag(unchecked.operation)} NAME`;
    case 'asked-by-another-command':
      return `aurora-kms-check ${unchecked.command}`;
    default:
      return undefined;
  }
}

function sourceFlag({ reads }: Operation): string {
  return `--${reads?.flag ?? ''}`;
}

function placeText({ account, region }: { readonly account: string; readonly region: string }): string {
  return `${region} (account ${account})`;
}

function kindsText({ reads }: Operation): string {
  const [type] = reads?.types ?? [];
  const noun = type === undefined ? 'source' : sourceNouns[type];
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`;
}

const others: Readonly<Record<string, string>> = {
  'restore-to-point-in-time': 'Restores to a point in time, including those from automated backups,',
  restore: 'Snapshots',
};
