import type { Grant } from '../../../src/policy/grants.ts';
import type { PolicyKind } from '../../../src/policy/statement-ref.ts';
import { type Doc, listOf, type Named, type OneOrMore, type PrincipalDoc, type StatementDoc } from '../documents.ts';
import type { Situation } from '../situations.ts';
import { type Filled, glob, isTrue, operators } from './operators.ts';

/*
 * A second engine, written from iam-evaluation 1-6 and 13-14: with two values, without an index or
 * a cache, for requests about which everything is known. If AWS publishes no rule, it takes one
 * side, and such requests are not compared.
 */

export type Answer = 'allowed' | 'explicit' | 'implicit';

const multivalued = new Set(['kms:encryptioncontextkeys', 'kms:grantoperations', 'kms:resourcealiases', 'aws:tagkeys']);

/**
 * The request's values of a key (iam-evaluation 4.9, 7B). Undefined: the request does not have the
 * key.
 */
function valuesOf(name: string, one: Situation): readonly string[] | undefined {
  const keyId = name.toLowerCase();
  const given = Object.entries(one.context).find(([key]) => key.toLowerCase() === keyId)?.[1];
  if (given !== undefined) return listOf(given);
  const value = derived(keyId, one);
  return value === undefined ? undefined : [value];
}

function derived(keyId: string, one: Situation): string | undefined {
  const { caller, arn, action, account } = one;
  const { principal, roleArn = principal, userId } = caller.is;
  const service = caller.type === 'service';
  const last = principal.slice(principal.lastIndexOf('/') + 1);
  const role = caller.type === 'role session' || caller.type === 'service-linked role';
  switch (keyId) {
    case 'aws:principalarn':
      return service ? undefined : roleArn;
    case 'aws:principalaccount':
      return service ? undefined : caller.account;
    case 'kms:calleraccount':
      return service || !action.startsWith('kms:') ? undefined : caller.account;
    case 'aws:principaltype':
      if (service) return undefined;
      return role ? 'AssumedRole' : { user: 'User', root: 'Account', 'federated user': 'FederatedUser' }[caller.type];
    case 'aws:userid':
      if (caller.type === 'root') return caller.account;
      if (caller.type === 'federated user') return `${caller.account}:${last}`;
      return role ? `${userId}:${last}` : userId;
    case 'aws:username':
      return caller.type === 'user' ? last : undefined;
    case 'aws:principalisawsservice':
      return String(service);
    case 'aws:viaawsservice':
      return String(valuesOf('kms:ViaService', one) !== undefined);
    case 'aws:resourceaccount':
      return account;
    case 'aws:requestedregion':
      return arn.split(':')[3];
    case 'aws:securetransport':
      return 'true';
    default:
      return undefined;
  }
}

/** The text with its variables replaced (iam-evaluation 4). Undefined: a variable has no value. */
function filled(text: string, variables: boolean, one: Situation): Filled | undefined {
  let out = '';
  const literal: boolean[] = [];
  const add = (more: string, isLiteral: boolean): void => {
    out += more;
    for (let index = 0; index < more.length; index++) literal.push(isLiteral);
  };
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('}');
    if (variables && rest.startsWith('${') && end > 0) {
      const [name = '', fallback] = rest.slice(2, end).split(', ');
      // 14.9: also with a default.
      if (multivalued.has(name.toLowerCase())) return undefined;
      const [value = ''] = valuesOf(name, one) ?? [];
      if (['*', '?', '$'].includes(name)) add(name, true);
      else if (value !== '') add(value, true);
      else if (fallback !== undefined) add(fallback.slice(1, -1), true);
      else return undefined;
      rest = rest.slice(end + 1);
    } else {
      add(rest.slice(0, 1), false);
      rest = rest.slice(1);
    }
  }
  return { text: out, literal };
}

/** One condition test, with its operator as written. */
interface Asks {
  readonly written: string;
  readonly key: string;
  readonly policyValues: readonly string[];
}

/** iam-evaluation 3. */
function testHolds({ written, key, policyValues }: Asks, one: Situation, of: Reading): boolean {
  const [prefix, rest = ''] = written.includes(':') ? written.split(':') : ['', written];
  const ifExists = rest.endsWith('IfExists');
  const name = ifExists ? rest.slice(0, -'IfExists'.length) : rest;
  const held = valuesOf(key, one);
  if (name === 'Null') return policyValues.some((value) => isTrue(value) === (held === undefined));
  // 6.42: tags of the key are not supported in its policy.
  if (of.kind === 'resource' && key.startsWith('aws:ResourceTag/') && one.arn.includes(':key/')) return false;
  const operator = operators[name];
  if (operator === undefined) throw new Error(`no operator ${name}`);
  const negated = operator.negated === true;
  const met = (value: string): boolean => {
    for (const policyValue of policyValues) {
      const text = filled(policyValue, of.variables && operator.variables === true, one);
      const compared = text === undefined ? false : operator.compare(value, text);
      // 14.5: neither the operator nor its negation.
      if (compared === 'incomparable') return false;
      // 14.11
      if (compared === 'unreadable' && name.startsWith('Arn')) return of.effect === 'Deny';
      if (compared === true) return !negated;
    }
    return negated;
  };
  if (prefix === 'ForAllValues') return held === undefined || held.every(met);
  if (prefix === 'ForAnyValue') return held !== undefined && held.some(met);
  if (held === undefined) return ifExists || negated;
  // 14.8
  return !multivalued.has(key.toLowerCase()) && held.length === 1 && met(held[0] ?? '');
}

interface Reading {
  readonly effect: 'Allow' | 'Deny';
  readonly kind: PolicyKind;
  readonly variables: boolean;
}

function actionListed(patterns: OneOrMore, action: string): boolean {
  return listOf(patterns).some((pattern) => glob(pattern.toLowerCase(), action.toLowerCase()));
}

/** iam-evaluation 2C, 4.6. */
function resourceListed(patterns: OneOrMore, one: Situation, { variables }: Reading): boolean {
  return listOf(patterns).some((pattern) => {
    if (pattern === '*') return true;
    const text = filled(pattern, variables, one);
    return one.arn !== '*' && text !== undefined && glob(text.text, one.arn, text.literal);
  });
}

/** Whether everything of a statement except its principal matches. */
function restMatches(statement: StatementDoc, one: Situation, of: Reading): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const action =
    Action !== undefined
      ? actionListed(Action, one.action)
      : NotAction !== undefined && !actionListed(NotAction, one.action);
  const resource =
    Resource !== undefined
      ? resourceListed(Resource, one, of)
      : NotResource !== undefined
        ? !resourceListed(NotResource, one, of)
        : one.arn.startsWith('arn:aws:iam:');
  return (
    action &&
    resource &&
    Object.entries(Condition).every(([operator, tests]) =>
      Object.entries(tests).every(([key, values]) =>
        testHolds({ written: operator, key, policyValues: listOf(values) }, one, of),
      ),
    )
  );
}

/** How an entry reaches a principal (iam-evaluation 2.3). */
type Kind = 'direct' | 'bounded' | 'account' | 'anyone';

/** The identities of a caller (iam-evaluation 2.2), and what each counts as. */
function presented({ caller }: Situation): ReadonlyMap<string, Kind> {
  const { account, type } = caller;
  const { principal, roleArn = '', userId = '', federatingUser = '' } = caller.is;
  if (type === 'service') return new Map([[principal, 'direct']]);
  const accountForms: [string, Kind][] = [
    [account, 'account'],
    [`arn:aws:iam::${account}:root`, 'account'],
  ];
  switch (type) {
    case 'root':
      return new Map(accountForms);
    case 'user':
      return new Map([...accountForms, [principal, 'direct'], [userId, 'direct']]);
    case 'federated user':
      return new Map([...accountForms, [principal, 'direct'], [federatingUser, 'bounded']]);
    case 'role session':
    case 'service-linked role':
      return new Map([...accountForms, [principal, 'direct'], [roleArn, 'bounded'], [userId, 'bounded']]);
  }
}

function kindsListed(principal: PrincipalDoc, one: Situation): readonly Kind[] {
  const service = one.caller.type === 'service';
  if (principal === '*') return [service ? 'direct' : 'anyone'];
  return Object.entries(principal).flatMap(([type, listed]) =>
    listOf(listed).flatMap((text): readonly Kind[] => {
      if (type === 'AWS' && text === '*') return [service ? 'direct' : 'anyone'];
      const fits = (type === 'AWS' && !service) || (type === 'Service' && service);
      const kind = fits ? presented(one).get(text) : undefined;
      return kind === undefined ? [] : [kind];
    }),
  );
}

/** Whether a condition requires certain values of aws:PrincipalArn (iam-evaluation 14.19). */
function testsPrincipalArn({ Condition = {} }: StatementDoc): boolean {
  return Object.entries(Condition).some(
    ([operator, tests]) =>
      /^(for\w+:)?(string|arn)(equals|like)/i.test(operator) &&
      Object.keys(tests).some((key) => key.toLowerCase() === 'aws:principalarn'),
  );
}

/** How the principal element of a statement reaches the caller. */
function reached(statement: StatementDoc, one: Situation, { kind }: Reading): readonly Kind[] {
  if (kind !== 'resource' && kind !== 'endpoint' && kind !== 'rcp') return ['direct'];
  const { Principal, NotPrincipal } = statement;
  if (Principal !== undefined) {
    const kinds = kindsListed(Principal, one);
    return testsPrincipalArn(statement) ? kinds.map((each) => (each === 'anyone' ? 'direct' : each)) : kinds;
  }
  if (NotPrincipal === undefined) return [];
  // 2.16b.
  if (one.policies.boundary?.[0] !== undefined) return ['direct'];
  return kindsListed(NotPrincipal, one).length === 0 ? ['direct'] : [];
}

interface Reads extends Reading {
  readonly statement: StatementDoc;
}

function read(policies: readonly Named[] | undefined, kind: PolicyKind): readonly Reads[] {
  return (policies ?? []).flatMap(({ document }: { readonly document: Doc }) =>
    document.Statement.map((statement) => ({
      statement,
      effect: statement.Effect,
      kind,
      variables: document.Version === '2012-10-17',
    })),
  );
}

/** How the statements with one effect reach the caller. */
function says(layer: readonly Reads[], effect: 'Allow' | 'Deny', one: Situation): readonly Kind[] {
  return layer.flatMap((of) =>
    of.statement.Effect === effect && restMatches(of.statement, one, of) ? reached(of.statement, one, of) : [],
  );
}

/** iam-evaluation 5.1, 5.25, 5.30, 5.37, 6.24. */
function applies(kind: PolicyKind, one: Situation): boolean {
  const { type } = one.caller;
  switch (kind) {
    case 'scp':
      return type !== 'service' && type !== 'service-linked role' && one.flags.managementAccount !== true;
    case 'rcp':
      return (
        type !== 'service-linked role' &&
        one.flags.resourceInManagementAccount !== true &&
        one.flags.awsManagedKey !== true &&
        one.action !== 'kms:RetireGrant' &&
        one.arn !== '*' &&
        ['kms', 'secretsmanager', 'sts'].includes(one.action.split(':')[0] ?? '')
      );
    case 'identity':
      return type !== 'service' && type !== 'root';
    case 'boundary':
    case 'session':
      return type === 'user' || type === 'role session' || type === 'federated user';
    case 'endpoint':
      return type !== 'service' && valuesOf('kms:ViaService', one) === undefined;
    case 'resource':
      return one.action !== 'kms:RetireGrant';
  }
}

/** iam-evaluation 6.16-6.21, 13.1. */
function grantKinds(grant: Grant, one: Situation): readonly Kind[] {
  const operation = one.action.slice('kms:'.length);
  if (grant.Operations?.includes(operation) !== true) return [];
  const kind = presented(one).get(grant.GranteePrincipal ?? '');
  const byArn = one.caller.type === 'service' || grant.GranteePrincipal?.startsWith('arn:') === true;
  if (kind === undefined || kind === 'account' || !byArn) return [];
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset, SourceArn } = grant.Constraints ?? {};
  const [source = ''] = valuesOf('aws:SourceArn', one) ?? [];
  if (SourceArn !== undefined && operators['ArnLike']?.compare(source, { text: SourceArn, literal: [] }) !== true)
    return [];
  if (operation === 'CreateGrant') {
    const asked = valuesOf('kms:GrantOperations', one) ?? [];
    if (!asked.every((name) => grant.Operations?.includes(name) === true)) return [];
    const type = valuesOf('kms:GrantConstraintType', one);
    if (equals !== undefined && type !== undefined && !type.includes('EncryptionContextEquals')) return [];
  }
  if (operation === 'DescribeKey' || operation === 'RetireGrant') return [kind];
  const team = valuesOf('kms:EncryptionContext:team', one)?.[0];
  const pairs = team === undefined ? [] : [['team', team].join()];
  const wanted = Object.entries(equals ?? subset ?? {}).map((pair) => pair.join());
  if (!wanted.every((pair) => pairs.includes(pair))) return [];
  return equals !== undefined && wanted.length < pairs.length ? [] : [kind];
}

function mayRetire(grant: Grant, one: Situation): boolean {
  const { type, account, is } = one.caller;
  if (type === 'service') return grant.RetiringPrincipal === is.principal;
  const retiring = presented(one).get(grant.RetiringPrincipal ?? '');
  const issuer = type === 'root' && grant.IssuingAccount === `arn:aws:iam::${account}:root`;
  return issuer || retiring === 'direct' || retiring === 'bounded' || grantKinds(grant, one).length > 0;
}

const foreignActions = ['CreateGrant', 'Decrypt', 'DescribeKey', 'RetireGrant'].map((name) => `kms:${name}`);

/** iam-evaluation 5.5-5.10. `escapes`: the side to take where 14.19 leaves the answer open. */
export function decide(one: Situation, escapes = true): Answer {
  const { policies, caller, action } = one;
  const layers: readonly (readonly [PolicyKind, readonly Reads[]])[] = [
    ...(policies.scps ?? []).map((level) => ['scp', read(level, 'scp')] as const),
    ...(policies.rcps ?? []).map((level) => ['rcp', read(level, 'rcp')] as const),
    ['identity', read(policies.identity, 'identity')],
    ['boundary', read(policies.boundary, 'boundary')],
    ['session', read(policies.session, 'session')],
    ['endpoint', read(policies.endpoint, 'endpoint')],
    ['resource', read(policies.resource, 'resource')],
  ];
  if (layers.some(([kind, layer]) => applies(kind, one) && says(layer, 'Deny', one).length > 0)) return 'explicit';
  const allows = (kind: PolicyKind, given: readonly Named[] | undefined, otherwise: boolean): boolean =>
    !applies(kind, one) ||
    (given === undefined || (given.length === 0 && kind !== 'identity')
      ? otherwise
      : says(read(given, kind), 'Allow', one).length > 0);
  const scp = (policies.scps ?? []).every((level) => allows('scp', level, true));
  const outer = scp && allows('endpoint', policies.endpoint, true);
  const ceiling =
    allows('boundary', policies.boundary, true) &&
    allows('session', policies.session, caller.type !== 'federated user');
  const own = caller.type === 'root' || (allows('identity', policies.identity, false) && ceiling);
  const resource = applies('resource', one) ? says(read(policies.resource, 'resource'), 'Allow', one) : [];
  const grants = action.startsWith('kms:') ? (policies.grants ?? []) : [];
  const granted = grants.flatMap((grant) => grantKinds(grant, one));
  const through = (kinds: readonly Kind[]): boolean =>
    kinds.includes('direct') ||
    (kinds.includes('bounded') && ceiling) ||
    (kinds.includes('anyone') && (ceiling || escapes));
  return allowed() ? 'allowed' : 'implicit';

  function allowed(): boolean {
    const abroad = caller.type !== 'service' && caller.account !== one.account;
    if (action === 'kms:RetireGrant') return outer && (own || !abroad) && grants.some((grant) => mayRetire(grant, one));
    if (caller.type === 'service') return resource.includes('direct') || granted.length > 0;
    if (!abroad) {
      const first = one.arn.includes(':key/') || action.startsWith('sts:AssumeRole');
      if (!first) return outer && (through(resource) || own);
      return outer && (through(resource) || through(granted) || (resource.includes('account') && own));
    }
    if (action.startsWith('kms:') && !foreignActions.includes(action)) return false;
    const issued = grants.filter(({ IssuingAccount }) => IssuingAccount === `arn:aws:iam::${caller.account}:root`);
    const byGrant = issued.flatMap((grant) => grantKinds(grant, one));
    return outer && ((own && (resource.length > 0 || granted.length > 0)) || through(byGrant));
  }
}
