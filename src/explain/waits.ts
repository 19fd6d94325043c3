import { groupBy } from '../base/group.ts';
import { list } from '../base/wording.ts';
import { withoutKeys } from '../plan/dependencies.ts';

/* What to write in Terraform, so that one resource is applied after another. */

/**
 * How to make a resource wait for others in Terraform. A module sees no resource of another module,
 * so the module itself waits or is waited for. `to`: the resource, if the sentence does not name
 * it.
 */
export function waitText(of: string, others: readonly string[], to?: string): string {
  const own = modulesOf(of);
  const waits = others.map((other) => {
    const modules = modulesOf(other);
    const shared = own.findIndex((one, at) => one !== modules[at]);
    const depth = shared < 0 ? own.length : shared;
    const inner = modules[depth];
    return {
      for: inner === undefined ? withoutKeys(other).slice(modules.join('.').length).replace(/^\./, '') : inner,
      by: own.length > depth ? own.slice(0, depth + 1).join('.') : to,
    };
  });
  const byHolder = groupBy(waits, ({ by }) => by ?? '');
  return list(
    [...byHolder].map(([holder, all]) => {
      const names = [...new Set(all.map((one) => one.for))].join(', ');
      return `depends_on = [${names}]${holder === '' ? '' : ` to ${holder}`}`;
    }),
  );
}

/** The modules of an address: `module.a`, then `module.b` within it. */
function modulesOf(address: string): readonly string[] {
  return /^(?:module\.[^.]+\.)*/.exec(withoutKeys(address))?.[0].match(/module\.[^.]+/g) ?? [];
}
