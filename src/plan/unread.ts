import type { ResourceChange, TerraformPlan } from './plan-file.ts';

/** A resource or data source of a plan, or of its state. */
interface Listed {
  readonly identity: string;
  readonly address: string;
  readonly isData: boolean;
  readonly dependsOn: readonly string[];
}

/**
 * The identities of the resources and data sources that the plan has from an earlier run, and has
 * not read again. `given`: the changes of the plan. `all`: these, and everything else in its state.
 */
export function unreadIn(
  { complete, resource_changes: given }: Pick<TerraformPlan, 'complete' | 'resource_changes'>,
  all: readonly Listed[],
): ReadonlySet<string> {
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
