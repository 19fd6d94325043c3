import { isJson, type Json } from '../base/json.ts';
import type { ResourceChange, StateModule, TerraformPlan } from './plan-file.ts';

/** A resource or data source of a plan, or of its state. */
interface Listed {
  readonly identity: string;
  readonly address: string;
  readonly isData: boolean;
  readonly dependsOn: readonly string[];
}

type Given = Pick<TerraformPlan, 'complete' | 'resource_changes'>;

/**
 * The identities of the resources and data sources that the plan has from an earlier run, and has
 * not read again. Terraform never reads again what it forgets. `given`: the changes of the plan. `all`:
 * these, and everything else in its state.
 */
export function unreadIn(given: Given, all: readonly Listed[]): ReadonlySet<string> {
  const forgotten = new Set(given.resource_changes.filter(isForgotten).map(({ address }) => address));
  const found = forgotten.size === 0 ? [] : all.filter(({ address }) => forgotten.has(address));
  return new Set([...outsideTargets(given, all), ...found.map(({ identity }) => identity)]);
}

function isForgotten({ change: { actions } }: ResourceChange): boolean {
  return actions.length > 0 && actions.every((action) => action === 'forget');
}

function outsideTargets({ complete, resource_changes: given }: Given, all: readonly Listed[]): ReadonlySet<string> {
  const listed = new Set(given.map(({ address }: ResourceChange) => address));
  const others = all.filter(({ address }) => !listed.has(address));
  // OpenTofu does not write `complete`. A plan of all resources lists each of them, unless it changes
  // nothing.
  const isWhole = complete ?? (listed.size === 0 || others.every(({ isData }) => isData));
  if (isWhole || others.length === 0) return new Set();
  // What a target depends on is read.
  const needed = new Set(all.flatMap(({ address, dependsOn }) => (listed.has(address) ? dependsOn : [])));
  return new Set(others.flatMap(({ identity }) => (needed.has(identity) ? [] : [identity])));
}

/**
 * The plan with the values of deleted and forgotten resources as they were read for this plan.
 * Terraform prints the values from an earlier run for them, and reads the new ones into the state.
 */
export function asRead(plan: TerraformPlan): TerraformPlan {
  const root = plan.prior_state?.values?.root_module;
  if (root === undefined || !plan.resource_changes.some(leaves)) return plan;
  const held = new Map<string, Json>();
  const visit = ({ resources, child_modules: modules }: StateModule): void => {
    for (const { address, deposed_key: deposed, values } of resources)
      if (isJson(values)) held.set(nameOf({ address, deposed }), values);
    modules.forEach(visit);
  };
  visit(root);
  const changes = plan.resource_changes.map((one): ResourceChange => {
    const [before, now] = [one.change.before, leaves(one) ? held.get(nameOf(one)) : undefined];
    return now === undefined || !isJson(before)
      ? one
      : { ...one, change: { ...one.change, before: { ...before, ...now } } };
  });
  return { ...plan, resource_changes: changes };
}

/** Whether nothing but a deletion is planned, or the resource is forgotten. */
function leaves({ change: { actions } }: ResourceChange): boolean {
  return actions.length > 0 && actions.every((action) => action === 'delete' || action === 'forget');
}

function nameOf({
  address,
  deposed = '',
}: {
  readonly address: string;
  readonly deposed?: string | undefined;
}): string {
  return `${address} ${deposed}`;
}
