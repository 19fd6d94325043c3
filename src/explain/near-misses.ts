import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { DecidedCall } from '../check/decide.ts';
import { certain } from '../policy/possible.ts';
import type { PolicyKind, StatementRef } from '../policy/statement-ref.ts';
import type {
  TracedAction,
  TracedCondition,
  TracedElement,
  TracedPrincipal,
  TracedResource,
  TracedStatement,
} from '../policy/trace.ts';
import { statementName } from './names.ts';
import { callerText, possibleText, principalText } from './traced.ts';

/** An Allow that would apply but for one element. */
export interface NearMiss {
  readonly statement: StatementRef;
  readonly element: TracedElement;
  /** Completes "statement ... would allow it, but". */
  readonly but: string;
}

/** More would hide the likely one. */
const most = 2;

/**
 * Of a call that is not allowed, the Allows of the layers that do not allow which lack one thing only, the likeliest mistake first: a condition that is not met, a
 * principal that is gone or goes by another name, another resource, an action that was left out. Empty where nothing comes near.
 */
export function nearMisses(call: DecidedCall): readonly NearMiss[] {
  const { decision } = call;
  const wanted = new Set<PolicyKind>(decision.lacking);
  // Where the identity policies do not allow, a key policy could have.
  if (call.key !== undefined && wanted.has('identity')) wanted.add('resource');
  if (wanted.size === 0) return [];
  const statements = decision
    .trace()
    .filter(({ layer, applies }) => applies && wanted.has(layer))
    .flatMap(({ policies }) => policies.flatMap((policy) => policy.statements));
  return statements
    .flatMap((traced) => missOf(traced, call) ?? [])
    .toSorted((one, other) => order.indexOf(one.element.element) - order.indexOf(other.element.element))
    .slice(0, most);
}

const order: readonly TracedElement['element'][] = ['condition', 'principal', 'resource', 'action'];

function missOf({ statement, matches, elements }: TracedStatement, call: DecidedCall): NearMiss | undefined {
  if (statement.effect !== 'Allow' || matches !== false) return undefined;
  const [missed, ...more] = elements.filter((element) => element.matches !== true);
  if (missed === undefined || more.length > 0 || missed.matches !== false) return undefined;
  const but = wordsOf(missed, call);
  return but === undefined ? undefined : { statement, element: missed, but };
}

/** Undefined: no near miss, but something else altogether. */
function wordsOf(missed: TracedElement, call: DecidedCall): string | undefined {
  switch (missed.element) {
    case 'condition':
      return conditionMiss(missed, call);
    case 'principal':
      return principalMiss(missed);
    case 'resource':
      return resourceMiss(missed, call);
    case 'action':
      return actionMiss(missed);
  }
}

function conditionMiss({ operator, key, values, held }: TracedCondition, { row }: DecidedCall): string {
  const unmet = `its condition ${operator} ${key} ${values.join(' or ')} is not met`;
  return certain(held) === 'absent'
    ? `${unmet}, for ${row.action} does not carry that key`
    : `${unmet}, for the call has ${possibleText(held)}`;
}

function principalMiss({ values, held }: TracedPrincipal): string | undefined {
  const deleted = values.filter((entry) => entry.is === 'unique id');
  if (deleted.length > 0)
    return `it names ${list(deleted.map(principalText))}: whoever had that id is gone, and one who was made again under the old name is somebody else`;
  const caller = callerText(held);
  const alike = values.flatMap((entry) =>
    entry.is === 'arn' && lastName(entry.arn) === lastName(caller) ? [entry.arn] : [],
  );
  return alike.length === 0 ? undefined : `it names ${list(alike)}, and the principal is ${caller}`;
}

function lastName(arn: string): string | undefined {
  return arn.split('/').at(-1);
}

function resourceMiss(missed: TracedResource, { row }: DecidedCall): string | undefined {
  const { match, values, held } = missed;
  if (!values.some((entry) => serviceOf(entry) === serviceOf(held))) return undefined;
  // Of the same account and Region the name is enough.
  const place = held.split(':').slice(0, 5).join(':');
  const names = values.map((entry) => (entry.startsWith(`${place}:`) ? shortName(entry) : entry));
  const but = match === 'none' ? 'anything but ' : '';
  return `it is for ${but}${names.join(' or ')}${row.on.endsWith('key') ? ', which is another key' : ''}`;
}

/** Many statements are for other actions of RDS; one for the same key that leaves out an action is likely to be a mistake. */
function actionMiss({ match, values, held }: TracedAction): string | undefined {
  const actions = values.filter((entry) => entry.toLowerCase().startsWith('kms:'));
  return match === 'none' || !held.startsWith('kms:') || actions.length === 0
    ? undefined
    : `it is for ${list(actions)} only`;
}

function serviceOf(arn: string): string | undefined {
  return arn.split(':')[2];
}

/** Of calls that are decided for the same reason, as the end of a sentence that says why; statements that miss by the same are named together. */
export function nearMissText(calls: readonly DecidedCall[]): string {
  const byReason = new Map<string, Set<string>>();
  for (const { statement, but } of calls.flatMap(nearMisses))
    byReason.set(but, (byReason.get(but) ?? new Set()).add(statementName(statement)));
  return [...byReason].map(([but, statements]) => `; ${list([...statements])} would, but ${but}`).join('');
}
