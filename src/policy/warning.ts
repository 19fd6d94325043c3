import type { ActionWarning } from './action-warnings.ts';
import type { ConditionWarning } from './condition-warnings.ts';

/**
 * What is worth knowing of a policy: AWS saves it, and part of it does not have the effect that it
 * seems to have. `path`: JSON path in the document. The words stand in explain/policy-warnings.ts.
 */
export type Warning =
  | ActionWarning
  | ConditionWarning
  /** Whatever has no code of its own yet, in words. */
  | { readonly code: 'policy-fault'; readonly path: string; readonly says: string };

/** A warning under `path`. */
export function warningAt(path: string, warning: Warning): Warning {
  return { ...warning, path: warning.path === '' ? path : `${path}.${warning.path}` };
}

/** What has no code of its own yet. */
export function worded({ path, says }: { readonly path: string; readonly says: string }): Warning {
  return { code: 'policy-fault', path, says };
}
