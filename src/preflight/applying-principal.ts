import { isArn, parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { list } from '../base/wording.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Who } from './expectation.ts';
import type { ExpectationLack } from './outcome.ts';
import { peopleMeant } from './people.ts';

/**
 * A misspelled --principal says nothing about a plan: the apply does not fail because of it.
 * `states`: the evidence before and after the apply. A plan may create or delete the principal.
 * `places`: the accounts of the requests, which the evidence may not have.
 * @throws Failure if nobody in any of the accounts has the name
 */
export function refuseUnknownApplier(
  name: string,
  states: readonly Evidence[],
  places: () => readonly (string | undefined)[],
): void {
  const session = parsePrincipalArn(name);
  // No list has sessions.
  const text = session?.type === 'session' ? `role/${session.name}` : name;
  const said = { text, at: { file: '', line: 1, column: 1 } };
  const who: Who = { said, is: 'name', not: [], tags: [], account: undefined };
  const nearest: string[] = [];
  // Without a list of the principals, nobody knows whether the principal exists.
  const mayBeIn = (account: string): boolean =>
    states.some((evidence) => {
      const [lack] = peopleMeant(evidence, who, account).lacks;
      if (lack?.code !== 'nothing-matched') return true;
      nearest.push(...lack.nearest);
      return false;
    });
  const own = isArn(name) ? parseArn(name)?.account : undefined;
  const read = own !== undefined ? [own] : [...new Set(states.flatMap((evidence) => Object.keys(evidence.accounts)))];
  if (read.length === 0 || read.some(mayBeIn)) return;
  // A request whose account is not known may be sent to any account.
  if (own === undefined && places().some((account) => account === undefined || mayBeIn(account))) return;
  const some = [...new Set(nearest)].slice(0, 3);
  throw new Failure(
    'input',
    `--principal: no principal matches \`${name}\` in ${read.length === 1 ? 'account' : 'accounts'} ${list(read)}`,
    some.length === 0 ? 'name the user or role that applies the plan' : `did you mean ${list(some, 'or')}?`,
  );
}

/** `stranger`: the account of a principal that cannot send requests to the account. */
export function applierUnknown(stranger: string | undefined, account: string | undefined): ExpectationLack {
  return {
    code: 'plan-principal-unknown',
    ...(stranger === undefined || account === undefined ? {} : { stranger: { of: stranger, account } }),
  };
}

/** A name that the user gives means a principal of another account. */
export function applierNotFound(account: string | undefined): ExpectationLack {
  return { code: 'plan-principal-unknown', ...(account === undefined ? {} : { stranger: { account } }) };
}
