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

/**
 * Finds how a resource can wait for another one. `of`, `other`: their addresses. If a resource is
 * in a module that does not contain the other one, the whole module has to wait.
 */
export function waitOf(of: string, other: string): Wait {
  const [own, modules] = [modulesOf(of), modulesOf(other)];
  const differs = own.findIndex((one, at) => one !== modules[at]);
  const depth = differs < 0 ? own.length : differs;
  const scope = (address: string, all: readonly string[]): string =>
    all.length > depth ? all.slice(0, depth + 1).join('.') : withoutKeys(address);
  const waitsFor = scope(other, modules);
  const shared = own.slice(0, depth).join('.');
  const written = waitsFor.slice(shared.length).replace(/^\./, '');
  return { holder: scope(of, own), waitsFor, written, isModule: own.length > depth };
}

/** The modules of an address: `module.a`, then `module.b` within it. */
function modulesOf(address: string): readonly string[] {
  return /^(?:module\.[^.]+\.)*/.exec(withoutKeys(address))?.[0].match(/module\.[^.]+/g) ?? [];
}

/**
 * Whether Terraform would refuse to let one resource wait for another. It refuses if something that
 * would have to come first already depends on something that would have to wait.
 */
export function isCircular(changes: readonly PlannedChange[], of: string, other: string): boolean {
  const { holder, waitsFor } = waitOf(of, other);
  return changes.some(
    ({ address, dependsOn }) => isIn(address, waitsFor) && dependsOn.some((identity) => isIn(identity, holder)),
  );
}

function isIn(address: string, scope: string): boolean {
  const bare = withoutKeys(address);
  return bare === scope || bare.startsWith(`${scope}.`);
}
