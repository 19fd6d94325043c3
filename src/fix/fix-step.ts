import { placeOf, shortName } from '../base/arn.ts';
import { type PolicyPlace, policyAt } from '../evidence/change.ts';
import { aliasOf, findKey, keyStateOf } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { Exemption } from './documents.ts';
import type { SessionFact } from './session-facts.ts';
import { allowedBy } from './statements.ts';
import type { Step } from './step.ts';

/** A change to make, with everything that a report says about it. */
export type FixStep =
  /**
   * `principal`: the principal that the Allow is for. Undefined: an SCP or RCP does not name one.
   */
  | {
      readonly code: 'allow-in-policy';
      readonly principal: string | undefined;
      readonly actions: readonly string[];
      readonly policy: PolicyToName;
    }
  | { readonly code: 'allow-in-session-policy'; readonly actions: readonly string[] }
  /** `exemption`: what the Deny no longer covers. Undefined: the policy has no such Deny. */
  | {
      readonly code: 'narrow-deny-of-session-policy';
      readonly deny: StatementRef;
      readonly exemption: Exemption | undefined;
    }
  | {
      readonly code: 'exempt-from-deny';
      readonly exemption: Exemption;
      readonly deny: StatementRef;
      readonly policy: PolicyToName;
    }
  | { readonly code: 'meet-condition'; readonly facts: readonly SessionFact[] }
  | { readonly code: 'name-another-key'; readonly key: KeyToName; readonly isInstead: boolean }
  /** `of`: the start of the new resource's ARN. */
  | { readonly code: 'name-new-resource'; readonly of: string; readonly name: string }
  | { readonly code: 'copy-snapshot-first'; readonly of: string; readonly copy: string; readonly key: KeyToName }
  /** `at`: the root, organizational unit or account. */
  | { readonly code: 'attach-control-policy'; readonly name: string; readonly at: string }
  | { readonly code: 'enable-key'; readonly key: KeyToName; readonly isPendingDeletion: boolean }
  | {
      readonly code: 'give-grant';
      readonly key: KeyToName;
      readonly grantee: string;
      readonly operations: readonly string[];
    }
  | { readonly code: 'share-snapshot'; readonly snapshot: string; readonly account: string };

/** A policy, with the facts that its name needs. */
export interface PolicyToName {
  readonly place: PolicyPlace;
  /** The policy does not exist yet. */
  readonly isNew: boolean;
  /** The key, if this is a key policy. */
  readonly key: KeyToName | undefined;
}

/** A key, with the facts that its name needs. */
export interface KeyToName {
  readonly arn: string;
  readonly alias: string | undefined;
  /** Whether keys in other Regions or accounts have the same name, as replicas do. */
  readonly shows: { readonly region: boolean; readonly account: boolean };
}

/** The end of a snapshot's share with an account. */
export interface EndedShare {
  readonly code: 'end-sharing';
  readonly snapshot: string;
  /** `all`: the share with everybody. */
  readonly account: string;
}

/** A step in the form of a report. `evidence`: the state before all steps. */
export function fixStepOf(step: Step, evidence: Evidence): FixStep {
  switch (step.step) {
    case 'allow': {
      const { place, principal, statements } = step;
      return {
        code: 'allow-in-policy',
        principal: place.in === 'scp' ? undefined : principal,
        actions: allowedBy(statements),
        policy: namedPolicy(place, evidence),
      };
    }
    case 'allow in session':
      return { code: 'allow-in-session-policy', actions: allowedBy(step.statements) };
    case 'exempt in session':
      return { code: 'narrow-deny-of-session-policy', deny: step.deny, exemption: step.exemption };
    case 'exempt': {
      const { exemption, deny, place } = step;
      return { code: 'exempt-from-deny', exemption, deny, policy: namedPolicy(place, evidence) };
    }
    case 'session':
      return { code: 'meet-condition', facts: step.facts };
    case 'name new':
      return { code: 'name-new-resource', of: step.of, name: step.to };
    case 'name key':
      return { code: 'name-another-key', key: namedKey(step.key, evidence), isInstead: step.isInstead };
    case 'copy': {
      const { of, arn: copy, key } = step.change;
      return { code: 'copy-snapshot-first', of, copy, key: namedKey(key, evidence) };
    }
    case 'change':
      return changeStep(step.change, evidence);
  }
}

function changeStep(change: Extract<Step, { readonly step: 'change' }>['change'], evidence: Evidence): FixStep {
  switch (change.change) {
    case 'new control policy':
      return { code: 'attach-control-policy', name: change.name, at: change.at };
    case 'key state': {
      const isPendingDeletion = keyStateOf(findKey(evidence, change.key)) === 'PendingDeletion';
      return { code: 'enable-key', key: namedKey(change.key, evidence), isPendingDeletion };
    }
    case 'grant': {
      const { GranteePrincipal: grantee = '', Operations: operations = [] } = change.grant;
      return { code: 'give-grant', key: namedKey(change.key, evidence), grantee, operations };
    }
    case 'sharing':
      return { code: 'share-snapshot', snapshot: change.snapshot, account: change.account };
  }
}

export function namedPolicy(place: PolicyPlace, evidence: Evidence): PolicyToName {
  return {
    place,
    isNew: policyAt(evidence, place) === undefined,
    key: place.in === 'key policy' ? namedKey(place.key, evidence) : undefined,
  };
}

export function namedKey(arn: string, evidence: Evidence): KeyToName {
  const alias = aliasOf(findKey(evidence, arn));
  const place = placeOf(arn);
  const name = alias ?? shortName(arn);
  const alike = Object.values(evidence.accounts)
    .flatMap(({ regions }) => Object.values(regions ?? {}))
    .flatMap(({ kms }) => kms?.keys ?? [])
    .filter((key) => (aliasOf(key) ?? shortName(key.KeyMetadata.Arn)) === name)
    .map((key) => placeOf(key.KeyMetadata.Arn));
  const shows = {
    region: alike.some((one) => one?.region !== place?.region),
    account: alike.some((one) => one?.account !== place?.account),
  };
  return { arn, alias, shows };
}
