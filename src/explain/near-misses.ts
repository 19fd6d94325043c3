import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { list } from '../base/wording.ts';
import type { Miss, NearMiss } from '../check/near-misses.ts';
import { statementName } from './names.ts';
import { callerText, possibleText, principalText } from './traced.ts';
import { valueTexts } from './values.ts';

/** Completes "statement ... would allow it, but". */
export function missText(miss: Miss): string {
  switch (miss.code) {
    case 'condition-not-met':
      return `${conditionText(miss)} is not met, for the call has ${possibleText(miss.key, miss.held)}`;
    case 'condition-key-absent':
      return `${conditionText(miss)} is not met, for ${miss.action} does not carry that key`;
    case 'deleted-principal': {
      const names = miss.ids.map((id) => principalText({ is: 'unique id', id }));
      return `it names ${list(names)}: whoever had that id is gone, and one who was made again under the old name is somebody else`;
    }
    case 'namesake':
      return `it names ${list(miss.arns)}, and the principal is ${callerText(miss.caller)}`;
    case 'other-resource': {
      const names = miss.entries.map(({ arn, nearby }) => (nearby ? shortName(arn) : arn));
      return `it is for ${miss.match === 'none' ? 'anything but ' : ''}${names.join(' or ')}${miss.isKey ? ', which is another key' : ''}`;
    }
    case 'other-action':
      return `it is for ${list(miss.actions)} only`;
  }
}

type ConditionMiss = Extract<Miss, { readonly code: 'condition-not-met' | 'condition-key-absent' }>;

function conditionText({ operator, key, values }: ConditionMiss): string {
  return `its condition ${operator} ${key} ${valueTexts(key, values).join(' or ')}`;
}

/**
 * Ends a sentence that says why calls are decided as they are. Statements that miss for the same
 * reason are named together.
 */
export function nearMissText(nearMisses: readonly NearMiss[]): string {
  const byMiss = groupBy(nearMisses, ({ miss }) => JSON.stringify(miss));
  return [...byMiss.values()].map(together).join('');
}

function together(alike: readonly [NearMiss, ...NearMiss[]]): string {
  const names = [...new Set(alike.map(({ statement }) => statementName(statement)))];
  return `; ${list(names)} would, but ${missText(alike[0].miss)}`;
}
