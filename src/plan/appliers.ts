import { accountOf, isArn } from '../base/arn.ts';
import { principalsMeant } from '../evidence/principal-name.ts';
import type { Evidence } from '../evidence/schema.ts';
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
 * names the principal. A principal cannot send requests to another account, so what the plan shows
 * about a provider of another account counts even if the user names a principal.
 */
export function applierOf(
  change: PlannedChange,
  principal: string | undefined,
  places: Pick<PlannedPlaces, 'providerOf' | 'accountShown'>,
): Applier | undefined {
  const { role, planner, session } = places.providerOf(change);
  if (principal !== undefined && accountOfStranger(change, principal, places) === undefined) {
    const isReplaced = role !== undefined && role !== principal && !role.endsWith(`:${principal}`);
    return { arn: principal, known: 'given', session, ...(isReplaced ? { inPlaceOf: role } : {}) };
  }
  if (role !== undefined) return { arn: role, known: 'provider', session };
  return planner === undefined ? undefined : { arn: planner, known: 'planner', session };
}

/**
 * The ARN of the principal that the user names, if one account has the name, and no other account is
 * known to have it. Otherwise the name as it is, which is looked up in the account
 * of each request. The plan may create a principal of this name in another account, but that one is
 * not meant.
 */
export function applierNamed(name: string | undefined, { accounts }: Evidence): string | undefined {
  const all = Object.values(accounts);
  if (name === undefined || isArn(name)) return name;
  const [only, ...others] = all.flatMap(({ iam: { RoleDetailList: roles = [], UserDetailList: users = [] } = {} }) =>
    principalsMeant(
      name,
      [...roles, ...users].map(({ Arn: arn }) => arn),
    ),
  );
  return only !== undefined && others.length === 0 ? only : name;
}

/**
 * The account of the principal that the user names, if the requests about a change go to another
 * account. Undefined: they do not, or one of the accounts is not known.
 */
export function accountOfStranger(
  change: PlannedChange,
  principal: string | undefined,
  { accountShown }: Pick<PlannedPlaces, 'accountShown'>,
): string | undefined {
  const own = principal !== undefined && isArn(principal) ? accountOf(principal) : undefined;
  const account = own === undefined ? undefined : accountShown(change);
  return account === undefined || account === own ? undefined : own;
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
