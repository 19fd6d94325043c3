import { parseArn } from '../base/arn.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { parameterTable } from '../operations/parameters.ts';
import type { Step } from './step.ts';

/**
 * The step that gives the new resource a name that policies allow, if the request names none. Then
 * no policy needs an edit. A name that is given is kept.
 */
export function nameSteps({ bound, calls }: Evaluated): readonly Step[] {
  const { operation, parameters, principal } = bound;
  // If the question covers every request, it covers every name.
  if (bound.anyRequest === true || parameters.to !== undefined || !operation.parameters.includes('to')) return [];
  const made = calls.filter(({ row }) => row.on === `new ${operation.makes ?? ''}`);
  return made.slice(0, 1).flatMap((call) =>
    namesAllowed(call)
      .slice(0, 1)
      .map(([of, to]): Step => ({ step: 'name new', owner: 'caller', account: principal.account, of, to })),
  );
}

/** Names with which a call is allowed, each with the start of its ARN. */
function namesAllowed({ decision }: DecidedCall): readonly (readonly [of: string, name: string])[] {
  if (decision.decision !== 'depends' || decision.witness === 'not enumerated') return [];
  return decision.witness.allows.flatMap(({ fact, values }) => {
    if (fact.fact !== 'resource name' || values === 'absent') return [];
    const beginnings = values.flatMap((arn) => parseArn(arn)?.name ?? '');
    const names = beginnings.flatMap((name) => [name, `${name}x`]);
    return names.filter((name) => complaint(name) === undefined).map((name) => [fact.of, name] as const);
  });
}

const { complaint } = parameterTable.to;
