import { remembered } from '../base/remembered.ts';
import { withoutKeys } from './dependencies.ts';
import type { PlannedChange } from './planned-change.ts';

/*
 * Finds how one resource of a plan can wait for another one. In Terraform, a `depends_on` names
 * only resources and modules that the same module has.
 */

/** What has to wait, and for what: resources or whole modules, by their addresses without keys. */
export interface Wait {
  readonly holder: string;
  readonly waitsFor: string;
  /** `waitsFor` as it is written in the innermost module that contains both. */
  readonly written: string;
  /** Whether a whole module has to wait. */
  readonly isModule: boolean;
}

/** An address without keys, and the modules in it: `module.a`, then `module.b` within it. */
interface Place {
  readonly bare: string;
  readonly modules: readonly string[];
}

function placeOf(address: string): Place {
  const bare = withoutKeys(address);
  return { bare, modules: /^(?:module\.[^.]+\.)*/.exec(bare)?.[0].match(/module\.[^.]+/g) ?? [] };
}

/**
 * Finds how a resource can wait for another one. `of`, `other`: their addresses. If a resource is
 * in a module that does not contain the other one, the whole module has to wait.
 */
export function waitOf(of: string, other: string): Wait {
  const [own, others] = [placeOf(of), placeOf(other)];
  const depth = sharedModules(own, others);
  const waitsFor = scopeAt(depth, others);
  const shared = own.modules.slice(0, depth).join('.');
  const written = waitsFor.slice(shared.length).replace(/^\./, '');
  return { holder: scopeAt(depth, own), waitsFor, written, isModule: own.modules.length > depth };
}

/** How many modules contain both places. */
function sharedModules({ modules }: Place, other: Place): number {
  const differs = modules.findIndex((one, at) => one !== other.modules[at]);
  return differs < 0 ? modules.length : differs;
}

/** The outermost module of a place below `depth` modules, or the resource itself. */
function scopeAt(depth: number, { bare, modules }: Place): string {
  return modules.length > depth ? modules.slice(0, depth + 1).join('.') : bare;
}

/**
 * Finds out whether Terraform would refuse to let one resource wait for another. It refuses if
 * something that would have to come first already depends on something that would have to wait.
 * Requests ask about most pairs of changes, so everything about one of the two is found once.
 */
export function circles(changes: readonly PlannedChange[]): (of: string, other: string) => boolean {
  const placed = remembered(placeOf);
  const scopesOf = ({ bare, modules }: Place): readonly string[] => [
    bare,
    ...modules.map((_, depth) => modules.slice(0, depth + 1).join('.')),
  ];
  const within = new Map<string, PlannedChange[]>();
  for (const change of changes)
    for (const scope of scopesOf(placed(change.address))) {
      const those = within.get(scope);
      if (those === undefined) within.set(scope, [change]);
      else those.push(change);
    }
  const neededBy = remembered((scope) => {
    const needed = new Set((within.get(scope) ?? []).flatMap(({ dependsOn }) => dependsOn));
    return new Set([...needed].flatMap((identity) => scopesOf(placed(identity))));
  });
  return (of, other) => {
    const [own, others] = [placed(of), placed(other)];
    const depth = sharedModules(own, others);
    return neededBy(scopeAt(depth, others)).has(scopeAt(depth, own));
  };
}
