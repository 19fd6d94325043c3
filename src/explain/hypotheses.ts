import { shortName } from '../base/arn.ts';
import type { PolicyPlace } from '../evidence/change.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';

/** A change that the check assumes, as a sentence without a period. */
export function hypothesisText(change: HypotheticalChange): string {
  switch (change.code) {
    case 'policy-replaced':
      return `${placeText(change.place, change)} is the one in ${change.from}`;
    case 'key-state-replaced': {
      const { key, alias, state, before } = change;
      return `the state of ${keyText(key, alias)} is ${state} (as read: ${before ?? 'not known'})`;
    }
    case 'policy-attached':
      return `managed policy ${change.policy} is attached to ${shortName(change.owner)}`;
  }
}

function placeText(
  place: PolicyPlace,
  { alias, isNew }: { readonly alias: string | undefined; readonly isNew: boolean },
): string {
  switch (place.in) {
    case 'key policy':
      return `the key policy of ${keyText(place.key, alias)}`;
    case 'inline policy':
      return `${isNew ? 'a new inline policy' : 'inline policy'} ${place.name} of ${shortName(place.owner)}`;
    case 'managed policy':
      return `managed policy ${place.arn}`;
    case 'scp':
    case 'rcp':
      return `${place.in.toUpperCase()} ${place.name}`;
  }
}

function keyText(arn: string, alias: string | undefined): string {
  return alias === undefined ? shortName(arn) : `${alias} (${shortName(arn)})`;
}
