import { accountOf, isArn } from '../base/arn.ts';
import type { PlannedPlaces } from './places.ts';
import type { PlannedChange } from './planned-change.ts';
import type { ProviderSession } from './providers.ts';

/* Finds who sends the requests of an apply. */

/**
 * The principal that applies a plan. `given`: from --principal. `provider`: the role in the plan's
 * configuration. `planner`: the principal that made the plan.
 */
export interface Applier {
  readonly arn: string;
  readonly known: 'given' | 'provider' | 'planner';
  /** The session that the provider starts. Undefined: only its role is known. */
  readonly session: ProviderSession | undefined;
  /** The role that the provider assumes and that --principal replaces. */
  readonly inPlaceOf?: string;
}

/** A note about who sends the requests of a plan. */
export type ApplierNote =
  /** `arn`: who made the plan. */
  | { readonly code: 'applied-by-planner'; readonly arn: string }
  /** `roles`: ARNs of roles that providers assume, where others have other credentials. */
  | { readonly code: 'principal-replaces-roles'; readonly roles: readonly string[] };

/**
 * The principal that sends the requests about a change. Undefined: neither the plan nor the user
 * names the principal. A principal cannot send requests to another account, so the role of a
 * provider of another account counts even if the user names a principal.
 */
export function applierOf(
  change: PlannedChange,
  principal: string | undefined,
  { providerOf }: Pick<PlannedPlaces, 'providerOf'>,
): Applier | undefined {
  const { role, planner, session } = providerOf(change);
  const isElsewhere =
    role !== undefined && principal !== undefined && isArn(principal) && accountOf(principal) !== accountOf(role);
  if (principal !== undefined && !isElsewhere) {
    const isReplaced = role !== undefined && role !== principal && !role.endsWith(`:${principal}`);
    return { arn: principal, known: 'given', session, ...(isReplaced ? { inPlaceOf: role } : {}) };
  }
  if (role !== undefined) return { arn: role, known: 'provider', session };
  return planner === undefined ? undefined : { arn: planner, known: 'planner', session };
}

/**
 * The principals that made a plan and are assumed to apply it, and the roles that --principal
 * replaces if it cannot be the principal of all requests.
 */
export function applierNotes(requests: readonly { readonly applier: Applier | undefined }[]): readonly ApplierNote[] {
  const appliers = requests.map(({ applier }) => applier);
  const planners = appliers.flatMap((one) => (one?.known === 'planner' ? [one.arn] : []));
  const replaced = new Set(appliers.flatMap((one) => (one?.known === 'given' ? [one.inPlaceOf] : [])));
  const roles = [...replaced].flatMap((role) => role ?? []);
  return [
    ...[...new Set(planners)].map((arn): ApplierNote => ({ code: 'applied-by-planner', arn })),
    ...(replaced.size > 1 ? [{ code: 'principal-replaces-roles', roles } as const] : []),
  ];
}
