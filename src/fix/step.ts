import type { Json } from '../base/json.ts';
import { type Bound, rebind } from '../check/bind.ts';
import type { EvaluationSettings } from '../check/evaluate.ts';
import { type Change, type PolicyPlace, policyAt, withChange } from '../evidence/change.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { findSource } from '../evidence/sources.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import { documentObject, type Exemption, withExemption, withoutStatement, withStatements } from './documents.ts';
import { parametersWith, type SessionFact, withFacts } from './session-facts.ts';
import { fits, longestSessionPolicy, sizeOf } from './sizes.ts';

/** Evidence, and a question about it. */
export interface State {
  readonly evidence: Evidence;
  readonly bound: Bound;
  /** The known condition keys of the session and the request. */
  readonly context: EvaluationSettings['context'];
}

/** Who has to act. */
export type StepOwner = 'caller' | "principal's account" | 'key owner' | 'snapshot owner' | 'organization';

interface Acting {
  readonly owner: StepOwner;
  /** The account of the owner. For an organization: its management account, if known. */
  readonly account: string;
}

/** One thing that somebody could do to fix a failure. */
export type Step = Acting &
  /** `principal`: the principal that it is for. */
  (
    | {
        readonly step: 'allow';
        readonly place: PolicyPlace;
        readonly principal: string;
        readonly statements: readonly Json[];
      }
    | { readonly step: 'allow in session'; readonly statements: readonly Json[] }
    /** `exemption`: what the Deny no longer covers. Undefined: the policy has no such Deny. */
    | { readonly step: 'exempt in session'; readonly deny: StatementRef; readonly exemption: Exemption | undefined }
    | {
        readonly step: 'exempt';
        readonly place: PolicyPlace;
        readonly deny: StatementRef;
        readonly exemption: Exemption;
      }
    /** A change that does not edit an existing policy. */
    | {
        readonly step: 'change';
        readonly change: Exclude<Change, { readonly change: 'policy' | 'copy' | 'attachment' }>;
      }
    | { readonly step: 'copy'; readonly change: Extract<Change, { readonly change: 'copy' }> }
    /** The principal opens another session, or sends the request in another way. */
    | { readonly step: 'session'; readonly facts: readonly SessionFact[] }
    /** The request names the new resource. `of`: the start of its ARN. */
    | { readonly step: 'name new'; readonly of: string; readonly to: string }
    /**
     * The request names a key. `isInstead`: the key replaces the key that would otherwise encrypt
     * the new resource.
     */
    | { readonly step: 'name key'; readonly key: string; readonly isInstead: boolean }
  );

/** The state after the step. Undefined: the step is not possible here. */
export function taken(state: State, step: Step): State | undefined {
  const { evidence, bound, context } = state;
  switch (step.step) {
    case 'allow':
      return under(state, step.place, (document) => withStatements(document, step.statements));
    case 'exempt':
      return under(state, step.place, (document) =>
        document === undefined ? undefined : withExemption(document, step.deny.statement, step.exemption),
      );
    case 'allow in session':
    case 'exempt in session': {
      const { principal } = bound;
      const [policy] = principal.session ?? [];
      if (policy === undefined || !('document' in policy)) return undefined;
      const document = sessionPolicyAfter(documentObject(policy.document), step);
      if (document === undefined || sizeOf(document) > longestSessionPolicy) return undefined;
      return {
        ...state,
        bound: rebind(evidence, bound, { principal: { ...principal, session: [{ ...policy, document }] } }),
      };
    }
    case 'change': {
      const after = withChange(evidence, step.change);
      return { ...state, evidence: after, bound: rebind(after, bound) };
    }
    case 'copy': {
      const after = withChange(evidence, step.change);
      const { reads } = bound.operation;
      if (reads === undefined || bound.source === undefined) return undefined;
      const { account } = bound.principal;
      const place = { account, region: bound.source.region };
      const source = findSource(after, place, { types: reads.types, name: step.change.arn, flag: `--${reads.flag}` });
      return { ...state, evidence: after, bound: rebind(after, bound, { source }) };
    }
    case 'session': {
      const facts = withFacts(context, step.facts);
      const parameters = parametersWith(bound.parameters, step.facts);
      if (parameters === bound.parameters) return { ...state, context: facts };
      return { ...state, context: facts, bound: rebind(evidence, bound, { parameters }) };
    }
    case 'name new':
      return { ...state, bound: rebind(evidence, bound, { parameters: { ...bound.parameters, to: step.to } }) };
    case 'name key':
      return {
        ...state,
        bound: rebind(evidence, bound, { parameters: { ...bound.parameters, kmsKeyId: step.key } }),
      };
  }
}

export type SessionPolicyStep = Extract<Step, { readonly step: 'allow in session' | 'exempt in session' }>;

/** The session policy after a step. Undefined: the step is not possible. */
export function sessionPolicyAfter(
  before: Json | undefined,
  step: SessionPolicyStep,
): Record<string, unknown> | undefined {
  if (step.step === 'allow in session') return { ...withStatements(before, step.statements) };
  if (before === undefined) return undefined;
  const { deny, exemption } = step;
  const after =
    exemption === undefined
      ? withoutStatement(before, deny.statement)
      : withExemption(before, deny.statement, exemption);
  return after && { ...after };
}

function under(
  state: State,
  place: PolicyPlace,
  edit: (document: Json | undefined) => Json | undefined,
): State | undefined {
  const { evidence, bound } = state;
  const before = policyAt(evidence, place);
  const document = edit(documentObject(before));
  if (document === undefined || (before !== undefined && documentObject(before) === undefined)) return undefined;
  if (!fits(place, document, evidence)) return undefined;
  const after = withChange(evidence, { change: 'policy', place, document: { ...document } });
  return { ...state, evidence: after, bound: rebind(after, bound) };
}

/** A name for the place of a step, so that steps in the same place are found together. */
export function placeName(place: PolicyPlace): string {
  switch (place.in) {
    case 'key policy':
      return `${place.in} ${place.key}`;
    case 'inline policy':
      return `${place.in} ${place.owner} ${place.name}`;
    case 'managed policy':
      return `${place.in} ${place.arn}`;
    case 'scp':
    case 'rcp':
      return `${place.in} ${place.organization} ${place.name}`;
  }
}

/** One name for each step, however it was found. */
export function stepName(step: Step): string {
  return JSON.stringify(step);
}

/** The user, role or root user that asks. For a session, this is its role. */
export function actorArn(principal: Principal): string | undefined {
  return principal.type === 'root' ? principal.arn : identityArn(principal);
}

/** The user or role whose policies count. For a session, this is its role. */
export function identityArn({ type, arn, roleArn }: Principal): string | undefined {
  if (type === 'user' || type === 'role') return arn;
  return type === 'session' ? roleArn : undefined;
}
