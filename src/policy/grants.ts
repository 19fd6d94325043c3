import { arnParts } from './arn.ts';
import { arnReaches, type Reach } from './identities.ts';
import { globOf, matches } from './pattern.ts';
import { certain } from './possible.ts';
import { contextOf, encryptionContext, type Request, settle } from './request.ts';
import { and, grantConstraintFact, or, ruleFact, type Truth } from './truth.ts';

/** A grant as kms:ListGrants shows it. */
export interface Grant {
  readonly GrantId?: string | undefined;
  readonly Name?: string | undefined;
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
  readonly RetiringPrincipal?: string | undefined;
  readonly IssuingAccount?: string | undefined;
  readonly Operations?: readonly string[] | undefined;
  readonly Constraints?: GrantConstraints | undefined;
}

export interface GrantConstraints {
  readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined;
  readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined;
  readonly SourceArn?: string | undefined;
}

const nobody: Reach = { direct: false, bounded: false, account: false };

/**
 * Whether a grant allows the request, and by which kind of grantee: like a resource policy that names the same kind of principal
 * (iam-evaluation 6.16-6.20, 13.1).
 */
export function grantCovers(grant: Grant, request: Request): Reach {
  const operation = request.action.slice('kms:'.length);
  if (!grant.Operations?.some((name) => name.toLowerCase() === operation)) return nobody;
  const grantee = granteeReaches(grant, request);
  if (grantee.direct === false && grantee.bounded === false) return nobody;
  const constrained = and(
    constraintsHold(grant, operation, request),
    operation === 'creategrant' ? operationsCovered(grant, request) : true,
  );
  return { direct: and(grantee.direct, constrained), bounded: and(grantee.bounded, constrained), account: false };
}

function granteeReaches(grant: Grant, request: Request): Reach {
  const { caller } = request;
  const grantee = grant.GranteePrincipal ?? grant.GranteeServicePrincipal ?? '';
  if (caller.type === 'service') return grantee === caller.name ? { ...nobody, direct: true } : nobody;
  if (accountOf(grantee) === caller.account) {
    // Whether an account as grantee needs an identity policy besides is not established (iam-evaluation 11.3).
    return {
      ...nobody,
      direct: settle(ruleFact('iam-evaluation 11.3', 'an account as grantee', grant.GrantId ?? ''), request),
    };
  }
  return arnReaches(grantee, caller);
}

/** The account of an account principal: its id or its root ARN. */
function accountOf(principal: string | undefined): string | undefined {
  return /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal ?? '')?.[1];
}

/** iam-evaluation 6.20. DescribeKey and RetireGrant look at no encryption context. */
function constraintsHold(grant: Grant, operation: string, request: Request): Truth {
  const {
    EncryptionContextEquals: equals,
    EncryptionContextSubset: subset,
    SourceArn: sourceArn,
  } = grant.Constraints ?? {};
  const source = sourceArn === undefined ? true : sourceArnHolds(sourceArn, grant, request);
  if ((equals === undefined && subset === undefined) || operation === 'describekey' || operation === 'retiregrant')
    return source;
  if (operation === 'creategrant' && equals !== undefined) {
    const exact = childIsExact(request);
    if (exact === false) return false;
    if (exact === undefined) return and(source, openConstraint(grant, request));
  }
  const pairs = encryptionContext(request);
  if (pairs === undefined) return and(source, openConstraint(grant, request));
  const wanted = Object.entries(equals ?? subset ?? {});
  const holds = wanted.every(([name, value]) => Object.hasOwn(pairs, name) && pairs[name] === value);
  return and(source, holds && (equals === undefined || wanted.length === Object.keys(pairs).length));
}

function openConstraint(grant: Grant, request: Request): Truth {
  return settle(grantConstraintFact(grant.GrantId ?? grant.Name ?? grant.GranteePrincipal ?? ''), request);
}

/** A grant under an `Equals` constraint passes on only one that is as strict (iam-evaluation 6.21, 13.2). */
function childIsExact(request: Request): boolean | undefined {
  const type = certain(contextOf(request, 'kms:grantconstrainttype'));
  if (type === undefined) return undefined;
  return type === 'absent' || type.includes('EncryptionContextEquals');
}

function sourceArnHolds(pattern: string, grant: Grant, request: Request): Truth {
  const source = certain(contextOf(request, 'aws:sourcearn'));
  if (source === undefined) return openConstraint(grant, request);
  if (source === 'absent') return false;
  const wanted = arnParts(pattern);
  const actual = arnParts(source[0] ?? '');
  return (
    wanted !== undefined &&
    actual !== undefined &&
    wanted.every((part, index) => matches(globOf(part), actual[index] ?? ''))
  );
}

/** A grant that allows CreateGrant lets its grantee pass on only operations that it holds itself (iam-evaluation 6.21). */
function operationsCovered(grant: Grant, request: Request): Truth {
  const asked = certain(contextOf(request, 'kms:grantoperations'));
  if (asked === undefined || asked === 'absent') return openConstraint(grant, request);
  return asked.every((operation) => grant.Operations?.includes(operation) === true);
}

/** Who may retire: the retiring principal, the grantee of a grant that holds RetireGrant, the issuing account (iam-evaluation 6.24). */
export function mayRetire(grant: Grant, request: Request): Truth {
  const { caller } = request;
  if (caller.type === 'service') return grant.RetiringPrincipal === caller.name;
  const retiring = grant.RetiringPrincipal === undefined ? nobody : arnReaches(grant.RetiringPrincipal, caller);
  const grantee = grantCovers(grant, request);
  const issued = caller.type === 'root' && accountOf(grant.IssuingAccount) === caller.account;
  return or(or(retiring.direct, retiring.bounded), or(or(grantee.direct, grantee.bounded), issued));
}

/** True if the grant was issued by an identity of the caller's own account (iam-evaluation 6.26). */
export function issuedByOwnAccount(grant: Grant, request: Request): boolean {
  return request.caller.type !== 'service' && accountOf(grant.IssuingAccount) === request.caller.account;
}
