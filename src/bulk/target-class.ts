import { placeOf } from '../base/arn.ts';
import { inferredCalls, requestsOf, surelyMade } from '../check/any-request.ts';
import { type Bound, boundTo, type RequestedOperation } from '../check/bind.ts';
import { decidePreconditions } from '../check/preconditions/preconditions.ts';
import { rowsOf } from '../check/rows.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Source } from '../evidence/sources.ts';
import type { CallRow, Operation, PreconditionCode } from '../operations/operation.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { entryMatches, mayBegin } from '../policy/match.ts';
import { contextOf, type EngineRequest, type RequestInput, type requestReader } from '../policy/request.ts';
import { factKey, factsOf } from '../policy/truth.ts';
import { type SignatureParts, signatureOf } from './parts.ts';
import { interning, isPlain, stateText } from './principal-class.ts';
import type { ResourceReads, StatementReads } from './reads.ts';

/** An operation on a source, for any principal. */
export interface BulkTarget {
  readonly operation: Operation;
  /** Undefined: the operation has no source. */
  readonly source: Source | undefined;
  /** The Region of the operation. */
  readonly region: string;
  readonly parameters: OperationParameters;
}

/** The requests for a target, by principals of one account without policies of their own. */
export interface TargetRequests {
  /**
   * The requests of principals that may distinguish targets: the requests in the question and, if
   * needed, every request that they could choose.
   */
  readonly all: readonly (readonly Bound[])[];
  /**
   * The requests of all other principals. They differ from a request in `all` only in the
   * principal.
   */
  readonly others: readonly Bound[];
}

/**
 * The requests to compare. What distinguishes a user, a role and a root user is the same for all
 * targets, except for preconditions and operations that run as a role. `probes`: one principal for
 * each type.
 */
export function targetRequests(
  directory: Directory,
  target: BulkTarget,
  probes: readonly Principal[],
  anyRequest: boolean,
): TargetRequests {
  const isAlike = (probe: Principal): boolean => target.operation.runsAsRole !== true && isPlain(probe);
  const first = probes.find(isAlike);
  const isOther = (probe: Principal): boolean => isAlike(probe) && probe !== first;
  return {
    all: probes
      .filter((probe) => !isOther(probe))
      .map((probe) => boundsOf(directory, { ...target, principal: probe }, anyRequest)),
    others: probes.filter(isOther).map((probe) => boundTo(directory, { ...target, principal: probe }, target.source)),
  };
}

function boundsOf(
  directory: Directory,
  asking: BulkTarget & RequestedOperation,
  anyRequest: boolean,
): readonly Bound[] {
  const asked = boundTo(directory, asking, asking.source);
  return anyRequest ? [asked, ...requestsOf(directory, { ...asking, anyRequest: true }, asking.source)] : [asked];
}

/**
 * The calls that a request makes. If RDS asks for a grant with the principal's identity, a check
 * also looks at kms:Decrypt.
 */
export function callsOf(bound: Bound): readonly CallRow[] {
  const rows: CallRow[] = [];
  for (const row of bound.anyRequest === true ? [...surelyMade(bound), ...inferredCalls(bound)] : rowsOf(bound)) {
    rows.push(row);
    if (row.kind === 'forwarded' && row.action === 'kms:CreateGrant' && row.on === 'target key')
      rows.push({ ...row, action: 'kms:Decrypt' });
  }
  return rows;
}

/** Preconditions that depend on the principal, not only on its account and type. */
export const ofPrincipal: ReadonlySet<PreconditionCode> = new Set(['role-trusts-the-service']);

export interface TargetSigning {
  readonly directory: Directory;
  readonly evaluatedAt: string;
  readonly reads: StatementReads;
  readonly requestOf: (row: CallRow, bound: Bound) => RequestInput;
  readonly readRequest: ReturnType<typeof requestReader>;
  readonly rowNumber: (row: CallRow) => number;
  /** Parts to leave out, for tests. */
  readonly without: ReadonlySet<string>;
}

/**
 * Numbers call rows. Rows with the same meaning have the same number, even if they are about
 * different members of a cluster.
 */
export function rowNumbers(): TargetSigning['rowNumber'] {
  const known = new Map<CallRow, number>();
  const intern = interning();
  return (row) => {
    const number = known.get(row) ?? intern(JSON.stringify({ ...row, member: undefined }));
    known.set(row, number);
    return number;
  };
}

/**
 * The signature of a target for the principals of one account, compared as JSON. Two targets of one
 * operation have the same signature only if every class of principals gets the same answer for
 * both.
 */
export function targetSignature({ all, others }: TargetRequests, signing: TargetSigning): unknown {
  return [
    all.map((bounds) => bounds.map((bound) => boundSignature(bound, signing))),
    others.map((bound) => signatureOf(preconditionTexts, { bound, signing }, signing.without)),
  ];
}

interface Signed {
  readonly bound: Bound;
  readonly signing: TargetSigning;
}

interface SignedCalls extends Signed {
  readonly requests: readonly { readonly row: CallRow; readonly request: EngineRequest }[];
}

const preconditionTexts: SignatureParts<Signed> = [['preconditions', preconditionsText]];

const requestTexts: SignatureParts<SignedCalls> = [
  [
    'rows',
    ({ bound, signing, requests }) => [
      bound.region,
      bound.source?.type,
      bound.keysDiffer,
      keysText(bound),
      bound.vault,
      requests.map(({ row }) => signing.rowNumber(row)),
    ],
  ],
  ...preconditionTexts,
  [
    'resources',
    ({ bound, signing, requests }) =>
      requests.map(({ row, request }) => resourceText(row, request, bound.source, readsOf(row, signing))),
  ],
  [
    'condition keys',
    ({ signing, requests }) => requests.map(({ row, request }) => statesText(request, readsOf(row, signing))),
  ],
];

function boundSignature(bound: Bound, signing: TargetSigning): readonly unknown[] {
  const { requestOf, readRequest, without } = signing;
  const requests = callsOf(bound).map((row) => ({ row, request: readRequest(requestOf(row, bound)) }));
  return signatureOf(requestTexts, { bound, signing, requests }, without);
}

function readsOf({ action }: CallRow, { reads }: TargetSigning): ResourceReads {
  return reads.ofResource(action.toLowerCase());
}

function preconditionsText({ bound, signing: { directory, evaluatedAt } }: Signed): unknown {
  return decidePreconditions(directory, bound, evaluatedAt).flatMap(({ row, ...answer }) =>
    bound.operation.runsAsRole === true && ofPrincipal.has(row.code) ? [] : [[row.code, answer]],
  );
}

function keysText({ keys }: Bound): unknown {
  return Object.entries(keys).map(([role, { arn, requestAlias, shows, isAnyKey }]) => [
    role,
    arn,
    requestAlias,
    shows,
    isAnyKey,
  ]);
}

/**
 * If the call is on the target itself: which resource entries of policies match its ARN. Otherwise
 * the ARN of the resource, which is either the same for two targets or distinguishes them.
 */
function resourceText(row: CallRow, request: EngineRequest, source: Source | undefined, reads: ResourceReads): unknown {
  const { arn, account, nameUnknown, isNot, beginsNot, writtenAs } = request.input.resource;
  const isOfSource = row.each === 'member' ? nameUnknown !== true : arn === source?.arn;
  if (!isOfSource)
    return [arn, account, nameUnknown, writtenAs, beginsNot, isNot === undefined ? undefined : [...isNot]];
  const matching = [...reads.entries.values()].map(({ entry, statement }) => {
    // The values of variables depend on the principal.
    if ('parts' in entry.pattern) return mayBegin(entry.pattern, request) && arn;
    const truth = entryMatches(entry, statement, request);
    return typeof truth === 'boolean' ? truth : [...factsOf(truth).values()].map(factKey);
  });
  return [placeOf(arn), account, source?.account, matching];
}

function statesText(request: EngineRequest, { keys }: ResourceReads): unknown {
  return [...keys].map((keyId) => [keyId, stateText(contextOf(request, keyId))]);
}
