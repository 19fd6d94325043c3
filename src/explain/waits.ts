import { groupBy } from '../base/group.ts';
import { list } from '../base/wording.ts';
import { waitOf } from '../plan/waiting.ts';

/* What to write in Terraform, so that one resource is applied after another. */

/**
 * How to make a resource wait for others in Terraform. A module sees no resource of another module,
 * so the module itself waits or is waited for. `to`: the resource, if the sentence does not name
 * it.
 */
export function waitText(of: string, others: readonly string[], to?: string): string {
  const waits = others.map((other) => {
    const { holder, written, isModule } = waitOf(of, other);
    return { for: written, by: isModule ? holder : to };
  });
  const byHolder = groupBy(waits, ({ by }) => by ?? '');
  return list(
    [...byHolder].map(([holder, all]) => {
      const names = [...new Set(all.map((one) => one.for))].join(', ');
      return `depends_on = [${names}]${holder === '' ? '' : ` to ${holder}`}`;
    }),
  );
}
