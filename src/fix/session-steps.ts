import { shortName } from '../base/arn.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluated } from '../check/evaluate.ts';
import { mayOpenWith } from '../check/session-tags.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Parameter } from '../operations/parameters.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import { isTrue } from '../policy/matchers.ts';
import { operators, readOperator } from '../policy/operators.ts';
import type { TracedCondition, TracedElement } from '../policy/trace.ts';
import { permissionSetOf } from './commands.ts';
import { type Demand, requestSwitchIn, requestTagIn, type SessionFact } from './session-facts.ts';
import { identityArn, type Step } from './step.ts';

/**
 * Steps that meet conditions for the first call that is not allowed: each condition of a Deny
 * alone, and all conditions of an Allow together. A second check decides whether a step helps.
 */
export function sessionSteps({ bound, calls }: Evaluated, directory: Directory, evaluatedAt: string): readonly Step[] {
  // If the question covers every request, it also covers these facts.
  if (bound.anyRequest === true) return [];
  const first = calls.find(
    ({ row, decision }) => decision.decision !== 'allowed' && (row.kind === 'caller' || row.kind === 'forwarded'),
  );
  if (first === undefined) return [];
  const { actor } = first;
  const sent = first.row.kind === 'caller' ? bound.operation.parameters : [];
  const controls = (key: string): boolean => {
    const flag = flagOf(key);
    return flag === undefined ? controlOf(key, actor, directory) !== undefined : sent.includes(flag);
  };
  const seen = new Set<string>();
  return demandsOf(first, controls).flatMap((demands) => {
    const name = JSON.stringify(demands);
    if (seen.has(name)) return [];
    seen.add(name);
    return choices(demands.map((demand) => factsFor(demand, actor, { directory, evaluatedAt }))).map(
      (facts): Step => ({ step: 'session', owner: 'caller', account: actor.account, facts: facts.filter(isSeparate) }),
    );
  });
}

/** The parameter of the request that a condition key shows. Undefined: the key shows none. */
function flagOf(key: string): Parameter | undefined {
  const isOfTags = requestTagIn(key) !== undefined || key.toLowerCase() === 'aws:tagkeys';
  return isOfTags ? 'tag' : requestSwitchIn(key)?.flag;
}

/**
 * Whether a fact is not already part of another one: of a fact with more keys, or of a fact that
 * gives a value where this one needs only some value.
 */
function isSeparate(one: SessionFact, _: number, all: readonly SessionFact[]): boolean {
  const keys = Object.keys(one.context);
  return !all.some(
    (other) =>
      (Object.keys(other.context).length > keys.length || (takesAnyValue(one) && !takesAnyValue(other))) &&
      keys.every((key) => Object.hasOwn(other.context, key)),
  );
}

function takesAnyValue({ demand: { key, is } }: SessionFact): boolean {
  return is === 'present' || key === 'aws:TagKeys';
}

/** The requirements of each deciding statement. Those of one statement must be met together. */
function demandsOf({ decision }: DecidedCall, controls: (key: string) => boolean): readonly (readonly Demand[])[] {
  const statements = decision
    .trace()
    .filter(({ applies }) => applies)
    .flatMap(({ policies }) => policies.flatMap((policy) => policy.statements));
  const isOpen = (one: TracedElement): one is TracedCondition => one.element === 'condition' && controls(one.key);
  const ofDenies = statements
    .filter(({ statement, matches }) => statement.effect === 'Deny' && matches !== false)
    .flatMap(({ elements }) =>
      elements.filter(isOpen).flatMap((one) => {
        const demand = demandOf(one, false);
        return demand === undefined ? [] : [[demand]];
      }),
    );
  if (ofDenies.length > 0) return ofDenies;
  return statements
    .filter(({ statement, matches }) => statement.effect === 'Allow' && matches !== true)
    .flatMap(({ elements }) => {
      const failing = elements.filter(({ matches }) => matches !== true);
      const demands = failing.filter(isOpen).flatMap((one) => demandOf(one, true) ?? []);
      return demands.length === failing.length && demands.length > 0 ? [demands] : [];
    });
}

/**
 * What a condition requires of its key to match, or not to match. Undefined: the program does not
 * understand the condition.
 */
function demandOf({ operator: written, key: name, values }: TracedCondition, hold: boolean): Demand | undefined {
  const read = readOperator(written);
  if (read === undefined) return undefined;
  const key = spelled(name);
  const { compares, negated } = operators[read.name];
  if (compares === 'presence') {
    const isAbsent = values.every((value) => value.toLowerCase() === 'true');
    return { key, is: isAbsent === hold ? 'absent' : 'present', values: [] };
  }
  return { key, is: negated === hold ? 'none of' : 'one of', values };
}

/** A tag keeps its own spelling. */
function spelled(name: string): string {
  const known = conditionKey(name.toLowerCase())?.name ?? name;
  return known.endsWith('/') ? `${known}${name.slice(known.length)}` : known;
}

/** Who can set a key. */
type Control =
  /** The principal that sends the request. */
  | 'anybody'
  /**
   * The principal that signs in or assumes a role, but not through IAM Identity Center
   * (iam-evaluation 7.2).
   */
  | 'own session'
  /** The principal that assumes a role, if the role's trust policy allows it. */
  | 'sts:TagSession'
  | 'sts:SetSourceIdentity';

interface Row {
  readonly control: Control;
  /** The value that meets every requirement. Absent: it depends on the values in the policy. */
  readonly context?: (evaluatedAt: string) => SessionFact['context'];
}

const mfa = { 'aws:MultiFactorAuthPresent': ['true'] } as const;

/** By lower-case key. A principal cannot choose a key that is not in the table. */
const rows: Readonly<Record<string, Row>> = {
  'aws:multifactorauthpresent': { control: 'own session', context: () => mfa },
  'aws:multifactorauthage': {
    control: 'own session',
    context: () => ({ ...mfa, 'aws:MultiFactorAuthAge': ['0'] }),
  },
  'aws:tokenissuetime': { control: 'anybody', context: (now) => ({ 'aws:TokenIssueTime': [now] }) },
  'aws:securetransport': { control: 'anybody', context: () => ({ 'aws:SecureTransport': ['true'] }) },
  'aws:sourceip': { control: 'anybody' },
  'aws:vpcsourceip': { control: 'anybody' },
  'aws:sourcevpc': { control: 'anybody' },
  'aws:sourcevpce': { control: 'anybody' },
  'aws:sourceidentity': { control: 'sts:SetSourceIdentity' },
  'aws:principaltag/': { control: 'sts:TagSession' },
};

function controlOf(key: string, actor: Principal, directory: Directory): Row | undefined {
  const keyId = key.toLowerCase();
  const name = keyId.replace(/(?<=\/).*/s, '');
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined || row.control === 'anybody') return row;
  const role = roleOf(actor);
  const isSignedIn = role !== undefined && (permissionSetOf(role) !== undefined || isServiceLinkedRole(role));
  if (isSignedIn) return undefined;
  if (row.control === 'own session') return row;
  return role !== undefined && mayOpenWith(directory, row.control, actor) ? row : undefined;
}

function roleOf(actor: Principal): string | undefined {
  return actor.type === 'role' || actor.type === 'session' ? identityArn(actor) : undefined;
}

/** The facts that could meet a requirement: the values of the policy, one after the other. */
function factsFor(
  demand: Demand,
  actor: Principal,
  { directory, evaluatedAt }: { readonly directory: Directory; readonly evaluatedAt: string },
): readonly SessionFact[] {
  const arn = roleOf(actor);
  const role = arn === undefined ? undefined : shortName(arn);
  if (demand.key === 'aws:TagKeys') return taggedFor(demand);
  if (requestSwitchIn(demand.key) !== undefined) return switchedFor(demand);
  const made = controlOf(demand.key, actor, directory)?.context?.(evaluatedAt);
  if (made !== undefined) return [{ demand: { ...demand, values: [] }, role, context: made }];
  const isAddress = conditionKey(demand.key.toLowerCase())?.type === 'ip';
  const fact = (one: Demand, value: string | undefined): SessionFact => ({
    demand: one,
    role,
    context: { [demand.key]: value === undefined ? [] : [value] },
  });
  switch (demand.is) {
    case 'absent':
      return [fact(demand, undefined)];
    case 'present':
      return [fact(demand, isAddress ? addresses[0] : 'any')];
    case 'none of':
      return isAddress ? addresses.map((address) => fact(demand, address)) : [fact(demand, undefined)];
    case 'one of':
      return demand.values
        .filter((value) => !value.includes('$'))
        .slice(0, mostValues)
        .map((value) => fact({ ...demand, values: [value] }, isAddress ? value.replace(/\/.*/, '') : sample(value)));
  }
}

/**
 * How to meet a Bool test of a request's switch. If the test denies a value, use the other value.
 */
function switchedFor({ key, is, values: [value = ''] }: Demand): readonly SessionFact[] {
  if (is === 'present' || is === 'absent') return [];
  const isOn = isTrue(value) === (is === 'one of');
  return [
    { demand: { key, is: 'one of', values: [String(isOn)] }, role: undefined, context: { [key]: [String(isOn)] } },
  ];
}

/** How to meet a test of the names of a request's tags. */
function taggedFor(demand: Demand): readonly SessionFact[] {
  switch (demand.is) {
    case 'one of':
      return demand.values.slice(0, mostValues).map(tagged);
    case 'present':
      return [{ demand, role: undefined, context: { 'aws:RequestTag/example': ['any'] } }];
    case 'none of':
    case 'absent':
      return [];
  }
}

/** A request with a tag of any value. */
function tagged(tag: string): SessionFact {
  return {
    demand: { key: 'aws:TagKeys', is: 'one of', values: [tag] },
    role: undefined,
    context: { [`aws:RequestTag/${sample(tag)}`]: ['any'] },
  };
}

/** Addresses that are reserved for examples, so that no network has them (RFC 5737). */
const addresses = ['192.0.2.1', '198.51.100.1', '203.0.113.1'] as const;

const mostValues = 5;

/** A text that a pattern matches. */
function sample(pattern: string): string {
  return pattern.replaceAll(/[*?]/g, 'x');
}

/** Every combination with one item of each list. */
function choices<Item>(of: readonly (readonly Item[])[]): readonly (readonly Item[])[] {
  return of.reduce<readonly (readonly Item[])[]>(
    (all, some) => all.flatMap((chosen) => some.map((one) => [...chosen, one])).slice(0, mostValues),
    [[]],
  );
}
